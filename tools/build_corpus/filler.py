"""What a contract has besides its terms. Each entry has several wordings, chosen by the house's register where there is one."""

RECITALS = {
    "cold": ("{Aname} operates temperature-controlled warehouses and has racking to spare in most seasons.", "{Bname} distributes chilled and frozen goods and does not wish to own more cold walls than it must."),
    "vessel": ("{Aname} owns and crews short-sea vessels suited to ro-ro and general cargo.", "{Bname} needs tonnage at short notice when its own ships are in dock."),
    "software": ("{Aname} builds and runs data services for operators of terminals and mills.", "{Bname} holds large quantities of operational data and would like to learn something from them."),
    "yarn": ("{Aname} spins fine worsted and cashmere yarns in its mills.", "{Bname} weaves cloth for the menswear trade and buys yarn to shade and count."),
    "grid": ("{Aname} maintains high-voltage lines in coastal and mountain terrain.", "{Bname} owns regional lines, several of which cross fjords."),
    "quay": ("{Aname} supplies trained stevedores, gear and foremen.", "{Bname} operates deep-water berths and experiences peaks that its own gangs cannot cover."),
    "board": ("{Aname} converts board into cartons for the food trade.", "{Bname} makes folding board and liner at its mill on the bay."),
    "booking": ("{Aname} manages seaside properties with more rooms than February can fill.", "{Bname} runs a booking platform and a loyalty programme."),
    "shellfish": ("{Aname} grows oysters and mussels in classified waters.", "{Bname} sells chilled seafood to wholesalers in four countries."),
    "fibre": ("{Aname} collects and sorts recovered paper.", "{Bname} consumes recovered fibre and is particular about moisture."),
    "haulage": ("{Aname} runs refrigerated trailers and containers from the seaports to the hinterland.", "{Bname} moves reefer boxes whose contents do not forgive delay."),
}  # fmt: skip

OPENINGS = {
    "uk": "THIS AGREEMENT (reference {code}) is dated {date} and made between:\n(1) {Afull}, {Aform} with its registered office at {Aaddress} (\"{Aterm}\"); and\n(2) {Bfull}, {Bform} with its registered office at {Baddress} (\"{Bterm}\").",
    "us": "This {title} (No. {code}) is entered into as of {date} (the \"Effective Date\") by and between {Afull}, {Aform} having its principal place of business at {Aaddress} (\"{Aterm}\"), and {Bfull}, {Bform} having an office at {Baddress} (\"{Bterm}\").",
    "civil": "Contract no. {code}\n\nbetween\n{Afull}, {Aform}, {Aaddress}, hereinafter \"{Aterm}\",\nand\n{Bfull}, {Bform}, {Baddress}, hereinafter \"{Bterm}\",\nconcluded on {date}.",
    "plain": "Who is signing, and when\n\nThis is agreement {code}. It is made on {date} between {Afull} of {Aaddress} (we write \"{Aterm}\") and {Bfull} of {Baddress} (we write \"{Bterm}\").",
}  # fmt: skip

DEFINITIONS = {
    "uk": "In {agreement}: \"Business Day\" means a day other than a Saturday, Sunday or public holiday in {Acity} or {Bcity}; \"Confidential Information\" means information in any form that is marked confidential or is by its nature so; \"Effective Date\" means the date stated at the head of {agreement}; \"Services\" means the services described in Schedule A; \"Territory\" means the area within four hundred kilometres of {Bcity}. Headings are for convenience. The singular includes the plural.",
    "us": "As used herein: (a) \"Affiliate\" means any entity controlling, controlled by or under common control with a party; (b) \"Business Day\" means any day on which commercial banks in {Bcity} are open; (c) \"Confidential Information\" means non-public information disclosed in connection herewith; (d) \"Deliverables\" means the items identified in Schedule A; (e) \"Restricted Business\" means the business carried on by {B} in {Bcity} and its surroundings. \"Including\" means \"including without limitation\".",
    "civil": "(1) Effective Date is the day of the last signature unless another day is named at the head of the contract. (2) Working days are Monday to Friday with the exception of public holidays at the seat of {B}. (3) In text form means any legible declaration on a durable medium. (4) Net order value is the remuneration without value added tax.",
    "plain": "Some words we use more than once. \"Effective Date\" is the date on the first page. \"Working day\" is a day when both our offices are open. \"In writing\" includes e-mail, unless we say otherwise. \"The services\" are the things on the list in Schedule A.",
}  # fmt: skip

SCOPE = {
    "uk": "{A:cap} shall provide the Services described in Schedule A to {B} with effect from the Effective Date, in accordance with good industry practice and with the reasonable instructions of {B}. {B:cap} shall give {A} the access and information that it needs. Personnel of {A} remain under its direction at all times and shall comply with the site rules of {B} when on its premises.",
    "us": "{A:cap} shall furnish the Services and Deliverables set forth in Schedule A. {A:cap} is an independent contractor; nothing herein creates a partnership, joint venture or agency. {A:cap} shall be responsible for its subcontractors as for its own employees, and shall comply with all laws applicable to its performance, including those on safety, sanctions and the payment of wages.",
    "civil": "(1) The object of the contract is the performance of the services listed in Schedule A. (2) {A:cap} performs these services with the care of a prudent businessman. (3) {B:cap} cooperates to the necessary extent, in particular by naming a contact person. (4) Changes to the services require text form.",
    "plain": "What we do is on the list in Schedule A. We do it properly, with people who know how. You let us in, tell us what we need to know and keep your own house safe. If the list needs to change, we change it together, in writing, before the work and not after.",
}  # fmt: skip

