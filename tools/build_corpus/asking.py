"""How people ask. For each fact type: (wordings for training, wordings for development and test); `{in}` names the agreement.

ASK shares words with the clauses, as a lawyer's or an auditor's question does. PLAIN shares no content word with them, as a
hurried buyer's question does.
"""

ASK = {
    "governing_law": (
        ["Which law governs {in}?", "What is the governing law of {in}?", "Under {in}, whose law applies?"],
        ["{in}: which jurisdiction's law was chosen?", "By which legal system is {in} governed?", "Please state the applicable law of {in}."],
    ),
    "initial_term": (
        ["How long is the initial term of {in}?", "For what fixed period was {in} concluded?", "What is the duration of {in}?"],
        ["State the initial term agreed in {in}.", "For how long does {in} run before any renewal?", "What contract period does {in} provide for at the outset?"],
    ),
    "renewal_term": (
        ["By what period does {in} renew?", "How long is each renewal term under {in}?", "If {in} is extended, for how long each time?"],
        ["What is the length of an extension under {in}?", "Each automatic renewal of {in} lasts how long?", "State the renewal period in {in}."],
    ),
    "renewal_notice": (
        ["How much notice stops the renewal of {in}?", "What is the notice period for non-renewal in {in}?", "When must one give notice so that {in} does not renew?"],
        ["How far ahead of the end must notice be given to prevent an extension of {in}?", "State the non-renewal notice period of {in}.", "To keep {in} from renewing, how long before expiry must the other side be told?"],
    ),
    "convenience_notice": (
        ["How much notice is needed to terminate {in} without cause?", "What notice period applies to termination for convenience under {in}?", "Ending {in} early without a reason takes how much notice?"],
        ["With what notice may {in} be terminated for convenience?", "State the period of notice for ending {in} without giving a reason.", "If we simply want to terminate {in}, what notice must we give?"],
    ),
    "cure_period": (
        ["How long does a party have to remedy a material breach under {in}?", "What is the cure period in {in}?", "Within what time must a breach of {in} be cured?"],
        ["After notice of a material breach of {in}, how much time is there to cure it?", "State the remedy period for breaches in {in}.", "How many days may pass before an uncured breach allows termination of {in}?"],
    ),
    "liability_cap": (
        ["What is the cap on liability in {in}?", "To what amount is liability limited under {in}?", "What is the maximum total liability under {in}?"],
        ["State the general limit of liability in {in}.", "Up to which sum is a party liable in total under {in}?", "How high is the overall liability ceiling of {in}?"],
    ),
    "payment_days": (
        ["Within how many days must invoices be paid under {in}?", "What are the payment terms of {in}?", "When is an invoice due under {in}?"],
        ["State the time for payment in {in}.", "How long may the customer take to settle a bill under {in}?", "After how many days does an invoice under {in} fall due?"],
    ),
    "late_interest": (
        ["What interest is charged on late payments under {in}?", "What is the default interest rate in {in}?", "At which rate do overdue sums bear interest under {in}?"],
        ["State the late charge agreed in {in}.", "How much is added for paying late under {in}?", "Which rate applies to amounts in arrears under {in}?"],
    ),
    "confidentiality_years": (
        ["How long do confidentiality duties last after {in} ends?", "For what period does secrecy survive {in}?", "After termination of {in}, how long must information stay confidential?"],
        ["State how long the duty of confidence outlives {in}.", "For how many years after the end of {in} are secrets protected?", "How long does the confidentiality obligation survive {in}?"],
    ),
    "insurance": (
        ["How much liability insurance does {in} require?", "What is the minimum insurance cover per occurrence under {in}?", "What sum must be insured under {in}?"],
        ["State the liability cover per event demanded by {in}.", "For which amount per incident must insurance be carried under {in}?", "What limit must the general liability policy have under {in}?"],
    ),
    "audit_notice": (
        ["How much notice is needed for an audit under {in}?", "What notice must be given before inspecting records under {in}?", "How long in advance must an audit be announced under {in}?"],
        ["State the notice period for audits in {in}.", "How early must one announce an inspection of the books under {in}?", "Before auditors may come under {in}, how much warning is due?"],
    ),
    "non_compete_months": (
        ["How long after termination does the non-compete of {in} last?", "For how long may one not compete once {in} has ended?", "What is the post-term non-competition period in {in}?"],
        ["State how long competition is barred after {in}.", "When {in} is over, how long does the restriction on competing business continue?", "What is the tail of the non-compete in {in}?"],
    ),
    "no_solicit_months": (
        ["For how long after {in} may employees not be solicited?", "How long does the non-solicitation of staff last under {in}?", "What is the non-solicit period of {in}?"],
        ["State the period during which employees may not be enticed away after {in}.", "Once {in} ends, how long is hiring the other side's people off limits?", "How long does the ban on poaching in {in} run?"],
    ),
    "minimum_commitment": (
        ["What is the minimum annual volume under {in}?", "How much must be ordered each year under {in}?", "What minimum commitment does {in} contain?"],
        ["State the yearly minimum quantity in {in}.", "Which annual volume has been promised under {in}?", "How much has to be bought per contract year under {in}?"],
    ),
    "liquidated_damages": (
        ["What are the weekly damages for delay under {in}?", "What percentage is owed per week of delay under {in}?", "How high are the liquidated damages per week in {in}?"],
        ["State the weekly rate of the delay penalty in {in}.", "Each week of delay under {in} costs what share of the price?", "At what rate do delay credits run under {in}?"],
    ),
    "warranty_months": (
        ["How long is the warranty under {in}?", "Within what period must defects be notified under {in}?", "What is the warranty period of {in}?"],
        ["State the duration of the warranty in {in}.", "For how long are defects put right under {in}?", "How many months of warranty does {in} give?"],
    ),
    "dispute_seat": (
        ["Where is the seat of arbitration under {in}?", "In which city are disputes under {in} arbitrated?", "Where does the tribunal sit under {in}?"],
        ["State the place of arbitration agreed in {in}.", "A dispute about {in} goes to arbitrators in which city?", "Which city was chosen as arbitral seat in {in}?"],
    ),
    "service_level": (
        ["What service level must be met under {in}?", "What is the minimum performance percentage in {in}?", "Which service target does {in} set?"],
        ["State the monthly service level of {in}.", "What percentage of cases must be performed properly under {in}?", "How high is the service target in {in}?"],
    ),
    "price_increase": (
        ["By how much may prices rise each year under {in}?", "What is the cap on annual price increases in {in}?", "What is the largest yearly adjustment of charges under {in}?"],
        ["State the upper limit for a price adjustment in {in}.", "At most how much may the rates go up per year under {in}?", "How is the annual increase of charges limited in {in}?"],
    ),
    "force_majeure_days": (
        ["How long must force majeure last before {in} can be terminated?", "After what period of force majeure may a party terminate under {in}?", "What is the force majeure long-stop in {in}?"],
        ["State how long an event beyond control must continue before one may end {in}.", "For how many days must an interruption last before termination under {in}?", "When does prolonged force majeure open the way out of {in}?"],
    ),
    "post_termination_months": (
        ["How long must transition services be provided after {in}?", "For what period is exit assistance owed under {in}?", "How long does help with the transfer last after {in} ends?"],
        ["State the length of post-termination assistance in {in}.", "After {in} ends, for how many months must services continue on request?", "How long is the exit period under {in}?"],
    ),
    "change_of_control_days": (
        ["Within what time after a change of control may {in} be terminated?", "How long is the termination right open after a change of control under {in}?", "What is the change-of-control window in {in}?"],
        ["State the period for terminating {in} after a change in ownership.", "If the provider is sold, how long is there to end {in}?", "How many days does the special termination right last when control changes under {in}?"],
    ),
    "revenue_share": (
        ["What share of the net revenue is paid under {in}?", "What percentage of receipts goes to the platform operator under {in}?", "How is booking revenue shared under {in}?"],
        ["State the revenue share agreed in {in}.", "Which part of net receipts is owed under {in}?", "What percentage of bookings does {in} pass on?"],
    ),
}  # fmt: skip

