"""Exercises of lab 3.3."""

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product

import pandas as pd

from ...exercises.checks import compare, equal, must_raise, text
from ...exercises.engine import Exercise, Misconception, NotYet
from ...measure.answers import is_refusal
from ...taught import lab_3_3 as taught
from ...taught.lab_3_3 import Claim

# ------------------------------------------------------------------ 1 · the second look

CLAUSES = [f"Clause {place}" for place in range(1, 10)]
KNOWN = {"fee": "Clause 2", "notice": "Clause 6", "law": "Clause 9"}


def _reader(shown: list[tuple[str, ...]]) -> Callable[[str, Sequence[str]], str]:
    """Answers when the clause that it needs is shown, refuses otherwise, and notes in `shown` what it was shown."""

    def read(question: str, clauses: Sequence[str]) -> str:
        shown.append(tuple(clauses))
        return f"{KNOWN[question]}: {len(clauses)}" if KNOWN.get(question) in clauses else "not stated"

    return read


LOOK_CASES = [
    (question, CLAUSES[:count], k) for question, count, k in product((*KNOWN, "term"), (0, 1, 3, 4, 5, 8, 9), (4, 2, 1))
]


def check_look(candidate: Callable) -> None:
    """Answers found at once, at the second look, never; few clauses and many; another k, and the default."""
    answer, shown = _looking(candidate)("fee", CLAUSES)
    if isinstance(answer, str) and len(shown) > 1:
        why = "the first look had answered, and you read again: a second look costs as much as the first"
        raise NotYet(why, given={"question": "fee", "found": CLAUSES}, got={"answer": answer, "read": shown})
    compare(_looking(candidate), _looking(taught.second_look), LOOK_CASES, ("question", "found", "k"),
            "the answer, or what was read for it, is different", _look)  # fmt: skip
    default = [(question, CLAUSES) for question in KNOWN]
    compare(
        _looking(candidate), _looking(taught.second_look), default, ("question", "found"), "by default k is 4", _look
    )


def _looking(function: Callable) -> Callable:
    """(answer, what was read) of a function, on a reader that takes notes."""

    def look(question: str, found: Sequence[str], *k: int) -> tuple[object, list]:
        shown: list[tuple[str, ...]] = []
        return function(question, list(found), _reader(shown), is_refusal, *k), shown

    return look


def _look(got: tuple[object, list]) -> tuple[str, list]:
    return text(got[0]), got[1]


def _asked_aloud(question: str, clauses: Sequence[str]) -> str:
    """An answer that tells what was shown for it."""
    is_known = KNOWN.get(question) in clauses
    return f"{'found in' if is_known else 'not stated in'} {', '.join(clauses) or 'nothing'}"


LOOK_PROBES = [(question, found, _asked_aloud, is_refusal, k) for question, found, k in LOOK_CASES]


def _the_same_again(question, found, read, refuses, k=4):
    answer = read(question, found[:k])
    return read(question, found[: 2 * k]) if refuses(answer) and found[k:] else answer


def _all_the_rest(question, found, read, refuses, k=4):
    answer = read(question, found[:k])
    return read(question, found[k:]) if refuses(answer) and found[k:] else answer


def _nothing_read(question, found, read, refuses, k=4):
    answer = read(question, found[:k])
    return read(question, found[k : 2 * k]) if refuses(answer) else answer


def _where_it_answers(question, found, read, refuses, k=4):
    answer = read(question, found[:k])
    return read(question, found[k : 2 * k]) if not refuses(answer) and found[k:] else answer


# ------------------------------------------------------------------ 2 · the gain by question and seed


