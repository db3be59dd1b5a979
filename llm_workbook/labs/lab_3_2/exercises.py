"""Exercises of lab 3.2."""

import math
import random
from collections.abc import Callable, Sequence

from ...exercises.checks import NotYet, compare, must_raise, number, text
from ...exercises.engine import Exercise, Misconception
from ...measure.answers import is_refusal
from ...measure.strict import states
from ...taught import lab_3_2 as taught

# ------------------------------------------------------------------ 1 · break ROUGE recall

RECALL, STRICT = 0.9, 0.1
TERMS = {  # heading -> (question, sentence with the value, what a right answer says, something else of the clause)
    "Payment": ("How long is the payment period", "Invoices are due within {} days of receipt", "{} days", "Interest is {} %"),
    "Notice": ("How long is the notice period", "It may be ended on {} days' notice", "{} days", "Notices reach us in {} hours"),
    "Liability": ("How high is the cap", "Liability is limited to EUR {},000", "EUR {},000", "Claims lapse after {} months"),
    "Warranty": ("How long is the warranty", "Defects are mended for {} months", "{} months", "Parts are kept for {} years"),
    "Audit": ("How often may we audit", "Books may be inspected {} times a year", "{} times a year", "Copies cost EUR {} each"),
    "Insurance": ("How high is the cover", "Cover of USD {},000 is kept in force", "USD {},000", "Proof is sent in {} days"),
}  # fmt: skip
Made = tuple[str, list[str], str, str]  # question, clauses, the sentence that states the value, the value


def _made(seed: int) -> Made:
    generator = random.Random(seed)
    headings = generator.sample([*TERMS], generator.randint(1, 4))
    title = f"Supply Agreement ({generator.choice(['Moor', 'Elb', 'Tarn'])} Ltd / Halden Foods)"
    clauses, sentences, values = [], {}, {}
    for place, heading in enumerate(headings, generator.randint(2, 30)):
        _, stated, value, other = TERMS[heading]
        count, second = generator.sample(range(31, 99), 2)
        sentences[heading], values[heading] = f"{stated.format(count)}.", value.format(count)
        clauses.append(f"{title}, {heading}: {place} {heading} {sentences[heading]} {other.format(second)}.")
    asked = generator.choice(headings)
    return f"{TERMS[asked][0]} under the {title}?", clauses, sentences[asked], values[asked]


MADE = [_made(seed) for seed in range(60)]
GIVEN: list[tuple[str, list[str]]] = [*((question, clauses) for question, clauses, *_ in MADE), ("How long?", [])]


def check_break(candidate: Callable) -> None:
    """60 questions whose clauses are made at random, one to four of them; and one without any clause."""
    recalls, stricts, worst = [], [], (2.0, {})
    for question, clauses, sentence, value in MADE:
        said = text(candidate(question, list(clauses)))
        recall = taught.rouge_l_recall(said, sentence)
        recalls.append(recall)
        stricts.append(not is_refusal(said) and states(said, [value], question))
        worst = min(worst, (recall, {"question": question, "clauses": clauses, "got": said}), key=lambda one: one[0])
    text(candidate("How long?", []))
    given = {name: worst[1][name] for name in ("question", "clauses")}
    if sum(recalls) < RECALL * len(MADE):
        mean = f"the mean ROUGE-L recall is {sum(recalls) / len(MADE):.2f}, and {RECALL} is asked for"
        raise NotYet(f"{mean}; this one has the lowest, {worst[0]:.2f}", given, worst[1]["got"])
    if sum(stricts) > STRICT * len(MADE):
        share = f"{sum(stricts)} of {len(MADE)} answers are right by the strict rule, and at most {STRICT:.0%} may be"
        raise NotYet(f"{share}: this system answers the question, it does not game the metric")


def _first_clause(question: str, clauses: Sequence[str]) -> str:
    return clauses[0] if clauses else ""


def _right_value(question: str, clauses: Sequence[str]) -> str:
    """The sentence that answers, which is what an honest system would give."""
    for heading, (asked, *_) in TERMS.items():
        if question.startswith(asked):
            return next((one.split(f" {heading} ")[-1].split(". ")[0] for one in clauses if f", {heading}:" in one), "")
    return ""


def _in_another_order(question: str, clauses: Sequence[str]) -> str:
    return " ".join(sorted({word for clause in clauses for word in clause.split()}))


def _echo(question: str, clauses: Sequence[str]) -> str:
    return question


# ------------------------------------------------------------------ 2 · the corrected judge

Known = tuple[int, int, int, int, int, int]
NAMES = ("yes", "n", "good_yes", "good", "bad_no", "bad")


def _known(seed: int) -> Known:
    generator = random.Random(seed)
    n, good, bad = generator.randint(40, 900), generator.randint(2, 60), generator.randint(2, 60)
    good_yes, bad_no = generator.randint(math.ceil(0.6 * good), good), generator.randint(math.ceil(0.6 * bad), bad)
    return generator.randint(0, n), n, good_yes, good, bad_no, bad


