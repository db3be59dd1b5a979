"""A learner's code leaves the kernel as it was: random states, settings, folder, environment; it floods no page."""

import builtins
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import partial
from typing import Any

MOST_CHARACTERS = 20_000  # of what one check may print: about eight pages


@contextmanager
def kernel_as_it_was() -> Iterator[None]:
    """Whatever the code inside changes is changed back afterwards; what it prints is shown, up to a limit.

    Process-wide, so enter it in the main thread; libraries that are not loaded have nothing to restore.
    """
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        for restore in [*_own_settings(), *_settings_of_libraries()]:
            stack.callback(_quietly, restore)
        if matplotlib := sys.modules.get("matplotlib"):
            stack.enter_context(matplotlib.rc_context())
        stack.enter_context(redirect_stdout(_Limited(sys.stdout)))
        stack.enter_context(redirect_stderr(_Limited(sys.stderr)))
        builtins.input = _no_input
        yield


def _quietly(restore: Callable[[], object]) -> None:
    with suppress(Exception):  # one that fails must not keep the others from their turn
        restore()


def _own_settings() -> Iterator[Callable[[], object]]:
    """How to put back what Python itself holds."""
    environment, path = dict(os.environ), list(sys.path)

    def restore_environment() -> None:
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)

    yield restore_environment
    yield lambda: sys.path.__setitem__(slice(None), path)
    yield partial(setattr, builtins, "input", builtins.input)
    yield partial(setattr, sys, "stdin", sys.stdin)
    yield partial(random.setstate, random.getstate())
    yield partial(sys.setrecursionlimit, sys.getrecursionlimit())
    with suppress(OSError):  # the folder may be gone
        yield partial(os.chdir, os.getcwd())


def _settings_of_libraries() -> Iterator[Callable[[], object]]:
    """How to put back what numpy and torch hold."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy:
        yield partial(numpy.random.set_state, numpy.random.get_state())
    if torch:
        yield partial(torch.set_rng_state, torch.get_rng_state())
        yield partial(torch.set_num_threads, torch.get_num_threads())
        yield partial(torch.set_default_dtype, torch.get_default_dtype())
        yield partial(torch.use_deterministic_algorithms, torch.are_deterministic_algorithms_enabled())


def _no_input(*_: object) -> str:
    raise EOFError("a check cannot answer input(): work with the arguments of your function")


class _Limited:
    """A stream that passes on the first characters and says once that more was left out."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._left, self._is_full = stream, MOST_CHARACTERS, False

    def write(self, text: str) -> int:
        shown = text[: self._left]
        self._left -= len(shown)
        if shown:
            self._stream.write(shown)
        if len(shown) < len(text) and not self._is_full:
            self._is_full = True
            self._stream.write("\n[What your code printed after this was left out.]\n")
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
