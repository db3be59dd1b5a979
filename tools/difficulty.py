"""How hard is a corpus? One table, made from real runs of the offline models.

  python tools/difficulty.py [--corpus authored|cuad] [--split test|dev] [--tokens 80000] [--seeds 3] [--write]

Rows: the base model closed book, with the gold clauses, with what a naive index finds, and with gold among two
distractors; small LoRAs, one for each seed, trained on gold-among-distractors examples (RAFT, arXiv:2403.10131) of the
train families, 80,000 training tokens (once measured: six minutes on two cores); the same LoRAs, and quicker ones, on
families on which no recipe was tried; one trained on half of the clause wordings, on test clauses in those wordings and
in the others; and recall at 10 of keywords and of vectors by question type. Bands are over contract families. What was
computed is kept in build/difficulty/ and not computed twice; --write puts the table into data/README.md. A recipe is
chosen with --split dev.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.benchmark.prompt import conversation  # noqa: E402
from llm_workbook.benchmark.reading import SEVERAL, ReadingExam, of_one_clause  # noqa: E402
from llm_workbook.benchmark.search import CHUNK, K, chunks_of, nearest_texts, place_of  # noqa: E402
from llm_workbook.corpus.load import load_contracts, load_facts, load_questions  # noqa: E402
from llm_workbook.corpus.records import Question  # noqa: E402
from llm_workbook.files import write_whole  # noqa: E402
from llm_workbook.measure.answers import score_answers  # noqa: E402
from llm_workbook.measure.retrieval import score_rankings  # noqa: E402
from llm_workbook.measure.statistics import compare, mean_interval  # noqa: E402
from llm_workbook.models.cache import cache_key  # noqa: E402
from llm_workbook.models.chat import load_chat_model  # noqa: E402
from llm_workbook.models.embeddings import CachedEmbeddings  # noqa: E402
from llm_workbook.models.offline import LLM, ready_folder  # noqa: E402
from llm_workbook.taught.lab_2_2 import Example, encode_turns, reading  # noqa: E402
from llm_workbook.training.adapters import Adapters  # noqa: E402
from llm_workbook.training.fit import Recipe, fit  # noqa: E402
from tools.build_corpus.build import regions  # noqa: E402

RECALL_AT, MOST_TOKENS = 10, 32
TURNS = 8  # questions about the clauses of one reading
RECIPE = Recipe(batch=1, layers="all")
QUICK, QUICK_TOKENS = Recipe(batch=1), 75_000  # once measured: 194 s on two cores


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="authored", choices=["authored", "cuad"])
    parser.add_argument(
        "--split",
        default="test",
        choices=["test", "dev"],
        help="whose questions are read; dev is for choosing a recipe",
    )
    parser.add_argument("--tokens", type=int, default=80_000, help="tokens to train on")
    parser.add_argument("--seeds", type=int, default=3, help="how many LoRAs")
    parser.add_argument("--write", action="store_true", help="put the table into data/README.md")
    options = parser.parse_args()
    if options.write and options.split != "test":
        parser.error("the table in data/README.md is about the test split: leave out --split, or --write")
    table = Difficulty(options.corpus, options.split, options.tokens, options.seeds).table()
    print(table)
    if options.write:
        write(options.corpus, table)
    return 0


class Difficulty:
    """The rows of one corpus; each is computed when it is not yet kept."""

    def __init__(self, corpus: str, split: str, tokens: int, seeds: int) -> None:
        self.corpus, self.tokens, self.seeds = corpus, tokens, seeds
        self.contracts = {contract.id: contract for contract in load_contracts(corpus)}
        self.exam = ReadingExam(corpus, list(self.contracts.values()), CachedEmbeddings())
        self.asked = load_questions(corpus, split)
        self.read = [question for question in self.asked if question.answerable]
        self.train = [question for question in load_questions(corpus, "train") if 0 < len(question.evidence) <= 3]
        texts = [contract.text for contract in self.contracts.values()]
        state = json.dumps(
            [corpus, split, tokens, asdict(RECIPE), TURNS, [question.id for question in self.read], texts]
        )
        self.folder = ROOT / "build" / "difficulty" / f"{corpus}-{hashlib.sha256(state.encode()).hexdigest()[:10]}"

    def table(self) -> str:
        """The table in Markdown."""
        rows = [
            ("base model, closed book", self.row("closed book", lambda: self.base([[] for _ in self.read]))),
            ("base model, gold clauses", self.row("gold", lambda: self.base(self.exam.contexts(self.read, "oracle")))),
            (f"base model, the {K} chunks that a naive index finds", self.row("naive", lambda: self.base(self.naive))),
            ("base model, gold and two distractors", self.row("among others", lambda: self.base(self.among))),
        ]
        tuned = [
            self.row(f"lora seed {seed}", lambda seed=seed: self.tuned("whole", seed))
            for seed in range(1, self.seeds + 1)
        ]
        plural = f"{self.seeds} LoRAs (seeds)" if self.seeds > 1 else "LoRA"
        rows += [
            (
                f"{plural} trained so on {self.tokens // 1000:,} thousand tokens of the train families; {group}",
                self.mean(tuned, questions),
            )
            for group, questions in self.groups().items()
        ]
        rows = [(name, self.text(scores)) for name, scores in rows]
        if self.corpus == "authored":
            rows += self.further_families(plural)
            rows += self.half_of_the_wordings()
        lines = [f"| {name} | {text} |" for name, text in rows]
        return "\n".join(["| | correct, % [95 % band over families] |", "|---|---|", *lines, *self.retrieval()])

    def groups(self) -> dict[str, list[Question]]:
        """The questions in all, those of types that one clause answers, and those that need several; without an empty
        or a double one."""
        one, several = of_one_clause(self.read), [question for question in self.read if question.type in SEVERAL]
        return {
            "all types": self.read,
            **({"types that one clause answers": one, "types that need several": several} if several else {}),
        }

    def row(self, name: str, make: Callable[[], dict[str, float]]) -> dict[str, float]:
        """question id -> 1.0 when it was answered correctly: what `make` gives, from disk when it was made before."""
        path = self.folder / f"{name.replace(' ', '-')}.json"
        if not path.exists():
            started = time.perf_counter()
            made = {"correct": make(), "seconds": round(time.perf_counter() - started, 1)}
            write_whole(path, json.dumps(made))
        made = json.loads(path.read_text(encoding="utf-8"))
        print(
            f"{name}: {100 * np.mean([*made['correct'].values()]):.1f} %, {made['seconds']} s",
            file=sys.stderr,
            flush=True,
        )
        return made["correct"]

    def mean(self, rows: Sequence[dict[str, float]], questions: Sequence[Question]) -> dict[str, float]:
        """The mean over seeds of each of these questions."""
        return {question.id: float(np.mean([row[question.id] for row in rows])) for question in questions}

    def text(self, correct: dict[str, float], asked: Sequence[Question] = ()) -> str:
        """A share with its band, as "52.1 [44, 60], n = 96". asked: the questions, if they are others than the
        corpus's."""
        families = {question.id: question.family for question in asked or self.asked}
        mean, low, high = (100 * value for value in mean_interval(pd.Series(correct), pd.Series(families)[[*correct]]))
        return f"{mean:.1f} [{low:.0f}, {high:.0f}], n = {len(correct)}"

    def base(self, contexts: Sequence[list[str]]) -> dict[str, float]:
        """The base model with a worked example."""
        return self.correct(load_chat_model(None, MOST_TOKENS), self.read, contexts, worked=True)

    def correct(
        self, chat, questions: Sequence[Question], contexts: Sequence[list[str]], worked: bool = False
    ) -> dict[str, float]:
        """question id -> 1.0 when the answer is right."""
        prompts = [
            conversation(clauses, question.question, worked)
            for clauses, question in zip(contexts, questions, strict=True)
        ]
        scores = score_answers(questions, [reply.text for reply in chat.batch(prompts)], contexts)
        return dict(zip(scores["question_id"], scores["correct"], strict=True))

    @cached_property
    def among(self) -> list[list[str]]:
        """The evidence and two clauses that do not answer, for each question."""
        return self.exam.contexts(self.read, "among others")

    @cached_property
    def naive(self) -> list[list[str]]:
        """The first K chunks of a naive index."""
        return self.exam.contexts(self.read, "retrieved")

    def tuned(
        self,
        name: str,
        seed: int,
        keep: Callable = lambda question: True,
        read: Sequence[Question] = (),
        exam: ReadingExam | None = None,
        recipe: Recipe = RECIPE,
        tokens: int = 0,
    ) -> dict[str, float]:
        """The row of a LoRA trained on the train questions that `keep` lets through. read, exam, tokens: by default
        those of the table."""
        examples = self.examples([question for question in self.train if keep(question)], seed)
        steps = round((tokens or self.tokens) / np.mean([len(ids) for ids, _ in examples]) / recipe.batch)
        recipe = replace(recipe, steps=steps, seed=seed)
        chat = fit(Adapters(self.folder / "adapters"), f"{name} {seed}", recipe, examples, max_new_tokens=MOST_TOKENS)
        questions = read or self.read
        return self.correct(chat, questions, (exam or self.exam).contexts(questions, "among others"))

    def further_families(self, plural: str) -> list[tuple[str, str]]:
        """The test split of the next two regions (`python -m tools.build_corpus --contracts N` writes them), types that
        one clause answers.

        Read by the LoRAs of the table, and by some that trained for half as long on questions of such types alone.
        """
        made = list(islice(regions(sys.maxsize), 1, 3))
        every = [
            asked for _, _, questions in made for asked in questions if (asked.split, asked.task) == ("test", "qa")
        ]
        read = of_one_clause([question for question in every if question.answerable])
        exam = ReadingExam(self.corpus, [], self.exam.embeddings)
        exam.contracts = {contract.id: contract for contracts, _, _ in made for contract in contracts}
        exam.pools = {"test": list(dict.fromkeys(span for question in every for span in question.evidence))}

        def mean(label: str, make: Callable[[int], dict[str, float]]) -> str:
            seeds = range(1, self.seeds + 1)
            return self.text(
                self.mean([self.row(f"{label} seed {seed}", lambda seed=seed: make(seed)) for seed in seeds], read),
                every,
            )

        def quick(seed: int) -> dict[str, float]:
            return self.tuned("quick", seed, lambda q: q.type not in SEVERAL, read, exam, QUICK, QUICK_TOKENS)

        where = "families of two further regions; types that one clause answers"
        what = (
            f"{plural} trained on such types alone, upper half of the layers, {QUICK_TOKENS // 1000} thousand tokens"
            " (three minutes)"
        )
        return [
            (
                f"the same {plural} on {where}",
                mean("further families", lambda seed: self.tuned("whole", seed, read=read, exam=exam)),
            ),
            (
                f"{what}, on {where}",
                mean(f"further families {cache_key(recipe=asdict(QUICK), tokens=QUICK_TOKENS)[:8]}", quick),
            ),
        ]

    def examples(self, questions: Sequence[Question], seed: int) -> list[Example]:
        """One reading for each question, with up to TURNS questions about its clauses: they are read once and answered
        several times."""
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(ready_folder(LLM))
        made = []
        for question in questions:
            rng = random.Random(f"lesson {seed} {question.id}")
            made.append(encode_turns(tokenizer, *reading(question, questions, self.exam, rng, TURNS)))
        return made

    def half_of_the_wordings(self) -> list[tuple[str, str]]:
        """Two rows: trained on half of the clause wordings, read in those wordings and in the others."""
        wordings = {fact.span: f"{fact.type} {fact.wording}" for fact in load_facts() if fact.span and fact.wording}
        sides = {
            wording: int(hashlib.sha256(wording.encode()).hexdigest(), 16) % 2 for wording in set(wordings.values())
        }

        def side(question: Question) -> int | None:
            found = {sides.get(wordings.get(span, "")) for span in question.evidence}
            return found.pop() if len(found) == 1 else None

        def first_half(question: Question) -> bool:
            return side(question) == 0

        asked = [question for question in self.read if side(question) is not None]
        correct = self.row("lora half of the wordings", lambda: self.tuned("half", 1, first_half, asked))
        name = "LoRA trained on half of the clause wordings, test clauses in"
        parts = (("these wordings", 0), ("the other wordings", 1))
        return [
            (f"{name} {label}", self.text(self.mean([correct], [q for q in asked if side(q) == number])))
            for label, number in parts
        ]

    @cached_property
    def chunks(self) -> list:
        """Every contract in pieces of CHUNK characters."""
        return chunks_of(list(self.contracts.values()))

    @cached_property
    def titled(self) -> list[str]:
        """The chunks' texts with the contract's title in front, without which neither leg can tell the contracts
        apart."""
        return [f"{chunk.metadata['title']}\n{chunk.page_content}" for chunk in self.chunks]

    def by_vectors(self, texts: list[str]) -> dict[str, list]:
        """The 20 nearest chunks of every test question, by cosine."""
        from langchain_core.documents import Document

        entries = [Document(text, metadata={"number": number}) for number, text in enumerate(texts)]
        found = nearest_texts(lambda: entries, self.exam.embeddings)([q.question for q in self.asked], 20)
        return {
            q.id: [self.chunks[hit.metadata["number"]] for hit in hits]
            for q, hits in zip(self.asked, found, strict=True)
        }

    def by_keywords(self, texts: list[str]) -> dict[str, list]:
        """The 20 best chunks of every test question, by BM25."""
        import bm25s

        stored, asked = (
            bm25s.tokenize(one, stopwords="en", show_progress=False)
            for one in (texts, [q.question for q in self.asked])
        )
        index = bm25s.BM25()
        index.index(stored, show_progress=False)
        hits, _ = index.retrieve(asked, k=20, show_progress=False)
        return {q.id: [self.chunks[n] for n in row] for q, row in zip(self.asked, hits, strict=True)}

    def retrieval(self) -> list[str]:
        """Recall by type: vectors, keywords, and who wins where the band leaves zero out."""
        name = "retrieval"
        path = self.folder / f"{name}.md"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(self._retrieval()), encoding="utf-8")
        return path.read_text(encoding="utf-8").splitlines()

    def _retrieval(self) -> list[str]:
        legs = {"vectors": self.by_vectors(self.titled), "keywords": self.by_keywords(self.titled)}
        ranked = {
            leg: {q: [place_of(chunk) for chunk in chunks] for q, chunks in hits.items()} for leg, hits in legs.items()
        }
        scores = {leg: score_rankings(rankings, self.asked, RECALL_AT) for leg, rankings in ranked.items()}
        what = f"recall at {RECALL_AT}, chunks of {CHUNK} characters with their title"
        head = f"| {what} | vectors | keywords (BM25) | difference, points | wins |"
        lines = ["", head, "|---|---|---|---|---|"]
        for kind in ["all", *sorted(set(scores["vectors"]["type"]))]:
            a, b = (s if kind == "all" else s[s["type"] == kind] for s in (scores["keywords"], scores["vectors"]))
            families = dict(zip(a["question_id"], a["family"], strict=True))
            verdict = compare(a.set_index("question_id")["recall"], b.set_index("question_id")["recall"], families)
            winner = {"better": "keywords", "worse": "vectors"}.get(verdict.label, "")
            band = f"{verdict.difference:+.1f} [{verdict.low:.1f}, {verdict.high:.1f}]"
            lines.append(
                f"| {kind} (n = {len(a)}) | {100 * b['recall'].mean():.1f} | {100 * a['recall'].mean():.1f} | {band} |"
                f" {winner} |"
            )
        return lines


def write(corpus: str, table: str) -> None:
    """Put the table of a corpus between its marks in data/README.md."""
    path = ROOT / "data" / "README.md"
    begin, end = f"<!-- DIFFICULTY {corpus}: made by tools/difficulty.py -->", f"<!-- END {corpus} -->"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, mark, tail = rest.partition(end)
    if not mark:
        raise SystemExit(f"data/README.md has no place for the table: {begin} ... {end}")
    path.write_text(f"{head}{begin}\n{table}\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
