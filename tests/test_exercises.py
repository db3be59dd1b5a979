"""Every exercise of every lab: what is not attempted, right, wrong, raising or endless gets the outcome meant for it.

A new lab needs no test of its own: its room in llm_workbook/labs/ is found on disk.
"""

import ast
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alternatives import RIGHT, WRONG
from mutants import ENOUGH, share_caught, try_mutants

from llm_workbook import labs
from llm_workbook.exercises.engine import Exercise, Lab, Misconception, NotYet, Outcome, judge, same
from llm_workbook.settings import ROOT, Settings
from tools.build_labs import learner, read

MODULES = sorted(path.parent.name for path in Path(labs.__file__).parent.glob("lab_*/exercises.py"))
ALL = [
    (name, exercise)
    for name in MODULES
    for exercise in importlib.import_module(f"llm_workbook.labs.{name}.exercises").EXERCISES
]
each_exercise = pytest.mark.parametrize(
    "exercise", [pytest.param(one, id=f"{module}-{one.number}") for module, one in ALL]
)
each_lab = pytest.mark.parametrize("module", MODULES)
ODD = (
    "text",
    "",
    3.5,
    -1,
    float("nan"),
    True,
    [],
    [None],
    {},
    {"a": 1},
    (),
    np.zeros((2, 3)),
    np.array(["a"]),
    object(),
    iter("ab"),
)


def _stub(reference: Callable, words: str) -> Callable:
    """What stands in the learner's notebook: the reference's signature, perhaps its docstring, and three dots."""
    kept = [one.replace(annotation=one.empty) for one in inspect.signature(reference).parameters.values()]
    names: dict[str, Any] = {}
    exec(f"def stub{inspect.Signature(kept)}:\n    {words}...", names)
    return names["stub"]


def _raising(*args, **options):
    raise RuntimeError("my own mistake")


def _endless(*args, **options):
    while True:
        pass


def _forgetful(*args, **options):
    _answer = (args, options)


def _returning(value: Any) -> Callable:
    return lambda *args, **options: value


def _as_answer(exercise: Exercise, value: Any) -> Any:
    return _returning(value) if callable(exercise.reference) else value


def _only_functions(exercise: Exercise) -> None:
    if not callable(exercise.reference):
        pytest.skip("the answer is a value, so there is no code that could do this")


# ------------------------------------------------------------------ every exercise


@each_lab
def test_exercises_are_numbered_from_one(module):
    numbers = [exercise.number for name, exercise in ALL if name == module]
    assert numbers == [*range(1, len(numbers) + 1)]


@each_exercise
def test_untouched_is_not_attempted(exercise):
    untouched = [..., None]
    if callable(exercise.reference):
        untouched += [
            _stub(exercise.reference, words)
            for words in ("", '"""What to do."""\n    ', '"""Two.\n\n    Lines."""\n\n    ')
        ]
    assert [judge(exercise, candidate).kind for candidate in untouched] == ["not attempted"] * len(untouched)


def _own_copy(reference: Any) -> Callable:
    """The reference as a learner would have typed it: the same source, written elsewhere."""
    names = dict(reference.__globals__)
    exec(compile(textwrap.dedent(inspect.getsource(reference)), "<cell>", "exec"), names)
    return names[reference.__name__]


@each_exercise
def test_the_same_code_typed_by_the_learner_passes_twice(exercise):
    own = _own_copy(exercise.reference)
    assert [judge(exercise, own) for _ in range(2)] == [Outcome("passed", f"Exercise {exercise.number}")] * 2


@each_exercise
def test_the_reference_is_no_attempt(exercise):
    reference = exercise.reference
    borrowed = (
        reference,
        functools.partial(reference),
        functools.wraps(reference)(lambda *args: reference(*args)),
        lambda *args, **options: reference(*args, **options),
        _Holds(reference),
    )
    assert [judge(exercise, one).kind for one in borrowed] == ["not attempted"] * len(borrowed)


class _Holds:
    def __init__(self, work):
        self.work = work

    def __call__(self, *args, **options):
        return self.work(*args, **options)


