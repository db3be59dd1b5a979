"""Search real contracts with encoders tuned on authored ones, and the reverse.

usage: LLM_WORKBOOK_CUAD_DIR=folder/of/CUAD_v1 python -m tools.domain transfer [--steps 36] [--seed 7]

Trains the recipe of lab 1.4 once on train pairs of the authored corpora and once on those of CUAD, and prints recall at
3 of each way to search on the test families of both: Markdown, for data/README.md. Without the variable CUAD is
fetched. Weights of a mix are chosen on the dev questions of the corpus that is searched.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence

import pandas as pd

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.labs.lab_1_4 import ways
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.labs.lab_1_5.second import ordered, to_score
from llm_workbook.measure.statistics import mean_interval
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.run import Run
from llm_workbook.taught import lab_1_4 as taught
from llm_workbook.taught.lab_1_5 import maxsim, rerank
from llm_workbook.training.domain import domain_encoder, domain_reranker

from .reader import BUILD

CORPORA, ALPHAS = ("authored", "cuad"), (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


def main() -> int:
    """Train both encoders, search both corpora, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=36)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(sys.argv[2:])
    runs = {name: start("1.4", seed=options.seed, results_dir=BUILD / "transfer", corpus=name) for name in CORPORA}
    encoders = {name: trained(run, options.steps) for name, run in runs.items()}
    columns = {name: shares(run, encoders) for name, run in runs.items()}
    print("| recall at 3, % | " + " | ".join(columns) + " |\n|---|---|---|")
    for row in columns["authored"]:
        print(f"| {row} | " + " | ".join(column[row] for column in columns.values()) + " |")
    return 0


def trained(run: Run, steps: int) -> str:
    """The folder of an encoder, trained as in lab 1.4 on the train pairs of a run's corpus; made once."""
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss

    folder = BUILD / "transfer" / f"{run.settings.corpus}-{steps}-{run.settings.seed}"
    if folder.is_dir():
        return str(folder)
    encoder = room.base_encoder()
    encoder.max_seq_length = 96
    for name, weight in encoder.named_parameters():
        weight.requires_grad_(not any(part in name for part in ("embeddings.", "layer.0.", "layer.1.")))
    options = SentenceTransformerTrainingArguments(
        output_dir=str(folder), max_steps=steps, per_device_train_batch_size=32, learning_rate=1e-4, warmup_steps=5,
        batch_sampler="no_duplicates", multi_dataset_batch_sampler="proportional", seed=run.settings.seed,
        logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True, dataloader_pin_memory=False,
    )  # fmt: skip
    loss = CachedMultipleNegativesRankingLoss(encoder, mini_batch_size=8)
    room.run_training(
        SentenceTransformerTrainer(encoder, options, train_dataset=room.datasets_of(room.pairs_of(run)), loss=loss)
    )
    encoder.max_seq_length = 256
    encoder.save(str(folder), create_model_card=False)
    return str(folder)


def shares(run: Run, encoders: Mapping[str, str]) -> dict[str, str]:
    """way to search -> recall at 3 on the test questions of a run's corpus, with its interval over families."""
    regions = room.regions_of(run)
    plain = room.similarities(regions, room.encode(regions, run.embeddings))
    keywords = ways.by_keywords(regions, taught.keyword_scores, lambda text: taught.terms(text, times=3))
    systems = {"random": room.at_random(regions, run.settings.seed), "vectors": room.ranked(plain)}
    systems |= _additions(regions, systems["vectors"], plain, keywords, "vectors")
    for name, folder in encoders.items():
        own = room.similarities(regions, room.encode(regions, CachedEmbeddings(folder)))
        systems[way := f"encoder tuned on {name}"] = room.ranked(own)
        systems |= _additions(regions, systems[way], own, keywords, way)
    shipped = room.ranked(room.similarities(regions, room.encode(regions, domain_encoder())))
    systems["shipped encoder (authored, longer)"] = shipped
    second = scorer(domain_reranker(), to_score(regions, shipped), maxsim)
    systems["shipped encoder + shipped reranker"] = ordered(regions, shipped, rerank, second)
    found = {name: room.scored(regions, rankings, "test") for name, rankings in systems.items()}
    some = next(iter(found.values()))
    counts = {"questions, families": f"{len(some)}, {some['family'].nunique()}"}
    return counts | {name: _share(table) for name, table in found.items()}


def _additions(
    regions: Sequence[room.Region],
    rankings: Mapping[str, list[int]],
    scores: Mapping,
    keywords: Mapping,
    name: str,
) -> dict[str, Mapping[str, list[int]]]:
    """What lab 1.4 adds to a search: RRF, weighted keywords, the router."""
    words = room.ranked(keywords)
    dev = [one.id for region in regions for one in region.dev]
    curve = ways.mixed(scores, keywords, taught.weighted, ALPHAS)
    alpha = taught.best_alpha(ways.recalls(regions, curve), dev)
    fused = {one: taught.reciprocal_rank_fusion([row, words[one]]) for one, row in rankings.items()}
    routed = ways.routed(regions, scores, taught.route)
    return {f"{name} + RRF": fused, f"{name} + keywords, alpha on dev": curve[alpha], f"{name} + router": routed}


def _share(table: pd.DataFrame) -> str:
    mean, low, high = (100 * value for value in mean_interval(table["recall"], table["family"]))
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


if __name__ == "__main__":
    sys.exit(main())
