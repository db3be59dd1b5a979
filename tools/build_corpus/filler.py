"""What a contract has besides its terms. `{one|other}` is a choice of words; `{slot}` is filled in; a register may have several wordings.

Each topic is a list of (register, text). The renderer takes the house's own register where it can and spreads the wordings evenly.
"""

RECITALS = {
    "cold": ("{Aname} operates temperature-controlled warehouses and has racking to spare in most seasons.", "{Bname} distributes chilled and frozen goods and does not wish to own more cold walls than it must."),
    "vessel": ("{Aname} owns and crews short-sea vessels suited to ro-ro and general cargo.", "{Bname} needs tonnage at short notice when its own ships are in dock."),
    "software": ("{Aname} builds and runs data services for operators of terminals and mills.", "{Bname} holds large quantities of operational data and would like to learn something from them."),
    "yarn": ("{Aname} spins fine worsted and cashmere yarns in its mills.", "{Bname} weaves cloth for the menswear trade and buys yarn to shade and count."),
    "grid": ("{Aname} maintains high-voltage lines in coastal and mountain terrain.", "{Bname} owns regional lines, several of which cross fjords."),
    "quay": ("{Aname} supplies trained stevedores, gear and foremen.", "{Bname} operates deep-water berths and experiences peaks that its own gangs cannot cover."),
    "board": ("{Aname} makes cartons for the food trade and buys board by the shipload.", "{Bname} makes folding board and liner at its mill on the bay."),
    "booking": ("{Aname} manages seaside properties with more rooms than February can fill.", "{Bname} runs a booking platform and a loyalty programme."),
    "shellfish": ("{Aname} grows oysters and mussels in classified waters.", "{Bname} serves oysters on its night crossings, weather permitting."),
    "fibre": ("{Aname} collects and sorts recovered paper.", "{Bname} consumes recovered fibre and is particular about moisture."),
    "haulage": ("{Aname} runs refrigerated trailers and containers from the seaports to the hinterland.", "{Bname} moves reefer boxes whose contents do not forgive delay."),
}  # fmt: skip

OPENINGS = [
    ("uk", "THIS AGREEMENT (reference {code}){dated_is} is made between:\n(1) {Afull}, {Aform} {with its registered office at|whose registered office is at} {Aaddress} ({Aterm}); and\n(2) {Bfull}, {Bform} of {Baddress} ({Bterm})."),
    ("uk", "Reference: {code}\n{dated_line}\nPARTIES\n(1) {Afull} of {Aaddress}, {Aform}, {referred to below as|in this document} {Aterm}; and\n(2) {Bfull} of {Baddress}, {Bform}, {referred to below as|in this document} {Bterm}."),
    ("us", "This {title} (No. {code}) is entered into{dated_as_of} by and between {Afull}, {Aform} {having its principal place of business|with offices} at {Aaddress} ({Aterm}), and {Bfull}, {Bform} {having an office|located} at {Baddress} ({Bterm})."),
    ("us", "AGREEMENT NO. {code}\n\nAn agreement made{dated_as_of} between {Bfull}, {Bform}, {Baddress} (hereinafter {Bterm}), {party of the first part|on the one hand}, and {Afull}, {Aform}, {Aaddress} (hereinafter {Aterm}), {party of the second part|on the other hand}."),
    ("civil", "Contract no. {code}\n\nbetween\n{Afull}, {Aform}, {Aaddress}, hereinafter {Aterm},\nand\n{Bfull}, {Bform}, {Baddress}, hereinafter {Bterm}{dated_concluded}."),
    ("civil", "{Afull}, {Aform} with seat in {Acity}, {Aaddress} ({Aterm}), and {Bfull}, {Bform} with seat in {Bcity}, {Baddress} ({Bterm}), {conclude|enter into} the following contract, file no. {code}{dated_comma}."),
    ("plain", "Who is signing, and when\n\nThis is agreement {code}.{dated_plain} {It is between|The people behind it are} {Afull} of {Aaddress} (we write {Aterm}) and {Bfull} of {Baddress} (we write {Bterm})."),
    ("old", "NO. {code}\n\nTHIS INDENTURE OF AGREEMENT,{dated_old} WITNESSETH THAT {Afull:caps}, {Aform}, of {Aaddress} ({Aterm}), and {Bfull:caps}, {Bform}, of {Baddress} ({Bterm}), {for good and valuable consideration|in consideration of the mutual covenants herein|each for itself and its successors}, have {agreed and do hereby agree|covenanted and agreed} {as follows|in manner following}."),
]  # fmt: skip
DATED = {  # how each of the openings carries the date; empty when the contract states its date in a clause of its own
    "dated_is": " is dated {date} and", "dated_line": "Date: {date}\n", "dated_as_of": " as of {date}", "dated_concluded": ",\nconcluded on {date}",
    "dated_comma": ", dated {date}", "dated_plain": " It was signed on {date}.", "dated_old": " MADE THIS {date:caps},",
}  # fmt: skip
LEADS = {
    "uk": ["The parties agree as follows:", "IT IS AGREED:", "Now the parties agree:"], "us": ["NOW, THEREFORE, the parties agree as follows:", "The parties, intending to be legally bound, agree:"],
    "civil": ["The Parties agree the following:", "Having regard to the foregoing the Parties agree:"], "plain": ["So we have agreed this:", "Here is the deal:"], "old": ["NOW THIS DEED WITNESSETH:"],
}  # fmt: skip

