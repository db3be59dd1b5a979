"""Who signed what with whom, and what they agreed: the fact graph."""

import random
from dataclasses import dataclass, field, replace

from .clauses import BY_TYPE, COMMON
from .values import Value
from .world import HALDEN, OTHERS, Company

SPLITS = {"train": 7, "dev": 2, "test": 5}


@dataclass(frozen=True)
class House:
    """A law firm's habits: the register it prefers, how it numbers, whether parties go by role or by name."""

    register: str
    numbering: str
    parties: str
    money: str


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
    items: tuple[tuple[str, str, Value], ...] = ()
    amends: str = ""
    pointers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """A master agreement and the documents that hang on it."""

    id: str
    split: str
    subject: str
    papers: tuple[Paper, ...] = field(default=())


# family, split, provider, Halden company, title, code prefix, signed, roles, subject, law, further clauses, amendments, SOW, NDA
PLAN = [
    ("cork-cold", "test", "norrland_ab", "foods", "Cold Storage Services Agreement", "CSA", "2019-03-04", ("Storer", "Depositor"), "cold", "Ireland", "convenience_notice insurance audit_notice minimum_commitment warranty_months service_level price_increase late_interest", "payment_days liability_cap", 1, 1),
    ("hull-charter", "train", "osprey", "ferries", "Vessel Charter Agreement", "VCA", "2017-06-12", ("Owner", "Charterer"), "vessel", "England and Wales", "convenience_notice insurance liquidated_damages change_of_control_days late_interest price_increase", "cure_period", 1, 0),
    ("grimsby-cold", "train", "norrland_ltd", "cold", "Refrigerated Warehousing Agreement", "RWA", "2020-01-20", ("Warehouse Keeper", "Customer"), "cold", "England and Wales", "insurance audit_notice minimum_commitment service_level late_interest warranty_months post_termination_months", "renewal_notice minimum_commitment", 1, 1),
    ("duluth-cold", "train", "nordland", "leisure", "Storage and Fulfilment Agreement", "SFA", "2021-09-15", ("Vendor", "Company"), "cold", "Delaware", "convenience_notice insurance audit_notice minimum_commitment no_solicit_months change_of_control_days", "", 1, 0),
    ("dublin-data", "train", "brightwater", "ports", "Data Analytics Services Agreement", "DAS", "2022-02-01", ("Supplier", "Client"), "software", "Ireland", "convenience_notice no_solicit_months audit_notice service_level post_termination_months warranty_months price_increase", "payment_days", 1, 1),
    ("biella-yarn", "train", "tessera", "textiles", "Yarn Supply Agreement", "YSA", "2015-11-30", ("Seller", "Buyer"), "yarn", "Italy", "minimum_commitment liquidated_damages warranty_months non_compete_months price_increase late_interest", "liability_cap", 0, 0),
    ("bergen-grid", "test", "kestrel", "energy", "Grid Maintenance Agreement", "GMA", "2018-08-22", ("Contractor", "Principal"), "grid", "Norway", "insurance liquidated_damages warranty_months service_level change_of_control_days audit_notice convenience_notice", "force_majeure_days cure_period", 1, 0),
    ("vlissingen-quay", "test", "polder", "ports", "Stevedoring Services Agreement", "SSA", "2016-04-18", ("Stevedore", "Terminal"), "quay", "the Netherlands", "insurance liquidated_damages minimum_commitment no_solicit_months late_interest price_increase audit_notice", "payment_days", 0, 1),
    ("leeds-board", "train", "castellan", "paper", "Packaging Board Supply Agreement", "PBS", "2019-10-07", ("Purchaser", "Mill"), "board", "Finland", "minimum_commitment liquidated_damages warranty_months price_increase late_interest change_of_control_days", "price_increase", 1, 0),
    ("maine-resort", "test", "larkspur", "leisure", "Marketing and Booking Partnership Agreement", "MBP", "2020-12-03", ("Partner", "Operator"), "booking", "Delaware", "revenue_share non_compete_months no_solicit_months audit_notice convenience_notice post_termination_months", "revenue_share", 0, 1),
    ("valencia-app", "dev", "mirador", "software", "Software Development Agreement", "SDA", "2021-05-17", ("Developer", "Principal"), "software", "Germany", "warranty_months no_solicit_months non_compete_months service_level post_termination_months liquidated_damages convenience_notice", "initial_term", 1, 1),
    ("galway-oyster", "train", "saltmarsh", "foods", "Shellfish Supply Agreement", "SHS", "2018-01-29", ("Grower", "Buyer"), "shellfish", "Ireland", "minimum_commitment warranty_months late_interest price_increase insurance liquidated_damages", "minimum_commitment", 0, 0),
    ("vantaa-fibre", "dev", "vantaa", "paper", "Recycled Fibre Purchase Agreement", "RFP", "2017-03-27", ("Seller", "Mill"), "fibre", "Finland", "minimum_commitment price_increase late_interest audit_notice change_of_control_days warranty_months insurance", "payment_days", 0, 0),
    ("bremerhaven-haul", "test", "elbtor", "cold", "Reefer Haulage Framework Agreement", "RHF", "2022-07-11", ("Carrier", "Shipper"), "haulage", "Germany", "insurance liquidated_damages service_level audit_notice late_interest price_increase change_of_control_days", "renewal_term liability_cap", 1, 0),
]  # fmt: skip

