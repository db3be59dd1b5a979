"""Clauses about who bears which risk: liability, insurance, warranty, service levels, secrets, audits, personal data."""

from .clauses_kinds import ClauseType, Wording, days, hours, money, months, percent, texts, years

RISK = [
    ClauseType(
        "liability_cap", "Cap On Liability", ("Limitation of Liability", "Liability", "Limits of Liability"),
        (
            Wording("uk", "Liability that the law does not allow to be limited is not limited. [[Subject to that, the total liability of {A} in each contract year, however arising, shall not exceed {value}.]] For loss of data a lower limit of {other} applies within that total."),
            Wording("uk", "(a) Neither party is liable for loss of profit, business or goodwill. (b) Claims for lost or corrupted data are limited to {other}. (c) [[All claims together, in contract, tort or otherwise, are limited to {value}.]] (d) The charges have been set with these limits in mind."),
            Wording("us", "EXCEPT WHERE PROHIBITED BY LAW, [[IN NO EVENT SHALL THE AGGREGATE LIABILITY OF EITHER PARTY UNDER {agreement:caps} BE GREATER THAN {value}]], AND NEITHER PARTY SHALL BE LIABLE FOR LOST PROFITS OR FOR ANY INCIDENTAL OR PUNITIVE DAMAGES."),
            Wording("us", "The parties have allocated risk by agreement. [[Accordingly, the most that {B} may recover from {A}, under any theory and for all causes of action combined, is {value}]]; of that amount not more than {other} may be recovered for the re-creation of records."),
            Wording("plain", "Things go wrong. [[When they are our fault, the most we will pay you, for everything together, is {value}.]] Within that, lost data is worth {other} and no more, because nobody has ever agreed on the price of a spreadsheet."),
            Wording("plain", "We would rather fix a thing than pay for it. If we have to pay, there is a ceiling, and it is the same whatever went wrong. What the law says cannot have a ceiling has none. [[For the rest the ceiling is {value} for each year of the deal.]]"),
            Wording("civil", "Mandatory provisions on liability remain unaffected. [[Apart from these the liability of {A} is limited to the foreseeable damage and in any case to {value}]]; per single event it is further limited to {other}. The same applies in favour of its employees and vicarious agents."),
            Wording("civil", "(1) {A:cap} answers for damage which it has culpably caused. (2) [[The sum of all compensation owed under {agreement} may not surpass {value}.]] (3) For the restoration of data carriers the compensation ends at {other}. (4) Contributory fault of {B} is taken into account."),
            Wording("old", "[[NOTWITHSTANDING ANYTHING HEREIN CONTAINED THE LIABILITY OF {A:caps} FOR ALL CLAIMS WHATSOEVER AND HOWSOEVER CAUSED SHALL BE CONFINED TO {value:caps}]], AND NO CLAIM SHALL LIE UNLESS PRESENTED IN WRITING WITHIN ONE YEAR OF THE EVENT."),
        ),
        money(750_000, 1_200_000, 1_500_000, 2_400_000, 3_000_000, 4_500_000, 6_000_000, 8_000_000), money(100_000, 200_000, 250_000, 400_000, 500_000),
    ),
    ClauseType(
        "insurance", "Insurance", ("Insurance", "Insurance Cover", "Required Insurance"),
        (
            Wording("uk", "{A:cap} shall maintain employer's liability cover as required by law and [[public and products liability insurance with a reputable insurer for not less than {value} per occurrence]], and shall produce evidence of cover on request."),
            Wording("uk", "No work begins until {A} has shown its certificates. [[For each incident the certificates must show general liability cover not less than {value}]], and for motor accidents {other}. Cover is kept in force for two years after the last delivery."),
            Wording("us", "Throughout the term {A} shall carry, at its sole expense, (i) workers' compensation insurance as required by statute; (ii) automobile liability of {other}; and (iii) [[commercial general liability insurance with limits of at least {value} for any one occurrence.]]"),
            Wording("plain", "We carry insurance so that a bad day is not the end of either of us. [[Our liability policy pays up to {value} for each incident.]] Ask for the certificate whenever you like; it is the one in the frame behind reception."),
            Wording("civil", "{A:cap} proves upon conclusion of {agreement} that [[a business liability insurance exists which per insured event pays up to {value}]] and that it is maintained to the end. The deductible does not concern {B}. The separate vehicle insurance covers {other}."),
            Wording("old", "{A:caps} SHALL EFFECT AND KEEP ON FOOT WITH UNDERWRITERS OF REPUTE [[A POLICY AGAINST THIRD PARTY CLAIMS IN THE SUM OF {value:caps} FOR ANY ONE ACCIDENT]], AND SHALL PRODUCE THE LAST PREMIUM RECEIPT WHENEVER REQUIRED BY {B:caps}."),
        ),
        money(1_000_000, 2_000_000, 2_500_000, 5_000_000, 7_500_000, 12_000_000), money(300_000, 600_000, 900_000),
    ),
    ClauseType(
        "warranty_months", "Warranty Duration", ("Warranty", "Warranties", "Defects"),
        (
            Wording("uk", "{A:cap} warrants that what it supplies will be supplied with reasonable skill and care. Wear and tear is excepted, as is anything altered by others. [[A defect notified within {value} of performance shall be put right at the expense of {A}.]]"),
            Wording("uk", "(a) Goods and work shall conform to the Schedules. (b) [[This warranty is given for a period of {value}, which begins on completion.]] (c) A repaired item is warranted for the remainder of the period only. (d) Defects open to view must be reported within {other}."),
            Wording("us", "[[{A:cap} warrants the Deliverables to be free from material defects for {value} following acceptance.]] THE FOREGOING IS IN LIEU OF ALL OTHER WARRANTIES, EXPRESS OR IMPLIED. Acceptance is deemed given {other} after delivery."),
            Wording("plain", "If it breaks, we mend it. [[You have {value} from the day you got it to tell us.]] We do not mend what you broke yourselves, but we are happy to quote for it."),
            Wording("civil", "The statutory rights in respect of defects apply with the proviso that [[the limitation period for claims based on defects is {value}]], beginning with handover. Obvious defects must be notified within {other}; otherwise the performance is deemed approved."),
            Wording("old", "[[{A:caps} WILL AT ITS OWN COST MAKE GOOD ANY FAULT OF MATERIAL OR WORKMANSHIP APPEARING WITHIN {value:caps} OF DELIVERY]], FAIR WEAR AND TEAR, ACCIDENT AND IGNORANT HANDLING EXCEPTED, AND THIS UNDERTAKING IS IN LIEU OF ANY CONDITION IMPLIED BY STATUTE."),
        ),
        months(6, 9, 12, 15, 18, 24, 36), days(5, 8, 10, 14),
    ),
    ClauseType(
        "service_level", "Service Levels", ("Service Levels", "Performance Standards", "Availability"),
        (
            Wording("uk", "[[{A:cap} shall achieve the agreed service in at least {value} of cases, measured over each calendar month.]] Where performance falls below {other} in three successive months {B} may treat this as a material breach."),
            Wording("us", "[[The minimum Service Level is {value}, calculated monthly and excluding scheduled maintenance.]] A result under {other} entitles {B} to a credit of one tenth of the monthly charges, which shall be applied against the next invoice."),
            Wording("us", "(a) Measurement period: calendar month. (b) Exclusions: planned maintenance and acts of {B}. (c) [[Required performance: {value}, or better.]] (d) Remedy: performance beneath {other} shall entitle {B} to have the work done by others at the expense of {A}."),
            Wording("plain", "We measure ourselves every month. [[Getting it right {value} of the time is the promise.]] Below {other} you get money back without having to ask. We publish the figures, including the embarrassing ones."),
            Wording("civil", "The quality of performance is determined each month by joint count. [[A rate of {value} without complaint is owed.]] If in any month the rate falls short of {other}, {A} submits a plan for improvement in text form."),
            Wording("old", "{A:caps} ENGAGES THAT, TAKING EACH CALENDAR MONTH BY ITSELF, [[NOT LESS THAN {value:caps} OF THE SERVICES SHALL BE PERFORMED IN FULL CONFORMITY WITH THE SPECIFICATION]], THE RECKONING TO BE MADE BY THE CLERK OF {B:caps} AND TO BE FINAL SAVE FOR MANIFEST ERROR."),
            Wording("uk", "Performance is measured monthly. Planned maintenance does not count against {A}, provided that it was announced to {B} in the preceding month and kept to the hours announced. [[The result that must be attained is {value}.]]"),
            Wording("us", "{A:cap} shall monitor its performance and shall report the results monthly. [[No monthly result shall be worse than {value}.]] Any failure shall be explained in the report that discloses it, and an explanation offered twice shall not be accepted a third time."),
            Wording("civil", "(1) The services are rendered with constant quality. (2) [[The required degree of performance, determined monthly, is {value}.]] (3) Interruptions for which {B} is answerable are left out of account. (4) A result below {other} is reported to the management of both Parties."),
            Wording("plain", "How well do we have to do? Well enough to hit a number. [[The number is {value}]], and we check it every month. If we miss it twice in a row, we come round and explain ourselves in person."),
        ),
        percent(96, 97, 97.5, 98, 98.5, 99, 99.5), percent(90, 92, 94, 95),
    ),
    ClauseType(
        "confidentiality_years", "Confidentiality Survival", ("Confidentiality", "Confidential Information", "Secrecy"),
        (
            Wording("uk", "Each party shall keep the other's Confidential Information secret and use it only to perform {agreement}. Employees and advisers may be told what they need to know, if they are bound in the same way. [[These obligations continue for {value} after {agreement} has ended, however it ends.]]"),
            Wording("uk", "(a) What is learnt under {agreement} is used for its purposes alone. (b) [[This clause binds the parties throughout the term and for {value} beyond it.]] (c) Papers are returned within {other} of a request, save for one archive copy held by counsel."),
            Wording("us", "The receiving party shall protect Confidential Information with no less than reasonable care. [[The foregoing duty shall survive expiration or termination for a period of {value}]]; trade secrets remain protected for as long as they qualify as such. Materials shall be returned within {other} of a request."),
            Wording("us", "[[The obligations of non-disclosure and non-use shall expire on the date that is {value} after termination, and not sooner.]] They shall not apply to information that is or becomes public through no fault of the recipient, or that is independently developed without reference to it."),
            Wording("plain", "What we learn about each other stays with us. [[That promise does not stop when the deal stops: it runs for another {value}.]] It does not cover what is already public or what a court makes us say."),
            Wording("plain", "You will see things here that are not for the newspapers, and so will we. [[Say nothing about them until {value} after we have parted company.]] Give back the papers within {other} if asked. Telling your lawyer is fine; telling your neighbour is not."),
            Wording("civil", "The Parties undertake to treat as secret all business matters that become known to them. A breach obliges the Party in breach to pay damages without prior reminder. [[The duty of secrecy outlasts {agreement} by {value}.]]"),
            Wording("civil", "Confidential information may be made accessible only to persons who need it and who are themselves bound. [[The obligation is limited in time: it lapses {value} after the end of {agreement}.]] Statutory duties of disclosure take precedence."),
            Wording("old", "ALL INFORMATION IMPARTED IN CONFIDENCE SHALL BE HELD INVIOLATE DURING THE CURRENCY OF {agreement:caps} [[AND FOR {value:caps} AFTER ITS DETERMINATION]], AND ALL PAPERS CONTAINING THE SAME SHALL WITHIN {other:caps} OF DEMAND BE DELIVERED UP OR BURNT."),
        ),
        years(2, 3, 4, 5, 6, 7, 10), days(10, 15, 30),
    ),
    ClauseType(
        "audit_notice", "Audit Rights", ("Audit", "Records and Audit", "Inspection"),
        (
            Wording("uk", "{A:cap} shall keep complete records for six years. [[{B:cap} and its auditors may inspect those records during business hours on {value}' prior notice]], not more than once in a calendar year unless a discrepancy has been found."),
            Wording("uk", "[[Inspection of the records by {B}, or by an accountant whom it appoints, presupposes {value}' notice]] stating the period under review. The accountant reports only whether the charges were right. {A:cap} may comment on the report within {other}, after which it is final."),
            Wording("us", "[[Upon no less than {value}' written notice, {B} may audit the books of {A} relating to the charges.]] Should an audit reveal an overcharge of five percent or more, {A} shall bear the cost of the audit and refund the excess within {other}."),
            Wording("plain", "You may come and look at our books; bring your own coffee. If the figures are wrong, you get the money back within {other}. [[Tell us {value} ahead, so that somebody who knows where things are is in.]]"),
            Wording("civil", "[[{B:cap} is entitled, on an announcement made {value} in advance, to inspect the documents relevant to billing on the premises of {A}]], or to have them inspected by a person bound to professional secrecy."),
            Wording("old", "THE BOOKS AND VOUCHERS OF {A:caps} SHALL LIE OPEN TO THE ACCOUNTANTS OF {B:caps} AT ALL REASONABLE HOURS, [[UPON {value:caps}' PREVIOUS INTIMATION IN WRITING]], AND ANY SUM FOUND OVERCHARGED SHALL BE REPAID WITHIN {other:caps}."),
        ),
        days(5, 7, 10, 14, 15, 20, 21), days(30, 45),
    ),
    ClauseType(
        "uncapped_liability", "Uncapped Liability", ("Exceptions from the Cap", "Unlimited Liability", "Carve-Outs"),
        (
            Wording("uk", "The limits stated elsewhere in {agreement} do not cover everything. [[Liability for {value} is unlimited]], and no exclusion, deductible or time bar agreed between the parties shall reduce it. Liability for {other} remains within the limits."),
            Wording("uk", "(a) The financial ceiling is the rule. (b) It is lifted in one case only: [[{A} is liable without any ceiling for {value}.]] (c) For the avoidance of doubt, {other} is not such a case, and no argument by analogy shall make it one."),
            Wording("us", "[[Notwithstanding any limitation of liability set forth herein, no cap shall apply to losses arising from {value}.]] The parties specifically negotiated this exception; it shall be construed narrowly and shall not extend to {other}."),
            Wording("plain", "The ceiling on what we pay has one hole in it, and only one; for {other}, say, it stays where it is. [[If the cause is {value}, we pay the whole damage, however large.]]"),
            Wording("civil", "The agreed limitation of liability does not apply in every case. [[It is set aside in the event of {value}, for which full compensation is owed]]; the burden of proof lies with the injured Party. {other:cap} does not fall under this exception."),
            Wording("old", "[[NO LIMIT OF LIABILITY HEREIN CONTAINED SHALL AVAIL {A:caps} IN RESPECT OF {value:caps}]], FOR WHICH IT SHALL ANSWER TO THE UTTERMOST FARTHING, ANY USAGE OF THE TRADE TO THE CONTRARY NOTWITHSTANDING."),
        ),
        texts("wilful default", "abandonment of the services", "forged inspection certificates", "unpaid customs duties", "loss of goods through open doors", "misuse of access badges", "breach of a safety instruction", "unauthorised subcontracting"),
        texts("an error in a forecast", "cosmetic damage to packaging", "ordinary wear of equipment", "delay by a third-party carrier"),
    ),
    ClauseType(
        "data_breach_notice", "Data Protection", ("Data Incidents", "Personal Data", "Notification of Data Breaches"),
        (
            Wording("uk", "[[{A:cap} shall notify {B} of a personal data breach within {value} of becoming aware of it]], stating what happened, whose data are affected and what has been done. A fuller report follows within {other}, and the press is not told first."),
            Wording("uk", "(a) A \"Data Incident\" is one that puts personal data at risk, whether or not the risk has materialised. (b) Suspicion is enough. (c) [[The interval between detection and report shall never be longer than {value}.]] (d) It runs through nights, weekends and holidays."),
            Wording("us", "Upon discovery of any unauthorized access to personal information in its custody, [[{A} shall furnish written notice to {B} not later than {value} after such discovery]], and a root cause analysis not later than {other} thereafter. The cost of statutory notifications shall be borne by {A}."),
            Wording("plain", "If data leaks, we tell you, even at night and even if it is embarrassing. [[You hear from us {value} after we notice, or earlier.]] We do not wait until we know everything; the whole story follows within {other}."),
            Wording("civil", "(1) {A:cap} processes personal data only on documented instructions. (2) [[Violations of the protection of such data are to be reported to {B} within {value} of knowledge.]] (3) The report is supplemented within {other} and does not constitute an admission of fault."),
            Wording("old", "SHOULD ANY RECORD RELATING TO NATURAL PERSONS BE LOST, STOLEN OR LAID OPEN, [[{A:caps} SHALL ADVISE {B:caps} BY THE SPEEDIEST MEANS AND IN ANY CASE BEFORE {value:caps} HAVE ELAPSED]], SUNDAYS AND HOLIDAYS COUNTING AS OTHER DAYS."),
        ),
        hours(12, 24, 36, 48, 72, 96), hours(120, 144, 168),
    ),
]  # fmt: skip
