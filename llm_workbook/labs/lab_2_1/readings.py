"""Pairs become training text: a reading is three clauses and one or several questions about them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ...models.chat import is_plain
from ...show.training import TokenMask
from ...taught.lab_2_2 import Example, encode_turns
from .pairs import Pair

Reading = tuple[list[str], list[tuple[str, str]]]  # clauses; questions with their answers

OTHERS, MOST_TURNS = 2, 8
FAST, SLOW, SMOKE = 36_000, 10_000, 600  # tokens that a reader is trained on; slow: without bf16


def tokens_to_train(profile: str) -> int:
    """Tokens that each reader is trained on: about 90 seconds of two cores in live. Says in one line what is less."""
    if profile == "smoke":
        return SMOKE
    if profile != "live" or not is_plain():
        return FAST
    print(f"Here {SLOW:,} tokens to train on, not {FAST:,}, because this processor has no bf16 and no AVX-512")
    return SLOW


def readings(pairs: Sequence[Pair], turns: int, seed: int) -> Iterator[Reading]:
    """Readings without end: each pair in turn, its clause among two others that have pairs, in random order.

    The first other clause is from the same document, if it has one. turns: the most questions of a reading; further
    ones are about any of the clauses that are shown. Each answer of a clause is asked for once in a reading.
    """
    rng, about = random.Random(f"readings {seed}"), _by_clause(pairs)
    while pairs:
        for pair in rng.sample(list(pairs), len(pairs)):
            clauses = [pair.clause, *_others(pair, about, rng)]
            more = [one for clause in clauses for one in about[clause]]
            several = {(one.clause, one.answer): one for one in rng.sample(more, len(more))}
            taught = [pair, *(one for key, one in several.items() if key != (pair.clause, pair.answer))][:turns]
            asked = [(one.question, one.answer) for one in rng.sample(taught, len(taught))]
            yield rng.sample(clauses, len(clauses)), asked


def _by_clause(pairs: Sequence[Pair]) -> Mapping[str, list[Pair]]:
    about: dict[str, list[Pair]] = {}
    for pair in pairs:
        about.setdefault(pair.clause, []).append(pair)
    return about


def _others(pair: Pair, about: Mapping[str, list[Pair]], rng: random.Random) -> list[str]:
    rest = [clause for clause in about if clause != pair.clause]
    near = [clause for clause in rest if about[clause][0].document == pair.document]
    first = rng.sample(near, min(1, len(near)))
    rest = [clause for clause in rest if clause not in first]
    return first + rng.sample(rest, min(OTHERS - len(first), len(rest)))


def examples_for(tokenizer: Any, pairs: Sequence[Pair], turns: int, seed: int, tokens: int) -> list[Example]:
    """Training examples (ids, labels) until they have that many tokens together; none where there are no pairs."""
    made: list[Example] = []
    for clauses, asked in readings(pairs, turns, seed):
        made.append(encode_turns(tokenizer, clauses, asked))
        if sum(len(ids) for ids, _ in made) >= tokens:
            break
    return made


def tokens_taught(examples: Sequence[Example]) -> tuple[int, int, int]:
    """(tokens that are read, answer tokens that are learned, answers): an answer ends with its end mark."""
    read = sum(len(ids) for ids, _ in examples)
    learned = sum(label != -100 for _, labels in examples for label in labels)
    answers = sum(_answers(labels) for _, labels in examples)
    return read, learned, answers


def _answers(labels: Sequence[int]) -> int:
    """Runs of labels that count."""
    return sum(label != -100 and before == -100 for before, label in zip([-100, *labels], labels, strict=False))


def packing_table(tokenizer: Any, pairs: Sequence[Pair], seed: int, tokens: int) -> pd.DataFrame:
    """What so many tokens teach: readings, answers, tokens learned for 1,000 that are read; by questions a reading."""
    rows = {}
    for turns in (1, 2, 4, MOST_TURNS):
        examples = examples_for(tokenizer, pairs, turns, seed, tokens)
        read, learned, answers = tokens_taught(examples)
        rows[f"at most {turns}"] = {
            "readings": len(examples),
            "answers": answers,
            "answers a reading": round(answers / len(examples), 1),
            "learned for 1,000 read": round(1000 * learned / read, 1),
        }
    return pd.DataFrame(rows).T.rename_axis("questions a reading")


def show_example(tokenizer: Any, example: Example) -> TokenMask:
    """One training example, decoded token by token; what the loss sees is marked."""
    ids, labels = example
    return TokenMask([tokenizer.decode([token]) for token in ids], labels)