DEFINITIONS = [
    ("uk", "In {agreement}: \"Business Day\" means a day {other than a Saturday, Sunday or public holiday|on which banks are open} in {Acity}{ or | and }{Bcity}; \"Confidential Information\" means information {in any form that is marked confidential or is by its nature so|that a reasonable person would treat as confidential}; \"Effective Date\" means {effective}; \"Services\" means {what Schedule A describes|the services described in Schedule A}; \"Territory\" means {the area within four hundred kilometres of|the administrative region of} {Bcity}.{defined} {Headings are for convenience.|Headings have no legal effect.} {The singular includes the plural.|}"),
    ("uk", "Expressions with a capital letter have these meanings. Business Day: any weekday {on which offices in {Bcity} are open|that is not a public holiday at the place of performance}. Effective Date: {effective}. Group: a company, its parents and their subsidiaries. Services: {the work|everything} listed in Schedule A. Territory: the places {named on the map initialled by the parties|in which the Services are performed}.{defined}"),
    ("us", "As used herein: (a) \"Affiliate\" means any entity {controlling, controlled by or under common control with|that controls or is controlled by} a party; (b) \"Business Day\" means any day on which {commercial banks|the post office} in {Bcity} {are|is} open; (c) \"Deliverables\" means the items {identified|listed} in Schedule A; (d) \"Effective Date\" means {effective}; (e) \"Restricted Business\" means {the business carried on by {B} in {Bcity}|any business that competes with that of {B} in {Bcity}}.{defined} {\"Including\" means \"including without limitation\".|}"),
    ("us", "\"Confidential Information\" {shall mean|means} non-public information {disclosed in connection herewith|of either party}. \"Effective Date\" {shall mean|means} {effective}. \"Net Receipts\" {shall mean|means} sums actually collected less refunds. \"Party\" {shall mean|means} a signatory and its permitted successors.{defined} Terms not defined {have their ordinary meaning|are to be read as the trade reads them}."),
    ("civil", "(1) Effective Date is {effective}. (2) Working days are {Monday to Friday with the exception of public holidays at the seat of|the days on which the offices are open of} {B}. (3) In text form means any legible declaration {on a durable medium|that can be kept}. (4) Net order value is the remuneration without value added tax.{defined}"),
    ("civil", "{For the purposes of the contract|In what follows} the Effective Date is {effective}; a written declaration is {one that bears a signature|one signed by hand or with a qualified electronic signature}; remuneration is what {B} owes according to Schedule A; affiliated companies are {those in which a majority is held|companies under uniform management}.{defined}"),
    ("plain", "Some words we use more than once. \"Effective Date\" is {effective}. \"Working day\" is a day when {both our offices are open|neither of us is closed}. \"In writing\" includes e-mail, unless we say otherwise. \"The services\" are {the things on the list|whatever is listed} in Schedule A.{defined}"),
    ("old", "WHEREVER USED HEREIN the following terms shall have the following meanings: \"Effective Date\" shall mean {effective}; \"Goods\" and \"Services\" shall mean the goods and services enumerated in Schedule A hereto; \"Territory\" shall mean {the counties adjoining|the trading area of} {Bcity}; words importing {one gender include every gender|persons include corporations}.{defined}"),
]  # fmt: skip

