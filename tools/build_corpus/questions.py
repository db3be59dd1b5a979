"""Facts become questions. Wordings for training and for testing are different lists, so that no wording can be learned by rote."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from llm_workbook.corpus.records import Contract, Question, Span

from .asking import ASK, PLAIN
from .clauses import BY_TYPE, COMMON
from .families import Family, Paper
from .render import Page
from .values import forms

QUOTA = {  # most questions of a type in the test split; None: all there are
    "lookup": 48, "orphan": 48, "paraphrase": 40, "identifier": 36, "pointer": 30, "bridge": 30, "comparison": 30, "superseded": 30, "unanswerable": 36,
}  # fmt: skip
NOT_STATED = ("not stated", "not specified", "no such term", "there is no such agreement")
CLASSES = (
    "governing_law", "renewal_notice", "convenience_notice", "liability_cap", "payment_days", "confidentiality_years", "insurance", "audit_notice",
    "liquidated_damages", "warranty_months", "dispute_seat", "force_majeure_days",
)  # fmt: skip
INHERITED = ("governing_law", "dispute_seat", "confidentiality_years", "force_majeure_days", "cure_period", "liability_cap")


@dataclass(frozen=True)
class World:
    """Everything questions are made from: families, their pages and contracts by id."""

    families: list[Family]
    pages: dict[str, Page]
    contracts: dict[str, Contract]

    def families_of(self, split: str) -> list[Family]:
        return [family for family in self.families if family.split == split]


def make_questions(world: World) -> list[Question]:
    """All questions of all splits, with the nested subsets marked, in a fixed order."""
    questions = []
    for split in ("train", "dev", "test"):
        made = [question for maker in MAKERS for question in maker(world, split)]
        kept = _within_quota(made, split)
        questions += _with_subsets(kept) if split == "test" else kept
        questions += _classification(world, split)
    return questions


def _within_quota(questions: list[Question], split: str) -> list[Question]:
    """At most QUOTA of each type in test, shared evenly among the families; everything in train and dev."""
    kept, questions = [], list({question.question: question for question in questions}.values())  # the same words once
    for kind, quota in QUOTA.items():
        mine = _round_robin([question for question in questions if question.type == kind], lambda question: question.family)
        kept += mine[: quota if split == "test" else None]
    return kept


def _with_subsets(questions: list[Question]) -> list[Question]:
    """Order the split so that each type comes round in turn; the first 96 are `live`, of which the first 8 are `smoke`."""
    turn = _round_robin(questions, lambda question: question.type)
    subset = ["smoke"] * 8 + ["live"] * 88
    return [replace(question, subset=subset[place] if place < len(subset) else "") for place, question in enumerate(turn)]


def _round_robin(questions: list[Question], key) -> list[Question]:
    groups: dict[str, list[Question]] = {}
    for question in sorted(questions, key=lambda question: random.Random(question.id).random()):
        groups.setdefault(key(question), []).append(question)
    out = []
    while any(groups.values()):
        out += [group.pop(0) for group in groups.values() if group]
    return out


def _ask(wordings: tuple[list[str], list[str]], paper: Paper, split: str, seed: str, named: str = "") -> tuple[str, str]:
    """(question, wording group): a wording of this split's list with the agreement's name in it."""
    group = 0 if split == "train" else 1
    rng = random.Random(f"ask/{paper.id}/{seed}")
    number = rng.randrange(len(wordings[group]))
    name = named or _named(paper, rng)
    text = wordings[group][number].replace("{in}", name)
    return text[0].upper() + text[1:], f"{'train' if group == 0 else 'test'}-{seed.split('/')[0]}-{number}"


def _named(paper: Paper, rng: random.Random) -> str:
    """One of the ways in which people name an agreement."""
    a, b, title = paper.provider.short, paper.halden.short, paper.title
    if paper.kind == "statement of work":
        return f"statement of work {paper.code} between {a} and {b}"
    if paper.kind == "amendment":
        return f"the {title} between {a} and {b}"
    return rng.choice([f"the {title} between {a} and {b}", f"the {title} of {b} with {a}", f"{b}'s {title} with {a}"])


def _question(page: Page, split: str, type: str, text: str, group: str, answers, evidence: list[Span], **more) -> Question:
    documents = tuple(dict.fromkeys(span.document for span in evidence)) or (page.paper.id,)
    family = page.paper.id.rsplit("-", 2 if page.paper.id[-2:] == "-1" else 1)[0]
    digest = f"{type}.{page.paper.id}.{more.pop('key')}"
    return Question(digest, type, "qa", text, tuple(answers), tuple(evidence), documents, family, split, wording_group=group, **more)


def _pages(world: World, split: str, *kinds: str) -> Iterator[Page]:
    for family in world.families_of(split):
        for paper in family.papers:
            if not kinds or paper.kind in kinds:
                yield world.pages[paper.id]


def _amended(page: Page, world: World) -> dict[str, Page]:
    """fact type -> the amendment's page that changed it."""
    later = [p for p in world.pages.values() if p.paper.kind == "amendment" and p.paper.amends == page.paper.id]
    return {kind: p for p in later for kind in p.paper.facts}


