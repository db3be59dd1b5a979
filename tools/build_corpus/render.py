"""Facts and wordings become text. Evidence is recorded while the text is put together, never searched for afterwards."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from llm_workbook.corpus.records import Contract, Fact, Section, Span

from . import papers as texts
from .clauses import BY_TYPE, Wording
from .families import Family, Paper, later, local
from .filler import (
    BOILERPLATE,
    DATED,
    DEFINITIONS,
    LEADS,
    OPENINGS,
    RECITALS,
    SCOPE,
    SIGNED,
    TOPIC_OF,
    WORDS_RULE,
    suited,
)
from .values import PERIODS, Value, answers, disagreeing, written
from .world import person

TOKEN = re.compile(r"\[\[|\]\]|\{(\w+)(?::(\w+))?\}")
CALLED = {
    "uk": "this Agreement",
    "us": "this Agreement",
    "old": "this Agreement",
    "civil": "the contract",
    "plain": "this deal",
}
PAGE = 2600  # characters between two page lines
LAWYERS = ("uk", "us", "civil")
DEFINED = {
    "payment_days": "Payment Period", "service_level": "Service Target", "cure_period": "Remedy Period", "force_majeure_days": "Long-Stop Period", "late_interest": "Default Rate",
    "price_increase": "Indexation Ceiling", "warranty_months": "Warranty Period", "insurance": "Insured Sum", "audit_notice": "Inspection Notice", "liability_cap": "Liability Limit",
    "confidentiality_years": "Secrecy Period",
}  # fmt: skip
NOUN = {"percent": "percentage", "money": "amount", "quantity": "quantity"} | dict.fromkeys(PERIODS, "period")
REFERRED = (
    "liability_cap",
    "confidentiality_years",
    "cure_period",
    "force_majeure_days",
    "dispute_seat",
)  # what an order may leave to a numbered clause of the framework
POINTERS = ("schedule", "definition", "schedule", "definition", "schedule")
SAFE = re.compile(
    r"(?<=within )\{value\}|(?<=exceed )\{value\}|(?<=than )\{value\}|(?<=is )\{value\}|(?<=be )\{value\}|(?<=limited to )\{value\}|(?<=after )\{value\}|(?<=at )\{value\}|(?<=for )\{value\}|(?<=of )\{value\}|(?<=to )\{value\}"
)
AFTER = re.compile(r"(\]\]|[.,;)]| after| following| from | before| in )")
BEFORE = re.compile(
    r"(period|term|terms|sum|duration|rate|each|net|notice|warning|limit|length|cover|percentage|amount|ceiling) (of|for|is) $|(another|further|additional|a|an|that is) $"
)
ORDER = {  # where a clause usually stands; small random steps make every contract different
    "agreement_date": 0, "effective_date": 0.2, "initial_term": 1, "expiration_date": 1, "renewal_term": 1.3, "renewal_notice": 1.6, "governing_law": 8, "dispute_seat": 8.2, "liability_cap": 5,
    "uncapped_liability": 5.2, "insurance": 5.5, "force_majeure_days": 6.5, "cure_period": 6, "convenience_notice": 6.1, "change_of_control_days": 6.3, "post_termination_months": 6.8,
    "confidentiality_years": 4.5, "order_of_precedence": 7.5, "third_party_beneficiary": 7.6, "notice_address": 7.8, "assignment_consent": 7.2,
}  # fmt: skip


class Choices:
    """Which wording was used how often, so that none of them becomes a refrain. One for each region of the world."""

    def __init__(self) -> None:
        self.uses: Counter[str] = Counter()

    def pick(self, options: Iterable[tuple[str, str]], register: str, rng: random.Random) -> str:
        """The text that suits the house's register and was used least."""
        ranked = [
            (self.uses[text] * 1.2 + 6 * (self.uses[text] > 2) + _misfit(register, own) + rng.random() / 2, text)
            for own, text in options
        ]
        chosen = min(ranked)[1]
        self.uses[chosen] += 1
        return chosen


def _misfit(house: str, own: str) -> float:
    """How odd a wording of one register looks in the contract of a house with another: plain speech among lawyers is the oddest."""
    if house == own or not own:
        return 0
    if "plain" in (house, own):
        return 20
    return {"civil": 1.2}.get(own, 0.9) if own in LAWYERS else 2.4


