"""Who signed what with whom, and what they agreed: the fact graph. Fourteen families by hand; more of the same shapes from seeds."""

import datetime
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .clauses import BY_TYPE, COMMON
from .filler import suited
from .values import Value
from .world import LAWS, Company, person, region

SPLITS = {"train": 7, "dev": 2, "test": 5}


@dataclass(frozen=True)
class House:
    """A law firm's habits: its register, how it numbers, how it names the parties, how it writes numbers, what it prints on the page."""

    register: str
    numbering: str
    parties: str
    numbers: str
    modal: str = "shall"
    furniture: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """One document before it is written: what it is, who signs it, and its facts (type -> value)."""

    id: str
    kind: str
    title: str
    code: str
    date: str
    provider: Company
    halden: Company
    roles: tuple[str, str]
    house: House
    facts: dict[str, Value]
    currency: str
    items: tuple[tuple[str, str, Value], ...] = ()
    amends: str = ""
    pointers: tuple[str, ...] = ()  # fact types whose value may stand elsewhere: in Schedule B or among the definitions
    disagree: dict[str, int] = field(default_factory=dict)  # fact type -> the figure that contradicts the words
    prevails: str = ""  # side letter: the fact type for which it says that it prevails; master: "words" when words prevail over figures
    former: Company | None = None  # the party that was renamed, or that assigned the agreement
    helpers: tuple[str, ...] = ()
    noise: str = ""
    group: str = "Halden"

    @property
    def predecessor(self) -> Company:
        """The former party. Raises: ValueError where none was renamed or replaced."""
        if self.former is None:
            raise ValueError(f"{self.id} has no former party")
        return self.former


@dataclass(frozen=True)
class Family:
    """A master agreement and the documents that hang on it."""

    id: str
    split: str
    subject: str
    papers: tuple[Paper, ...] = field(default=())


@dataclass(frozen=True)
class Row:
    """One line of the plan. documents: nda | guarantee:who | side:stated+silent | a:types | name:who | assign:who | sow | order | end."""

    name: str
    split: str
    provider: str
    halden: str
    title: str
    prefix: str
    date: str
    roles: tuple[str, str]
    subject: str
    law: str
    currency: str
    further: str
    documents: str = ""


