"""What the reader is shown after a search, what it answers, how sure it is, and what that is worth."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ...assistant.pipeline import length
from ...benchmark.ladder import rung_answers
from ...benchmark.prompt import conversation
from ...benchmark.reading import SEVERAL, ask_all
from ...benchmark.search import clause_entries, place_of
from ...corpus.load import EVIDENCE, load_contracts, load_questions
from ...measure.answers import contains_answer, score_answers
from ...measure.statistics import estimate, mean_interval
from ...models.chat import LocalChat, trim_memory
from ...models.shape import ends, filler
from ...regions import Region
from ...run import Run
from ...settings import DATA
from ...show.passages import MARK
from ...show.text import in_html
from .second import DEPTH, Rankings, Score

GROUP, LENGTHS = 2, 64  # prompts that are answered together; they are padded to multiples of so many tokens
RECORDED = DATA / "recorded" / "1.5.jsonl.gz"
ONE = "one clause: % right"
FACTS = ("hourly_usd", "minutes_by_hand", "check_minutes", "refusal_minutes", "believed_share", "error_usd")

Choose = Callable[[str, list[str]], list[str]]  # (question, clauses best first) -> those that are shown, in their order


@dataclass(frozen=True)
class Reader:
    """A chat model that answers questions from the clauses that it is shown.

    regions: whose questions it is asked. score: the second stage's, for how sure the search is. recorded: way of showing
    clauses -> its recorded answers (see `recorded_for`).
    """

    chat: Any
    regions: Sequence[Region]
    score: Score
    recorded: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def tokens(self, text: str) -> int:
        """Length of a text in tokens of this model (see `length`)."""
        return length(self.chat, text)

    def answers(self, way: str, rankings: Rankings, split: str, choose: Choose) -> pd.DataFrame:
        """Scored answers of one way of showing clauses: the recorded ones where there are some, else as `read`."""
        if way not in self.recorded:
            return self.read(rankings, split, choose)
        table = self.recorded[way]
        return with_texts(table[table["split"] == split].reset_index(drop=True))

    def read(self, rankings: Rankings, split: str, choose: Choose) -> pd.DataFrame:
        """Answers given now, scored (see `score_answers`), with the columns question, clauses (that were shown), tokens
        (of these), held (do they contain an answer?), reader (how probable it found its answer, mean over tokens, 0 to
        1; nan of a hosted model), search (score of the first clause) and lead (over the second)."""
        rows = [(region, one) for region in self.regions for one in getattr(region, split)]
        found = [[region.entries[at].page_content for at in rankings[one.id][:DEPTH]] for region, one in rows]
        shown = [choose(one.question, texts) for (_, one), texts in zip(rows, found, strict=True)]
        prompts = [conversation(texts, one.question) for (_, one), texts in zip(rows, shown, strict=True)]
        replies = said(self.chat, prompts)
        table = score_answers([one for _, one in rows], [text for text, _ in replies], shown)
        held = [contains_answer(" ".join(texts), one.answers) for (_, one), texts in zip(rows, shown, strict=True)]
        lengths = [sum(map(self.tokens, texts)) for texts in shown]
        top = np.array([list(self.score(one.question, texts[:2])) for (_, one), texts in zip(rows, found, strict=True)])
        sure = {"reader": [value for _, value in replies], "search": top[:, 0], "lead": top[:, 0] - top[:, -1]}
        asked = [one.question for _, one in rows]
        more: dict[str, Any] = {"question": asked, "clauses": shown, "tokens": lengths, "held": held, **sure}
        return table.assign(**more)


def beside(reader: Reader, rankings: Rankings, tried: Mapping[str, Choose]) -> pd.DataFrame:
    """What the reader answers now to the first dev question, a row for each way of showing it clauses."""
    region = next(one for one in reader.regions if one.dev)
    asks = replace(reader, regions=[replace(region, dev=region.dev[:1], test=())])
    print(f"{region.dev[0].question} ({' / '.join(region.dev[0].answers)})")
    rows = pd.concat([asks.read(rankings, "dev", choose) for choose in tried.values()])
    return rows.assign(way=[*tried], clauses=rows["clauses"].map(len)).set_index("way")[
        ["clauses", "tokens", "held", "answer", "correct"]
    ]


def kinds(answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which rows have an answer that one clause gives, and which have one that needs several; shape (questions,) each."""
    known, several = answers["answerable"].to_numpy(bool), answers["type"].isin(SEVERAL).to_numpy()
    return {"types that one clause answers": known & ~several, "types that need several": known & several}