@dataclass
class Page:
    """A document in the making: its text so far, its sections, and the evidence met on the way."""

    paper: Paper
    subject: str
    choices: Choices
    text: str = ""
    sections: list[Section] = field(default_factory=list)
    evidence: dict[str, list[Span]] = field(default_factory=dict)
    stated: dict[str, Span] = field(default_factory=dict)  # fact type -> the span in which its value stands
    shown: dict[str, str] = field(default_factory=dict)  # fact type -> its value as it is written there
    labels: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    clauses: dict[str, Span] = field(default_factory=dict)  # fact type -> its whole clause, without the heading
    pointed: dict[str, str] = field(default_factory=dict)  # fact type -> "schedule" | "definition"
    wordings: dict[str, str] = field(
        default_factory=dict
    )  # fact type -> which wording of its clause type was used, e.g. "uk 3"
    protected: list[tuple[int, int]] = field(default_factory=list)  # values, which no noise may touch
    planned: dict[str, str] = field(default_factory=dict)  # the same, before the clause is written
    referred: str = ""  # fact type for which this order points to a clause of the framework
    page_at: int = 0
    pages: int = 1

    def add(self, template: str, kind: str = "", value: Value | None = None, /, **slots: str) -> None:
        """Append a template. Its [[...]] becomes evidence for `kind`, or for the fact that a `{value:fact}` in it names."""
        template = _expand(template, self.rng("words")) if "|" in template else template
        template = suited(template, self.subject)
        if self.paper.house.modal != "shall":
            template = template.replace("shall", self.paper.house.modal).replace(
                "SHALL", self.paper.house.modal.upper()
            )
        parts, position, opened, shown, about = [], 0, 0, False, kind
        length = len(self.text)
        for match in TOKEN.finditer(template):
            before, position = template[position : match.start()], match.end()
            parts.append(before)
            length += len(before)
            if match.group() == "[[":
                opened, shown, about = length, False, kind
            elif match.group() == "]]":
                span = Span(self.paper.id, opened, length)
                self.evidence.setdefault(about, []).append(span)
                if shown:
                    self.stated[about] = span
            else:
                if match[1] == "value" and match[2] in self.paper.facts:
                    about, text = match[2], self._value(self.paper.facts[match[2]], "", match[2])
                else:
                    text = self._slot(match[1], match[2] or "", kind, value, slots)
                if text.endswith(".") and template[position : position + 1] == ".":
                    text = text[:-1]  # "S.p.A." ends its sentence
                if match[1] == "value":
                    self.shown[match[2] if match[2] in self.paper.facts else kind] = text
                if match[1] in ("value", "other", "was"):
                    shown = shown or match[1] == "value"
                    self.protected.append((length, length + len(text)))
                parts.append(text)
                length += len(text)
        self.text += "".join(parts) + template[position:]

    def section(self, title: str, number: str = "") -> None:
        """Begin a section; the one before it ends here. A page line goes between two sections when a page is full."""
        self._close()
        if "pages" in self.paper.house.furniture and len(self.text) - self.page_at > PAGE and self.pages < 9:
            self.text += f"{self.paper.code}  -  Page {self.pages} of \0\n\n"
            self.page_at, self.pages = len(self.text), self.pages + 1
        number = number or str(len(self.sections) + 1)
        start = len(self.text)
        self.text += f"{_heading(self.paper.house.numbering, number, title)}\n"
        self.sections.append(Section(number, title, start, start + 1))

    def _close(self) -> None:
        if self.sections:
            last = self.sections[-1]
            self.sections[-1] = Section(
                last.number,
                last.title,
                last.start,
                max(last.end, len(self.text.rstrip())) if last.end == last.start + 1 else last.end,
            )

    def contract(self, family: Family) -> Contract:
        """The finished document."""
        self._close()
        paper, house = self.paper, self.paper.house
        if paper.kind == "master" and "pages" in house.furniture:
            self.text += f"\n{paper.code}  -  Page {self.pages} of \0\n"
        text = self.text.replace("\0", str(self.pages))
        text = _noisy(text, self.protected, random.Random(paper.id)) if paper.noise else text
        text = _wrapped(text) if "wrapped" in house.furniture else text
        planted = [
            *(f"{where} pointer: {kind}" for kind, where in self.pointed.items()),
            *(f"words against figures: {kind}" for kind in paper.disagree),
        ]
        planted += [f"contradicts the master: {kind}" for kind in (paper.facts if paper.kind == "side letter" else ())]
        planted += [f"framework pointer: {self.referred}"] if self.referred else []
        metadata = {
            "kind": paper.kind, "code": paper.code, "date": paper.date, "amends": paper.amends, "register": house.register,
            "parties": [paper.provider.name, paper.halden.name], "short_names": [paper.provider.short, paper.halden.short],
            "values": house.numbers, "reference": house.parties, "numbering": house.numbering, "furniture": list(house.furniture), "noise": paper.noise,
            "planted": planted,
        }  # fmt: skip
        title = f"{paper.title} ({paper.provider.short} / {paper.halden.short})"
        return Contract(paper.id, title, family.id, family.split, text, tuple(self.sections), metadata)

    def _value(self, value: Value, style: str, kind: str) -> str:
        register, numbers = self.paper.house.register, self.paper.house.numbers
        if kind in self.paper.disagree:
            return disagreeing(value, self.paper.disagree[kind])
        if value.kind == "date":
            return written(
                value,
                self.rng("date"),
                {
                    "us": "us",
                    "old": "words",
                    "civil": "dots" if numbers == "figures" else "figures",
                    "plain": "figures",
                }.get(register, "words" if numbers == "words" else "figures"),
            )
        if style in ("figures", "both", "words", "plain"):
            return written(value, self.rng("value"), style)
        if value.kind == "law":
            return written(value, self.rng("value"))
        return written(value, self.rng("value"), "" if numbers == "mixed" else numbers)

    def _slot(self, name: str, style: str, kind: str, value: Value | None, slots: dict[str, str]) -> str:
        if name == "value" and value:
            text = self._value(value, style, kind)
        elif name in slots:
            text = slots[name]
        else:
            text = self._terms()[name]
        return {"cap": text[:1].upper() + text[1:], "caps": text.upper()}.get(style, text)

    def _terms(self) -> dict[str, str]:
        """What the names in a template stand for in this document."""
        if not self.labels.get("terms"):
            self.labels["terms"] = "made"
            self._named = _names(self.paper)
        return self._named

    def names(self) -> tuple[str, ...]:
        """What gives a party away: its name or its initials, but not a role such as "the Carrier"."""
        shorts = (self.paper.provider.short, self.paper.halden.short)
        return (*shorts, *(map(_initials, shorts) if self.paper.house.parties == "initials" else ()))

    @property
    def account(self) -> str:
        """The ledger account that orders under this contract are booked to."""
        return f"{random.Random(f'account/{self.paper.id}').randint(4100, 7990)}-{self.paper.code[:2]}"

    def rng(self, *what: str) -> random.Random:
        """A generator that depends on the document and on the place in it."""
        return random.Random("/".join((self.paper.id, str(len(self.text)), *what)))