@each_lab
def test_a_check_cell_run_twice_passes_nothing_and_own_work_passes_afterwards(module, tmp_path):
    lab = Lab(Settings(module.removeprefix("lab_").replace("_", "."), results_dir=tmp_path))
    for number, exercise in lab.exercises.items():
        work = _stub(exercise.reference, "")
        for _ in range(3):
            work = lab.use(number, work)
        assert work is exercise.reference
    assert "passed" not in str(lab.progress())
    for number, exercise in lab.exercises.items():
        own = _own_copy(exercise.reference)
        for _ in range(2):
            assert lab.use(number, own) is own
        lab.use(number, exercise.reference)  # the record stays
    assert str(lab.progress()).count("✔ passed | 2") == len(lab.exercises)


@each_lab
def test_the_reference_of_a_freshly_loaded_module_is_no_attempt_either(module):
    modules = [
        importlib.import_module(name)
        for name in (f"llm_workbook.taught.{module}", f"llm_workbook.labs.{module}.exercises")
    ]
    before = [dict(vars(one)) for one in modules]
    old = {exercise.number: exercise for exercise in modules[1].EXERCISES}
    try:
        fresh = [importlib.reload(one) for one in modules][-1]
        for exercise in fresh.EXERCISES:
            assert judge(exercise, _own_copy(exercise.reference)).kind == "passed"
            assert judge(exercise, old[exercise.number].reference).kind == "not attempted"
            assert judge(old[exercise.number], exercise.reference).kind == "not attempted"
    finally:  # other tests hold the classes of the first import
        for one, names in zip(modules, before, strict=True):
            vars(one).update(names)


def _each(ways: dict) -> pytest.MarkDecorator:
    exercises = {(module, exercise.number): exercise for module, exercise in ALL}
    return pytest.mark.parametrize(
        ("exercise", "candidate"),
        [
            pytest.param(exercises[key], one, id=f"{key[0]}-{key[1]}-{getattr(one, '__name__', place)}-{place}")
            for key, them in ways.items()
            for place, one in enumerate(them)
        ],
    )


def test_every_exercise_has_three_right_ways_and_two_more_wrong_ones():
    for module, exercise in ALL:
        assert len(RIGHT[module, exercise.number]) >= 3, (module, exercise.number)
        assert len(WRONG[module, exercise.number]) >= 2, (module, exercise.number)


@_each(RIGHT)
def test_another_right_way_passes(exercise, candidate):
    outcome = judge(exercise, candidate)
    assert (outcome.kind, outcome.message.partition(":")[0]) in (("passed", ""), ("passed", "Right, but slow")), outcome


@_each(WRONG)
def test_another_wrong_way_does_not(exercise, candidate):
    outcome = judge(exercise, candidate)
    assert outcome.kind in ("not yet", "error") and outcome.message
    assert "could not be read" not in outcome.message


@each_exercise
def test_each_misconception_is_recognised_by_its_own_name(exercise):
    assert len(exercise.misconceptions) >= 2
    for known in exercise.misconceptions:
        outcome = judge(exercise, known.wrong)
        assert (outcome.kind, outcome.misconception.lower(), outcome.message) == (
            "not yet",
            known.name.lower(),
            known.message,
        )
        assert known.message in outcome.view.markdown


@each_exercise
def test_hints_help_and_do_not_give_the_reference_away(exercise):
    assert len(exercise.hints) >= 2
    assert all(hint.strip() for hint in exercise.hints)
    for hint in exercise.hints:
        assert not _gives_away(hint, exercise.reference)


def _gives_away(hint: str, reference: Any) -> bool:
    """True when the hint holds the whole reference, however it is spaced and quoted."""
    if not callable(reference):
        return _squeezed(repr(reference)) == _squeezed(hint)
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(reference))).body
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    return _squeezed("\n".join(map(ast.unparse, body))) in _squeezed(hint)


def _squeezed(text: str) -> str:
    return re.sub(r"""[\s`'"()\\]""", "", text)