def recorded_for(run: Run) -> dict[str, pd.DataFrame]:
    """way -> what the domain reader has answered on whole evidence corpora, with a column split; made by
    `python -m tools.domain packing`. Empty for another model or corpus: then the reader answers a few questions now."""
    settings = run.settings
    return rung_answers("authored", RECORDED) if (settings.model, settings.corpus) == (None, "authored") else {}


def with_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Recorded answers with the columns question and clauses, from their ids and places."""
    both = product(EVIDENCE, ("dev", "test"))
    asked = {one.id: one.question for corpus, split in both for one in load_questions(corpus, split)}
    entries = (entry for corpus in EVIDENCE for entry in clause_entries(load_contracts(corpus)))
    text = {str(place_of(entry)): entry.page_content for entry in entries}
    more: dict[str, Any] = {
        "question": table["question_id"].map(asked),
        "clauses": [[text[place] for place in places.split("; ") if place] for places in table["places"]],
    }
    return table.assign(**more)


def said(chat: Any, prompts: Sequence[Sequence[dict[str, str]]]) -> list[tuple[str, float]]:
    """(answer, how sure) of each prompt: the geometric mean of the probabilities of its tokens. Of a model that does not
    run here: nan."""
    if not isinstance(chat, LocalChat):
        return [(reply.text, math.nan) for reply in ask_all(chat, prompts)[0]]
    from tqdm import tqdm

    texts = [chat.prompt(chat._convert_input(list(prompt)).to_messages()) for prompt in prompts]
    order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
    found: dict[int, tuple[str, float]] = {}
    with tqdm(total=len(texts), desc="answers", unit="answer", disable=len(texts) < 8, mininterval=5) as bar:
        for first in range(0, len(order), GROUP):
            group = order[first : first + GROUP]
            found |= dict(zip(group, _generated(chat, [texts[at] for at in group]), strict=True))
            bar.update(len(group))
            trim_memory()
    return [found[at] for at in range(len(texts))]


def _generated(chat: LocalChat, texts: list[str]) -> Iterator[tuple[str, float]]:
    """Greedy answers with the mean log probability of their tokens, as a probability."""
    import torch

    model, tokenizer, last = chat.model, chat.tokenizer, set(ends(chat.model, chat.tokenizer))
    shape = {"padding": True, "pad_to_multiple_of": LENGTHS, "add_special_tokens": False}
    read = tokenizer(texts, **shape, return_tensors="pt").to(model.device)
    marks = {"pad_token_id": filler(model, tokenizer), "eos_token_id": list(last) or None, "do_sample": False}
    with torch.inference_mode():
        out = model.generate(
            **read, **marks, max_new_tokens=chat.max_new_tokens, output_scores=True, return_dict_in_generate=True
        )
        steps = model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True)
    for ids, row in zip(out.sequences[:, read["input_ids"].shape[1] :].tolist(), steps.tolist(), strict=True):
        count = next((place + 1 for place, token in enumerate(ids) if token in last), len(ids))
        yield tokenizer.decode(ids[:count], skip_special_tokens=True).strip(), math.exp(np.mean(row[:count]))


# ------------------------------------------------------------------ what it is worth


def prices() -> dict[str, float]:
    """USD that a right answer, a wrong one and "not stated" are worth against a search by hand: lab 3.4's scenario."""
    with (DATA / "scenario.csv").open(newline="", encoding="utf-8") as file:
        facts = {row["name"]: float(row["value"]) for row in csv.DictReader(file) if row["name"] in FACTS}
    minute = facts["hourly_usd"] / 60
    return {
        "right": (facts["minutes_by_hand"] - facts["check_minutes"]) * minute,
        "wrong": -facts["check_minutes"] * minute - facts["believed_share"] * facts["error_usd"],
        "none": -facts["refusal_minutes"] * minute,
    }


def confidence(answers: pd.DataFrame) -> dict[str, np.ndarray]:
    """Three numbers for how sure an answer is, shape (questions,) each (see `Reader.read`); without the first where the
    model does not say it."""
    known = {name: answers[name].to_numpy(float) for name in ("reader", "search", "lead")}
    return {name: values for name, values in known.items() if not np.isnan(values).any()}


def worth(answers: pd.DataFrame, sure: Sequence[float], threshold: float, usd: Mapping[str, float]) -> np.ndarray:
    """USD of each question: an answer counts where it is at least so sure and no refusal; shape (questions,)."""
    spoken = (np.asarray(sure, dtype=float) >= threshold) & given(answers)
    return np.where(spoken, np.where(answers["correct"].to_numpy(bool), usd["right"], usd["wrong"]), usd["none"])