PLAN = [
    Row("cork-cold", "test", "norrland_ab", "foods", "Cold Storage Services Agreement", "CSA", "2017-03-06", ("Storer", "Depositor"), "cold", "Ireland", "EUR", "effective_date convenience_notice insurance audit_notice minimum_commitment volume_restriction warranty_months service_level price_increase late_interest data_breach_notice order_of_precedence notice_address exclusivity third_party_beneficiary uncapped_liability", "nda guarantee:norrland_holding side:audit_notice+exclusivity a:payment_days+liability_cap+force_majeure_days a:payment_days+minimum_commitment+renewal_term a:liability_cap+service_level+cure_period sow sow"),
    Row("hull-charter", "train", "osprey", "ferries", "Vessel Charter Agreement", "VCA", "2017-06-12", ("Owner", "Charterer"), "vessel", "England and Wales", "GBP", "agreement_date effective_date convenience_notice insurance liquidated_damages change_of_control_days late_interest price_increase exclusivity assignment_consent notice_address audit_notice uncapped_liability", "a:cure_period+insurance+price_increase a:cure_period+payment_days order end"),
    Row("grimsby-cold", "train", "norrland_ltd", "cold", "Refrigerated Warehousing Agreement", "RWA", "2020-01-20", ("Warehouse Keeper", "Customer"), "cold", "England and Wales", "GBP", "expiration_date effective_date insurance audit_notice minimum_commitment service_level late_interest warranty_months post_termination_months data_breach_notice order_of_precedence most_favored_customer volume_restriction notice_address", "nda side:warranty_months+payment_days a:renewal_notice+minimum_commitment+cure_period"),
    Row("duluth-cold", "train", "nordland", "cold", "Storage and Fulfilment Agreement", "SFA", "2021-09-15", ("Vendor", "Company"), "cold", "Delaware", "USD", "agreement_date convenience_notice insurance audit_notice minimum_commitment no_solicit_months change_of_control_days warranty_months late_interest assignment_consent notice_address data_breach_notice uncapped_liability"),
    Row("dublin-data", "train", "brightwater", "ferries", "Data Analytics Services Agreement", "DAS", "2022-02-01", ("Supplier", "Client"), "software", "Ireland", "EUR", "effective_date convenience_notice no_solicit_months audit_notice service_level post_termination_months warranty_months price_increase data_breach_notice ip_ownership license_scope order_of_precedence notice_address uncapped_liability most_favored_customer", "nda side:service_level+no_solicit_months sow"),
    Row("biella-yarn", "train", "tessera", "textiles", "Yarn Supply Agreement", "YSA", "2015-11-30", ("Seller", "Buyer"), "yarn", "Italy", "EUR", "expiration_date effective_date minimum_commitment liquidated_damages warranty_months non_compete_months price_increase late_interest exclusivity most_favored_customer third_party_beneficiary insurance volume_restriction"),
    Row("bergen-grid", "test", "kestrel", "energy", "Grid Maintenance Agreement", "GMA", "2018-08-22", ("Contractor", "Principal"), "grid", "Norway", "NOK", "agreement_date effective_date insurance liquidated_damages warranty_months service_level change_of_control_days audit_notice convenience_notice no_solicit_months price_increase late_interest ip_ownership assignment_consent notice_address uncapped_liability", "a:force_majeure_days+cure_period+warranty_months sow end"),
    Row("vlissingen-quay", "test", "polder", "ports", "Stevedoring Services Agreement", "SSA", "2016-04-18", ("Stevedore", "Terminal"), "quay", "the Netherlands", "EUR", "expiration_date effective_date insurance liquidated_damages minimum_commitment no_solicit_months late_interest price_increase audit_notice most_favored_customer order_of_precedence assignment_consent convenience_notice warranty_months notice_address", "nda side:late_interest+confidentiality_years a:payment_days+insurance+audit_notice sow"),
    Row("leeds-board", "dev", "castellan", "paper", "Packaging Board Supply Agreement", "PBS", "2019-10-07", ("Purchaser", "Mill"), "board", "Finland", "EUR", "effective_date minimum_commitment liquidated_damages warranty_months price_increase late_interest change_of_control_days exclusivity third_party_beneficiary insurance audit_notice uncapped_liability notice_address convenience_notice", "side:cure_period+warranty_months a:price_increase+payment_days+liability_cap sow"),
    Row("maine-resort", "test", "larkspur", "leisure", "Marketing and Booking Partnership Agreement", "MBP", "2020-12-03", ("Partner", "Operator"), "booking", "Delaware", "USD", "expiration_date agreement_date revenue_share non_compete_months no_solicit_months audit_notice convenience_notice post_termination_months license_scope exclusivity data_breach_notice insurance change_of_control_days third_party_beneficiary notice_address warranty_months"),
    Row("valencia-app", "train", "mirador", "software", "Software Development Agreement", "SDA", "2021-05-17", ("Developer", "Principal"), "software", "Germany", "EUR", "effective_date warranty_months no_solicit_months non_compete_months service_level post_termination_months liquidated_damages convenience_notice ip_ownership license_scope data_breach_notice insurance audit_notice order_of_precedence uncapped_liability", "a:initial_term+liability_cap+warranty_months sow assign:alameda"),
    Row("galway-oyster", "train", "saltmarsh", "ferries", "Shellfish Supply Agreement", "SHS", "2018-01-29", ("Grower", "Buyer"), "shellfish", "Ireland", "EUR", "agreement_date minimum_commitment volume_restriction warranty_months late_interest price_increase insurance liquidated_damages most_favored_customer convenience_notice exclusivity change_of_control_days"),
    Row("vantaa-fibre", "dev", "vantaa", "paper", "Recovered Fibre Purchase Agreement", "RFP", "2017-03-27", ("Seller", "Mill"), "fibre", "Finland", "EUR", "expiration_date effective_date minimum_commitment volume_restriction price_increase late_interest audit_notice change_of_control_days warranty_months insurance liquidated_damages assignment_consent most_favored_customer order_of_precedence", "guarantee:vantaa_parent a:payment_days+cure_period+audit_notice order"),
    Row("bremerhaven-haul", "test", "elbtor", "foods", "Reefer Haulage Framework Agreement", "RHF", "2019-07-11", ("Carrier", "Shipper"), "haulage", "Germany", "EUR", "agreement_date insurance liquidated_damages service_level audit_notice late_interest price_increase change_of_control_days volume_restriction license_scope ip_ownership minimum_commitment convenience_notice warranty_months non_compete_months revenue_share", "side:liquidated_damages+insurance name:weserkai a:renewal_term+liability_cap+payment_days order"),
]  # fmt: skip

