"""The domain encoder: MiniLM after contrastive training on (question, clause with header), by sentence-transformers.

Batches come from one region at a time, so that the negatives of a question are clauses among which it must really be
searched: the same terms of other contracts. Kept as int8 differences of the layers that were trained.
"""

import hashlib
import json
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llm_workbook.files import sha256, write_whole
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.settings import ROOT
from llm_workbook.training.domain import DIFFERENCE, ENCODER, save_difference

from .data import TRAIN_REGIONS, Region, first_regions

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer

BUILD = ROOT / "build" / "domain"
RECIPE = {"steps": 300, "batch": 64, "learning_rate": 1e-4, "seed": 7, "frozen": "embeddings, layers 0 and 1"}
PIECES = 160  # word pieces of a text in training; the encoder reads 256
FROZEN = ("embeddings.", "layer.0.", "layer.1.")
DEV_REGIONS, TEST_REGIONS = (1, 2, 3), (1, 2, 3)


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


def exam(model: Any, regions: Sequence[Region], split: str, ks: Sequence[int] = (1, 3, 5, 10, 20)) -> dict[str, Any]:
    """Recall of evidence (%), each region searched within itself: by k over all answerable questions, and at 3 by type.

    model: a SentenceTransformer.
    """
    by_type: dict[str, list[list[float]]] = defaultdict(list)
    for region in regions:
        asked = [question for question in region.asked(split) if question.answerable and question.evidence]
        entries, questions = (
            model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
            for texts in ([e.page_content for e in region.entries], [q.question for q in asked])
        )
        ranked = np.argsort(-(questions @ entries.T), axis=1)[:, : max(ks)].tolist()
        for question, row in zip(asked, ranked, strict=True):
            gold = region.stating(question.evidence)
            by_type[question.type].append([100 * float(np.mean([at in row[:k] for at in gold])) for k in ks])
    whole = np.array([row for rows in by_type.values() for row in rows])
    return {
        "questions": len(whole),
        **{f"recall at {k}": round(float(value), 1) for k, value in zip(ks, whole.mean(axis=0), strict=True)},
        "at 3 by type": {name: round(float(np.mean([row[1] for row in rows])), 1) for name, rows in by_type.items()},
    }


def main() -> int:
    """Train, exam on dev before and after, keep."""
    from sentence_transformers import SentenceTransformer

    tuned = train()
    dev = [first_regions(TRAIN_REGIONS)[number] for number in DEV_REGIONS]
    plain = SentenceTransformer(str(ready_folder(EMBEDDER)), device="cpu")
    record = {
        "base_sha256": EMBEDDER.sha256,
        "recipe": RECIPE,
        "data": f"train families of regions 0 to {TRAIN_REGIONS - 1}",
        "data_sha256": data_sha256(),
        "dev": {"plain": exam(plain, dev, "dev"), "tuned": exam(tuned, dev, "dev")},
    }
    save_difference(plain, tuned, ENCODER)
    record["difference_sha256"] = sha256(ENCODER / DIFFERENCE)
    write_whole(ENCODER / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["dev"], indent=1))
    return 0


def data_sha256() -> str:
    """The sha256 of all training pairs in order."""
    digest = hashlib.sha256()
    for region in first_regions(TRAIN_REGIONS):
        rows = pairs(region)
        digest.update(json.dumps([rows["anchor"][:], rows["positive"][:]]).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
