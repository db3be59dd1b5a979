"""Facts become questions. Wordings for training and for testing are different lists, so that no wording can be learned by rote."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from llm_workbook.corpus.records import Contract, Question, Span
from llm_workbook.measure.answers import contains_answer, normalise

from . import frames
from .asking import ASK, PLAIN
from .checks import content_overlap
from .clauses import BY_TYPE, COMMON
from .families import Family, Paper
from .render import Page
from .values import PERIODS, Value, answers, words

QUOTA = {  # most questions of a type: (train, dev, test) of one region
    "lookup": (270, 26, 50), "orphan": (190, 22, 46), "paraphrase": (240, 24, 46), "identifier": (130, 20, 40), "pointer": (120, 16, 34), "bridge": (120, 18, 38),
    "comparison": (160, 18, 38), "aggregate": (90, 16, 36), "superseded": (90, 16, 36), "conflict": (80, 16, 36), "unanswerable": (170, 24, 48),
}  # fmt: skip
TIMES = {"train": 3, "dev": 2, "test": 1}  # how often, at most, the same fact is asked for in other words
NOT_STATED = ("not stated", "not specified", "no such term", "there is no such agreement")
CLASSES = (
    "governing_law", "renewal_notice", "liability_cap", "payment_days", "confidentiality_years", "insurance", "audit_notice", "convenience_notice",
    "warranty_months", "dispute_seat", "force_majeure_days", "cure_period",
)  # fmt: skip
INHERITED = (
    "governing_law",
    "dispute_seat",
    "confidentiality_years",
    "force_majeure_days",
    "cure_period",
    "liability_cap",
    "audit_notice",
    "renewal_notice",
    "price_increase",
    "late_interest",
    "exclusivity",
    "license_scope",
)
VAGUE = (
    "agreement_date",
    "effective_date",
    "expiration_date",
    "initial_term",
    "uncapped_liability",
    "assignment_consent",
    "notice_address",
    "order_of_precedence",
    "data_breach_notice",
)  # never wholly absent
ALONE = ("master", "non-disclosure agreement", "parent guarantee")
LIKE = {  # fact type -> another type under which a reader may well find it: who is asked for the one may answer the other
    "payment_days": "demand_days",
    "liability_cap": "guarantee_cap",
    "initial_term": "expiration_date",
    "expiration_date": "guarantee_expiry",
}
RANKING = (  # what a paper says that ranks papers, or rules which of them may change the agreement
    "numbered amendments",
    "identified as an amendment",
    "consecutive number",
    "numbered consecutively",
    "give it a number",
    "a variation is valid",
    "amendments, including",
)
RANKS_ITSELF = "the body of the agreement"


@dataclass(frozen=True)
class World:
    """Everything questions are made from: families, their pages and contracts by id."""

    families: list[Family]
    pages: dict[str, Page]
    contracts: dict[str, Contract]

    def pages_of(self, split: str, *kinds: str) -> list[Page]:
        """The pages of a split, of some kinds or all."""
        return [
            self.pages[paper.id]
            for family in self.families
            if family.split == split
            for paper in family.papers
            if not kinds or paper.kind in kinds
        ]

    @cached_property
    def family_of(self) -> dict[str, str]:
        return {paper.id: family.id for family in self.families for paper in family.papers}

    @cached_property
    def hung(self) -> dict[str, list[Page]]:
        """master id -> what hangs on it, oldest first."""
        found: dict[str, list[Page]] = defaultdict(list)
        for page in sorted(self.pages.values(), key=lambda page: page.paper.date):
            found[page.paper.amends].append(page)
        return found

    def amendments(self, page: Page, kind: str) -> list[Page]:
        """The amendments that changed a fact of a master, oldest first."""
        return [p for p in self.hung[page.paper.id] if p.paper.kind == "amendment" and kind in p.paper.facts]

    def letter(self, page: Page) -> Page | None:
        return next((p for p in self.hung[page.paper.id] if p.paper.kind == "side letter"), None)

    def ranked(self, page: Page, kind: str) -> str:
        """Which paper a clause of the family says is followed on a fact type: "" where no clause ranks papers.

        "master" where the body of the agreement ranks first and states the value, "unclear" where a clause ranks
        other papers, or says which papers may change the agreement and which may not.
        """
        rank = page.paper.facts.get("order_of_precedence")
        if rank and rank.amount == RANKS_ITSELF and kind not in page.pointed:
            return "master"
        texts = (p.text.lower() for p in (page, *self.hung[page.paper.id]))
        return "unclear" if rank or any(words in text for text in texts for words in RANKING) else ""

    def settled(self, page: Page) -> list[str]:
        """Fact types of a document about which no other document and no second number in the same clause says anything else."""
        letter = self.letter(page)
        said = letter.paper.facts if letter else {}
        return [
            kind
            for kind in page.paper.facts
            if not self.amendments(page, kind) and kind not in said and kind not in page.paper.disagree
        ]

    def stated(self, page: Page) -> list[str]:
        """Settled fact types whose value stands in the clause itself."""
        return [kind for kind in self.settled(page) if kind not in page.pointed]


def make_questions(world: World, first: bool = True) -> list[Question]:
    """All questions of all splits in a fixed order; of the first region, with the nested subsets of the test split marked."""
    questions = []
    for place, split in enumerate(("train", "dev", "test")):
        made = [question for maker in MAKERS for question in maker(world, split)]
        kept = _within_quota([question for question in made if not _given_away(question)], place)
        questions += _with_subsets(kept, first) if split == "test" else kept
        questions += _classification(world, split)
        questions += _summaries(world, split)
    return _once(questions)


def _given_away(question: Question) -> bool:
    """Would an echo of the question be scored as an answer?"""
    text = question.question.lower()
    likely = question.answerable and any(
        answer.split()[-1].lower() in text for answer in question.answers
    )  # cheap, and nearly always False
    return likely and contains_answer(question.question, question.answers)


def _within_quota(questions: list[Question], place: int) -> list[Question]:
    """At most QUOTA of each type, shared evenly among the families and among the kinds of the type."""
    kept, questions = [], list({question.question: question for question in questions}.values())  # the same words once
    for kind, quotas in QUOTA.items():
        mine = [question for question in questions if question.type == kind]
        kept += _round_robin(mine, lambda question: question.family, lambda question: question.labels[-1:])[
            : quotas[place]
        ]
    return kept


def _with_subsets(questions: list[Question], first: bool) -> list[Question]:
    """Order the split so that each type comes round in turn; the first 96 are `live`, of which the first 8 are `smoke`."""
    turn = _round_robin(questions, lambda question: question.type, lambda question: question.family)
    subset = ["smoke"] * 8 + ["live"] * 88 if first else []
    return [
        replace(question, subset=subset[place] if place < len(subset) else "") for place, question in enumerate(turn)
    ]


def _round_robin(questions: list[Question], key: Callable, then: Callable | None = None) -> list[Question]:
    """Questions in random but fixed order, so that the groups of `key`, and within them those of `then`, take turns."""
    groups: dict[str, list[Question]] = {}
    for question in sorted(questions, key=lambda question: random.Random(question.id).random()):
        groups.setdefault(key(question), []).append(question)
    lists = [_round_robin(group, then) for group in groups.values()] if then else list(groups.values())
    out = []
    for turn in range(max(map(len, lists), default=0)):
        out += [group[turn] for group in lists if turn < len(group)]
    return out


# ---- wordings -------------------------------------------------------------------------------------------------------


def _ask(
    wordings: tuple[list[str], list[str]],
    paper: Paper,
    split: str,
    seed: str,
    named: str = "",
    times: int = 1,
    fits: Callable[[str], bool] | None = None,
) -> Iterator[tuple[str, str, int]]:
    """(question, wording group, number) for up to `times` wordings of this split's list, with the agreement's name in them."""
    group = 0 if split == "train" else 1
    rng = random.Random(f"ask/{paper.id}/{seed}")
    numbers = [number for number, text in enumerate(wordings[group]) if fits is None or fits(text)]
    rng.shuffle(numbers)
    for number in numbers[:times]:
        name = named or name_of(paper, rng)
        text = wordings[group][number].replace("{in}", name).replace("{In}", name[0].upper() + name[1:])
        yield text[0].upper() + text[1:], f"{'train' if group == 0 else 'test'}-{seed.split('/')[0]}-{number}", number


def name_of(paper: Paper, rng: random.Random) -> str:
    """One of the ways in which people name a document."""
    a, b, title = paper.provider.short, paper.halden.short, paper.title
    if paper.former:
        a = paper.former.short if paper.kind == "assignment" else a
    match paper.kind:
        case "statement of work" | "order form":
            return f"{paper.kind} {paper.code} between {a} and {b}"
        case "parent guarantee":
            return rng.choice([f"the {title} of {a} in favour of {b}", f"{_whose(a)} guarantee to {b}"])
        case "assignment":
            return rng.choice(
                [f"the assignment of {_whose(a)} contract with {b}", f"the Deed of Assignment by {a} (customer: {b})"]
            )
        case "termination notice":
            return rng.choice(
                [f"the Notice of Termination that {b} sent to {a}", f"{_whose(b)} termination notice to {a}"]
            )
        case "amendment":
            return f"{title} between {a} and {b}"
    return rng.choice(
        [f"the {title} between {a} and {b}", f"the {title} of {b} with {a}", f"{_whose(b)} {title} with {a}"]
    )


def _whose(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _question(
    world: World,
    page: Page,
    split: str,
    type: str,
    text: str,
    group: str,
    found: tuple[str, ...],
    evidence: list[Span],
    *,
    key: str,
    **more,
) -> Question:
    documents = tuple(dict.fromkeys(span.document for span in evidence)) or (page.paper.id,)
    return Question(
        f"{type}.{page.paper.id}.{key}",
        type,
        "qa",
        text,
        tuple(found),
        tuple(evidence),
        documents,
        world.family_of[page.paper.id],
        split,
        wording_group=group,
        **more,
    )


# ---- one document ---------------------------------------------------------------------------------------------------


def _lookups(world: World, split: str) -> Iterator[Question]:
    """A fact of one document. `orphan` when the clause names no party at all and its type is in nearly every contract, else `lookup`."""
    for page in world.pages_of(split):
        paper = page.paper
        if paper.kind in ("amendment", "side letter"):
            continue
        for kind in (kind for kind in world.stated(page) if kind in ASK or kind in frames.MORE):
            span = page.stated[kind]
            clause = world.contracts[span.document].text_of(page.clauses.get(kind, span))
            names = any(name in clause for name in page.names()) or paper.title in clause
            type = "orphan" if kind in COMMON and not names else "lookup"
            near = tuple(page.evidence["header"]) if type == "orphan" else ()
            for text, group, n in _ask(
                ASK.get(kind) or frames.MORE[kind], paper, split, f"{kind}/{type}", times=TIMES[split]
            ):
                yield _question(
                    world,
                    page,
                    split,
                    type,
                    text,
                    group,
                    answers(paper.facts[kind]),
                    [span],
                    key=f"{kind}.{n}",
                    facts=(f"{paper.id}.{kind}",),
                    labels=(kind,),
                    nearby=near,
                )


def _paraphrases(world: World, split: str) -> Iterator[Question]:
    """The same facts asked for without the words of the clause; a wording that shares too many is passed over."""
    for page in world.pages_of(split, "master", "non-disclosure agreement", "statement of work", "order form"):
        for kind in (kind for kind in world.stated(page) if PLAIN.get(kind)):
            clause = world.contracts[page.paper.id].text_of(page.clauses[kind])
            for text, group, n in _ask(
                PLAIN[kind],
                page.paper,
                split,
                f"{kind}-plain/paraphrase",
                times=2,
                fits=lambda text, clause=clause: content_overlap(text, clause) <= 0.15,
            ):
                yield _question(
                    world,
                    page,
                    split,
                    "paraphrase",
                    text,
                    group,
                    answers(page.paper.facts[kind]),
                    [page.stated[kind]],
                    key=f"{kind}.{n}",
                    facts=(f"{page.paper.id}.{kind}",),
                    labels=(kind,),
                )


def _identifiers(world: World, split: str) -> Iterator[Question]:
    """By code: the price of an item, a term of a numbered contract, the account of its orders."""
    for page in world.pages_of(split):
        paper = page.paper
        for code, description, price in paper.items:
            for text, group, n in _ask(frames.PRICE, paper, split, f"price/{code}", code):
                yield _question(
                    world,
                    page,
                    split,
                    "identifier",
                    text,
                    group,
                    answers(price),
                    page.evidence[f"item:{code}"],
                    key=f"{code}.{n}",
                    labels=(description, "price code"),
                )
        if paper.kind == "master":
            span = page.evidence["order_format"][0]
            for text, group, n in _ask(frames.ORDER_FORMAT, paper, split, "account", f"contract {paper.code}"):
                yield _question(
                    world,
                    page,
                    split,
                    "identifier",
                    text,
                    group,
                    (page.account,),
                    [span],
                    key=f"account.{n}",
                    labels=("ledger account", "account code"),
                )
        if paper.kind in ("master", "non-disclosure agreement", "statement of work", "order form"):
            kinds = [kind for kind in world.stated(page) if kind in ASK]
            for kind in random.Random(f"code/{paper.id}").sample(kinds, min(4, len(kinds))):
                for text, group, n in _ask(ASK[kind], paper, split, f"{kind}/code", f"contract no. {paper.code}"):
                    yield _question(
                        world,
                        page,
                        split,
                        "identifier",
                        text,
                        group,
                        answers(paper.facts[kind]),
                        [page.stated[kind]],
                        key=f"{kind}.{n}",
                        facts=(f"{paper.id}.{kind}",),
                        labels=(kind, "contract code"),
                    )


def _pointers(world: World, split: str) -> Iterator[Question]:
    """The clause says where its value stands: in Schedule B, among the definitions, or in a numbered clause of the master."""
    for page in world.pages_of(split, "master"):
        for kind in (kind for kind in world.settled(page) if kind in page.pointed):
            evidence = sorted(page.evidence[kind], key=lambda span: span == page.stated[kind])
            for text, group, n in _ask(ASK[kind], page.paper, split, f"{kind}/pointer", times=5):
                yield _question(
                    world,
                    page,
                    split,
                    "pointer",
                    text,
                    group,
                    answers(page.paper.facts[kind]),
                    evidence,
                    key=f"{kind}.{n}",
                    facts=(f"{page.paper.id}.{kind}",),
                    labels=(kind, page.pointed[kind]),
                )
    for page in world.pages_of(split, "statement of work", "order form"):
        kind, master = page.referred, world.pages[page.paper.amends]
        if kind and kind in world.settled(master):
            evidence = [
                page.evidence["referred"][0],
                *sorted(master.evidence[kind], key=lambda span: span == master.stated[kind]),
            ]
            for text, group, n in _ask(ASK[kind], page.paper, split, f"{kind}/pointer", times=3):
                yield _question(
                    world,
                    page,
                    split,
                    "pointer",
                    text,
                    group,
                    answers(master.paper.facts[kind]),
                    evidence,
                    key=f"{kind}.{n}",
                    facts=(f"{master.paper.id}.{kind}",),
                    labels=(kind, "master"),
                )


# ---- two documents --------------------------------------------------------------------------------------------------


def _bridges(world: World, split: str) -> Iterator[Question]:
    """A term that a document does not state itself but takes from the agreement it hangs on."""
    for page in world.pages_of(
        split, "statement of work", "order form", "parent guarantee", "termination notice", "assignment"
    ):
        master = world.pages[page.paper.amends]
        for kind in (
            kind
            for kind in INHERITED
            if kind in world.settled(master) and kind not in page.paper.facts and kind != page.referred
        ):
            name = name_of(page.paper, random.Random(f"bridge/{page.paper.id}/{kind}"))
            verb = {
                "parent guarantee": "the agreement secured by",
                "termination notice": "the agreement that is ended by",
                "assignment": "the agreement transferred by",
            }.get(page.paper.kind, "")
            evidence = [
                page.evidence["framework"][0],
                *sorted(master.evidence[kind], key=lambda span: span == master.stated[kind]),
            ]
            for text, group, n in _ask(
                ASK[kind], page.paper, split, f"{kind}/bridge", f"{verb} {name}".strip(), times=min(2, TIMES[split])
            ):
                yield _question(
                    world,
                    page,
                    split,
                    "bridge",
                    text,
                    group,
                    answers(master.paper.facts[kind]),
                    evidence,
                    key=f"{kind}.{n}",
                    facts=(f"{master.paper.id}.{kind}",),
                    labels=(kind, page.paper.kind),
                )


def _comparisons(world: World, split: str) -> Iterator[Question]:
    """Two or three agreements of a split, one fact type with numbers of the same unit; the answer is the extreme value.

    Interest is left out: one contract counts it by the month, the next by the year.

    It asks for the value, not for the party: a party's name stands in the question, and echoing it would count as an answer.
    """
    masters = world.pages_of(split, "master")
    settled = {page.paper.id: set(world.settled(page)) for page in masters}
    for several in (*combinations(masters, 2), *combinations(masters, 3)):
        first, others = several[0], several[1:]
        for kind in sorted(
            (set(frames.WHAT) - {"late_interest"}).intersection(*(settled[page.paper.id] for page in several))
        ):
            values = [page.paper.facts[kind] for page in several]
            if not _comparable(values):
                continue
            for direction, extreme in zip(
                ("long", "short") if values[0].kind in PERIODS else ("high", "low"), (max, min), strict=True
            ):
                wanted = extreme(values, key=lambda value: value.amount)
                named = _listed([f"the {page.paper.title} with {page.paper.provider.short}" for page in several])
                key = ".".join(page.paper.id for page in others)
                for text, group, n in _ask(
                    frames.COMPARE[direction], first.paper, split, f"comparison-{direction}/{key}/{kind}", named
                ):
                    evidence = [page.stated[kind] for page in several]
                    yield _question(
                        world,
                        first,
                        split,
                        "comparison",
                        text.replace("{what}", frames.WHAT[kind]),
                        group,
                        answers(wanted),
                        evidence,
                        key=f"{kind}.{direction}.{key}.{n}",
                        labels=(kind, f"{len(several)} agreements"),
                    )


def _comparable(values: list[Value]) -> bool:
    """Numbers in the same unit, no two alike."""
    return (
        len({(value.kind, value.unit) for value in values}) == 1
        and values[0].kind not in ("text", "date", "law")
        and len({value.amount for value in values}) == len(values)
    )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])


def _superseded(world: World, split: str) -> Iterator[Question]:
    """The newest of several values, or the newest name of a party."""
    for page in world.pages_of(split, "master"):
        paper = page.paper
        for kind in paper.facts:
            chain = world.amendments(page, kind)
            if not chain:
                continue
            evidence = [chain[-1].stated[kind], *page.evidence[kind], *(p.stated[kind] for p in chain[:-1])]
            for ask, group, n in _ask(
                ASK[kind], paper, split, f"{kind}/superseded", times=6 if split == "train" else 3
            ):
                frame = frames.NOW[0 if split == "train" else 1][(n + len(kind) + len(paper.id)) % 5]
                text = frame.replace(
                    "{ask}", ask if frame[frame.index("{ask}") - 2] in ":?." else ask[0].lower() + ask[1:]
                )
                yield _question(
                    world,
                    page,
                    split,
                    "superseded",
                    text,
                    group,
                    answers(chain[-1].paper.facts[kind]),
                    evidence,
                    key=f"{kind}.{n}",
                    facts=(f"{chain[-1].paper.id}.{kind}",),
                    labels=(kind, f"{len(chain)} amendments"),
                )
        for later in (p for p in world.hung[paper.id] if p.paper.former):
            kind = "new_name" if "new_name" in later.paper.facts else "assignee"
            for text, group, n in _ask(frames.WHO_NOW, paper, split, "who-now", times=4):
                evidence = [later.stated[kind], page.evidence["header"][0]]
                yield _question(
                    world,
                    page,
                    split,
                    "superseded",
                    text.replace("{old}", later.paper.predecessor.short),
                    group,
                    _company(later.paper.facts[kind], later.paper.provider.short),
                    evidence,
                    key=f"{kind}.{n}",
                    facts=(f"{later.paper.id}.{kind}",),
                    labels=(kind, "company name"),
                )


def _company(value: Value, short: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*answers(value), short)))


def _conflicts(world: World, split: str) -> Iterator[Question]:
    """A side letter against its master: what each says, and what applies where the letter says that it prevails. Words against figures."""
    for page in world.pages_of(split, "master"):
        if letter := world.letter(page):
            yield from _letter_conflicts(world, split, page, letter)
        for kind in page.paper.disagree:
            rule = page.evidence.get("words_rule", [])
            for text, group, n in _ask(
                frames.CONFLICT_WORDS, page.paper, split, f"conflict-words/{kind}", times=3 if split == "train" else 2
            ):
                found, evidence = (
                    (answers(page.paper.facts[kind]), [page.stated[kind], *rule]) if rule else (NOT_STATED, [])
                )
                more = {
                    "labels": (kind, "words against figures", "words"),
                    "answerable": bool(rule),
                    "nearby": () if rule else (page.stated[kind],),
                }
                yield _question(
                    world,
                    page,
                    split,
                    "conflict",
                    _lead(text.replace("{what}", frames.WHAT[kind])),
                    group,
                    found,
                    evidence,
                    key=f"{kind}.words.{n}",
                    facts=(f"{page.paper.id}.{kind}",) if rule else (),
                    **more,
                )


def _letter_conflicts(world: World, split: str, page: Page, letter: Page) -> Iterator[Question]:
    """A side letter against its master; what applies is not asked where a clause ranks papers and leaves room for two readings."""
    for kind in letter.paper.facts:
        evidence = [letter.stated[kind], *sorted(page.evidence[kind], key=lambda span: span == page.stated[kind])]
        stated = kind == letter.paper.prevails
        ranked = "" if stated else world.ranked(page, kind)
        for wordings, seed, holder in (
            (frames.CONFLICT_APPLIES, "applies", page if ranked == "master" else letter),
            (frames.CONFLICT_LETTER, "letter", letter),
            (frames.CONFLICT_MASTER, "master", page),
        ):
            if seed == "applies" and ranked == "unclear":
                continue  # whoever reads that clause one way or the other is right
            answerable = stated or bool(ranked) or seed != "applies"
            rank = page.stated["order_of_precedence"] if seed == "applies" and ranked else None
            proof = [rank, page.stated[kind], letter.stated[kind]] if rank else evidence
            for text, group, n in _ask(
                wordings,
                page.paper,
                split,
                f"conflict-{seed}/{kind}",
                times=5 if not answerable else {"train": 5, "dev": 3, "test": 2}[split],
            ):
                found = answers(holder.paper.facts[kind]) if answerable else NOT_STATED
                text = _lead(text.replace("{what}", frames.WHAT[kind]))
                near = () if answerable else tuple(evidence)
                said = (
                    "stated" if stated else "by clause" if ranked == "master" else "silent" if not ranked else "unclear"
                )
                more = {
                    "labels": (kind, f"precedence {said}", seed),
                    "answerable": answerable,
                    "nearby": near,
                }
                yield _question(
                    world,
                    page,
                    split,
                    "conflict",
                    text,
                    group,
                    found,
                    proof if answerable else [],
                    key=f"{kind}.{seed}.{n}",
                    facts=(f"{holder.paper.id}.{kind}",) if answerable else (),
                    **more,
                )


def _lead(text: str) -> str:
    return text[0].upper() + text[1:]


# ---- many documents, or none ----------------------------------------------------------------------------------------


def _aggregates(world: World, split: str) -> Iterator[Question]:
    """Counts and extremes over all agreements of one company of the group. Each of these companies belongs to one split only."""
    companies: dict[str, list[Page]] = defaultdict(list)
    for page in world.pages_of(split, *ALONE):
        companies[page.paper.halden.short].append(page)
    for who, pages in companies.items():
        for kind, wordings in (("governing_law", frames.COUNT_LAW), ("dispute_seat", frames.COUNT_SEAT)):
            for value, having in _by_value(world, kind, pages).items():
                yield from _counted(world, split, who, having, kind, wordings, value)
        masters = [page for page in pages if page.paper.kind == "master"]
        for kind, what in frames.TERMS.items():
            having = [page for page in masters if kind in page.paper.facts]
            if having and len(masters) > 1:
                yield from _counted(world, split, who, having, kind, frames.COUNT_TERM, what)
        everything = [page for page in world.pages_of(split) if page.paper.halden.short == who]
        yield from _extremes(world, split, who, everything)
    yield from _price_lists(world, split)
    yield from _counts_of_hung(world, split)


def _by_value(world: World, kind: str, pages: list[Page]) -> dict[str, list[Page]]:
    """The pages by what they say of a kind of fact, those about which nothing else is said."""
    by_value: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        if kind in world.settled(page):
            by_value[answers(page.paper.facts[kind])[0]].append(page)
    return by_value


def _counts_of_hung(world: World, split: str) -> Iterator[Question]:
    """How many documents of a kind hang on a master."""
    for page in world.pages_of(split, "master"):
        for what, kinds in (
            ("amendments", ("amendment",)),
            ("statements of work or order forms", ("statement of work", "order form")),
        ):
            having = [p for p in world.hung[page.paper.id] if p.paper.kind in kinds]
            if having:
                for text, group, n in _ask(frames.COUNT_HUNG, page.paper, split, f"count-hung/{what}", times=2):
                    evidence = [p.evidence["framework"][0] for p in having]
                    yield _question(
                        world,
                        page,
                        split,
                        "aggregate",
                        text.replace("{law}", what),
                        group,
                        _number(len(having)),
                        evidence,
                        key=f"{what}.{n}",
                        labels=(what, _count_label(having)),
                    )


def _counted(
    world: World, split: str, who: str, having: list[Page], kind: str, wordings: tuple[list[str], list[str]], what: str
) -> Iterator[Question]:
    for text, group, n in _ask(
        wordings, having[0].paper, split, f"count-{kind}/{what}", who, times=2 if split != "test" else 1
    ):
        text = text.replace("{who}'s", _whose(who)).replace("{who}", who).replace("{law}", what)
        evidence = [page.stated[kind] for page in having]
        yield _question(
            world,
            having[0],
            split,
            "aggregate",
            _lead(text),
            group,
            _number(len(having)),
            evidence,
            key=f"{kind}.{what}.{n}",
            labels=(kind, _count_label(having)),
        )


def _count_label(having: Sized) -> str:
    """Questions of a type take turns by their last label, so that no single number is the right answer too often."""
    return f"count {min(len(having), 4)}"


def _price_lists(world: World, split: str) -> Iterator[Question]:
    """How many items there are, and how many cost more than a round sum that lies between two of the prices."""
    for page in world.pages_of(split, "master", "statement of work", "order form"):
        paper = page.paper
        spans = {code: page.evidence[f"item:{code}"][0] for code, _, _ in paper.items}
        for text, group, n in _ask(frames.COUNT_ITEMS, paper, split, "count-items"):
            yield _question(
                world,
                page,
                split,
                "aggregate",
                text,
                group,
                _number(len(spans)),
                list(spans.values()),
                key=f"items.{n}",
                labels=("items", _count_label(paper.items)),
            )
        ranked = sorted(paper.items, key=lambda item: -item[2].number)
        for place in range(1, len(ranked)):
            bound = _between(ranked[place][2].number, ranked[place - 1][2].number)
            if bound:
                for text, group, n in _ask(frames.COUNT_DEAR, paper, split, f"count-dear/{place}"):
                    text = text.replace("{law}", f"{paper.currency} {bound}")
                    yield _question(
                        world,
                        page,
                        split,
                        "aggregate",
                        text,
                        group,
                        _number(place),
                        [spans[code] for code, _, _ in ranked[:place]],
                        key=f"dear.{place}.{n}",
                        labels=("dear items", _count_label(ranked[:place])),
                    )


def _between(low: float, high: float) -> int:
    """A round sum from low to high, 0 if there is none."""
    for step in (1000, 500, 100, 50, 20, 10, 5, 2, 1):
        bound = (int(low) // step + 1) * step
        if low < bound < high:
            return bound
    return 0


def _number(count: int) -> tuple[str, ...]:
    return (str(count), words(count))


def _extremes(world: World, split: str, who: str, pages: list[Page]) -> Iterator[Question]:
    """The longest and the shortest of a period over all papers of the company, orders included.

    Asked where every paper that has one states it beyond doubt, none was changed later, and none has a term like it.
    """
    for kind, what in frames.WHAT.items():
        having = [page for page in pages if kind in page.paper.facts]
        values = [page.paper.facts[kind] for page in having]
        if (
            len({value.amount for value in values}) < 2
            or len({value.kind for value in values}) > 1
            or values[0].kind not in PERIODS
            or any(LIKE.get(kind) in page.paper.facts for page in pages)
            or any(kind not in world.settled(page) for page in having)
        ):
            continue
        for direction, extreme in (("long", max), ("short", min)):
            wanted = extreme(values, key=lambda value: value.amount)
            for text, group, n in _ask(
                frames.EXTREME[direction],
                having[0].paper,
                split,
                f"extreme-{direction}/{kind}",
                who,
                times=2 if split != "test" else 1,
            ):
                text = text.replace("{who}", who).replace("{what}", what)
                yield _question(
                    world,
                    having[0],
                    split,
                    "aggregate",
                    text,
                    group,
                    answers(wanted),
                    [page.stated[kind] for page in having],
                    key=f"{kind}.{direction}.{n}",
                    labels=(kind, "extreme"),
                )


def _unanswerable(world: World, split: str) -> Iterator[Question]:
    """A term this agreement does not have while a neighbour does, or an agreement that does not exist. The tempting clause is `nearby`."""
    masters = world.pages_of(split, "master")
    for place, page in enumerate(masters):
        neighbours = masters[place + 1 :] + masters[:place]
        nearby = {kind for p in (page, *world.hung[page.paper.id]) for kind in p.paper.facts}
        for kind in (kind for kind in BY_TYPE if kind not in nearby and kind not in VAGUE):
            tempting = next((p for p in neighbours if kind in world.stated(p)), None)
            near = (tempting.stated[kind],) if tempting else ()
            for text, group, n in _ask(
                ASK[kind], page.paper, split, f"{kind}/unanswerable", times=1 if split == "test" else 2
            ):
                yield _question(
                    world,
                    page,
                    split,
                    "unanswerable",
                    text,
                    group,
                    NOT_STATED,
                    [],
                    key=f"{kind}.{n}",
                    answerable=False,
                    labels=(kind, "absent term"),
                    nearby=near,
                )
        stranger = neighbours[0].paper if neighbours else None
        if not stranger or stranger.provider == page.paper.provider:
            continue
        paper = replace(page.paper, provider=stranger.provider)
        stated = [
            kind
            for kind in (
                "governing_law",
                "payment_days",
                "liability_cap",
                "cure_period",
                "confidentiality_years",
                "dispute_seat",
            )
            if kind in world.stated(page)
        ]
        for kind in stated[:4]:
            for text, group, n in _ask(ASK[kind], paper, split, f"{kind}/stranger"):
                yield _question(
                    world,
                    page,
                    split,
                    "unanswerable",
                    text,
                    group,
                    NOT_STATED,
                    [],
                    key=f"stranger.{kind}.{n}",
                    answerable=False,
                    labels=(kind, "absent agreement"),
                    nearby=(page.stated[kind],),
                )
    for page in world.pages_of(split, "non-disclosure agreement", "parent guarantee"):
        for kind in (
            kind
            for kind in ("payment_days", "insurance", "service_level", "minimum_commitment", "audit_notice")
            if kind not in page.paper.facts and LIKE.get(kind) not in page.paper.facts
        ):
            master = next((p for p in masters if world.family_of[p.paper.id] == world.family_of[page.paper.id]), None)
            near = (master.stated[kind],) if master and kind in master.stated else ()
            for text, group, n in _ask(ASK[kind], page.paper, split, f"{kind}/unanswerable"):
                yield _question(
                    world,
                    page,
                    split,
                    "unanswerable",
                    text,
                    group,
                    NOT_STATED,
                    [],
                    key=f"{kind}.{n}",
                    answerable=False,
                    labels=(kind, "absent term"),
                    nearby=near,
                )


# ---- the other tasks ------------------------------------------------------------------------------------------------


def _classification(world: World, split: str) -> list[Question]:
    """Clause -> type, for the twelve commonest types: the clause without its heading, and the sentence that states the fact alone."""
    made = []
    for page in world.pages_of(split):
        for kind in (kind for kind in CLASSES if kind in page.clauses and page.paper.kind != "side letter"):
            source, whole, part = world.contracts[page.paper.id], page.clauses[kind], page.evidence[kind][0]
            if kind in page.pointed:
                part = next(span for span in page.evidence[kind] if span.overlap(whole))
            for span, size in ((whole, "clause"), (part, "sentence")):
                text = source.text_of(span)
                if len(text.split()) >= 12 and (size == "clause" or len(part) < 0.8 * len(whole)):
                    labels = (kind, page.paper.house.register, size)
                    question = _question(
                        world,
                        page,
                        split,
                        "classification",
                        text,
                        f"{split}-classification",
                        (BY_TYPE[kind].category, kind),
                        [span],
                        key=f"{kind}.{size}",
                        labels=labels,
                    )
                    made.append(replace(question, task="classification"))
    return made


def _once(questions: list[Question]) -> list[Question]:
    """Each clause text once, and in the test split rather than in another."""
    seen = {}
    for question in sorted(questions, key=lambda question: ("test", "dev", "train").index(question.split)):
        seen.setdefault(normalise(question.question), question.id)
    return [
        question
        for question in questions
        if question.task != "classification" or seen[normalise(question.question)] == question.id
    ]


def _summaries(world: World, split: str) -> Iterator[Question]:
    """Six to eight labelled facts of one agreement as it stands today; the answers are the lines, the evidence their spans."""
    for page in world.pages_of(split, "master", "non-disclosure agreement"):
        letter = world.letter(page)
        latest = {
            kind: (world.amendments(page, kind) or [page])[-1]
            for kind in page.paper.facts
            if kind not in page.paper.disagree and not (letter and kind in letter.paper.facts)
        }
        for focus, (kinds, *wordings) in frames.SUMMARY.items():
            chosen = [(kind, latest[kind]) for kind in kinds.split() if kind in latest][:8]
            if len(chosen) < 6:
                continue
            lines = tuple(f"{label(kind)}: {answers(where.paper.facts[kind])[0]}" for kind, where in chosen)
            facts = tuple(f"{where.paper.id}.{kind}" for kind, where in chosen)
            for text, group, n in _ask(
                (wordings[0], wordings[1]), page.paper, split, f"summary-{focus}", times=1 if split == "test" else 2
            ):
                made = _question(
                    world,
                    page,
                    split,
                    "summary",
                    text,
                    group,
                    lines,
                    [where.stated[kind] for kind, where in chosen],
                    key=f"{focus.replace(' ', '-')}.{n}",
                    facts=facts,
                    labels=(focus,),
                )
                yield replace(made, task="summary")


def label(kind: str) -> str:
    """The name of a fact in a term sheet."""
    return frames.LABEL.get(kind) or BY_TYPE[kind].category.capitalize()


MAKERS = (
    _lookups,
    _paraphrases,
    _identifiers,
    _pointers,
    _bridges,
    _comparisons,
    _superseded,
    _conflicts,
    _aggregates,
    _unanswerable,
)
