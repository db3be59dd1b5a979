"""Mutants: the reference of an exercise with one small mistake each. A good check passes none of them.

`try_mutants(exercise)` makes them, judges them, and tells which were passed (survived). Which mistakes are made:
see `_expression`, `_statement` and `_parts`. A change that cannot be seen in any result is excused by name and with
its reason in `Exercise.equivalent_mutants`.
"""

import ast
import inspect
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from llm_workbook.exercises.engine import Exercise, judge, same

ENOUGH = 0.95
ORDER = {ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE)}
EQUAL = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
COMPARE = ORDER | EQUAL
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMMUTATIVE = ("min", "max", "minimum", "maximum", "isclose", "allclose", "array_equal")
NAMES = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "argmin": "argmax",
    "argmax": "argmin",
    "append": "remove",
}


@dataclass(frozen=True)
class Mutant:
    """One mistake. description: the statement before and after; line: in the reference's source, from 1."""

    description: str
    line: int
    candidate: Any = field(compare=False)


@dataclass(frozen=True)
class Trial:
    """What became of the mutants of one exercise."""

    exercise: Exercise
    mutants: Sequence[Mutant]
    survivors: Sequence[Mutant]
    stale_excuses: Sequence[str]

    def __str__(self) -> str:
        """How many were caught, and each survivor with its line."""
        caught = len(self.mutants) - len(self.survivors)
        lines = [f"  line {mutant.line}: {mutant.description}" for mutant in self.survivors]
        excuses = [f"  excused, but caught or not made: {description}" for description in self.stale_excuses]
        head = (
            f"exercise {self.exercise.number} ({self.exercise.title}): {caught} of {len(self.mutants)} mutants caught"
        )
        return "\n".join([head, *lines, *excuses])


def try_mutants(exercise: Exercise, time_limit_s: float = 5) -> Trial:
    """Judge every mutant of the reference; one that never ends is stopped and so counts as caught."""
    hurried = replace(exercise, time_limit_s=time_limit_s)
    mutants = list(_functions(exercise.reference) if callable(exercise.reference) else _values(exercise))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        survivors = [mutant for mutant in mutants if judge(hurried, mutant.candidate).kind == "passed"]
    excused = {mutant.description for mutant in survivors} & set(exercise.equivalent_mutants)
    counted = [mutant for mutant in mutants if mutant.description not in excused]
    alive = [mutant for mutant in survivors if mutant.description not in excused]
    return Trial(exercise, counted, alive, sorted(set(exercise.equivalent_mutants) - excused))


def share_caught(trials: Sequence[Trial]) -> float:
    """Share of all mutants of these trials that were caught, from 0 to 1."""
    total = sum(len(trial.mutants) for trial in trials)
    return 1 - sum(len(trial.survivors) for trial in trials) / total


# ------------------------------------------------------------------ values


def _values(exercise: Exercise) -> Iterator[Mutant]:
    """For an exercise whose answer is a value: the values of its misconceptions and the neighbours of the right one."""
    wrong = [(known.name, known.wrong) for known in exercise.misconceptions]
    for name, value in [*wrong, *(("a neighbour", value) for value in _neighbours(exercise.reference))]:
        if value is not None and not same(value, exercise.reference):
            yield Mutant(f"{name}: {value!r}", 1, value)


def _neighbours(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float | np.number):
        return [value + 1, value - 1, -value, 2 * value, 0, str(value), [value]]
    if isinstance(value, str):
        return [value + "s", value[1:], "", value.upper(), value.lower(), [value]]
    if isinstance(value, list | tuple):
        kind = type(value)
        changed = [kind([other, *value[1:]]) for other in (_neighbours(value[0]) if value else [])]
        return [
            value[1:],
            value[:-1],
            value[::-1],
            value + value[:1],
            kind(),
            kind(reversed(value[:2])) + value[2:],
            *changed,
        ]
    if isinstance(value, dict):
        without = [{key: one for key, one in value.items() if key != left} for left in value]
        return [{}, *without, *({**value, key: other} for key in value for other in _neighbours(value[key]))]
    if isinstance(value, set | frozenset):
        return [type(value)(), *(value - {one} for one in value), list(value)]
    if isinstance(value, np.ndarray):
        return [value + 1, -value, 2 * value, value[1:], value[::-1], value.T, value[None]]
    return []


# ------------------------------------------------------------------ functions


