"""The texts of the shorter documents: amendments, statements of work, non-disclosure agreements, guarantees, side letters, assignments, notices.

Each entry is a list of wordings, those of one register alone as (register, text); `{one|other}` is a choice of words, `{slot}` is filled in, `[[...]]` marks evidence.
"""

BACKGROUND = [
    "The parties {concluded|signed} the {old} under reference {ref} on {day} and wish to change it as set out below. Terms defined there have the same meaning here.",
    "This document amends the {old} of {day}, no. {ref} (the \"Principal Agreement\"). {It is to be read as one with it.|Words defined in the Principal Agreement keep their meaning.}",
    "{Aname} and {Bname} have worked under the {old} ({ref}) since {day}. {Experience has shown that some of its terms need adjusting.|Business has changed since, and some terms with it.}",
    "Recital. By the {old} dated {day} (file {ref}) the parties settled their dealings; by the present instrument they revise {some|a few} of the terms, and no others.",
    ("plain", "We signed the {old} on {day}; its number is {ref}. Here is what we now want to do differently."),
]
REPLACED = [
    "{where} is deleted in its entirety and replaced by the following: \"{clause}\"",
    "In place of {where_small}, which {ceases to apply|falls away}, the parties agree: \"{clause}\"",
    "{where} shall henceforth read: \"{clause}\"",
    "For {where_small} substitute: \"{clause}\"",
]
EXCHANGED = [
    "With effect from the date of this amendment, [[in {where_small} the words \"{was}\" are replaced by \"{value}\".]] Obligations that fell due before that date are not affected.",
    "[[{where} is amended by striking \"{was}\" and inserting \"{value}\" in its place.]] {The remainder of it stands.|Nothing else in it changes.}",
    "The parties have agreed to depart from the original figure of {was}. [[From now on {where_small} is to be read as if it said {value}.]]",
    "[[Instead of {was}, the figure in {where_small} is now {value}.]] {Matters already in progress are finished under the old figure.|This applies to everything that begins after today.}",
]
CONTINUITY = [
    "In all other respects the {old} remains as it is. This amendment {is governed by the same law and subject to the same procedure for disputes|shares its law and its forum}.",
    "Save as {aforesaid|stated above}, the Principal Agreement {continues in full force|is confirmed}. {Each party bears its own costs of this amendment.|No fee is due for this change.}",
    ("plain", "Everything else stays the way it was, {including the jokes in the schedules|down to the commas}."),
    "The {old}, as modified {hereby|by this instrument}, is ratified and confirmed. The numbers of its sections and the names of the contacts do not change.",
    "The remaining provisions are unaffected. {A consolidated version may be prepared but has no force of its own.|The amendment is attached to the original.}",
]
RENAMED = [
    "[[With effect from {day_new} {Oldfull} has changed its name and now trades as {value}.]] It is the same legal person, with the same register entry; every reference to the old name is read as one to the new. Invoices in the old name are accepted until the end of the quarter.",
    "By resolution of its members, entered in the register on {day_new}, the {role} adopted a new name. [[The party called {Oldfull} in the {old} is from that day called {value}.]] Rights, duties and bank details do not change.",
]
FRAMEWORK = [
    "[[This {document} is issued under the {old} between {Mfull} and {Bfull} dated {day} (reference {ref}), whose terms apply to it]]{ except where a term is set out below|, save where something else is said here}. {Where this {document} is silent, the framework speaks.|What is not said here is said there.}",
    "[[The {old}, no. {ref}, made by {Mfull} and {Bfull} on {day}, is the frame for this {document}.]] A term below takes the place of the term on the same subject there, {for this {document} only|for the work described here and no other}.",
    "Between {Mfull} and {Bfull} there is a framework, the [[{old} of {day} with the reference {ref}]]. The present {document} fills it in; {it adds to the framework and takes away only what it names|a term below stands in for its counterpart there}.",
    "{Order placed under|Called off under} framework: [[{old}, {ref}, of {day}, between {Bfull} and {Mfull}.]] The framework governs whatever is not settled {here|on this sheet}.",
]
WORK = [
    "{A:cap} shall provide the items listed below, at the prices stated, from {start} until they are complete. The contact persons are {Acontact} and {Bcontact}. Progress is reviewed every {second week|month}, and each review is minuted by {A}.",
    "The order covers the positions in the price list at the end, {at the stated rates|at fixed rates}. Work begins on {start}; {Acontact} reports to {Bcontact} {weekly|at the end of each month}. Quantities are called off by e-mail and confirmed the same way.",
    "What is wanted: the listed items. From when: {start}. Whom to ask: {Acontact} on one side, {Bcontact} on the other. {Changes need the signature of both.|Anything else is a new order.}",
]
REFERRED = [
    "[[As to {heading} the parties refer to {where_small} of the {old}, which applies here as it stands.]] {It is not repeated, so that it cannot be repeated wrongly.|Nothing is added to it.}",
    "[[For {heading} see {where_small} of the framework.]] {What is said there is meant here too.|It governs this order without change.}",
    "[[The value agreed in {where_small} of the framework ({heading}) holds for the present order.]] {No other figure has been discussed.|It is not negotiated anew.}",
    "[[{heading:cap}: as agreed in {where_small} of the {old}.]]",
]
ACCEPTANCE = [
    "Each item is accepted when {Bcontact} has signed the delivery record, {or ten working days after delivery if nobody objects|or when it is put to use}. Defects found at acceptance are listed in the record and cleared before the next review.",
    "{B:cap} examines what is delivered and says in writing what is wrong with it. An item that passes {twice|without remarks} is accepted for good.",
    "{Acontact} announces completion; {Bcontact} has {eight|six} working days to test. What passes is accepted, what fails is mended and announced anew. {Silence counts as acceptance.|Use in production counts as acceptance.}",
    "There is no formal acceptance for {deliveries below one pallet|small items}; everything else is signed for {on arrival|at the gate} and may be rejected within {three|five} working days.",
    "Acceptance is by written record. {Minor defects do not prevent acceptance.|A second inspection is at the cost of {A}.} Items in use are regarded as accepted.",
]
PURPOSE = [
    "Before anybody signs a larger contract about {field}, {Bname} wants to see how {Aname} works, and {Aname} wants to know what it would be working on. {Visits, samples and calculations|Tours, trials and spreadsheets} will change hands. Either side may stop {when it likes|when they wish}.",
    "The parties are considering a business relationship and for that purpose expect to show each other information that is not public. Each of them is both a discloser and a recipient. Nothing obliges either of them to conclude {a further contract|anything further}.",
    "{Aname} and {Bname} wish to find out whether they can work together in {field}. To do so they must {open some drawers that are usually locked|exchange figures, drawings and forecasts}. {They may part at any time without giving a reason.|Neither is bound to continue the talks.}",
    "Discussions about {field} are about to begin. This document protects what is said and shown in them{, before, during and after|}; it does not regulate anything else and in particular creates no exclusivity.",
]
COVERED = [
    "The duty of secrecy concerns whatever one party learns about the other {in connection with the project|on account of the talks}, be it by document, by conversation or by looking around. A stamp is {helpful but not needed|not a condition}. Whether something had a commercial value is {decided by its owner|not examined}.",
    "Protected is all information, {in whatever form|oral, written or on a carrier of data}, that one side discloses and that is {marked as confidential or plainly meant to be|not generally known}: prices, customers, routes, recipes, source code, drawings, and the fact that the talks take place. Oral information is protected if it is {summarised in writing within two weeks|described as confidential when it is given}.",
    "Information counts as confidential when a careful person in the trade would {keep it to himself|not publish it}. Samples are information. So are site visits{, photographs and what can be learned from them|}. It makes no difference who pays for making copies.",
    "\"Protected Matter\" comprises business and technical information of either side that is disclosed {for the purpose stated above|in the course of the talks}, together with notes, extracts and analyses made from it by the recipient.",
]
EXCEPTIONS = [
    "No duty exists for matters of common knowledge; for matters that a recipient could have {worked out|discovered} without help and did; for matters released in writing by their owner; and for {testimony under compulsion|what a statute forces out}, of which the owner is warned beforehand where this is lawful.",
    "Nothing here protects information that (a) was public when it was received; (b) became public later through no act of the recipient; (c) the recipient already held, as its files show; or (d) was developed independently by people who had not seen it. {The burden of proof is on the recipient.|Whoever relies on an exception must show it.}",
    "The duties do not extend to what was lawfully known before, to what a third person {entitled to do so|free to speak} has disclosed, or to what an authority {requires to be produced|orders to be disclosed}; in the last case the other side is told first, if the law permits.",
    "Exempt is what anybody could have {read in the newspaper|found in a public register}, what the recipient knew already, and what a court forces into the open.",
]
HANDLING = [
    "Access is given by name and not by department. Each person on the list has {signed a promise of silence|been instructed in person}; the list is shown to the other side on request. Copies are numbered, {laptops are encrypted|drawings are locked away at night}, and nothing is discussed on trains.",
    "A recipient shows the information only to {employees and advisers|those of its people} who need it for the purpose, tells them of these duties and answers for them. It keeps the information {apart from its own files|under the care it gives its own secrets}, makes no more copies than it needs, and does not take samples apart.",
    "The recipient shall (i) use the information for the stated purpose and no other, (ii) restrict access to named persons, a list of whom is {kept by its legal department|available on request}, and (iii) refrain from reverse engineering. {Affiliates may be named as recipients.|Outside consultants sign an undertaking first.}",
    "Keep it safe, keep it apart, keep it among few. {Cloud storage is permitted if access is protected by two factors.|Private devices are not to be used.} Whoever leaves the project leaves the papers behind.",
]
RETURN = [
    "At the end the recipient chooses between sending everything back and {shredding it|deleting it}, and says in writing which it has done. {Calculations of its own that contain foreign figures are included.|What a regulator obliges it to keep is kept under seal.}",
    "On request everything is returned or destroyed, {and the fact is confirmed in writing by a manager|with a written confirmation}. Copies in routine back-ups may stay until they are overwritten; minutes of board meetings are exempt.",
    "When the talks end, papers go back to where they came from and files are deleted. One copy may be kept by {in-house counsel|the legal department} as proof of what was received.",
    "Upon written demand the recipient shall {surrender or destroy|return or erase} all Protected Matter in its possession, save for copies that law or sound archiving requires.",
]
CONTACTS = [
    "{Bcontact} of {Bname} opens and closes the data room; {Acontact} of {Aname} does the same for visits to the sites. {Every handover is acknowledged by e-mail.|Every visitor signs the book.} Questions are collected and answered once a week, so that two people do not receive two answers.",
    "The exchange runs through one person on each side, {Acontact} for {Aname} and {Bcontact} for {Bname}, who keep {a list of what was handed over|a log of it} and decide who may see it. Information that reaches a party by another way is protected all the same, {but the contact is told of it|once its source is known}.",
    "{Aname} names {Acontact} and {Bname} names {Bcontact} to give and receive information. They {meet or call once a fortnight|speak every second Monday}, agree what is to be shown next, and see to it that documents bear {a number and a date|the word confidential}.",
    "Requests for information go from {Acontact} to {Bcontact} or the other way round, {and not from engineer to engineer|and by no other route}. Each may be replaced by a message to the other. What has not been asked for need not be sent{; what was sent by mistake is sent back unread|}.",
]
NO_LICENCE = [
    "A look is not a licence. {Who is shown a drawing may not build from it|Who tastes a sample may not copy the recipe}; who is given a forecast may not rely on it. Marks, patents and know-how remain {where they were|with whoever brought them}.",
    "No licence, title or other right in the information passes to the recipient. The information is given as it is; {no one vouches for its being complete|its accuracy is not warranted}.",
    "Disclosure transfers nothing: no right to a patent, no right to a mark, {no promise that a figure is right|no warranty of correctness}.",
    "All information stays the property of the discloser{, who gives it without guarantee|}. Inventions made by one side in the course of the talks belong to that side.",
]
BREACH = [
    "For each proven leak the injured party may claim {what it has lost|its actual loss} and may also demand that the leak be stopped. Reports are made to {Acontact} or {Bcontact} {within the day|without waiting for certainty}. An honest report counts in favour of the one who makes it.",
    "The parties accept that money may not make good a leak, and that a court may be asked to stop one. {This does not limit damages.|Security need not be given.}",
    "Whoever becomes aware of an unauthorised disclosure reports it to the other side {at once|the same day} and helps to limit the harm. Injunctive relief may be sought {in addition to damages|before any court that can grant it}.",
    "A leak is to be reported as soon as it is noticed. {Blame can be discussed later.|The report says what, when, to whom and how.}",
]
GUARANTEE = {
    "Recitals": [
        "{Debtor}, a company controlled by {Aname}, has entered into the [[{old} with {Bfull} dated {day}, reference {ref}]] (the \"Guaranteed Agreement\"). {Bname} would not have done so without this guarantee.",
        "At the wish of {Bname}, and because its group company {Debtor} benefits from it, {Aname} secures the performance of the [[{old} of {day} ({ref}), concluded by {Debtor} and {Bfull}]] (the \"Guaranteed Agreement\").",
    ],
    "Guarantee": [
        "{A:cap} guarantees to {B}, as primary obligor and not merely as surety, {that {Debtor} will perform the Guaranteed Agreement|the due performance of the Guaranteed Agreement by {Debtor}} and promises to pay, on demand, what {Debtor} ought to have paid and has not. {An invoice marked unpaid is sufficient evidence of default.|A demand states the default and the amount.}",
        "If {Debtor} fails in a duty under the Guaranteed Agreement, {A} {performs it or has it performed|steps in}, and makes good the loss. {B:cap} need not first {sue {Debtor}|exhaust its remedies elsewhere}.",
    ],
    "demand_days": [
        "[[A demand is honoured within {value} of its arrival at the seat of {A}.]] Set-off and counterclaims are not admitted against it, {except with judgments|save such as are undisputed}.",
        "Demands are made in writing. [[Payment follows {value} after the demand, free of deductions]]; if a deduction is required by law the payment is grossed up.",
    ],
    "guarantee_cap": [
        "[[The total that may be claimed under this guarantee is limited to {value}]], costs of enforcement not included. {Claims for fraud of {Debtor} are outside the limit.|Interest counts towards it.}",
        "{A:cap} answers for capital, interest and costs, {but not without measure|within bounds}: [[its obligation ends at {value} in the aggregate.]]",
    ],
    "guarantee_expiry": [
        "[[This guarantee expires on {value}]], whether or not the original is returned; {demands made before that day are still honoured|a demand must have arrived by the end of that day}.",
        "It is a continuing guarantee{, unaffected by amendments of the Guaranteed Agreement|}. [[No demand may be made after {value}.]]",
    ],
    "Preservation": [
        "The guarantee is not discharged by time given to {Debtor}, by a change in its ownership, by an amendment of the Guaranteed Agreement or by its insolvency. {A:cap} takes no security from {Debtor} for it and claims no recourse until {B} has been satisfied in full.",
        "Neither indulgence nor amendment, neither merger nor moratorium releases {A}. Until {B} has received everything that is due to it, {A} {stands back with its own claims against|does not compete with it in the insolvency of} {Debtor}.",
    ],
    "Authority": [
        "{A:cap} has {obtained all corporate approvals|taken the resolutions that its articles require}; the guarantee does not breach any agreement by which it is bound. Its accounts for the last three years have been shown to {B}.",
        "The signatories are {entered in the register as authorised to bind|entitled to sign for} {A}. A copy of the register extract, not older than one month, is attached.",
    ],
}  # fmt: skip
SAY = {  # what a side letter says about a fact, in its own words
    "audit_notice": "your auditors are welcome {value} after announcing themselves", "exclusivity": "the exclusive area is {value}", "warranty_months": "faults are put right without charge for {value}",
    "payment_days": "bills are settled {value} after they arrive", "service_level": "the service aimed at is {value} in every month", "no_solicit_months": "each of us leaves the other's staff alone for {value} after the end",
    "late_interest": "what is owed and not paid carries {value}", "confidentiality_years": "silence is kept for {value} after the end", "cure_period": "a serious failing may be made good within {value}",
    "liquidated_damages": "each week of delay costs {value} of the price of what is late", "insurance": "the liability policy covers at least {value} for each event",
}  # fmt: skip
LETTER_OPEN = [
    "Dear {Acontact},\n\nWe refer to the {old} ({ref}) that our companies {signed|concluded} on {day}. {When the ink was dry we noticed that two points had been discussed differently.|Two points came up at the dinner that followed, and we promised to put them on paper.}",
    "To the attention of {Acontact}\n\nRe: {old}, {ref}, {day}\n\n{This letter records|We write down here} what was agreed between us on the telephone about two matters{, so that nobody has to remember it|}.",
    "Dear {Acontact},\n\nin connection with the {old} of {day}, our file {ref}, and {further to|following} our meeting, we confirm two points.",
]
LETTER_STATED = [
    "First, [[we have agreed that {say}. On this point, as you rightly proposed, this letter {takes precedence over|prevails over} {where_small} of the {old}.]]",
    "As to {heading}: [[{say}. Where the {old} says something else in {where_small}, {the letter governs|this letter is to be followed}.]]",
]
LETTER_SILENT = [
    "Secondly, it is our common understanding that [[{say}]]. {The people on site have been told.|Please let your colleagues know.}",
    "As to {heading}: [[{say}.]] {We trust that this meets your expectation.|Thank you for having raised it.}",
    "The other matter is {heading}. [[There, {say}.]] {So it was said across the table.|We are glad that this could be settled so quickly.}",
]
LETTER_CLOSE = [
    "Please sign the copy and send it back. {With kind regards,|Yours sincerely,}",
    "If you agree, {return one signed copy|kindly countersign below}. {We look forward to working with you.|Thank you for your patience.}",
    "This letter is not to be shown to third persons. Kindly confirm by signing {the enclosed duplicate|at the foot of the page}.",
]
ASSIGNMENT = {
    "Background": [
        "By the {old}, no. {ref}, concluded on {day}, {Oldfull} (hereafter the Transferor) undertook certain services for {Bfull}. {Afull} (hereafter the Transferee) has since bought the Transferor and wishes to run its contracts in its own name.",
        "{Oldfull} (the \"Assignor\") and {Bfull} are parties to the {old} dated {day}, reference {ref} (the \"Contract\"). The whole share capital of the Assignor has been acquired by the group of {Afull} (the \"Assignee\"), which is to take the Assignor's place.",
    ],
    "Assignment": [
        "[[On {value:assignment_date} the contract named above passes, as a whole and with its amendments and orders, to {assignee}.]] The former party and the new one settle between themselves what was prepaid; {Bname} need not concern itself with that.",
        "[[With effect from {value:assignment_date} (the \"Transfer Date\") the Assignor transfers the Contract, with all rights and duties under it, to {assignee}]], which accepts the transfer. Statements of work that are in progress are included. What was earned before the Transfer Date belongs to the Assignor.",
    ],
    "Assumption and Release": [
        "From that day the new party owes what the former party owed. {Bname} lets the former party go, except for what went wrong before that day, for which it remains answerable beside the new party {for two years|until it is put right}.",
        "The Assignee assumes the duties of the Assignor as if it had been a party from the beginning. {B:cap} releases the Assignor from duties that fall due on or after the Transfer Date, and from no others. Claims for defects of earlier work may be brought against either of them.",
    ],
    "Consent": [
        "The consent that the contract asks for is hereby given. {It covers this transfer alone.|A further transfer needs a further consent.} Persons who know the systems of {Bname} stay in their posts until the end of the running order.",
        "{B:cap} consents to the transfer as the Contract requires. The consent is given once; the Assignee may not transfer the Contract further without asking again. The people named in the statements of work stay on the project for at least six months.",
    ],
    "Notices and Accounts": [
        "New address for everything formal: {Acontact}, {Aaddress}. A new bank account is notified by registered letter and never by e-mail{; a call to a known number confirms it|}.",
        "From the Transfer Date notices for the provider's side go to {Acontact} at {Aaddress}. Payments made to the Assignor's account in good faith within thirty days after the Transfer Date discharge the debt.",
    ],
    "Terms Unchanged": [
        "No other term changes hands, so to speak: {prices, periods and limits|law, periods and prices} remain what they were.",
        "Apart from the change of party the Contract remains as it stands, together with its amendments. This deed is subject to the law and the procedure for disputes that the Contract provides.",
    ],
}  # fmt: skip
TERMINATION = [
    "To: {Afull}, {Aaddress}\nFor the attention of {Acontact}\n\n[[Notice under the {old} dated {day} (reference {ref})]]\n\nWe refer to the above agreement, as amended. In accordance with {where_small} ({heading}) we hereby give notice of termination. {We give no reason and the agreement does not ask for one.|The reasons are commercial and have been explained to you in person.}\n\n[[Taking into account the period of notice, the agreement will end on {value:termination_date}.]] Orders placed before that day will be {completed and paid for|carried out and settled} on the existing terms; no orders will be placed for performance after it.\n\nPlease return keys, gate passes and documents that belong to us, and let us have a final statement of account. [[Our contact for the handover is {value:handover_contact}.]] Duties that are meant to outlast the agreement, among them secrecy, {remain in place|do so}.\n\nWe thank you for {the work of these years|a cooperation that deserved better markets} and ask you to confirm receipt.",
    "{Afull}\n{Aaddress}\n\nDear {Acontact},\n\n{after long thought|following the decision of our board} we have decided not to go on. Please take this letter as notice under {where_small} ({heading}) of the [[{old} between our companies, no. {ref}, signed on {day}]].\n\nThe notice period has been observed. [[The last day is accordingly {value:termination_date}]]; until then everything continues as usual, and so do the invoices. {Stock still on hand is collected by us.|Whatever is in progress is finished.}\n\nFor the practical side, [[please turn to {value:handover_contact}]], who has the list of what has to change hands. {We part without a quarrel and would like to keep it so.|References will be given gladly.}",
    "By courier and by e-mail\n\nTo {Afull}, attention {Acontact}\n\nTERMINATION of [[{old}, {ref}, of {day}]]\n\n1. The undersigned exercises its right under {where_small}, headed \"{heading}\".\n2. [[The termination takes effect at the close of {value:termination_date}.]]\n3. {Accrued claims are reserved.|Nothing in this notice waives an accrued claim.}\n4. [[Matters of handover: {value:handover_contact}.]] {Access rights are withdrawn on the last day.|A joint inventory is proposed.}\n5. A countersigned copy is requested within ten days, {for our file|as proof of receipt}.",
]
MORE_KINDS = {  # fact types that only the shorter documents state
    "guarantee_cap": "Guarantee Amount", "guarantee_expiry": "Guarantee Expiry", "demand_days": "Payment on Demand", "new_name": "Change of Name", "assignee": "Assignee",
    "assignment_date": "Assignment Date", "termination_date": "Termination Date", "handover_contact": "Handover Contact",
}  # fmt: skip
FIELD = {
    "cold": "refrigerated storage", "vessel": "the chartering of tonnage", "software": "the analysis of operational data", "yarn": "the supply of yarns", "grid": "the upkeep of lines",
    "quay": "the handling of ships", "board": "packaging board", "booking": "the marketing of rooms", "shellfish": "the supply of oysters", "fibre": "recovered paper", "haulage": "refrigerated haulage",
}  # fmt: skip