HOUSES = [
    House(register, numbering, parties, numbers, modal, tuple(furniture.split()))
    for register, numbering, parties, numbers, modal, furniture in (
        ("uk", "1.", "role", "both", "shall", "pages"), ("uk", "Clause 1:", "name", "words", "will", ""), ("us", "Section 1.", "role", "both", "shall", "exhibits"),
        ("us", "ARTICLE 1 -", "initials", "figures", "shall", "pages wrapped"), ("plain", "1", "name", "figures", "will", ""), ("old", "1)", "role", "words", "shall", ""),
        ("civil", "§ 1", "role", "figures", "shall", ""), ("civil", "Article 1", "name", "both", "will", "exhibits"), ("us", "1.0", "initials", "mixed", "will", "contents"),
        ("plain", "1)", "role", "mixed", "will", "pages"), ("civil", "(1)", "initials", "mixed", "shall", "wrapped"), ("uk", "1", "role", "figures", "will", "contents"),
        ("old", "ARTICLE 1.", "role", "mixed", "shall", "pages"), ("uk", "1.", "initials", "both", "shall", "exhibits wrapped"),
    )
]  # fmt: skip

MEASURES = {  # what is counted, and plausible yearly minima of it
    "cold": ("pallet positions", (850, 1_150, 2_400, 3_200)), "quay": ("container moves", (18_000, 40_000, 65_000, 90_000)), "yarn": ("kilograms of yarn", (12_000, 18_000, 40_000, 65_000)),
    "board": ("tonnes of board", (2_400, 3_600, 5_200, 7_500)), "shellfish": ("crates", (600, 850, 1_150, 1_900)), "fibre": ("tonnes of recovered fibre", (6_000, 9_500, 12_000, 18_000)),
    "haulage": ("reefer trips", (260, 420, 600, 850)), "vessel": ("charter days", (60, 90, 120, 160)), "software": ("consulting days", (80, 120, 200, 260)), "grid": ("line kilometres", (240, 350, 480, 620)),
    "booking": ("room nights", (2_400, 5_000, 8_000, 12_000)),
}  # fmt: skip

