"""Readers after each way to learn from feedback, with several seeds: what lab 2.5 does once.

usage: python -m tools.domain preferring [--runs NAME ...] [--seeds 1 2 3] [--split dev]

Every run begins with the shipped reader of lab 2.4 ("citing"), learns for about as long as 24 steps of DPO take, and
answers the exam of the 15 test families (--split dev: of the dev families). The answers of each run are kept in
build/domain/preferring and printed as a table; what is finished is skipped, so several commands may share the work.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import pandas as pd

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.feedback import learning, policy
from llm_workbook.feedback.exam import board, exam_questions, scored, take_exam
from llm_workbook.feedback.learning import Judgement, balanced, batches_of, judgements_of
from llm_workbook.feedback.raters import CAREFUL, HASTY, Rater, label_all, worth
from llm_workbook.feedback.records import Asked, Label, Pair, behaviour, different, load_asked
from llm_workbook.files import write_whole
from llm_workbook.labs.lab_2_5 import judges, live
from llm_workbook.models.chat import load_local_model
from llm_workbook.taught.lab_2_5 import advantages, dpo_loss, reward
from llm_workbook.training.adapters import Adapters, merged, with_model
from llm_workbook.training.domain import ADAPTERS, NOT_STATED, domain_reader

from .preferences import CITES
from .reader import BUILD

WORK = BUILD / "preferring"
SECONDS = 420.0  # CPU seconds of 24 steps of DPO on one core, for what is not counted in steps
KL_ON = 30  # questions on which the distance from the start is measured
BUDGET_USD, WAGE_USD_PER_HOUR = 5.0, 20.0  # for labels; for who labels, as in lab 2.4
RATE, BETA = policy.RECIPE.learning_rate, 0.1


def main() -> int:
    """Record what is named and missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=[*RUNS])
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    options = parser.parse_args(sys.argv[2:])
    WORK.mkdir(parents=True, exist_ok=True)
    for name in options.runs:
        for seed in options.seeds or SEEDS.get(name, (1,)):
            path = WORK / f"{options.split} {name} {seed}.csv"
            if path.exists():
                continue
            table = one_run(name, seed, options.split)
            write_whole(path, table.to_csv(index=False))
            asked = {one.id: one for one in exam_questions(options.split)}
            rows = scored([asked[one] for one in table["question_id"]], list(table["answer"]))
            print(board({f"{name}, seed {seed}": rows}).to_string(), dict(table.iloc[0][["kl", "seconds"]]), flush=True)
    return 0


def one_run(name: str, seed: int, split: str) -> pd.DataFrame:
    """Train one reader and ask it the exam; a row for each answer."""
    chat, asked = load_local_model(None, policy.MOST), exam_questions(split)
    model = policy.start_policy(chat, Adapters(ADAPTERS).whole_weights(policy.START), seed)
    watched = [one for one in asked if one.answers][:KL_ON]
    # the start's scores along the answers of the reader that comes out are computed by a second start, afterwards
    started = time.process_time()
    items = RUNS[name](model, chat.tokenizer, seed)
    seconds = time.process_time() - started
    state = {key: weight.detach().clone() for key, weight in model.named_parameters() if weight.requires_grad}
    served = merged(
        with_model(chat, model, f"preferring {name} {seed} {time.time()}").model_copy(update={"use_cache": False})
    )
    table = take_exam(served, asked)
    kl = _distance(table, watched, state)
    return pd.DataFrame(
        {"run": name, "seed": seed, "question_id": table["question_id"], "answer": table["answer"], "kl": round(kl, 4),
         "seconds": round(seconds), "items": items}
    )  # fmt: skip


def _distance(table: pd.DataFrame, watched: Sequence[Asked], state: dict[str, Any]) -> float:
    """KL to the start along the answers of the trained reader, per token."""
    import torch

    chat = load_local_model(None, policy.MOST)
    model = policy.start_policy(chat, Adapters(ADAPTERS).whole_weights(policy.START), 1)
    said = dict(zip(table["question_id"], table["answer"], strict=True))
    ids = [policy.answers_to(chat.tokenizer, one, [said[one.id]]) for one in watched]
    with torch.no_grad():
        before = [policy.token_logits(model, one) for one in ids]
        for key, weight in model.named_parameters():
            if key in state:
                weight.copy_(state[key])
    return policy.kl_to_start(model, ids, before)