def _answers(seed: int, seeds: Sequence[int], questions: int, others: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Answers in an order of their own, with columns that a table of answers has besides."""
    generator = random.Random(seed)
    rows = [
        {"question_id": f"q{number}", "seed": one, "correct": float(generator.random() < 0.5), "task": "one clause"}
        for one in seeds
        for number in range(questions)
    ]
    return pd.DataFrame(generator.sample(rows, len(rows))).assign(**(others or {}))


GAIN_CASES = [
    (_answers(1, [1], 2), _answers(2, [0], 2)),
    (_answers(3, [1, 2], 3), _answers(4, [0], 3)),
    (_answers(5, [1, 2, 3], 12), _answers(6, [0], 12)),
    (_answers(7, [7, 8, 9], 20, {"family": "f"}), _answers(8, [7], 20)),
    (_answers(9, [3], 9), _answers(10, [3], 9)),
]
OTHER_QUESTIONS = [
    (_answers(1, [1, 2], 4), _answers(2, [0], 3)),
    (_answers(1, [1, 2], 3), _answers(2, [0], 4)),
    (_answers(1, [1], 3), _answers(2, [0], 3).replace("q1", "q7")),
]


def check_gain(candidate: Callable) -> None:
    """One seed and several, rows in different orders; and systems that did not answer the same questions."""
    different = "these are not the gains by question (rows) and seed (columns)"
    compare(candidate, taught.gain_by_seed, GAIN_CASES, (), different, _gains, given=_shown)
    why = "the two systems did not answer the same questions: raise a ValueError"
    must_raise(candidate, OTHER_QUESTIONS, ("new", "old"), why)


def _gains(got: object) -> dict[Hashable, dict[Hashable, float]]:
    """seed -> question -> gain, in whatever order. Raises: NotYet."""
    if not isinstance(got, pd.DataFrame):
        raise NotYet(f"return a DataFrame with one row for each question, not a {type(got).__name__}")
    try:
        return {seed: {question: float(value) for question, value in got[seed].items()} for seed in got.columns}
    except (TypeError, ValueError) as error:
        raise NotYet("every cell of the DataFrame is one number: new minus old") from error


def _shown(new: pd.DataFrame, old: pd.DataFrame) -> dict[str, object]:
    return {name: rows[["question_id", "seed", "correct"]].head(4).to_dict("records") for name, rows in
            {"new": new, "old": old}.items()}  # fmt: skip


def _alike_gains(a: object, b: object) -> bool:
    if isinstance(a, pd.DataFrame) and isinstance(b, pd.DataFrame) and a.equals(b):
        return True  # tables of nan, too
    try:
        return equal(_gains(a), _gains(b))
    except NotYet:
        return False


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.pivot(index="question_id", columns="seed", values="correct")


def _by_position(new, old):
    wide = _wide(new)
    return wide.sub(old["correct"].to_numpy()[: len(wide)], axis=0)


def _old_minus_new(new, old):
    return -taught.gain_by_seed(new, old)


def _seeds_averaged(new, old):
    means = new.groupby("question_id")["correct"].mean()
    return (means - old.set_index("question_id")["correct"]).to_frame(new["seed"].iloc[0])


def _seeds_stacked(new, old):
    right = new["question_id"].map(old.set_index("question_id")["correct"])
    return pd.DataFrame({"gain": new["correct"] - right}).set_index(new["question_id"] + " " + new["seed"].astype(str))


def _turned(new, old):
    return taught.gain_by_seed(new, old).T


# ------------------------------------------------------------------ 3 · what you may tell your boss


def _claim(**changes: float) -> Claim:
    good = {"difference": 20.0, "low": 9.0, "high": 31.0, "right": 52.0, "guess": 14.0, "families": 15, "needless": 8.0}
    return Claim("It is better.", **{**good, **changes})


CLAIM_CASES = [
    (_claim(),),
    *((_claim(low=low, high=high, difference=(low + high) / 2),) for low, high in ((-3, 9), (-9, -2), (0, 8), (0.1, 8))),
    *((_claim(right=right),) for right in (13.0, 14.0, 14.1)),
    *((_claim(families=families),) for families in (1, 5, 14, 16, 40)),
    *((_claim(needless=needless),) for needless in (0.0, 10.0, 10.1, 43.0)),
    (_claim(low=-1.0, right=3.0, families=5, needless=80.0),),
    (_claim(low=-1.0, needless=12.0),),
    (_claim(right=12.0, families=14),),
]  # fmt: skip


def check_objections(candidate: Callable) -> None:
    """Sentences with no objection, with each alone, at each boundary, and with several."""
    wrong = "these are not the objections to this sentence"
    compare(candidate, taught.objections, CLAIM_CASES, (), wrong, _words, given=lambda claim: claim._asdict())


def _words(got: object) -> list[str]:
    """The objections, each once, in whatever order. Raises: NotYet."""
    if isinstance(got, str) or not isinstance(got, list | tuple | set | frozenset):
        raise NotYet(f"return a list of objections, empty where there are none, not a {type(got).__name__}")
    if strangers := [one for one in got if not isinstance(one, str)]:
        raise NotYet(f"each objection is a word such as 'interval', but one is a {type(strangers[0]).__name__}")
    return sorted(set(got))


def _alike_words(a: object, b: object) -> bool:
    try:
        return _words(a) == _words(b)
    except NotYet:
        return False


def _without(left_out: str) -> Callable:
    return lambda claim: [one for one in taught.objections(claim) if one != left_out]


def _objections(claim, **changed):
    """The objections with some rules changed."""
    rules = {name: name in taught.objections(claim) for name in ("interval", "guess", "families", "needless")}
    return [name for name, applies in {**rules, **changed}.items() if applies]


# ------------------------------------------------------------------ 4 · the least that is enough


def _bought(seed: int) -> tuple[list[str], Callable]:
    """Five systems, and gains with intervals of different widths."""
    generator = random.Random(seed)
    names = ["a guess", "prompt", "retrieval", "tuning", "both"]
    worth = {name: generator.choice((10, 14, 20, 24, 40)) + place for place, name in enumerate(names)}
    width = generator.choice((3.0, 8.5, 15.5))

    def gain(new: str, old: str) -> tuple[float, float, float]:
        difference = float(worth[new] - worth[old])
        return difference, difference - width, difference + width

    return names, gain


def _exactly_zero(new: str, old: str) -> tuple[float, float, float]:
    return 4.0, 0.0, 8.0


def _just_above(new: str, old: str) -> tuple[float, float, float]:
    return 4.0, 0.5, 7.5


BUY_CASES = [
    (["a guess"], _just_above), (["a guess", "retrieval"], _just_above), (["a guess", "retrieval"], _exactly_zero),
    *(_bought(seed) for seed in range(24)),
]  # fmt: skip


ALL_LATER = "for system in systems[1:]:"


def check_least(candidate: Callable) -> None:
    """One system, gains that are shown and that are not, and gains over the guess alone."""
    wrong = "this is not the system to buy"
    compare(candidate, taught.least_that_is_enough, BUY_CASES, (), wrong, text, given=_offered)


def _offered(systems: Sequence[str], gain: Callable) -> dict[str, object]:
    pairs = [(new, old) for place, new in enumerate(systems) for old in systems[:place]]
    return {"systems": list(systems), "gain": {f"{new} - {old}": gain(new, old) for new, old in pairs[:6]}}


def _step_up(systems, gain, better: Callable, over_the_first: bool = False):
    chosen = systems[0]
    for system in systems[1:]:
        if better(gain(system, systems[0] if over_the_first else chosen)):
            chosen = system
    return chosen


def _first_step(systems, gain):
    return next((system for system in systems[1:] if gain(system, systems[0])[1] > 0), systems[0])


def _stops_at_the_first_failure(systems, gain):
    chosen = systems[0]
    for system in systems[1:]:
        if gain(system, chosen)[1] <= 0:
            break
        chosen = system
    return chosen


EXERCISES = [
    Exercise(
        number=1,
        title="Add a system: the second look",
        reference=taught.second_look,
        check=check_look,
        probes=LOOK_PROBES,
        hints=(
            "`answer = read(question, found[:k])` is the first look.",
            "Two things must be true for a second look: `refuses(answer)`, and `found[k:]` is not empty.",
            "The next k clauses are `found[k : 2 * k]`.",
        ),
        misconceptions=(
            Misconception(
                "the first clauses again",
                _the_same_again,
                "Your second look shows the first clauses again. They did not help, and the reader was trained on 3 to"
                " 5 clauses: show only the next k.",
            ),
            Misconception(
                "all the rest",
                _all_the_rest,
                "Your second look shows all further clauses. The task asks for the **next k** only:"
                " `found[k : 2 * k]`.",
            ),
            Misconception(
                "nothing to read",
                _nothing_read,
                "You take a second look also where no further clause was found, and show the reader nothing.",
            ),
            Misconception(
                "a second look after an answer",
                _where_it_answers,
                "You look again where the reader has **answered**. A second look is for refusals.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The gain, question by question and seed by seed",
        reference=taught.gain_by_seed,
        check=check_gain,
        probes=GAIN_CASES,
        alike=_alike_gains,
        hints=(
            '`new.pivot(index="question_id", columns="seed", values="correct")` has a row for each question and a column'
            " for each seed.",
            '`old.set_index("question_id")["correct"]` is one number for each question id.',
            "`wide.sub(series, axis=0)` subtracts the series from every column, and matches by the index.",
        ),
        misconceptions=(
            Misconception(
                "matched by position",
                _by_position,
                "You subtract by position. The two tables have their questions in different orders: match by"
                " `question_id`.",
            ),
            Misconception(
                "subtracted along the columns",
                lambda new, old: (
                    new.pivot(index="question_id", columns="seed", values="correct")
                    - old.set_index("question_id")["correct"]
                ),
                "`table - series` matches the series with the **columns**, which are seeds here. Match it with the rows:"
                " `table.sub(series, axis=0)`.",
            ),
            Misconception(
                "old minus new",
                _old_minus_new,
                "Your gains have the wrong sign: new minus old, so that a gain is positive.",
            ),
            Misconception(
                "seeds averaged",
                _seeds_averaged,
                "You average over the seeds. Then nobody can see how much a lucky training is worth: keep one column"
                " for each seed.",
            ),
            Misconception(
                "seeds counted as questions",
                _seeds_stacked,
                "You have a row for each answer. Three seeds are not three times as many questions: one row for each"
                " question, one **column** for each seed.",
            ),
            Misconception(
                "turned round",
                _turned,
                "Your rows are seeds and your columns are questions: turn it round (`.T`).",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="Which of these sentences may you tell your boss?",
        reference=taught.objections,
        check=check_objections,
        probes=CLAIM_CASES,
        alike=_alike_words,
        hints=(
            'Each rule is one comparison: `claim.low <= 0` is "interval", `claim.families < 15` is "families".',
            "Look at all four rules, also when one has already failed. A dict from name to comparison keeps them"
            " together.",
            "Return the names whose comparison is true: `[name for name, applies in found.items() if applies]`.",
        ),
        misconceptions=(
            Misconception(
                "a positive mean is enough",
                lambda claim: _objections(claim, interval=claim.difference <= 0),
                "You look at the difference itself. Chance alone makes half of all differences positive: look at the"
                " lower end of the interval.",
            ),
            Misconception(
                "a loss taken for a gain",
                lambda claim: _objections(claim, interval=claim.low <= 0 <= claim.high),
                "You object only when the interval contains 0. An interval that lies wholly **below** 0 shows a loss.",
            ),
            Misconception(
                "the guess forgotten",
                _without("guess"),
                "You forget the guess. Better than its neighbour, but not better than a guess: that is not worth"
                " telling.",
            ),
            Misconception(
                "refusals forgotten",
                _without("needless"),
                "You forget the needless refusals: a sentence that hides more than 10 % of them hides a price.",
            ),
            Misconception(
                "few families accepted",
                _without("families"),
                "You forget the families. Questions of one family succeed and fail together: 5 families say little about"
                " the next contract.",
            ),
            Misconception(
                "the first objection only",
                lambda claim: taught.objections(claim)[:1],
                "You stop at the first objection. Return all of them.",
            ),
            Misconception(
                "equal to the guess is enough",
                lambda claim: _objections(claim, guess=claim.right < claim.guess),
                "As many right answers as the guess are not enough: the system must be **above** it.",
            ),
        ),
    ),
    Exercise(
        number=4,
        title="Buy the least that is shown to be enough",
        reference=taught.least_that_is_enough,
        check=check_least,
        probes=BUY_CASES,
        equivalent_mutants={
            f"{ALL_LATER} -> {ALL_LATER.replace('1:', start)}": "the first system, compared with itself, changes nothing"
            for start in ("1 - 1:", ":", "0:")
        },
        hints=(
            "Keep the name that you have chosen so far in a variable, and begin with `systems[0]`.",
            "`gain(system, chosen)[1]` is the lower end of the interval of the gain over what you have.",
            "Go through `systems[1:]`. Where the lower end is above 0, the system becomes the chosen one.",
        ),
        misconceptions=(
            Misconception(
                "a positive mean is enough",
                lambda systems, gain: _step_up(systems, gain, lambda found: found[0] > 0),
                "You change to a system when its difference is positive. Ask for the **lower end** of the interval above"
                " 0, or you pay for luck.",
            ),
            Misconception(
                "compared with the guess alone",
                lambda systems, gain: _step_up(systems, gain, lambda found: found[1] > 0, over_the_first=True),
                "You compare every system with the first. Compare with **what you have chosen so far**: the cheaper"
                " system may be as good.",
            ),
            Misconception(
                "the first that beats the guess",
                _first_step,
                "You stop at the first system that beats the guess. A later one may be shown to be better still: go to"
                " the end of the list.",
            ),
            Misconception(
                "stopped at the first failure",
                _stops_at_the_first_failure,
                "You stop at the first system that is not shown to be better. Skip it and go on: the next may be.",
            ),
            Misconception(
                "the highest mean",
                lambda systems, gain: max(systems, key=lambda name: gain(name, systems[0])[0]),
                "You take the highest mean. The best of five looks better than it is, and costs the most: ask whether"
                " its gain is shown.",
            ),
        ),
    ),
]
