"""Pairs of a question and its clause to train an encoder on, and the training in a notebook."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from langchain_core.documents import Document

from ..benchmark.search import clause_entries, place_of
from ..corpus.load import EVIDENCE, load_contracts, load_questions
from ..corpus.records import Contract, Question
from ..measure.retrieval import covers
from ..models.chat import free_memory
from ..models.offline import EMBEDDER, ready_folder
from ..run import Run

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer


@dataclass(frozen=True)
class Pair:
    """A question, the clause that states its answer, and all clauses that do."""

    question: str
    clause: str
    right: tuple[str, ...]


def pairs_of(run: Run) -> dict[str, list[Pair]]:
    """corpus -> pairs of the train families, shuffled; drafts where a corpus has no
    train questions.

    Batches are drawn from one corpus at a time, so that the other clauses of a batch are those among which a question
    must really be searched.
    """
    own = run.settings.corpus
    names = (own, *EVIDENCE) if own == "authored" else (own,)
    return {name: _pairs(run, name) for name in (names[:1] if run.settings.profile == "smoke" else names)}


def _pairs(run: Run, name: str) -> list[Pair]:
    questions = [one for one in load_questions(name, "train") if one.answerable and one.evidence]
    documents = {one.evidence[0].document for one in questions}
    contracts = [one for one in load_contracts(name) if one.id in documents]
    if not contracts:
        return drafts(run.contracts)
    if run.settings.profile == "smoke":
        contracts = contracts[:2]
    by_document: dict[str, list[Document]] = defaultdict(list)
    for entry in clause_entries(contracts):
        by_document[entry.metadata["document"]].append(entry)
    found = ((one.question, _clauses(one, by_document)) for one in questions)
    pairs = [Pair(question, clauses[0], tuple(clauses)) for question, clauses in found if clauses]
    Random(run.settings.seed).shuffle(pairs)
    return pairs


def _clauses(question: Question, by_document: Mapping[str, Sequence[Document]]) -> list[str]:
    """The clauses that state the evidence of a question, in order."""
    return [
        entry.page_content
        for span in question.evidence
        for entry in by_document[span.document]
        if covers(place_of(entry), span)
    ]


def drafts(contracts: Sequence[Contract], ask: Callable[[str, str], str] | None = None) -> list[Pair]:
    """A first draft of training questions for documents that have none: one for each clause with a heading, made of the
    title and the heading, to be rewritten by somebody who would really ask. ask(title, heading): another draft."""
    made = []
    for contract in contracts:
        for entry in clause_entries([contract]):
            place = place_of(entry)
            inside = (one.title for one in contract.sections if one.start <= place.start < one.end)
            if heading := next(inside, ""):
                question = (ask or _draft)(contract.title, heading)
                made.append(Pair(question, entry.page_content, (entry.page_content,)))
    return made


def _draft(title: str, heading: str) -> str:
    return f"What does the {title} say about {heading.lower()}?"


def different(pairs: Sequence[Pair], most: int) -> list[Pair]:
    """The first pairs of which no two have a clause in common, so that every other clause is a wrong answer."""
    chosen: list[Pair] = []
    seen: set[str] = set()
    for pair in pairs:
        if len(chosen) < most and not seen & set(pair.right):
            chosen.append(pair)
            seen |= set(pair.right)
    return chosen


def right_places(pair: Pair, pairs: Sequence[Pair]) -> set[int]:
    """Places of the pairs whose clause answers the question of `pair`."""
    return {place for place, other in enumerate(pairs) if other.clause in pair.right}


def base_encoder() -> "SentenceTransformer":
    """The offline encoder, to be trained; no model card. On the hub: sentence-transformers/all-MiniLM-L6-v2."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(ready_folder(EMBEDDER)))
    encoder.model_card_data.generate_widget_examples = False
    return encoder


def datasets_of(pairs: Mapping[str, Sequence[Pair]]) -> "dict[str, Dataset]":
    """corpus -> its pairs in the form that the trainer reads: the columns anchor and positive."""
    from datasets import Dataset

    return {
        name: Dataset.from_dict({"anchor": [p.question for p in some], "positive": [p.clause for p in some]})
        for name, some in pairs.items()
    }


def run_training(trainer: "SentenceTransformerTrainer") -> list[float]:
    """Train with a bar in plain text; returns the loss of each step (nats). The trainer logs every step.

    An interrupt ends the training; what was learned until then is kept.
    """
    from tqdm import tqdm
    from transformers import PrinterCallback, TrainerCallback

    losses: list[float] = []

    class Bar(TrainerCallback):
        """Moves the bar with each loss."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
            if logs and "loss" in logs:
                losses.append(float(logs["loss"]))
                bar.update()
                bar.set_postfix_str(f"loss {losses[-1]:.2f}")

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Bar())
    with tqdm(total=trainer.args.max_steps, desc="training", unit="step", mininterval=5) as bar:
        try:
            trainer.train()
        except KeyboardInterrupt:
            print(f"interrupted after step {len(losses)}: what was learned is kept")
    trainer.model.eval()
    free_memory()
    return losses
