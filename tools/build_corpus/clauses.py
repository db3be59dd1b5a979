"""The clause library: for each clause type several wordings that differ in structure, as different law firms would write them.

In a wording, `[[...]]` marks the evidence: the sentence or limb that states the fact. `{value}` is the fact's value (`{value:both}`
forces "sixty (60) days"; also figures, words). `{A}` is the provider, `{B}` the Halden company, under the terms this contract uses;
`{agreement}` is "this Agreement" or what the contract calls itself. `{other}` is a second number of the same kind: a distractor.
"""

from dataclasses import dataclass, field

from .values import Value


def _days(*amounts: int) -> list[Value]:
    return [Value("days", amount) for amount in amounts]


def _months(*amounts: int) -> list[Value]:
    return [Value("months", amount) for amount in amounts]


def _years(*amounts: int) -> list[Value]:
    return [Value("years", amount) for amount in amounts]


def _percent(*amounts: float) -> list[Value]:
    return [Value("percent", amount) for amount in amounts]


@dataclass(frozen=True)
class Wording:
    """One way to write a clause. register: us | uk | civil | plain | old. needs_schedule: its value sits in Schedule B."""

    register: str
    text: str
    pointer: str = ""


@dataclass(frozen=True)
class ClauseType:
    """A kind of clause: its name in questions and labels, CUAD's category where there is one, possible values, wordings."""

    type: str
    category: str
    headings: tuple[str, ...]
    wordings: tuple[Wording, ...]
    values: list[Value] = field(default_factory=list)
    others: list[Value] = field(default_factory=list)