def render(family: Family, choices: Choices) -> tuple[list[Contract], list[Fact], dict[str, Page]]:
    """The documents of a family, the facts they state, and the pages by document id."""
    pages = {paper.id: Page(paper, family.subject, choices) for paper in family.papers}
    for page in pages.values():
        WRITERS[page.paper.kind](page, pages)
    contracts = [page.contract(family) for page in pages.values()]
    return contracts, [fact for page in pages.values() for fact in _facts(page, pages)], pages


def master_of(page: Page, pages: dict[str, Page]) -> Page:
    return pages[page.paper.amends]


def _facts(page: Page, pages: dict[str, Page]) -> list[Fact]:
    facts, paper = [], page.paper
    start = str(paper.facts["effective_date"].amount) if "effective_date" in paper.facts else paper.date
    for kind, value in paper.facts.items():
        chain = (
            [
                p.paper
                for p in pages.values()
                if p.paper.kind == "amendment" and kind in p.paper.facts and p.paper.date > paper.date
            ]
            if paper.kind in ("master", "amendment")
            else []
        )
        superseded = f"{chain[0].id}.{kind}" if chain else ""
        facts.append(
            Fact(
                f"{paper.id}.{kind}",
                paper.id,
                kind,
                answers(value)[0],
                value.kind,
                start,
                superseded,
                page.stated[kind],
                page.wordings.get(kind, ""),
            )
        )
    return facts


def _master(page: Page, pages: dict[str, Page]) -> None:
    paper, house = page.paper, page.paper.house
    page.planned = _plan_pointers(page)
    _opening(page)
    page.section(
        {"plain": "Words we use", "civil": "Definitions"}.get(
            house.register,
            page.rng("title").choice(["Definitions", "Interpretation", "Definitions and Interpretation"]),
        )
    )
    _definitions(page)
    page.section({"us": "Services", "plain": "What we do for you"}.get(house.register, "Subject Matter"))
    page.add(page.choices.pick(SCOPE, house.register, page.rng("scope")) + "\n\n")
    for kind in _sequence(page):
        if kind in paper.facts:
            _clause(page, kind)
        else:
            page.section(kind)
            page.add(page.choices.pick(BOILERPLATE[kind], house.register, page.rng(kind)) + "\n\n")
    if paper.prevails == "words":
        page.section("Numbers")
        page.add("[[" + page.choices.pick(WORDS_RULE, house.register, page.rng("rule")) + "]]\n\n", "words_rule")
    _signatures(page)
    _schedules(page)


def _sequence(page: Page) -> list[str]:
    """Clauses and boilerplate in an order that a lawyer would find ordinary and that no two contracts share."""
    facts = list(page.paper.facts)
    taken = {TOPIC_OF[kind] for kind in facts if kind in TOPIC_OF}
    topics = [topic for topic in BOILERPLATE if topic not in taken]
    topics = page.rng("topics").sample(topics, min(len(topics), 8))
    place = {kind: ORDER.get(kind, 3) + page.rng("order", kind).gauss(0, 0.7) for kind in facts}
    place |= {
        topic: (3 if topic in ("Safety", "Subcontracting") else 8) + page.rng("order", topic).gauss(0, 0.9)
        for topic in topics
    }
    return sorted(place, key=lambda kind: place[kind])


