"""What must be true of the corpus, as functions that return figures or the list of what is wrong. The tests and --check use them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import mean

from llm_workbook.corpus.records import Contract, Fact, Question
from llm_workbook.measure.answers import contains_answer, normalise

WORD = re.compile(r"[^\W_]+")
STOP = frozenset(
    "a an the of in to for and or is are be by with on at as it its this that these those there here shall will would may might must can could should do does did done have has had been was were "
    "not no nor any all each every other one ones own if so such than then when where who whom whose which what how why under upon into from out up off over after before about between within "
    "we us our you your they them their he she his her i me my give given get gets got go goes please".split()
)
Region = tuple[list[Contract], list[Fact], list[Question]]
LEGAL = (
    "united nations convention on contracts for the international sale of goods",
)  # names of laws may stand in many contracts
RUN, NGRAM, SHINGLE = 12, 3, 5


def content_overlap(question: str, clause: str) -> float:
    """Share of the question's content words that stand in the clause, 0 to 1; plurals and common endings do not count as other words.

    >>> content_overlap("How long must they keep quiet afterwards under {in}?", "The duty of secrecy lasts five years.")
    0.0
    """
    asked = _content(question.replace("{in}", " "))
    return len(asked & _content(clause)) / len(asked) if asked else 0.0


def _content(text: str) -> set[str]:
    return {
        re.sub(r"(ing|ed|es|s)$", "", word) for word in WORD.findall(text.lower()) if word not in STOP and len(word) > 1
    }


def common_runs(contracts: Iterable[Contract]) -> tuple[float, list[tuple[str, float]]]:
    """(largest share of documents that one run of twelve words stands in, the ten most common runs with their shares).

    Names of the parties, references and titles are no wording: a run does not go across them.
    """
    seen: Counter[int] = Counter()
    texts: dict[int, str] = {}
    number = 0
    for contract in contracts:
        number += 1
        mine: dict[int, str] = {}
        for piece in _pieces(contract):
            found = WORD.findall(piece.lower())
            for start in range(len(found) - RUN + 1):
                run = " ".join(found[start : start + RUN])
                mine[hash(run)] = run
        for key, run in mine.items():
            seen[key] += 1
            if seen[key] == 2:
                texts[key] = run
    top = [(texts[key], count / number) for key, count in seen.most_common(200) if count > 1]
    top = [
        (run, share)
        for run, share in top
        if not any(run in law or any(part in run for part in _halves(law)) for law in LEGAL)
    ]
    return (top[0][1] if top else 0.0), top[:10]


def _halves(law: str) -> list[str]:
    words = law.split()
    return [" ".join(words[:5]), " ".join(words[-5:])]


def _pieces(contract: Contract) -> list[str]:
    """The text in pieces, cut where a name, a code or a title stands."""
    about = contract.metadata
    names = [
        *about.get("parties", ()),
        *about.get("short_names", ()),
        about.get("code", ""),
        contract.title.split(" (")[0],
    ]
    names = sorted({" ".join(name.split()) for name in names if name}, key=len, reverse=True)
    text = re.sub(r"\s+", " ", contract.text)
    cut = re.compile("|".join(map(re.escape, names)) + r"|[A-Z]{2,4}-\d{4}-\d+\S*|_{5,}|\|", re.IGNORECASE)
    return cut.split(text)


def clause_similarity(questions: Iterable[Question], at_most: int = 400) -> dict[str, float]:
    """For each clause type: the mean share of word 3-grams that two clauses in different documents have in common (over the smaller one)."""
    clauses: dict[str, dict[str, set]] = defaultdict(dict)
    for question in questions:
        if question.task == "classification":
            clauses[question.answers[-1]].setdefault(question.documents[0], _grams(question.question, NGRAM))
    return {
        kind: mean(
            len(a & b) / max(1, min(len(a), len(b)))
            for a, b in list(combinations(list(texts.values())[:90], 2))[: at_most * 10]
        )
        for kind, texts in clauses.items()
        if len(texts) > 1
    }


def _grams(text: str, size: int) -> set[tuple[str, ...]]:
    found = WORD.findall(text.lower())
    return set(zip(*(found[start:] for start in range(size)), strict=False))


def leakage(contracts: Sequence[Contract], filler: Iterable[str] = ()) -> tuple[float, str, str]:
    """(largest Jaccard similarity of word 5-grams between two documents of different splits, their ids). Filler is left out by section title."""
    left_out = set(filler)
    shingles = [(contract, _shingles(contract, left_out)) for contract in contracts]
    holders: dict[int, list[int]] = defaultdict(list)
    for place, (_, grams) in enumerate(shingles):
        for gram in grams:
            holders[gram].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        if 1 < len(places) <= 400:
            shared.update(combinations(places, 2))
    best = (0.0, "", "")
    for (a, b), count in shared.items():
        one, two = shingles[a], shingles[b]
        if one[0].split != two[0].split and one[1] and two[1]:
            best = max(best, (count / (len(one[1]) + len(two[1]) - count), one[0].id, two[0].id))
    return best


def _shingles(contract: Contract, left_out: set[str]) -> set[int]:
    """Hashes of the word 5-grams of a contract's sections, of the whole text where it has none."""
    kept = [contract.text[s.start : s.end] for s in contract.sections if s.title not in left_out]
    return {hash(gram) for text in (kept if contract.sections else [contract.text]) for gram in _grams(text, SHINGLE)}