# ------------------------------------------------------------------ ways to learn: (model, tokenizer, seed) -> items


def _steps(model: Any, items: Sequence[Any], loss: Callable[[Any], Any], seed: int, rate: float = RATE) -> int:
    mixed = random.Random(seed).sample(list(items), len(items))
    policy.train_on(model, batches_of(mixed), loss, rate)
    return min(len(items), policy.RECIPE.steps * policy.RECIPE.batch)


def _weighed(model: Any, tokenizer: Any, row: tuple[Asked, list[str], list[float]]) -> learning.Weighed:
    """One row weighed by the start; kept on disk, for the start is the same in all runs."""
    from safetensors.torch import load_file, save_file

    name = hashlib.sha256(repr((row[0].id, row[1])).encode()).hexdigest()[:20]
    path = WORK / "start" / f"{name}.safetensors"
    if not path.exists():
        one = next(learning.weighed(model, tokenizer, [row]))
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        lower = policy.lower_half(model, one.answers)
        save_file({"start": one.start, "lower": lower.contiguous()}, beside)
        os.replace(beside, path)
    kept = load_file(path)
    return learning.Weighed(policy.answers_to(tokenizer, row[0], row[1]), kept["start"], tuple(row[2]), kept["lower"])


def prefer(
    model: Any, tokenizer: Any, seed: int, source: Callable[[], list[Judgement]], beta: float = BETA,
    rate: float = RATE, wrong: float = 0.0, ratio: float | None = learning.RATIO,
) -> int:  # fmt: skip
    """DPO. ratio: see `balanced`; None leaves the judgements as they are. wrong: see `preference_loss`."""
    said = source()
    kept = balanced(said, ratio, seed) if ratio is not None else random.Random(seed).sample(said, len(said))
    kept = kept[: policy.RECIPE.steps * policy.RECIPE.batch]
    items = [_weighed(model, tokenizer, row) for row in learning.preferred_rows(kept)]
    return _steps(model, items, learning.preference_loss(model, dpo_loss, beta, wrong), seed, rate)


def careful() -> list[Judgement]:
    """All pairs, labelled by the simulated careful rater."""
    asked, pairs = everything()
    return judgements_of(label_all(CAREFUL, pairs, asked), pairs, asked)


def for_the_budget(rater: Any) -> list[Judgement]:
    """Labels of one simulated rater for the budget."""
    asked, pairs = everything()
    return judgements_of(labels_for(BUDGET_USD, rater, pairs, asked), pairs, asked)


def by_judge(judge: Callable[[Asked, str], float]) -> list[Judgement]:
    """All pairs, labelled by a judge."""
    asked, pairs = everything()
    return judgements_of(labels_of(judges.by_score(judge), pairs, asked), pairs, asked)