def _definitions(page: Page) -> None:
    before, after = page.choices.pick(DEFINITIONS, page.paper.house.register, page.rng("definitions")).split(
        "{defined}"
    )
    if before.count("{") != before.count("}"):
        raise ValueError("{defined} stands inside a choice of words")
    effective = (
        "the date on which {agreement} takes effect"
        if "effective_date" in page.paper.facts
        else "the date of signature"
        if "agreement_date" in page.paper.facts
        else "the date stated at the head of {agreement}"
    )
    page.add(before.replace("{effective}", effective))
    for kind, where in page.planned.items():
        if where == "definition":
            page.pointed[kind] = where
            page.add(f' [["{DEFINED[kind]}" means {{value}}.]]', kind, page.paper.facts[kind])
    page.add(after + "\n\n")


def _plan_pointers(page: Page) -> dict[str, str]:
    """Which values stand elsewhere, and where: those whose pointing wordings are the least worn."""
    worn = {
        kind: min((page.choices.uses[text] for _, text in _pointing(page, kind)), default=9)
        for kind in page.paper.pointers
    }
    fresh = [
        kind for kind in sorted(worn, key=lambda kind: (worn[kind], page.paper.pointers.index(kind))) if worn[kind] < 3
    ]
    return dict(zip(fresh, POINTERS, strict=False))


def _pointing(page: Page, kind: str) -> tuple[tuple[str, str], ...]:
    """The wordings for this page that point, or whose value may be replaced by a reference to the place where it really stands."""
    return _pointers(kind, page.planned.get(kind, "schedule") == "schedule", page.paper.house.register == "plain")


@lru_cache(maxsize=256)
def _pointers(kind: str, schedule: bool, plain: bool) -> tuple[tuple[str, str], ...]:
    found = []
    for wording in BY_TYPE[kind].wordings:
        if (
            wording.register != "old"
            and (wording.register == "plain") == plain
            and (schedule if wording.pointer else _can_point(wording.text))
        ):
            found.append((wording.register, wording.text))
    return tuple(found)


def _can_point(text: str) -> bool:
    """Does a value stand where "the period stated in Schedule B" reads as well?"""
    return any(
        AFTER.match(text, match.end()) and not BEFORE.search(text[: match.start()]) for match in SAFE.finditer(text)
    )


def _clause(page: Page, kind: str) -> None:
    value = page.paper.facts[kind]
    title = page.rng(kind, "title").choice(BY_TYPE[kind].headings)
    where = page.planned.get(kind, "")
    pointing = _pointing(page, kind) if where else []
    page.section(title)
    page.numbers[kind], page.labels[f"{kind}:title"] = page.sections[-1].number, title
    start = len(page.text)
    if pointing:
        page.pointed[kind] = where
        item = _item(page, kind) if where == "schedule" else 0
        there = (
            f"the {DEFINED[kind]}"
            if where == "definition"
            else f"the {NOUN[value.kind]} stated in Schedule B, item {item}"
        )
        text = page.choices.pick(pointing, page.paper.house.register, page.rng(kind))
        page.wordings[kind] = _place(kind, text)
        page.add(text.replace("{value}", there) + "\n\n", kind, None, other=_other(page, kind, value), **_keeping(page))
    else:
        page.add(_wording(page, kind) + "\n\n", kind, value, other=_other(page, kind, value), **_keeping(page))
    page.clauses[kind] = Span(page.paper.id, start, len(page.text.rstrip()))


def _wording(page: Page, kind: str) -> str:
    """The text of a wording that suits the house and the value; a law in plain speech has its short name."""
    value = page.paper.facts[kind]
    choices = [
        wording
        for wording in BY_TYPE[kind].wordings
        if not wording.pointer and _fits(kind, wording, value, kind in page.paper.disagree)
    ]
    text = page.choices.pick(
        [(wording.register, wording.text) for wording in choices], page.paper.house.register, page.rng(kind, "wording")
    )
    page.wordings[kind] = _place(kind, text)
    plain = value.kind == "law" and page.paper.house.register == "plain"
    return text.replace("{value}", "{value:plain}") if plain else text


def _place(kind: str, text: str) -> str:
    """Register and place of a wording in the library."""
    return next(
        f"{wording.register} {place}" for place, wording in enumerate(BY_TYPE[kind].wordings) if wording.text == text
    )


def _fits(kind: str, wording: Wording, value: Value, disagree: bool) -> bool:
    """A monthly rate of 8 % would be usury; a value whose words and figures disagree needs a place for both."""
    if kind == "late_interest" and re.search(r"month", wording.text.lower()) and value.number > 2.5:
        return False
    return not disagree or "{value:" not in wording.text


def _other(page: Page, kind: str, value: Value) -> str:
    """A second number of the same kind, never the same as the first."""
    rng, numbers = page.rng(kind, "other"), page.paper.house.numbers
    if kind == "volume_restriction":
        return written(Value("quantity", _round(value.number / rng.choice([20, 26, 32])), value.unit), rng, "figures")
    others = [other for other in BY_TYPE[kind].others if str(other.amount) != str(value.amount)]
    if not others:
        return ""
    other = rng.choice(others)
    if other.kind == "text":
        return local(suited(str(other.amount), page.subject), page.paper)
    scale = {"NOK": 10, "DKK": 7}.get(page.paper.currency, 1) if other.kind == "money" else 1
    unit = page.paper.currency if other.kind == "money" else value.unit if other.kind == "quantity" else other.unit
    amount = other.amount * scale if scale != 1 else other.amount
    return written(Value(other.kind, amount, unit), rng, "" if numbers == "mixed" else numbers)