@each_exercise
def test_a_raising_candidate_is_shown_its_own_line(exercise):
    _only_functions(exercise)
    outcome = judge(exercise, _raising)
    assert outcome.kind == "error"
    assert outcome.message.startswith("RuntimeError: my own mistake")
    assert f"in line {_raising.__code__.co_firstlineno + 1} of your cell" in outcome.message
    assert '`raise RuntimeError("my own mistake")`' in outcome.message


@each_exercise
def test_returning_nothing_is_said_in_words(exercise):
    _only_functions(exercise)
    outcome = judge(exercise, _forgetful)
    assert outcome.kind == "not yet"
    assert "`return` missing" in outcome.message


@each_exercise
def test_a_wrong_type_or_shape_is_not_a_traceback(exercise):
    for value in ODD:
        if not same(value, exercise.reference):
            outcome = judge(exercise, _as_answer(exercise, value))
            assert outcome.kind in ("not yet", "error"), f"{value!r} is {outcome.kind}"
            assert outcome.message
            assert "Traceback" not in outcome.message


@each_exercise
def test_an_endless_loop_is_stopped(exercise):
    _only_functions(exercise)
    outcome = judge(replace(exercise, time_limit_s=0.3), _endless)
    assert outcome.kind == "error"
    assert "did not finish within 0.3 s" in outcome.message


@each_lab
def test_a_notebook_goes_on_after_every_outcome_and_strict_raises(module, tmp_path, capsys):
    lab = Lab(Settings(module.removeprefix("lab_").replace("_", "."), results_dir=tmp_path))
    for number, exercise in lab.exercises.items():
        own = _own_copy(exercise.reference)
        assert lab.use(number, own) is own
        assert lab.use(number, own, strict=True) is own
        for wrong in (..., None, exercise.misconceptions[0].wrong, _as_answer(exercise, object()), _raising):
            assert lab.use(number, wrong) is exercise.reference
            assert "goes on with the reference" in capsys.readouterr().out
            with pytest.raises(AssertionError, match=f"Exercise {number}"):
                lab.use(number, wrong, strict=True)


# ------------------------------------------------------------------ hints in the notebooks, errors in the tasks

SOURCES = {
    f"lab_{path.stem.split('_')[0].replace('.', '_')}": path
    for path in sorted((ROOT / "solutions").rglob("*.py"))
    if path.stem[0].isdigit()
}
OFFERED = re.compile(r"^# ?(lab\.(?:hint|solution)\(.*)$", re.MULTILINE)


@each_lab
def test_every_hint_runs_when_its_sign_is_removed(module, tmp_path, capsys):
    notebook = learner(read(SOURCES[module], ROOT))
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code" and OFFERED.search(cell.source)]
    for cell in cells:
        compile(OFFERED.sub(r"\1", cell), "<cell>", "exec")
    offered = [line for cell in cells for line in OFFERED.findall(cell)]
    numbers = [exercise.number for name, exercise in ALL if name == module]
    assert offered == [f"lab.{what}({number})" for number in numbers for what in ("hint", "solution")]
    lab = Lab(Settings(module.removeprefix("lab_").replace("_", "."), results_dir=tmp_path))
    for number, exercise in lab.exercises.items():
        capsys.readouterr()
        for _ in range(len(exercise.hints) + 1):
            exec(f"lab.hint({number})")
        exec(f"lab.solution({number})")
        said = capsys.readouterr().out
        assert said.count("Hint ") >= len(exercise.hints) and "There are no more hints." in said
        assert f"def {exercise.reference.__name__}" in said


@each_lab
def test_an_error_that_a_check_demands_is_asked_for_in_the_task(module):
    """Not in the docstring alone: of the text that a learner reads before the exercise."""
    tasks = {}
    for cell in read(SOURCES[module], ROOT).cells:
        if number := re.search(r"## Exercise (\d)", cell.source):
            tasks[int(number[1])] = cell.source
    for exercise in (one for name, one in ALL if name == module):
        if "ValueError" in inspect.getsource(exercise.reference).partition('"""\n    ')[2]:
            assert "ValueError" in tasks[exercise.number], exercise.title