SCOPE = [
    ("uk", "{A:cap} shall provide the Services {described in Schedule A to|that Schedule A lists to} {B} {with effect from|from} the Effective Date, in accordance with good industry practice and with the reasonable instructions of {B}. {B:cap} shall give {A} the access and information that it needs. {Personnel of {A} remain under its direction at all times and shall comply with the site rules of {B} when on its premises.|Nothing in the relationship makes the personnel of one side employees of the other.}"),
    ("uk", "The Services are those in Schedule A. {A:cap} is to perform them {with reasonable skill and care|as a careful supplier of its trade would}, and may choose its own methods so long as {B} is not inconvenienced. {Requests for changes are made in writing; no change is made until its price is agreed.|A change to the Services needs a signed change note with its price on it.}"),
    ("us", "{A:cap} shall furnish the Services and Deliverables {set forth in|listed in} Schedule A. {A:cap} is an independent contractor; {nothing herein creates a partnership, joint venture or agency|no partnership or agency is created}. {A:cap} shall be responsible for its subcontractors as for its own employees, and shall comply with all laws applicable to its performance{, including those on safety, sanctions and the payment of wages|}."),
    ("us", "During the term {B} engages {A}, and {A} accepts the engagement, to {supply|perform} what is listed in Schedule A at the rates there stated. Time and place of performance {are set by purchase order|follow from each order}; orders quote the reference {code}. {No order is binding until acknowledged.|An order not refused within two Business Days is deemed acknowledged.}"),
    ("civil", "(1) The object of the contract is the performance of {the services listed in|what is listed in} Schedule A. (2) {A:cap} performs {these services with the care of a prudent businessman|with the diligence customary in its trade}. (3) {B:cap} cooperates to the necessary extent, in particular by naming a contact person. (4) Changes {to the services require text form|are agreed in text form}."),
    ("civil", "{A:cap} undertakes to render to {B} the performance specified in Schedule A. {B:cap} undertakes to {accept it and to pay the remuneration|take delivery and to pay}. {Partial performance is admissible if it is reasonable for {B}.|Performance in parts requires the consent of {B}.} The place of performance is {Bcity}."),
    ("plain", "What we do is on the list in Schedule A. We do it properly, with people who know how. {You let us in, tell us what we need to know and keep your own house safe.|You make sure that somebody is there to let us in.} If the list needs to change, we change it together, in writing, before the work and not after."),
    ("old", "{A:cap} HEREBY UNDERTAKES AND AGREES to supply, and {B} to take and pay for, the goods and services enumerated in Schedule A, {upon the terms hereinafter appearing and no other|in the quantities and at the times required by written release}. The captions appearing herein are inserted as a matter of convenience only."),
]  # fmt: skip

