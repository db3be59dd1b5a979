"""What the checks of all labs share: compare a candidate with the reference, case by case, and say what is different.

A check calls the candidate on cases, reads each result (`number`, `list_of` ...: one kind of value, in whatever type it
comes) and compares it with the reference's. The first counter-example is raised as NotYet.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..show.text import code
from .examples import Words

CLOSE = {"rel_tol": 1e-6, "abs_tol": 1e-9}  # float32 and another order of summing are right, too


class NotYet(Exception):
    """Raised by a check: what is wrong, and the first example on which it showed."""

    def __init__(self, message: str, given: object = None, got: object = None, expected: object = None) -> None:
        super().__init__(message)
        self.example = {"given": given, "you returned": got, "expected": expected}


def compare(
    candidate: Callable,
    reference: Callable,
    cases: Iterable[tuple],
    names: Sequence[str],
    wrong: str,
    read: Callable[[Any], Any] = lambda got: got,
    alike: Callable[[Any, Any], bool] | None = None,
    given: Callable[..., Any] | None = None,
) -> None:
    """The candidate and the reference on every case, small cases first.

    names: of the arguments, for the example; given: makes a shorter example from the arguments. wrong: the sentence for
    a difference. read: makes a result comparable, or raises NotYet. alike: decides whether two results are the same; by
    default `equal`. Raises: NotYet.

    >>> compare(abs, abs, [(-1,), (2.5,)], ["x"], "the distance from 0 is different", number)
    """
    for case in cases:
        shown, got = given(*case) if given else dict(zip(names, case, strict=False)), candidate(*case)
        try:
            value, expected = read(got), read(reference(*case))
        except NotYet as problem:
            problem.example.update({"given": shown, "you returned": got})
            raise
        if not (alike or equal)(value, expected):
            raise NotYet(wrong, given=shown, got=value, expected=expected)


def must_raise(candidate: Callable, cases: Iterable[tuple], names: Sequence[str], why: str) -> None:
    """The candidate raises a ValueError on every case. why: the sentence for one that does not. Raises: NotYet.

    >>> must_raise(int, [("a",), ("",)], ["text"], "this is no number: raise a ValueError")
    """
    for case in cases:
        try:
            seen = repr(candidate(*case))
        except ValueError:
            continue
        except Exception as error:
            seen = "None" if isinstance(error, NotYet) else f"a {type(error).__name__}"
        given = dict(zip(names, case, strict=False))
        raise NotYet(why, given=given, got=Words(seen), expected=Words("a ValueError"))


def number(got: object) -> float:
    """One real number as a float, from int, float, numpy or torch. Raises: NotYet for anything else, and for nan."""
    value = _single(got)
    if isinstance(value, bool | str | bytes | complex) or not hasattr(value, "__float__"):
        raise NotYet(f"the result is one number, but you returned {kind_of(got)}")
    if math.isnan(value := float(value)):
        raise NotYet("the result is one number, but you returned nan")
    return value


def whole_number(got: object) -> int:
    """One whole number as an int. Raises: NotYet for a bool, a float and anything else."""
    value = _single(got)
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotYet(f"the result is a whole number, but you returned {kind_of(got)}")
    return value


def text(got: object) -> str:
    """One text. Raises: NotYet for anything else."""
    if not isinstance(got, str):
        raise NotYet(f"the result is one text (`str`), but you returned {kind_of(got)}")
    return got


def list_of(kind: type, read: Callable[[Any], Any] | None = None) -> Callable[[Any], list]:
    """A reader of lists of one kind; a tuple will do, and for numbers an array. The reader raises NotYet.

    read: makes each element comparable; needed for numbers.

    >>> list_of(str)(("a", "b"))
    ['a', 'b']
    """

    def read_list(got: Any) -> list:
        values = got.tolist() if read and hasattr(got, "tolist") else got
        if not isinstance(values, list | tuple):
            raise NotYet(f"return a list of `{kind.__name__}`, not {kind_of(got)}")
        if read:
            return [read(one) for one in values]
        if strangers := [one for one in got if not isinstance(one, kind)]:
            raise NotYet(f"return a list of `{kind.__name__}`; yours contains {kind_of(strangers[0])}")
        return list(got)

    return read_list


def mapping_of(read: Callable[[Any], Any], contents: str) -> Callable[[Any], dict]:
    """A reader of dicts, in whatever order. read: makes each value comparable. contents: in words, for the message."""

    def read_mapping(got: object) -> dict:
        if not isinstance(got, Mapping):
            raise NotYet(f"return a dict from {contents}, not {kind_of(got)}")
        return {key: read(value) for key, value in got.items()}

    return read_mapping


def equal(a: object, b: object) -> bool:
    """Equality that forgives rounding, the order of a dict, and a tuple in place of a list. Sets, texts ...: as ==.

    >>> equal({"a": 0.1 + 0.2, "b": (1, 2)}, {"b": [1, 2], "a": 0.3})
    True
    """
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, **CLOSE)
    return bool(a == b)


def same(a: Any, b: Any) -> bool:
    """Equality that understands arrays, and numbers to nine digits; a list is not a tuple, True is not 1."""
    import numpy as np

    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and _same_arrays(a, b)
    if all(isinstance(one, float | int | np.number) for one in (a, b)) and isinstance(a, bool) == isinstance(b, bool):
        return bool(np.isclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True))
    if isinstance(a, list | tuple) and type(a) is type(b):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def kind_of(value: object) -> str:
    """The type of a value as Markdown, with the shape of an array.

    >>> kind_of(2.5), kind_of([])
    ('a value of type `float`', 'a value of type `list`')
    """
    shape = getattr(value, "shape", None)
    size = f" and shape {code(shape)}" if isinstance(shape, tuple) and shape else ""
    return f"a value of type {code(type(value).__name__)}{size}"


def _same_arrays(a: Any, b: Any) -> bool:
    import numpy as np

    if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
        return False
    return bool(np.allclose(a, b, equal_nan=True)) if a.dtype.kind in "iufcb" else bool((a == b).all())


def _single(got: Any) -> Any:
    """A number as a plain Python one: numpy's and torch's scalars, and arrays without dimensions, are unpacked."""
    return got.item() if getattr(got, "shape", None) == () and hasattr(got, "item") else got
