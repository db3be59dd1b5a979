"""Record the ladder: every rung answers the same questions of 15 test families, each region searched within itself.

usage: python -m tools.domain ladder [--split dev] [--corpus cuad] [--rungs NAME ...] [--per-family 12] [--seeds 1]

Answers are kept on disk by prompt and model, so a run that was cut off goes on where it stood. Only --split test is
recorded, each rung and corpus in place of its earlier run; --split dev prints, for choices. Of CUAD a right clause is
not shown: its contracts have no sections, and its readers were never trained on it.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from llm_workbook.benchmark import guesses
from llm_workbook.benchmark.ladder import LAB, RECORDED, ladder
from llm_workbook.benchmark.ledger import Ledger, read_runs
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import SEVERAL, ask_all, with_usage
from llm_workbook.benchmark.search import place_of
from llm_workbook.benchmark.store import content, zipped
from llm_workbook.benchmark.systems import Traits
from llm_workbook.corpus.load import CORPORA, EVIDENCE, load_questions
from llm_workbook.corpus.records import Question
from llm_workbook.files import write_whole
from llm_workbook.measure.answers import score_answers
from llm_workbook.models.chat import LocalChat, load_chat_model, load_local_model
from llm_workbook.settings import Settings
from llm_workbook.training.domain import domain_reader

from .exams import PER_FAMILY, among_others, found, reranked, sample, shows
from .reader import BUILD, tuned

if TYPE_CHECKING:
    from langchain_core.documents import Document

MOST_TOKENS = 32
SHIPPED = 1  # the seed of the reader that comes with the workbook


@dataclass(frozen=True)
class Rung:
    """One system. unit and encoder: its search; "" for a rung that is shown the right clause. k: entries shown.
    budget: tokens of the clauses that are shown after the domain reranker has ordered them; 0: no reranker."""

    name: str
    reader: str  # "untuned", "domain" or a guess
    unit: str = ""
    encoder: str = ""
    k: int = 3
    budget: int = 0

    @property
    def is_found(self) -> bool:
        """Does it read what a search finds, or nothing?"""
        return bool(self.unit) or self.reader in GUESSES

    @property
    def traits(self) -> Traits:
        """What the ledger says of it."""
        if self.reader in GUESSES:
            return Traits("none", "none")
        context = "retrieved" if self.unit else "oracle"
        training = "domain reader" if self.reader == "domain" else "none"
        shown = f"domain reranker, {self.budget} tokens" if self.budget else f"k = {self.k}"
        search = f"{self.unit}, {self.encoder} encoder, {shown}"
        return Traits(training, context, index=search if self.unit else "")


GUESSES = {"most frequent answer": guesses.most_frequent, "nearest question": guesses.nearest_question}
RUNGS = {
    "guess-frequent": Rung("guess: the most frequent answer", "most frequent answer"),
    "guess-nearest": Rung("guess: the answer of the nearest train question", "nearest question"),
    "naive": Rung("naive RAG: chunks of 300 characters, untuned model", "untuned", "chunks", "plain"),
    "clauses": Rung("clauses with a header, untuned model", "untuned", "clauses", "plain"),
    "reader": Rung("clauses with a header, domain reader", "domain", "clauses", "plain"),
    "encoder": Rung("clauses with a header, domain encoder, domain reader", "domain", "clauses", "domain", 4),
    "reranker": Rung("and the domain reranker, 200 tokens", "domain", "clauses", "domain", budget=200),
    "untuned-right": Rung("right clause among others, untuned model", "untuned"),
    "right": Rung("right clause among others, domain reader", "domain"),
}


def main() -> int:
    """Answer, record, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--corpus", choices=CORPORA, default="authored", help="authored: its evidence corpora")
    parser.add_argument("--rungs", nargs="+", choices=RUNGS)
    parser.add_argument("--per-family", type=int, default=PER_FAMILY)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--k", type=int, help="show so many entries instead (dev only)")
    options = parser.parse_args(sys.argv[2:])
    if options.k and options.split == "test":
        parser.error("k is chosen on dev")
    tables, corpora = {}, EVIDENCE if options.corpus == "authored" else (options.corpus,)
    for name in options.rungs or [name for name, rung in RUNGS.items() if options.corpus != "cuad" or rung.is_found]:
        rung = RUNGS[name]
        if options.k and rung.unit:
            rung = replace(rung, name=f"{rung.name}, k = {options.k}", k=options.k)
        for corpus in corpora:
            tables[rung.name, corpus] = answers(rung, corpus, options.split, options.per_family, options.seeds)
        whole = pd.concat([tables[rung.name, corpus] for corpus in corpora])
        print(f"{rung.name}: {sentence(whole)}", flush=True)
    if options.split == "test":
        keep(tables)
        print(ladder(options.corpus).to_string())
    return 0


def answers(rung: Rung, corpus: str, split: str, per_family: int, seeds: Sequence[int]) -> pd.DataFrame:
    """The scored answers of one rung on one corpus; a domain reader answers once for each seed."""
    questions = sample(corpus, split, per_family)
    if rung.reader in GUESSES:
        taught = (corpus,) if corpus in CORPORA else ("authored", *EVIDENCE)
        train = [question for one in taught for question in load_questions(one, "train")]
        given = GUESSES[rung.reader](train, questions)
        return score_answers(questions, given, [[] for _ in questions])
    shown = context(rung, corpus, questions)
    if rung.reader == "untuned":
        return ask(load_chat_model(None, MOST_TOKENS), questions, shown, worked=True)
    return pd.concat([ask(reader(seed), questions, shown).assign(seed=seed) for seed in seeds], ignore_index=True)