def _functions(reference: Callable) -> Iterator[Mutant]:
    """The reference with one change each, compiled among the names it knows; two ways to the same code count once."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    seen = {ast.unparse(tree)}
    for description, line in _changes(tree):
        source = ast.unparse(tree)
        if source not in seen:
            seen.add(source)
            names = dict(
                reference.__globals__ if hasattr(reference, "__globals__") else vars(inspect.getmodule(reference))
            )
            exec(compile(ast.fix_missing_locations(deepcopy(tree)), "<mutant>", "exec"), names)
            yield Mutant(description, line, names[reference.__name__])


def _changes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Change the tree, yield (description, line), change it back, and so on. Bodies only: the learner is given the
    signature."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        yield from _body_changes(function.body)


def _body_changes(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    for place, statement in enumerate(body):
        if isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom) or _is_text(statement):
            continue  # an inner function is visited by itself
        before = _head(statement)
        for changed in _statement(statement):
            body[place] = changed
            yield (
                (
                    f"{before} ->"
                    f" {'(deleted)' if isinstance(changed, ast.Pass) else _first_difference(statement, changed)}"
                ),
                statement.lineno,
            )
            body[place] = statement
        if not isinstance(statement, ast.Raise):  # the words of an error are free
            yield from ((f"{before} -> {_head(statement)}", statement.lineno) for _ in _expression_changes(statement))
        for inner in ("body", "orelse", "finalbody"):
            yield from _body_changes(getattr(statement, inner, []))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _head(statement: ast.stmt) -> str:
    return ast.unparse(statement).splitlines()[0]


def _first_difference(before: ast.stmt, after: ast.stmt) -> str:
    old, new = ast.unparse(before).splitlines(), ast.unparse(after).splitlines()
    return _head(after) if old[0] != new[0] else f"... {next((a for a in new if a not in old), new[-1]).strip()}"


def _statement(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement deleted; a condition turned round; a loop or the function left too early; a part of the result
    dropped."""
    yield ast.Pass()
    if isinstance(statement, ast.If):
        yield _with(statement, test=ast.UnaryOp(ast.Not(), statement.test))
    if isinstance(statement, ast.For | ast.While):
        yield _with(statement, body=[*statement.body, ast.Break()])
    if isinstance(statement, ast.Return) and statement.value is not None:
        for part in _parts(statement.value):
            yield ast.Return(part)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        yield ast.Return(statement.value)
    if isinstance(statement, ast.AugAssign):
        if type(statement.op) in ARITHMETIC:
            yield _with(statement, op=ARITHMETIC[type(statement.op)]())
        yield ast.copy_location(ast.Assign([statement.target], statement.value), statement)
    if isinstance(statement, ast.Break):
        yield ast.Continue()
    if isinstance(statement, ast.Continue):
        yield ast.Break()


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """What is left of a returned value when a part of it is dropped."""
    if isinstance(value, ast.BinOp):
        yield from (value.left, value.right)
    elif isinstance(value, ast.BoolOp):
        yield from value.values
    elif isinstance(value, ast.IfExp):
        yield from (value.body, value.orelse)
    elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) > 1:
        yield from (_with(value, elts=value.elts[:place] + value.elts[place + 1 :]) for place in range(len(value.elts)))
    elif isinstance(value, ast.Call) and value.args and not isinstance(value.args[0], ast.Starred | ast.GeneratorExp):
        yield value.args[0]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and not value.args:
        yield value.func.value


def _expression_changes(parent: ast.AST) -> Iterator[None]:
    """Change each expression of a statement in turn; statements inside it and annotations are left to others."""
    for name, value in ast.iter_fields(parent):
        if name in ("annotation", "returns", "args") and not isinstance(parent, ast.Call | ast.Lambda):
            continue
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or isinstance(child, ast.stmt | ast.arguments):
                continue
            for changed in _expression(child):
                _put(parent, name, value, place, changed)
                yield
                _put(parent, name, value, place, child)
            yield from _expression_changes(child)


def _put(parent: ast.AST, name: str, value: Any, place: int, child: ast.AST) -> None:
    if isinstance(value, list):
        value[place] = child
    else:
        setattr(parent, name, child)


def _expression(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one small mistake, for every mistake we know of."""
    return next((make(node) for kind, make in MISTAKES.items() if isinstance(node, kind)), iter(()))


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in COMPARE[type(operator)]:
            yield _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])


def _computed(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in ARITHMETIC:
        yield _with(node, op=ARITHMETIC[type(node.op)]())
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult):
            yield _with(node, left=node.right, right=node.left)


def _named(node: ast.Name | ast.Attribute) -> Iterator[ast.AST]:
    attribute = "id" if isinstance(node, ast.Name) else "attr"
    if (other := NAMES.get(getattr(node, attribute))) and isinstance(node.ctx, ast.Load):
        yield _with(node, **{attribute: other})


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value + 1, 2 * value or -1.0]
    return ["", "x" * len(value)] if isinstance(value, str) and value else []


def _slices(node: ast.Slice) -> Iterator[ast.AST]:
    for bound in ("lower", "upper"):
        if (value := getattr(node, bound)) is not None:
            yield from (_with(node, **{bound: shifted}) for shifted in (_shift(value, 1), _shift(value, -1), None))
    if node.lower is None:
        yield _with(node, lower=ast.Constant(1))


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    for place in range(len(node.args) - 1):
        if name not in COMMUTATIVE and not any(isinstance(one, ast.Starred) for one in node.args[place : place + 2]):
            yield _with(
                node, args=[*node.args[:place], node.args[place + 1], node.args[place], *node.args[place + 2 :]]
            )
    for place, keyword in enumerate(node.keywords):
        yield _with(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
        if keyword.arg == "axis" and getattr(keyword.value, "value", None) in (0, 1):
            other = ast.keyword("axis", ast.Constant(1 - keyword.value.value))
            yield _with(node, keywords=[*node.keywords[:place], other, *node.keywords[place + 1 :]])
    if name == "range":
        last = min(len(node.args), 2) - 1
        yield from (
            _with(node, args=[*node.args[:last], _shift(node.args[last], by), *node.args[last + 1 :]]) for by in (1, -1)
        )
        yield _with(node, args=[ast.Constant(1) if last == 0 else _shift(node.args[0], 1), *node.args[last:]])


MISTAKES: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.Compare: _compared,
    ast.BinOp: _computed,
    ast.BoolOp: lambda node: iter([_with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())]),
    ast.UnaryOp: lambda node: iter([node.operand]),  # `not` or a minus dropped
    ast.IfExp: lambda node: iter([_with(node, body=node.orelse, orelse=node.body)]),
    ast.Constant: lambda node: map(ast.Constant, _constants(node.value)),
    ast.Name: _named,
    ast.Attribute: _named,
    ast.Slice: _slices,
    ast.comprehension: lambda node: (_with(node, ifs=node.ifs[:n] + node.ifs[n + 1 :]) for n in range(len(node.ifs))),
    ast.Call: _calls,
}


def _shift(value: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(value, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    return ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), **changes}), node)