def overlap_histogram(questions: Iterable[Question], contracts: Sequence[Contract]) -> tuple[float, list[int]]:
    """(mean content-word overlap of the paraphrase questions with their clause, counts in tenths from 0 to 1)."""
    source = {contract.id: contract for contract in contracts}
    shares = []
    for question in questions:
        if question.type == "paraphrase":
            span = question.evidence[0]
            contract = source[span.document]
            section = next((s for s in contract.sections if s.start <= span.start < s.end), None)
            clause = contract.text[section.start : section.end].split("\n", 1)[1] if section else contract.text_of(span)
            names = " ".join(
                (*contract.metadata["short_names"], contract.title.split(" (")[0], contract.metadata["code"])
            )
            asked = _content(question.question) - _content(names)
            shares.append(len(asked & (_content(clause) - _content(names))) / len(asked) if asked else 0.0)
    counts = [0] * 10
    for share in shares:
        counts[min(9, int(share * 10))] += 1
    return (mean(shares) if shares else 0.0), counts


def evidence_overlap(questions: Iterable[Question], contracts: Sequence[Contract]) -> dict[str, float]:
    """For each type of question with evidence: the mean share of its content words, names left out, that stand in its evidence."""
    source = {contract.id: contract for contract in contracts}
    shares: dict[str, list[float]] = defaultdict(list)
    for question in questions:
        if question.task == "qa" and question.evidence:
            documents = [source[span.document] for span in question.evidence]
            names = " ".join(
                f"{one.title} {' '.join(one.metadata.get('parties', ()))} {one.metadata.get('code', '')}"
                for one in documents
            )
            asked = _content(question.question) - _content(names)
            text = " ".join(source[span.document].text_of(span) for span in question.evidence)
            shares[question.type].append(len(asked & _content(text)) / len(asked) if asked else 0.0)
    return {kind: mean(values) for kind, values in sorted(shares.items())}


def broken_spans(contracts: Sequence[Contract], facts: Iterable[Fact], questions: Iterable[Question]) -> list[str]:
    """Facts and questions whose spans do not lie in a document, or that begin or end in white space."""
    source = {contract.id: contract for contract in contracts}
    spans = [(fact.id, fact.span) for fact in facts] + [
        (q.id, span) for q in questions for span in (*q.evidence, *q.nearby)
    ]
    wrong = []
    for name, span in spans:
        text = source[span.document].text if span else ""
        if span is None or span.end > len(text) or text[span.start : span.end] != text[span.start : span.end].strip():
            wrong.append(f"{name}: {span}")
    return wrong


def unwritten(contracts: Sequence[Contract], facts: Iterable[Fact]) -> list[str]:
    """Facts whose value does not stand in their span in one of its forms; of a planted disagreement the words count."""
    from .values import words

    source = {contract.id: contract for contract in contracts}
    wrong = []
    for fact in facts:
        text = source[fact.document].text_of(fact.span) if fact.span else ""
        planted = source[fact.document].metadata["planted"]
        if f"words against figures: {fact.type}" in planted:
            found = contains_answer(text, [words(int(fact.value.split()[0]))])
        else:
            found = _stands(fact.value, text)
        wrong += [] if found else [fact.id]
    return wrong


