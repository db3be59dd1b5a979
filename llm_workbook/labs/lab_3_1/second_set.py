"""The second set of stored scores, which the learner audits alone: the ladder of lab 0, and what an audit finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...benchmark.ladder import RECORDED, rung_answers
from ...measure.statistics import Verdict, compare, corrected, kish_design_effect
from .card import Finding, ReportCard

if TYPE_CHECKING:
    from pandas import DataFrame

MARGIN = 5.0  # points; a smaller difference counts as equal
WORDS = ("shown", "not shown")
SHORT = {  # rung of the ladder -> its name in the lab
    "guess: the most frequent answer": "guess",
    "naive RAG: chunks of 300 characters, untuned model": "naive RAG",
    "clauses with a header, untuned model": "header",
    "clauses with a header, domain reader": "trained reader",
    "clauses with a header, domain encoder, domain reader": "assistant",
    "right clause among others, domain reader": "right clause",
}


@dataclass(frozen=True)
class Claim:
    """A sentence about two systems, by their short names. kind: better | equal | repeat."""

    text: str
    new: str
    old: str
    kind: str = "better"


CLAIMS = {
    1: Claim("A header on each clause makes naive RAG better.", "header", "naive RAG"),
    2: Claim("Training the reader makes it better again.", "trained reader", "header"),
    3: Claim("Training the encoder makes it better once more.", "assistant", "trained reader"),
    4: Claim(
        "The assistant is as good as the trained reader with the right clause among others.",
        "assistant",
        "right clause",
        "equal",
    ),
    5: Claim("Train the reader once more, and it gains about as much.", "trained reader", "header", "repeat"),
}


def read_second_set() -> "dict[str, DataFrame]":
    """Short name -> its scored answers (question_id, family, correct ...), one row for each question, the same in each.

    Of a reader that was trained several times `correct` is the mean, and each training has a column: "seed 1" and so
    on. Raises: ValueError when the ladder is not recorded whole.
    """
    rungs = rung_answers()
    if missing := [rung for rung in SHORT if rung not in rungs]:
        raise ValueError(f"{RECORDED.name} holds no run of {missing[0]!r}: get the file back from the repository")
    return {short: _row_for_each_question(rungs[rung]) for rung, short in SHORT.items()}


def _row_for_each_question(answers: "DataFrame") -> "DataFrame":
    if "seed" not in answers:
        return answers
    each = answers.pivot(index="question_id", columns="seed", values="correct").add_prefix("seed ")
    first = answers.drop_duplicates("question_id").drop(columns="seed").set_index("question_id")
    return first.assign(correct=each.mean(axis=1)).join(each).reset_index()


def alikeness(a: "DataFrame", b: "DataFrame") -> float:
    """How much more alike the differences of two systems are within a family than between families, 0 to 1.

    a, b: scored answers to the same questions in the same order. The intra-class correlation that gives Kish's design
    effect with the mean number of questions a family; 0 where families are less alike than chance makes them.
    """
    gain, families = (a["correct"] - b["correct"]).to_numpy(float), list(a["family"])
    others = len(families) / len(set(families)) - 1
    return max(0.0, (kish_design_effect(gain, families) - 1) / others) if others > 0 else 0.0


def audited(tables: "Mapping[str, DataFrame]", mine: Mapping[int, str]) -> ReportCard:
    """The learner's verdicts beside those of the audit. mine: number of the claim -> "shown", "not shown", or "" for open.

    The comparisons that claim a gain are one set, corrected with Holm's method; "as good" is judged by its
    interval. Raises: ValueError for another word or number.
    """
    given = _checked(mine)
    verdicts = _verdicts(tables)
    findings, right = [], 0
    for number, claim in CLAIMS.items():
        word, why = _judged(claim, verdicts, tables)
        said = given.get(number, "")
        right += said == word
        outcome = "open" if not said else "agree" if said == word else "differ"
        reason = f"You: {said}. The audit: {word}. {why}" if said else "You have no verdict yet."
        findings.append(Finding(f"{number}. {claim.text}", reason, outcome))
    n, families = len(tables["guess"]), tables["guess"]["family"].nunique()
    source = f"The ladder of lab 0: {n} questions in {families} families, every answer recorded."
    return ReportCard(
        "Your audit of a second set", source, findings, f"You and the audit agree on {right} of 5 claims."
    )


def _checked(mine: object) -> dict[int, str]:
    if not isinstance(mine, Mapping):
        return {}  # the three dots
    for number, word in mine.items():
        if number not in CLAIMS:
            raise ValueError(f"there is no claim {number!r}: they are {', '.join(map(str, CLAIMS))}")
        if word not in ("", *WORDS):
            raise ValueError(f"claim {number}: {word!r} is no verdict: write {' or '.join(map(repr, WORDS))}")
    return dict(mine)


def _verdicts(tables: "Mapping[str, DataFrame]") -> dict[tuple[str, str], Verdict]:
    """The comparisons of the claims, each once; those that claim a gain are corrected together."""
    families = dict(zip(tables["guess"]["question_id"], tables["guess"]["family"], strict=True))
    right = {name: table.groupby("question_id")["correct"].mean() for name, table in tables.items()}
    pairs = list(dict.fromkeys((claim.new, claim.old) for claim in CLAIMS.values()))
    found = {pair: compare(right[pair[0]], right[pair[1]], families, *pair, margin=MARGIN) for pair in pairs}
    gains = {claim.text: (claim.new, claim.old) for claim in CLAIMS.values() if claim.kind == "better"}
    together = corrected({text: found[pair] for text, pair in gains.items()})
    return found | {gains[text]: verdict for text, verdict in together.items()}


def _judged(
    claim: Claim, verdicts: Mapping[tuple[str, str], Verdict], tables: "Mapping[str, DataFrame]"
) -> tuple[str, str]:
    """(shown or not shown, why)."""
    verdict = verdicts[claim.new, claim.old]
    size = f"{verdict.difference:+.1f} points [{verdict.low:.1f}, {verdict.high:.1f}]"
    if claim.kind == "repeat":
        gains = gains_by_seed(tables[claim.new], tables[claim.old])
        apart = max(abs(gain - sum(gains) / len(gains)) for gain in gains) if gains else 0.0
        is_shown = len(gains) > 1 and apart <= MARGIN
        each = f"Gains of {len(gains)} trainings: {', '.join(f'{gain:+.1f}' for gain in gains)} points"
        why = f"{each}; at most {apart:.1f} from their mean; more than {MARGIN:g} would not be 'about as much'."
        return WORDS[not is_shown], why
    if claim.kind == "equal":
        within = verdict.low > -MARGIN and verdict.high < MARGIN
        why = f"{size}; as good would mean: the whole interval between -{MARGIN:g} and +{MARGIN:g} points."
        return WORDS[not within], why
    is_shown = verdict.p < 0.05 and verdict.difference > 0
    p = f"p = {verdict.p:.3f}" if verdict.p >= 0.0005 else "p < 0.001"
    why = f"{size}, {p} with Holm's correction for {verdict.tests}."
    return WORDS[not is_shown], f"{why}{_beside_the_guess(tables, claim.new)}"


def _beside_the_guess(tables: "Mapping[str, DataFrame]", name: str) -> str:
    share, guess = (100 * tables[one]["correct"].mean() for one in (name, "guess"))
    return f" And {name} ({share:.0f} %) is below a guess that reads nothing ({guess:.0f} %)." if share < guess else ""


def gains_by_seed(new: "DataFrame", old: "DataFrame") -> list[float]:
    """The gain of each training over another system, in points; empty where a table has no columns for trainings."""
    return [100 * (new[name].mean() - old["correct"].mean()) for name in new if str(name).startswith("seed ")]
