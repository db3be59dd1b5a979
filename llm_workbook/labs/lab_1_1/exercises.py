"""Exercises of lab 1.1."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t

from ...benchmark.prompt import ASK, SYSTEM
from ...corpus.records import Span
from ...exercises.checks import compare, kind_of, list_of, must_raise, number
from ...exercises.engine import Exercise, Misconception, NotYet
from ...exercises.examples import Words
from ...measure.answers import is_refusal
from ...measure.strict import words
from ...taught import lab_1_1 as taught

MSA, NDA = Span("msa", 100, 200), Span("nda", 50, 90)
RANKED = (Span("msa", 300, 700), Span("msa", 0, 150), Span("nda", 0, 69), Span("msa", 120, 400), Span("nda", 40, 95))


def _random_case(seed: int) -> tuple[list[Span], list[Span]]:
    """A ranking and its evidence, with overlaps of every size."""
    generator = random.Random(seed)
    spans = [
        Span(generator.choice("abc"), start, start + generator.randint(20, 200))
        for start in generator.sample(range(600), 12)
    ]
    return spans[:9], spans[9 : 10 + seed % 3]


CASES = [
    ([*RANKED], [MSA]),
    ([*RANKED], [MSA, NDA]),
    ([RANKED[0]], [MSA]),
    ([], [MSA]),
    *(_random_case(seed) for seed in range(40)),
]
PROBES = [(*case, k) for case in CASES[:20] for k in (1, 2, 4, 30)]


# ------------------------------------------------------------------ 1 · recall at k


RECALL_NAMES = ("ranked", "evidence", "k")
NOTHING_TO_MEASURE = [([MSA], [MSA], 0), ([MSA], [], 1), ([MSA], [MSA], -1)]


def check_recall(candidate) -> None:
    """Hand-made and seeded rankings against the reference; bad k and missing evidence must raise."""
    cases = [(*case, k) for case in CASES for k in (1, 2, 3, 5, 20)]
    different = "the share of the evidence that is covered is different"
    compare(candidate, taught.recall_at_k, cases, RECALL_NAMES, different, number)
    why = "with k below 1 or without evidence there is nothing to measure: raise a ValueError"
    must_raise(candidate, NOTHING_TO_MEASURE, RECALL_NAMES, why)


def _recall_of_results(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(result, span) for span in evidence) for result in ranked[:k]) / k


def _recall_counting_twice(ranked, evidence, k):
    _require(evidence, k)
    return sum(taught.covers(result, span) for result in ranked[:k] for span in evidence) / len(evidence)


def _recall_of_all(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(result, span) for result in ranked) for span in evidence) / len(evidence)


def _hit_rate(ranked, evidence, k):
    _require(evidence, k)
    return float(any(taught.covers(result, span) for result in ranked[:k] for span in evidence))


def _recall_swapped(ranked, evidence, k):
    _require(evidence, k)
    return sum(any(taught.covers(span, result) for result in ranked[:k]) for span in evidence) / len(evidence)


def _require(evidence, k) -> None:
    if k < 1 or not evidence:
        raise ValueError("nothing to measure")


# ------------------------------------------------------------------ 2 · which improvements are real

FIVE = [f"family {number}" for number in range(5)]
FOURTEEN = [f"family {number}" for number in range(14)]


def _with_ratio(ratio: float, families: Sequence[str], per_family: int = 4, mean: float = 0.1) -> np.ndarray:
    """Differences whose family means have `mean` and a mean / standard error of `ratio`.

    Every family has as many questions, family by family, so that a mean over families is one over questions.
    """
    pattern = np.random.default_rng(len(families)).normal(size=len(families))
    pattern = (pattern - pattern.mean()) / pattern.std(ddof=1)
    means = mean + pattern * mean / ratio * np.sqrt(len(families))
    return np.repeat(means, per_family) + np.tile([0.02, -0.02], len(means) * per_family // 2)


def _by_question(families: Sequence[str], per_family: int = 4) -> list[str]:
    return [family for family in families for _ in range(per_family)]


FEW = {
    "steady": _with_ratio(12, FIVE),
    "two standard errors": _with_ratio(2.2, FIVE),  # 1.96 < 2.2 < 2.78
    "barely two": _with_ratio(2.05, FIVE),  # between 1.96 and the 95 % point, 2.13
    "almost": _with_ratio(2.62, FIVE),  # df = 5, a standard deviation that divides by G, or one side would let it pass
    "just": _with_ratio(2.95, FIVE),  # t = 2.78 with 4 degrees of freedom, 3.18 with 3
    "one lucky family": np.repeat([0.9, 0.0, 0.0, 0.0, 0.0], 4),
    "luck": _with_ratio(0.5, FIVE),  # above zero on average, and by no interval
    "harm": -_with_ratio(9, FIVE),
    "nothing": np.zeros(20),
}
MANY = {
    "enough with 14 families": _with_ratio(2.3, FOURTEEN),  # t = 2.16 with 13 degrees of freedom
    "not enough": _with_ratio(2.0, FOURTEEN),
    "small and steady": _with_ratio(8, FOURTEEN, mean=0.02),
}
REVERSE = {name: -values for name, values in reversed(FEW.items())}
CASES_2 = (
    (FEW, _by_question(FIVE), "these are not the changes whose whole interval lies above zero"),
    (MANY, _by_question(FOURTEEN), "with 14 families these are not the changes whose whole interval lies above zero"),
    (REVERSE, _by_question(FIVE), "with every sign turned round only 'harm' is an improvement"),
)


def check_real_improvements(candidate) -> None:
    """Changes whose interval lies far above zero, just above, just below, across zero and below, with 5 families and
    with 14."""
    for differences, families, wrong in CASES_2:
        ends = {name: Words(_ends(values, families)) for name, values in differences.items()}
        compare(
            candidate,
            taught.real_improvements,
            [(differences, families)],
            (),
            wrong,
            list_of(str),
            given=lambda *_, ends=ends: {"changes, each with its interval": ends},
        )


def _ends(values, families) -> str:
    """The ends of the right interval of a change, so that an example shows why it counts."""
    means = pd.Series(values).groupby(list(families)).mean()
    half = t.ppf(0.975, len(means) - 1) * means.std() / np.sqrt(len(means))
    return f"{means.mean() - half:.3f} to {means.mean() + half:.3f}"


def _above_zero(differences, families, half) -> list[str]:
    """half(values, family means) -> half of an interval's width."""
    found = []
    for name, values in differences.items():
        means = pd.Series(values).groupby(list(families)).mean()
        if means.mean() - half(np.asarray(values), means) > 0:
            found.append(name)
    return found