PLAIN = {
    "initial_term": (
        ["How long are we tied in by {in}?", "{in}: how long did they commit themselves for?"],
        ["How long are both sides locked into {in}?", "{in}: until it is up, how much time altogether?"],
    ),
    "renewal_notice": (
        ["How early must one speak up so as not to be stuck with {in} for another round?", "By when do we have to say no to more of {in}?"],
        ["How early should somebody cancel so that {in} does not carry on by itself?", "Deadline for walking away at the close of {in}?"],
    ),
    "convenience_notice": (
        ["We changed our mind about {in}: how quickly can we get out?", "How soon could one walk away from {in} just like that?"],
        ["Fed up with {in}: what is the fastest exit?", "How fast could we drop {in} on a whim?"],
    ),
    "cure_period": (
        ["Someone messed up under {in}: how long to fix it before being thrown out?", "How much grace is there for repairing a serious slip in {in}?"],
        ["A bad blunder under {in}: how long do they get to mend matters?", "How long may a culprit take to sort things out under {in}?"],
    ),
    "liability_cap": (
        ["If everything burns down under {in}, what is the worst bill?", "How much can be claimed from them at most in {in}?"],
        ["Worst case under {in}: how much money could we recover?", "What is the most one could ever get out of them under {in}?"],
    ),
    "payment_days": (
        ["How soon does the money have to arrive under {in}?", "How quickly must finance transfer the cash for {in}?"],
        ["How fast must accounts settle up under {in}?", "How long can treasury sit on the money under {in}?"],
    ),
    "confidentiality_years": (
        ["How long must they keep quiet afterwards under {in}?", "For how long can nobody blab once {in} is finished?"],
        ["Once {in} is history, how long must lips stay sealed?", "How long before people may talk about what they saw under {in}?"],
    ),
    "audit_notice": (
        ["How soon can our people turn up and check the paperwork under {in}?", "How much of a heads-up before someone goes through the files under {in}?"],
        ["How early should controllers phone before poking around under {in}?", "Surprise visits under {in}: how long beforehand must we call?"],
    ),
    "no_solicit_months": (
        ["How long are each other's staff untouchable after {in}?", "When could we recruit their crew once {in} is over?"],
        ["How soon could HR approach their team after {in}?", "How long until their colleagues are fair game following {in}?"],
    ),
    "warranty_months": (
        ["How long do they fix things for free under {in}?", "If it falls apart under {in}, until when can we complain?"],
        ["How long is shoddy work their problem under {in}?", "Until when can one send back duds under {in}?"],
    ),
    "dispute_seat": (
        ["Where would we have to travel to fight about {in}?", "In which town would a quarrel over {in} end up?"],
        ["Where do lawyers book hotels if {in} ends in a fight?", "Which town hosts the showdown over {in}?"],
    ),
    "force_majeure_days": (
        ["How long must a hurricane last before one can quit {in}?", "The harbour froze: how long until somebody can pull out of {in}?"],
        ["An earthquake halts everything: how long until we are free of {in}?", "How long do floods have to last before anybody can leave {in}?"],
    ),
    "late_interest": (
        ["What does it cost to be slow with the money under {in}?", "How are slow payers punished under {in}?"],
        ["What is the punishment for stragglers with money under {in}?", "Being slow to settle under {in}: how expensive is it?"],
    ),
    "price_increase": (
        ["How much dearer can it get every twelve months under {in}?", "What is the steepest hike allowed by {in}?"],
        ["How much more expensive could things become from one January to the next under {in}?", "How steep a hike can they push through under {in}?"],
    ),
}  # fmt: skip
