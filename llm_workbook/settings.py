"""Where things are and how much of them to use: one frozen record made from arguments and environment variables."""

import os
import sys
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
PROFILES = ("smoke", "live", "full")
SEEDS, COUNTS = range(2**32), range(1, sys.maxsize)  # numpy takes no larger seed


@dataclass(frozen=True)
class Settings:
    """What one notebook was started with.

    profile: smoke | live | full. max_items: most questions to answer, or None for what the profile says.
    model: None for the offline model, a folder, a hub name or a hosted model ("provider:name").
    results_dir: a whole path; `results_folder` makes one of what a person writes. corpus: "authored", "cuad" or
    "folder:/path/to/documents". A value of another type is not guessed at. Raises: ValueError, with the line to write.
    """

    lab: str
    profile: str = "live"
    seed: int = 7
    max_items: int | None = None
    model: str | None = None
    results_dir: Path = ROOT / "results"
    corpus: str = "authored"

    def __post_init__(self) -> None:
        if not isinstance(self.profile, str) or self.profile not in PROFILES:
            meant = self.profile.strip().lower() if isinstance(self.profile, str) else ""
            seen = f"unknown profile {self.profile!r}: choose one of {', '.join(PROFILES)}"
            raise ValueError(f'{seen}. Write PROFILE = "{meant if meant in PROFILES else "live"}"')
        values = {
            "seed": _whole("SEED", self.seed, "at least 0 and below 2**32", SEEDS, 7),
            "max_items": None
            if self.max_items is None
            else _whole("MAX_ITEMS", self.max_items, "at least 1 or None", COUNTS, None),
            "model": _text("MODEL", self.model, 'None, a folder, a hub name or "provider:name"', "None"),
            "corpus": _text("CORPUS", self.corpus, '"authored", "cuad" or "folder:/path/to/documents"', '"authored"'),
            "results_dir": results_folder(self.results_dir),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def model_name(self) -> str:
        """The model's name in results; "offline" stands for the default."""
        return self.model or "offline"


def cache_dir() -> Path:
    """Folder for models, downloads and caches: LLM_WORKBOOK_CACHE, else `.cache` beside this project's README."""
    return Path(os.environ.get("LLM_WORKBOOK_CACHE") or ROOT / ".cache").expanduser()


def results_folder(value: object) -> Path:
    """The results folder as a whole path: None and "" are `results` beside this project's README.

    It need not be there. Raises: ValueError, with the line to write, where a file stands in its place or above it.
    """
    problem = f"but is {value!r}"
    if value is None or isinstance(value, str | os.PathLike):
        try:
            folder = Path(value or ROOT / "results").expanduser().resolve()
            there = next(path for path in (folder, *folder.parents) if path.exists())
            if there.is_dir():
                return folder
            problem = f"but {there} is {'a file' if there.is_file() else 'no folder'}"
        except (OSError, ValueError, RuntimeError) as error:  # a character or a user that does not exist
            problem += f" ({error})"
    raise ValueError(f"RESULTS_DIR must be a folder or None, {problem}. Write RESULTS_DIR = None")


def _whole(name: str, value: Any, wanted: str, numbers: range, default: int | None) -> int:
    """A whole number of that range as an int. A text or a fraction is refused, not guessed at."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        if int(value) in numbers:
            return int(value)
        raise ValueError(f"{name} must be {wanted}, but is {value!r}. Write {name} = {default}")
    try:
        meant = max(numbers[0], int(value))
    except (TypeError, ValueError, OverflowError):
        meant = default
    raise ValueError(f"{name} must be {wanted}, but is {value!r} (a {type(value).__name__}). Write {name} = {meant}")


def _text(name: str, value: object, wanted: str, default: str) -> str | None:
    if value is None and default == "None":
        return None
    if isinstance(value, os.PathLike) and name == "MODEL":
        value = os.fspath(value)
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"{name} must be {wanted}, but is {value!r}. Write {name} = {default}")
