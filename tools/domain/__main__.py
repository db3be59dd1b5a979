"""python -m tools.domain encoder | reranker | reader | bias | ladder | sweep | grid"""

import sys

from . import __doc__ as usage


def main() -> int:
    """The part that is named on the command line."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    if part == "encoder":
        from .encoder import main as make
    elif part == "reranker":
        from .reranker import main as make
    elif part == "reader":
        from .ship import main as make
    elif part == "bias":
        from .bias import main as make
    elif part == "ladder":
        from .ladder import main as make
    elif part == "grid":
        from .grid import main as make
    elif part == "sweep":
        from .sweep import main as make
    else:
        print(usage)
        return 2
    return make()


if __name__ == "__main__":
    sys.exit(main())
