"""Rerank by the language model's own likelihood of the question, given the clause; no training is needed.

usage: python -m tools.domain likelihood [--per-family 3]

After Sachan et al., EMNLP 2022, arXiv:2204.07496. Prints a table for data/README.md: the domain encoder's first 20
clauses in its order, in that of the offline model's likelihood (alone, and added with a weight that dev chooses), and
in the domain reranker's; the same test questions of the evidence corpora for all, with the seconds of one question.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from time import perf_counter

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.labs.lab_1_5 import second
from llm_workbook.labs.lab_1_5.late import scorer
from llm_workbook.models.chat import LocalChat, load_local_model
from llm_workbook.taught.lab_1_5 import maxsim, rerank
from llm_workbook.training.domain import domain_encoder, domain_reranker

from .reader import BUILD

GROUP, LENGTHS, LONGEST = 5, 32, 220  # clauses read together, padded to multiples of so many tokens; tokens of a clause


def main() -> int:
    """Rerank, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-family", type=int, default=3)
    options = parser.parse_args(sys.argv[2:])
    run = start("1.5", results_dir=BUILD / "likelihood")
    every = room.regions_of(run)
    similarity = room.similarities(every, room.encode(every, domain_encoder()))
    regions, first = second.some(every, options.per_family), room.ranked(similarity)
    late = scorer(domain_reranker(), second.to_score(regions, first), maxsim)
    score, started = second.remembered(likelihood(load_local_model(None))), perf_counter()
    systems: dict = {"encoder": first}
    systems |= second.both_ways("likelihood", regions, first, similarity, rerank, score)
    spent = (perf_counter() - started) / sum(len(region.asked) for region in regions)
    systems |= {"domain reranker": second.ordered(regions, first, rerank, late)}
    board = second.board(regions, systems, "test").drop(columns="first 20")
    print("| order | " + " | ".join(board.columns) + " |\n|" + "---|" * (len(board.columns) + 1))
    for name, row in board.iterrows():
        print(f"| {name} | " + " | ".join(map(str, row)) + " |")
    count = sum(len(region.test) for region in regions)
    print(f"n = {count} test questions; the likelihood takes {spent:.1f} s for one question")
    return 0


def likelihood(chat: LocalChat) -> Callable[[str, Sequence[str]], list[float]]:
    """score(question, clauses): mean log probability (nats) of the question's tokens after each clause."""
    import torch

    model, tokenizer = chat.model, chat.tokenizer

    def of_group(clauses: Sequence[str], asked: list[int]) -> list[float]:
        rows = [tokenizer(text, add_special_tokens=False)["input_ids"][:LONGEST] + asked for text in clauses]
        width = -(-max(map(len, rows)) // LENGTHS) * LENGTHS
        ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
        there = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        places = (there.cumsum(1) - 1).clamp(min=0)
        with torch.inference_mode():
            out = model(input_ids=ids, attention_mask=there, position_ids=places, logits_to_keep=len(asked) + 1)
        chances = out.logits[:, :-1].float().log_softmax(-1)
        wanted = torch.tensor(asked)[None, :, None].expand(len(rows), -1, -1)
        return chances.gather(2, wanted).mean((1, 2)).tolist()

    def score(question: str, clauses: Sequence[str]) -> list[float]:
        asked = tokenizer(f"\nQuestion: {question}", add_special_tokens=False)["input_ids"]
        order = sorted(range(len(clauses)), key=lambda at: len(clauses[at]))
        found: dict[int, float] = {}
        for begin in range(0, len(order), GROUP):
            group = order[begin : begin + GROUP]
            found |= dict(zip(group, of_group([clauses[at] for at in group], asked), strict=True))
        return [found[at] for at in range(len(clauses))]

    return score