MEASURES = {
    "cold": "pallet positions", "quay": "container moves", "yarn": "kilograms of yarn", "board": "tonnes of board", "shellfish": "crates",
    "fibre": "tonnes of recovered fibre", "haulage": "reefer trips",
}  # fmt: skip

HOUSES = [
    House(register, numbering, parties, money)
    for register, numbering, parties, money in (
        ("uk", "1.", "role", "GBP"), ("us", "Section 1.", "role", "USD"), ("civil", "§ 1", "role", "EUR"), ("plain", "1", "name", "EUR"),
        ("uk", "Clause 1:", "name", "GBP"), ("us", "Article 1 -", "role", "USD"), ("civil", "Article 1", "name", "EUR"),
    )
]  # fmt: skip

GOODS = {
    "cold": ("CS", ["Blast freezing, per pallet", "Storage at -25 C, per pallet and week", "Storage at +4 C, per pallet and week", "Handling in, per pallet", "Handling out, per pallet", "Stock count, per hour", "Label print, per hundred"]),
    "vessel": ("VC", ["Daily hire, m.v. Gannet's Folly", "Daily hire, m.v. Second Helping", "Demurrage, per day", "Hold cleaning, per hold", "Waiting time, per hour", "Crew overtime, per hour"]),
    "software": ("SW", ["Senior engineer, per day", "Engineer, per day", "Data steward, per day", "Hosting, per month", "Support call outside hours, per call", "Training day, per group"]),
    "yarn": ("YN", ["Merino 2/28, per kilogram", "Merino 2/60, per kilogram", "Cashmere blend, per kilogram", "Dyeing to shade, per kilogram", "Cone winding, per kilogram", "Sample card, each"]),
    "grid": ("GM", ["Line inspection, per kilometre", "Transformer oil test, each", "Helicopter hour", "Insulator replacement, each", "Standby crew, per night", "Thermal survey, per substation"]),
    "quay": ("QY", ["Container move, laden", "Container move, empty", "Reefer plug, per day", "Lashing gang, per hour", "Mooring, per call", "Weighbridge ticket, each"]),
    "board": ("PB", ["Folding board 250 g, per tonne", "Folding board 300 g, per tonne", "Liner 140 g, per tonne", "Slitting, per tonne", "Edge protection, per reel", "Pallet deposit, each"]),
    "booking": ("BK", ["Featured listing, per month", "Photo shoot, per property", "Gift card, per hundred", "Call centre seat, per month", "Loyalty points, per thousand", "Lobby screen, per quarter"]),
    "shellfish": ("SF", ["Native oysters no. 2, per hundred", "Pacific oysters, per hundred", "Mussels on rope, per kilogram", "Purification, per batch", "Ice, per tonne", "Returnable crate, each"]),
    "fibre": ("RF", ["Mixed paper, per tonne", "Corrugated, per tonne", "White ledger, per tonne", "Baling wire credit, per tonne", "Moisture test, each", "Collection, per stop"]),
    "haulage": ("RH", ["Bremerhaven to Rotterdam, per box", "Bremerhaven to Basel, per box", "Genset day", "Detention, per hour", "Temperature log, per trip", "Drop trailer, per day"]),
}  # fmt: skip


def families(seed: int = 2024) -> list[Family]:
    """All families with their documents and facts; the same for the same seed."""
    return [_family(number, row, random.Random(f"{seed}-{row[0]}")) for number, row in enumerate(PLAN)]