BOILERPLATE = {
    "Entire Agreement": [
        ("uk", "{agreement:cap} is the entire agreement between the parties on its subject and replaces {every earlier understanding|whatever was agreed before}. {Neither party has relied on a statement that is not in it.|No one relies on anything said but not written here.}"),
        ("uk", "{No representation made before signature|Nothing said or written before signature} binds a party unless it is repeated here. This does not {protect anybody from|exclude} liability for fraud."),
        ("us", "{agreement:cap}, together with its Schedules, constitutes the complete understanding of the parties and supersedes {all prior negotiations, proposals and course of dealing|any earlier term sheet, proposal or correspondence} with respect to its subject matter."),
        ("us", "There are no understandings, oral or written, {other than those set forth herein|except as stated in this instrument and its Schedules}. {Prior drafts shall not be used to construe it.|Drafts exchanged beforehand have no evidentiary weight.}"),
        ("civil", "There are no oral side agreements. Amendments, including an amendment of this requirement, need text form {and must refer to the contract|and a reference to the contract}."),
        ("plain", "Everything we have agreed is written here. What was said over dinner does not count, {however good the dinner was|not even the toasts}."),
    ],
    "Notices": [
        ("uk", "A notice shall be in writing and delivered by hand or courier to the registered office of the addressee, marked for the attention of {Bcontact}, in the case of {B}, or of {Acontact}. It takes effect {on delivery, or on the next Business Day when delivered after five in the afternoon|when it is delivered, or the following Business Day if the office had closed}."),
        ("uk", "Letters that matter go to {Acontact} ({Aname}) and {Bcontact} ({Bname}) {by recorded delivery|against a receipt}. A fax is not a notice."),
        ("us", "All notices shall be in writing and shall be deemed given {when delivered personally|upon personal delivery}, or on the second Business Day after deposit with {a recognised overnight courier|an overnight carrier of good repute}, to the address set forth above, Attention: {Bcontact} for {B} and {Acontact} for {A}."),
        ("civil", "Declarations are sent to the addresses named at the head of the contract, to the attention of {Acontact} or {Bcontact}. {A change of address is effective once it has been communicated in text form.|Until a new address is communicated the old one is good.}"),
        ("plain", "If you have something important to tell us, write to the address on the first page and mark it for {Acontact}. Our letters to you go to {Bcontact}. For everyday matters, call."),
        ("old", "ANY NOTICE REQUIRED OR PERMITTED HEREUNDER shall be given by registered mail, postage prepaid, {and shall be deemed received three days after posting|to the addresses first above written}."),
    ],
    "Assignment": [
        ("uk", "Neither party may assign or otherwise deal with its rights under {agreement} without the consent of the other{, which shall not be unreasonably withheld|}. {An assignment to a company of the same group requires notice only.|A charge in favour of a bank is permitted.}"),
        ("us", "{agreement:cap} may not be assigned by {A}, {by operation of law or otherwise|voluntarily or involuntarily}, without the prior written consent of {B}, and any attempt to do so {shall be void|is of no effect}. {B:cap} may assign to an Affiliate."),
        ("us", "Rights hereunder are personal. {A purported transfer without written consent is a default.|No transfer releases the transferor.} Successors by merger are bound."),
        ("civil", "Claims arising from the contract may be assigned only with the consent of the other side; {mandatory provisions of commercial law remain unaffected|section-by-section exceptions of commercial law remain in place}."),
        ("plain", "You cannot hand this deal on to somebody else, and neither can we, unless we both say yes{ in writing|}."),
        ("old", "THIS AGREEMENT shall be binding upon and inure to the benefit of the parties and their permitted assigns{, and none other|}; consent to one assignment shall not be consent to the next."),
    ],
    "Severability": [
        ("uk", "If a provision of {agreement} is held to be invalid, the rest of it is unaffected, and the parties shall replace that provision by {a valid one that comes closest to its purpose|one that is valid and does the same work}."),
        ("uk", "Each clause stands by itself. {A court that strikes out one is asked to leave the others.|If one is void the others are not.}"),
        ("us", "The invalidity or unenforceability of any provision hereof shall in no way affect {the validity or enforceability of any other provision|the remainder, which shall be enforced as written}."),
        ("us", "Should a tribunal hold any restriction herein to be excessive, it {is authorised to|may} reduce the same to {the greatest extent permitted|what is reasonable} and enforce it as so reduced."),
        ("civil", "Should individual provisions be or become ineffective, {the effectiveness of the remaining provisions is not touched|the remainder stays in force}. The ineffective provision is replaced by the statutory one."),
        ("plain", "If a court strikes out one line, the other lines stay."),
    ],
    "Waiver": [
        ("uk", "A failure to exercise a right is not a waiver of it. A waiver is effective only if given in writing {and only for the occasion for which it is given|by a director}."),
        ("uk", "{Patience is not consent|Delay is not surrender}: a party that does not insist on a right today may insist on it tomorrow."),
        ("us", "No waiver by either party of any default {shall be deemed a waiver of any prior or subsequent default|shall operate as a waiver of another default} of the same or other provisions of {agreement}."),
        ("us", "A course of dealing, {however long|whatever its length}, shall not modify the terms hereof."),
        ("civil", "If a Party refrains from asserting a right, this {does not constitute a waiver of it|is not to be understood as renunciation}."),
        ("plain", "If we let something pass once, that does not mean that it will pass twice."),
    ],
    "Data Protection": [
        ("uk", "Each party shall comply with the data protection law that applies to it. Where {A} processes personal data for {B} it does so only on documented instructions{ and shall help {B} to answer those whom the data concern|}."),
        ("uk", "Personal data passed between the parties {are limited to the business contact details of staff|consist of names, telephone numbers and e-mail addresses of staff} and are deleted when no longer needed."),
        ("us", "{A:cap} shall implement {commercially reasonable|appropriate} administrative, technical and physical safeguards for personal information and shall not sell it{ or use it for its own account|}."),
        ("us", "Personal information furnished by {B} remains its property; {A} shall {access|use} the same solely as needed to perform{ and shall bind its personnel accordingly|}."),
        ("civil", "Personal data are processed only to the extent necessary for the performance of the contract. {Where the law so requires, the Parties conclude a separate agreement on processing.|A record of processing is kept by {A}.}"),
        ("plain", "We treat other people's data the way we would like ours to be treated, which is also what the law says."),
    ],
    "Order of Precedence": [
        ("uk", "Standard terms printed on orders, delivery notes or invoices {have no effect|form no part of the bargain}."),
        ("us", "Pre-printed terms of any purchase order, acknowledgement or invoice {are rejected|shall be disregarded}, whether or not signed."),
        ("us", "Purchase orders serve to {release quantities and nothing else|call off quantities only}; their small print is not accepted."),
        ("civil", "General terms and conditions of the Parties do not apply, even if {reference is made to them in later correspondence|they are enclosed with an invoice}."),
        ("plain", "The small print on the back of our invoices is there because the printer put it there. {It does not count.|Ignore it.}"),
    ],
    "Anti-Corruption": [
        ("uk", "Each party shall have in place adequate procedures to prevent bribery by persons associated with it{, and shall not offer or accept an advantage that is intended to influence a decision|}."),
        ("uk", "No gift worth more than a working lunch passes between {the parties|the people} who negotiate prices. {A record of hospitality is kept.|Calendars and diaries are exempt.}"),
        ("us", "Neither party shall make or promise any payment or gift, directly or indirectly, to any official {for the purpose of obtaining or retaining business|in order to win or keep business}, and each shall keep books that fairly reflect its transactions."),
        ("us", "{A:cap} represents that no employee or agent of {B} has been {offered anything of value|promised a benefit} to bring {agreement} about."),
        ("civil", "The Parties undertake to refrain from any conduct that {may lead to criminal liability for bribery|is punishable as bribery} or the granting of advantages."),
        ("plain", "No presents bigger than a box of biscuits."),
    ],
    "Counterparts": [
        ("uk", "{agreement:cap} may be executed in any number of counterparts, {each of which is an original and all of which are one instrument|which together are one document}. Electronic signatures suffice."),
        ("us", "{agreement:cap} may be executed in counterparts and delivered by electronic means, {each of which shall be deemed an original|with the same force as an ink original}."),
        ("us", "Signature pages may be exchanged in portable document format{; the originals follow by post|}."),
        ("civil", "The contract is drawn up in two originals, of which each Party receives one{. The English text is authoritative|}."),
        ("plain", "We each sign one copy and keep one copy."),
        ("old", "IN ANY NUMBER OF COUNTERPARTS this instrument may be signed, and the several counterparts shall be one and the same."),
    ],
    "Subcontracting": [
        ("uk", "{A:cap} may subcontract to {sub1} and, in peak weeks, to {sub2}, but to nobody else without consent. {It answers for them.|Their faults count as its own.}"),
        ("uk", "At the date of signature the approved subcontractors are {sub1} and {sub2}. {The list may be changed by agreement.|A further one is approved unless {B} objects.}"),
        ("us", "{A:cap} shall not delegate its duties, {except to|save to} {sub1}, whose performance {A} guarantees. {sub2} is expressly not approved."),
        ("us", "Work may be sublet to {sub1} or {sub2} upon {advice to|prior information of} {B}; no contract arises between {B} and a sublessee."),
        ("civil", "{A:cap} may use vicarious agents; {sub1} and {sub2} are regarded as approved. {The use of others is subject to consent.|Others may be refused for good cause.}"),
        ("plain", "Sometimes we get help from {sub1} or from {sub2}. They answer to us, and we answer to you."),
    ],
    "Safety": [
        ("uk", "Persons entering the premises of the other party {wear the protective equipment prescribed there|follow the gate instructions} and leave when asked to. Accidents are reported {the same day|before the end of the shift}."),
        ("us", "{A:cap} shall maintain a written safety program and shall hold a toolbox meeting {before each job|each morning}. {B:cap} may stop work that it considers unsafe, {without liability|at no charge}."),
        ("us", "Each party shall furnish its own personnel with the training that {applicable law|the trade} requires{, and shall keep the certificates on file|}."),
        ("civil", "The accident prevention regulations in force at the place of performance {are to be observed|apply}. {Instructions of the safety officer take precedence.|A safety officer is named by each Party.}"),
        ("plain", "Hard hats on site, no exceptions, {directors included|not even for visitors}."),
        ("old", "THE PREMISES shall be kept free of hazards known to the occupier, and all persons shall enter {at their own proper care|with due care}."),
    ],
    "Variation": [
        ("uk", "A variation is valid only if it is in writing, refers to {agreement} and is signed by {both parties|a director on each side}."),
        ("us", "{agreement:cap} may be modified only by a written instrument {that is executed by both parties and identified as an amendment|bearing the signatures of both parties and a consecutive number}."),
        ("us", "E-mail exchanges shall not amend {agreement}{, however worded|}; numbered amendments {shall|may}."),
        ("civil", "Changes and additions are numbered consecutively and attached to the original{ in the order of their dates|}."),
        ("plain", "If we change something, we write it down, give it a number and sign it again."),
        ("uk", "The terms are altered by numbered amendments and by nothing else. {Site agreements between foremen are not amendments.|Minutes of meetings are not amendments.}"),
    ],
    "Publicity": [
        ("uk", "Neither party shall use the name of the other in advertising{ without its approval|, except in a list of customers}. {A press release is agreed line by line.|}"),
        ("us", "No press release or public statement shall be issued {without mutual consent|unless both parties approve its text}, except as securities law may require."),
        ("civil", "References to the business relationship in publications {require prior consent in text form|are admissible only with consent}."),
        ("plain", "You may tell people that you work with us. {Please do not use our logo without asking.|Ask before you put our logo on a slide.}"),
        ("old", "NEITHER PARTY shall advertise or publish the fact of this Agreement save upon terms settled in writing."),
        ("uk", "Photographs taken on the premises of {B} {are shown to {B} before anyone else sees them|stay with {B}}."),
    ],
    "Sanctions": [
        ("uk", "Each party {confirms that|warrants that} neither it nor its owners appear on a sanctions list{ of the place of performance|}. A change of this state of affairs {is notified at once|entitles the other party to suspend}."),
        ("us", "{A:cap} shall screen consignees against applicable restricted-party lists {and shall hold, not ship, in case of doubt|before each consignment}."),
        ("civil", "Performance is subject to the proviso that no {embargo or other export-control provision|national or international rule of foreign trade law} stands in its way."),
        ("plain", "We do not deal with people we are not allowed to deal with, and neither do you."),
        ("us", "Goods, technology and services {furnished hereunder|under the Schedules} shall not be diverted to any destination that export law {forbids|closes}."),
    ],
}  # fmt: skip