def _normal(differences, families):
    return _above_zero(differences, families, lambda _, means: 1.96 * means.std() / np.sqrt(len(means)))


def _of_questions(differences, families):
    def half(values, _):
        return t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))

    return _above_zero(differences, families, half)


def _one_sided(differences, families):
    return _above_zero(
        differences, families, lambda _, means: t.ppf(0.95, len(means) - 1) * means.std() / np.sqrt(len(means))
    )


def _either_side(differences, families):
    turned = {name: -values for name, values in differences.items()}
    real = _right(differences, families) + _right(turned, families)
    return [name for name in differences if name in real]


def _right(differences, families):
    return _above_zero(
        differences, families, lambda _, means: t.ppf(0.975, len(means) - 1) * means.std() / np.sqrt(len(means))
    )


def _without_root(differences, families):
    return _above_zero(differences, families, lambda _, means: t.ppf(0.975, len(means) - 1) * means.std())


# ------------------------------------------------------------------ 3 · repair the prompt

MOST_CHARACTERS, FEWEST_EXAMPLES = 3000, 3
ASKED = (
    ("Supply contract, Payment: Invoices are due within 45 days.", "How long is the payment term?"),
    ("Lease {a}: Rent is EUR 5,000, 3 % more each year.\n\nOrder {0}: {{none}} applies.", "What is the rent of {b}?"),
    ("Guarantee: The law of Ireland applies.\n\nSchedule 1: none", "Which law applies?"),
)


def check_prompt(candidate) -> None:
    """Clauses and question whole in the last human turn; examples in pairs, of different kinds, copied, not too long."""
    for clauses, question in ASKED:
        turns = _turns(candidate(clauses, question))
        _check_last(turns, clauses, question)
        _check_examples(turns[:-1], clauses, question)
        _check_instruction(turns, clauses, question)


def _turns(got: Any) -> list[tuple[str, str]]:
    """(role, text) of each message, in whatever way LangChain takes it. Raises: NotYet."""
    from langchain_core.messages.utils import convert_to_messages

    got = got.to_messages() if hasattr(got, "to_messages") else got
    if not isinstance(got, list | tuple):
        raise NotYet(f"return a list of messages, not {kind_of(got)}")
    try:
        turns: list[Any] = [(str(one.type), one.content) for one in convert_to_messages(got)]
    except (ValueError, TypeError, NotImplementedError, KeyError, AttributeError) as error:
        raise NotYet('write each message as a pair such as ("human", "text")', got=got) from error
    if not turns or not all(isinstance(text, str) for _, text in turns):
        raise NotYet('write each message as a pair such as ("human", "text")', got=got)
    return turns