def _family(number: int, row: tuple, rng: random.Random) -> Family:
    name, split, provider, halden, title, prefix, date, roles, subject, law, further, amended, sow, nda = row
    house = HOUSES[number % len(HOUSES)]
    kinds = [*COMMON, *further.split()]
    facts = {kind: Value("law", law) if kind == "governing_law" else _draw(kind, rng, house.money, measure=MEASURES.get(subject, "")) for kind in kinds}
    pointers = ("payment_days",) if number % 3 == 0 else ("service_level",) if number % 3 == 1 and "service_level" in facts else ()
    pointers = tuple(kind for kind in pointers if kind not in amended.split())
    year = date[:4]
    master = Paper(
        f"{name}-master", "master", title, f"{prefix}-{year}-{11 + number * 7:03d}", date, OTHERS[provider], HALDEN[halden],
        roles, house, facts, _items(subject, rng, house.money, number), pointers=pointers,
    )  # fmt: skip
    papers = [master]
    if amended:
        papers.append(_amendment(master, amended.split(), rng))
    if sow:
        papers.append(_statement_of_work(master, subject, rng, number))
    if nda:
        papers.append(_non_disclosure(master, rng, HOUSES[(number + 3) % len(HOUSES)]))
    return Family(name, split, subject, tuple(papers))


def _draw(kind: str, rng: random.Random, currency: str, but: Value | None = None, measure: str = "") -> Value:
    value = rng.choice([value for value in BY_TYPE[kind].values if but is None or value.amount != but.amount])
    if value.kind == "quantity":
        return replace(value, unit=but.unit if but else measure)
    return replace(value, unit=currency) if value.kind == "money" else value


def _items(subject: str, rng: random.Random, currency: str, number: int) -> tuple[tuple[str, str, Value], ...]:
    prefix, goods = GOODS[subject]
    first = 4100 + 37 * number
    return tuple(
        (f"{prefix}-{first + 3 * index}-{rng.choice('RSTX')}", good, Value("price", round(rng.uniform(4, 480), 2), currency))
        for index, good in enumerate(goods)
    )


def _amendment(master: Paper, kinds: list[str], rng: random.Random) -> Paper:
    facts = {kind: _draw(kind, rng, master.house.money, but=master.facts[kind]) for kind in kinds}
    date = _later(master.date, rng.randint(420, 800))
    return replace(
        master, id=master.id.replace("master", "amendment-1"), kind="amendment", title=f"Amendment No. 1 to the {master.title}",
        code=f"{master.code}-A1", date=date, facts=facts, items=(), amends=master.id, pointers=(),
    )  # fmt: skip


def _statement_of_work(master: Paper, subject: str, rng: random.Random, number: int) -> Paper:
    money = master.house.money
    kinds = ["payment_days", "warranty_months", "service_level"] if number % 2 else ["payment_days", "liquidated_damages"]
    facts = {kind: _draw(kind, rng, money, but=master.facts.get(kind)) for kind in kinds}
    return replace(
        master, id=master.id.replace("master", "sow-1"), kind="statement of work", title="Statement of Work No. 1",
        code=f"SOW-{_later(master.date, 200)[:4]}-{211 + number * 13}", date=_later(master.date, rng.randint(120, 380)),
        facts=facts, items=_items(subject, rng, money, number + 20)[:3], amends=master.id, pointers=(),
    )  # fmt: skip


def _non_disclosure(master: Paper, rng: random.Random, house: House) -> Paper:
    law = rng.choice(["Switzerland", "Sweden", "Scotland", "New York"])
    facts = {"governing_law": Value("law", law)}
    facts |= {kind: _draw(kind, rng, house.money, but=master.facts.get(kind)) for kind in ("initial_term", "confidentiality_years", "dispute_seat", "no_solicit_months")}
    return replace(
        master, id=master.id.replace("master", "nda"), kind="non-disclosure agreement", title="Mutual Non-Disclosure Agreement",
        code=f"NDA-{_later(master.date, -60)[:4]}-{rng.randint(100, 899)}", date=_later(master.date, -rng.randint(40, 110)),
        facts=facts, items=(), house=house, roles=("First Party", "Second Party"), pointers=(),
    )  # fmt: skip


def _later(date: str, days: int) -> str:
    import datetime

    return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat()
