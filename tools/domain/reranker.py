"""The domain reranker: the domain encoder, trained further so that the vectors of single tokens are compared (MaxSim).

A lesson asks each question for its clause among those of the other questions and among wrong ones that the domain
encoder's search really finds. Kept as the domain encoder is: int8 differences to MiniLM.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.files import sha256, write_whole
from llm_workbook.labs.lab_1_5.late import MINED, Asked, Lists, lessons, scorer
from llm_workbook.labs.lab_1_5.late import train as train_late
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.taught.lab_1_5 import maxsim, rerank
from llm_workbook.training.checkpoint import Checkpoint
from llm_workbook.training.domain import DIFFERENCE, RERANKER, domain_encoder, domain_reranker, encoder_record

from .data import TRAIN_REGIONS, Region, first_regions, search
from .encoder import BUILD, save_difference
from .exams import evidence_region

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

RECIPE = {"steps": 120, "batch": 16, "learning_rate": 5e-5, "seed": 7, "frozen": "embeddings, layers 0 and 1"}
KS = (1, 3, 5)


def taught_lists() -> list[Lists]:
    """The train families' questions of all train regions, with what the domain encoder finds for each."""
    embeddings, made = domain_encoder(), []
    for region in first_regions(TRAIN_REGIONS):
        asked = [question for question in region.asked("train") if question.answerable]
        stating = {question.id: region.stating(question.evidence) for question in asked}
        found = search(region, asked, embeddings, MINED)
        rows = [Asked(one.question, stating[one.id], found[one.id]) for one in asked if stating[one.id]]
        made.append(Lists([entry.page_content for entry in region.entries], rows))
    return made


def train(regions: Sequence[Lists], recipe: dict[str, Any] = RECIPE, folder: Path = BUILD) -> "SentenceTransformer":
    """The reranker after training; checkpoints in `folder`, so that a run that was cut off goes on."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(recipe["seed"])
    encoder = SentenceTransformer(str(domain_encoder().model), device="cpu")
    checkpoint = Checkpoint(folder / "reranker.checkpoint", {**recipe, "data": data_sha256(regions)}, every=20)
    taught = lessons(regions, recipe["batch"], recipe["seed"])
    train_late(encoder, taught, recipe["steps"], recipe["learning_rate"], checkpoint, say)
    return encoder


def say(losses: Sequence[float]) -> None:
    """Every tenth step: the mean loss of the last ten."""
    if len(losses) % 10 == 0:
        print(f"step {len(losses)} loss {np.mean(losses[-10:]):.3f}", flush=True)


def exam(reranker: "SentenceTransformer | None", regions: Sequence[Region], split: str) -> dict[str, Any]:
    """Recall of evidence (%) by k over all questions that have an answer, each region searched within itself by the
    domain encoder; its first 20 in the order of the reranker, or without one as they are."""
    rows = []
    for region in regions:
        asked = [question for question in region.asked(split) if question.answerable and question.evidence]
        found = search(region, asked, domain_encoder(), MINED)
        for question, places in reranked(reranker, region, asked, found):
            gold = region.stating(question.evidence)
            rows.append([100 * float(np.mean([at in places[:k] for at in gold])) for k in KS])
    means = np.array(rows).mean(axis=0)
    shares = {f"recall at {k}": round(float(value), 1) for k, value in zip(KS, means, strict=True)}
    return {"questions": len(rows), **shares}


def reranked(
    reranker: "SentenceTransformer | None", region: Region, asked: Sequence[Any], found: dict[str, list[int]]
) -> list[tuple[Any, list[int]]]:
    """(question, its places) in the order of the reranker."""
    if reranker is None:
        return [(one, found[one.id]) for one in asked]
    texts = [entry.page_content for entry in region.entries]
    wanted = {texts[at] for one in asked for at in found[one.id]}
    score = scorer(reranker, [*wanted, *(one.question for one in asked)], maxsim)
    return [
        (one, rerank(found[one.id], lambda places, one=one: score(one.question, [texts[at] for at in places])))
        for one in asked
    ]


def examine() -> dict[str, Any]:
    """The exam of what is shipped beside the domain encoder alone, on dev and test families."""
    regions = [evidence_region(corpus) for corpus in EVIDENCE]
    systems = {"encoder": None, "reranker": domain_reranker()}
    return {
        split: {name: exam(system, regions, split) for name, system in systems.items()} for split in ("dev", "test")
    }


def keep(encoder: "SentenceTransformer", regions: Sequence[Lists], folder: Path = RERANKER) -> None:
    """Keep the difference to MiniLM, and how it was made."""
    from sentence_transformers import SentenceTransformer

    save_difference(SentenceTransformer(str(ready_folder(EMBEDDER)), device="cpu"), encoder, folder)
    record = {
        "base_sha256": EMBEDDER.sha256,
        "begins_with": f"the domain encoder {encoder_record()['difference_sha256']}",
        "recipe": RECIPE,
        "data": f"train families of regions 0 to {TRAIN_REGIONS - 1}",
        "data_sha256": data_sha256(regions),
        "difference_sha256": sha256(folder / DIFFERENCE),
    }
    write_whole(folder / "record.json", json.dumps(record, indent=1) + "\n")


def main() -> int:
    """Train and keep, unless only an exam is asked for; then the exam of what was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exam", action="store_true", help="train nothing; examine the shipped reranker again")
    options = parser.parse_args(sys.argv[2:])
    if not options.exam:
        regions = taught_lists()
        keep(train(regions), regions)
    record = encoder_record(RERANKER) | examine()
    write_whole(RERANKER / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps({split: record[split] for split in ("dev", "test")}, indent=1))
    return 0


def data_sha256(regions: Sequence[Lists]) -> str:
    """The sha256 of all questions with the clauses that state their answers, in order."""
    digest = hashlib.sha256()
    for region in regions:
        pairs = [[one.question, [region.texts[at] for at in one.right]] for one in region.asked]
        digest.update(json.dumps(pairs).encode())
    return digest.hexdigest()