def _round(amount: float) -> int:
    """Two figures at most, as people who negotiate like them."""
    step = 10 ** max(0, len(str(int(amount))) - 2)
    return max(2, int(amount) // step * step)


def _keeping(page: Page) -> dict[str, str]:
    return {"keep": page.rng("keep").choice(["six years", "seven years", "ten years"])}


def _item(page: Page, kind: str) -> int:
    """The number of the row of Schedule B; payment and service are always the first two, as printed forms have it."""
    rows = [
        "payment_days",
        "service_level",
        *(k for k, where in page.planned.items() if where == "schedule" and k not in ("payment_days", "service_level")),
    ]
    return rows.index(kind) + 1


def _amendment(page: Page, pages: dict[str, Page]) -> None:
    master, register = master_of(page, pages), page.paper.house.register
    _opening(page)
    page.section(page.rng("title").choice(["Background", "Preliminary", "Reference"]))
    _say(page, "[[{background}]]", "framework", options=texts.BACKGROUND, **_old(page, master))
    for kind, value in page.paper.facts.items():
        if kind == "new_name":
            page.section("Change of Name")
            role = page.paper.roles[0]
            _say(
                page,
                "{background}",
                kind,
                value,
                options=texts.RENAMED,
                role=role,
                Oldfull=page.paper.predecessor.name,
                day_new=_date(page.paper, page.paper.date, -21),
                **_old(page, master),
            )
            continue
        number, title = master.numbers[kind], master.labels[f"{kind}:title"]
        page.section(f"Change to {_reference(page, number)} ({title})")
        where = {"where": _reference(page, number), "where_small": _reference(page, number, small=True)}
        if page.rng(kind).random() < 0.45 and kind not in master.pointed:
            template = page.choices.pick([("", text) for text in texts.REPLACED], register, page.rng("replaced"))
            before, after = template.split("{clause}")
            page.add(before, **where)
            start = len(page.text)
            page.add(_wording(page, kind), kind, value, other=_other(page, kind, value), **_keeping(page))
            page.clauses[kind] = Span(page.paper.id, start, len(page.text))
            page.add(after + "\n\n")
        else:
            _say(
                page,
                "{background}",
                kind,
                value,
                options=texts.EXCHANGED,
                was=_newest_before(page, pages, kind).shown[kind],
                **where,
            )
    page.section(page.rng("title").choice(["Continuity", "Remaining Terms", "Effect"]))
    _say(page, "{background}", options=texts.CONTINUITY, **_old(page, master))
    _signatures(page)


def _newest_before(page: Page, pages: dict[str, Page], kind: str) -> Page:
    """The document whose words on this fact were the latest before this one."""
    earlier = [
        p
        for p in pages.values()
        if p.paper.kind in ("master", "amendment") and kind in p.paper.facts and p.paper.date < page.paper.date
    ]
    return max(earlier, key=lambda p: p.paper.date)


def _say(
    page: Page,
    frame: str,
    kind: str = "",
    value: Value | None = None,
    /,
    *,
    options: Sequence[str | tuple[str, str]] = (),
    **slots: str,
) -> None:
    """One of several wordings, set into a frame, as a paragraph."""
    tagged = [option if isinstance(option, tuple) else ("", option) for option in options]
    text = page.choices.pick(tagged, page.paper.house.register, page.rng("say", kind))
    page.add(frame.replace("{background}", text) + "\n\n", kind, value, **slots)


def _old(page: Page, master: Page) -> dict[str, str]:
    """How a later document names the agreement that it hangs on."""
    return {
        "old": master.paper.title,
        "ref": master.paper.code,
        "day": _date(page.paper, master.paper.date),
        "Mfull": master.paper.provider.name,
    }


def _statement_of_work(page: Page, pages: dict[str, Page]) -> None:
    master = master_of(page, pages)
    _opening(page)
    page.section(page.rng("title").choice(["Framework", "Governing Terms", "Basis"]))
    _say(
        page,
        "{background}",
        "framework",
        options=texts.FRAMEWORK,
        document=page.paper.kind.title().replace("Of", "of"),
        **_old(page, master),
    )
    page.section("Scope")
    _say(page, "{background}", options=texts.WORK, start=_date(page.paper, page.paper.date, 14))
    for kind in page.paper.facts:
        _clause(page, kind)
    referred = [kind for kind in REFERRED if kind in master.numbers and kind not in page.paper.facts]
    page.referred = page.rng("referred").choice(referred) if referred else ""
    if page.referred:
        title = master.labels[f"{page.referred}:title"]
        page.section("Reference to the Framework")
        _say(
            page,
            "{background}",
            "referred",
            options=texts.REFERRED,
            heading=title.lower(),
            where_small=_reference(page, master.numbers[page.referred], small=True),
            **_old(page, master),
        )
    page.section("Acceptance")
    _say(page, "{background}", options=texts.ACCEPTANCE)
    _signatures(page)
    _schedules(page)


def _non_disclosure(page: Page, pages: dict[str, Page]) -> None:
    _opening(page)
    parts = [
        ("Purpose", texts.PURPOSE),
        ("What is Protected", texts.COVERED),
        ("Exceptions", texts.EXCEPTIONS),
        ("Handling", texts.HANDLING),
        ("Contacts", texts.CONTACTS),
        ("Return", texts.RETURN),
        ("No Licence", texts.NO_LICENCE),
        ("Breach", texts.BREACH),
    ]
    facts = list(page.paper.facts)
    page.rng("order").shuffle(facts)
    for position, (title, options) in enumerate(parts):
        page.section(title)
        _say(page, "{background}", options=options, field=texts.FIELD[page.subject])
        for kind in facts[position * 2 - 4 : position * 2 - 2] if position >= 2 else ():
            _clause(page, kind)
    for kind in facts[2 * len(parts) - 4 :]:
        _clause(page, kind)
    taken = {TOPIC_OF[kind] for kind in facts if kind in TOPIC_OF} | {
        "Subcontracting",
        "Safety",
        "Data Protection",
        "Order of Precedence",
        "Sanctions",
    }
    topics = [topic for topic in BOILERPLATE if topic not in taken]
    page.rng("filler").shuffle(topics)
    for place, title in enumerate(topics):
        if place < 5 or len(page.text.split()) < 900:
            page.section(title)
            page.add(page.choices.pick(BOILERPLATE[title], page.paper.house.register, page.rng(title)) + "\n\n")
    _signatures(page)


def _guarantee(page: Page, pages: dict[str, Page]) -> None:
    master = master_of(page, pages)
    _opening(page)
    slots = {"Debtor": master.paper.provider.name, **_old(page, master)}
    for part, options in texts.GUARANTEE.items():
        fact = page.paper.facts.get(part)
        page.section(texts.MORE_KINDS.get(part, part))
        start = len(page.text)
        _say(
            page,
            "{background}",
            part if fact else "framework",
            fact,
            options=options,
            **(slots if part == "Recitals" else slots | {"Debtor": master.paper.provider.short}),
        )
        if fact:
            page.clauses[part] = Span(page.paper.id, start, len(page.text.rstrip()))
    for kind in ("governing_law", "dispute_seat"):
        if kind in page.paper.facts:
            _clause(page, kind)
    for title in page.rng("filler").sample(["Severability", "Counterparts", "Waiver", "Variation", "Notices"], 3):
        page.section(title)
        page.add(page.choices.pick(BOILERPLATE[title], page.paper.house.register, page.rng(title)) + "\n\n")
    _signatures(page)


def _side_letter(page: Page, pages: dict[str, Page]) -> None:
    master, paper = master_of(page, pages), page.paper
    sender = paper.halden
    page.sections.append(Section("1", sender.name, 0, 1))
    page.add(f"{sender.name}\n{sender.address}\n\n{paper.code}\n{_date(paper, paper.date)}\n\n")
    _say(page, "[[{background}]]", "framework", options=texts.LETTER_OPEN, **_old(page, master))
    for kind, value in sorted(paper.facts.items(), key=lambda pair: pair[0] != paper.prevails):
        number, title = master.numbers[kind], master.labels[f"{kind}:title"]
        options = texts.LETTER_STATED if kind == paper.prevails else texts.LETTER_SILENT
        text = page.choices.pick([("", option) for option in options], "", page.rng("say", kind))
        say = texts.SAY[kind]
        text = text.replace("{say}", say[0].upper() + say[1:] if ": [[{say}" in text else say)
        start = len(page.text)
        page.add(
            text + "\n\n",
            kind,
            value,
            heading=title.lower(),
            where_small=_reference(page, number, small=True),
            **_old(page, master),
        )
        page.clauses[kind] = Span(paper.id, start, len(page.text.rstrip()))
    _say(page, "{background}", options=texts.LETTER_CLOSE)
    page.add(
        f"{sender.signatory}\n{sender.office}, {sender.name}\n\nAgreed:\n____________________\n{paper.provider.signatory}, {paper.provider.name}\n"
    )


def _assignment(page: Page, pages: dict[str, Page]) -> None:
    master = master_of(page, pages)
    _opening(page)
    variant = page.rng("variant").randrange(2)
    for part, both in texts.ASSIGNMENT.items():
        options = [both[variant]]
        page.section(part)
        kind = {"Background": "framework", "Assignment": "assignee"}.get(part, "")
        _say(
            page,
            "[[{background}]]" if part == "Background" else "{background}",
            kind,
            None,
            options=options,
            Oldfull=page.paper.predecessor.name,
            assignee=page.paper.provider.name,
            **_old(page, master),
        )
    page.evidence["assignee"] = page.evidence["assignment_date"]
    page.stated["assignee"] = page.stated["assignment_date"]
    _signatures(page)


def _termination(page: Page, pages: dict[str, Page]) -> None:
    master, paper = master_of(page, pages), page.paper
    kind = "convenience_notice" if "convenience_notice" in master.numbers else "renewal_notice"
    page.sections.append(Section("1", paper.halden.name, 0, 1))
    page.add(
        f"{paper.halden.name}\n{paper.halden.address}\n{_date(paper, paper.date)}\nOur reference: {paper.code}\n\nNOTICE OF TERMINATION\n\n"
    )
    text = page.choices.pick([("", option) for option in texts.TERMINATION], "", page.rng("text"))
    page.add(
        text + "\n\n",
        "framework",
        None,
        heading=master.labels[f"{kind}:title"],
        where_small=_reference(page, master.numbers[kind], small=True),
        **_old(page, master),
    )
    page.add(f"____________________\n{paper.halden.signatory}\n{paper.halden.office}\n")


WRITERS = {
    "master": _master, "amendment": _amendment, "statement of work": _statement_of_work, "order form": _statement_of_work, "non-disclosure agreement": _non_disclosure,
    "parent guarantee": _guarantee, "side letter": _side_letter, "assignment": _assignment, "termination notice": _termination,
}  # fmt: skip


def _opening(page: Page) -> None:
    paper, register = page.paper, page.paper.house.register
    page.add(paper.title.upper() + "\n\n")
    if "contents" in paper.house.furniture:
        page.add("Contents: terms; signatures; Schedule A (services and prices); Schedule B (particulars)\n\n")
    own = [
        one
        for one in OPENINGS
        if one[0] == register or (register == "old" and one[0] == "us" and paper.kind != "master")
    ]
    text = page.choices.pick(own, register, page.rng("opening"))
    for name, dated in DATED.items():
        text = text.replace(f"{{{name}}}", "" if "agreement_date" in paper.facts else dated)
    page.add(f"[[{text}]]\n\n", "header", date=_date(paper, paper.date))
    if paper.kind == "master":
        letters = {
            "uk": ("(A) ", "(B) "),
            "civil": ("(A) ", "(B) "),
            "us": ("WHEREAS, ", "WHEREAS, "),
            "old": ("WHEREAS ", "AND WHEREAS "),
        }.get(register, ("", ""))
        for letter, recital in zip(letters, RECITALS[page.subject], strict=True):
            page.add(f"{letter}{recital}\n")
        page.add("\n" + page.rng("lead").choice(LEADS[register]) + "\n\n")


def _schedules(page: Page) -> None:
    paper = page.paper
    if paper.items:
        page.section(
            page.rng("title").choice(
                ["Schedule A - Services and Prices", "Schedule A - Price List", "Schedule A - What is Supplied"]
            )
            if paper.kind == "master"
            else "Price List",
            "A",
        )
        page.add(
            page.rng("columns").choice(
                ["Code | Description | Price", "Item | What | Unit price", "No. | Service | Rate"]
            )
            + "\n"
        )
        for code, description, price in paper.items:
            page.add(f"[[{code} | {description} | {answers(price)[0]}]]\n", f"item:{code}")
        page.add("\n")
    if paper.kind != "master":
        return
    page.section("Schedule B - Particulars", "B")
    rows = [
        "payment_days",
        "service_level",
        *(
            kind
            for kind, where in page.planned.items()
            if where == "schedule" and kind not in ("payment_days", "service_level")
        ),
    ]
    for number, kind in enumerate(rows, start=1):
        if page.pointed.get(kind) == "schedule":
            page.add(
                f"Item {number} | [[{DEFINED[kind]} (item {number} of Schedule B) | {{value}}]]\n",
                kind,
                paper.facts[kind],
            )
        else:
            page.add(
                f"Item {number} | {DEFINED[kind]} | {page.rng(kind).choice(['see the body of the document', 'as in the body']) if kind in paper.facts else 'not used'}\n"
            )
    letters = "".join(word[0] for word in paper.halden.short.split() if word[0].isalpha()).upper()
    page.add(
        f"Item {len(rows) + 1} | Orders quote | [[{paper.code}: purchase orders in the form {letters}{{form}}, ledger account {{account}}]]\n",
        "order_format",
        None,
        form=page.rng("form").choice(["-YYYY-NNNNN", "/NNNNNN", "-PO-NNNN-YY"]),
        account=page.account,
    )
    if "exhibits" in paper.house.furniture:
        page.section("List of Exhibits", "C")
        page.add(
            "Exhibit 1 | Map of the sites | attached to the original only\nExhibit 2 | Specimen "
            + page.rng("exhibit").choice(["delivery record", "work order", "gate pass"])
            + " | on request\nExhibit 3 | Code of conduct | in the version of the year of signature\n"
        )


def _signatures(page: Page) -> None:
    paper, rng = page.paper, page.rng("signatures")
    page._close()
    if page.sections:
        last = page.sections[-1]
        page.sections[-1] = Section(
            last.number, last.title, last.start, len(page.text.rstrip()) if last.end == last.start + 1 else last.end
        )
    page.add(page.choices.pick([("", text) for text in SIGNED[paper.house.register]], "", rng) + "\n\n")
    sides = [paper.provider, paper.halden]
    if rng.random() < 0.4:
        sides.reverse()
    form = rng.choice(
        [
            "For {name}\n____________________\n{who}, {office}\n{city}\n\n",
            "{name}\nBy: ____________________\nName: {who}\nTitle: {office}\n\n",
            "{city}, ____________________\n{who} ({office})\nfor {name}\n\n",
        ]
    )
    for company in sides:
        page.text += form.format(name=company.name, who=company.signatory, office=company.office, city=company.city)
    if paper.former and paper.kind == "assignment":
        page.text += form.format(
            name=paper.former.name, who=paper.former.signatory, office=paper.former.office, city=paper.former.city
        )


def _names(paper: Paper) -> dict[str, str]:
    """The slots that stand for the parties, by the house's way of naming them."""
    shorts = [paper.provider.short, paper.halden.short]
    terms = {
        "name": shorts,
        "role": [f"the {role}" for role in paper.roles],
        "initials": [_initials(short) for short in shorts],
    }[paper.house.parties]
    if terms[0] == terms[1]:
        terms = [f"the {role}" for role in paper.roles]
    plain = {
        "A": terms[0], "B": terms[1], "agreement": CALLED[paper.house.register], "title": paper.title, "code": paper.code,
        "Aterm": f"\"{terms[0].removeprefix('the ')}\"", "Bterm": f"\"{terms[1].removeprefix('the ')}\"", "Aname": shorts[0], "Bname": shorts[1],
    }  # fmt: skip
    for side, company in (("A", paper.provider), ("B", paper.halden)):
        plain |= {
            f"{side}full": company.name,
            f"{side}form": company.form,
            f"{side}address": company.address,
            f"{side}city": company.city.split(",")[0],
        }
        plain[f"{side}contact"] = person(company, paper.amends or paper.id)
    first, second = paper.helpers if len(paper.helpers) == 2 else ("a specialist", "another specialist")
    return plain | {"sub1": first, "sub2": second}


def _initials(short: str) -> str:
    words = short.replace("&", " ").split()
    return "".join(word[0] for word in words).upper() if len(words) > 1 else short[:3].upper()


def _heading(numbering: str, number: str, title: str) -> str:
    return title if number in ("A", "B", "C") else f"{numbering.replace('1', number)} {title}"


def _reference(page: Page, number: str, small: bool = False) -> str:
    text = page.paper.house.numbering.replace("1", number).strip("().: -")
    if text[0].isdigit():
        word = "clause" if page.paper.house.register in ("uk", "old") else "section"
        return f"{word if small else word.title()} {text}"
    return (
        text.replace("ARTICLE", "article" if small else "Article") if not small else text.replace("ARTICLE", "article")
    )


def _date(paper: Paper, date: str, days: int = 0) -> str:
    rng = random.Random(f"{paper.id}-{date}")
    style = {
        "us": "us",
        "old": "words",
        "civil": "dots" if paper.house.numbers == "figures" else "figures",
        "plain": "figures",
    }.get(paper.house.register, "words" if paper.house.numbers == "words" else "figures")
    return written(Value("date", later(date, days)), rng, style)


def _expand(text: str, rng: random.Random) -> str:
    """Resolve each `{one|other}`, also where slots or further choices stand inside it."""
    out, position = [], 0
    while (start := text.find("{", position)) >= 0:
        out.append(text[position:start])
        depth, end, bars = 1, start + 1, [start]
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            if text[end] == "|" and depth == 1:
                bars.append(end)
            end += 1
        if len(bars) > 1:
            chosen = rng.randrange(len(bars))
            out.append(_expand(text[bars[chosen] + 1 : (*bars[1:], end - 1)[chosen]], rng))
        else:
            out.append(text[start:end])
        position = end
    return "".join(out) + text[position:]


def _wrapped(text: str, width: int = 92) -> str:
    """Long lines broken as on a page, a space becoming a line break, so that no character moves. Tables stay."""
    lines = []
    for line in text.split("\n"):
        while len(line) > width and " | " not in line and (cut := line.rfind(" ", 40, width)) > 0:
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


LOOKALIKE = {"l": "1", "i": "l", "e": "c", "o": "0", "h": "b", "n": "u", "t": "f", "a": "o"}


def _noisy(text: str, protected: list[tuple[int, int]], rng: random.Random) -> str:
    """Misread letters as an OCR engine leaves them, one in about sixty, in small words of running text; values, codes and names stay legible."""
    safe = set()
    for start, end in protected:
        safe.update(range(start, end))
    letters = list(text)
    for match in re.finditer(r"\b[a-z]{4,}\b", text):
        if rng.random() < 0.09 and match.start() not in safe:
            place = rng.choice([k for k in range(match.start() + 1, match.end()) if text[k] in LOOKALIKE] or [-1])
            if place > 0:
                letters[place] = LOOKALIKE[text[place]]
    return "".join(letters)
