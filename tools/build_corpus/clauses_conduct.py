"""Clauses about what the parties may and may not do, and who owns what."""

from .clauses_kinds import ClauseType, Wording, months, texts

CONDUCT = [
    ClauseType(
        "non_compete_months", "Non-Compete", ("Restrictive Covenant", "Non-Competition", "No Competing Business"),
        (
            Wording("uk", "During the term {A} shall not, in the Territory, supply services of the same description to a competitor of {B}. [[The restriction continues to bind {A} for {value} after termination.]] The parties consider it reasonable, having taken advice."),
            Wording("uk", "(a) The business protected is that described in the recitals. (b) [[{A:cap} shall keep out of it until {value} have passed since the end of the term.]] (c) A former subsidiary of {A} is bound for {other} only. (d) Passive investment is permitted."),
            Wording("us", "[[For so long as {agreement} is in effect and for a period of {value} thereafter, {A} shall not, directly or through an affiliate, engage in the Restricted Business.]] Holding less than two percent of a listed company is not a breach."),
            Wording("plain", "While we work for you we do not work for your rivals. Rivals are the companies on the list that you gave us, and nobody else. [[And for {value} after we stop working for you, we still do not.]]"),
            Wording("civil", "A prohibition of competition applies for the duration of {agreement}. [[It continues to have effect for {value} after its end]], against payment of reasonable compensation. Individual employees of {A} are released from it after {other}. It extends to the places of business of {B}."),
            Wording("old", "{A:caps} SHALL NOT, WHETHER AS PRINCIPAL, AGENT OR PARTNER, [[DURING THE CURRENCY OF {agreement:caps} NOR FOR {value:caps} AFTER ITS CESSATION]], CARRY ON ANY TRADE IN RIVALRY WITH {B:caps} WITHIN ONE HUNDRED MILES OF ITS PRINCIPAL PLACE OF BUSINESS."),
        ),
        months(6, 9, 12, 15, 18, 24), months(3, 4),
    ),
    ClauseType(
        "no_solicit_months", "No-Solicit Of Employees", ("Non-Solicitation", "Employees", "No Poaching"),
        (
            Wording("uk", "[[Neither party shall, during the term or within {value} after it, entice away any person employed by the other in connection with {agreement}.]] An answer to a public advertisement is not enticement."),
            Wording("uk", "(a) A party that poaches pays. (b) [[Engaging a member of the other's team sooner than {value} after the end of {agreement} requires that other's consent.]] (c) Consent may be made conditional on a fee equal to {other} of the person's last salary."),
            Wording("us", "Each party acknowledges the investment that the other makes in its personnel and agrees that [[until {value} have elapsed following termination it will not solicit for employment any employee of the other with whom it had contact.]] The agreed compensation for a breach is {other} of gross salary."),
            Wording("plain", "Please do not hire our people away, and we will not hire yours. [[This holds for {value} after the deal ends.]] If one of them knocks at your door unasked, tell us, and we will talk about it like adults."),
            Wording("civil", "The active enticement of employees is prohibited. [[The prohibition applies for the duration of {agreement} and a further {value}.]] It does not cover persons whose employment had already been terminated, by whichever side, when the first contact was made."),
            Wording("old", "[[NEITHER PARTY SHALL BEFORE THE LAPSE OF {value:caps} FROM THE DETERMINATION OF {agreement:caps} TAKE INTO ITS SERVICE ANY SERVANT, CLERK OR OFFICER OF THE OTHER]], UNDER FORFEIT OF {other:caps} OF THE WAGES OF THE PERSON SO TAKEN."),
        ),
        months(6, 8, 10, 12, 18, 24), months(3, 4),
    ),
    ClauseType(
        "exclusivity", "Exclusivity", ("Exclusivity", "Exclusive Dealing", "Reserved Business"),
        (
            Wording("uk", "[[As regards {value}, {A} shall not deal in the like services or goods with anyone but {B} during the term.]] The restriction does not extend to {other}, and it lapses if {B} orders nothing for two successive quarters."),
            Wording("uk", "The parties have not tied themselves to each other in general. [[In the matter of {value}, however, they deal only with each other]]; in every other matter, {other} included, each of them may deal with whom it likes and need not explain itself."),
            Wording("us", "(a) {A:cap} hereby grants {B} exclusivity to the extent set forth in this section. (b) [[The exclusivity so granted pertains to {value}, and to nothing else.]] (c) With respect to {other}, {A} remains at liberty to contract with third parties on any terms."),
            Wording("plain", "You are our only partner for one thing. [[That one thing is {value}.]] We will not do it with anybody else while the deal lasts. Everything else, such as {other}, we may do for whoever asks."),
            Wording("civil", "{B:cap} enjoys the protection of an exclusive relationship. [[The object of the exclusivity is confined to {value}]]; a wider exclusivity is not intended. In the event of infringement {B} may claim surrender of the proceeds. Existing relations concerning {other} are not affected."),
            Wording("old", "{A:caps} SHALL FOR THE WHOLE OF THE TERM [[RESERVE TO {B:caps} THE SOLE AND EXCLUSIVE BENEFIT OF ITS DEALINGS IN RESPECT OF {value:caps}]], AND SHALL TURN AWAY ALL OTHERS WHO MAY APPLY, WHATEVER THEY OFFER."),
        ),
        texts("the Skagerrak ports", "the island of Ireland", "the Bothnian coast", "the North Frisian islands", "night and weekend work", "goods in sealed containers", "own-brand goods", "business above the Arctic Circle"),
        texts("trial orders", "emergency work", "the Channel Islands", "inland customers"),
    ),
    ClauseType(
        "ip_ownership", "Ip Ownership Assignment", ("Intellectual Property", "Ownership of Results", "Title to Work Product"),
        (
            Wording("uk", "Each party keeps what it owned before. Rights in {other} stay with {A}, subject to a licence to use them. [[Copyright and all other rights in {value} vest in {B} on creation]], and {A} shall sign whatever is needed to perfect that title."),
            Wording("uk", "(a) No intellectual property changes hands by implication. (b) [[By express agreement, however, {value} become the property of {B} upon payment.]] (c) {A:cap} may keep one copy of each for its archive and may show it to nobody."),
            Wording("us", "[[{A:cap} hereby irrevocably assigns to {B} all right, title and interest in and to {value}]], which shall be deemed works made for hire to the extent permitted by law. {A:cap} retains ownership of {other}."),
            Wording("plain", "Who owns what? What you had, you keep; what we had, we keep, including {other}. [[{value:cap} are yours as soon as they are paid for.]] You may change them, sell them or frame them."),
            Wording("civil", "(1) Pre-existing rights, in particular in {other}, remain with their owner. (2) [[{A:cap} transfers to {B} the exclusive rights of exploitation in {value}, unlimited in time and place.]] (3) Moral rights of the authors remain unaffected to the extent that they cannot be waived."),
            Wording("old", "[[THE ENTIRE PROPERTY, LEGAL AND BENEFICIAL, IN {value:caps} SHALL BELONG TO {B:caps}]], WHETHER OR NOT {agreement:caps} BE SUBSEQUENTLY DETERMINED, AND {A:caps} SHALL HAVE NO LIEN THEREON FOR ANY SUM IN DISPUTE."),
        ),
        texts("deliverables made to order", "reports written for this project", "drawings bearing an order number", "tools and moulds charged separately", "photographs of the premises", "training materials for local crews", "data sets compiled on site", "labels and artwork in house colours"),
        texts("general-purpose tools", "standard forms and templates", "methods known before signature"),
    ),
    ClauseType(
        "license_scope", "License Grant", ("Licence", "Licence Territory", "Right of Use"),
        (
            Wording("uk", "{A:cap} grants {B} a non-exclusive, non-transferable licence to use the documentation and marks supplied with the services. [[The licence extends to {value} and no further]]; use in {other} is expressly reserved."),
            Wording("us", "Subject to payment, [[{A} hereby grants to {B} a limited license to use the Licensed Materials within {value}.]] No license is granted, by estoppel or otherwise, for {other}. All rights not expressly granted are reserved, and sublicensing requires written consent."),
            Wording("us", "(a) Field: the ordinary business of {B}. (b) [[Territory of the license: {value}.]] (c) Term: coterminous herewith. (d) Excluded: {other}, where a prior licensee has rights. (e) Consideration: included in the charges. (f) Sublicenses: to affiliates of {B} only."),
            Wording("plain", "You may use our manuals, our software and our name for as long as the deal lasts. [[Geographically, that means {value}.]] If you want to use them in {other} as well, ask; the answer is usually yes, and usually costs something."),
            Wording("civil", "The right of use is simple, not transferable and revocable for good cause. Reproduction is permitted to the extent necessary for backup. An extension to {other} requires a supplementary agreement. [[In spatial terms the right is restricted to {value}.]]"),
            Wording("old", "[[{A:caps} LICENSES {B:caps} TO EMPLOY ITS PROCESSES, PLANS AND NAME THROUGHOUT {value:caps}, BUT NOT ELSEWHERE]], AND {B:caps} SHALL NOT DISPUTE THE TITLE OF {A:caps} THERETO NOR SUFFER ANY OTHER PERSON TO DO SO."),
        ),
        texts("Ireland and the Isle of Man", "the Baltic littoral states", "Norway and the Faroe Islands", "the Benelux countries", "the Atlantic coast of France", "the seaports of the Elbe", "the Iberian peninsula", "the Great Lakes basin"),
        texts("Greenland", "the Canary Islands", "Svalbard", "the Azores"),
    ),
    ClauseType(
        "assignment_consent", "Anti-Assignment", ("Assignment", "Transfer of Rights", "No Assignment"),
        (
            Wording("uk", "Neither party may assign, charge or hold on trust its rights under {agreement} unless the other has consented in writing. [[Consent is not required for an assignment to {value}]], which need only be notified. Consent to an assignment to {other} may be refused without reasons."),
            Wording("uk", "(a) A party may subcontract but may not substitute another for itself. (b) Subject to (c), the giving of consent lies in the other party's absolute discretion. (c) [[The discretion falls away where the assignee is {value}.]] (d) It does not fall away where the assignee is {other}."),
            Wording("us", "[[Except to {value}, neither party shall assign any right hereunder absent the prior written consent of the other]], and any purported assignment in violation hereof, including by merger of a kind not excepted or by operation of law, shall be null and void."),
            Wording("plain", "This deal was made with you, not with whoever turns up. Handing it on needs a yes from the other side, [[unless it goes to {value}: for that, nobody has to ask.]] For {other} the answer is no, so there is no point in asking."),
            Wording("civil", "The transfer of {agreement}, or of individual claims, requires the approval of the other Party in text form. [[Approval is deemed given in advance for a transfer to {value}.]] The transferring Party remains liable as guarantor for one year. Commercial law on money claims is not affected."),
            Wording("old", "{agreement:caps} IS PERSONAL TO THE PARTIES AND SHALL NOT BE PLEDGED OR OTHERWISE PARTED WITH, [[SAVE THAT EITHER OF THEM MAY MAKE IT OVER TO {value:caps} WITHOUT LEAVE]], BUT NEVER IN ANY EVENT TO {other:caps}."),
        ),
        texts("an affiliate of equal standing", "the purchaser of the entire business", "a factoring bank", "a wholly owned subsidiary", "an insurer by subrogation", "a trustee for creditors", "the ultimate parent company"),
        texts("a competitor", "a company in liquidation", "a holding company without assets"),
    ),
]  # fmt: skip