GOODS = {  # what is sold: price-list prefix, and the goods with a usual price
    "cold": ("CS", {"Blast freezing, per pallet": 41, "Storage at -25 C, per pallet and week": 5.4, "Storage at +4 C, per pallet and week": 3.9, "Handling in, per pallet": 6.2, "Handling out, per pallet": 6.8, "Stock count, per hour": 48, "Label print, per hundred": 7.5, "Re-stacking, per pallet": 11}),
    "vessel": ("VC", {"Daily hire, m.v. Gannet's Folly": 8900, "Daily hire, m.v. Second Helping": 7450, "Demurrage, per day": 5200, "Hold cleaning, per hold": 1350, "Waiting time, per hour": 410, "Crew overtime, per hour": 54}),
    "software": ("SW", {"Senior engineer, per day": 1120, "Engineer, per day": 840, "Data steward, per day": 690, "Hosting, per month": 2350, "Support call outside hours, per call": 185, "Training day, per group": 1600}),
    "yarn": ("YN", {"Merino 2/28, per kilogram": 31, "Merino 2/60, per kilogram": 44, "Cashmere blend, per kilogram": 128, "Dyeing to shade, per kilogram": 6.4, "Cone winding, per kilogram": 1.9, "Sample card, each": 14}),
    "grid": ("GM", {"Line inspection, per kilometre": 3900, "Transformer oil test, each": 5200, "Helicopter hour": 24500, "Insulator replacement, each": 7800, "Standby crew, per night": 16400, "Thermal survey, per substation": 9800}),
    "quay": ("QY", {"Container move, laden": 68, "Container move, empty": 49, "Reefer plug, per day": 57, "Lashing gang, per hour": 265, "Mooring, per call": 940, "Weighbridge ticket, each": 22}),
    "board": ("PB", {"Folding board 250 g, per tonne": 1090, "Folding board 300 g, per tonne": 1045, "Liner 140 g, per tonne": 690, "Slitting, per tonne": 38, "Edge protection, per reel": 4.6, "Pallet deposit, each": 12}),
    "booking": ("BK", {"Featured listing, per month": 640, "Photo shoot, per property": 1850, "Gift card, per hundred": 95, "Call centre seat, per month": 2900, "Loyalty points, per thousand": 8.4, "Lobby screen, per quarter": 410}),
    "shellfish": ("SF", {"Native oysters no. 2, per hundred": 118, "Pacific oysters, per hundred": 74, "Mussels on rope, per kilogram": 3.2, "Purification, per batch": 160, "Ice, per tonne": 84, "Returnable crate, each": 9.5}),
    "fibre": ("RF", {"Mixed paper, per tonne": 96, "Corrugated, per tonne": 121, "White ledger, per tonne": 214, "Baling wire credit, per tonne": 4.2, "Moisture test, each": 33, "Collection, per stop": 58}),
    "haulage": ("RH", {"Bremerhaven to Rotterdam, per box": 920, "Bremerhaven to Basel, per box": 1740, "Genset day": 62, "Detention, per hour": 71, "Temperature log, per trip": 9.5, "Drop trailer, per day": 84}),
}  # fmt: skip
HELPERS = {  # who in the trade may help out as a subcontractor: often a neighbour with nearly the same name
    "cold": "nordlands norrland_ltd norrland_ab nordland", "vessel": "ospray osprey", "software": "brightwater_ab miradouro brightwater", "yarn": "tessera_tessuti castellan_oy", "grid": "kestrel_ltd ospray",
    "quay": "polder_zonen ospray", "board": "castellan_oy vanta", "booking": "miradouro larkspur_parent", "shellfish": "saltmarsh_uk nordlands", "fibre": "vanta castellan_oy", "haulage": "elbtor_spedition polder_zonen",
}  # fmt: skip
VARIANTS = {  # for generated regions: other titles and roles of the same business
    "cold": (["Cold Storage Services Agreement", "Refrigerated Warehousing Agreement", "Storage and Fulfilment Agreement", "Temperature-Controlled Logistics Agreement"], [("Storer", "Depositor"), ("Warehouse Keeper", "Customer"), ("Vendor", "Company")]),
    "vessel": (["Vessel Charter Agreement", "Tonnage Supply Agreement", "Time Charter Framework Agreement"], [("Owner", "Charterer"), ("Ship Owner", "Hirer")]),
    "software": (["Data Analytics Services Agreement", "Software Development Agreement", "Platform Services Agreement", "Systems Maintenance Agreement"], [("Supplier", "Client"), ("Developer", "Principal")]),
    "yarn": (["Yarn Supply Agreement", "Spinning Services Agreement"], [("Seller", "Buyer"), ("Spinner", "Weaver")]), "grid": (["Grid Maintenance Agreement", "Overhead Line Services Agreement"], [("Contractor", "Principal"), ("Service Provider", "Grid Owner")]),
    "quay": (["Stevedoring Services Agreement", "Terminal Labour Agreement"], [("Stevedore", "Terminal"), ("Contractor", "Port")]), "board": (["Packaging Board Supply Agreement", "Carton Board Purchase Agreement"], [("Purchaser", "Mill"), ("Converter", "Producer")]),
    "booking": (["Marketing and Booking Partnership Agreement", "Hotel Distribution Agreement"], [("Partner", "Operator"), ("Property Manager", "Platform")]), "shellfish": (["Shellfish Supply Agreement", "Seafood Supply Agreement"], [("Grower", "Buyer"), ("Fishery", "Caterer")]),
    "fibre": (["Recovered Fibre Purchase Agreement", "Waste Paper Supply Agreement"], [("Seller", "Mill"), ("Collector", "Consumer")]), "haulage": (["Reefer Haulage Framework Agreement", "Refrigerated Transport Agreement"], [("Carrier", "Shipper"), ("Haulier", "Consignor")]),
}  # fmt: skip
CURRENCY = {"Denmark": "DKK", "Norway": "NOK", "England and Wales": "GBP", "Scotland": "GBP", "Delaware": "USD"}
BIG = {"NOK": 10, "DKK": 7}  # a krone is small money: sums are multiplied so that a cap stays a cap
POINTABLE = (
    "payment_days",
    "service_level",
    "cure_period",
    "force_majeure_days",
    "late_interest",
    "price_increase",
    "warranty_months",
    "insurance",
    "audit_notice",
    "liability_cap",
    "confidentiality_years",
)
MEASURED = ("minimum_commitment", "volume_restriction")
ORDERED = (  # what a statement of work or an order form settles for itself
    ("payment_days", "warranty_months", "service_level"), ("payment_days", "liquidated_damages", "insurance"), ("late_interest", "convenience_notice", "audit_notice"),
    ("service_level", "cure_period", "price_increase"), ("payment_days", "force_majeure_days", "liquidated_damages"), ("convenience_notice", "post_termination_months", "notice_address"),
)  # fmt: skip
DATED = ("agreement_date", "effective_date", "expiration_date")


