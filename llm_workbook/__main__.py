"""python -m llm_workbook doctor | corpus show [--html]: what is ready on this machine, and what a corpus holds."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    sys.stdout.reconfigure(errors="replace")  # an old console without a sign shows a question mark instead
    return arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m llm_workbook", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    commands.add_parser("doctor", help="check this machine, the packages, the models and the data").set_defaults(
        run=run_doctor
    )
    corpus = commands.add_parser("corpus", help="look at a corpus").add_subparsers(required=True, dest="action")
    show = corpus.add_parser("show", help="list its contracts, or write a web page to read them with their questions")
    show.add_argument("--corpus", default="authored", help='"authored", "cuad" or "folder:/path/to/documents"')
    show.add_argument("--html", action="store_true", help="write one self-contained web page")
    show.add_argument(
        "--out", type=Path, default=Path("results/corpus.html"), help="where to write it (default: %(default)s)"
    )
    show.set_defaults(run=show_corpus)
    return parser


def run_doctor(_arguments: argparse.Namespace) -> int:
    """Print the diagnosis; 1 when something has to be mended."""
    from .doctor import doctor

    diagnosis = doctor()
    print(diagnosis)
    return 0 if diagnosis.ok else 1


def show_corpus(arguments: argparse.Namespace) -> int:
    """Print the contracts of a corpus with the number of questions on each, or write them as a web page."""
    from .corpus.load import OWN, load_contracts, load_questions, read_own
    from .corpus.records import CorpusError
    from .show.browser import corpus_page

    try:
        contracts = load_contracts(arguments.corpus)
        splits, tasks = ("train", "dev", "test"), ("qa", "classification", "summary")
        questions = [
            q for split in splits for task in tasks for q in load_questions(arguments.corpus, split, task=task)
        ]
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.corpus.startswith(OWN):
        print(read_own(arguments.corpus))
    if not arguments.html:
        counts = Counter(document for question in questions for document in question.documents)
        print(
            "\n".join(f"{contract.id:40} {counts[contract.id]:5} questions  {contract.title}" for contract in contracts)
        )
        return 0
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    beside = arguments.out.with_suffix(".part")
    beside.write_text(corpus_page(arguments.corpus, contracts, questions), encoding="utf-8")
    beside.replace(arguments.out)
    print(
        f"{len(contracts)} contracts and {len(questions)} questions in {arguments.out.resolve()}: open it in a web"
        " browser"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
