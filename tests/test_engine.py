"""The exercise engine as a learner meets it: predict, use, hint, solution, reveal, progress, and coming back later."""

import builtins
import functools
import inspect
import json
import os
import random
import re
import signal
import sys
import threading
import time
import types
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from llm_workbook.exercises.checks import must_raise
from llm_workbook.exercises.engine import Exercise, Lab, Misconception, NotYet, Outcome, judge, same
from llm_workbook.exercises.examples import example
from llm_workbook.exercises.progress import Progress
from llm_workbook.settings import Settings


def double(values):
    """Each value twice as large."""
    return [2 * value for value in values]


def doubled(values):
    """A learner's own way."""
    return [value + value for value in values]


def check_double(candidate):
    for values in ([1, 2], [], [-3.5]):
        if (got := candidate(values)) != double(values):
            raise NotYet("not doubled", given=values, got=got, expected=double(values))


def first(values):
    """The first value."""
    return values[0]


def firstly(values):
    """A learner's own way."""
    return next(iter(values))


def check_first(candidate):
    values = ["b", "a"]
    if candidate(values) != "b" or values != ["b", "a"]:
        raise NotYet("not the first", given=values)


def check_answer(candidate):
    if candidate != 42:
        raise NotYet("another number")


KNOWN = (
    Misconception("added two", lambda values: [value + 2 for value in values], "You added 2; multiply by 2."),
    Misconception("only the first", lambda values: [2 * values[0]] if values else [], "Look at all values."),
)
EXERCISES = [
    Exercise(1, "Double", double, check_double, ("Multiply.", "Use `2 * value`."), KNOWN, probes=[([1, 5],), ([],)]),
    Exercise(2, "First", first, check_first, ("Position 0.", "`values[0]`"), ()),
    Exercise(3, "Answer", 42, check_answer, ("A number.", "Even."), (Misconception("one less", 41, "Add one."),)),
    Exercise(4, "Again", double, check_double, ("Multiply.", "All of them."), KNOWN, probes=[([1, 5],)]),
]


@pytest.fixture
def open_lab(tmp_path, monkeypatch):
    """Opens a lab of four exercises, again and again on the same record."""
    module = types.ModuleType("llm_workbook.labs.lab_9_9.exercises")
    module.EXERCISES = EXERCISES
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return partial(Lab, Settings("9.9", results_dir=tmp_path))


@pytest.fixture
def lab(open_lab, capsys):
    opened = open_lab()
    capsys.readouterr()
    return opened


@pytest.fixture
def said(capsys):
    """What was printed since the last call."""
    return lambda: capsys.readouterr().out


# ------------------------------------------------------------------ use


def test_right_work_is_returned_and_said_to_be_right(lab, said):
    def mine(values):
        return [value + value for value in values]

    assert lab.use(1, mine) is mine
    assert said() == "✔ Exercise 1: passed.\n"
    assert lab.use(3, 42) == 42


def test_wrong_work_gives_the_reference_and_the_first_counter_example(lab, said):
    assert lab.use(1, lambda values: values) is double
    text = said()
    assert text.startswith("✘ Exercise 1: not yet. Not doubled.")
    assert "- given: [1, 2]\n- you returned: [1, 2]\n- expected: [2, 4]\n" in text
    assert text.endswith("The lab goes on with the reference. Try again whenever you like: lab.hint(1) helps.\n")


def test_a_misconception_is_told_by_name(lab, said):
    lab.use(1, lambda values: [2 + value for value in values])
    assert said().startswith("✘ Exercise 1: not yet. Added two. You added 2; multiply by 2.")
    lab.use(3, 41)
    assert said().startswith("✘ Exercise 3: not yet. One less. Add one.")


def test_a_misconception_needs_every_probe(lab, said):
    def mine(values):
        return [value + 2 for value in values] or None  # differs from "added two" on the empty list

    lab.use(1, mine)
    assert "Added two" not in said()


def test_strict_raises_with_the_same_words(lab):
    with pytest.raises(AssertionError, match="✘ Exercise 1: not yet. Added two. You added 2"):
        lab.use(1, KNOWN[0].wrong, strict=True)


def test_a_value_where_a_function_is_expected_is_said(lab, said):
    lab.use(1, [2, 4])
    assert "A function is expected, but this is a list." in said()