# ------------------------------------------------------------------ mutants of the references


@each_lab
def test_mutants_of_the_references_are_caught(module):
    trials = [try_mutants(exercise) for name, exercise in ALL if name == module]
    report = f"{module}: {share_caught(trials):.1%} of {sum(len(trial.mutants) for trial in trials)} mutants caught\n"
    report += "\n".join(map(str, trials))
    print(report)
    assert share_caught(trials) >= ENOUGH, report
    assert not any(trial.stale_excuses for trial in trials), report


# ------------------------------------------------------------------ the harness itself


def _middle(values, low, high, keep_ends=False):
    """Numbers between low and high, doubled; of at most ten."""
    kept = []
    for value in values[:10]:
        if not (value < low and not keep_ends) and value <= high:
            kept.append(value * 2)
    return kept


def _digits(number):
    total = 0
    while number > 0:
        total += number % 10
        number //= 10
    return round(total)


CASES = [([1, 5, 9, 2, 5], 2, 5), ([3] * 12, 3, 3), ([], 0, 1), ([8, 1, 7], 7, 8)]


def _well_made(candidate: Callable) -> None:
    for case in CASES:
        for keep in (False, True):
            if candidate(*case, keep) != _middle(*case, keep):
                raise NotYet("different", got=candidate(*case, keep))
    if candidate(*CASES[0]) != _middle(*CASES[0]):
        raise NotYet("the default is different")


def _well_made_digits(candidate: Callable) -> None:
    if [candidate(number) for number in (0, 7, 10, 199, 5050)] != [0, 7, 1, 19, 10]:
        raise NotYet("different")


def _lax(candidate: Any) -> None:
    """A check that looks at nothing."""


def _exercise(reference: Any, check: Callable[[Any], None], **others: Any) -> Exercise:
    known = (Misconception("one more", 1, "one less"), Misconception("a word", "0", "a number"))
    return Exercise(1, "A title", reference, check, ("a", "b"), known, **others)


def _is_0(candidate: Any) -> None:
    if type(candidate) is not int or candidate != 0:
        raise NotYet("not 0")


@pytest.mark.parametrize(("reference", "check"), [(_middle, _well_made), (_digits, _well_made_digits), (0, _is_0)])
def test_the_harness_accepts_a_good_check_and_condemns_a_lax_one(reference, check):
    good = try_mutants(_exercise(reference, check), time_limit_s=0.3)
    assert share_caught([good]) >= ENOUGH, str(good)
    lax = try_mutants(_exercise(reference, _lax), time_limit_s=0.3)
    assert share_caught([lax]) < 0.5
    survivor = lax.survivors[0]
    assert f"line {survivor.line}: {survivor.description}" in str(lax)
    assert share_caught([good, lax]) < ENOUGH


def test_a_check_that_looks_at_the_type_only_is_condemned():
    def only_type(candidate):
        if not isinstance(candidate([1, 2], 1, 2), list):
            raise NotYet("no list")

    trial = try_mutants(_exercise(_middle, only_type))
    assert 0.1 < share_caught([trial]) < ENOUGH


def test_an_endless_mutant_counts_as_caught():
    trial = try_mutants(_exercise(_digits, _lax_but_calling), time_limit_s=0.2)
    endless = {"number //= 10 -> (deleted)", "while number > 0: -> while number >= 0:"}
    assert endless <= {mutant.description for mutant in trial.mutants}
    assert not endless & {mutant.description for mutant in trial.survivors}


def _lax_but_calling(candidate: Callable) -> None:
    candidate(1234)


def test_an_excused_mutant_is_not_counted_and_an_idle_excuse_is_reported():
    excuses = {"return round(total) -> return total": "the sum of digits is whole", "no such mutant": "no reason"}
    trial = try_mutants(_exercise(_digits, _well_made_digits, equivalent_mutants=excuses), time_limit_s=1)
    assert not trial.survivors
    assert "return round(total) -> return total" not in {mutant.description for mutant in trial.mutants}
    assert trial.stale_excuses == ["no such mutant"]