CLAUSES = [
    ClauseType(
        "governing_law", "Governing Law", ("Governing Law", "Applicable Law", "Law", "Choice of Law"),
        (
            Wording("uk", "[[{agreement:cap} and any non-contractual obligation arising out of or in connection with it shall be governed by, and construed in accordance with, {value}.]] The United Nations Convention on Contracts for the International Sale of Goods shall not apply."),
            Wording("us", "[[The validity, interpretation and performance of {agreement} shall be controlled by {value}, without giving effect to any choice-of-law rule that would cause the application of the laws of another jurisdiction.]]"),
            Wording("plain", "Whatever happens between us, one legal system applies. [[We have both agreed that it is {value}.]] This is so even where the goods, the people or the dispute are somewhere else."),
            Wording("civil", "(1) Mandatory provisions of the place of performance remain unaffected. (2) [[Save as aforesaid, the contractual relationship of the Parties is subject exclusively to {value}.]] (3) Conflict-of-laws provisions shall be disregarded."),
            Wording("old", "[[THIS INSTRUMENT, ITS CONSTRUCTION AND THE RIGHTS OF ALL PERSONS UNDER IT SHALL BE DETERMINED BY {value:caps}]], AND NO PARTY SHALL BE HEARD TO ALLEGE OTHERWISE."),
        ),
    ),
    ClauseType(
        "initial_term", "Expiration Date", ("Term", "Duration", "Commencement and Duration", "Initial Term"),
        (
            Wording("uk", "[[{agreement:cap} shall come into force on the Effective Date and, unless terminated earlier in accordance with its terms, shall continue for a fixed period of {value}]] (the \"Initial Term\"). Accrued rights survive expiry."),
            Wording("us", "Unless sooner terminated as provided herein, [[the initial term of {agreement} commences on the Effective Date and ends on the day before the anniversary that falls {value} later.]]"),
            Wording("plain", "[[We are signing up for {value}, counted from the Effective Date.]] During the first {other} either of us may raise teething problems at the monthly call, but that is not a trial period and does not shorten the deal."),
            Wording("civil", "The contract is concluded for a definite time. [[It has a duration of {value} as from the Effective Date]]; ordinary termination during that time is excluded except where {agreement} expressly provides for it."),
        ),
        _years(2, 3, 4, 5, 6, 7, 8), _months(2, 3, 4),
    ),
    ClauseType(
        "renewal_term", "Renewal Term", ("Renewal", "Extension", "Automatic Renewal"),
        (
            Wording("uk", "[[On expiry of the Initial Term {agreement} shall be extended automatically for successive periods of {value} each]], on the same terms save as to charges, which shall be reviewed in accordance with the Schedules."),
            Wording("us", "[[{agreement:cap} shall renew for additional consecutive terms of {value} (each, a \"Renewal Term\")]] unless a party elects not to renew. In no event shall the aggregate of all Renewal Terms exceed {other}."),
            Wording("plain", "If neither of us says anything, the deal rolls over. [[Each rollover lasts {value}.]] There is no limit to the number of rollovers."),
            Wording("civil", "Where no declaration of non-renewal has been received in good time, [[the contract is prolonged in each case by a further {value}.]] Tacit prolongation on any other ground is excluded."),
        ),
        _months(6, 12, 18, 24, 36), _years(6, 8, 10),
    ),
    ClauseType(
        "renewal_notice", "Notice Period To Terminate Renewal", ("Non-Renewal", "Notice of Non-Renewal", "Opting Out of Renewal"),
        (
            Wording("uk", "[[Either party may prevent an extension by giving the other not less than {value}' written notice before the then current period ends.]] A notice given late takes effect as a notice for the period that follows."),
            Wording("us", "The foregoing renewal shall not occur [[if written notice of non-renewal is received by the other party at least {value} prior to the scheduled expiration]]; notice by electronic mail must be confirmed by courier within {other}."),
            Wording("plain", "[[Whoever wants out tells the other in writing no later than {value} before the end date.]] An e-mail to the account manager is not enough; use the address for notices."),
            Wording("civil", "[[The declaration that the contract is not to be prolonged must reach the other side {value} before its end.]] Receipt, not dispatch, is decisive. For declarations by registered post, {other} are presumed to be needed for delivery."),
        ),
        _days(30, 45, 60, 75, 90, 120, 180), _days(3, 5, 10),
    ),
    ClauseType(
        "convenience_notice", "Termination For Convenience", ("Termination without Cause", "Termination for Convenience", "Early Exit"),
        (
            Wording("uk", "[[{B:cap} may terminate {agreement} at any time, without giving a reason, by giving {value}' notice in writing to {A}.]] Charges already invoiced remain payable, and {A} shall be reimbursed for materials that it cannot reasonably redeploy."),
            Wording("us", "Nothing herein obligates either party to remain bound against its will: [[after the first anniversary of the Effective Date either party may terminate {agreement} for its convenience upon {value} prior written notice.]] Termination for breach follows the shorter period of {other} stated elsewhere."),
            Wording("plain", "[[You can leave for any reason, or none, with {value}' notice.]] We will keep working, and you will keep paying, until the last day."),
            Wording("civil", "Notwithstanding the fixed duration, [[{B} is entitled to terminate the contract by ordinary notice of {value} to the end of a calendar month.]] No compensation is owed for the remaining duration."),
        ),
        _days(30, 60, 90, 120, 150, 180), _days(10, 14, 15),
    ),
    ClauseType(
        "cure_period", "Termination For Cause", ("Termination for Breach", "Default", "Remedy of Breach"),
        (
            Wording("uk", "Either party may terminate {agreement} with immediate effect if the other commits a material breach and [[that breach, being capable of remedy, is not remedied within {value} of a notice requiring it to be remedied.]] A payment default that continues for {other} is in every case a material breach."),
            Wording("us", "An \"Event of Default\" shall exist (a) upon the insolvency of a party; (b) [[if a party fails to cure a material breach within {value} after receipt of written notice specifying it]]; or (c) if undisputed amounts remain unpaid for {other}. Upon an Event of Default the other party may terminate forthwith."),
            Wording("plain", "If one of us seriously breaks a promise, the other must say so in writing first. [[There are then {value} to put it right.]] If it is not put right, the other may end the deal at once."),
            Wording("civil", "Termination for good cause presupposes that a reasonable additional period has expired without result. [[The Parties deem an additional period of {value} to be reasonable.]] It is dispensable where the debtor seriously and finally refuses performance."),
        ),
        _days(10, 14, 15, 20, 21, 28, 35, 40), _days(7, 25, 50),
    ),
    ClauseType(
        "liability_cap", "Cap On Liability", ("Limitation of Liability", "Liability", "Limits of Liability"),
        (
            Wording("uk", "Nothing in {agreement} limits liability for death or personal injury caused by negligence, or for fraud. [[Subject to that, the total liability of {A} in each contract year, however arising, shall not exceed {value}.]] For loss of data a separate limit of {other} applies."),
            Wording("us", "EXCEPT FOR GROSS NEGLIGENCE OR WILFUL MISCONDUCT, [[IN NO EVENT SHALL THE AGGREGATE LIABILITY OF EITHER PARTY UNDER {agreement:caps} BE GREATER THAN {value}]], AND NEITHER PARTY SHALL BE LIABLE FOR LOST PROFITS."),
            Wording("plain", "Things go wrong. [[When they are our fault, the most we will pay you, for everything together, is {value}.]] That ceiling does not apply if we acted on purpose, and for damage caused by a breach of data protection it rises to {other}."),
            Wording("civil", "{A:cap} is liable without limitation for intent and gross negligence. [[In cases of slight negligence its liability is limited to the foreseeable damage and in any case to {value}]]; per single event it is further limited to one half of that amount."),
        ),
        [Value("money", amount) for amount in (750_000, 1_200_000, 1_500_000, 2_400_000, 3_000_000, 4_500_000, 6_000_000, 8_000_000)],
        [Value("money", amount) for amount in (250_000, 10_000_000, 500_000)],
    ),
    ClauseType(
        "payment_days", "Payment Terms", ("Invoicing and Payment", "Payment", "Charges and Payment"),
        (
            Wording("uk", "{A:cap} shall invoice monthly in arrears. [[{B:cap} shall pay each valid and undisputed invoice within {value} of its receipt.]] If {B} disputes an invoice in good faith it shall say so within {other} and pay the part that is not in dispute."),
            Wording("us", "Invoices shall be submitted electronically and shall quote the purchase order number. [[Payment terms are net {value} from the date of invoice.]] Credits older than {other} lapse unless claimed."),
            Wording("plain", "We send a bill at the start of each month. [[You pay it {value} after it reaches you.]] If something looks wrong, ring us before you pay, not after."),
            Wording("civil", "[[The remuneration falls due {value} after receipt of a verifiable invoice.]] Payment within {other} entitles {B} to a cash discount of two per cent. Set-off is permitted only with claims that are undisputed or finally adjudicated.", ""),
            Wording("uk", "Charges are invoiced monthly. [[Invoices fall due for payment at the end of the period stated in Schedule B, item 1.]] Time for payment is not of the essence.", "Schedule B, item 1"),
        ),
        _days(14, 21, 28, 30, 45, 60, 75), _days(5, 8, 10, 12),
    ),
    ClauseType(
        "late_interest", "Late Interest", ("Late Payment", "Interest", "Default Interest"),
        (
            Wording("uk", "[[Overdue sums bear interest at {value} a year above the base rate of the central bank of the currency of payment]], accruing daily from the due date until actual payment, whether before or after judgment."),
            Wording("us", "[[Any amount not paid when due shall accrue a late charge at the rate of {value} per month]] or the highest rate permitted by law, whichever is less."),
            Wording("plain", "[[If you pay late, we add {value} for each full month of delay.]] We will not do this the first time; we will ring you."),
            Wording("civil", "A debtor in default owes default interest. [[The rate is agreed at {value} per annum above the base interest rate.]] Proof of higher damage caused by default remains open."),
        ),
        _percent(1, 1.5, 2, 2.5, 3, 4, 5, 8),
    ),
    ClauseType(
        "confidentiality_years", "Confidentiality Survival", ("Confidentiality", "Confidential Information", "Secrecy"),
        (
            Wording("uk", "Each party shall keep the other's Confidential Information secret and use it only to perform {agreement}. [[These obligations continue for {value} after {agreement} has ended, however it ends.]]"),
            Wording("us", "The receiving party shall protect Confidential Information with no less than reasonable care. [[The foregoing duty shall survive expiration or termination for a period of {value}]]; trade secrets remain protected for as long as they qualify as such. Materials shall be returned within {other} of a request."),
            Wording("plain", "What we learn about each other stays with us. [[That promise does not stop when the deal stops: it runs for another {value}.]] It does not cover what is already public or what a court makes us say."),
            Wording("civil", "The Parties undertake to treat as secret all business matters that become known to them. [[The duty of secrecy outlasts the contract by {value}.]] A breach obliges the Party in breach to pay damages without prior reminder."),
        ),
        _years(2, 3, 4, 5, 6, 7, 10), _days(10, 15, 30),
    ),
    ClauseType(
        "insurance", "Insurance", ("Insurance", "Insurance Cover", "Required Insurance"),
        (
            Wording("uk", "{A:cap} shall maintain employer's liability cover as required by law and [[public and products liability insurance with a reputable insurer for not less than {value} per occurrence]], and shall produce evidence of cover on request."),
            Wording("us", "Throughout the term {A} shall carry, at its sole expense, (i) workers' compensation insurance as required by statute; (ii) automobile liability of {other}; and (iii) [[commercial general liability insurance with limits of at least {value} for any one occurrence.]]"),
            Wording("plain", "We carry insurance so that a bad day is not the end of either of us. [[Our liability policy pays up to {value} for each incident.]] Ask for the certificate whenever you like."),
            Wording("civil", "{A:cap} proves upon conclusion of the contract that [[a business liability insurance with a sum insured of {value} per insured event exists]] and is maintained until the end of the contract. The deductible does not concern {B}."),
        ),
        [Value("money", amount) for amount in (1_000_000, 2_000_000, 2_500_000, 5_000_000, 7_500_000, 12_000_000)],
        [Value("money", amount) for amount in (300_000, 600_000, 900_000)],
    ),
    ClauseType(
        "audit_notice", "Audit Rights", ("Audit", "Records and Audit", "Inspection"),
        (
            Wording("uk", "{A:cap} shall keep complete records for {keep}. [[{B:cap} and its auditors may inspect those records during business hours on {value}' prior notice]], not more than once in a calendar year unless a discrepancy has been found."),
            Wording("us", "[[Upon no less than {value} written notice, {B} may audit the books of {A} relating to the charges.]] Should an audit reveal an overcharge of five percent or more, {A} shall bear the cost of the audit and refund the excess within {other}."),
            Wording("plain", "You may come and look at our books. [[Tell us {value} ahead, so that somebody who knows where things are is in.]] Bring your own coffee; the records we keep for {keep}."),
            Wording("civil", "[[{B:cap} is entitled, after announcing this {value} in advance, to inspect the documents relevant to billing on the premises of {A}]], or to have them inspected by a person bound to professional secrecy."),
        ),
        _days(5, 7, 10, 14, 15, 20, 21), _days(30, 45),
    ),
    ClauseType(
        "non_compete_months", "Non-Compete", ("Restrictive Covenant", "Non-Competition", "No Competing Business"),
        (
            Wording("uk", "During the term {A} shall not, in the Territory, supply services of the same description to a competitor of {B}. [[The restriction continues to bind {A} for {value} after termination.]] The parties consider it reasonable."),
            Wording("us", "[[For so long as {agreement} is in effect and for a period of {value} thereafter, {A} shall not, directly or through an affiliate, engage in the Restricted Business.]] Holding less than two percent of a listed company is not a breach."),
            Wording("plain", "While we work for you we do not work for your rivals. [[And for {value} after we stop working for you, we still do not.]] Rivals are the companies on the list that you gave us, and nobody else."),
        ),
        _months(6, 9, 12, 15, 18, 24),
    ),
    ClauseType(
        "no_solicit_months", "No-Solicit Of Employees", ("Non-Solicitation", "Employees", "No Poaching"),
        (
            Wording("uk", "[[Neither party shall, during the term or within {value} after it, entice away any person employed by the other in connection with {agreement}.]] An answer to a public advertisement is not enticement."),
            Wording("us", "Each party acknowledges the investment that the other makes in its personnel and agrees that [[until {value} have elapsed following termination it will not solicit for employment any employee of the other with whom it had contact.]] The liquidated amount for a breach equals {other} of gross salary."),
            Wording("plain", "Please do not hire our people away, and we will not hire yours. [[This holds for {value} after the deal ends.]]"),
            Wording("civil", "The active enticement of employees is prohibited. [[The prohibition applies for the duration of the contract and a further {value}.]]"),
        ),
        _months(6, 8, 10, 12, 18, 24), _months(3, 4),
    ),
    ClauseType(
        "minimum_commitment", "Minimum Commitment", ("Minimum Volume", "Minimum Commitment", "Volume Commitment"),
        (
            Wording("uk", "[[{B:cap} shall in each contract year order from {A} not less than {value}]]; volumes carried over from an earlier year do not count. Any shortfall is charged at {other} of the unit rate."),
            Wording("us", "In consideration of the pricing set forth in the Schedules, [[{B} commits to purchase a minimum of {value} during each twelve-month period.]] Failure to do so shall not be a breach, but {A} may invoice the shortfall at {other} of the applicable rate."),
            Wording("plain", "Our prices work only if there is enough to do. [[So you promise us {value} a year.]] If you send less, you pay {other} of the difference; if you send more, everybody is happy."),
        ),
        [Value("quantity", amount, "units") for amount in (600, 850, 1_150, 2_400, 12_000, 18_000, 40_000, 65_000)],
        _percent(40, 50, 60, 75),
    ),
    ClauseType(
        "liquidated_damages", "Liquidated Damages", ("Delay", "Liquidated Damages", "Late Performance"),
        (
            Wording("uk", "If {A} fails to perform by an agreed date [[it shall pay {B}, as liquidated damages and not as a penalty, {value} of the charges for the delayed item for each week of delay]], up to {other} of those charges in total."),
            Wording("us", "The parties agree that damages for delay are difficult to ascertain. [[Accordingly {A} shall credit {B} with {value} of the affected order value per full week of delay.]] Total credits shall not exceed {other} of such value."),
            Wording("civil", "In the event of default of delivery [[a contractual penalty of {value} of the net order value is forfeited for each commenced week]], at most however {other} of it. The penalty is credited against damages."),
        ),
        _percent(0.5, 0.75, 1, 1.25, 1.5, 2), _percent(5, 8, 10, 15),
    ),
    ClauseType(
        "warranty_months", "Warranty Duration", ("Warranty", "Warranties", "Defects"),
        (
            Wording("uk", "{A:cap} warrants that the services will be performed with reasonable skill and care. [[A defect notified within {value} of performance shall be put right at the expense of {A}.]] Wear and tear is excepted."),
            Wording("us", "[[{A:cap} warrants the Deliverables to be free from material defects for {value} following acceptance.]] THE FOREGOING IS IN LIEU OF ALL OTHER WARRANTIES, EXPRESS OR IMPLIED. Acceptance is deemed given {other} after delivery."),
            Wording("plain", "If it breaks, we mend it. [[You have {value} from the day you got it to tell us.]] We do not mend what you broke yourselves."),
            Wording("civil", "The statutory rights in respect of defects apply with the proviso that [[the limitation period for claims based on defects is {value}]], beginning with handover. Obvious defects must be notified within {other}."),
        ),
        _months(6, 9, 12, 15, 18, 24, 36), _days(5, 8, 10, 14),
    ),
    ClauseType(
        "dispute_seat", "Dispute Resolution", ("Dispute Resolution", "Arbitration", "Disputes"),
        (
            Wording("uk", "The parties shall first refer a dispute to their chief executives, who shall meet within {other}. [[A dispute not settled so shall be finally resolved by arbitration, the seat of which shall be {value}.]] The tribunal shall have three members."),
            Wording("us", "[[Any controversy arising hereunder shall be settled by binding arbitration to be held in {value}]] before a single arbitrator. Judgment on the award may be entered in any court having jurisdiction. Discovery is limited to {other}."),
            Wording("plain", "We try to talk first, then we try a mediator for {other}. [[If that does not work, an arbitrator sitting in {value} decides, and we both live with it.]]"),
            Wording("civil", "[[All disputes are decided with final effect, to the exclusion of the ordinary courts, by an arbitral tribunal with its place in {value}.]] The language of the proceedings is English."),
        ),
        [Value("text", city) for city in ("Geneva", "Copenhagen", "Vienna", "Amsterdam", "Oslo", "Dublin", "Edinburgh", "Hamburg", "Helsinki", "Milan", "Stockholm", "Boston", "Zurich")],
        _days(14, 20, 30, 45),
    ),
    ClauseType(
        "service_level", "Service Levels", ("Service Levels", "Performance Standards", "Availability"),
        (
            Wording("uk", "[[{A:cap} shall achieve the agreed service in at least {value} of cases, measured over each calendar month.]] Where performance falls below {other} in three successive months {B} may treat this as a material breach."),
            Wording("us", "[[The minimum Service Level is {value}, calculated monthly and excluding scheduled maintenance.]] A result under {other} entitles {B} to a credit of one tenth of the monthly charges."),
            Wording("plain", "We measure ourselves every month. [[Getting it right {value} of the time is the promise.]] Below {other} you get money back without having to ask."),
            Wording("uk", "Performance is measured monthly. [[The target is the percentage set out in Schedule B, item 2.]] Planned maintenance does not count against {A}.", "Schedule B, item 2"),
        ),
        _percent(96, 97, 97.5, 98, 98.5, 99, 99.5), _percent(90, 92, 94, 95),
    ),
    ClauseType(
        "price_increase", "Price Restrictions", ("Price Adjustment", "Changes in Charges", "Indexation"),
        (
            Wording("uk", "The charges are fixed for the first contract year. [[Thereafter {A} may increase them once a year by no more than {value}]], on {other}' notice and with a written justification."),
            Wording("us", "[[No annual adjustment of the rates shall exceed {value} of the rates then in effect.]] Fuel surcharges are governed by the Schedules and are not an adjustment for this purpose."),
            Wording("plain", "Prices may go up once a year. [[They will never go up by more than {value} at a time.]] We will tell you {other} before."),
            Wording("civil", "An adjustment of the remuneration is admissible once per year. [[It is limited upwards to {value} of the previous remuneration.]] If the index falls, {B} may demand a reduction."),
        ),
        _percent(2, 2.5, 3, 3.5, 4, 5, 6), _days(30, 60, 90),
    ),
    ClauseType(
        "force_majeure_days", "Force Majeure", ("Force Majeure", "Events beyond Control", "Relief Events"),
        (
            Wording("uk", "A party is not in breach to the extent that an event beyond its reasonable control prevents performance, if it notifies the other within {other}. [[If the event lasts for more than {value}, the party not affected may terminate {agreement} by written notice.]]"),
            Wording("us", "Neither party shall be liable for failure caused by acts of God, ice, war, strikes or governmental action. [[Should such condition continue for {value}, either party may terminate the affected services.]] The affected party shall give notice within {other}."),
            Wording("plain", "Storms, strikes and wars are nobody's fault. [[But if one of them stops the work for {value}, either of us may call it a day.]]"),
            Wording("civil", "Events of force majeure release the Parties from their obligations for their duration and to the extent of their effect. [[After an interruption of {value} each Party is entitled to withdraw from the part of the contract not yet performed.]]"),
        ),
        _days(30, 40, 45, 60, 90, 100, 120), _days(2, 3, 5),
    ),
    ClauseType(
        "post_termination_months", "Post-Termination Services", ("Exit", "Transition", "Exit Assistance"),
        (
            Wording("uk", "On expiry or termination, for whatever reason, [[{A} shall if so requested continue to provide the services and reasonable transfer assistance for up to {value}]], at the rates then in force."),
            Wording("us", "[[{A:cap} shall furnish transition services for {value} following the effective date of termination]] so as to permit an orderly migration; data shall be returned within {other} in a common format."),
            Wording("plain", "When we part, we do not leave you standing in the rain. [[For {value} we help whoever comes after us.]] You pay the usual rates for that time."),
        ),
        _months(2, 3, 4, 5, 6, 9), _days(10, 20, 30),
    ),
    ClauseType(
        "change_of_control_days", "Change Of Control", ("Change of Control", "Change in Ownership"),
        (
            Wording("uk", "{A:cap} shall inform {B} without delay if it comes under the control of another person. [[{B:cap} may then, within {value} of being informed, terminate {agreement} without liability.]] A reorganisation within a group is not a change of control."),
            Wording("us", "In the event of a merger of {A} or a sale of substantially all of its assets, [[{B} shall have {value} from notice thereof in which to elect to terminate.]] Absent such election {agreement} continues with the successor."),
            Wording("civil", "If the majority of the voting rights in {A} changes hands, [[{B} has a special right of termination, exercisable within {value} of knowledge of the change.]] Notice of the change is owed within {other}."),
        ),
        _days(30, 40, 45, 60, 90), _days(5, 7, 10),
    ),
    ClauseType(
        "revenue_share", "Revenue/Profit Sharing", ("Revenue Share", "Sharing of Proceeds", "Commission"),
        (
            Wording("uk", "[[{A:cap} shall pay to {B} {value} of the net revenue from bookings made through the shared platform]], within twenty days of the end of each quarter. Refunds are deducted first."),
            Wording("us", "Net Receipts shall be calculated after taxes and chargebacks. [[Of such Net Receipts {B} shall be entitled to {value}]], and {A} shall retain the balance; on merchandise the split is {other}."),
            Wording("plain", "We earn money together, so we share it. [[Your part is {value} of what is left after refunds.]] For merchandise it is {other}."),
        ),
        _percent(8, 10, 12, 12.5, 15, 18, 22), _percent(5, 6, 7),
    ),
]  # fmt: skip

BY_TYPE = {clause.type: clause for clause in CLAUSES}
COMMON = (
    "governing_law", "initial_term", "renewal_term", "renewal_notice", "cure_period", "liability_cap", "payment_days",
    "confidentiality_years", "dispute_seat", "force_majeure_days",
)  # fmt: skip
