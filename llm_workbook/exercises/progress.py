"""What the learner has done, kept in `results/progress.json` so that a lab can be closed and reopened."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..files import write_whole

SCHEMA = 1


class Progress:
    """The progress of one lab: exercises[number] = {outcome, attempts, hints}, predictions[key] = choice.

    Two notebooks may write at once. A damaged file, or one of another schema, is set aside; one that cannot be opened
    or written is left alone, with one sentence: it costs the record, not the lab.
    """

    def __init__(self, path: Path, lab: str) -> None:
        self.path, self.lab = path, lab
        self._said = False

    def read(self) -> dict[str, dict[str, Any]]:
        """This lab's entries."""
        try:
            return self._lab(_parse(self.path))
        except ValueError:
            return self._locked(lambda: self._lab(self._load())) or self._lab(_nothing())
        except OSError as error:
            self._say(f"Your progress could not be read from {self.path} ({error}). The lab goes on.")
            return self._lab(_nothing())

    def change(self, edit: Callable[[dict[str, dict[str, Any]]], None]) -> None:
        """Apply `edit` to this lab's entries and write the file: read, change and replace under one lock."""
        self._locked(lambda: self._write(edit))

    def _write(self, edit: Callable[[dict[str, dict[str, Any]]], None]) -> None:
        everything = self._load()
        edit(self._lab(everything))
        write_whole(self.path, json.dumps(everything, indent=1, ensure_ascii=False))

    def _locked(self, work: Callable[[], Any]) -> Any:
        """What `work` returns, under the lock; None when the disk refuses."""
        from filelock import FileLock

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=20):
                return work()
        except (OSError, NotImplementedError) as error:  # the second: a file system without locks
            self._say(f"Your progress could not be written to {self.path} ({error}). The lab goes on.")
            return None

    def _lab(self, everything: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return everything["labs"].setdefault(self.lab, {"exercises": {}, "predictions": {}})

    def _load(self) -> dict[str, Any]:
        """Everything in the file; a damaged one is set aside. Call it under the lock. Raises: OSError."""
        try:
            return _parse(self.path)
        except ValueError:
            self._set_aside()
            return _nothing()

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"progress.damaged-{time.time_ns()}.json")
        try:
            os.replace(self.path, aside)
        except OSError as error:
            raise OSError(f"it is damaged, and cannot be read nor set aside: {error}") from error
        print(f"{self.path.name} could not be read and was set aside as {aside.name}; your progress starts anew.")

    def _say(self, sentence: str) -> None:
        if not self._said:
            self._said = True
            print(sentence)


def _nothing() -> dict[str, Any]:
    return {"schema": SCHEMA, "labs": {}}


def _parse(path: Path) -> dict[str, Any]:
    """What the file holds, or nothing yet. Raises: ValueError when it is damaged or of another schema; OSError."""
    try:
        everything = json.loads(path.read_text(encoding="utf-8"))
        for lab in everything["labs"].values():
            entries = (lab["exercises"], lab["predictions"], *lab["exercises"].values())
            if not all(isinstance(entry, dict) for entry in entries):
                raise ValueError("an entry is no object")
    except FileNotFoundError:
        return _nothing()
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("another form") from error
    if everything.get("schema") != SCHEMA:
        raise ValueError("another schema")
    return everything