KNOWN: list[Known] = [
    (200, 360, 26, 27, 26, 33),
    (50, 100, 30, 30, 30, 30),
    (0, 100, 25, 30, 25, 30),
    (100, 100, 25, 30, 25, 30),
    (5, 100, 25, 30, 20, 30),
    (97, 100, 20, 30, 28, 30),
    (60, 100, 1, 1, 9, 9),
    (60, 100, 9, 9, 0, 0),
    (60, 100, 0, 0, 9, 9),
    (300, 1000, 18, 20, 33, 40),
    *map(_known, range(60)),
]
BLIND: list[Known] = [
    (50, 100, 15, 30, 15, 30),
    (50, 100, 5, 30, 10, 30),
    (0, 100, 1, 30, 28, 30),
    (50, 100, 0, 0, 0, 0),
]


def _three(got: object) -> list[float]:
    if not isinstance(got, tuple | list) and not hasattr(got, "tolist"):
        raise NotYet("return three numbers: the share, and the two ends of its interval")
    values = list(got)  # type: ignore[call-overload]
    if len(values) != 3:
        raise NotYet(f"return three numbers: the share, and the two ends of its interval; you returned {len(values)}")
    return [number(part) for part in values]


def check_corrected(candidate: Callable) -> None:
    """Judges that are good, one-sided and perfect, shares at the ends, few labels, and judges as good as a coin."""
    compare(candidate, taught.corrected_share, KNOWN, NAMES, "this is another share or interval", _three)
    why = "sensitivity + specificity is at most 1, so the judge is no better than a coin: raise a ValueError"
    must_raise(candidate, BLIND, NAMES, why)


def _corrected(
    sure: Callable[[int, int], float] = lambda count, of: (count + 1) / (of + 2),
    swapped: bool = False,
    labels_count: bool = True,
    divided: bool = True,
    moved: bool = True,
    clipped: bool = True,
) -> Callable:
    """The corrected share with one mistake."""

    def corrected(yes, n, good_yes, good, bad_no, bad):
        sensitivity, specificity = sure(good_yes, good), sure(bad_no, bad)
        skill = sensitivity + specificity - 1
        if skill <= 0:
            raise ValueError("no better than a coin")
        if swapped:
            sensitivity, specificity = specificity, sensitivity
        seen = yes / n
        share = (seen + specificity - 1) / skill if moved else seen
        share = min(1.0, max(0.0, share)) if clipped else share
        variance = seen * (1 - seen) / n
        if labels_count:
            variance += share**2 * sensitivity * (1 - sensitivity) / (good + 2)
            variance += (1 - share) ** 2 * specificity * (1 - specificity) / (bad + 2)
        half = 1.96 * math.sqrt(max(variance, 0.0)) / (skill if divided else 1)
        ends = (share - half, share + half)
        return share, *((max(0.0, ends[0]), min(1.0, ends[1])) if clipped else ends)

    return corrected


# ------------------------------------------------------------------ 3 · the threshold

Sure = tuple[list[float], list[bool], float]


def _sure(seed: int) -> Sure:
    generator = random.Random(seed)
    count = generator.randint(1, 40)
    confidence = [generator.randint(1, 6) / 6 for _ in range(count)]
    right = [generator.random() < 0.3 + 0.6 * one for one in confidence]
    return confidence, right, generator.choice([0.0, 0.0513, 0.1519, 0.2527, 0.3533, 1.0])


SURES: list[Sure] = [
    ([0.9, 0.6, 0.3], [True, True, False], 0.1),
    ([0.9, 0.6, 0.3], [True, True, False], 0.4),
    ([0.3, 0.9, 0.6], [False, True, True], 0.1),
    ([0.9, 0.6, 0.6, 0.3], [True, True, False, True], 0.26),
    ([0.9, 0.6, 0.6, 0.6, 0.3], [False, True, True, True, True], 0.21),
    ([0.9, 0.8, 0.7], [False, False, False], 0.1),
    ([0.9, 0.8], [False, True], 0.5),
    ([0.9, 0.8, 0.7, 0.6], [True, True, True, False], 0.25),
    ([0.5, 0.5], [True, False], 0.4),
    ([0.5], [True], 0.0),
    ([0.5], [False], 0.0),
    ([0.2, 0.4], [False, False], 1.0),
    *map(_sure, range(60)),
]


def check_threshold(candidate: Callable) -> None:
    """Equal confidences, a sure answer that is wrong, a limit that all keep and one that none keeps, one answer."""
    names = ("confidence", "right", "most_wrong")
    compare(candidate, taught.threshold_for, SURES, names, "this is another threshold", number)


def _threshold(
    keep: Callable[[float, float], bool] = lambda sure, level: sure >= level,
    share: Callable[[list[bool], int], float] = lambda given, of: given.count(False) / len(given),
    pick: Callable[[list[float]], float] = min,
    stop: bool = False,
    nothing: float = math.inf,
) -> Callable:
    """The threshold with one mistake. stop: look from the highest confidence and stop at the first that fails."""

    def threshold(confidence, right, most_wrong):
        fits = []
        for level in sorted(set(confidence), reverse=True):
            given = [bool(is_right) for sure, is_right in zip(confidence, right, strict=True) if keep(sure, level)]
            if given and share(given, len(right)) <= most_wrong:
                fits.append(level)
            elif stop:
                break
        return pick(fits) if fits else nothing

    return threshold


