"""How people ask. For each fact type: (wordings for training, wordings for development and test); `{in}` names the agreement.

ASK shares words with the clauses, as the question of a lawyer, of an auditor or of a buyer in a hurry may. PLAIN shares no content word
with any wording of its clause: only the meaning leads from the question to the clause. No frame of a sentence stands in both lists.
"""

ASK = {
    "governing_law": (
        ["Which law governs {in}?", "What is the governing law of {in}?", "Under {in}, whose law applies?", "What country's law controls the interpretation of {in}?", "If {in} ends up before a judge, what law will be applied?", "Need this before the call: what law is {in} under?"],
        ["{in}: which jurisdiction's law was chosen?", "By which legal system is {in} governed?", "Please state the applicable law of {in}.", "Whose legal system did the parties pick for {in}?", "For the file: what choice of law does {in} make?"],
    ),
    "initial_term": (
        ["How long is the initial term of {in}?", "For what fixed period was {in} concluded?", "What is the duration of {in}?", "Under {in}, how long is the first term?", "How many months or years does {in} last, leaving renewals aside?", "Does {in} have an initial term, and how long is it?"],
        ["State the initial term agreed in {in}.", "Before any renewal, for how long does {in} run?", "What contract period does {in} provide for at the outset?", "{in}: length of the first contract period, please.", "If nobody extends {in}, how long does it run from its start?"],
    ),
    "renewal_term": (
        ["By what period does {in} renew?", "How long is each renewal term under {in}?", "If {in} is extended, for how long each time?", "What is the renewal term of {in}?", "When {in} renews automatically, how much time is added?", "Under {in}, how long does one extension last?"],
        ["What length of extension does {in} provide for?", "Each time {in} renews automatically, how much longer does it run?", "State the renewal period in {in}.", "{in} has just rolled over. For how long this time?", "If {in} gets extended, for what further period are we bound?"],
    ),
    "renewal_notice": (
        ["How much notice stops the renewal of {in}?", "What is the notice period for non-renewal in {in}?", "When do we have to give notice so that {in} does not renew?", "What advance notice of non-renewal does {in} require?", "If we do not want {in} renewed, how early must we say so?", "Under {in}, how long before expiry must non-renewal be declared?"],
        ["How far ahead of the end must notice be given to prevent an extension of {in}?", "State the non-renewal notice period of {in}.", "To keep {in} from renewing, how long before its end must the other side be told?", "How long before expiry must we object if we do not want {in} prolonged?", "{in}: notice needed against automatic renewal?"],
    ),
    "convenience_notice": (
        ["How much notice is needed to terminate {in} without cause?", "What notice period applies to termination for convenience under {in}?", "How much notice do we need to get out of {in} early without a reason?", "What is the notice period for an early exit from {in}?", "If nobody is in breach, how much notice ends {in}?", "Under {in}, what notice must precede termination without cause?"],
        ["With what notice may {in} be terminated for convenience?", "State the period of notice for ending {in} without giving a reason.", "We simply want to terminate {in}: what notice must we give?", "Is there an exit for convenience in {in}, and on what notice?", "{in}: notice period for termination without cause?"],
    ),
    "cure_period": (
        ["How long does a party have to remedy a material breach under {in}?", "What is the cure period in {in}?", "Within what time must a breach of {in} be cured?", "How much time to cure does {in} give a party in default?", "Under {in}, how long after notice of default may the other party terminate?", "What grace period for breaches is written into {in}?"],
        ["After notice of a material breach of {in}, how much time is there to cure it?", "State the remedy period for breaches in {in}.", "How many days may pass before an uncured breach allows termination of {in}?", "{in}: time allowed to put a material breach right?", "The other side is in breach of {in}: how long does it have to put things right?"],
    ),
    "liability_cap": (
        ["What is the cap on liability in {in}?", "To what amount is liability limited under {in}?", "What is the maximum total liability under {in}?", "How much is the general limitation of liability in {in}?", "What sum limits all claims together under {in}?", "Under {in}, how much can be recovered in total?"],
        ["State the general limit of liability in {in}.", "Up to what total sum can anyone be held liable under {in}?", "How high is the overall liability ceiling of {in}?", "{in}: total liability capped at?", "Please confirm the maximum amount of liability under {in}."],
    ),
    "payment_days": (
        ["Within how many days must invoices be paid under {in}?", "What are the payment terms of {in}?", "When is an invoice due under {in}?", "How long is the payment period in {in}?", "Under {in}, how much time is there to pay an invoice?", "How many days for payment were agreed in {in}?"],
        ["State the time for payment in {in}.", "How long may the customer take to settle a bill under {in}?", "After how many days does an invoice under {in} fall due?", "{in}: net how many days?", "An invoice under {in} arrived today; how long have we got to pay it?"],
    ),
    "late_interest": (
        ["What interest is charged on late payments under {in}?", "What is the default interest rate in {in}?", "At what rate do overdue amounts bear interest under {in}?", "How many per cent above the base rate is interest under {in}?", "Under {in}, what does a late payer owe in interest?", "What margin over the bank rate does {in} set for arrears?"],
        ["State the late charge agreed in {in}.", "How much interest is added for paying late under {in}?", "Which rate applies to amounts in arrears under {in}?", "{in}: default interest, percentage above base?", "If an invoice under {in} is paid after its due date, what percentage is added?"],
    ),
    "confidentiality_years": (
        ["How long do confidentiality duties last after {in} ends?", "For what period does secrecy survive {in}?", "After termination of {in}, how long must information stay confidential?", "What is the survival period of the confidentiality clause in {in}?", "How many years of confidentiality follow the end of {in}?", "Under {in}, how long after its end are the parties bound to secrecy?"],
        ["State how long the duty of confidence outlives {in}.", "For how many years after the end of {in} are secrets protected?", "How long does the confidentiality obligation survive {in}?", "{in}: how long is the tail on the secrecy obligation?", "Once {in} is over, how long is Confidential Information still protected?"],
    ),
    "insurance": (
        ["How much liability insurance does {in} require?", "What is the minimum insurance cover per occurrence under {in}?", "What sum must be insured under {in}?", "What amount of general liability cover does {in} call for?", "Under {in}, how high must the liability policy be?", "How big a liability policy has to be taken out for {in}?"],
        ["State the liability cover per event that {in} requires.", "For what amount per incident must insurance be carried under {in}?", "What limit must the general liability policy have under {in}?", "{in}: sum insured for third-party liability?", "Checking certificates for {in}: which liability cover should they show?"],
    ),
    "audit_notice": (
        ["How much notice is needed for an audit under {in}?", "What notice must be given before inspecting records under {in}?", "How long in advance must an audit be announced under {in}?", "What is the notice period for an inspection under {in}?", "Under {in}, how many days before an audit must it be announced?", "If we want to audit under {in}, how much notice do we give?"],
        ["State the notice period for audits in {in}.", "How early must one announce an inspection of the books under {in}?", "How much warning is due under {in} before our auditors turn up?", "{in}: advance notice for looking at the records?", "An auditor wants to see the books kept under {in}; how much notice does that take?"],
    ),
    "non_compete_months": (
        ["How long after termination does the non-compete of {in} last?", "Once {in} has ended, how long is the provider barred from competing?", "What is the post-term non-competition period in {in}?", "For how many months after {in} does the ban on competing last?", "Under {in}, how long is competing business forbidden after the end?", "What is the length of the non-compete after {in}?"],
        ["State how long competition is barred after {in}.", "When {in} is over, how long does the restriction on competing business continue?", "How long is the tail on the non-compete in {in}?", "{in}: duration of the competition ban after its end?", "How long after {in} is the provider free to work for a competitor?"],
    ),
    "no_solicit_months": (
        ["For how long after {in} may employees not be solicited?", "How long does the non-solicitation of staff last under {in}?", "What is the non-solicit period of {in}?", "How many months after {in} may neither party hire the other's employees?", "Under {in}, how long does the ban on soliciting employees continue?", "When does the no-poaching clause of {in} run out?"],
        ["State the period during which employees may not be enticed away after {in}.", "Once {in} ends, how long is hiring the other side's people off limits?", "How long does the ban on poaching in {in} run?", "{in}: length of the employee non-solicitation?", "Somebody from the other side wants to join us after {in}; for how long are we not supposed to hire them?"],
    ),
    "minimum_commitment": (
        ["What is the minimum annual volume under {in}?", "How much must be ordered each year under {in}?", "What minimum commitment does {in} contain?", "How high is the annual minimum purchase in {in}?", "Under {in}, what is the least that must be ordered in a year?", "What volume do we have to take every year under {in}?"],
        ["State the yearly minimum quantity in {in}.", "What annual volume has been promised under {in}?", "How much, at the very least, has to be bought per contract year under {in}?", "{in}: committed volume per year?", "Below what yearly volume do we pay for a shortfall under {in}?"],
    ),
    "liquidated_damages": (
        ["What are the weekly damages for delay under {in}?", "What percentage is owed per week of delay under {in}?", "How high are the liquidated damages per week in {in}?", "What rate of liquidated damages does {in} fix for delay?", "Under {in}, how much of the price is credited for a week's delay?", "How much does one week of late delivery cost under {in}?"],
        ["State the weekly rate of the delay penalty in {in}.", "What share of the price does each week of delay cost under {in}?", "At what rate do delay credits run under {in}?", "{in}: percentage per week for late performance?", "Delivery under {in} is one week late; what percentage may be deducted?"],
    ),
    "warranty_months": (
        ["How long is the warranty under {in}?", "For what period are defects covered under {in}?", "What is the warranty period of {in}?", "How many months of cover for defects does {in} give?", "Under {in}, how long does liability for defects last?", "When does the warranty given in {in} run out?"],
        ["State the duration of the warranty in {in}.", "For how long do they put defects right under {in}?", "Months of warranty in {in}, please?", "{in}: limitation period for defects?", "A defect has shown up under {in}; how long does the warranty last?"],
    ),
    "dispute_seat": (
        ["Where is the seat of arbitration under {in}?", "In which city are disputes under {in} arbitrated?", "Where does the tribunal sit under {in}?", "What is the place of arbitration in {in}?", "Under {in}, which city is the arbitral seat?", "Which city hosts an arbitration under {in}?"],
        ["State the place of arbitration agreed in {in}.", "If there is a dispute about {in}, which city is the place of arbitration?", "What city is an arbitration under {in} tied to?", "{in}: arbitral seat?", "Should {in} lead to arbitration, where would the award be made?"],
    ),
    "service_level": (
        ["What service level must be met under {in}?", "What is the minimum performance percentage in {in}?", "What service target does {in} set?", "How high is the monthly service level in {in}?", "Under {in}, what percentage of performance is required?", "What level of service was promised in {in}?"],
        ["State the monthly service level of {in}.", "In what percentage of cases must the service under {in} be right?", "{in}: service target in per cent?", "Measured monthly, what percentage has to be reached under {in}?", "Our scorecard for {in} needs the agreed service percentage; what is it?"],
    ),
    "price_increase": (
        ["By how much may prices rise each year under {in}?", "What is the cap on annual price increases in {in}?", "What is the largest yearly adjustment of charges under {in}?", "How high may a price adjustment be under {in}?", "Under {in}, by what percentage may the charges go up in a year?", "What limit on increases of the rates is there in {in}?"],
        ["State the upper limit for a price adjustment in {in}.", "How much, at most, may the rates go up per year under {in}?", "To what percentage does {in} limit the annual increase of charges?", "{in}: maximum price rise per year?", "The provider under {in} has announced higher prices; what is the biggest increase it may ask for?"],
    ),
    "force_majeure_days": (
        ["How long must force majeure last before {in} can be terminated?", "After what period of force majeure may a party terminate under {in}?", "What is the force majeure long-stop in {in}?", "After how many days of force majeure can {in} be terminated?", "Under {in}, how long must an event beyond control prevent performance before termination?", "When may {in} be ended because of force majeure?"],
        ["State how long an event beyond control must last before {in} may be ended.", "For how many days must an interruption last before termination under {in}?", "{in}: duration of force majeure that allows termination?", "Performance of {in} is suspended by an event beyond control; how long must that go on before we may withdraw?", "How long must force majeure drag on before we have the right to leave {in}?"],
    ),
    "post_termination_months": (
        ["How long must transition services be provided after {in}?", "For what period is exit assistance owed under {in}?", "How long does help with the transfer last after {in} ends?", "What is the transition period at the end of {in}?", "Under {in}, how many months of transfer assistance may be requested?", "How long does the provider support a changeover after {in}?"],
        ["State the length of post-termination assistance in {in}.", "After {in} ends, for how many months must services continue on request?", "How long is the exit period under {in}?", "{in}: duration of exit support?", "A successor takes over from {in}; for how long does the old provider have to help?"],
    ),
    "change_of_control_days": (
        ["Within what time after a change of control may {in} be terminated?", "How long is the termination right open after a change of control under {in}?", "What is the change-of-control window in {in}?", "How many days are there to terminate {in} after a change in ownership?", "Under {in}, how long after notice of a merger may one terminate?", "What period for terminating does {in} give when control changes?"],
        ["State the period for terminating {in} after its provider has changed hands.", "If the provider is sold, how long is there to end {in}?", "If there is a takeover, how long do we have to use our termination right under {in}?", "{in}: time to react to new owners?", "New shareholders at the provider: until when must we decide about leaving {in}?"],
    ),
    "revenue_share": (
        ["What share of the net revenue is paid under {in}?", "What percentage of receipts goes to the platform operator under {in}?", "How is booking revenue shared under {in}?", "Under {in}, what part of the proceeds is passed on?", "How much of the net proceeds is owed under {in}?", "What is the general revenue share in {in}?"],
        ["State the revenue share agreed in {in}.", "What part of the net receipts is owed under {in}?", "What percentage of each booking does {in} pass on?", "{in}: operator's share of the revenue?", "We are reconciling commissions for {in}; what percentage should have been paid?"],
    ),
    "most_favored_customer": (
        ["What price difference triggers the most favoured customer clause of {in}?", "By what percentage may another customer pay less before prices under {in} must be matched?", "What is the threshold for price parity in {in}?", "How much lower may a comparable customer's price be under {in}?", "Under {in}, what difference in favour of other customers is tolerated?", "How big a price advantage for others leads to a reduction under {in}?"],
        ["State the tolerated difference from other customers' prices in {in}.", "Beyond what percentage must a better price given to others be matched under {in}?", "{in}: most favoured customer threshold?", "Another customer pays less; how big must the difference be before the rates under {in} come down?", "Please confirm how far another customer's price may undercut ours under {in}."],
    ),
    "volume_restriction": (
        ["What is the maximum annual volume under {in}?", "How much, at most, may be ordered in a year under {in}?", "What upper limit of orders does {in} contain?", "Up to what yearly quantity must orders be accepted under {in}?", "Under {in}, what is the ceiling on the annual volume?", "How large is the agreed capacity per year in {in}?"],
        ["State the yearly ceiling on quantities in {in}.", "Beyond what annual volume may orders be declined under {in}?", "{in}: maximum volume per contract year?", "This year's orders under {in} are close to the limit; what is the limit?", "What is the most we can ask for per year under {in}?"],
    ),
    "exclusivity": (
        ["What does the exclusivity in {in} cover?", "What is the customer given exclusivity for under {in}?", "In respect of what do the parties deal only with each other under {in}?", "What is the object of the exclusivity clause in {in}?", "Under {in}, for what must the provider turn away others?", "How far does the exclusivity of {in} reach?"],
        ["State the scope of the exclusivity in {in}.", "To which territory or business is the exclusivity of {in} confined?", "{in}: exclusive for what?", "Sales wants to know where {in} gives us exclusivity; what is covered?", "In a few words, what does {in} reserve to one party alone?"],
    ),
    "ip_ownership": (
        ["What becomes the property of the customer under {in}?", "What are we assigned the rights to under {in}?", "What intellectual property passes to the customer under {in}?", "Under {in}, which items does the customer get title to?", "What work product does the customer own under {in}?", "Which results does {in} transfer the rights to?"],
        ["State which results belong to the customer under {in}.", "Ownership of which items is assigned by {in}?", "{in}: which items end up in the customer's ownership?", "Legal asks what the customer will own after {in}; which things are they?", "Name the work product in which {in} assigns all rights."],
    ),
    "license_scope": (
        ["For what territory is the licence in {in} granted?", "Where may the licensed materials be used under {in}?", "What is the licence territory of {in}?", "Under {in}, in what area does the right of use apply?", "How far does the licence under {in} extend geographically?", "In what region does {in} permit use of the marks and documentation?"],
        ["State the territory of the licence in {in}.", "To what area does {in} restrict the right of use?", "{in}: licensed territory?", "Marketing wants to use the licensed name; where does {in} allow it?", "Where exactly does the licence under {in} apply?"],
    ),
    "uncapped_liability": (
        ["For what specially named risk is liability unlimited under {in}?", "What does {in} carve out of its liability cap?", "Under {in}, for what does the cap not apply?", "What named case is excepted from the limits of liability in {in}?", "When is liability under {in} without a ceiling?", "What exception to the cap was negotiated in {in}?"],
        ["State the carve-out from the liability cap in {in}.", "In which case is the limitation of liability of {in} set aside?", "{in}: uncapped for what?", "Name the one cause of loss for which {in} sets no limit.", "Our insurer asks which named risk falls outside the cap in {in}; what do we tell them?"],
    ),
    "third_party_beneficiary": (
        ["Who is the third-party beneficiary of {in}?", "What company other than the parties may enforce {in}?", "Who else acquires rights under {in}?", "Under {in}, who may enforce terms without having signed?", "In whose favour, apart from the parties, does {in} have effect?", "What outsider can rely on the terms of {in}?"],
        ["State the third party that benefits from {in}.", "Which company is an intended beneficiary of {in}?", "{in}: any third-party rights, and whose?", "Name the company that can enforce {in} although it did not sign.", "Besides its two signatories, which company could sue on {in}?"],
    ),
    "data_breach_notice": (
        ["How quickly must a data breach be notified under {in}?", "Within how many hours must a personal data breach be reported under {in}?", "What is the deadline for reporting data incidents in {in}?", "Under {in}, how soon after discovery is a breach of data reported?", "How many hours does {in} allow for notice of a data breach?", "What time limit for data breach notices does {in} set?"],
        ["State the reporting time for data incidents in {in}.", "After becoming aware of a data breach, how long may a provider wait under {in}?", "{in}: hours until a data incident is reported?", "Personal data were lost under {in}; how soon was the report due?", "The privacy audit of {in} needs the notification deadline for breaches; what is it?"],
    ),
    "notice_address": (
        ["Where must notices under {in} be sent?", "What is the address for notices in {in}?", "To what address does one send a formal notice under {in}?", "Under {in}, where are notices served?", "What address was given for formal communications under {in}?", "If I have to serve notice under {in}, where does it go?"],
        ["State the address for service in {in}.", "At what address are declarations validly served under {in}?", "{in}: address for formal notices?", "A formal letter about {in} is ready to go out; what address do I put on it?", "Which address counts for notices under {in}, leaving the everyday contacts aside?"],
    ),
    "order_of_precedence": (
        ["What prevails if the documents of {in} conflict?", "Which document ranks highest under {in}?", "What is the order of precedence in {in}?", "Under {in}, what has priority in case of conflict?", "If two papers of {in} contradict each other, what should be followed?", "What controls when there is an inconsistency within {in}?"],
        ["State what takes precedence among the documents of {in}.", "To which document does {in} give the highest rank?", "{in}: what wins in a conflict?", "Two documents under {in} disagree; which one may we rely on?", "Name the document that prevails over the others in {in}."],
    ),
    "assignment_consent": (
        ["To whom may {in} be assigned without consent?", "Whom can we assign {in} to without approval?", "Who can take over {in} without the other party's consent?", "Under {in}, for which assignee is no consent needed?", "What is the exception from the ban on assignment in {in}?", "Which assignee of {in} can do without consent?"],
        ["State the permitted assignee under {in}.", "Who can take an assignment of {in} free of the consent requirement?", "{in}: assignable to whom without asking?", "We are restructuring; what kind of transferee may take over {in} freely?", "Name the transferee for whom {in} gives consent in advance."],
    ),
    "agreement_date": (
        ["On what date was {in} signed?", "What is the date of {in}?", "When was {in} concluded?", "What date does {in} bear?", "As of what date was {in} executed?", "When did the parties make {in}?"],
        ["State the agreement date of {in}.", "What day counts as the day of signature of {in}?", "{in}: date of signature?", "Going by its own wording, what is the date of {in}?", "Our contract register is missing the signing date of {in}; what is it?"],
    ),
    "effective_date": (
        ["When does {in} take effect?", "What is the effective date of {in}?", "On what date does {in} enter into force?", "From what day are the parties bound by {in}?", "When do the obligations under {in} begin?", "What start date does {in} name?"],
        ["State the date on which {in} becomes effective.", "Since what day has {in} been in force?", "{in}: commencement date?", "Leaving signature aside, what is the first day on which {in} applies?", "Until what date does nobody have to perform anything under {in}?"],
    ),
    "expiration_date": (
        ["When does {in} expire?", "What is the expiration date of {in}?", "On what date does {in} end?", "What is the last day of {in}?", "Until what date does {in} run?", "When is the term of {in} up?"],
        ["State the expiry date of {in}.", "After what day is there nothing left to perform under {in}?", "{in}: end date?", "If nobody extends {in}, what is its final day?", "We need a calendar entry for the expiration of {in}; what day is it?"],
    ),
}  # fmt: skip

