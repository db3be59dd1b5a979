"""Facts and wordings become text. Evidence is recorded while the text is put together, never searched for afterwards."""

import random
import re
from dataclasses import dataclass, field

from llm_workbook.corpus.records import Contract, Fact, Section, Span

from .clauses import BY_TYPE, Wording
from .families import Family, Paper
from .filler import BOILERPLATE, DEFINITIONS, OPENINGS, RECITALS, SCOPE
from .values import Value, written

TOKEN = re.compile(r"\[\[|\]\]|\{(\w+)(?::(\w+))?\}")
CALLED = {"uk": "this Agreement", "us": "this Agreement", "old": "this Agreement", "civil": "the contract", "plain": "this deal"}


@dataclass
class Page:
    """A document in the making: its text so far, its sections, and the evidence met on the way."""

    paper: Paper
    subject: str
    text: str = ""
    sections: list[Section] = field(default_factory=list)
    evidence: dict[str, list[Span]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def add(self, template: str, kind: str = "", value: Value | None = None, **slots: str) -> None:
        """Append a template. Its [[...]] becomes evidence for `kind`."""
        position, opened = 0, 0
        for match in TOKEN.finditer(template):
            self.text += template[position : match.start()]
            position = match.end()
            if match.group() == "[[":
                opened = len(self.text)
            elif match.group() == "]]":
                self.evidence.setdefault(kind, []).append(Span(self.paper.id, opened, len(self.text)))
            else:
                self.text += self._slot(match[1], match[2] or "", value, slots)
        self.text += template[position:]

    def section(self, title: str, number: str = "") -> None:
        """Begin a section; the one before it ends here."""
        self._close()
        number = number or str(len(self.sections) + 1)
        start = len(self.text)
        self.text += f"{_heading(self.paper.house.numbering, number, title)}\n"
        self.sections.append(Section(number, title, start, start + 1))

    def _close(self) -> None:
        if self.sections:
            last = self.sections[-1]
            self.sections[-1] = Section(last.number, last.title, last.start, len(self.text.rstrip()))

    def contract(self, family: Family) -> Contract:
        """The finished document."""
        self._close()
        paper = self.paper
        metadata = {
            "kind": paper.kind, "code": paper.code, "date": paper.date, "amends": paper.amends, "register": paper.house.register,
            "parties": [paper.provider.name, paper.halden.name], "short_names": [paper.provider.short, paper.halden.short],
        }  # fmt: skip
        title = f"{paper.title} ({paper.provider.short} / {paper.halden.short})"
        return Contract(paper.id, title, family.id, family.split, self.text, tuple(self.sections), metadata)

    def _slot(self, name: str, style: str, value: Value | None, slots: dict[str, str]) -> str:
        paper, house = self.paper, self.paper.house
        by_name = house.parties == "name"
        terms = [paper.provider.short, paper.halden.short] if by_name else [f"the {role}" for role in paper.roles]
        plain = {
            "A": terms[0], "B": terms[1], "agreement": CALLED[house.register], "title": paper.title, "code": paper.code,
            "Aterm": terms[0].removeprefix("the "), "Bterm": terms[1].removeprefix("the "),
            "Aname": paper.provider.short, "Bname": paper.halden.short, **slots,
        }  # fmt: skip
        for side, company in (("A", paper.provider), ("B", paper.halden)):
            plain |= {f"{side}full": company.name, f"{side}form": company.form, f"{side}address": company.address, f"{side}city": company.city.split(",")[0]}
        text = written(value, self.rng(name), style if style in ("figures", "both", "words", "plain") else "") if name == "value" and value else plain[name]
        return {"cap": text[:1].upper() + text[1:], "caps": text.upper()}.get(style, text)

    def rng(self, *what: str) -> random.Random:
        """A generator that depends on the document and on what is chosen, never on the order of choices."""
        return random.Random("/".join((self.paper.id, str(len(self.text)), *what)))


def render(family: Family) -> tuple[list[Contract], list[Fact], dict[str, Page]]:
    """The documents of a family, the facts they state, and the pages by document id."""
    pages = {paper.id: Page(paper, family.subject) for paper in family.papers}
    for page in pages.values():
        WRITERS[page.paper.kind](page, pages)
    facts = [fact for page in pages.values() for fact in _facts(page, pages)]
    return [page.contract(family) for page in pages.values()], facts, pages


def _facts(page: Page, pages: dict[str, Page]) -> list[Fact]:
    facts = []
    for kind, value in page.paper.facts.items():
        later = next((p.paper.id for p in pages.values() if p.paper.kind == "amendment" and p.paper.amends == page.paper.id and kind in p.paper.facts), "")
        superseded = f"{later}.{kind}" if later else ""
        span = page.evidence[kind][0]
        facts.append(Fact(f"{page.paper.id}.{kind}", page.paper.id, kind, value.canonical, value.kind, page.paper.date, superseded, span))
    return facts


def _master(page: Page, pages: dict[str, Page]) -> None:
    house = page.paper.house
    _opening(page)
    page.section("Definitions" if house.register != "plain" else "Words we use")
    page.add(DEFINITIONS[house.register] + "\n\n")
    page.section({"us": "Services", "plain": "What we do for you"}.get(house.register, "Subject Matter"))
    page.add(SCOPE[house.register] + "\n\n")
    kinds = list(page.paper.facts)
    page.rng("order").shuffle(kinds)
    boilerplate = [(title, texts[house.register]) for title, texts in BOILERPLATE]
    page.rng("filler").shuffle(boilerplate)
    for position, kind in enumerate(kinds):
        _clause(page, kind)
        if position % 2 and position // 2 < len(boilerplate):
            title, text = boilerplate[position // 2]
            page.section(title)
            page.add(text + "\n\n")
    _signatures(page)
    _schedules(page)


def _amendment(page: Page, pages: dict[str, Page]) -> None:
    master = pages[page.paper.amends]
    _opening(page)
    page.section("Background")
    page.add("The parties concluded the {old} under reference {ref} on {day} and wish to change it as set out below. Terms defined there have the same meaning here.\n\n", old=master.paper.title, ref=master.paper.code, day=_date(master.paper))
    for kind, value in page.paper.facts.items():
        number, title = master.numbers[kind], master.labels[f"{kind}:title"]
        page.section(f"Change to {number} ({title})")
        if page.rng(kind).random() < 0.5:
            wording = _wording(page, kind)
            page.add(f"{_reference(page, number)} is deleted in its entirety and replaced by the following: \"{wording.text}\"\n\n", kind, value, other=_other(page, kind, value))
        else:
            old = written(master.paper.facts[kind], page.rng("old"), "both")
            page.add(f"With effect from the date of this amendment, [[in {_reference(page, number, small=True)} the words \"{{old}}\" are replaced by \"{{value:both}}\".]] Obligations that fell due before that date are not affected.\n\n", kind, value, old=old)
    page.section("Continuity")
    page.add("In all other respects the {old} remains as it is. This amendment is governed by the same law and subject to the same procedure for disputes.\n\n", old=master.paper.title)
    _signatures(page)


def _statement_of_work(page: Page, pages: dict[str, Page]) -> None:
    master = pages[page.paper.amends].paper
    _opening(page)
    page.section("Framework")
    page.add("[[This Statement of Work is issued under the {old} between {Afull} and {Bfull} dated {day} (reference {ref}), whose terms apply to it]] except where a term is set out below. Where this Statement of Work is silent, the framework speaks.\n\n", "framework", None, old=master.title, day=_date(master), ref=master.code)
    page.section("Scope")
    page.add("{A:cap} shall provide the items listed below, at the prices stated, from the date of this Statement of Work until they are complete. The contact persons are those who sign. Progress is reviewed every second week, and each review is minuted by {A}.\n\n")
    for kind in page.paper.facts:
        _clause(page, kind)
    _signatures(page)
    _schedules(page)


def _non_disclosure(page: Page, pages: dict[str, Page]) -> None:
    _opening(page)
    page.section("Purpose")
    page.add("The parties are considering a business relationship and for that purpose expect to show each other information that is not public. Each of them is both a discloser and a recipient. Nothing obliges either of them to conclude a further contract.\n\n")
    page.section("What is covered")
    page.add(DEFINITIONS[page.paper.house.register] + "\n\n")
    for kind in page.paper.facts:
        _clause(page, kind)
    for title, texts in BOILERPLATE[:4]:
        page.section(title)
        page.add(texts[page.paper.house.register] + "\n\n")
    _signatures(page)


WRITERS = {"master": _master, "amendment": _amendment, "statement of work": _statement_of_work, "non-disclosure agreement": _non_disclosure}


def _opening(page: Page) -> None:
    register = page.paper.house.register
    page.add(page.paper.title.upper() + "\n\n")
    page.add(OPENINGS[register] + "\n\n", date=_date(page.paper))
    if page.paper.kind == "master":
        letters = ("(A) ", "(B) ") if register in ("uk", "civil") else ("WHEREAS, ", "WHEREAS, ") if register == "us" else ("", "")
        for letter, recital in zip(letters, RECITALS[page.subject], strict=True):
            page.add(f"{letter}{recital}\n")
        page.add({"us": "NOW, THEREFORE, the parties agree as follows:\n\n", "plain": "So we have agreed this:\n\n"}.get(register, "The parties agree as follows:\n\n"))


def _clause(page: Page, kind: str) -> None:
    value, wording = page.paper.facts[kind], _wording(page, kind)
    title = page.rng(kind, "title").choice(BY_TYPE[kind].headings)
    page.section(title)
    page.numbers[kind], page.labels[f"{kind}:title"], page.labels[kind] = page.sections[-1].number, title, wording.text
    style = "plain" if value.kind == "law" and wording.register == "plain" else ""
    text = wording.text.replace("{value}", "{value:plain}") if style else wording.text
    page.add(text + "\n\n", kind, value, other=_other(page, kind, value), keep=page.rng("keep").choice(["six years", "seven years", "ten years"]))


def _wording(page: Page, kind: str) -> Wording:
    """Mostly the house's own register, and never plain speech among lawyers; a pointer exactly where the paper asks for one."""
    pointed, own = kind in page.paper.pointers, page.paper.house.register
    choices = [wording for wording in BY_TYPE[kind].wordings if bool(wording.pointer) == pointed]
    weights = [3 if wording.register == own else 0.01 if "plain" in (own, wording.register) else 1 for wording in choices]
    return page.rng(kind, "wording").choices(choices, weights)[0]


def _other(page: Page, kind: str, value: Value) -> str:
    """A second number of the same kind, never the same as the first."""
    others = [other for other in BY_TYPE[kind].others if (other.kind, other.amount) != (value.kind, value.amount)]
    if not others:
        return ""
    rng = page.rng(kind, "other")
    other = rng.choice(others)
    return written(Value(other.kind, other.amount, value.unit if other.kind == "money" else other.unit), rng)


def _schedules(page: Page) -> None:
    if page.paper.items:
        page.section("Schedule A - Services and Prices" if page.paper.kind == "master" else "Price List", "A")
        page.add("Code | Description | Price\n")
        for code, description, price in page.paper.items:
            page.add(f"[[{code} | {description} | {price.canonical}]]\n", f"item:{code}")
        page.add("\n")
    if page.paper.kind == "master":
        page.section("Schedule B - Particulars", "B")
        rows = ["payment_days", "service_level"]
        for number, kind in enumerate(rows, start=1):
            name = {"payment_days": "Payment period for invoices", "service_level": "Monthly service target"}[kind]
            if kind in page.paper.pointers:
                page.add(f"Item {number} | [[{name} (item {number} of Schedule B) | {{value:both}}]]\n", kind, page.paper.facts[kind])
            else:
                page.add(f"Item {number} | {name} | see the body of {{agreement}}\n")
        page.add("Item 3 | Address for electronic invoices | to be named by {B} before the first invoice\n")


def _signatures(page: Page) -> None:
    page.add("Signed by the authorised representatives of the parties:\n\n")
    for company in (page.paper.provider, page.paper.halden):
        page.add(f"For {company.name}\n____________________\n{company.signatory}, {company.office}\n{company.city}\n\n")


def _heading(numbering: str, number: str, title: str) -> str:
    return title if number in "AB" else f"{numbering.replace('1', number)} {title}"


def _reference(page: Page, number: str, small: bool = False) -> str:
    text = page.paper.house.numbering.replace("1", number).rstrip(".: -")
    text = text if not text[0].isdigit() else f"{'section' if small else 'Section'} {text}"
    return text


def _date(paper: Paper) -> str:
    return written(Value("date", paper.date), random.Random(paper.id), {"us": "us", "civil": "figures"}.get(paper.house.register, ""))