def reader(seed: int) -> LocalChat:
    """The reader of one seed: the shipped one, or one that is trained now."""
    return domain_reader(MOST_TOKENS) if seed == SHIPPED else tuned(seed)


def context(rung: Rung, corpus: str, questions: Sequence[Question]) -> "list[list[Document]]":
    """What is shown for each question."""
    if not rung.unit:
        return among_others(corpus, questions)
    if rung.budget:
        tokenizer = load_local_model(None).tokenizer
        return reranked(corpus, questions, rung.budget, lambda text: len(tokenizer(text)["input_ids"]))
    return found(corpus, questions, rung.unit, rung.encoder, rung.k)


def ask(
    chat: Any, questions: Sequence[Question], shown: "Sequence[Sequence[Document]]", worked: bool = False
) -> pd.DataFrame:
    """Scored answers, with tokens, seconds and whether the clause was shown."""
    texts = [[entry.page_content for entry in entries] for entries in shown]
    prompts = [conversation(clauses, one.question, worked) for clauses, one in zip(texts, questions, strict=True)]
    replies, seconds = ask_all(chat, prompts)
    scores = with_usage(score_answers(questions, [reply.text for reply in replies], texts), replies, seconds)
    return scores.assign(
        shown=[shows(question, entries) for question, entries in zip(questions, shown, strict=True)],
        places=["; ".join(str(place_of(entry)) for entry in entries) for entries in shown],
    )


def sentence(scores: pd.DataFrame) -> str:
    """Right answers, refusals and search in one line, for a choice."""
    known = scores[scores["answerable"]]
    one = known[~known["type"].isin(SEVERAL)]
    parts = [
        f"one clause {100 * one['correct'].mean():.1f}",
        f"all {100 * known['correct'].mean():.1f} (n {len(known)})",
    ]
    if "shown" in scores:
        seen = known[known["shown"]]
        parts.append(f"shown {100 * known['shown'].mean():.1f} (one clause {100 * one['shown'].mean():.1f})")
        parts.append(f"needless refusals where shown {100 * seen['refused'].mean():.1f}")
    parts.append(f"right refusals {100 * scores[~scores['answerable']]['refused'].mean():.1f}")
    by_type = known.groupby("type")["correct"].mean().mul(100).round().astype(int)
    return ", ".join(parts) + " | " + ", ".join(f"{name} {value}" for name, value in by_type.items())


def keep(tables: dict[tuple[str, str], pd.DataFrame]) -> None:
    """Write each rung and corpus as a run of the ladder's ledger, in place of the recorded one; others stay."""
    clean = {key: table.drop(columns=["em", "f1", "rouge_l"], errors="ignore") for key, table in tables.items()}
    record(RECORDED, LAB, clean, {rung.name: rung.traits for rung in RUNGS.values()})


def record(
    path: Path,
    lab: str,
    tables: Mapping[tuple[str, str], pd.DataFrame],
    traits: Mapping[str, Traits],
    costs: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    corpora: Sequence[str] = (*EVIDENCE, *CORPORA),
) -> None:
    """Write tables as runs of one recorded ledger, in place of its runs of the same system and corpus.

    tables: (system, corpus) -> its scored answers. traits: of every system, in the order in which they shall stand;
    recorded runs of other systems are dropped, and so are those of other corpora than these. costs: system -> what is
    measured of it as a whole.
    """
    work = BUILD / f"{lab}-{time.time_ns()}"
    for (name, corpus), table in tables.items():
        ledger = Ledger(Settings("0", "full", 1, corpus=corpus, results_dir=work), lab)
        ledger.append(name, table, costs.get(name, {}), traits[name])
    known = _runs(path) | _runs(Ledger(Settings("0", "full", results_dir=work), lab).path)
    ordered = [known[name, corpus] for corpus in corpora for name in traits if (name, corpus) in known]
    write_whole(path, zipped(b"".join(ordered)))


def tables_of(path: Path) -> dict[tuple[str, str], pd.DataFrame]:
    """(system, corpus) -> the recorded rows; none without a file."""
    runs = read_runs(path, "recorded") if path.exists() else []
    return {
        (run["header"]["system"], run["header"]["corpus"]): pd.DataFrame(run["items"]).drop(columns=["kind", "run_id"])
        for run in runs
    }


def _runs(path: Path) -> dict[tuple[str, str], bytes]:
    """(system, corpus) -> the lines of its latest run, as they are written."""
    lines: dict[str, list[bytes]] = defaultdict(list)
    named = {}
    for line in content(path).splitlines(keepends=True) if path.exists() else ():
        entry = json.loads(line)
        lines[entry["run_id"]].append(line)
        if entry["kind"] == "run":
            named[entry["system"], entry["corpus"]] = entry["run_id"]
    return {name: b"".join(lines[run_id]) for name, run_id in named.items()}