PLAIN = {
    "governing_law": (
        ["Whose statute book would settle quarrels over {in}?", "Which nation's legislation stands behind {in}?", "Our trainee has to read up on {in}: which nation's legislation?"],
        ["{in}: whose statutes do I have to look up?", "Whose statutes would a barrister consult about {in}?", "Which national code sits behind {in}?"],
    ),
    "initial_term": (
        ["How long are we tied in by {in}?", "{in}: how long did they commit themselves for?", "How long a commitment did we let ourselves in for with {in}?"],
        ["How long, roughly, are both sides locked into {in} altogether?", "{in} feels endless: how long is it meant to be?", "For how long is nobody supposed to walk away from {in}?"],
    ),
    "renewal_term": (
        ["How much longer are we stuck whenever {in} keeps going?", "Nobody cancelled {in}: how long till the next chance?", "What further stint does {in} tack on?"],
        ["{in} just kept going by itself: how much did that add to our sentence?", "If we forget to cancel {in}, how long are we trapped?", "How big is each top-up of {in}?"],
    ),
    "renewal_notice": (
        ["How far beforehand must one speak up so as not to be stuck with {in} for another round?", "By when do we have to refuse more of {in}?", "How long beforehand should we cancel {in} to avoid being trapped again?"],
        ["How soon should somebody cancel so that {in} does not carry on by itself?", "Deadline for walking away at the close of {in}?", "When have we missed the chance to stay clear of one more season of {in}?"],
    ),
    "convenience_notice": (
        ["We changed our mind about {in}: how quickly can we get out?", "How soon could one walk away from {in} just like that?", "Bored with {in}: how much warning to quit?"],
        ["Fed up with {in}: what is the fastest escape?", "How fast could we drop {in} on a whim?", "How far ahead do we announce that we are bailing out of {in}?"],
    ),
    "cure_period": (
        ["Someone messed up under {in}: how long to fix it before being thrown out?", "How much grace is there for repairing a bad slip in {in}?", "They botched {in}: how long before we can kick them out?"],
        ["A terrible blunder under {in}: how long do they get to correct matters?", "How long may a culprit take to sort things out under {in}?", "How much leeway has an offender under {in} to clean up?"],
    ),
    "liability_cap": (
        ["If the whole place burns down under {in}, what is the worst bill?", "How much can we claw back from them after a disaster in {in}?", "What is the biggest cheque they could ever owe for a catastrophe under {in}?"],
        ["Worst disaster imaginable under {in}: how much cash could we get back?", "A catastrophe hits {in}: how big could the payout get?", "How deep would their pockets have to be if {in} ended in disaster?"],
    ),
    "payment_days": (
        ["How soon do suppliers expect to see the colour of our cash under {in}?", "How quickly must treasury cough up for {in}?", "How much credit do suppliers extend in {in}?"],
        ["How fast do suppliers want to see their cash under {in}?", "How long can treasury dawdle under {in}?", "How patient do creditors have to be under {in}?"],
    ),
    "late_interest": (
        ["What does it cost to be slow with the cash under {in}?", "How are laggards punished under {in}?", "We missed a deadline for paying up in {in}: how expensive does that get?"],
        ["What is the punishment for stragglers under {in}?", "Being slow to settle under {in}: how expensive is it?", "How expensive is tardiness with a debt in {in}?"],
    ),
    "confidentiality_years": (
        ["How long must they hush up afterwards under {in}?", "For how long can nobody blab once {in} is finished?", "When could someone gossip about what they saw during {in}?"],
        ["Once {in} is history, how long must lips stay sealed?", "How long before folks may talk openly about what they saw under {in}?", "How long does everybody stay mum following {in}?"],
    ),
    "insurance": (
        ["How much coverage has to be ready for injuries under {in}?", "Somebody gets hurt under {in}: how much coverage must the vendor hold?", "How much coverage against mishaps is compulsory in {in}?"],
        ["How much coverage can victims of a mishap under {in} count on?", "A visitor slips on the ice at a site run under {in}: what coverage is there for her?", "How much protection against mishaps must a vendor have under {in}?"],
    ),
    "audit_notice": (
        ["How soon can our folks turn up and check the paperwork under {in}?", "How much of a heads-up before someone goes through the files under {in}?", "We suspect padded bills in {in}: how fast can we send someone round?"],
        ["How early should controllers phone before poking around under {in}?", "Surprise visits under {in}: how long beforehand must we call?", "How quickly could a controller be knocking on their door under {in}?"],
    ),
    "non_compete_months": (
        ["How long before they can serve our enemies once {in} is finished?", "When could they help somebody else beat us, following {in}?", "How long do they stay loyal past {in}?"],
        ["{in} is finished: how soon may they switch camps?", "How long before they could defect to another outfit following {in}?", "When would the vendor be free to join the opposition once {in} finishes?"],
    ),
    "no_solicit_months": (
        ["How long are each other's staff untouchable once {in} is finished?", "When could we recruit their crew once {in} is over?", "Their best engineer is tempting: how long must we hold back once {in} is done?"],
        ["How soon could HR approach their staff now that {in} is finished?", "{in} is over: how long until their colleagues are fair game?", "{in} is dead: how soon may headhunters chase their crew?"],
    ),
    "minimum_commitment": (
        ["How much are we bound to buy, January to December, in {in}?", "How much business do we owe them, come what may, under {in}?", "How much trade was guaranteed under {in}?"],
        ["What is the floor on our buying under {in}?", "Slow season: how much do we nonetheless have to use under {in}?", "What is the smallest turnover we can get away with under {in}?"],
    ),
    "liquidated_damages": (
        ["How hard are they punished every seven days they keep us waiting under {in}?", "They missed every milestone of {in}: how much cheaper does it get?", "How expensive is tardiness for the vendor under {in}?"],
        ["Everything slipped under {in}: how much do we get back?", "How hard does {in} punish tardiness?", "What does a slipped schedule do to the vendor's invoice under {in}?"],
    ),
    "warranty_months": (
        ["How long do they fix things gratis under {in}?", "If it falls apart under {in}, until when can we complain?", "How long can we send duff stuff back under {in}?"],
        ["How long is shoddy stuff their problem under {in}?", "Until when can one send back duds under {in}?", "Something cracked under {in}: how late is too late to complain?"],
    ),
    "dispute_seat": (
        ["Where would we have to travel to fight about {in}?", "In which town would a quarrel over {in} end up?", "Where would both sides slug it out over {in}?"],
        ["Where do barristers book hotels if {in} ends in a fight?", "Which town hosts the showdown over {in}?", "We have fallen out over {in}: where do we fly to?"],
    ),
    "service_level": (
        ["How good does the vendor have to be under {in}?", "How near to faultless does the vendor have to be under {in}?", "What batting average are they held to in {in}?"],
        ["What success ratio did the vendor sign up to in {in}?", "How reliable must the vendor prove to be under {in}?", "How close to perfect do they need to be in {in}?"],
    ),
    "price_increase": (
        ["How much more can they squeeze out of us every spring under {in}?", "What is the steepest hike allowed by {in}?", "How badly could inflation hit us under {in}?"],
        ["How much more expensive could things become from Christmas to Christmas under {in}?", "How steep a hike can they push through under {in}?", "Budgeting for {in}: what is the worst hike?"],
    ),
    "force_majeure_days": (
        ["How long must a hurricane rage before one can quit {in}?", "The harbour froze: how long until somebody can pull out of {in}?", "A landslide shuts everything: when can we walk out of {in}?"],
        ["An earthquake halts everything: how long until we are rid of {in}?", "How long do floods have to rage before anybody can leave {in}?", "Volcanic ash over the airport: when could we drop {in}?"],
    ),
    "post_termination_months": (
        ["How long do they babysit us once {in} is over?", "{in} is finished: how long until we are alone?", "How long will they stay around to ease the handover once {in} is done?"],
        ["How drawn out is the goodbye under {in}?", "We are switching vendors: how long must the outgoing one stick around under {in}?", "How long can we lean on them while leaving {in}?"],
    ),
    "change_of_control_days": (
        ["A rival took over our vendor: how long to get out of {in}?", "Their founder cashed out: how quickly must we react under {in}?", "How long do we have to quit {in} if a stranger takes them over?"],
        ["Our vendor was swallowed by a giant: how soon does our chance to quit {in} vanish?", "How long to think it over if the vendor behind {in} is taken over?", "A private equity fund grabbed them: how fast must we walk away from {in}?"],
    ),
    "revenue_share": (
        ["What cut do we get under {in}?", "How big is our slice of the pie in {in}?", "How are the takings divided in {in}?"],
        ["What slice of the takings is ours under {in}?", "How much of the cake lands on our plate in {in}?", "For every hundred dollars earned with {in}, how many are ours?"],
    ),
    "most_favored_customer": (
        ["How much cheaper can our rivals get it before {in} kicks in?", "How big a bargain can the neighbours get before ours improves under {in}?", "Somebody else got a bargain: how big must it be to help us under {in}?"],
        ["The neighbours got a cheaper offer: how big a gap before {in} helps us?", "How wide may the gap to a rival's bargain get under {in}?", "What gap in cost versus rivals is still okay under {in}?"],
    ),
    "volume_restriction": (
        ["How much can we throw at them before they refuse under {in}?", "What is the biggest load they must put up with under {in}?", "When would they be entitled to say stop, busy as they are, under {in}?"],
        ["How busy can we keep them under {in}?", "Record season: at what point would they begin refusing stuff under {in}?", "At what load are they entitled to shut the door under {in}?"],
    ),
    "exclusivity": (
        ["Where are rivals kept out by {in}?", "What patch is ours, and ours only, under {in}?", "What monopoly did we get out of {in}?"],
        ["What turf does {in} fence off?", "Which niche has {in} closed to rivals?", "What monopoly does {in} create?"],
    ),
    "ip_ownership": (
        ["What can we walk off with when {in} is finished?", "Which stuff may we call our own following {in}?", "What is ours for good thanks to {in}?"],
        ["What stuff do we get to hang on to after {in}?", "Which fruits of {in} fall into our lap?", "What could we resell from {in} with no questions asked?"],
    ),
    "license_scope": (
        ["In what part of the world can we show their logo thanks to {in}?", "Where on the map does {in} let us put their brand to work?", "Which part of the map did they open up to us in {in}?"],
        ["On which part of the globe does {in} let us have their know-how?", "Which corner of the world did {in} hand us for their brand?", "How far may we travel with their know-how under {in}?"],
    ),
    "data_breach_notice": (
        ["Hackers got in: how fast must they phone us under {in}?", "A laptop vanished: how quickly do we learn of it under {in}?", "How soon would we find out about hackers under {in}?"],
        ["How long could they keep a hack from us under {in}?", "Customer files turned up online: how fast did the vendor have to own up under {in}?", "How promptly must they confess to a hack under {in}?"],
    ),
    "expiration_date": (
        ["When is {in} finished?", "When do we have to be looking for a replacement for {in}?", "Till when can we count on {in}?"],
        ["When does the curtain fall on {in}?", "From when on will we be without {in}?", "How far into the future does {in} reach?"],
    ),
}  # fmt: skip