def underivable(contracts: Sequence[Contract], questions: Iterable[Question]) -> list[str]:
    """Answerable questions whose answer does not follow from the evidence: it stands there, or it is the number of the spans."""
    source = {contract.id: contract for contract in contracts}
    return [question.id for question in questions if question.answerable and not _derivable(question, source)]


def _derivable(question: Question, source: dict[str, Contract]) -> bool:
    texts = [source[span.document].text_of(span) for span in question.evidence]
    if question.task == "classification":
        return texts == [question.question]
    if question.task == "summary":
        return len(texts) == len(question.answers) and all(
            _stands(line.split(": ", 1)[1], text) for line, text in zip(question.answers, texts, strict=True)
        )
    if question.type == "aggregate" and question.labels[-1].startswith("count"):
        return question.answers[0] == str(len(set(question.evidence)))
    if question.labels[-1] == "words":
        return contains_answer(texts[0], [question.answers[1].split()[0]])
    return any(contains_answer(text, question.answers) for text in texts)


def _stands(value: str, text: str) -> bool:
    """Does a canonical value stand in the text in one of its forms?"""
    from .values import Value, answers, words

    if contains_answer(text, [value]):
        return True
    if match := re.fullmatch(r"(\d+) (hour|day|month|year)s?", value):
        kind = f"{match[2]}s"
        return contains_answer(text, [*answers(Value(kind, int(match[1]))), f"{words(int(match[1]))} {kind}"])
    if match := re.fullmatch(r"([\d.]+) %", value):
        amount = float(match[1])
        return contains_answer(text, answers(Value("percent", int(amount) if amount.is_integer() else amount)))
    if match := re.fullmatch(r"[A-Z]{3} ([\d,]+)", value):
        return contains_answer(text, [match[1]])
    if match := re.fullmatch(r"(\d+) (\w+) (\d{4})", value):
        from .values import MONTHS

        if match[2] in MONTHS:
            iso = f"{match[3]}-{MONTHS.index(match[2]) + 1:02d}-{int(match[1]):02d}"
            return contains_answer(text, answers(Value("date", iso)))
    if match := re.fullmatch(r"([\d,]+) (.+)", value):
        return contains_answer(text, answers(Value("quantity", int(match[1].replace(",", "")), match[2])))
    return any(value == law[0] and contains_answer(text, law[:2]) for law in _laws())


def _laws() -> list[tuple[str, str, str]]:
    from .world import LAWS

    return list(LAWS.values())


def given_away(questions: Iterable[Question]) -> list[str]:
    """Questions whose own text would be scored as an answer."""
    return [q.id for q in questions if q.task == "qa" and q.answerable and contains_answer(q.question, q.answers)]


def long_answers(questions: Iterable[Question], limit: int = 12) -> list[str]:
    return [q.id for q in questions if q.task == "qa" and any(len(answer.split()) > limit for answer in q.answers)]


def shared_across_splits(questions: Iterable[Question], region_wide: bool = True) -> list[str]:
    """Wording groups, question texts, families and documents that train shares with dev or test.

    region_wide: also the clauses to classify, which are kept apart within a region of the world but may recur in another.
    """
    seen: dict[str, set[bool]] = defaultdict(set)
    for q in questions:
        train = q.split == "train"
        keys = [
            f"wording {q.wording_group}",
            *([f"text {normalise(q.question)}"] if q.task != "classification" or region_wide else []),
            *(f"document {name}" for name in q.documents),
            *(f"document {span.document}" for span in q.nearby),
        ]
        for key in keys:
            seen[key].add(train)
        seen[f"family {q.family}"].add(train)
    return sorted(key for key, sides in seen.items() if len(sides) > 1)


def well_known(contracts: Iterable[Contract]) -> list[str]:
    """Parties that bear the name of a firm that everybody knows."""
    from .world import WELL_KNOWN

    names = {name for contract in contracts for name in contract.metadata["parties"]}
    return sorted(
        name for name in names if any(re.search(rf"\b{re.escape(firm)}\b", name, re.IGNORECASE) for firm in WELL_KNOWN)
    )


