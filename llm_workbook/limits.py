"""A time limit for code that is not ours: a learner's function, a system under test."""

import ctypes
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

Result = TypeVar("Result")


class Stopped(BaseException):
    """Thrown into work whose time is over. It is no Exception, so that `except Exception` does not catch it."""


class TimeLimit(Exception):
    """Work took too long. running: it did not stop when told to (a call into C, a bare `except`), and runs on."""

    def __init__(self, seconds: float, running: bool) -> None:
        super().__init__(f"no result within {seconds:g} s" + (", and it could not be stopped: it runs on" * running))
        self.seconds, self.running = seconds, running


def within(
    seconds: float,
    work: Callable[[], Result],
    patience_s: float = 2.0,
    last_step: Callable[[], float] | None = None,
    in_all_s: float = math.inf,
) -> Result:
    """What work() returns, or raises. It runs in a thread, so that the limit holds in a notebook and on every system.

    patience_s: how long stopped work may take to end. last_step: when work made its last step (time.monotonic()); the
    limit then counts from that step, and in_all_s from the start. Raises: TimeLimit after `seconds`.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    def left() -> float:
        step = max(started, last_step()) if last_step else started
        return min(step + seconds, started + in_all_s) - time.monotonic()

    started = time.monotonic()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    finished = False
    try:
        while not finished and (rest := left()) > 0:
            finished = bool(wait([future], rest).done)
    finally:
        if not finished:  # too slow, or the kernel was interrupted
            _stop(thread, patience_s)
    if not finished:
        raise TimeLimit(seconds, thread.is_alive())
    return future.result()


def _stop(thread: threading.Thread, patience_s: float) -> None:
    """Throw Stopped into the thread, again and again: code with a bare `except` in a loop swallows the first ones."""
    end = time.monotonic() + patience_s
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
        thread.join(0.05)