def test_an_argument_that_the_learner_changes_does_not_spoil_the_check(lab, said):
    def mine(values):
        values.sort()
        values.clear()
        return "b"

    assert lab.use(2, mine) is mine

    def wrong(values):
        values.append(values.pop(0))
        return [2 * value for value in values]

    lab.use(1, wrong)
    assert "- given: [1, 2]\n" in said()


def test_the_learners_own_printing_is_kept(lab, said):
    def mine(values):
        print("looking at", values)
        return doubled(values)

    assert lab.use(1, mine) is mine
    assert said() == "looking at [1, 2]\nlooking at []\nlooking at [-3.5]\n✔ Exercise 1: passed.\n"


def test_a_raising_function_names_the_learners_line(lab, said):
    def mine(values):
        total = 0
        return values / total

    lab.use(1, mine)
    text = said()
    assert text.startswith("⚠ Exercise 1: error. TypeError: unsupported operand")
    assert f"It happened in line {mine.__code__.co_firstlineno + 2} of your cell: return values / total" in text


def test_an_error_deeper_down_names_the_line_that_led_there(lab, said):
    def mine(values):
        return json.loads("{")

    lab.use(1, mine)
    assert 'of your cell: return json.loads("{")' in said()


def test_an_unknown_exercise_is_a_sentence(lab):
    for call in (lambda: lab.use(7, doubled), lambda: lab.hint(7), lambda: lab.solution(7)):
        with pytest.raises(ValueError, match="^lab 9.9 has no exercise 7; it has 1, 2, 3, 4$"):
            call()


@pytest.mark.parametrize("unknown", ["9.8", "nonsense"])
def test_an_unknown_lab_is_a_sentence(tmp_path, unknown):
    from llm_workbook import start

    with pytest.raises(ValueError, match=f"unknown lab '{unknown}': this workbook has 0, 1.1"):
        start(unknown, results_dir=tmp_path)


def test_long_values_are_shown_where_they_begin_to_differ():
    right = [f"chunk {number}" for number in range(90)]
    wrong = [*right[:70], "another", *right[71:]]
    text = example({"given": {"document": "word " * 200, "k": 3}, "you returned": wrong, "expected": right})
    given, k, got, expected = text.strip().splitlines()
    assert given.startswith("- given, `document`: `'word word") and given.endswith(" ...`") and len(given) < 330
    assert k == "- given, `k`: `3`"
    assert "... " in got and "another" in got and "chunk 69" in got and "another" not in expected
    assert "chunk 70" in expected and len(got) < 330


def test_equal_long_values_and_single_ones_are_shown_from_their_beginning():
    assert example({"you returned": "x" * 900}).startswith("\n\n- you returned: `'xxx")
    assert example({"given": None, "you returned": None, "expected": None}) == ""
    assert example({"given": {}}) == "\n\n- given: `{}`"


def test_numbers_are_shown_with_six_digits():
    assert example({"you returned": (0.1 + 0.2, float("nan"), 1 / 3)}) == "\n\n- you returned: `(0.3, nan, 0.333333)`"
    both = example({"you returned": 1000001.0, "expected": 1000000.0})
    assert both == "\n\n- you returned: `1000001.0`\n- expected: `1000000.0`"


def test_words_about_a_result_have_no_quotation_marks():
    with pytest.raises(NotYet) as problem:
        must_raise(lambda text: text, [("a",)], ["text"], "this is no number: raise a ValueError")
    lines = "\n- given, `text`: `'a'`\n- you returned: `'a'`\n- expected: `a ValueError`"
    assert example(problem.value.example) == f"\n{lines}"


def test_a_number_in_a_long_value_is_cut_short(lab, said):
    lab.use(1, lambda values: list(range(1000)))
    (line,) = [line for line in said().splitlines() if line.startswith("- you returned")]
    assert line.endswith(" ...")
    assert len(line) < 330


# ------------------------------------------------------------------ hint, solution


def test_hints_come_one_by_one_are_counted_and_end(lab, said):
    for _ in range(4):
        lab.hint(1)
    lines = said().splitlines()
    assert lines[:2] == ["Hint 1 of 2: Multiply.", "Hint 2 of 2: Use 2 * value."]
    assert lines[2:] == ["There are no more hints. lab.solution(1) shows the reference."] * 2
    assert "| 1 | Double | ○ not attempted | 0 | 4 |" in str(lab.progress())


def test_the_next_hint_is_known_after_reopening(lab, open_lab, said):
    lab.hint(1)
    reopened = open_lab()
    said()
    reopened.hint(1)
    assert said() == "Hint 2 of 2: Use 2 * value.\n"