def families(number: int = 0, seed: int = 2024) -> Iterator[Family]:
    """The families of one region with their documents and facts; region 0 is Halden's, by hand. The same for the same seed."""
    group, ours, others = region(number)
    rows = PLAN if not number else _invented(number, group, ours, random.Random(f"{seed}-rows-{number}"))
    for place, row in enumerate(rows):
        yield _family(place, number, group, row, ours, others, random.Random(f"{seed}-{row.name}"))


def later(date: str, days: int) -> str:
    """The ISO date so many days later."""
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat()


def in_force(papers: list[Paper], kind: str) -> Value:
    """The newest value of a fact type among a master and its amendments."""
    return [p.facts[kind] for p in papers if p.kind in ("master", "amendment") and kind in p.facts][-1]


def _invented(number: int, group: str, ours: dict[str, Company], rng: random.Random) -> Iterator[Row]:
    """The plan's shapes with other titles, dates, laws and terms."""
    for place, row in enumerate(PLAN):
        titles, roles = VARIANTS[row.subject]
        title, law = titles[(place + number) % len(titles)], rng.choice(list(LAWS))
        prefix = "".join(word[0] for word in title.replace("-", " ").split() if word[0].isupper())
        date = later("2014-01-06", rng.randint(0, 3800))
        fixed = {kind for part in row.documents.split() if ":" in part for kind in part.split(":")[1].split("+")}
        own = row.further.split()
        spare = [kind for kind in BY_TYPE if kind not in own and kind not in COMMON and kind not in DATED]
        swapped = {
            kind
            for kind in rng.sample(own, 4)
            if kind not in fixed and kind not in DATED and kind != "convenience_notice"
        }
        further = [kind for kind in own if kind not in swapped] + rng.sample(spare, min(len(swapped), len(spare)))
        yield replace(
            row, name=f"{group.lower().replace(' ', '-')}-{row.name.split('-')[1]}-{place}", title=title, prefix=prefix, date=date, roles=rng.choice(roles), law=law,
            currency=CURRENCY.get(ours[row.halden].country, "EUR"), further=" ".join(further),
        )  # fmt: skip


def _family(
    place: int,
    number: int,
    group: str,
    row: Row,
    ours: dict[str, Company],
    others: dict[str, Company],
    rng: random.Random,
) -> Family:
    house = HOUSES[(place + number * 5) % len(HOUSES)]
    documents = row.documents.split()
    kept = {kind for part in documents if part.startswith(("a:", "side:")) for kind in part.split(":")[1].split("+")}
    kinds = [
        kind
        for kind in dict.fromkeys((*COMMON, *row.further.split()))
        if kind in BY_TYPE and not (kind == "initial_term" and "expiration_date" in row.further)
    ]
    pointable = [kind for kind in POINTABLE if kind in kinds and kind not in kept]
    rng.shuffle(pointable)
    disagree = next(
        (
            kind
            for kind in ("post_termination_months", "audit_notice", "cure_period")
            if kind in kinds and kind not in kept
        ),
        "",
    )
    wrong_figure = bool(place % 4 == 3 and disagree)
    pointers = tuple(kind for kind in pointable if kind != disagree or not wrong_figure)
    gone = {
        row.provider,
        *(part.split(":")[1] for part in documents if part.startswith(("name:", "assign:", "guarantee:"))),
    }
    helpers = [
        others[key].name for key in (*HELPERS[row.subject].split(), *others) if key in others and key not in gone
    ][:2]
    master = Paper(
        f"{row.name}-master", "master", row.title, f"{row.prefix}-{row.date[:4]}-{11 + place * 7 + 101 * number:03d}", row.date, others[row.provider], ours[row.halden],
        row.roles, house, {}, row.currency, pointers=pointers, group=group, helpers=tuple(rng.sample(helpers, 2)),
        noise="ocr" if row.name == "vlissingen-quay" or (number and place == number % 14) else "",
    )  # fmt: skip
    master = replace(
        master,
        facts=_facts(kinds, row, master, ours, rng),
        items=_items(row.subject, rng, row.currency, place + 80 * number),
    )
    if wrong_figure:
        master = replace(
            master, disagree={disagree: _other_figure(master.facts[disagree])}, prevails="" if place == 11 else "words"
        )
    papers = [master]
    for part in documents:
        papers.append(_hung(part, papers, row, place + 80 * number, ours, others, rng))
    return Family(
        row.name,
        row.split,
        row.subject,
        tuple(sorted(papers, key=lambda paper: (paper is not master, paper.date, paper.id))),
    )


