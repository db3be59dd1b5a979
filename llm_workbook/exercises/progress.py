"""What the learner has done, kept in `results/progress.json` so that a lab can be closed and reopened."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCHEMA = 1


class Progress:
    """The progress of one lab: exercises[number] = {outcome, attempts, hints}, predictions[key] = choice.

    Two notebooks may write at once; a damaged file is set aside; a disk that cannot be written costs the record, not
    the lab.
    """

    def __init__(self, path: Path, lab: str) -> None:
        self.path, self.lab = path, lab

    def read(self) -> dict[str, dict[str, Any]]:
        """This lab's entries."""
        return self._lab(self._load())

    def change(self, edit: Callable[[dict[str, dict[str, Any]]], None]) -> None:
        """Apply `edit` to this lab's entries and write the file: read, change and replace under one lock."""
        from filelock import FileLock

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=20):
                everything = self._load()
                edit(self._lab(everything))
                beside = self.path.with_suffix(".new")
                beside.write_text(json.dumps(everything, indent=1, ensure_ascii=False), encoding="utf-8")
                os.replace(beside, self.path)
        except OSError as error:
            print(f"Your progress could not be written to {self.path} ({error}). The lab goes on.")

    def _lab(self, everything: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return everything["labs"].setdefault(self.lab, {"exercises": {}, "predictions": {}})

    def _load(self) -> dict[str, Any]:
        try:
            everything = json.loads(self.path.read_text(encoding="utf-8"))
            labs = everything["labs"].values()
            entries = [
                entry for lab in labs for entry in (lab["exercises"], lab["predictions"], *lab["exercises"].values())
            ]
            if everything["schema"] != SCHEMA or not all(isinstance(entry, dict) for entry in entries):
                raise ValueError("another schema")
            return everything
        except FileNotFoundError:
            pass
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            self._set_aside()
        return {"schema": SCHEMA, "labs": {}}

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"progress.damaged-{time.time_ns()}.json")
        try:
            os.replace(self.path, aside)
            print(f"{self.path.name} could not be read and was set aside as {aside.name}; your progress starts anew.")
        except OSError as error:
            print(
                f"{self.path.name} could not be read, nor set aside ({error}); your progress is not kept. The lab"
                " goes on."
            )
