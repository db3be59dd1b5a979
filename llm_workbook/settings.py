"""Where things are and how much of them to use: one frozen record made from arguments and environment variables."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
PROFILES = ("smoke", "live", "full")


@dataclass(frozen=True)
class Settings:
    """What one notebook was started with.

    profile: smoke | live | full. max_items: most questions to answer, or None for what the profile says.
    model: None for the offline model, a folder, a hub name or a hosted model ("provider:name").
    results_dir: None for `results` beside this project's README. corpus: "authored", "cuad" or
    "folder:/path/to/documents".
    """

    lab: str
    profile: str = "live"
    seed: int = 7
    max_items: int | None = None
    model: str | None = None
    results_dir: Path | None = None
    corpus: str = "authored"

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"unknown profile {self.profile!r}: choose one of {', '.join(PROFILES)}")
        if self.max_items is not None and self.max_items < 1:
            raise ValueError(f"MAX_ITEMS must be at least 1 or None, but is {self.max_items}")
        object.__setattr__(self, "results_dir", Path(self.results_dir or ROOT / "results").expanduser().resolve())

    @property
    def model_name(self) -> str:
        """The model's name in results; "offline" stands for the default."""
        return self.model or "offline"


def cache_dir() -> Path:
    """Folder for models, downloads and caches: LLM_WORKBOOK_CACHE, else `.cache` beside this project's README."""
    return Path(os.environ.get("LLM_WORKBOOK_CACHE") or ROOT / ".cache").expanduser()