def _one_by_one(confidence, right, most_wrong):
    """Equal confidences are taken one after the other."""
    order = sorted(range(len(right)), key=lambda at: -confidence[at])
    found, wrong = math.inf, 0
    for count, at in enumerate(order, 1):
        wrong += not right[at]
        if wrong / count <= most_wrong:
            found = confidence[at]
    return found


EXERCISES = [
    Exercise(
        number=1,
        title="Break ROUGE recall",
        reference=taught.break_rouge,
        check=check_break,
        probes=GIVEN,
        hints=(
            "Recall asks which share of the sentence is in the answer, in the same order. What else is in the answer costs"
            " nothing.",
            "You do not know which clause states the value. So what is the safest answer?",
            "The sentence is in one of the clauses, word for word. `str.join` makes one text of several.",
        ),
        misconceptions=(
            Misconception(
                "the first clause alone",
                _first_clause,
                "You return one clause, and the sentence is often in another one. Recall does not punish a longer answer.",
            ),
            Misconception(
                "the right answer",
                _right_value,
                "You answer the question. That has a high recall because it is right, so the strict rule calls it right, too."
                " Get the recall without an answer.",
            ),
            Misconception(
                "words without their order",
                _in_another_order,
                "You return all words, but in another order. ROUGE-L counts the longest common **subsequence**: the words"
                " must be in the order of the sentence.",
            ),
            Misconception(
                "the question again",
                _echo,
                "You return the question. That shares some words with the sentence, but the value and much of the wording"
                " are only in the clauses.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The corrected judge",
        reference=taught.corrected_share,
        check=check_corrected,
        probes=KNOWN,
        hints=(
            "Begin with the two shares: `(good_yes + 1) / (good + 2)` and `(bad_no + 1) / (bad + 2)`.",
            "Their sum minus 1 is the skill. If it is 0 or less, raise; else p = (q + specificity - 1) / skill, between 0 and 1.",
            "The variance has three terms: n judged answers, good + 2 and bad + 2 labelled ones. The half width is 1.96 times its root, divided by the skill.",
        ),
        misconceptions=(
            Misconception(
                "not corrected",
                _corrected(moved=False),
                "Your share is what the judge says. It praises bad answers and rejects good ones: subtract the share of false"
                " praise, and divide by the skill.",
            ),
            Misconception(
                "the labels are taken as exact",
                _corrected(labels_count=False),
                "Your interval knows only the chance in the judged answers. Sensitivity and specificity come from a few"
                " labels: add their two terms to the variance.",
            ),
            Misconception(
                "sensitivity and specificity exchanged",
                _corrected(swapped=True),
                "You have exchanged sensitivity and specificity. Sensitivity: of the good answers, those that the judge calls"
                " good.",
            ),
            Misconception(
                "the interval is not stretched",
                _corrected(divided=False),
                "You do not divide the half width by the skill. The share was divided by it, so its error is, too.",
            ),
            Misconception(
                "plain shares",
                _corrected(sure=lambda count, of: count / of if of else 0.5),
                "You take plain shares. A judge without a mistake in 20 labels may still make some: use (count + 1) / (of + 2).",
            ),
            Misconception(
                "beyond 0 and 1",
                _corrected(clipped=False),
                "Your share or an end of its interval is below 0 or above 1. Put the share between 0 and 1 before the"
                " variance, and the ends afterwards.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="The threshold",
        reference=taught.threshold_for,
        check=check_threshold,
        probes=SURES,
        hints=(
            "Try every confidence that occurs as a threshold, from the lowest. Which answers would be given?",
            "The risk is the number of wrong ones among those that are given, divided by the number that is given.",
            "The first threshold (from below) whose risk is at most the limit gives most answers. If none is: `float('inf')`.",
        ),
        misconceptions=(
            Misconception(
                "the highest threshold",
                _threshold(pick=max),
                "You return the highest threshold that keeps the limit. A lower one that keeps it gives more answers.",
            ),
            Misconception(
                "stopped at the first failure",
                _threshold(stop=True),
                "You go down from the surest answer and stop at the first threshold that breaks the limit. The risk can fall"
                " again below: look at all of them.",
            ),
            Misconception(
                "a share of all answers",
                _threshold(share=lambda given, of: given.count(False) / of),
                "You divide the wrong ones by all answers. The risk is a share of those that are **given**.",
            ),
            Misconception(
                "above instead of at least",
                _threshold(keep=lambda sure, level: sure > level),
                "You give answers above the threshold only. An answer whose confidence equals it is given, too.",
            ),
            Misconception(
                "equal confidences one by one",
                _one_by_one,
                "You take answers of equal confidence one after the other. A threshold cannot: it gives all of them or none.",
            ),
            Misconception(
                "the lowest where none fits",
                _threshold(nothing=0.0),
                "Where no threshold keeps the limit you give every answer. Give none: return `float('inf')`.",
            ),
        ),
    ),
]