def comparison(corpora: dict[str, tuple[Sequence[Contract], Sequence[Question]]]) -> str:
    """The figures that any corpus has, as a table in Markdown with one column for each."""
    columns = {name: _figures(contracts, questions) for name, (contracts, questions) in corpora.items()}
    rows = dict.fromkeys(key for figures in columns.values() for key in figures)
    lines = [f"| {row} | {' | '.join(figures.get(row, '') for figures in columns.values())} |" for row in rows]
    return "\n".join([f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns), *lines])


def _figures(contracts: Sequence[Contract], questions: Sequence[Question]) -> dict[str, str]:
    lengths = sorted(len(contract.text.split()) for contract in contracts)
    source = {contract.id: contract for contract in contracts}
    evidence = sorted(
        len(source[span.document].text_of(span).split())
        for span in {span for q in questions if q.task == "qa" for span in q.evidence}
    )
    similar = clause_similarity(questions)
    highest = max(similar, key=lambda kind: similar[kind])
    overlap = ", ".join(f"{kind} {share:.2f}" for kind, share in evidence_overlap(questions, contracts).items())
    return {
        "documents; words of one: median, longest": f"{len(contracts)}; {lengths[len(lengths) // 2]:,}, {lengths[-1]:,}",
        "words of an evidence span: median, longest": f"{evidence[len(evidence) // 2]}, {evidence[-1]}",
        f"largest share of documents with one run of {RUN} words": f"{common_runs(contracts)[0]:.1%}",
        f"shared {NGRAM}-grams of two clauses of a type: mean over types, highest": f"{mean(similar.values()):.1%}, {similar[highest]:.1%} ({highest})",
        f"Jaccard of {SHINGLE}-grams, documents of different splits: highest": f"{leakage(contracts)[0]:.2f}",
        "share of a question's content words, names left out, that stand in its evidence": overlap,
    }


def report(regions: "Iterable[Region]") -> int:
    """Print the figures; the exit code is 1 when a rule is broken."""
    from .filler import BOILERPLATE

    contracts: list[Contract] = []
    facts: list[Fact] = []
    questions: list[Question] = []
    for more_contracts, more_facts, more_questions in regions:
        contracts += more_contracts
        facts += more_facts
        questions += more_questions
    counts = Counter(f"{q.split} {q.type}" for q in questions)
    print(f"{len(contracts)} contracts, {len(facts)} facts, {len(questions)} questions")
    for kind in dict.fromkeys(q.type for q in questions):
        print(f"  {kind:15}", " ".join(f"{split} {counts[f'{split} {kind}']:5}" for split in ("train", "dev", "test")))
    share, top = common_runs(contracts)
    print(f"largest share of documents with one {RUN}-word run: {share:.1%} (rule: at most 8 %)")
    for run, of in top[:5]:
        print(f"    {of:.1%}  {run}")
    similar = clause_similarity(questions)
    print(
        f"mean {NGRAM}-gram overlap of two clauses of a type: {mean(similar.values()):.1%}; highest {max(similar, key=lambda kind: similar[kind])} {max(similar.values()):.1%} (rule: below 60 %)"
    )
    jaccard, one, two = leakage(contracts, BOILERPLATE)
    print(
        f"largest {SHINGLE}-gram Jaccard across splits, without filler: {jaccard:.2f} ({one} / {two}; rule: below 0.5)"
    )
    overlap, histogram = overlap_histogram(questions, contracts)
    print(f"paraphrases: mean content-word overlap {overlap:.3f} (rule: below 0.1); questions by tenth: {histogram}")
    wrong = {
        "spans that are not exact": broken_spans(contracts, facts, questions), "facts not written": unwritten(contracts, facts), "answers not derivable": underivable(contracts, questions), "answers given away": given_away(questions),
        "answers too long": long_answers(questions), "shared across splits": shared_across_splits(questions, region_wide=len(contracts) < 100), "well-known names": well_known(contracts),
    }  # fmt: skip
    for name, found in wrong.items():
        print(f"{name}: {len(found)}", found[:5] if found else "")
    broken = share > 0.08 or max(similar.values()) >= 0.6 or jaccard >= 0.5 or overlap >= 0.1 or any(wrong.values())
    return int(broken)
