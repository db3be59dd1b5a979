"""Clauses about the paper itself: its law and forum, its dates, where notices go, what prevails, and who else may rely on it."""

from .clauses_kinds import ClauseType, Wording, dates, texts
from .values import Value

PAPER = [
    ClauseType(
        "governing_law", "Governing Law", ("Governing Law", "Applicable Law", "Law", "Choice of Law"),
        (
            Wording("uk", "[[{agreement:cap} and any non-contractual obligation arising out of or in connection with it shall be governed by, and construed in accordance with, {value}.]] The United Nations Convention on Contracts for the International Sale of Goods shall not apply."),
            Wording("uk", "(a) Security over goods held abroad is a matter for {other}. (b) [[In every other respect the rights and duties of the parties are governed by {value}.]] (c) No party may prefer a foreign law merely because it would have been more convenient."),
            Wording("us", "[[The validity, interpretation and performance of {agreement} shall be controlled by {value}, without giving effect to any choice-of-law rule that would cause the application of the laws of another jurisdiction.]]"),
            Wording("us", "Wheresoever suit may be brought and whatever the conflicts principles of that forum, [[the parties select {value} to govern their agreement and its enforcement.]] Security interests in inventory located overseas shall be subject to {other}, to the extent mandatory."),
            Wording("plain", "Whatever happens between us, one legal system applies. [[We have both agreed that it is {value}.]] This is so even where the goods, the people or the dispute are somewhere else."),
            Wording("plain", "Laws differ, and picking one now saves a great deal of money later. [[Our pick is {value}, for this deal and for everything that grows out of it.]] You do not have to like it; you only have to know it."),
            Wording("civil", "(1) Mandatory provisions of the place of performance remain unaffected. (2) [[Save as aforesaid, the contractual relationship of the Parties is subject exclusively to {value}.]] (3) Conflict-of-laws provisions shall be disregarded."),
            Wording("civil", "The Parties have made a choice of law. [[They have chosen {value}, to the exclusion of the rules of private international law and of the uniform law of sales.]] Rights in rem in goods situated abroad are assessed according to {other}."),
            Wording("old", "[[THIS INSTRUMENT, ITS CONSTRUCTION AND THE RIGHTS OF ALL PERSONS UNDER IT SHALL BE DETERMINED BY {value:caps}]], AND NO PARTY SHALL BE HEARD TO ALLEGE OTHERWISE IN ANY COURT OR BEFORE ANY ARBITRATOR WHATSOEVER."),
            Wording("old", "THE PARTIES, THOUGH OF DIVERS NATIONS, ARE OF ONE MIND IN THIS, [[THAT {value:caps} AND NO OTHER SHALL RULE {agreement:caps} IN ALL ITS PARTS]], SAVING ONLY THE RIGHTS OF STRANGERS IN GOODS WHICH LIE ABROAD AND ARE SUBJECT TO {other:caps}."),
        ),
        [], [Value("law", country) for country in ("Italy", "Sweden", "Norway", "Denmark", "Switzerland")],
    ),
    ClauseType(
        "dispute_seat", "Dispute Resolution", ("Dispute Resolution", "Arbitration", "Disputes"),
        (
            Wording("uk", "The parties shall first refer a dispute to their chief executives, who shall meet once, in {other} or by telephone. [[A dispute not settled so shall be finally resolved by arbitration, the seat of which shall be {value}.]] The tribunal shall have three members."),
            Wording("uk", "(a) No party may begin proceedings before mediation has been tried. (b) The language is English. (c) [[The arbitral seat is {value}, and nowhere else]], although witnesses may be heard in {other} if that spares them a crossing. (d) Urgent relief may be sought from any court."),
            Wording("us", "[[Any controversy arising hereunder shall be settled by binding arbitration to be held in {value}]] before a single arbitrator. Judgment on the award may be entered in any court having jurisdiction. Each party bears its own attorneys' fees."),
            Wording("us", "THE PARTIES WAIVE TRIAL BY JURY. Depositions may be taken in {other}. [[The arbitrators shall convene, deliberate and render their award in {value}]], applying the rules of evidence as loosely as justice permits. The award shall be in writing and shall state reasons."),
            Wording("plain", "We try to talk first, then we try a mediator for a month. [[If that does not work, an arbitrator sitting in {value} decides, and we both live with it.]] Whoever loses pays for the arbitrator; each of us pays our own lawyers."),
            Wording("plain", "No courtrooms, please. The mediator we both like lives in {other}, and we go there first. [[Failing that, one arbitrator is appointed and the case is heard in {value}.]] What the arbitrator says goes, and there is no appeal."),
            Wording("civil", "[[All disputes are decided with final effect, to the exclusion of the ordinary courts, by an arbitral tribunal with its place in {value}.]] The language of the proceedings is English. Documents in the languages of the Parties need not be translated."),
            Wording("civil", "State courts have no jurisdiction save for interim measures. [[The arbitral tribunal has its place in {value} and consists of three members qualified to hold judicial office.]] Sittings in {other} do not alter the place of arbitration. The costs follow the outcome."),
            Wording("old", "ALL DIFFERENCES WHATSOEVER SHALL BE REFERRED TO TWO ARBITRATORS, ONE TO BE NAMED BY EACH PARTY, AND THEIR UMPIRE, [[WHO SHALL SIT IN {value:caps}]], AND THE MAKING OF AN AWARD SHALL BE A CONDITION PRECEDENT TO ANY RIGHT OF ACTION."),
            Wording("old", "NO ACTION AT LAW SHALL BE COMMENCED. [[THE PARTIES SHALL SUBMIT THEMSELVES TO ARBITRATION AT {value:caps}]], BEFORE A SOLE ARBITRATOR BEING A COMMERCIAL MAN AND NOT A LAWYER, WHO MAY VIEW GOODS OR TAKE TESTIMONY AT {other:caps}."),
        ),
        texts("Geneva", "Copenhagen", "Vienna", "Amsterdam", "Oslo", "Dublin", "Edinburgh", "Hamburg", "Helsinki", "Milan", "Stockholm", "Boston", "Zurich"),
        texts("Lisbon", "Antwerp", "Gothenburg", "Bruges", "Riga", "Bristol"),
    ),
    ClauseType(
        "notice_address", "Notices", ("Notices", "Address for Notices", "Communications"),
        (
            Wording("uk", "A notice is valid only if it is in writing and signed. [[Notices to {B} shall be sent to {value}, marked for the attention of the legal department.]] Operational messages may go to {other}, but a message sent there is not a notice."),
            Wording("us", "(a) Form: writing. (b) Language: English. (c) [[Address for service on {B}: {value}.]] (d) Effect: upon receipt, or upon the next business day if received after five in the afternoon. (e) Copies to {other} are a courtesy and shall not constitute notice."),
            Wording("us", "No communication required hereunder shall be effective if made orally. [[The address of {B} for all formal communications is {value}]], and either party may designate a different one by a communication complying with this section. Routine correspondence may be directed to {other}."),
            Wording("plain", "If it matters, write it down and send it to the right place. [[Anything formal that we have to tell you goes to {value}.]] Everyday questions can go to {other}, where a human being reads them."),
            Wording("civil", "Declarations with legal effect require text form. [[They become effective towards {B} only upon arrival at {value}.]] The sender bears the risk of transmission. Mere queries may be addressed to {other}; no time limit is observed by them."),
            Wording("old", "[[EVERY NOTICE INTENDED FOR {B:caps} SHALL BE DIRECTED TO {value}]], AND BEING SO DIRECTED SHALL BE DEEMED DULY SERVED, NOTWITHSTANDING THAT NOBODY THERE MAY HAVE TROUBLED TO READ IT."),
        ),
        texts("contracts@halden-legal.example", "notices@halden.example", "secretariat@halden-group.example", "registry@halden-counsel.example", "PO Box 417, 8000 Aarhus", "PO Box 88, 3000 Rotterdam", "PO Box 305, 4005 Stavanger", "Legal Registry, Pier 7, Hull"),
        texts("helpdesk@halden.example", "dispatch@halden.example", "invoices@halden.example"),
    ),
    ClauseType(
        "order_of_precedence", "Order of Precedence", ("Order of Precedence", "Conflicting Documents", "Ranking of Documents"),
        (
            Wording("uk", "The documents are meant to be read together, and a term printed on {other} never prevails over anything. The parties shall correct a discrepancy when they next meet. [[Until then {value} shall prevail over the others.]]"),
            Wording("uk", "(a) A later document does not displace an earlier one merely by being later. (b) Nothing in {other} creates a term. (c) [[In a conflict the highest rank is held by {value}]], and everything else follows in the order in which it was signed."),
            Wording("us", "In the event of an inconsistency among the documents comprising {agreement}, [[controlling effect shall be given to {value}, irrespective of date.]] Terms preprinted on {other} are rejected and shall be of no force, whether or not signed by a representative of a party."),
            Wording("plain", "Two papers that contradict each other: it happens. [[When it does, follow {value} and forget what the others say.]] Whatever it says in small print on {other} does not count at all."),
            Wording("civil", "(1) Contradictions between the parts of {agreement} are in the first place resolved by interpretation. (2) [[If this fails, precedence belongs to {value}.]] (3) General terms and conditions of either Party, even if reproduced on {other}, do not become part of it."),
            Wording("old", "[[IF ANY REPUGNANCY APPEAR BETWEEN THE SEVERAL INSTRUMENTS FORMING THIS BARGAIN, RECOURSE SHALL BE HAD FIRST TO {value:caps}]], AND NO PARTY SHALL SET UP {other:caps} AGAINST THE SAME, ANY CUSTOM OF MERCHANTS NOTWITHSTANDING."),
        ),
        texts("the Schedules", "the body of the agreement", "the most recent statement of work", "the price list", "the special conditions", "the latest signed amendment", "the technical specification"),
        texts("a purchase order", "a delivery note", "an order confirmation", "a packing list"),
    ),
    ClauseType(
        "third_party_beneficiary", "Third Party Beneficiary", ("Third Party Rights", "Rights of Others", "Third-Party Beneficiaries"),
        (
            Wording("uk", "A person who is not a party has no right to enforce {agreement}. [[The only exception is {value}, which may enforce the warranties as if it had signed.]] The parties may vary or end {agreement} without asking it. {other} is no exception."),
            Wording("uk", "(a) The parties contract for themselves. (b) [[They contract also for {value}, which may rely on every term that benefits it.]] (c) Save under (b), statutory rights of third parties are excluded, those of {other} among them. (d) A third party takes subject to every defence."),
            Wording("us", "Except as provided in this section, no stranger to {agreement}, including {other}, shall be a beneficiary hereof. [[{value} is an intended third-party beneficiary]] and may enforce the obligations of {A} directly, subject to all defenses available against {B}."),
            Wording("plain", "This is between you and us. [[One outsider has rights under it, namely {value}]], because it pays part of the bill. Others may be affected, {other} among them, but they cannot sue either of us over it."),
            Wording("civil", "(1) {agreement:cap} has effect in favour of a third person. (2) [[This person is {value}, which acquires its own right to demand performance.]] (3) The right may be withdrawn by joint declaration of the Parties until the third person has accepted it. (4) {other} acquires no rights."),
            Wording("old", "THE COVENANTS HEREIN ON THE PART OF {A:caps} ARE GIVEN TO {B:caps} [[AND LIKEWISE ENURE TO THE BENEFIT OF {value:caps}]], BUT TO NO OTHER PERSON WHATSOEVER, AND IN PARTICULAR NOT TO {other:caps}."),
        ),
        texts("Halden Crewing ApS", "Halden Bunkering AB", "Halden Captive Insurance SE", "Halden Treasury SA", "Halden Pilotage Limited", "Halden Estates GmbH", "Halden Salvage Oy", "Halden Pension Trustees Limited"),
        texts("Halden Canteens Limited", "Halden Archive ApS", "Halden Sailing Club"),
    ),
    ClauseType(
        "agreement_date", "Agreement Date", ("Date of Agreement", "Signing", "Date and Execution"),
        (
            Wording("uk", "[[{agreement:cap} was made on {value}]], the day on which the last of the signatories signed, and the parties shall refer to it by that date. The general conditions of {other}, under which they traded before, are superseded."),
            Wording("us", "(a) Counterparts may bear different dates. (b) [[For all purposes the date of {agreement} is {value}.]] (c) References to the general conditions are to the edition of {other}. (d) An error in a date is corrected by initialling it."),
            Wording("us", "IN WITNESS WHEREOF, and intending to be legally bound, [[the parties have caused their duly authorized officers to execute {agreement} as of {value}]], regardless of the day on which any signature page was in fact released or received."),
            Wording("plain", "[[We signed this on {value}.]] That is the day we mean when we talk about its date, even if the ink on one copy dried a little later. It replaces the terms of {other} that used to hang in the office."),
            Wording("civil", "(1) [[{agreement:cap} was concluded on {value}.]] (2) The place of conclusion is the seat of {B}. (3) The conditions of {other} were the basis of the negotiations; they do not form part of what was concluded."),
            Wording("old", "[[THIS INSTRUMENT, MADE ON {value:caps}]], WITNESSETH THAT THE PARTIES, HAVING CONSIDERED THE CONDITIONS OF TRADE PUBLISHED ON {other:caps} AND FOUND THEM WANTING, HAVE AGREED AS HEREINAFTER APPEARS."),
        ),
        dates("2016-03-14", "2017-09-28", "2018-05-07", "2019-11-18", "2021-02-22", "2022-06-30"), dates("2009-04-01", "2011-10-03", "2013-07-15"),
    ),
    ClauseType(
        "effective_date", "Effective Date", ("Commencement", "Entry into Force", "Start Date"),
        (
            Wording("uk", "Whatever the date on which it was signed, [[{agreement} takes effect on {value}]], and charges accrue from the first hour of that day. Work done before that day was done under the general conditions of {other} and is charged accordingly."),
            Wording("uk", "(a) The parties need time to prepare. (b) [[Nothing in {agreement}, other than the duty of confidence, binds either of them before {value}.]] (c) A party that begins early does so at its own risk and out of its own pocket."),
            Wording("us", "[[The rights and obligations of the parties hereunder shall become effective on {value}]], provided that all corporate consents have by then been obtained. Until such date their dealings remain subject to the tariff of {other}, insofar as it has not been withdrawn."),
            Wording("plain", "Signing day and starting day are different days. [[We start on {value}.]] Until then nobody owes anybody anything, except good manners, and the old terms of {other} still hang on the wall."),
            Wording("civil", "The conclusion of {agreement} does not by itself give rise to duties of performance. [[It enters into force on {value}]]; services rendered beforehand are remunerated according to the tariff of {other}. A retroactive effect is not intended."),
            Wording("old", "[[THE OPERATION OF THESE PRESENTS SHALL COMMENCE UPON {value:caps}]] AND NOT BEFORE, NOTWITHSTANDING THE DATE OF THEIR EXECUTION OR OF ANY DELIVERY MADE IN ANTICIPATION OF THE SAME."),
        ),
        dates("2016-04-01", "2017-11-01", "2018-07-01", "2020-01-01", "2021-04-01", "2022-09-01"), dates("2009-04-01", "2011-10-03", "2013-07-15"),
    ),
    ClauseType(
        "expiration_date", "Expiration Date", ("Expiry", "End Date", "Expiration"),
        (
            Wording("uk", "No notice is needed for {agreement} to end, and when it ends the general conditions of {other}, which it replaced, do not revive. [[It expires at midnight on {value}]] unless it has by then been extended."),
            Wording("us", "[[No obligation to perform shall subsist after {value}]], on which date the term shall expire of its own accord, save for those provisions which by their nature are intended to survive. Holding over shall not create a new term."),
            Wording("us", "(a) The term is fixed. (b) [[Its last day is {value}.]] (c) Orders accepted on or before that day shall be completed and paid for. (d) The tariff of {other} shall apply to anything ordered afterwards."),
            Wording("plain", "Every deal needs a last page. [[The last day of this one is {value}.]] If we both still like it by then, we write a new one; if we do not, we stop, settle up and stay friends."),
            Wording("civil", "The contractual relationship is limited in time. [[It ends on {value} without any declaration being required.]] If performance is continued after that day by mistake, it is remunerated according to the tariff of {other}; no prolongation results from it."),
            Wording("old", "[[THE TERM HEREBY GRANTED SHALL DETERMINE ABSOLUTELY UPON {value:caps}]], AND UPON THAT DAY EACH PARTY SHALL DELIVER UP WHATSOEVER IT HOLDS OF THE OTHER'S, WITHOUT DEMAND AND IN GOOD ORDER."),
        ),
        dates("2023-03-31", "2024-06-30", "2025-09-30", "2026-12-31", "2027-05-31", "2028-08-31"), dates("2009-04-01", "2011-10-03", "2013-07-15"),
    ),
]  # fmt: skip