def _stated(page: Page, world: World) -> list[str]:
    """Fact types whose value the document states itself and nothing changed later."""
    changed = _amended(page, world)
    return [kind for kind in page.paper.facts if kind not in changed and kind not in page.paper.pointers]


def _lookups(world: World, split: str) -> Iterator[Question]:
    """A fact of one document. `orphan` when the clause names no party at all and its type is in nearly every contract, else `lookup`."""
    for page in _pages(world, split, "master", "statement of work", "non-disclosure agreement"):
        for kind in _stated(page, world):
            span = page.evidence[kind][0]
            clause = world.contracts[span.document].text_of(span)
            names = any(company.short in clause for company in (page.paper.provider, page.paper.halden))
            type = "orphan" if kind in COMMON and not names else "lookup"
            text, group = _ask(ASK[kind], page.paper, split, f"{kind}/{type}")
            yield _question(page, split, type, text, group, forms(page.paper.facts[kind]), [span], key=kind, facts=(f"{page.paper.id}.{kind}",), labels=(kind,))


def _paraphrases(world: World, split: str) -> Iterator[Question]:
    for page in _pages(world, split, "master", "non-disclosure agreement"):
        for kind in (kind for kind in _stated(page, world) if kind in PLAIN):
            text, group = _ask(PLAIN[kind], page.paper, split, f"{kind}-plain/paraphrase")
            yield _question(page, split, "paraphrase", text, group, forms(page.paper.facts[kind]), [page.evidence[kind][0]], key=kind, facts=(f"{page.paper.id}.{kind}",), labels=(kind,))


def _identifiers(world: World, split: str) -> Iterator[Question]:
    wordings = (
        ["What is the price of item {in}?", "How much is charged for {in}?", "Please confirm the rate of price list code {in}.", "{in}: what does it cost?"],
        ["What do we pay for {in}?", "Give me the unit price booked under {in}.", "Which amount does the price list show against {in}?", "What does code {in} stand at?"],
    )  # fmt: skip
    for page in _pages(world, split, "master", "statement of work"):
        for code, description, price in page.paper.items:
            text, group = _ask(wordings, page.paper, split, f"identifier/{code}", code)
            yield _question(page, split, "identifier", text, group, (price.canonical, f"{price.amount:.2f}"), page.evidence[f"item:{code}"], key=code, labels=(description,))


def _pointers(world: World, split: str) -> Iterator[Question]:
    for page in _pages(world, split, "master"):
        for kind in page.paper.pointers:
            for number in range(6):
                text, group = _ask(ASK[kind], page.paper, split, f"{kind}/pointer/{number}")
                yield _question(page, split, "pointer", text, group, forms(page.paper.facts[kind]), page.evidence[kind], key=f"{kind}.{number}", facts=(f"{page.paper.id}.{kind}",), labels=(kind,))


def _bridges(world: World, split: str) -> Iterator[Question]:
    """A term that a statement of work inherits from the agreement it hangs on."""
    for page in _pages(world, split, "statement of work"):
        master = world.pages[page.paper.amends]
        for kind in (kind for kind in INHERITED if kind in _stated(master, world)):
            text, group = _ask(ASK[kind], page.paper, split, f"{kind}/bridge")
            evidence = [page.evidence["framework"][0], master.evidence[kind][0]]
            yield _question(page, split, "bridge", text, group, forms(master.paper.facts[kind]), evidence, key=kind, facts=(f"{master.paper.id}.{kind}",), labels=(kind,))