SUITED = {  # by line of business: what would be odd in a contract of that trade, and what stands there instead
    "software": {
        "photographs of the premises": "dashboards built on request", "tools and moulds charged separately": "test scripts charged separately", "drawings bearing an order number": "models bearing an order number",
        "training materials for local crews": "training materials for local users", "labels and artwork in house colours": "icons and artwork in house colours", "night and weekend work": "night and weekend calls",
        "goods in sealed containers": "hosting of terminal records", "own-brand goods": "own-brand apps", "loss of goods through open doors": "loss of records through open ports", "unpaid customs duties": "stolen customer files",
        "forged inspection certificates": "forged security certifications", "cosmetic damage to packaging": "cosmetic flaws in the layout", "delay by a third-party carrier": "delay by a third-party network", "a packing list": "a meeting note",
        "a delivery note": "a status e-mail", "Hard hats on site": "Badges on display", "ice in the fairway": "a broken sea cable", "screen consignees": "screen users", "hold, not ship": "wait, not send", "each consignment": "each release",
        "Fuel surcharges": "Peak surcharges", "deliveries below one pallet": "changes below one day", "at the gate": "on delivery", "Who tastes a sample may not copy the recipe": "Who tests a program may not copy the code", "AS DEAD FREIGHT": "AS COMPENSATION",
        "Stock still on hand is collected by us": "Data still on hand is returned to us", "the protective equipment prescribed there": "the badge issued there", "toolbox meeting": "security briefing",
    },
    "booking": {
        "tools and moulds charged separately": "websites charged separately", "drawings bearing an order number": "layouts bearing an order number", "training materials for local crews": "training materials for front desks", "night and weekend work": "seaside family resorts",
        "goods in sealed containers": "gift cards and loyalty points", "own-brand goods": "own-brand hotels", "loss of goods through open doors": "loss of deposits through fraud", "unpaid customs duties": "unpaid tourist taxes", "forged inspection certificates": "forged guest reviews",
        "cosmetic damage to packaging": "cosmetic damage to furniture", "delay by a third-party carrier": "delay by a third-party website", "a packing list": "a room list", "a delivery note": "a booking slip", "Hard hats on site": "Badges on display", "ice in the fairway": "snow on the runway",
        "screen consignees": "screen guests", "hold, not ship": "hold, not book", "each consignment": "each group booking", "Fuel surcharges": "Card surcharges", "deliveries below one pallet": "orders below one page", "at the gate": "on delivery",
        "Who tastes a sample may not copy the recipe": "Who sees a rate may not copy the list", "AS DEAD FREIGHT": "AS COMPENSATION", "Stock still on hand is collected by us": "Vouchers still on hand are returned to us",
        "the protective equipment prescribed there": "the badge issued there", "toolbox meeting": "safety briefing",
    },
    "haulage": {"photographs of the premises": "logs of reefer temperatures", "tools and moulds charged separately": "tarpaulins charged separately"},
    "cold": {"photographs of the premises": "logs of storage temperatures", "tools and moulds charged separately": "racks and crates charged separately"},
    "vessel": {
        "photographs of the premises": "copies of the deck logs", "tools and moulds charged separately": "lashing gear charged separately", "labels and artwork in house colours": "funnels and liveries in house colours",
        "night and weekend work": "short-sea ro-ro trades", "own-brand goods": "own-brand cruises", "loss of goods through open doors": "loss of cargo through open hatches",
    },
    "yarn": {
        "photographs of the premises": "shade cards made to order", "training materials for local crews": "training materials for weavers", "night and weekend work": "worsted menswear yarns", "goods in sealed containers": "yarns dyed to house shades",
        "own-brand goods": "own-brand yarns", "AS DEAD FREIGHT": "AS COMPENSATION",
    },
    "grid": {
        "photographs of the premises": "photographs of the lines", "tools and moulds charged separately": "masts and fittings charged separately", "labels and artwork in house colours": "signs in house colours", "goods in sealed containers": "work on submarine cables",
        "own-brand goods": "work on own substations", "loss of goods through open doors": "loss of power through open switches", "unpaid customs duties": "unpaid wayleave charges", "cosmetic damage to packaging": "cosmetic damage to pylons",
        "a packing list": "a work sheet", "AS DEAD FREIGHT": "AS COMPENSATION",
    },
    "quay": {"photographs of the premises": "photographs of the berths", "tools and moulds charged separately": "lashing gear charged separately", "labels and artwork in house colours": "signs in house colours"},
    "board": {
        "photographs of the premises": "cutting dies made to order", "training materials for local crews": "training materials for packers", "night and weekend work": "board for frozen food", "goods in sealed containers": "board in sealed reels", "AS DEAD FREIGHT": "AS COMPENSATION",
    },
    "shellfish": {
        "photographs of the premises": "records of water samples", "tools and moulds charged separately": "crates and cages charged separately", "night and weekend work": "oysters for night crossings", "goods in sealed containers": "oysters in sealed crates",
        "AS DEAD FREIGHT": "AS COMPENSATION",
    },
    "fibre": {
        "photographs of the premises": "records of moisture tests", "tools and moulds charged separately": "baling wire charged separately", "night and weekend work": "paper from print works", "goods in sealed containers": "paper in sealed bales",
        "own-brand goods": "own-brand paper bins", "AS DEAD FREIGHT": "AS COMPENSATION",
    },
}  # fmt: skip


