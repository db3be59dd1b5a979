"""More ways of asking: the frames of questions that no single fact type has. Each entry: (wordings for training, for development and test)."""

PRICE = (
    ["What is the price of item {in}?", "How much is charged for {in}?", "Please confirm the rate of price list code {in}.", "{in}: what does it cost?", "Look up {in} and tell me the unit price.", "What rate does the schedule give for {in}?"],
    ["What do we pay for {in}?", "Give me the unit price booked under {in}.", "What amount does the price list show against {in}?", "What is code {in} priced at?", "Somebody invoiced us for {in}: what should the unit price be?"],
)  # fmt: skip
ORDER_FORMAT = (
    ["Which ledger account do orders under {in} go to?", "What account number is printed for orders under {in}?", "To which ledger account is {in} booked?"],
    ["Orders citing {in}: what is the ledger account?", "Where in the ledger does {in} belong?", "Account code for {in}, please."],
)  # fmt: skip
COMPARE = {  # (the larger, the smaller); {what} is the fact, {in} the agreements
    "long": (
        ["What is the longest {what} in {in}?", "Compare the {what} in {in}: how long is the longest?", "Of {in}, which has the longest {what}, and how long is it?", "{in}: I need the longest {what}; how long is it?", "Set the {what} in {in} side by side and give me the longest."],
        ["Between {in}, how long is the longest {what}?", "I have {in} on my desk. How long is the longest {what} among them?", "Among {in}, what does the longest {what} come to?", "Line up {in} for me: how long is the {what} at its longest?", "What is the maximum {what} across {in}?"],
    ),
    "short": (
        ["What is the shortest {what} in {in}?", "Compare the {what} in {in}: how long is the shortest?", "{in}: I need the shortest {what}; how long is it?", "Put the {what} in {in} side by side and give me the shortest.", "Of {in}, which has the shortest {what}, and how long is it?"],
        ["Between {in}, how long is the shortest {what}?", "I have {in} on my desk. How long is the shortest {what} among them?", "Among {in}, what does the shortest {what} come to?", "Line up {in} for me: how long is the {what} at its shortest?", "What is the minimum {what} across {in}?"],
    ),
    "high": (
        ["What is the highest {what} in {in}?", "Compare the {what} in {in}: what is the highest?", "Put the {what} in {in} side by side and give me the top figure.", "{in}: which of them goes furthest on the {what}, and how far?", "Of {in}, which has the highest {what}, and what is it?"],
        ["Between {in}, how high is the highest {what}?", "I have {in} on my desk. What is the highest {what} among them?", "Among {in}, what does the highest {what} come to?", "Line up {in} for me: what is the {what} at its highest?", "Across {in}, how high does the {what} get?"],
    ),
    "low": (
        ["What is the lowest {what} in {in}?", "Compare the {what} in {in}: what is the lowest?", "Put the {what} in {in} side by side and give me the bottom figure.", "{in}: which of them is the most modest on the {what}, and with what figure?", "Of {in}, which has the lowest {what}, and what is it?"],
        ["Between {in}, how low is the lowest {what}?", "I have {in} on my desk. What is the lowest {what} among them?", "Among {in}, what does the lowest {what} come to?", "Line up {in} for me: what is the {what} at its lowest?", "Across {in}, how low does the {what} get?"],
    ),
}  # fmt: skip
WHAT = {  # how a comparison or a conflict names a fact, after "the"
    "payment_days": "payment period", "cure_period": "cure period", "renewal_notice": "non-renewal notice period", "confidentiality_years": "confidentiality period after termination",
    "force_majeure_days": "force majeure period before termination", "warranty_months": "warranty period", "audit_notice": "audit notice period", "convenience_notice": "notice period for termination without cause",
    "renewal_term": "renewal term", "initial_term": "initial term", "no_solicit_months": "non-solicitation period", "change_of_control_days": "change-of-control termination window",
    "post_termination_months": "exit assistance period", "liability_cap": "liability cap", "insurance": "insurance cover", "late_interest": "late-payment interest", "price_increase": "limit on yearly price increases",
    "service_level": "service level", "liquidated_damages": "weekly rate of delay damages", "exclusivity": "scope of exclusivity", "data_breach_notice": "deadline for reporting a data breach",
}  # fmt: skip
COUNT_LAW = (
    ["How many of {who}'s contracts (orders, statements of work, letters, amendments and deeds of assignment aside) are governed by {law}?", "Count the stand-alone agreements of {who} that chose {law}.", "{who}: in how many of its stand-alone agreements does {law} apply?", "Among the stand-alone agreements of {who}, guarantees and secrecy agreements included, how many are under {law}?", "To how many stand-alone contracts of {who} does {law} apply?"],
    ["{law} governs how many of the stand-alone agreements that {who} has signed (orders, letters, deeds of assignment and amendments not counted)?", "How many stand-alone contracts of {who} are subject to {law}?", "Leaving out orders, letters, amendments and assignments: how many agreements of {who} are under {law}?", "Give me the number of {who}'s stand-alone contracts that have {law} as their law.", "In how many stand-alone contracts did {who} accept {law}?"],
)  # fmt: skip
COUNT_SEAT = (
    ["How many stand-alone agreements of {who} send disputes to arbitration in {law}?", "In how many stand-alone contracts of {who} is {law} the seat of arbitration?", "Count {who}'s stand-alone agreements with an arbitral seat in {law}."],
    ["{law} is the place of arbitration in how many of {who}'s stand-alone agreements?", "Orders and amendments aside, in how many contracts did {who} agree to arbitrate in {law}?", "How many stand-alone contracts would take {who} to {law} for arbitration?"],
)  # fmt: skip
COUNT_TERM = (
    ["How many master agreements of {who} contain {law}?", "In how many of its main agreements has {who} agreed {law}?", "Count the master agreements of {who} that have {law}.", "{who}: how many of its framework contracts provide for {law}?"],
    ["How many of the main contracts of {who} come with {law}?", "Of {who}'s principal agreements, how many include {law}?", "In how many of the master agreements of {who} do we find {law}?", "Give me the number of {who}'s framework agreements with {law}."],
)  # fmt: skip
COUNT_HUNG = (
    ["How many {law} are there to {in}?", "Count the {law} under {in}.", "{in}: how many {law} does it have?", "How many {law} have been signed under {in}?"],
    ["How many {law} go with {in}?", "Tell me how many {law} followed {in}.", "For the file: how many {law} belong to {in}?", "How many {law} were added to {in} over the years?"],
)  # fmt: skip
COUNT_ITEMS = (
    ["How many items are on the price list of {in}?", "Count the lines of the price list in {in}.", "{in}: how many different items does its price list offer?", "How many entries does the price list of {in} have?"],
    ["How many items does {in} put a price on?", "How many codes are there in the schedule of prices of {in}?", "How many priced items would I have to check in {in}?", "Tell me how many things have a price in {in}."],
)  # fmt: skip
COUNT_DEAR = (
    ["How many items of the price list in {in} cost more than {law}?", "Count the items in {in} that are more expensive than {law}.", "{in}: how many prices are above {law}?", "In the price list of {in}, how many lines exceed {law}?"],
    ["How many items in {in} are priced over {law}?", "How many of the rates in {in} are above {law}?", "Tell me how many unit prices in {in} go beyond {law}.", "Of the prices in {in}, how many are higher than {law}?"],
)  # fmt: skip
TERMS = {  # how an aggregate names a kind of clause
    "non_compete_months": "a non-compete", "no_solicit_months": "a ban on soliciting employees", "minimum_commitment": "a minimum purchase commitment", "liquidated_damages": "liquidated damages for delay",
    "exclusivity": "an exclusivity clause", "most_favored_customer": "a most favoured customer clause", "volume_restriction": "a ceiling on volumes", "ip_ownership": "an assignment of intellectual property",
    "license_scope": "a licence limited to a territory", "uncapped_liability": "a named risk carved out of the liability cap", "third_party_beneficiary": "rights for a third party", "data_breach_notice": "a deadline for reporting data breaches",
    "service_level": "a service level", "audit_notice": "audit rights", "change_of_control_days": "a change-of-control right", "post_termination_months": "exit assistance", "convenience_notice": "a right to terminate for convenience",
    "insurance": "an insurance requirement", "late_interest": "interest on late payments", "price_increase": "a limit on price increases", "warranty_months": "a warranty period", "revenue_share": "a share of revenue",
}  # fmt: skip
EXTREME = {
    "long": (["Over all agreements and orders of {who}: what is the longest {what}?", "What is the longest {what} that {who} has agreed to, in any agreement or order?", "Go through the contracts and orders of {who} and give me the longest {what}."], ["Taking every contract and order of {who} together, how long is the longest {what}?", "Across everything {who} has signed, orders included, what is the maximum {what}?", "In the whole file of {who}, how long is the longest {what}?"]),
    "short": (["Over all agreements and orders of {who}: what is the shortest {what}?", "What is the shortest {what} that {who} has agreed to, in any agreement or order?", "Go through the contracts and orders of {who} and give me the shortest {what}."], ["Taking every contract and order of {who} together, how long is the shortest {what}?", "Across everything {who} has signed, orders included, what is the minimum {what}?", "In the whole file of {who}, how long is the shortest {what}?"]),
}  # fmt: skip
NOW = (
    ["As things stand after the amendments: {ask}", "Taking all amendments into account, {ask}", "Today, not as first signed: {ask}", "Bearing in mind what was signed later: {ask}", "Read in every amendment first: {ask}"],
    ["What applies now? {ask}", "Go by the terms currently in force. {ask}", "I need today's figure, not the original one. {ask}", "The latest position, please. {ask}", "Ignore whatever has been replaced since. {ask}"],
)  # fmt: skip
WHO_NOW = (
    ["{in} was signed by {old}: what is that party to it called today?", "Who has taken the place of {old} in {in}?", "{old} signed {in}. Which company is the party now?", "Under which company name does {old} appear in {in} today?"],
    ["{in} still says {old}; what is that party's present name?", "Who invoices us now under {in}, where it says {old}?", "Which company has stepped into the shoes of {old} in {in}?", "In {in}, who is {old} now?"],
)  # fmt: skip
CONFLICT_APPLIES = (
    ["{In} and its side letter differ about the {what}. Which of the two do we follow?", "Side letter and master say different things about the {what} in {in}. What applies?", "On the {what}, {in} is contradicted by a letter: which one counts?", "What is the {what} in {in}, given that the side letter departs from it?", "What {what} is binding under {in}, considering the letter signed afterwards?"],
    ["There is a side letter to {in} that contradicts it on the {what}. What do we go by?", "Master or side letter: which {what} holds under {in}?", "{In} says one thing about the {what} and the side letter another. Which one wins?", "Given both {in} and its side letter, what {what} do we work with?", "Reading {in} together with the side letter: which {what} is the valid one?"],
)  # fmt: skip
CONFLICT_LETTER = (
    ["Contrary to {in}, what does the side letter say about the {what}?", "What does the side letter to {in} put in place of the master's {what}?", "The letter that came with {in} departs from it on the {what}: what does it say?", "State the {what} that the side letter to {in} gives, where it contradicts the master."],
    ["What {what} does the side letter to {in} give, unlike the master?", "Where the side letter to {in} is at odds with it on the {what}, what does the letter say?", "Quote the side letter's version of the {what} for {in}; the master disagrees.", "{In} has a letter that contradicts it on the {what}: what is in the letter?"],
)  # fmt: skip
CONFLICT_MASTER = (
    ["What does {in} itself say about the {what}, which its side letter contradicts?", "Leaving the contradictory side letter aside, what does {in} provide on the {what}?", "Before the side letter contradicted it, what was the {what} under {in}?", "What {what} did the master give in {in}, as against the letter?"],
    ["{In} itself, not the letter that disagrees with it: what is its {what}?", "Never mind the side letter: what does {in} say on the {what}?", "On the {what} the letter disagrees with {in}; what is the master's version?", "Quote the master's version of the {what} in {in}; the letter has another."],
)  # fmt: skip
CONFLICT_WORDS = (
    ["In {in} the words and the figures on the {what} disagree. Which period counts?", "The {what} in {in}: the words say one thing and the figures another. What applies?", "The {what} in {in} is written in two ways that differ. Which one holds?"],
    ["{In} gives the {what} in words and in figures, and the two differ. Which is it in the end?", "Words against figures on the {what} in {in}: which period is valid?", "One clause of {in} gives two numbers for the {what}. Which is right?"],
)  # fmt: skip
MORE = {  # fact types that only the shorter documents state
    "guarantee_cap": (["Up to what amount does {in} go?", "What is the most that can be claimed under {in}?", "How much is the guarantor liable for under {in}?", "What is the limit of {in}?", "State the maximum of {in}."], ["What total does {in} cover?", "How high is the ceiling of {in}?", "What sum is {in} limited to?", "At what amount is {in} capped?", "Name the highest amount payable under {in}."]),
    "guarantee_expiry": (["When does {in} expire?", "Until what day can demands be made under {in}?", "What is the last day of {in}?", "On which date does {in} end?", "Up to which date does {in} stay open?"], ["After which date is {in} worthless?", "By what day must we have claimed under {in}?", "What is the end date of {in}?", "State the expiry date of {in}.", "What date does {in} run to?"]),
    "demand_days": (["How soon after a demand is payment due under {in}?", "Within what time is a demand honoured under {in}?", "How many days does the guarantor have to pay under {in}?", "What is the payment period after a demand under {in}?", "How fast must the guarantor pay under {in}?"], ["If we call on {in}, how long until the money comes?", "State the time for payment on demand in {in}.", "After we write a demand under {in}, when do we get paid?", "How long may the guarantor take to pay under {in}?", "How much time does {in} leave the guarantor to pay?"]),
    "assignment_date": (["From what date does {in} take effect?", "When is the contract transferred by {in}?", "What is the transfer date in {in}?", "On which day does the assignee take over under {in}?", "State the effective date of {in}."], ["As of when did {in} move the contract across?", "Which date marks the change of party in {in}?", "When does the new party step in under {in}?", "What is the handover date in {in}?", "Give me the date on which {in} kicks in."]),
    "termination_date": (["On what date does the agreement end according to {in}?", "When is the last day according to {in}?", "{in}: which end date does it name?", "To what date does {in} give notice?", "Going by {in}, when is everything over?"], ["What end date follows from {in}?", "According to {in}, until when does the agreement run?", "What is the final day under {in}?", "State the date of termination in {in}.", "When does {in} bring the agreement to an end?"]),
    "handover_contact": (["Who is the contact for the handover in {in}?", "Whom does {in} name for the handover?", "Which person deals with the handover after {in}?"], ["Going by {in}, whom do we turn to about the handover?", "Name the handover contact of {in}.", "Who looks after the handover, according to {in}?"]),
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
