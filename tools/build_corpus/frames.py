"""More ways of asking: the frames of questions that no single fact type has. Each entry: (wordings for training, for development and test)."""

PRICE = (
    ["What is the price of item {in}?", "How much is charged for {in}?", "Please confirm the rate of price list code {in}.", "{in}: what does it cost?", "Look up {in} and tell me the unit price.", "What rate does the schedule give for {in}?"],
    ["What do we pay for {in}?", "Give me the unit price booked under {in}.", "Which amount does the price list show against {in}?", "What does code {in} stand at?", "Somebody invoiced {in}: what should one of them cost?"],
)  # fmt: skip
ORDER_FORMAT = (
    ["Which ledger account do orders under {in} go to?", "What account number is printed for orders under {in}?", "To which ledger account is {in} booked?"],
    ["Orders citing {in}: what is the ledger account?", "Where in the ledger does {in} belong?", "Account code for {in}, please."],
)  # fmt: skip
COMPARE = {  # (the larger, the smaller); {what} is the fact, {in} the agreements
    "long": (
        ["What is the longest of the periods for {what} in {in}?", "Compare {what} in {in}: how long is the longest?", "Of {in}, which period is the longest when it comes to {what}; state it.", "{in}: side by side, how long is the longest period for {what}?", "Set {what} of {in} against each other and give the longest period."],
        ["How long is the most generous period for {what}: {in}?", "Looking at {what} in {in}, what does the longest one come to?", "Among {in}, the most time for {what} is how much?", "Line up {in}: what is the greatest length given to {what}?", "Which length is the maximum for {what}, across {in}?"],
    ),
    "short": (
        ["What is the shortest of the periods for {what} in {in}?", "Compare {what} in {in}: how short is the shortest?", "{in}: how long is the strictest of them about {what}?", "Put {what} side by side for {in} and give the shortest period.", "Of {in}, the least time for {what} is how much?"],
        ["How long is the least generous period for {what}: {in}?", "Looking at {what} in {in}, what does the shortest one come to?", "Among {in}, who is in the greatest hurry about {what}, with which period?", "Line up {in}: what is the smallest length given to {what}?", "Which length is the minimum for {what}, across {in}?"],
    ),
    "high": (
        ["What is the highest figure for {what} in {in}?", "Compare {what} in {in}: what is the highest?", "Put {what} side by side for {in} and give the top figure.", "{in}: which of them goes furthest on {what}, and how far?", "Of {in}, the largest {what} is how much?"],
        ["How high is the largest {what}: {in}?", "Looking at {what} in {in}, what does the biggest one come to?", "Among {in}, what is the peak for {what}?", "Line up {in}: what is the greatest {what}?", "Which figure is the maximum for {what}, across {in}?"],
    ),
    "low": (
        ["What is the lowest figure for {what} in {in}?", "Compare {what} in {in}: what is the lowest?", "Put {what} side by side for {in} and give the bottom figure.", "{in}: which of them is the most modest on {what}, and with what figure?", "Of {in}, the smallest {what} is how much?"],
        ["How low is the smallest {what}: {in}?", "Looking at {what} in {in}, what does the least one come to?", "Among {in}, what is the floor for {what}?", "Line up {in}: what is the least {what}?", "Which figure is the minimum for {what}, across {in}?"],
    ),
}  # fmt: skip
WHAT = {  # how a comparison or a conflict names a fact
    "payment_days": "the time for payment", "cure_period": "the time to remedy a breach", "renewal_notice": "the notice against renewal", "confidentiality_years": "secrecy after the end",
    "force_majeure_days": "the force majeure wait before one may terminate", "warranty_months": "the warranty", "audit_notice": "the notice of an audit", "convenience_notice": "notice without cause",
    "renewal_term": "each renewal", "initial_term": "the initial term", "no_solicit_months": "the ban on soliciting staff", "change_of_control_days": "termination after a change of control",
    "post_termination_months": "help after the end", "liability_cap": "the liability cap", "insurance": "required insurance", "late_interest": "late-payment interest", "price_increase": "the yearly price increase",
    "service_level": "the service level", "liquidated_damages": "weekly damages for delay", "exclusivity": "exclusivity", "data_breach_notice": "the report of a data breach",
}  # fmt: skip
COUNT_LAW = (
    ["How many of {who}'s contracts (statements of work, letters and amendments aside) are governed by {law}?", "Count the stand-alone agreements of {who} that chose {law}.", "{who}: in how many of its agreements does {law} apply?", "Among the agreements of {who}, guarantees and secrecy agreements included, how many are under {law}?", "To how many contracts of {who} does {law} apply, orders not counted?"],
    ["{law} governs how many of the agreements that {who} has signed (orders, letters and amendments not counted)?", "Under how many contracts of {who} would a judge apply {law}, orders aside?", "Of all agreements of {who}, what number is subject to {law}?", "Give the number of {who}'s own contracts with {law} as their law.", "In how many contracts, orders aside, did {who} accept {law}?"],
)  # fmt: skip
COUNT_SEAT = (
    ["How many agreements of {who} send disputes to arbitration in {law}?", "In how many contracts of {who} is {law} the seat of arbitration?", "Count {who}'s agreements with an arbitral seat in {law}."],
    ["{law} is the place of arbitration in how many of {who}'s agreements?", "In how many contracts did {who} agree on {law} for its arbitrators?", "Number of contracts in which {who} would arbitrate in {law}?"],
)  # fmt: skip
COUNT_TERM = (
    ["How many master agreements of {who} contain {law}?", "In how many of its main agreements has {who} agreed {law}?", "Count the master agreements of {who} that have {law}.", "{who}: how many of its framework contracts provide for {law}?"],
    ["{law}: how many of the main contracts of {who} have it?", "Of the principal agreements of {who}, what number includes {law}?", "In how many of the master agreements of {who} does one find {law}?", "Give the number of {who}'s framework agreements with {law}."],
)  # fmt: skip
COUNT_HUNG = (
    ["How many {law} are there to {in}?", "Count the {law} under {in}.", "{in}: what is the number of its {law}?", "How many {law} have been signed under {in}?"],
    ["What number of {law} hangs on {in}?", "Tell me how many {law} followed {in}.", "To {in} there belong how many {law}?", "How many times were {law} added to {in}?"],
)  # fmt: skip
COUNT_ITEMS = (
    ["How many items are on the price list of {in}?", "Count the lines of the price list in {in}.", "{in}: how many different items does its price list offer?", "How long is the price list of {in}, in items?"],
    ["What number of items does {in} price?", "How many codes does the schedule of prices in {in} hold?", "Into how many priced items is {in} divided?", "Tell me how many things have a price in {in}."],
)  # fmt: skip
COUNT_DEAR = (
    ["How many items of the price list in {in} cost more than {law}?", "Count the items in {in} that are dearer than {law}.", "{in}: how many prices are above {law}?", "In the price list of {in}, how many lines exceed {law}?"],
    ["What number of items in {in} is priced over {law}?", "How many rates in {in} lie above {law}?", "For {in}, tell me how many unit prices go beyond {law}.", "Of the prices in {in}, how many are higher than {law}?"],
)  # fmt: skip
TERMS = {  # how an aggregate names a kind of clause
    "non_compete_months": "a non-compete", "no_solicit_months": "a ban on soliciting employees", "minimum_commitment": "a minimum purchase commitment", "liquidated_damages": "liquidated damages for delay",
    "exclusivity": "an exclusivity clause", "most_favored_customer": "a most favoured customer clause", "volume_restriction": "a ceiling on volumes", "ip_ownership": "an assignment of intellectual property",
    "license_scope": "a licence limited to a territory", "uncapped_liability": "an exception from the liability cap", "third_party_beneficiary": "rights for a third party", "data_breach_notice": "a deadline for reporting data breaches",
    "service_level": "a service level", "audit_notice": "audit rights", "change_of_control_days": "a change-of-control right", "post_termination_months": "exit assistance", "convenience_notice": "termination for convenience",
    "insurance": "an insurance requirement", "late_interest": "interest on late payments", "price_increase": "a limit on price increases", "warranty_months": "a warranty period", "revenue_share": "a share of revenue",
}  # fmt: skip
EXTREME = {
    "long": (["Over all agreements of {who}: what is the longest period for {what}?", "What is the longest {who} has agreed to for {what}, in any of its agreements?", "Go through the contracts of {who} and give the longest period for {what}."], ["Taking every contract of {who} together, how long is the longest period for {what}?", "Across the agreements {who} has signed, the maximum for {what} is what period?", "In the whole file of {who}, which period for {what} is the longest?"]),
    "short": (["Over all agreements of {who}: what is the shortest period for {what}?", "What is the shortest {who} has agreed to for {what}, in any of its agreements?", "Go through the contracts of {who} and give the shortest period for {what}."], ["Taking every contract of {who} together, how long is the shortest period for {what}?", "Across the agreements {who} has signed, the minimum for {what} is what period?", "In the whole file of {who}, which period for {what} is the shortest?"]),
}  # fmt: skip
NOW = (
    ["As things stand after the amendments: {ask}", "Taking all amendments into account, {ask}", "Today, not as first signed: {ask}", "Bearing in mind what was signed later: {ask}", "With every amendment read in, {ask}"],
    ["What applies now? {ask}", "Under the terms currently in force, {ask}", "After everything that was agreed later, {ask}", "The latest position, please: {ask}", "Leaving aside what has been replaced, {ask}"],
)  # fmt: skip
WHO_NOW = (
    ["{in} was signed by {old}: by what name does that party to it go today?", "Who has taken the place of {old} in {in}?", "{old} signed {in}. Which company name stands there now?", "Under which company name does {old} appear in {in} today?"],
    ["{in}: {old} is out of date; what is the present name of that side?", "Whom do we invoice now under {in}, where it says {old}?", "Which company now stands where {old} stood in {in}?", "For {in}, what is the present name behind {old}?"],
)  # fmt: skip
CONFLICT_APPLIES = (
    ["{In} and its side letter differ about {what}. Which figure or object is to be followed?", "Side letter and master say different things about {what} in {in}. What applies?", "On {what}, {in} is contradicted by a letter: which statement counts?", "What governs {what} in {in}, given that the side letter departs from it?", "{what}: what is binding under {in}, considering the letter signed afterwards?"],
    ["There is a side letter to {in} that contradicts it on {what}. What do we go by?", "Master against letter: what holds for {what} under {in}?", "{In} says one thing about {what} and the side letter another. Which statement wins?", "Between {in} and its letter, what is the rule on {what}?", "Reading {in} with the side letter: what is the valid term on {what}?"],
)  # fmt: skip
CONFLICT_LETTER = (
    ["Contrary to {in}, what does the side letter say about {what}?", "What does the side letter to {in} put in place of the master's term on {what}?", "The letter that came with {in} departs from it on {what}: what does it say?", "{what}: state what the side letter to {in} gives, where it contradicts the master."],
    ["In the letter beside {in}, how does {what} read, unlike in the master?", "Where the side letter to {in} is at odds with it on {what}, what does the letter name?", "Quote the side letter's version of {what} for {in}; the master disagrees.", "{In} has a letter that contradicts it on {what}: what stands in the letter?"],
)  # fmt: skip
CONFLICT_MASTER = (
    ["What does {in} itself say about {what}, which its side letter contradicts?", "Leaving the contradictory side letter aside, what does {in} provide on {what}?", "Before the side letter contradicted it: {what} under {in}?", "{what}: what did the master say in {in}, against the letter?"],
    ["{In} proper, not the letter that disagrees: how does {what} read?", "Whatever the side letter says: what stands in {in} on {what}?", "On {what} the letter disagrees with {in}; what is the master's version?", "Quote the master's version of {what} in {in}; the letter has another."],
)  # fmt: skip
CONFLICT_WORDS = (
    ["In {in} the words and the figures on {what} disagree. Which period counts?", "{what} in {in}: words say one thing and figures another; what applies?", "The number for {what} in {in} is written in two ways that differ. Which one holds?"],
    ["{In} writes {what} twice, once in words and once in figures, and not alike. What is it in the end?", "Words against figures on {what} in {in}: what is the valid period?", "Two numbers stand in one clause of {in} about {what}. Which is right?"],
)  # fmt: skip
MORE = {  # fact types that only the shorter documents state
    "guarantee_cap": (["Up to what amount does {in} go?", "What is the most that can be claimed under {in}?", "How much is the guarantor liable for under {in}?", "What is the limit of {in}?", "State the maximum of {in}."], ["What total does {in} cover?", "How high is the ceiling of {in}?", "To what sum is {in} restricted?", "What amount caps {in}?", "Name the highest amount payable under {in}."]),
    "guarantee_expiry": (["When does {in} expire?", "Until what day can demands be made under {in}?", "What is the last day of {in}?", "On which date does {in} end?", "How long does {in} stay open; give the date."], ["After which date is {in} worthless?", "By what day must we have claimed under {in}?", "What is the end date of {in}?", "State the expiry date of {in}.", "To what date does {in} run?"]),
    "demand_days": (["How soon after a demand is payment due under {in}?", "Within what time is a demand honoured under {in}?", "How many days has the guarantor to pay under {in}?", "What is the payment period after a demand under {in}?", "How fast must the guarantor pay under {in}?"], ["If we call on {in}, how long until the money comes?", "State the time for payment on demand in {in}.", "After we write a demand under {in}, when do we get paid?", "How long may the guarantor take to pay under {in}?", "What time does {in} leave for paying?"]),
    "assignment_date": (["From what date does {in} take effect?", "When is the contract transferred by {in}?", "What is the transfer date in {in}?", "On which day does the assignee take over under {in}?", "State the effective day of {in}."], ["As of when has {in} moved the contract?", "Which date marks the change of party in {in}?", "When does the new party step in under {in}?", "What day is the handover by {in}?", "Give the date on which {in} operates."]),
    "termination_date": (["On what date does the agreement end according to {in}?", "When is the last day after {in}?", "{in}: which end date does it name?", "To what date was notice given by {in}?", "From {in}, when is everything over?"], ["What end date follows from {in}?", "According to {in}, until when does the agreement run?", "By {in}, which day is the final one?", "State the date of termination in {in}.", "{in} ends the agreement when?"]),
    "handover_contact": (["Who is the contact for the handover in {in}?", "Whom does {in} name for the handover?", "Which person deals with the handover after {in}?"], ["To whom do we turn about the handover, says {in}?", "Name the handover contact of {in}.", "Who looks after the handover, according to {in}?"]),
}  # fmt: skip
SUMMARY = {  # focus -> (fact types in the order of a term sheet, wordings)
    "key terms": (
        "governing_law agreement_date effective_date initial_term expiration_date renewal_term renewal_notice payment_days liability_cap cure_period confidentiality_years dispute_seat",
        ["List the key terms of {in}.", "Give me the main terms of {in} as a short list.", "Draw up a one-page term sheet of {in}."], ["What are the most important terms of {in}? One line each.", "Boil {in} down to its essential terms.", "I have one minute: the key facts of {in}, please."],
    ),
    "money": (
        "payment_days late_interest price_increase minimum_commitment volume_restriction liquidated_damages revenue_share most_favored_customer service_level warranty_months liability_cap insurance",
        ["List the commercial terms of {in}.", "Summarise what {in} says about money, volume and performance.", "For the buyer: the commercial facts of {in}."], ["What should purchasing know about {in}? One line for each term.", "Sum up the commercial side of {in}.", "Prices, volumes, performance: the facts of {in}, please."],
    ),
    "risk": (
        "liability_cap uncapped_liability insurance force_majeure_days liquidated_damages warranty_months data_breach_notice change_of_control_days audit_notice governing_law dispute_seat cure_period",
        ["List the risk terms of {in}.", "Summarise liability, insurance and disputes under {in}.", "For the risk committee: the facts of {in}."], ["What can go wrong under {in}, and what is agreed for it? One line each.", "Sum up {in} for the insurer.", "Liability and disputes under {in}, in short lines."],
    ),
    "exit": (
        "effective_date initial_term expiration_date renewal_term renewal_notice convenience_notice cure_period change_of_control_days force_majeure_days post_termination_months confidentiality_years",
        ["List the terms on duration and exit of {in}.", "Summarise how long {in} lasts and how it ends.", "How does one get into and out of {in}? A list."], ["When and how does {in} end? One line for each way.", "Sum up duration, renewal and exit of {in}.", "The life of {in}, from start to end, in short lines."],
    ),
    "conduct": (
        "audit_notice no_solicit_months non_compete_months exclusivity ip_ownership license_scope confidentiality_years data_breach_notice assignment_consent third_party_beneficiary order_of_precedence notice_address insurance",
        ["List the duties of conduct and the rights under {in}.", "Summarise what the parties of {in} may and may not do.", "For compliance: the duties in {in}."], ["What must our people watch when they work under {in}? One line each.", "Sum up rights, secrets and restrictions in {in}.", "The house rules of {in}, in short lines."],
    ),
}  # fmt: skip
LABEL = {  # the name of a fact in a term sheet
    "initial_term": "Initial term", "expiration_date": "Expiration date", "data_breach_notice": "Data breach notice", "cure_period": "Cure period", "dispute_seat": "Arbitral seat",
    "price_increase": "Price increase limit", "assignment_consent": "Assignment without consent to", "ip_ownership": "Ip assigned", "notice_address": "Notices to",
}  # fmt: skip