def suited(text: str, subject: str) -> str:
    """The text with what would be odd in that line of business put right.

    >>> suited("(2) photographs of the premises;", "software")
    '(2) dashboards built on request;'
    """
    for odd, apt in SUITED.get(subject, {}).items():
        if odd in text:
            text = text.replace(odd, apt)
    return text


TOPIC_OF = {  # a topic is left out where the contract has a term of that type, so that it does not say two things about it
    "notice_address": "Notices", "assignment_consent": "Assignment", "data_breach_notice": "Data Protection", "order_of_precedence": "Order of Precedence",
    "third_party_beneficiary": "Third Parties",
}  # fmt: skip

WORDS_RULE = [
    ("uk", "Where a number is written in words and in figures and the two differ, the words prevail."),
    ("us", "In case of discrepancy between words and numerals, the words shall control."),
]
SIGNED = {
    "uk": ["Signed by the authorised representatives of the parties:", "Signed as an agreement {on the date stated at its head|on the day first mentioned}.", "EXECUTED by the parties", "Signed by a director on each side:", "Signatures"],
    "us": ["IN WITNESS WHEREOF, the parties have caused {agreement} to be executed by their duly authorised officers.", "AGREED AND ACCEPTED:", "The undersigned have authority to bind their principals."],
    "civil": ["Read, approved and signed:", "Done in two originals at {Bcity}.", "Place, date and signatures"],
    "plain": ["Signed, with pleasure:", "Our names and signatures"],
    "old": ["IN TESTIMONY WHEREOF the parties have {hereunto set their hands and seals|caused this instrument to be signed} the day and year first above written.", "WITNESS the following signatures and seals:", "SIGNED, SEALED AND DELIVERED", "GIVEN under the hands of the parties:"],
}  # fmt: skip
