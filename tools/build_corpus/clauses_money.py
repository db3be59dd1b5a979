"""Clauses about what is paid, when, and for how much."""

from .clauses_kinds import ClauseType, Wording, days, percent, quantity

MONEY = [
    ClauseType(
        "payment_days", "Payment Terms", ("Invoicing and Payment", "Payment", "Charges and Payment"),
        (
            Wording("uk", "{A:cap} shall invoice monthly in arrears. [[{B:cap} shall pay each valid and undisputed invoice within {value} of its receipt.]] If {B} disputes an invoice in good faith it shall say so within {other} and pay the part that is not in dispute."),
            Wording("uk", "No invoice is payable unless it quotes a purchase order number and is accompanied by proof of performance. [[An invoice that meets those requirements falls due {value} after the day on which {B} receives it]], weekends and public holidays included. Part payment is not acceptance."),
            Wording("us", "Invoices shall be submitted electronically and shall quote the purchase order number. [[Payment terms are net {value} from the date of invoice.]] Objections not raised within {other} are waived, and credits not claimed within the fiscal year shall lapse."),
            Wording("us", "{B:cap} may withhold any amount that it contests in good faith, provided that it states its grounds within {other}. Subject thereto, [[remittance in full shall be made not later than {value} following presentation of a correct invoice]], by wire transfer of immediately available funds."),
            Wording("plain", "We send a bill at the start of each month. [[You pay it {value} after it reaches you.]] If something looks wrong, ring us before you pay, not after, and we will sort it out over the telephone."),
            Wording("plain", "Money: you get one bill a month, as a file and not as an envelope. [[It should be settled inside {value}.]] Tell us within {other} if a line on it makes no sense, and hold back that line only."),
            Wording("civil", "[[The remuneration falls due {value} after receipt of a verifiable invoice.]] Payment within {other} entitles {B} to a cash discount of two per cent. Set-off is permitted only with claims that are undisputed or finally adjudicated."),
            Wording("civil", "(1) Invoices are issued in text form and show value added tax separately. (2) [[They are paid within {value}, reckoned from the arrival of the invoice at {B}.]] (3) A payment is timely if the transfer was ordered on its last day."),
            Wording("old", "ALL ACCOUNTS SHALL BE RENDERED MONTHLY IN DUPLICATE [[AND SHALL BE DISCHARGED BY {B:caps} WITHIN {value:caps} OF THE DATE OF RENDERING]], WITHOUT DEDUCTION OR SET-OFF, SAVE THAT A QUERY RAISED WITHIN {other:caps} SUSPENDS PAYMENT OF THE ITEM QUERIED."),
            Wording("old", "{B:caps} SHALL REMIT BY BANKER'S DRAFT OR TELEGRAPHIC TRANSFER. [[THE REMITTANCE SHALL BE IN THE HANDS OF {A:caps} NOT LATER THAN {value:caps} FROM THE INVOICE DATE]], AND A CLAIM AGAINST ANY CARRIER OR THIRD PERSON SHALL BE NO GROUND FOR DELAY."),
            Wording("uk", "Charges are invoiced monthly. [[Payment is to be made within {value} of the invoice date.]] Time for payment is not of the essence, but persistent lateness shall be raised between the finance directors of the parties."),
            Wording("us", "{B:cap} shall remit all undisputed amounts by wire transfer. [[Each remittance shall reach {A} within {value} from the invoice date.]] No different period printed on any invoice form shall bind {B}, nor shall {A} discount invoices to a third party."),
            Wording("civil", "The remuneration is invoiced at the end of each month. [[It is to be paid within {value}, counted from the date of the invoice]]; the time is interrupted by a justified complaint and resumes as soon as the complaint has been settled."),
            Wording("plain", "We bill once a month, on paper only if you insist. [[Please pay within {value}.]] If no bill has turned up by the tenth of the month, it is our turn to apologise and yours to wait."),
        ),
        days(14, 21, 28, 30, 45, 60, 75), days(5, 8, 10, 12),
    ),
    ClauseType(
        "late_interest", "Late Interest", ("Late Payment", "Interest", "Default Interest"),
        (
            Wording("uk", "[[Overdue sums bear annual interest, over and above the base rate of the central bank of the currency of payment, at {value}]], accruing daily from the due date until actual payment, whether before or after judgment."),
            Wording("uk", "(a) Interest is not payable on a sum withheld in good faith. (b) [[On every other late sum it runs at {value} above base, calculated daily on a year of 365 days.]] (c) It is compounded quarterly but shall not exceed {other} a year in total."),
            Wording("us", "Acceptance of a late charge does not waive the default for which it is paid. [[Any amount not paid when due shall accrue such a charge, annually and in addition to the prime rate, at {value}]], or at the highest rate permitted by law, whichever is less."),
            Wording("plain", "[[If you pay late, we add interest at {value} a year on top of the central bank's rate.]] We will not do this the first time; we will ring you. Nor will we ever charge more than {other} a year altogether."),
            Wording("civil", "A debtor in default owes default interest without further reminder. [[The rate agreed is {value}, per annum and above the base interest rate.]] Proof of higher damage caused by default remains open to the creditor."),
            Wording("old", "SUMS IN ARREAR SHALL CARRY INTEREST FROM THE DAY WHEN THEY BECAME DUE UNTIL THE DAY WHEN THEY ARE PAID, BOTH DAYS INCLUDED, [[WHICH INTEREST SHALL BE {value:caps} PER ANNUM OVER THE BANK RATE FOR THE TIME BEING]], AND SHALL BE A DEBT DUE ON DEMAND."),
        ),
        percent(1, 1.5, 2, 2.5, 3, 4, 5, 8), percent(12, 15, 18),
    ),
    ClauseType(
        "price_increase", "Price Restrictions", ("Price Adjustment", "Changes in Charges", "Indexation"),
        (
            Wording("uk", "The charges are fixed for the first contract year. [[Thereafter {A} may increase them once a year by no more than {value}]], on three months' notice and with a written justification. An increase of less than {other} is not worth the paper and may not be made."),
            Wording("uk", "(a) The charges follow the published index of producer prices. (b) A movement of less than {other} is ignored. (c) [[Whatever the index may do, the rise from one contract year to the next shall not exceed {value}.]] (d) They may fall without limit."),
            Wording("us", "Fuel surcharges are governed by the Schedules and are not an adjustment for the purpose of this section. [[Measured against the rates then in effect, no annual adjustment shall exceed {value}]], and an increase beyond that limit is void as to the excess."),
            Wording("plain", "Prices may go up once a year, in January, and never by surprise. [[The rise is {value} at the very most.]] We tell you two months before, and show you the sums if you ask."),
            Wording("civil", "An adjustment of the remuneration is admissible once per year. [[Measured by the previous remuneration it is limited to {value}.]] If the underlying costs fall by {other} or more, {B} may demand a corresponding reduction."),
            Wording("old", "THE PRICES HEREIN SHALL STAND FIRM FOR TWELVE MONTHS, AND [[NO INCREASE THEREAFTER SHALL IN ANY ONE YEAR BE GREATER THAN {value:caps}]], NOTWITHSTANDING ANY ADVANCE IN WAGES, FREIGHT, DUTIES OR THE COST OF MATERIALS WHATSOEVER."),
        ),
        percent(2, 2.5, 3, 3.5, 4, 5, 6), percent(0.25, 0.75, 1, 1.25),
    ),
    ClauseType(
        "minimum_commitment", "Minimum Commitment", ("Minimum Volume", "Minimum Commitment", "Volume Commitment"),
        (
            Wording("uk", "[[{B:cap} shall in each contract year order from {A} not less than {value}]]; volumes carried over from an earlier year do not count. Any shortfall is charged at {other} of the unit rate, after the close of that year."),
            Wording("us", "In consideration of the pricing set forth in the Schedules, [[{B} commits to purchase a minimum of {value} during each twelve-month period.]] Failure to do so shall not be a breach, but {A} may invoice the shortfall at {other} of the applicable rate."),
            Wording("us", "(a) {B:cap} shall issue rolling forecasts, which are not binding. (b) [[Regardless of forecast, annual purchases shall in no event be less than {value}.]] (c) If they are, {B} shall pay {other} of what the missing volume would have cost, as its sole liability therefor."),
            Wording("plain", "Our prices work only if there is enough to do. [[So you promise us {value} a year.]] If you order less, you pay {other} of the difference; if you order more, everybody is happy."),
            Wording("civil", "{B:cap} enters into an obligation of minimum purchase. [[The annual minimum is fixed at {value}]]; for an incomplete year it is reduced pro rata. If it is not reached for reasons for which {A} is answerable, no compensation is due."),
            Wording("old", "IN CONSIDERATION OF THE RATES HEREBY GRANTED [[{B:caps} ENGAGES TO TAKE {value:caps} AT THE LEAST IN EVERY YEAR OF THE TERM]], AND SHALL FOR ANY DEFICIENCY PAY {other:caps} OF THE SCHEDULED RATE AS DEAD FREIGHT."),
        ),
        quantity(600, 850, 1_150, 2_400, 12_000, 18_000, 40_000, 65_000), percent(40, 50, 60, 75),
    ),
    ClauseType(
        "liquidated_damages", "Liquidated Damages", ("Delay", "Liquidated Damages", "Late Performance"),
        (
            Wording("uk", "If {A} fails to perform by an agreed date [[it shall pay {B}, as liquidated damages and not as a penalty, {value} of the charges for the delayed item for each week of delay]], up to {other} of those charges in total."),
            Wording("uk", "No sum is payable for a delay that {B} caused or excused. [[Any other delay is compensated at {value} of the price of the item concerned for every week that it lasts]], and nothing else may be recovered for delay unless the delay is deliberate."),
            Wording("us", "The parties agree that damages for delay are difficult to ascertain and that in total they shall not exceed {other} of the affected order value. [[Within that limit {A} shall credit {B} with {value} of such value per full week of delay.]]"),
            Wording("plain", "Late is annoying, so late costs us something. [[For each full week that we are behind, we knock {value} off the price of whatever is late.]] The discount stops growing at {other}, by which point we should be talking anyway."),
            Wording("civil", "In the event of default of delivery [[a contractual penalty of {value} of the net order value is forfeited for each commenced week]], at most however {other} of it. The penalty is credited against damages; the right to claim it need not be reserved on acceptance."),
            Wording("old", "TIME SHALL BE OF THE ESSENCE. [[FOR EACH WEEK BY WHICH DELIVERY IS OVERDUE AN ALLOWANCE OF {value:caps} SHALL BE MADE FROM THE PRICE OF THE GOODS OR SERVICES AFFECTED]], AS AGREED DAMAGES, THE TOTAL OF SUCH ALLOWANCES NOT TO SURPASS {other:caps}."),
        ),
        percent(0.5, 0.75, 1, 1.25, 1.5, 2), percent(5, 8, 10, 15),
    ),
    ClauseType(
        "revenue_share", "Revenue/Profit Sharing", ("Revenue Share", "Sharing of Proceeds", "Commission"),
        (
            Wording("uk", "Revenue from bookings made through the shared platform is counted net of refunds, and a booking that is changed counts once. [[After the end of each quarter {A} shall pay to {B} {value} of that revenue]], with a statement of account."),
            Wording("us", "Net Receipts shall be calculated after taxes and chargebacks. [[Of such Net Receipts {B} shall be entitled to {value}]], and {A} shall retain the balance; on merchandise the split is {other}. No party shall net its own costs against Net Receipts."),
            Wording("us", "(a) \"Gross Sales\" excludes taxes, tips and cancelled orders. (b) Accounting is monthly. (c) [[{B:cap} shall receive a royalty of {value} on Gross Sales]], save for gift vouchers, on which it receives {other}. (d) No minimum royalty applies, and none shall be implied."),
            Wording("plain", "We earn money together, so we share it. [[Your part is {value} of what is left after refunds.]] For merchandise it is {other}. We send you the figures every quarter, with the money and not instead of it."),
            Wording("civil", "The Parties participate jointly in the proceeds of the platform. [[The share of {B} comes to {value} of the proceeds after deduction of tax and reimbursements]]; merchandise, for which the share is {other}, is settled separately. Vouchers are attached to every settlement."),
            Wording("old", "OF ALL MONIES RECEIVED THROUGH THE PLATFORM, FIRST DEDUCTING TAXES AND SUMS RETURNED TO GUESTS, [[THERE SHALL BE PAID OVER TO {B:caps} THE PROPORTION OF {value:caps}]], QUARTERLY IN ARREAR, AND THE RESIDUE SHALL BELONG TO {A:caps} ABSOLUTELY."),
        ),
        percent(8, 10, 12, 12.5, 15, 18, 22), percent(5, 6, 7),
    ),
    ClauseType(
        "most_favored_customer", "Most Favored Nation", ("Most Favoured Customer", "Price Parity", "Comparable Customers"),
        (
            Wording("uk", "[[If {A} charges a comparable customer a price lower than that charged to {B} by more than {value}, it shall reduce the charges to match]] with effect from the next invoice. Sales between affiliates and clearance of damaged stock are left out of the comparison."),
            Wording("uk", "(a) The auditor of {A} certifies each January what other customers have paid. (b) [[A difference of up to {value} in favour of another customer is tolerated; a greater one is not.]] (c) Of any intolerable difference {other} is refunded for the year past."),
            Wording("us", "{A:cap} represents that the rates herein are no less favorable than those extended to other customers of similar volume. [[Should another customer's rates be found more than {value} lower, {B} shall automatically receive such rates]], and a credit of {other} of the overpayment."),
            Wording("plain", "We promise not to treat you worse than the next customer. Small differences are life. [[But if somebody like you pays us over {value} less, your price comes down to theirs.]] It works only downwards; nobody's price goes up because of this."),
            Wording("civil", "{B:cap} enjoys the treatment of the most favoured purchaser. Promotional prices of short duration are disregarded. The adjustment takes place without request. [[It takes place where a third party of comparable volume is granted conditions which are better by more than {value}.]]"),
            Wording("old", "{A:caps} COVENANTS THAT IT SHALL NOT SELL TO ANY OTHER BUYER UPON TERMS MORE ADVANTAGEOUS THAN THOSE HEREIN, [[AND WHERE THE ADVANTAGE BE FOUND TO EXCEED {value:caps} THE BENEFIT THEREOF SHALL PASS FORTHWITH TO {B:caps}]], WHO NEED NOT ASK."),
        ),
        percent(1, 2, 2.5, 3, 4, 5, 7.5), percent(25, 50, 75, 80),
    ),
    ClauseType(
        "volume_restriction", "Volume Restriction", ("Maximum Volume", "Capacity", "Upper Limit of Orders"),
        (
            Wording("uk", "[[{A:cap} is not obliged to accept more than {value} in any contract year]], whatever {B} may order. Orders beyond that ceiling may be accepted at the discretion of {A} and, if accepted, do not raise the ceiling for later years."),
            Wording("uk", "Where {B} wishes to exceed the agreed maximum it shall ask in writing and shall not take silence for consent. [[The agreed maximum is {value} for each contract year]], reduced in proportion for a part year; no single week shall account for more than {other}."),
            Wording("us", "Capacity is finite. (a) No more than {other} may be called off in a single week. (b) [[Aggregate annual volume shall in no event exceed {value}.]] (c) Orders in excess of either limit may be declined without liability, in whole or in part."),
            Wording("plain", "There is a limit to what we can handle. [[Order up to {value} a year and we will cope.]] Above that we do our best but promise nothing, and in any one week {other} is where we start to look tired."),
            Wording("civil", "(1) The upper limit of the annual volume is binding on both Parties. (2) [[It stands at {value}.]] (3) Quantities not called off may not be transferred to the following year. (4) The weekly limit of {other} may be exceeded once per quarter."),
            Wording("old", "[[THE QUANTITY TO BE DELIVERED OR HANDLED HEREUNDER SHALL NOT IN ANY TWELVE MONTHS SURPASS {value:caps}]], AND {B:caps} SHALL HAVE NO CLAIM IN RESPECT OF ANY QUANTITY TENDERED BEYOND THE SAID LIMIT, HOWEVER SEASONABLE THE TENDER."),
        ),
        quantity(72_000, 84_000, 96_000, 110_000, 125_000, 140_000, 160_000), quantity(3_500, 4_200, 5_500),
    ),
]  # fmt: skip