def test_the_solution_is_the_source_of_the_reference(lab, said):
    lab.solution(1)
    assert inspect.getsource(double).rstrip() in said()
    lab.solution(3)
    assert "42" in said()


# ------------------------------------------------------------------ predict, reveal


def test_a_prediction_is_kept_and_put_beside_the_measurement(lab, open_lab, said):
    lab.predict("codes", "Which wins?", ["BM25", "dense"])
    assert said() == "Predict. Which wins?\n- BM25\n- dense\n"
    lab.choose("codes", "dense")
    lab.predict("codes", "Which wins?", ["BM25", "dense"])
    assert said() == "Predict. Which wins?\n- BM25\n- dense (your choice)\n"
    open_lab().reveal("codes", "0.8 against 0.6.", answer="BM25")
    last = said().splitlines()[-1].replace("*", "")
    assert last == "You said: dense. Measured: 0.8 against 0.6. Your prediction did not hold: it was BM25."
    lab.choose("codes", "BM25")
    lab.reveal("codes", "0.8 against 0.6", answer="BM25")
    assert said().replace("*", "") == "You said: BM25. Measured: 0.8 against 0.6. Your prediction held.\n"


def test_without_a_prediction_the_measurement_is_still_shown(lab, said):
    lab.reveal("codes", 0.8, answer="BM25")
    assert said() == "You made no prediction. Measured: 0.8. That speaks for: BM25.\n"
    lab.choose("codes", "dense")
    lab.choose("codes", None)  # taken back
    lab.reveal("codes", 0.8)
    assert said() == "You made no prediction. Measured: 0.8.\n"


def test_a_prediction_without_a_clear_answer_gets_no_verdict(lab, said):
    lab.choose("codes", "dense")
    lab.reveal("codes", 0.8)
    assert "prediction" not in said().lower()


# ------------------------------------------------------------------ progress and coming back


def test_the_first_line_says_where_to_continue(open_lab, said):
    lab = open_lab()
    assert said() == "Lab 9.9: 0 of 4 exercises done, none done yet.\n"
    lab.use(1, doubled), lab.use(2, firstly), lab.use(3, 42), said()
    lab = open_lab()
    assert said() == "Lab 9.9: 3 of 4 exercises done, continue at exercise 4.\n"
    lab.use(4, doubled), said()
    open_lab()
    assert said() == "Lab 9.9: 4 of 4 exercises done, all done.\n"


def test_the_first_open_exercise_is_named_even_when_later_ones_are_done(lab, open_lab, said):
    lab.use(1, doubled), lab.use(4, doubled), said()
    open_lab()
    assert said() == "Lab 9.9: 2 of 4 exercises done, continue at exercise 2.\n"


def test_the_table_counts_attempts_and_hints(lab):
    (
        lab.use(1, ...),
        lab.use(1, firstly),
        lab.use(1, doubled),
        lab.use(2, firstly),
        lab.use(3, 41),
        lab.hint(3),
        lab.use(4, ...),
    )
    assert str(lab.progress()).splitlines() == [
        "| | exercise | state | attempts | hints |",
        "|---|---|---|---|---|",
        "| 1 | Double | ✔ passed | 2 | 0 |",
        "| 2 | First | ✔ passed | 1 | 0 |",
        "| 3 | Answer | ✘ not yet | 1 | 1 |",
        "| 4 | Again | ○ not attempted | 0 | 0 |",
    ]


def test_once_passed_stays_passed(lab):
    for candidate in (doubled, firstly, ..., lambda values: 1 / 0):
        lab.use(1, candidate)
    assert "| 1 | Double | ✔ passed | 3 | 0 |" in str(lab.progress())


def test_running_cells_out_of_order_is_no_error(lab, said):
    lab.reveal("unknown key", 1)
    lab.use(4, ...)
    lab.hint(2)
    assert "Traceback" not in said()


def test_a_damaged_record_does_not_stop_the_lab(open_lab, tmp_path, said):
    (tmp_path / "progress.json").write_text("{")
    lab = open_lab()
    assert "was set aside" in said()
    assert lab.use(1, doubled) is doubled
    assert Progress(tmp_path / "progress.json", "9.9").read()["exercises"]["1"]["outcome"] == "passed"


# ------------------------------------------------------------------ views


