"""The set as a `datasets.Dataset`, and its card."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ...corpus.listing import printable
from ...files import write_whole
from ...show.text import Text
from .pairs import Pair, fingerprint

if TYPE_CHECKING:
    from datasets import Dataset

LICENCES = {"authored": "CC BY 4.0 (the authored corpus)", "cuad": "CC BY 4.0 (CUAD, The Atticus Project)"}


def save(pairs: Sequence[Pair], folder: Path) -> Path:
    """Write the pairs as a Dataset into the folder, in place of what was there; returns the folder.

    Raises: ValueError when there is no pair.
    """
    if not pairs:
        raise ValueError("there is no pair to save: look at what your filters let through.")
    from datasets import Dataset

    Dataset.from_list([asdict(pair) for pair in pairs]).save_to_disk(str(folder))
    return folder


def reopened(folder: Path) -> "Dataset":
    """The saved Dataset. Raises: FileNotFoundError when nothing was saved there."""
    from datasets import load_from_disk

    found = load_from_disk(str(folder))
    assert not isinstance(found, dict)  # one set, not several splits
    return found


def data_card(pairs: Sequence[Pair], filters: pd.DataFrame, corpus: str, folder: Path) -> Text:
    """The card as Markdown, which is also written to README.md in the folder."""
    last = filters.iloc[-1]
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(Counter(one.kind for one in pairs).items()))
    sources = ", ".join(f"{name} {count}" for name, count in Counter(one.source for one in pairs).items())
    lines = [
        "# Data card",
        "",
        "| | |",
        "|---|---|",
        f"| rows | {len(pairs)} pairs of clause, question and answer |",
        f"| corpus | {printable(corpus)}; {len({one.document for one in pairs})} documents |",
        f"| families | {len({one.family for one in pairs})}, none of which is in a test |",
        f"| kinds | {kinds} |",
        f"| sources | {sources} |",
        f"| filters | {last.name}, on 40 labelled pairs of which none is from facts: precision {last['precision']};"
        f" recall {last['recall']} |",
        f"| licence | {LICENCES.get(corpus.partition(':')[0], 'that of your documents: write it here')} |",
        f"| sha256 of the rows | `{fingerprint(pairs)}` |",
        "",
        "Questions are worded by a rule or a small model: they are stiff. Not for use as a test.",
    ]
    text = "\n".join(lines)
    write_whole(folder / "README.md", text + "\n")
    return Text(text)
