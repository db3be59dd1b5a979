"""The domain encoder: MiniLM after contrastive training on (question, clause with header), by sentence-transformers.

Batches come from one region at a time, so that the negatives of a question are clauses among which it must really be
searched: the same terms of other contracts. Kept as int8 differences of the layers that were trained.
"""

import argparse
import hashlib
import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_workbook.corpus.load import EVIDENCE
from llm_workbook.files import sha256, write_whole
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.settings import ROOT
from llm_workbook.training.domain import DIFFERENCE, ENCODER, domain_encoder, encoder_record

from .data import TRAIN_REGIONS, Region, first_regions, search
from .exams import evidence_region

if TYPE_CHECKING:
    from datasets import Dataset
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

BUILD = ROOT / "build" / "domain"
RECIPE = {"steps": 300, "batch": 64, "learning_rate": 1e-4, "seed": 7, "frozen": "embeddings, layers 0 and 1"}
PIECES = 160  # word pieces of a text in training; the encoder reads 256
FROZEN = ("embeddings.", "layer.0.", "layer.1.")
KS = (1, 3, 5, 10, 20)


def pairs(region: Region) -> "Dataset":
    """(question, clause that states its evidence) of the train families; one row for each clause of a question."""
    from datasets import Dataset

    rows = [
        (question.question, region.entries[at].page_content)
        for question in region.asked("train")
        if question.answerable
        for at in region.stating(question.evidence)
    ]
    anchors, positives = zip(*rows, strict=True)
    return Dataset.from_dict({"anchor": list(anchors), "positive": list(positives)})


def train(recipe: dict[str, Any] = RECIPE, folder: Path = BUILD) -> "SentenceTransformer":
    """The encoder after training; checkpoints in `folder`, so that a run that was cut off goes on."""
    import torch
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers.trainer_utils import get_last_checkpoint

    torch.manual_seed(recipe["seed"])
    random.seed(recipe["seed"])
    model = SentenceTransformer(str(ready_folder(EMBEDDER)), device="cuda" if torch.cuda.is_available() else "cpu")
    model.max_seq_length = PIECES
    for name, weight in model.named_parameters():
        weight.requires_grad_(not any(part in name for part in FROZEN))
    data = {f"region {region.number}": pairs(region) for region in first_regions(TRAIN_REGIONS)}
    out = folder / "encoder-steps"
    options = SentenceTransformerTrainingArguments(
        output_dir=str(out),
        max_steps=recipe["steps"],
        per_device_train_batch_size=recipe["batch"],
        learning_rate=recipe["learning_rate"],
        warmup_steps=max(5, recipe["steps"] // 10),
        batch_sampler="no_duplicates",  # two questions about one clause never stand in one batch
        multi_dataset_batch_sampler="proportional",  # a batch comes from one region
        seed=recipe["seed"],
        use_cpu=not torch.cuda.is_available(),
        save_steps=50,
        save_total_limit=1,
        logging_steps=10,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    trainer = SentenceTransformerTrainer(model, options, train_dataset=data, loss=MultipleNegativesRankingLoss(model))
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(out)) if out.is_dir() else None)
    model.max_seq_length = 256
    return model


def save_difference(base: Any, tuned: Any, folder: Path) -> None:
    """Keep what training changed in an encoder: each trained matrix as int8 steps of its rows' own size.

    base, tuned: SentenceTransformer objects of one architecture. A row's error is at most half a step, 1/254 of its
    largest change.
    """
    import torch
    from safetensors.torch import save

    kept, before = {}, base.state_dict()
    for name, weight in tuned.state_dict().items():
        change = weight.detach().float().cpu() - before[name].float().cpu()
        if not change.any():
            continue
        rows = change.reshape(change.shape[0], -1) if change.ndim > 1 else change.reshape(1, -1)
        step = rows.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127
        kept[f"{name}/int8"] = torch.round(rows / step).to(torch.int8).reshape(change.shape)
        kept[f"{name}/step"] = step.reshape(-1)
    write_whole(folder / DIFFERENCE, save(kept))


def exam(embeddings: "Embeddings", regions: Sequence[Region], split: str) -> dict[str, Any]:
    """Recall of evidence (%), each region searched within itself: by k over all that have an answer, at 3 by type."""
    by_type: dict[str, list[list[float]]] = defaultdict(list)
    for region in regions:
        asked = [question for question in region.asked(split) if question.answerable and question.evidence]
        found = search(region, asked, embeddings, max(KS))
        for question in asked:
            gold, row = region.stating(question.evidence), found[question.id]
            by_type[question.type].append([100 * float(np.mean([at in row[:k] for at in gold])) for k in KS])
    whole = np.array([row for rows in by_type.values() for row in rows])
    return {
        "questions": len(whole),
        **{f"recall at {k}": round(float(value), 1) for k, value in zip(KS, whole.mean(axis=0), strict=True)},
        "at 3 by type": {name: round(float(np.mean([row[1] for row in rows])), 1) for name, rows in by_type.items()},
    }


def examine() -> dict[str, Any]:
    """The exam of what is shipped beside the encoder as it comes, on dev and test families of the evidence corpora."""
    encoders = {"plain": CachedEmbeddings(), "tuned": domain_encoder()}
    exams = {}
    for split in ("dev", "test"):
        regions = [evidence_region(corpus) for corpus in EVIDENCE]
        exams[split] = {name: exam(encoder, regions, split) for name, encoder in encoders.items()}
    return exams


def main() -> int:
    """Train and keep, unless only an exam is asked for; then the exam of what was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exam", action="store_true", help="train nothing; examine the shipped encoder again")
    options = parser.parse_args(sys.argv[2:])
    if options.exam:
        record = encoder_record()
    else:
        from sentence_transformers import SentenceTransformer

        save_difference(SentenceTransformer(str(ready_folder(EMBEDDER)), device="cpu"), train(), ENCODER)
        record = {
            "base_sha256": EMBEDDER.sha256,
            "recipe": RECIPE,
            "data": f"train families of regions 0 to {TRAIN_REGIONS - 1}",
            "data_sha256": data_sha256(),
            "difference_sha256": sha256(ENCODER / DIFFERENCE),
        }
        write_whole(ENCODER / "record.json", json.dumps(record, indent=1) + "\n")
    record |= examine()
    write_whole(ENCODER / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps({split: record[split] for split in ("dev", "test")}, indent=1))
    return 0


def data_sha256() -> str:
    """The sha256 of all training pairs in order."""
    digest = hashlib.sha256()
    for region in first_regions(TRAIN_REGIONS):
        rows = pairs(region)
        digest.update(json.dumps([rows["anchor"][:], rows["positive"][:]]).encode())
    return digest.hexdigest()