def _comparisons(world: World, split: str) -> Iterator[Question]:
    """Two agreements of the same split, one fact type with numbers of the same unit; the answer is the larger value.

    It asks for the value, not for the party: a party's name stands in the question, and echoing it would count as an answer.
    """
    masters = list(_pages(world, split, "master"))
    wordings = (
        ["What is the longer of the two periods for {what}, {in}?", "Compare {what} in {in}: how long is the longer one?"],
        ["How long is the more generous period for {what}: {in}?", "Looking at {what} in {in}, what does the longer one come to?"],
    )  # fmt: skip
    for first, second in ((a, b) for number, a in enumerate(masters) for b in masters[number + 1 :]):
        for kind in ("payment_days", "cure_period", "renewal_notice", "confidentiality_years", "force_majeure_days", "warranty_months"):
            if kind not in _stated(first, world) or kind not in _stated(second, world):
                continue
            values = [page.paper.facts[kind] for page in (first, second)]
            if values[0].kind != values[1].kind or values[0].amount == values[1].amount:
                continue
            winner = first if values[0].amount > values[1].amount else second
            named = f"the {first.paper.title} with {first.paper.provider.short} or the {second.paper.title} with {second.paper.provider.short}"
            text, group = _ask(wordings, first.paper, split, f"comparison/{second.paper.id}/{kind}", named)
            text = text.replace("{what}", WHAT[kind])
            yield _question(first, split, "comparison", text, group, forms(winner.paper.facts[kind]), [first.evidence[kind][0], second.evidence[kind][0]], key=f"{second.paper.id}.{kind}", labels=(kind,))


WHAT = {
    "payment_days": "the time for payment", "cure_period": "the time to remedy a breach", "renewal_notice": "the notice against renewal",
    "confidentiality_years": "secrecy after the end", "force_majeure_days": "the force majeure period before one may terminate",
    "warranty_months": "the warranty",
}  # fmt: skip


def _superseded(world: World, split: str) -> Iterator[Question]:
    wordings = (
        ["As things stand after the amendment: {ask}", "Taking all amendments into account, {ask}", "Today, not as first signed: {ask}"],
        ["What applies now? {ask}", "Under the terms currently in force, {ask}", "After everything that was signed later, {ask}"],
    )
    for page in _pages(world, split, "master"):
        for kind, amendment in _amended(page, world).items():
            for number in range(3):
                ask, group = _ask(ASK[kind], page.paper, split, f"{kind}/superseded/{number}")
                frame = wordings[0 if split == "train" else 1][number]
                text = frame.replace("{ask}", ask if frame[frame.index("{ask}") - 2] in ":?" else ask[0].lower() + ask[1:])
                evidence = [amendment.evidence[kind][0], *page.evidence[kind]]
                yield _question(page, split, "superseded", text, group, forms(amendment.paper.facts[kind]), evidence, key=f"{kind}.{number}", facts=(f"{amendment.paper.id}.{kind}",), labels=(kind,))


def _unanswerable(world: World, split: str) -> Iterator[Question]:
    """A term this agreement does not have while its neighbours do, or an agreement that does not exist."""
    pages = list(_pages(world, split, "master"))
    for place, page in enumerate(pages):
        absent = [kind for kind in BY_TYPE if kind not in page.paper.facts]
        for kind in absent[:7]:
            text, group = _ask(ASK[kind], page.paper, split, f"{kind}/unanswerable")
            yield _question(page, split, "unanswerable", text, group, NOT_STATED, [], key=kind, answerable=False, labels=(kind, "absent term"))
        stranger = pages[(place + 1) % len(pages)].paper
        paper = replace(page.paper, provider=stranger.provider)
        for kind in ("governing_law", "payment_days"):
            text, group = _ask(ASK[kind], paper, split, f"{kind}/stranger")
            yield _question(page, split, "unanswerable", text, group, NOT_STATED, [], key=f"stranger.{kind}", answerable=False, labels=(kind, "absent agreement"))


def _classification(world: World, split: str) -> Iterator[Question]:
    for page in _pages(world, split, "master", "non-disclosure agreement", "statement of work"):
        for kind in (kind for kind in page.paper.facts if kind in CLASSES):
            section = next(s for s in world.contracts[page.paper.id].sections if s.number == page.numbers[kind])
            text = world.contracts[page.paper.id].text[section.start : section.end].split("\n", 1)[1].strip()
            span = Span(page.paper.id, section.end - len(text), section.end)
            labels = (BY_TYPE[kind].category, kind)
            made = _question(page, split, "classification", text, f"{split}-classification", labels, [span], key=kind, labels=(kind,))
            yield replace(made, task="classification")


MAKERS = (_lookups, _paraphrases, _identifiers, _pointers, _bridges, _comparisons, _superseded, _unanswerable)
