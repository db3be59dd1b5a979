"""python -m tools.domain PART: what is made or recorded; without a PART they are listed."""

import sys
from importlib import import_module

from . import __doc__ as usage

MODULES = (
    *("encoder", "reranker", "bias", "ladder", "sweep", "grid", "packing", "likelihood", "leaderboard", "traces"),
    *("injection", "preferences", "transfer", "factory", "preferring"),
)
PARTS = {"reader": "ship"} | {name: name for name in MODULES}  # what is named on the command line -> its module


def main() -> int:
    """The part that is named on the command line."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    if part not in PARTS:
        print(usage)
        return 2
    return import_module(f".{PARTS[part]}", __package__).main()


if __name__ == "__main__":
    sys.exit(main())