BOILERPLATE = [
    ("Entire Agreement", {
        "uk": "{agreement:cap} is the entire agreement between the parties on its subject and replaces every earlier understanding. Neither party has relied on a statement that is not in it.",
        "us": "{agreement:cap}, together with its Schedules, constitutes the complete understanding of the parties and supersedes all prior negotiations, proposals and course of dealing with respect to its subject matter.",
        "civil": "There are no oral side agreements. Amendments, including an amendment of this requirement, need text form and must refer to the contract.",
        "plain": "Everything we have agreed is written here. What was said over dinner does not count, however good the dinner was.",
    }),
    ("Notices", {
        "uk": "A notice shall be in writing and delivered by hand or courier to the registered office of the addressee, marked for the attention of its signatory. It takes effect on delivery, or on the next Business Day when delivered after five in the afternoon.",
        "us": "All notices shall be in writing and shall be deemed given when delivered personally, or on the second Business Day after deposit with a nationally recognised overnight courier, to the address set forth above or such other address as a party may designate.",
        "civil": "Declarations are sent to the addresses named at the head of the contract. A change of address is effective once it has been communicated in text form.",
        "plain": "If you have something important to tell us, write to the address on the first page and mark it for the person who signed. For everyday matters, call.",
    }),
    ("Assignment", {
        "uk": "Neither party may assign or otherwise deal with its rights under {agreement} without the consent of the other, which shall not be unreasonably withheld. An assignment to a company of the same group requires notice only.",
        "us": "{agreement:cap} may not be assigned by {A}, by operation of law or otherwise, without the prior written consent of {B}, and any attempt to do so shall be void. {B:cap} may assign to an Affiliate.",
        "civil": "Claims arising from the contract may be assigned only with the consent of the other side; mandatory provisions of commercial law remain unaffected.",
        "plain": "You cannot hand this deal on to somebody else, and neither can we, unless we both say yes.",
    }),
    ("Severability", {
        "uk": "If a provision of {agreement} is held to be invalid, the rest of it is unaffected, and the parties shall replace that provision by a valid one that comes closest to its purpose.",
        "us": "The invalidity or unenforceability of any provision hereof shall in no way affect the validity or enforceability of any other provision.",
        "civil": "Should individual provisions be or become ineffective, the effectiveness of the remaining provisions is not touched. The ineffective provision is replaced by the statutory one.",
        "plain": "If a court strikes out one line, the other lines stay.",
    }),
    ("Waiver", {
        "uk": "A failure to exercise a right is not a waiver of it. A waiver is effective only if given in writing and only for the occasion for which it is given.",
        "us": "No waiver by either party of any default shall be deemed a waiver of any prior or subsequent default of the same or other provisions of {agreement}.",
        "civil": "If a Party refrains from asserting a right, this does not constitute a waiver of it.",
        "plain": "If we let something pass once, that does not mean that it will pass twice.",
    }),
    ("Data Protection", {
        "uk": "Each party shall comply with the data protection law that applies to it. Where {A} processes personal data for {B} it does so only on documented instructions and shall report an incident without undue delay.",
        "us": "{A:cap} shall implement commercially reasonable administrative, technical and physical safeguards for personal information, and shall notify {B} promptly upon becoming aware of any unauthorised access thereto.",
        "civil": "Personal data are processed only to the extent necessary for the performance of the contract. Where the law so requires, the Parties conclude a separate agreement on processing.",
        "plain": "We treat other people's data the way we would like ours to be treated, which is also what the law says.",
    }),
    ("Order of Precedence", {
        "uk": "If the body of {agreement} and a Schedule conflict, the body prevails. Standard terms printed on orders, delivery notes or invoices have no effect.",
        "us": "In the event of a conflict between the terms of {agreement} and any purchase order, acknowledgement or Statement of Work, {agreement} shall control unless the other document expressly states that it is intended to prevail.",
        "civil": "General terms and conditions of the Parties do not apply, even if reference is made to them in later correspondence.",
        "plain": "If two papers say different things, this one wins, unless the other one says that it wants to win.",
    }),
    ("Anti-Corruption", {
        "uk": "Each party shall have in place adequate procedures to prevent bribery by persons associated with it, and shall not offer or accept an advantage that is intended to influence a decision.",
        "us": "Neither party shall make or promise any payment or gift, directly or indirectly, to any official for the purpose of obtaining or retaining business, and each shall keep books that fairly reflect its transactions.",
        "civil": "The Parties undertake to refrain from any conduct that may lead to criminal liability for bribery or the granting of advantages.",
        "plain": "No presents bigger than a box of biscuits.",
    }),
    ("Counterparts", {
        "uk": "{agreement:cap} may be executed in any number of counterparts, each of which is an original and all of which are one instrument. Electronic signatures suffice.",
        "us": "{agreement:cap} may be executed in counterparts and delivered by electronic means, each of which shall be deemed an original.",
        "civil": "The contract is drawn up in two originals, of which each Party receives one.",
        "plain": "We each sign one copy and keep one copy.",
    }),
]  # fmt: skip