def test_the_view_is_markdown_in_a_notebook_and_plain_text_elsewhere():
    view = Outcome("not yet", "Exercise 1", "Use `2 * value`.", "Added two").view
    assert view._repr_markdown_() == "✘ **Exercise 1: not yet.** **Added two.** Use `2 * value`."
    assert str(view) == repr(view) == "✘ Exercise 1: not yet. Added two. Use 2 * value."


def test_a_notebook_gets_the_markdown(lab, monkeypatch):
    import IPython
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(IPython.display, "display", shown.append)
    lab.use(1, doubled)
    lab.hint(1)
    assert [view._repr_markdown_() for view in shown] == ["✔ **Exercise 1: passed.**", "Hint 1 of 2: Multiply."]


# ------------------------------------------------------------------ judging


def test_a_candidate_that_sleeps_in_a_loop_is_stopped():
    def mine(values):
        while True:
            time.sleep(0.01)

    outcome = judge(Exercise(1, "Double", double, check_double, (), (), time_limit_s=0.2), mine)
    assert (outcome.kind, outcome.message[:40]) == ("error", "Your code did not finish within 0.2 s, s")


def test_a_value_is_not_spoiled_by_the_check():
    def check(candidate):
        candidate.append(1)

    values = [3]
    assert judge(Exercise(1, "List", [3], check, (), ()), values).kind == "passed"
    assert values == [3]


def test_a_starter_with_a_guard_is_not_attempted_until_the_dots_are_replaced():
    def starter(values):
        """Twice each value."""
        if not len(values):
            raise ValueError("no values")
        ...

    def with_dots_left(values):
        return [value * 2 for value in values]
        ...

    def forgetful(values):
        [value * 2 for value in values]

    kinds = [judge(EXERCISES[0], candidate).kind for candidate in (starter, with_dots_left, forgetful)]
    assert kinds == ["not attempted", "passed", "not yet"]


def test_a_method_or_callable_object_is_attempted():
    class Doubler:
        def __call__(self, values):
            return doubled(values)

    for candidate in (Doubler(), Doubler().__call__, partial(doubled), lambda values: [value * 2 for value in values]):
        assert judge(EXERCISES[0], candidate).kind == "passed"


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.001, False),
        (float("nan"), float("nan"), True),
        (True, 1, False),
        ([1, 2], (1, 2), False),
        ([1.0, "a"], [1, "a"], True),
        ([1], [1, 2], False),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-12]), True),
        (np.array([1.0]), [1.0], False),
        (np.zeros((2, 3)), np.zeros((3, 2)), False),
        (np.array([1]), np.array(["a"]), False),
        ("a", "a", True),
        ({"a": 1}, {"a": 1}, True),
        ("1", 1, False),
    ],
)
def test_sameness(a, b, alike):
    assert same(a, b) is alike
    assert same(b, a) is alike


@pytest.mark.parametrize("leave", [SystemExit, KeyboardInterrupt])
def test_a_candidate_that_leaves_the_program_is_an_error_in_its_own_line(leave):
    def mine(values):
        raise leave(3)

    outcome = judge(Exercise(1, "Double", double, check_double, (), ()), mine)
    assert outcome.kind == "error"
    assert "raise leave(3)" in outcome.message


# ------------------------------------------------------------------ the reference is not an attempt


def _calls_it(values):
    return double(values)


class _HoldsIt:
    def __call__(self, values):
        return double(values)


def _wrapper(function):
    @functools.wraps(function)
    def wrapped(*args):
        return function(*args)

    return wrapped


BORROWED = {
    "itself": double,
    "partial": partial(double),
    "wraps": _wrapper(double),
    "cache": functools.lru_cache(double),
    "lambda": lambda values: double(values),
    "function": _calls_it,
    "object": _HoldsIt(),
    "bound": _HoldsIt().__call__,
    "partial of a lambda": partial(lambda function, values: function(values), double),
    "copy": types.FunctionType(double.__code__, dict(double.__globals__), "mine"),
}


@pytest.mark.parametrize("candidate", BORROWED.values(), ids=BORROWED)
def test_the_reference_in_whatever_wrapping_is_no_attempt(candidate, lab, said):
    assert judge(EXERCISES[0], candidate).kind == "not attempted"
    assert lab.use(1, candidate) is double
    assert "This is the reference that the lab went on with; write your own" in said()
    assert "| 1 | Double | ○ not attempted | 0 | 0 |" in str(lab.progress())
    assert lab.use(1, doubled) is doubled
    assert lab.use(1, candidate) is double
    assert "| 1 | Double | ✔ passed | 1 | 0 |" in str(lab.progress())


