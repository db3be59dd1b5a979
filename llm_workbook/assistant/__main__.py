"""python -m llm_workbook.assistant FOLDER [--corpus NAME]: serve an assistant over MCP (standard input and output).

With --corpus ("authored", "cuad" or "folder:/path/to/documents") it is built in that folder first.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Build the assistant if a corpus is named, then serve it; 1, with a sentence, when that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m llm_workbook.assistant", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the assistant is, or shall be built")
    parser.add_argument("--corpus", help='build it first, over "authored", "cuad" or "folder:/path/to/documents"')
    options = parser.parse_args(argv)

    from ..corpus.load import load_contracts
    from ..corpus.records import CorpusError
    from .pipeline import AssistantError, build
    from .server import serve

    try:
        if options.corpus:
            with contextlib.redirect_stdout(sys.stderr):
                build(options.folder, load_contracts(options.corpus))
        serve(options.folder)
    except (AssistantError, CorpusError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