def _facts(kinds: list[str], row: Row, paper: Paper, ours: dict[str, Company], rng: random.Random) -> dict[str, Value]:
    """Values that make sense together: dates in order, insurance not below the cap, a ceiling on volume above the floor."""
    effective = later(row.date, rng.choice([9, 14, 20, 24, 30])) if "effective_date" in kinds else row.date
    facts: dict[str, Value] = {}
    for kind in kinds:
        if kind == "governing_law":
            facts[kind] = Value("law", row.law)
        elif kind == "agreement_date":
            facts[kind] = Value("date", row.date)
        elif kind == "effective_date":
            facts[kind] = Value("date", effective)
        elif kind == "expiration_date":
            years = rng.choice([3, 4, 5, 6, 7])
            facts[kind] = Value(
                "date",
                later(effective, -1)
                .replace(later(effective, -1)[:4], str(int(later(effective, -1)[:4]) + years), 1)
                .replace("-02-29", "-02-28"),
            )
        else:
            facts[kind] = draw(kind, rng, paper, row.subject, ours)
    if "insurance" in facts and "liability_cap" in facts and facts["insurance"].number < facts["liability_cap"].number:
        facts["insurance"] = replace(facts["insurance"], amount=_above(facts["liability_cap"], row.currency))
    if "volume_restriction" in facts and "minimum_commitment" in facts:
        facts["volume_restriction"] = replace(
            facts["minimum_commitment"], amount=int(facts["minimum_commitment"].number * rng.choice([1.5, 2, 2.5]))
        )
    return facts


def _raise_insurance(facts: dict[str, Value], papers: list[Paper], currency: str) -> None:
    """An amendment does not leave the insured sum below the cap on liability."""
    cap = facts.get("liability_cap") or in_force(papers, "liability_cap")
    if "insurance" in facts and facts["insurance"].number < cap.number:
        was = in_force(papers, "insurance").number
        more = [
            v.number * BIG.get(currency, 1)
            for v in BY_TYPE["insurance"].values
            if v.number * BIG.get(currency, 1) >= cap.number and v.number * BIG.get(currency, 1) != was
        ]
        facts["insurance"] = replace(facts["insurance"], amount=more[0] if more else was * 2)


def _above(cap: Value, currency: str) -> int | float:
    sums = sorted(value.number * BIG.get(currency, 1) for value in BY_TYPE["insurance"].values)
    return next((amount for amount in sums if amount >= cap.number), sums[-1])


AMERICAN = (
    "the Great Lakes basin",
    "night and weekend work",
    "goods in sealed containers",
    "own-brand goods",
)  # what a deal in dollars is about


def draw(
    kind: str, rng: random.Random, paper: Paper, subject: str, ours: dict[str, Company], but: Value | None = None
) -> Value:
    """A value of a fact type for this paper; another one than `but`."""
    scale = BIG.get(paper.currency, 1)
    if kind in MEASURED:
        unit, amounts = MEASURES[subject]
        values = [Value("quantity", n if kind == "minimum_commitment" else 2 * n, unit) for n in amounts]
    else:
        values = [
            replace(v, amount=v.amount * scale, unit=paper.currency) if v.kind == "money" else v
            for v in BY_TYPE[kind].values
        ]
    if kind == "notice_address":
        values = [value for value in values if "@" in str(value.amount) or paper.halden.city in str(value.amount)]
    if kind in ("exclusivity", "license_scope"):
        values = [
            value
            for value in values
            if (value.amount in AMERICAN) >= (paper.currency == "USD")
            and (paper.currency == "USD" or value.amount != "the Great Lakes basin")
        ]
    values = [
        replace(v, amount=local(suited(str(v.amount), subject), paper)) if v.kind == "text" else v for v in values
    ]
    if but is not None:
        values = _near(values, but)
    return rng.choice(values)