def test_the_check_cell_run_twice_passes_nothing(lab):
    for number in lab.exercises:
        work = lab.use(number, ...)
        for _ in range(3):
            work = lab.use(number, work)
    assert "passed" not in str(lab.progress())


def test_own_work_run_twice_stays_passed(lab, said):
    work = doubled
    for _ in range(3):
        work = lab.use(1, work)
        assert said() == "✔ Exercise 1: passed.\n"
    assert work is doubled


VALUES = [7, 0, 2.5, "a", "long word", (1, 2), [1, 2], {"a": 1}, np.arange(3), np.float64(2), frozenset("ab")]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_got_from_use_is_no_attempt_but_the_same_value_typed_is(value, tmp_path, monkeypatch):
    def check(candidate):
        if not same(candidate, value) and candidate != value:
            raise NotYet("another value")

    module = types.ModuleType("llm_workbook.labs.lab_9_9.exercises")
    module.EXERCISES = [Exercise(1, "Value", value, check, (), ())]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    lab = Lab(Settings("9.9", results_dir=tmp_path))
    got = lab.use(1, "wrong")
    assert isinstance(got, type(value)) and np.all(got == value)
    assert lab.use(1, got) is not None
    assert Progress(tmp_path / "progress.json", "9.9").read()["exercises"]["1"]["outcome"] != "passed"
    assert np.all(lab.use(1, json_free_copy(value)) == value)
    assert Progress(tmp_path / "progress.json", "9.9").read()["exercises"]["1"]["outcome"] == "passed"


