"""python -m llm_workbook doctor | corpus show [--html] | results LAB [--json] | ladder [--json]: what is ready on this
machine, what a corpus contains, what was measured in a lab, and how far each system of the workbook comes."""

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old console without a sign shows a question mark instead
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    return code


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
    results = commands.add_parser("results", help="print every result of a lab, yours and the recorded ones")
    results.add_argument("lab", metavar="LAB", help="short name of a lab, such as 1.1")
    results.add_argument("--json", action="store_true", help="one JSON list of rows (fields: see data/README.md)")
    results.add_argument("--metric", action="append", default=[], help="only this metric, such as correct; repeatable")
    results.add_argument("--corpus", default="", help="only results on this corpus")
    results.add_argument("--profile", default="", help="only results of this profile: smoke, live or full")
    results.add_argument(
        "--results-dir", type=Path, help="where your results are (default: results/ beside the README)"
    )
    results.set_defaults(run=show_results)
    rungs = commands.add_parser("ladder", help="right answers from naive RAG to the whole assistant, as recorded")
    rungs.add_argument("--json", action="store_true", help="one JSON list of rungs (fields: see data/README.md)")
    rungs.add_argument("--corpus", choices=("authored", "cuad"), default="authored", help="whose questions")
    rungs.add_argument("--picture", type=Path, metavar="FILE.png", help="draw it into this file, too")
    rungs.set_defaults(run=show_ladder)
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
    from .files import write_whole
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
    write_whole(arguments.out, corpus_page(arguments.corpus, contracts, questions))
    print(
        f"{len(contracts)} contracts and {len(questions)} questions in {arguments.out.resolve()}: open it in a web"
        " browser"
    )
    return 0


def show_results(arguments: argparse.Namespace) -> int:
    """Print every result of a lab, as text or as JSON; 2 for an unknown lab, 1 when there is nothing to print."""
    from .benchmark.ledger import Ledger
    from .benchmark.results import as_text, result_rows
    from .run import known_labs
    from .settings import Settings

    if arguments.lab not in known_labs():
        print(f"unknown lab {arguments.lab!r}: this workbook has {', '.join(known_labs())}", file=sys.stderr)
        return 2
    with contextlib.redirect_stdout(sys.stderr):  # what cannot be used is named, but is no part of the results
        try:
            ledger = Ledger(Settings(arguments.lab, results_dir=arguments.results_dir))
        except ValueError as error:
            print(error)
            return 2
        every = result_rows(ledger, arguments.corpus, arguments.profile)
    rows = [row for row in every if not arguments.metric or row["metric"] in arguments.metric]
    if arguments.json:
        print(json.dumps(rows, allow_nan=False))
    elif rows:
        print(as_text(rows, shutil.get_terminal_size((100, 24)).columns))
    if not rows:
        print(_nothing(arguments, every), file=sys.stderr)
    return 0 if rows else 1


def show_ladder(arguments: argparse.Namespace) -> int:
    """Print the recorded ladder, as text or as JSON; 1 when there is nothing to print."""
    from .benchmark.ladder import ladder

    with contextlib.redirect_stdout(sys.stderr):  # what cannot be used is named, but is no part of the results
        table = ladder(arguments.corpus)
    if table.empty:
        print(f"no ladder is recorded for the corpus {arguments.corpus}", file=sys.stderr)
        return 1
    if arguments.json:
        print(table.to_json(orient="records", double_precision=1))
    else:
        print(table.to_string(index=False))
    if arguments.picture:
        from .show.plots import ladder as draw

        draw(table).savefig(arguments.picture, dpi=110)
    return 0


def _nothing(arguments: argparse.Namespace, every: Sequence[dict]) -> str:
    """Why there is nothing to print."""
    if every:
        known = dict.fromkeys(row["metric"] for row in every)
        return f"no metric {', '.join(arguments.metric)}: lab {arguments.lab} has {', '.join(known)}"
    only = ", ".join(f"{name} {value}" for name in ("corpus", "profile") if (value := getattr(arguments, name)))
    return f"no results for lab {arguments.lab}{f' with {only}' if only else ''} yet: run it, and they are kept"


if __name__ == "__main__":
    sys.exit(main())
