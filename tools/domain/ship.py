"""Train the seeds of the domain reader, let each take its exam on dev, and keep the best of them.

What the recipe gives on average, the ladder says: there all seeds answer.

usage: python -m tools.domain reader [--seeds 1 2 3] [--only-train]
"""

import argparse
import json
import sys
from collections.abc import Sequence

import pandas as pd

from llm_workbook.benchmark.reading import SEVERAL
from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.files import copy_whole, write_whole
from llm_workbook.training.adapters import Adapters
from llm_workbook.training.domain import ADAPTERS, BIAS, READER

from .ladder import RUNGS, answers
from .reader import BUILD, DEV_QUESTIONS, name_of, tuned


def exam(seed: int, per_family: int = DEV_QUESTIONS) -> dict[str, float]:
    """How the reader of one seed does on the dev families of the evidence corpora, in %: end to end and with the right
    clause among others."""
    scores = {}
    for name in ("encoder", "right"):
        table = pd.concat([answers(RUNGS[name], corpus, "dev", per_family, [seed]) for corpus in EVIDENCE])
        known = table[table["answerable"]]
        parts = {
            "one clause": known[~known["type"].isin(SEVERAL)]["correct"],
            "all types": known["correct"],
            "needless refusals": known[known["shown"]]["refused"],
            "right refusals": table[~table["answerable"]]["refused"],
        }
        where = "end to end" if name == "encoder" else "right clause shown"
        scores |= {f"{where}, {part}": round(100 * float(values.mean()), 1) for part, values in parts.items()}
    return scores


def ship(seeds: Sequence[int]) -> int:
    """Keep the reader with the best end-to-end exam; returns its seed."""
    exams = {seed: exam(seed) for seed in seeds}
    chosen = max(seeds, key=lambda seed: (exams[seed]["end to end, all types"], -seed))
    bias = Adapters(BUILD / "adapters").read(name_of(chosen)).exam[BIAS]
    source, target = BUILD / "adapters" / name_of(chosen), ADAPTERS / READER
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.name != "README.md":  # peft's own, of a model hub
            copy_whole(path, target / path.name)
    record = target / "record.json"
    kept = json.loads(record.read_text(encoding="utf-8"))
    write_whole(record, json.dumps({**kept, "recipe": {**kept["recipe"], BIAS: bias}}, indent=1))
    others = {str(seed): exams[seed]["end to end, all types"] for seed in seeds}
    which = f"the best of {len(seeds)} on dev" if len(seeds) > 1 else "the only one that was trained"
    decision = f"promote: seed {chosen}, {which}; end to end, all types, by seed: {others}"
    Adapters(ADAPTERS).decide(READER, decision, exams[chosen])
    print(decision, exams[chosen], sep="\n")
    return chosen


def main() -> int:
    """Train the seeds that are named (1, 2 and 3 when none is), then keep the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only-train", action="store_true", help="keep nothing in data/")
    options = parser.parse_args(sys.argv[2:])
    for seed in options.seeds:
        tuned(seed)
    if not options.only_train:
        ship(options.seeds)
    return 0
