"""The exercise engine as a learner meets it: predict, use, hint, solution, reveal, progress, and coming back later."""

import inspect
import json
import sys
import types
from functools import partial

import numpy as np
import pytest

from llm_workbook.exercises.engine import Exercise, Lab, Misconception, NotYet, Outcome, judge, same
from llm_workbook.exercises.progress import Progress
from llm_workbook.settings import Settings


def double(values):
    """Each value twice as large."""
    return [2 * value for value in values]


def check_double(candidate):
    for values in ([1, 2], [], [-3.5]):
        if (got := candidate(values)) != double(values):
            raise NotYet("not doubled", given=values, got=got, expected=double(values))


def first(values):
    """The first value."""
    return values[0]


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
    assert text.startswith("✘ Exercise 1: not yet. not doubled.")
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
        return double(values)

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
    for call in (lambda: lab.use(7, double), lambda: lab.hint(7), lambda: lab.solution(7)):
        with pytest.raises(ValueError, match="^lab 9.9 has no exercise 7; it has 1, 2, 3, 4$"):
            call()


@pytest.mark.parametrize("unknown", ["9.8", "nonsense"])
def test_an_unknown_lab_is_a_sentence(tmp_path, unknown):
    from llm_workbook import start

    with pytest.raises(ValueError, match=f"unknown lab '{unknown}': this workbook has 0, 1.1"):
        start(unknown, results_dir=tmp_path)


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
    assert (
        said()
        == "You made no prediction; make one next time, it is how you learn most. Measured: 0.8. That speaks for:"
        " BM25.\n"
    )
    lab.choose("codes", "dense")
    lab.choose("codes", None)  # taken back
    lab.reveal("codes", 0.8)
    assert said() == "You made no prediction; make one next time, it is how you learn most. Measured: 0.8.\n"


def test_a_prediction_without_a_clear_answer_gets_no_verdict(lab, said):
    lab.choose("codes", "dense")
    lab.reveal("codes", 0.8)
    assert "prediction" not in said().lower()


# ------------------------------------------------------------------ progress and coming back


def test_the_first_line_says_where_to_continue(open_lab, said):
    lab = open_lab()
    assert said() == "Lab 9.9: 0 of 4 exercises done, none done yet.\n"
    lab.use(1, double), lab.use(2, first), lab.use(3, 42), said()
    lab = open_lab()
    assert said() == "Lab 9.9: 3 of 4 exercises done, continue at exercise 4.\n"
    lab.use(4, double), said()
    open_lab()
    assert said() == "Lab 9.9: 4 of 4 exercises done, all done.\n"


def test_the_first_open_exercise_is_named_even_when_later_ones_are_done(lab, open_lab, said):
    lab.use(1, double), lab.use(4, double), said()
    open_lab()
    assert said() == "Lab 9.9: 2 of 4 exercises done, continue at exercise 2.\n"


def test_the_table_counts_attempts_and_hints(lab):
    (
        lab.use(1, ...),
        lab.use(1, first),
        lab.use(1, double),
        lab.use(2, first),
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
    for candidate in (double, first, ..., lambda values: 1 / 0):
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
    assert lab.use(1, double) is double
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
    lab.use(1, double)
    lab.hint(1)
    assert [view._repr_markdown_() for view in shown] == ["✔ **Exercise 1: passed.**", "Hint 1 of 2: Multiply."]


# ------------------------------------------------------------------ judging


def test_a_candidate_that_sleeps_in_a_loop_is_stopped():
    import time

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


def test_a_method_or_callable_object_is_attempted():
    class Doubler:
        def __call__(self, values):
            return double(values)

    for candidate in (Doubler(), Doubler().__call__, partial(double), lambda values: [value * 2 for value in values]):
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