def test_each_kind_of_mistake_is_made():
    trials = [try_mutants(_exercise(reference, _lax)) for reference in (_middle, _digits, _every_kind)]
    missing = EXPECTED - {mutant.description for trial in trials for mutant in trial.mutants}
    assert not missing


def _every_kind(table, names, k):
    table = np.subtract(table, k)
    best = any(one in names and k is not None for one in names)
    top = min(table.sum(axis=0).argmax(), k - 2)
    rows = [row for row in range(k) if row % 2 == 0]
    pair = sorted(names, key=len)[-k:]
    return (best, top + 0.5) if rows else pair


EXPECTED = {
    "for value in values[:10]: -> for value in values[:11]:",
    "for value in values[:10]: -> for value in values[1:10]:",
    "for value in values[:10]: -> for value in values[:]:",
    "for value in values[:10]: -> (deleted)",
    "for value in values[:10]: -> ... break",
    (
        "if not (value < low and (not keep_ends)) and value <= high: -> if not (value <= low and (not keep_ends)) and"
        " value <= high:"
    ),
    (
        "if not (value < low and (not keep_ends)) and value <= high: -> if not (value > low and (not keep_ends)) and"
        " value <= high:"
    ),
    (
        "if not (value < low and (not keep_ends)) and value <= high: -> if not (value < low and keep_ends) and value <="
        " high:"
    ),
    (
        "if not (value < low and (not keep_ends)) and value <= high: -> if not (value < low or not keep_ends) and value"
        " <= high:"
    ),
    "kept.append(value * 2) -> kept.append(value / 2)",
    "total += number % 10 -> total -= number % 10",
    "total += number % 10 -> total = number % 10",
    (
        "best = any((one in names and k is not None for one in names)) -> best = all((one in names and k is not None"
        " for one in names))"
    ),
    (
        "best = any((one in names and k is not None for one in names)) -> best = any((one not in names and k is not"
        " None for one in names))"
    ),
    (
        "best = any((one in names and k is not None for one in names)) -> best = any((one in names and k is None for"
        " one in names))"
    ),
    (
        "best = any((one in names and k is not None for one in names)) -> return any((one in names and k is not None"
        " for one in names))"
    ),
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = max(table.sum(axis=0).argmax(), k - 2)",
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = min(table.sum(axis=1).argmax(), k - 2)",
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = min(table.sum().argmax(), k - 2)",
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = min(table.sum(axis=0).argmin(), k - 2)",
    "table = np.subtract(table, k) -> table = np.subtract(k, table)",
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = min(table.sum(axis=0).argmax(), k + 2)",
    "top = min(table.sum(axis=0).argmax(), k - 2) -> top = min(table.sum(axis=0).argmax(), 2 - k)",
    "rows = [row for row in range(k) if row % 2 == 0] -> rows = [row for row in range(k)]",
    "rows = [row for row in range(k) if row % 2 == 0] -> rows = [row for row in range(k + 1) if row % 2 == 0]",
    "rows = [row for row in range(k) if row % 2 == 0] -> rows = [row for row in range(1, k) if row % 2 == 0]",
    "pair = sorted(names, key=len)[-k:] -> pair = sorted(names, key=len)[k:]",
    "return (best, top + 0.5) if rows else pair -> return pair",
    "return (best, top + 0.5) if rows else pair -> return (best, top + 1.0) if rows else pair",
    "return (best, top + 0.5) if rows else pair -> return pair if rows else (best, top + 0.5)",
}


@pytest.mark.parametrize(
    ("hint", "gives"),
    [
        ("Use `total += number % 10`.", False),
        (textwrap.dedent(inspect.getsource(_digits)).partition(":")[2], True),
        ("", False),
    ],
)
def test_a_hint_that_holds_the_reference_is_recognised(hint, gives):
    assert _gives_away(hint, _digits) is gives