def _near(values: list[Value], but: Value) -> list[Value]:
    """The values that a renegotiation may end at: not the same, and of numbers not far away."""
    if but.kind in ("text", "law", "date"):
        return [value for value in values if value.amount != but.amount]
    ranked = sorted(
        [value for value in values if value.amount != but.amount],
        key=lambda value: abs(math.log(value.number / but.number)) if value.number else 9,
    )
    return ranked[: max(1, min(3, len(ranked) // 2))]


def local(text: str, paper: Paper) -> str:
    """Halden's own companies and addresses belong to Halden; another region's group has its own."""
    group = paper.group
    return (
        text.replace("Halden", group).replace("halden", group.lower().replace(" ", "-")) if group != "Halden" else text
    )


def _other_figure(value: Value) -> int:
    return int(value.amount) + {"days": 15, "months": 3, "years": 1, "hours": 24}[value.kind]


def _items(subject: str, rng: random.Random, currency: str, number: int) -> tuple[tuple[str, str, Value], ...]:
    prefix, goods = GOODS[subject]
    first, scale = 4100 + 37 * number, {"DKK": 7, "NOK": 1 if subject == "grid" else 10}.get(currency, 1)
    return tuple(
        (
            f"{prefix}-{first + 3 * index}-{rng.choice('RSTX')}",
            good,
            Value("price", round(price * scale * rng.uniform(0.82, 1.19), 2), currency),
        )
        for index, (good, price) in enumerate(goods.items())
    )


def _hung(
    part: str,
    papers: list[Paper],
    row: Row,
    number: int,
    ours: dict[str, Company],
    others: dict[str, Company],
    rng: random.Random,
) -> Paper:
    """One of the documents that hang on the master, by its code in the plan."""
    what, _, detail = part.partition(":")
    master, last = papers[0], papers[-1]
    kind_of = {"a": "amendment", "name": "amendment", "sow": "statement of work", "order": "order form"}
    same = [paper.kind for paper in papers].count(kind_of.get(what, what)) + 1
    provider = next((paper.provider for paper in reversed(papers) if paper.former), master.provider)
    base = replace(
        master, provider=provider, facts={}, items=(), amends=master.id, pointers=(), disagree={}, noise="",
        house=replace(master.house, furniture=()), helpers=(),
    )  # fmt: skip
    newest = max(paper.date for paper in papers)
    match what:
        case "nda":
            date = later(master.date, -rng.randint(40, 110))
            law = rng.choice(
                [law for law in ("Switzerland", "Sweden", "Scotland", "New York", "Denmark") if law != row.law]
            )
            kinds = (
                "agreement_date",
                "initial_term",
                "confidentiality_years",
                "dispute_seat",
                "no_solicit_months",
                "assignment_consent",
                "cure_period",
                "notice_address",
            )
            base = replace(
                base,
                provider=master.provider,
                house=HOUSES[(number * 3 + 5) % len(HOUSES)],
                roles=("First Party", "Second Party"),
                amends="",
            )
            facts = {"governing_law": Value("law", law)} | {
                k: Value("date", date)
                if k == "agreement_date"
                else draw(k, rng, base, row.subject, ours, master.facts.get(k))
                for k in kinds
                if k in BY_TYPE
            }
            return replace(
                base,
                id=f"{row.name}-nda",
                kind="non-disclosure agreement",
                title="Mutual Non-Disclosure Agreement",
                code=f"NDA-{date[:4]}-{_serial(number, 57, rng)}",
                date=date,
                facts=facts,
            )
        case "guarantee":
            date = later(master.date, rng.randint(1, 20))
            cap = master.facts["liability_cap"]
            facts = {
                "governing_law": Value("law", row.law), "guarantee_cap": replace(cap, amount=int(cap.number * rng.choice([1.5, 2, 2.5]))),
                "guarantee_expiry": Value("date", later(date, 365 * rng.choice([6, 8, 9]) + rng.choice([31, 77]))), "demand_days": Value("days", rng.choice([5, 8, 12, 18])),
            } | {k: draw(k, rng, base, row.subject, ours, master.facts.get(k)) for k in ("dispute_seat",)}  # fmt: skip
            return replace(
                base,
                id=f"{row.name}-guarantee",
                kind="parent guarantee",
                title="Parent Company Guarantee",
                code=f"PCG-{date[:4]}-{_serial(number, 6, rng)}",
                date=date,
                provider=others[detail],
                roles=("Guarantor", "Beneficiary"),
                facts=facts,
                former=None,
                helpers=(master.provider.name, master.provider.short),
            )
        case "side":
            date = later(master.date, rng.randint(4, 26))
            kinds = [kind for kind in detail.split("+") if kind in master.facts]
            facts = {kind: draw(kind, rng, base, row.subject, ours, master.facts[kind]) for kind in kinds}
            return replace(
                base,
                id=f"{row.name}-side-letter",
                kind="side letter",
                title="Side Letter",
                code=f"{master.code}-L",
                date=date,
                facts=facts,
                prevails=detail.split("+")[0] if detail.split("+")[0] in kinds else "",
            )
        case "a":
            date = later(max(newest, later(master.date, 330)), rng.randint(90, 320))
            kinds = [kind for kind in detail.split("+") if kind in master.facts]
            facts = {kind: draw(kind, rng, base, row.subject, ours, in_force(papers, kind)) for kind in kinds}
            _raise_insurance(facts, papers, row.currency)
            return replace(
                base,
                id=f"{row.name}-amendment-{same}",
                kind="amendment",
                title=f"Amendment No. {same} to the {master.title}",
                code=f"{master.code}-A{same}",
                date=date,
                facts=facts,
            )
        case "name":
            date = later(newest, rng.randint(260, 420))
            new = others[detail]
            return replace(
                base,
                id=f"{row.name}-amendment-{same}",
                kind="amendment",
                title=f"Amendment No. {same} to the {master.title}",
                code=f"{master.code}-A{same}",
                date=date,
                provider=new,
                former=master.provider,
                facts={"new_name": Value("text", new.name)},
            )
        case "assign":
            date = later(newest, rng.randint(120, 300))
            new = others[detail]
            facts = {
                "assignee": Value("text", new.name),
                "assignment_date": Value("date", later(date, rng.choice([14, 21, 30]))),
            }
            return replace(
                base,
                id=f"{row.name}-assignment",
                kind="assignment",
                title="Deed of Assignment and Assumption",
                code=f"ASG-{date[:4]}-{_serial(number, 6, rng)}",
                date=date,
                provider=new,
                former=master.provider,
                facts=facts,
            )
        case "sow" | "order":
            kind = "statement of work" if what == "sow" else "order form"
            facts = _ordered_facts(ORDERED[(number + same) % len(ORDERED)], papers, base, row, ours, rng)
            date = later(last.date if last.kind == kind else master.date, rng.randint(120, 380))
            if what == "order":
                date = later(newest, rng.randint(30, 160))
            code = f"{'SOW' if what == 'sow' else 'OF'}-{date[:4]}-{211 + number * 13 + same}"
            title = f"{'Statement of Work' if what == 'sow' else 'Order Form'} No. {same}"
            items = tuple(
                (c, good, replace(price, amount=round(price.number * rng.uniform(0.9, 0.97), 2)))
                for c, good, price in rng.sample(_items(row.subject, rng, row.currency, number + 20 * same), 3)
            )
            signs = (
                provider
                if date > max((paper.date for paper in papers if paper.former), default="9999")
                else master.provider
            )
            return replace(
                base,
                id=f"{row.name}-{what}-{same}",
                kind=kind,
                title=title,
                code=code,
                date=date,
                facts=facts,
                items=items,
                provider=signs,
            )
        case "end":
            date = later(max(newest, later(master.date, 700)), rng.randint(60, 200))
            period = (
                in_force(papers, "convenience_notice")
                if "convenience_notice" in master.facts
                else in_force(papers, "renewal_notice")
            )
            ends = _month_end(later(date, int(period.amount) * {"days": 1, "months": 31}[period.kind]))
            return replace(
                base,
                id=f"{row.name}-termination",
                kind="termination notice",
                title="Notice of Termination",
                code=f"{master.code}-T",
                date=date,
                facts={
                    "termination_date": Value("date", ends),
                    "handover_contact": Value("text", person(master.halden, row.name)),
                },
            )
    raise ValueError(f"{part!r} in the plan of {row.name!r} is no kind of document; see the docstring of Row")


def _ordered_facts(
    kinds: Iterable[str], papers: list[Paper], base: Paper, row: Row, ours: dict[str, Company], rng: random.Random
) -> dict[str, Value]:
    """What an order or a statement of work says; it does not insure less than the cap on liability."""
    master = papers[0].facts
    facts = {k: draw(k, rng, base, row.subject, ours, in_force(papers, k) if k in master else None) for k in kinds}
    if "insurance" in facts and facts["insurance"].number < master["liability_cap"].number:
        facts.pop("insurance")
    return facts


def _serial(number: int, room: int, rng: random.Random) -> int:
    """A number that no other family uses: each has a little room of its own to draw from."""
    return room * (number % 80 + 2) + rng.randrange(room) + 1000 * (number // 80)


def _month_end(date: str) -> str:
    first = datetime.date.fromisoformat(date).replace(day=1)
    return ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).isoformat()