def json_free_copy(value):
    """What a learner would type."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return type(value)(list(value)) if isinstance(value, tuple | list | frozenset) else type(value)(value)


def test_what_use_hands_out_can_be_changed_without_harm_to_the_reference(tmp_path, monkeypatch):
    module = types.ModuleType("llm_workbook.labs.lab_9_9.exercises")
    module.EXERCISES = [Exercise(1, "List", [1, 2], lambda candidate: None, (), ())]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    lab = Lab(Settings("9.9", results_dir=tmp_path))
    lab.use(1, ...).append(3)
    assert lab.use(1, ...) == [1, 2]


def test_a_function_that_recalls_itself_is_the_learners_own():
    def double(values):
        return [2 * values[0], *double(values[1:])] if values else []

    assert judge(EXERCISES[0], double).kind == "passed"


# ------------------------------------------------------------------ time


def _exercise(check=check_double, reference=double, **others):
    return Exercise(1, "Double", reference, check, (), (), **others)


def check_ten(candidate):
    for length in range(10):
        if candidate([1] * length) != [2] * length:
            raise NotYet("not doubled", given=length)


def test_right_but_slow_is_passed_and_said():
    def mine(values):
        time.sleep(0.06)
        return doubled(values)

    outcome = judge(_exercise(check_ten, time_limit_s=0.3), mine)
    assert outcome.kind == "passed"
    assert re.match(r"Right, but slow: the check took 0\.\d s, with the reference 0\.0 s\.", outcome.message)


def test_a_loop_without_an_end_in_one_case_names_the_case():
    def mine(values):
        while len(values) == 3:
            pass
        return doubled(values)

    outcome = judge(_exercise(check_ten, time_limit_s=0.3), mine)
    assert outcome.kind == "error"
    assert outcome.message.startswith("3 calls gave a result, but the next did not within 0.3 s")
    assert "given: `[1, 1, 1]`" in outcome.message


def test_too_slow_for_the_whole_check_is_not_taken_for_endless():
    def mine(values):
        time.sleep(0.1)
        return doubled(values)

    def check(candidate):
        for length in range(1000):
            candidate([1] * length)

    outcome = judge(_exercise(check, time_limit_s=0.2), mine)
    assert outcome.kind == "not yet"
    assert "no mistake was seen" in outcome.message and "too slow" in outcome.message


def test_a_slow_wrong_answer_is_told_its_mistake():
    def mine(values):
        time.sleep(0.25)
        return values

    exercise = replace(EXERCISES[0], time_limit_s=0.3, probes=[([number],) for number in range(100)])
    outcome = judge(exercise, mine)
    assert (outcome.kind, outcome.message[:11]) == ("not yet", "Not doubled")


def test_code_that_cannot_be_stopped_is_said_to_run_on():
    ends = time.monotonic() + 3.5

    def mine(values):
        while time.monotonic() < ends:
            try:
                time.sleep(0.01)
            except BaseException:
                continue

    outcome = judge(_exercise(time_limit_s=0.2), mine)
    assert outcome.kind == "error"
    assert "could not be stopped" in outcome.message and "restart the kernel" in outcome.message


def test_a_result_that_never_ends_is_stopped_too():
    class Endless:
        def __eq__(self, other):
            while True:
                pass

        __hash__ = None

    assert judge(_exercise(time_limit_s=0.2), lambda values: Endless()).kind == "error"


# ------------------------------------------------------------------ odd candidates, and the kernel after them


class _Kind:
    def __init__(self, values):
        self.values = values


class _Broken:
    def __init__(self, values):
        raise RuntimeError("broken")


async def _later(values):
    return doubled(values)


async def _async_yield(values):
    yield 1


def _yields(values):
    yield from doubled(values)


class _Raises:
    """Nothing about it can be asked."""

    def _no(self, *_):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __bool__ = __len__ = __iter__ = __format__ = __deepcopy__ = _no
    __hash__ = None


class _UglyError(Exception):
    def __str__(self):
        raise ValueError("no words")


def _ugly(values):
    raise _UglyError


def _deep(values):
    return _deep(values)


ODD = {
    "class": (_Kind, "not yet", "type `_Kind`"),
    "class that raises": (_Broken, "error", "RuntimeError: broken"),
    "built-in": (sum, "not yet", "Not doubled"),
    "built-in that raises": (ord, "error", "TypeError"),
    "coroutine": (_later, "not yet", "`async`"),
    "async generator": (_async_yield, "not yet", "`async`"),
    "generator": (_yields, "not yet", "`yield`"),
    "object without manners": (lambda values: _Raises(), "not yet", ""),
    "error without words": (_ugly, "error", "_UglyError"),
    "recursion": (_deep, "error", "RecursionError"),
    "exit": (lambda values: sys.exit(3), "error", "SystemExit"),
    "interrupt": (lambda values: _interrupt(), "error", "KeyboardInterrupt"),
    "question": (lambda values: input("How much? "), "error", "input()"),
    "too many arguments": (lambda: 1, "error", "TypeError"),
    "module": (json, "not yet", "A function is expected"),
}


def _interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("candidate, kind, words", ODD.values(), ids=ODD)
def test_an_odd_candidate_is_judged_in_words(candidate, kind, words, lab, recwarn):
    exercise = replace(EXERCISES[0], check=check_length)
    for one in (exercise, replace(exercise, check=check_double)):
        outcome = judge(one, candidate)
        assert outcome.kind == kind if one is exercise else outcome.kind in ("not yet", "error"), outcome
    outcome = judge(exercise, candidate)
    assert words in outcome.message and "Traceback" not in outcome.message
    assert lab.use(1, candidate) is double
    assert not [one for one in recwarn if "never awaited" in str(one.message)]


def check_length(candidate):
    for values in ([1, 2], [], [-3.5]):
        got = candidate(values)
        if not isinstance(got, list):
            got = _type_said(got)
        if got != double(values):
            raise NotYet("not doubled", given=values, got=got)


def _type_said(got):
    if isinstance(got, int | float):
        return got
    raise NotYet(f"a list is expected, not the type `{type(got).__name__}`", got=got)


def test_a_misconception_that_cannot_be_compared_costs_nothing():
    def raising(a, b):
        raise TypeError("cannot compare")

    outcome = judge(replace(EXERCISES[0], alike=raising), lambda values: values)
    assert (outcome.kind, outcome.misconception) == ("not yet", "")


def test_a_flood_of_printing_is_cut(lab, said):
    def mine(values):
        for number in range(100_000):
            print("line", number)
        return doubled(values)

    assert lab.use(1, mine) is mine
    text = said()
    assert len(text) < 30_000 and "line 0\nline 1\n" in text
    assert "left out" in text and text.endswith("✔ Exercise 1: passed.\n")


def test_the_kernel_is_left_as_it_was(lab, tmp_path):
    import torch

    state = lambda: (  # noqa: E731
        random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist(), torch.get_num_threads(),
        torch.get_default_dtype(), list(warnings.filters), dict(os.environ), os.getcwd(), sys.getrecursionlimit(),
        list(sys.path), np.geterr(), np.get_printoptions()["precision"], sys.stdout, sys.stdin, builtins.input,
    )  # fmt: skip

    def mine(values):
        random.seed(1), np.random.seed(1), torch.manual_seed(1), torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64), warnings.simplefilter("ignore"), os.chdir(tmp_path)
        os.environ["LEFT_BEHIND"] = "1"
        sys.setrecursionlimit(1500), sys.path.insert(0, "nowhere"), np.seterr(all="ignore")
        np.set_printoptions(precision=2)
        sys.stdout = sys.stdin = open(os.devnull)  # noqa: SIM115
        builtins.input = lambda *_: "7"
        return doubled(values)

    before = state()
    assert lab.use(1, mine) is mine
    assert state() == before


def test_the_stop_button_stops_a_check(lab):
    def mine(values):
        threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT)).start()
        time.sleep(0.05)
        while True:
            time.sleep(0.01)

    out, ask = sys.stdout, builtins.input
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job of the background
    try:
        with pytest.raises(KeyboardInterrupt):
            lab.use(1, mine)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sys.stdout is out and builtins.input is ask


# ------------------------------------------------------------------ text from outside in Markdown

EVIL = "`a` $5 and $6 ![x](http://evil/a.png) </div> <script>1</script> **b** | c"


def _active(markdown):
    """What a notebook would render: images, raw HTML, formulas."""
    import markdown_it

    parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table")
    kinds = {token.type for block in parser.parse(markdown) for token in (block, *(block.children or ()))}
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)
    return kinds & {"image", "link_open", "html_inline", "html_block"} | ({"formula"} if "$" in outside else set())


class _Evil:
    def __repr__(self):
        return EVIL


def _evil_error(values):
    raise ValueError(EVIL)


def _evil_line(values):
    return values / len(f"{values} ![x](http://evil/a.png) ` $5 $6 </div>" * 0)


@pytest.mark.parametrize("value", [EVIL, [EVIL], _Evil(), {EVIL: 1}, type(EVIL, (), {})(), np.array([EVIL])], ids=str)
def test_a_value_is_shown_letter_by_letter(value):
    outcome = judge(replace(EXERCISES[0], check=check_equal), lambda values: value)
    assert outcome.kind == "not yet"
    assert _active(outcome.view.markdown) == set()


def check_equal(candidate):
    got = candidate([1])
    raise NotYet("not doubled", given=EVIL, got=got, expected=[2])


@pytest.mark.parametrize("candidate", [_evil_error, _evil_line])
def test_an_error_is_shown_letter_by_letter(candidate):
    outcome = judge(EXERCISES[0], candidate)
    assert outcome.kind == "error" and _active(outcome.view.markdown) == set()
    if candidate is _evil_error:
        assert "![x](http://evil/a.png)" in str(outcome.view)


def test_a_long_value_and_one_without_a_repr_are_shown_short():
    for value in ("x" * 10_000, _Raises(), np.zeros((500, 500)), [[1] * 9999] * 9999):
        outcome = judge(replace(EXERCISES[0], check=check_equal), lambda values, value=value: value)
        assert outcome.kind == "not yet" and len(outcome.message) < 1500
        assert "you returned" in outcome.message


def test_false_zero_and_empty_results_are_shown():
    for value in (False, 0, "", []):
        outcome = judge(replace(EXERCISES[0], check=check_equal), lambda values, value=value: value)
        assert f"you returned: `{value!r}`" in outcome.message


# ------------------------------------------------------------------ solutions of every kind


class _Class:
    """A class as reference."""

    def __init__(self, values):
        self.values = values


def fenced(values):
    """Three backticks:

    ```python
    fenced([1])
    ```
    """
    return values


SOLUTIONS = {
    "docstring": (double, '"""Each value twice as large."""'),
    "fences": (fenced, "fenced([1])\n"),
    "lambda": (lambda values: [2 * value for value in values], "lambda values: [2 * value for value in values]"),
    "partial": (partial(double), "def double(values):"),
    "class": (_Class, "class _Class:"),
    "object": (_HoldsIt(), "class _HoldsIt:"),
    "built-in": (sorted, "sorted"),
    "no source": (eval("lambda values: values"), "no source"),
    "value": ({"a": [1, 2]}, "{'a': [1, 2]}"),
    "text": ("with ```` fences", "'with ```` fences'"),
}


@pytest.mark.parametrize("reference, shown", SOLUTIONS.values(), ids=SOLUTIONS)
def test_a_solution_of_every_kind_is_shown(reference, shown, tmp_path, monkeypatch, said):
    module = types.ModuleType("llm_workbook.labs.lab_9_9.exercises")
    module.EXERCISES = [Exercise(1, "Value", reference, lambda candidate: None, (), ())]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    lab = Lab(Settings("9.9", results_dir=tmp_path))
    shows = []
    monkeypatch.setattr("llm_workbook.exercises.engine.show", shows.append)
    lab.solution(1)
    lab.hint(1), lab.hint(1)  # beyond the last: there is none
    fence, *_, last = shows[0].markdown.splitlines()
    assert fence.strip("`") == "python" and fence == last + "python"
    assert shown in shows[0].markdown and f"\n{last}\n" not in shows[0].markdown
    assert [view.markdown for view in shows[1:]] == [
        "There are no more hints. `lab.solution(1)` shows the reference."
    ] * 2


# ------------------------------------------------------------------ predictions


def test_a_choice_that_is_no_longer_offered_is_dropped(lab, said):
    lab.predict("codes", "Which wins?", ["BM25", "dense"])
    lab.choose("codes", "dense")
    lab.predict("codes", "Which wins?", ["sparse", "late interaction"])
    assert "your choice" not in said()
    lab.reveal("codes", 0.8, answer="sparse")
    assert "You made no prediction" in said()


def test_a_number_as_an_option_is_kept(lab, said):
    lab.predict("n", "How many?", [np.int64(3), 4.5])
    lab.choose("n", np.int64(3))
    lab.predict("n", "How many?", [np.int64(3), 4.5])
    assert "- 3 (your choice)" in said()
    lab.reveal("n", 3, answer=np.int64(3))
    assert "Your prediction held" in said().replace("*", "")


def test_measured_text_is_shown_letter_by_letter(lab, monkeypatch):
    shows = []
    monkeypatch.setattr("llm_workbook.exercises.engine.show", shows.append)
    lab.predict("cost", "Which?", [EVIL, "none"])
    lab.choose("cost", EVIL)
    lab.reveal("cost", EVIL, answer="none")
    lab.reveal("cost", f"it said {EVIL!r}...", answer=EVIL)
    for view in shows[1:]:
        assert _active(view.markdown) == set()
        assert "![x](http://evil/a.png)" in str(view)
    assert "'...." not in str(shows[-1]) and "'..." in str(shows[-1])


def test_the_same_key_in_two_labs_is_two_predictions(lab, tmp_path, monkeypatch, said):
    module = types.ModuleType("llm_workbook.labs.lab_9_8.exercises")
    module.EXERCISES = EXERCISES
    monkeypatch.setitem(sys.modules, module.__name__, module)
    other = Lab(Settings("9.8", results_dir=tmp_path))
    lab.choose("codes", "dense")
    other.choose("codes", "BM25")
    said()
    lab.reveal("codes", 1)
    other.reveal("codes", 1)
    assert said().replace("*", "") == "You said: dense. Measured: 1.\nYou said: BM25. Measured: 1.\n"


def test_the_buttons_use_what_both_versions_of_ipywidgets_have(lab, monkeypatch):
    made = {}

    class RadioButtons:
        def __init__(self, options, value=None, layout=None):  # all that is common to 7.7 and 8
            made.update(options=options, value=value)

        def observe(self, handler, names):
            made["press"] = lambda option: handler({"new": option})

    monkeypatch.setitem(sys.modules, "ipywidgets", types.SimpleNamespace(RadioButtons=RadioButtons))
    monkeypatch.setattr("llm_workbook.exercises.engine.interactive", lambda: True)
    lab.predict("codes", "Which wins?", ("BM25", "dense"))
    assert made["options"] == ["BM25", "dense"] and made["value"] is None
    made["press"]("dense")
    lab.predict("codes", "Which wins?", ("BM25", "dense"))
    assert made["value"] == "dense"


def test_a_constant_is_an_attempt():
    for candidate in (lambda values: 1, lambda values: "a", lambda values: False):
        assert judge(EXERCISES[0], candidate).kind == "not yet"


@pytest.mark.parametrize("number", ["1", [1], None, 1.5, double])
def test_a_number_that_is_none_is_a_sentence(lab, number):
    with pytest.raises(ValueError, match=r"^lab 9.9 has no exercise .*; it has 1, 2, 3, 4$"):
        lab.use(number, doubled)


def test_a_number_of_another_type_counts_for_the_same_exercise(lab):
    lab.use(1.0, doubled), lab.hint(np.int64(1))
    assert "| 1 | Double | ✔ passed | 1 | 1 |" in str(lab.progress())