def labels_for(budget_usd: float, rater: Rater, pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> list[Label]:
    """As many labels of a simulated rater, of pairs in a random order, as that money pays for."""
    each = rater.seconds / 3600 * WAGE_USD_PER_HOUR
    mixed = random.Random("budget").sample(list(pairs), len(pairs))
    return label_all(rater, mixed[: int(budget_usd / each)], asked)


def best_of(one: Asked) -> str:
    """The sample that a careful rater would choose: worth most by the guidelines, of equal ones the first."""
    return max(different(one.samples), key=lambda text: worth(one, behaviour(one, text)))


def thumbs_rows(samples: Sequence[Asked]) -> list[tuple[Asked, list[str], list[float]]]:
    """What KTO learns from: the different samples of a question with a thumb each (1 up, 0 down), and last an answer
    to the question before, which belongs to nothing here."""
    rows = []
    for before, one in zip([samples[-1], *samples[:-1]], samples, strict=True):
        texts = different(one.samples)
        thumbs = [float(worth(one, behaviour(one, text)) >= 2.0) for text in texts]
        rows.append((one, [*texts, before.samples[0]], [*thumbs, 0.0]))
    return rows


def labels_of(judge: judges.Judge, pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> list[Label]:
    """What a judge says of the pairs, as labels."""
    return [Label(pair.id, judge(asked[pair.asked], pair), "judge") for pair in pairs]


def everything() -> tuple[dict[str, Asked], Any]:
    """All questions with samples, and their pairs."""
    return live.asked_and_pairs(load_asked(), 7)


@cache
def second_reading() -> dict[str, str]:
    """question id -> what the domain reader answers; kept."""
    path, asked = WORK / "second reading.json", load_asked()
    if not path.exists():
        replies = domain_reader().batch([conversation(one.clauses, one.question) for one in asked])
        said = {one.id: reply.text for one, reply in zip(asked, replies, strict=True)}
        write_whole(path, json.dumps(said))
    return json.loads(path.read_text(encoding="utf-8"))


def error_rate() -> float:
    """How often the judge that reads is wrong, on the labels that the budget pays a careful rater for."""
    asked, pairs = everything()
    labels = labels_for(BUDGET_USD, CAREFUL, pairs, asked)
    judge = judges.by_score(judges.by_reader(second_reading()))
    right, n = judges.agreement(judge, labels, pairs, asked)
    return 1 - right / n


def supervised(model: Any, tokenizer: Any, seed: int, answer: Callable[[Asked, random.Random], str]) -> int:
    """Supervised training on one answer to each question."""
    rng = random.Random(seed)
    rows = [(one, answer(one, rng)) for one in load_asked()]
    return _steps(
        model, [policy.answers_to(tokenizer, one, [text]) for one, text in rows], learning.supervised_loss(model), seed
    )


def as_before(asked: Asked, rng: random.Random) -> str:
    """The right answer as the start was taught it: so many of them with their clause."""
    if not asked.answers:
        return NOT_STATED
    return f"{asked.answers[0]} [{asked.headings[0]}]" if rng.random() < CITES else asked.answers[0]


def thumbs(model: Any, tokenizer: Any, seed: int) -> int:
    """KTO on the thumbs of all samples."""
    rows = random.Random(seed).sample(thumbs_rows(load_asked()), policy.RECIPE.steps * policy.RECIPE.batch)
    items = [_weighed(model, tokenizer, row) for row in rows]
    return _steps(model, items, learning.thumbs_loss(model, BETA), seed)


def rewarded(model: Any, tokenizer: Any, seed: int, reward: live.Grade) -> int:
    """GRPO for as many CPU seconds as DPO takes."""
    steps = learning.train_grpo(model, tokenizer, load_asked(), reward, advantages, SECONDS, RATE, seed)
    print(f"{len(steps)} steps, mean reward {sum(steps[:5]) / 5:.2f} at first, {sum(steps[-5:]) / 5:.2f} at last")
    return 2 * len(steps)


def _reader_judge(asked: Asked, answer: str) -> float:
    return judges.by_reader(second_reading())(asked, answer)


RUNS: dict[str, Callable[[Any, Any, int], int]] = {
    "start": lambda model, tokenizer, seed: 0,
    "DPO": partial(prefer, source=careful),
    "GRPO": partial(rewarded, reward=live.graded(reward)),
    "best of six": partial(supervised, answer=lambda one, _: best_of(one)),
    "DPO, refusals not balanced": partial(prefer, source=careful, ratio=None),
    "GRPO, any citation": partial(rewarded, reward=live.cites_anything),
    "DPO, rate 8e-4": partial(prefer, source=careful, rate=8e-4),
    "DPO, rate 5e-5": partial(prefer, source=careful, rate=5e-5),
    "DPO, beta 0.5": partial(prefer, source=careful, beta=0.5),
    "DPO, beta 0.02": partial(prefer, source=careful, beta=0.02),
    "careful, for the budget": partial(prefer, source=lambda: for_the_budget(CAREFUL)),
    "hasty, for the budget": partial(prefer, source=lambda: for_the_budget(HASTY)),
    "AI labels": partial(prefer, source=lambda: by_judge(_reader_judge)),
    "AI labels, corrected": lambda model, tokenizer, seed: prefer(
        model, tokenizer, seed, lambda: by_judge(_reader_judge), wrong=error_rate()
    ),
    "AI labels, by rules": partial(prefer, source=lambda: by_judge(judges.by_rules)),
    "KTO": thumbs,
    "more of the same": partial(supervised, answer=as_before),
}
THREE = ("DPO", "GRPO", "best of six", "careful, for the budget", "hasty, for the budget", "AI labels")
SEEDS = dict.fromkeys([*THREE, "AI labels, corrected"], (1, 2, 3))