def _check_last(turns, clauses: str, question: str) -> None:
    role, text = turns[-1]
    if role != "human":
        raise NotYet("the last message is a human turn: the model writes the next one", got=role, expected="human")
    for what, whole in (("clauses", clauses), ("question", question)):
        if whole not in text:
            raise NotYet(f"the last turn does not contain the {what} unchanged", given=whole, got=text)


def _check_examples(turns, clauses: str, question: str) -> None:
    """Human and ai take turns after the instruction; at least three pairs, of different kinds, each copied."""
    examples = turns[1:] if turns and turns[0][0] == "system" else turns
    roles = [role for role, _ in examples]
    if roles != ["human", "ai"] * (len(roles) // 2):
        raise NotYet("each worked example is a human turn and then an ai turn", got=roles)
    pairs = [(examples[place][1], examples[place + 1][1]) for place in range(0, len(examples), 2)]
    if len(pairs) < FEWEST_EXAMPLES:
        raise NotYet(
            "at least three worked examples are needed: a single one is repeated", got=Words(f"{len(pairs)} examples")
        )
    answers = [answer for _, answer in pairs]
    if len({answer.lower().strip(" .") for answer in answers}) < len(answers):
        raise NotYet("two examples have the same answer; each must teach something else", got=answers)
    with_number = [any(_is_number(word) for word in words(answer)) for answer in answers]
    if all(with_number) or not any(with_number):
        missing = "a number" if not any(with_number) else "no number"
        raise NotYet(f"no example has an answer with {missing}: the model learns one kind only", got=answers)
    for asked, answer in pairs:
        if not answer.strip() or (not is_refusal(answer) and answer.lower().strip(" .") not in asked.lower()):
            raise NotYet("this answer is not copied from its own example", given=asked, got=answer)
        if "?" not in asked:
            raise NotYet("this example asks nothing: its human turn needs a question, too", given=asked)
        if clauses in asked or question in asked:
            raise NotYet("your example contains the question that is asked: examples stay the same", given=asked)


def _check_instruction(turns, clauses: str, question: str) -> None:
    own = "".join(text for _, text in turns).replace(clauses, "").replace(question, "")
    said = "".join(text for place, (role, text) in enumerate(turns) if role == "system" or place in (0, len(turns) - 1))
    if "not stated" not in said.replace(clauses, "").lower():
        raise NotYet("nothing tells the model what to answer when the clauses do not state it: name 'not stated'")
    if len(own) > MOST_CHARACTERS:
        raise NotYet(
            "too long: you pay for these characters with every question", got=Words(f"{len(own):,} characters")
        )


def _is_number(word: str) -> bool:
    return word.replace(".", "").isdigit()


SHOTS = (
    ("Boat shed: Notice is seventeen (17) days.", "How much notice is due?", "seventeen (17) days"),
    ("Berth rules: A berth costs GBP 46.20.", "What does a night cost?", "GBP 46.20"),
    ("Crane hire: The laws of Malta apply.", "Which law applies?", "the laws of Malta"),
)


def _prompt(shots=SHOTS, last=ASK, system=SYSTEM, ask=ASK):
    def prompt(clauses, question):
        pairs = [(("human", ask.format(clauses=c, question=q)), ("ai", answer)) for c, q, answer in shots]
        turns = [turn for pair in pairs for turn in pair]
        return [("system", system), *turns, ("human", last.format(clauses=clauses, question=question))]

    return prompt


def _same_fault(a: Any, b: Any) -> bool:
    """Two results on a probe are alike when they have the same fault; the examples may be any."""
    return _fault(a) == _fault(b) != ""


def _fault(got: Any) -> str:
    """What is wrong with the messages for one of ASKED, in words; "" where nothing is."""
    *before, (role, last) = _turns(got)
    if role != "human":
        return "role"
    for place, what in enumerate(("clauses", "question")):
        if not any(case[place] in last for case in ASKED):
            return what
    try:
        _check_examples(before, "\0", "\0")
    except NotYet as problem:
        return str(problem)
    return ""


EXERCISES = [
    Exercise(
        number=1,
        title="Recall at k",
        reference=taught.recall_at_k,
        check=check_recall,
        probes=PROBES,
        hints=(
            "Ask one question for each **evidence span**: does any of the first k results cover it?",
            (
                "`ranked[:k]` are the first k results; `any(covers(result, span) for result in ranked[:k])` answers for"
                " one span."
            ),
            "Divide the number of covered spans by `len(evidence)`.",
        ),
        misconceptions=(
            Misconception(
                "precision instead of recall",
                _recall_of_results,
                "You divide by k: that is the share of **results** that are right (precision). Recall is the share of"
                " the **evidence** found.",
            ),
            Misconception(
                "one evidence span counted twice",
                _recall_counting_twice,
                "Two overlapping chunks cover the same evidence, and you counted it twice. Ask for each evidence span"
                " once: covered or not?",
            ),
            Misconception(
                "k forgotten",
                _recall_of_all,
                "Your result does not change with k: look at `ranked[:k]`, not at the whole ranking.",
            ),
            Misconception(
                "hit rate instead of recall",
                _hit_rate,
                "With two evidence spans of which one is found, recall is 0.5; you return 1.0. That is the **hit"
                " rate**: any evidence at all.",
            ),
            Misconception(
                "covers the wrong way round",
                _recall_swapped,
                "You ask whether the evidence holds half of the chunk. It is `covers(result, evidence)`: the chunk must"
                " hold half of the evidence.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="Which improvements are real?",
        reference=taught.real_improvements,
        check=check_real_improvements,
        probes=[(differences, families) for differences, families, _ in CASES_2],
        hints=(
            "First one number for each family: `pd.Series(values).groupby(list(families)).mean()`.",
            "With G such means, the standard error is `means.std() / np.sqrt(G)`, and t is `t.ppf(0.975, G - 1)`.",
            "A change is real when `means.mean() - t * error` is above 0. Keep the names in their order.",
        ),
        misconceptions=(
            Misconception(
                "questions instead of families",
                _of_questions,
                "You counted every question as independent, so 'one lucky family' became real: all its gain comes from a"
                " single family. Take the mean of each family first.",
            ),
            Misconception(
                "the average decides",
                lambda differences, families: [name for name, values in differences.items() if np.mean(values) > 0],
                "You kept everything with a positive average. Half of all changes that do nothing have a positive"
                " average; look at the lower end of the interval.",
            ),
            Misconception(
                "1.96 instead of t",
                _normal,
                "You kept 'two standard errors': your interval is too narrow, as with 1.96, which is for hundreds of"
                " families. With five, t is 2.78: `t.ppf(0.975, len(means) - 1)`.",
            ),
            Misconception(
                "one side only",
                _one_sided,
                "You left 5 % out on one side. A 95 % interval leaves 2.5 % on each side: `t.ppf(0.975, ...)`.",
            ),
            Misconception(
                "any interval without zero",
                _either_side,
                "'harm' has an interval without zero, but below it. An improvement needs the **lower** end above zero.",
            ),
            Misconception(
                "the spread instead of the error of the mean",
                _without_root,
                "You used the standard deviation of the families. The mean of G families is known better, by the square"
                " root of G: divide by `np.sqrt(len(means))`.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Repair the prompt",
        reference=taught.repaired_prompt,
        check=check_prompt,
        probes=ASKED,
        alike=_same_fault,
        hints=(
            "Begin with the examples as a list of (clauses, question, answer); make the turns from it.",
            "Choose answers of different kinds: days, an amount, a law or a name, and one 'not stated'.",
            (
                'Each example gives `("human", ASK.format(clauses=shown, question=q))` and `("ai", answer)`; the last'
                ' message is `("human", ASK.format(clauses=clauses, question=question))`. Clauses may contain braces:'
                " fill a text in once, and never call `format` on what is already filled in."
            ),
        ),
        misconceptions=(
            Misconception(
                "one example",
                _prompt(SHOTS[:1]),
                "There is a single worked example, and a small model repeats it. Write at least three, with answers of"
                " different kinds.",
            ),
            Misconception(
                "examples of one kind",
                _prompt(
                    [
                        (f"Rule {days}: Notice is {days} days.", "How much notice is due?", f"{days} days")
                        for days in (7, 9, 12)
                    ]
                ),
                "All your examples have a number as their answer, so the model answers with numbers where a law or a"
                " name was asked for. Add an example without a number.",
            ),
            Misconception(
                "the question is missing",
                _prompt(last="Clauses:\n{clauses}"),
                "The last turn contains the clauses, but not the question.",
            ),
            Misconception(
                "the clauses are missing",
                _prompt(last="Question: {question}"),
                "The last turn contains the question, but not the clauses: the model can only guess.",
            ),
        ),
    ),
]