def against(after: np.ndarray, before: np.ndarray, families: Sequence[str]) -> str:
    """One sentence on the difference in USD per question, with its 95 % confidence interval over families."""
    found = estimate(after - before, list(families))
    low, high = found.interval()
    return f"{found.mean:+.2f} USD a question [{low:.2f}, {high:.2f}], n = {found.n} in {found.families} families"


def ways(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row for each way of showing clauses: tokens; of the questions that one clause answers, in %: the answer is among
    what is shown, right answers with their 95 % confidence interval over families; right answers where several are
    needed."""
    rows = {}
    for name, table in tables.items():
        one, several = (table[which] for which in kinds(table).values())
        share = mean_interval(one["correct"], one["family"]) if len(one) else (math.nan,) * 3
        shares = [one["held"].mean(), *share, several["correct"].mean()]
        rows[name] = [table["tokens"].mean(), *(100 * float(share) for share in shares)]
    columns = ["tokens", "one clause: % shown", ONE, "95 % from", "to", "several: % right"]
    return pd.DataFrame(rows, index=columns).T.round(0).astype("Int64")


def given(answers: pd.DataFrame) -> np.ndarray:
    """Which questions got an answer that is no refusal, shape (questions,)."""
    return ~answers["refused"].to_numpy(bool)


def curve(answers: pd.DataFrame, sure: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """(coverage, risk) in %, when the answers are given from the surest to the least sure; refusals are left out."""
    which = given(answers)
    order = np.argsort(-np.asarray(sure, dtype=float)[which], kind="stable")
    wrong = ~answers["correct"].to_numpy(bool)[which][order]
    counts = np.arange(1, len(wrong) + 1)
    return 100 * counts / max(1, len(wrong)), 100 * np.cumsum(wrong) / counts


def mean_risk(answers: pd.DataFrame, sure: Sequence[float]) -> float:
    """Mean risk over all coverages, 0 to 1 (the area under the curve)."""
    risks = curve(answers, sure)[1]
    return float(np.mean(risks)) / 100 if len(risks) else math.nan


def bill(
    before: pd.DataFrame,
    after: pd.DataFrame,
    steps: Mapping[str, np.ndarray],
    sure: Sequence[float],
    threshold: float,
    never: float,
) -> pd.DataFrame:
    """A row for each of three steps and one that never answers: % right, wrong and not stated of all test questions, % right
    of those answered, and USD a question. never: the worth of silence."""
    kept = np.asarray(sure, dtype=float) >= threshold
    rows = {}
    shown = ((before, np.True_), (after, np.True_), (after, kept))
    for (name, values), (table, which) in zip(steps.items(), shown, strict=True):
        spoken, correct = given(table) & which, table["correct"].to_numpy(bool)
        right, wrong, silent = (100 * float(np.mean(one)) for one in (spoken & correct, spoken & ~correct, ~spoken))
        rows[name] = [right, wrong, silent, 100 * right / (right + wrong or math.nan), float(np.mean(values))]
    rows["never answers"] = [0, 0, 100, math.nan, never]
    columns = ["% right", "% wrong", "% not stated", "% right of the answers", "USD a question"]
    return pd.DataFrame(rows, index=columns).T.round(dict.fromkeys(columns[:4], 0) | {columns[4]: 2})


@dataclass(frozen=True)
class Citation:
    """A question, its answer, and the clause that contains it with the answer marked. place: as `cite` gives it."""

    question: str
    answer: str
    clauses: Sequence[str]
    place: tuple[int, int, int] | None

    def __str__(self) -> str:
        if self.place is None:
            return f"Q: {self.question}\nA: {self.answer} (not found in the text)\n"
        at, start, end = self.place
        text = self.clauses[at]
        return f"Q: {self.question}\nA: {self.answer} [{at + 1}]\n[{at + 1}] {text[:start]}>>{text[start:end]}<<{text[end:]}\n"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<p><b>{in_html(self.question)}</b><br>Answer: <b>{in_html(self.answer)}</b> "
        if self.place is None:
            return f"{head}(not found in the text)</p>"
        at, start, end = self.place
        text = self.clauses[at]
        before, inside, after = map(in_html, (text[:start], text[start:end], text[end:]))
        return f"{head}[{at + 1}]<br>[{at + 1}] {before}{MARK}{inside}</mark>{after}</p>"
