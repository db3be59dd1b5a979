"""What one notebook holds: its settings, contracts, questions, models and results."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .benchmark.ledger import Ledger
from .corpus.listing import printable
from .corpus.load import CORPORA, OWN, is_known, load_contracts, load_questions, read_own, unknown
from .corpus.question_table import COLUMNS
from .corpus.records import Contract, CorpusError, Question, Span
from .settings import Settings, cache_dir, results_folder
from .show.passages import Passage, Passages

NEEDS = {  # what a lab may need of a corpus -> the split of such questions, and the way out
    "questions with known answers": (
        "test",
        f": put a questions.csv ({','.join(COLUMNS)}) into the folder, or choose CORPUS = {CORPORA[0]!r}",
    ),
    "questions to train on": (
        "train",
        f", since all documents of a folder are kept for the test: choose CORPUS = {' or '.join(map(repr, CORPORA))}",
    ),
}

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from pandas import DataFrame

    from .measure.statistics import Verdict
    from .models.embeddings import CachedEmbeddings
    from .training.adapters import Adapters


def start(
    lab: str,
    profile: str = "live",
    seed: int = 7,
    max_items: int | None = None,
    model: str | None = None,
    results_dir: str | Path | None = None,
    corpus: str = "authored",
) -> "Run":
    """Open a lab with the values of its parameters cell and say in one line what it will use.

    Raises: ValueError for an unknown lab, profile or corpus; CorpusError for a folder without documents or without what
    the lab needs; ModelError for an unknown model.
    """
    from .models.chat import model_kind

    if lab not in known_labs():
        raise ValueError(f"unknown lab {lab!r}: this workbook has {', '.join(known_labs())}")
    settings = Settings(lab, profile, seed, max_items, model, results_folder(results_dir), corpus)
    if not is_known(corpus):
        raise ValueError(unknown(corpus))
    model_kind(settings.model)
    run = Run(settings)
    if corpus.startswith(OWN):
        print(read_own(corpus))
    _check_needs(lab, corpus)
    print(run)
    _show_text_in_tables()
    return run


def _show_text_in_tables() -> None:
    """Amounts such as "$5,000 or $250" in a table of answers are text, not a formula."""
    import pandas as pd

    pd.set_option("display.html.use_mathjax", False, "display.max_colwidth", 200)  # questions are read whole


def _check_needs(lab: str, corpus: str) -> None:
    """Raises: CorpusError, with a sentence, when the corpus lacks what the lab's room declares in NEEDS."""
    room = import_module(f"{__package__}.labs.lab_{lab.replace('.', '_')}")
    for need in getattr(room, "NEEDS", ()):
        split, remedy = NEEDS[need]
        if not load_questions(corpus, split):
            raise CorpusError(f"Lab {lab} needs {need}, and {printable(corpus)} has none{_why(corpus, split)}{remedy}")


def _why(corpus: str, split: str) -> str:
    """Why the first row of a folder's questions.csv was left out, where all were."""
    notes = read_own(corpus).notes if corpus.startswith(OWN) and split == "test" else ()
    return next((f" ({name}: {reason})" for name, reason in notes if name.lower().startswith("questions.csv row")), "")


def known_labs() -> list[str]:
    """The short names of the labs that exist, in order."""
    rooms = (Path(__file__).parent / "labs").glob("lab_*/exercises.py")
    return sorted(path.parent.name.removeprefix("lab_").replace("_", ".") for path in rooms)


class Run:
    """The data, models and ledger of one notebook. Everything heavy is loaded when it is first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __str__(self) -> str:
        s = self.settings
        asked = f"{len(self.questions())} questions, of which the model answers {len(self.reading_questions())}"
        asked += " (half of the usual, as this processor has no bf16 and no AVX-512)" if self._is_slow else ""
        return (
            f"Lab {s.lab} · profile {s.profile} · model {s.model_name} · corpus {printable(s.corpus)}:"
            f" {len(self.contracts)} contracts, {asked} · results in {s.results_dir}"
        )

    @cached_property
    def contracts(self) -> list[Contract]:
        """Every contract of the corpus, whatever its split: a search must find its way among all.

        In smoke, and in live on the long contracts of CUAD, only those it asks about; in live on a slow processor (see
        `items`) those of the test and dev questions.
        """
        contracts, s = load_contracts(self.settings.corpus), self.settings
        is_long = (s.profile, s.corpus) == ("live", "cuad")
        questions = self.questions() + (self.questions(split="dev") if self._is_slow and not is_long else [])
        asked = {document for question in questions for document in question.documents}
        few = [contract for contract in contracts if contract.id in asked]
        return few if few and (s.profile == "smoke" or is_long or self._is_slow) else contracts

    def questions(self, types: Sequence[str] | None = None, split: str = "test", task: str = "qa") -> list[Question]:
        """The questions to score retrieval on: the whole split; in smoke the eight of its smallest subset."""
        subset = "smoke" if self.settings.profile == "smoke" else None
        return load_questions(self.settings.corpus, split, task=task, types=types, subset=subset)

    def reading_questions(self, task: str = "qa") -> list[Question]:
        """The questions a language model answers: 8 in smoke, 96 in live (see `items`), all in full; at most
        MAX_ITEMS."""
        subset = None if self.settings.profile == "full" else self.settings.profile
        asked = load_questions(self.settings.corpus, "test", task=task, subset=subset)
        return asked[: self.items(live=96, smoke=8)][: self.settings.max_items]

    def items(self, live: int, smoke: int = 4) -> int | None:
        """How many items a cell of this run works on: all of them (None) in full; in live half as many where a local
        model answers on a PC without bf16 and AVX-512."""
        if self.settings.profile == "live":
            return -(-live // 2) if self._is_slow else live
        return smoke if self.settings.profile == "smoke" else None

    @cached_property
    def _is_slow(self) -> bool:
        from .models.chat import is_plain, model_kind

        return self.settings.profile == "live" and model_kind(self.settings.model) != "hosted" and is_plain()

    def chat(self, max_new_tokens: int = 24, adapter: str | None = None) -> "BaseChatModel":
        """The language model that MODEL names, answering with at most `max_new_tokens` tokens; adapter: tuned, by its
        registered name."""
        from .models.chat import load_chat_model

        if adapter:
            return self.adapters.chat(adapter, self.settings.model, max_new_tokens)
        return load_chat_model(self.settings.model, max_new_tokens)

    def reader(self, max_new_tokens: int = 32) -> "BaseChatModel":
        """The domain reader, which knows contracts and is asked with `conversation(clauses, question)`; where MODEL
        names another model, that one, untuned."""
        from .training.domain import domain_reader

        return domain_reader(max_new_tokens) if self.settings.model is None else self.chat(max_new_tokens)

    @cached_property
    def adapters(self) -> "Adapters":
        """The registry of tuned models: in the results folder; in full in the cache, so that a stopped recording goes
        on. Raises: ModelError with a hosted model, which cannot be tuned here."""
        from .models.chat import require_local
        from .training.adapters import Adapters

        require_local(self.settings.model)
        return Adapters((cache_dir() if self.settings.profile == "full" else self.settings.results_dir) / "adapters")

    @cached_property
    def embeddings(self) -> "CachedEmbeddings":
        """The offline sentence encoder."""
        from .models.embeddings import CachedEmbeddings

        return CachedEmbeddings()

    @cached_property
    def ledger(self) -> Ledger:
        """The results of this lab, yours and the recorded ones."""
        return Ledger(self.settings)

    def compare(
        self, a: "DataFrame", b: "DataFrame", metric: str = "correct", where: str | None = None,
        name_a: str = "a", name_b: str = "b",
    ) -> "Verdict":  # fmt: skip
        """Is `a` better than `b` on the same questions? Paired, over contract families.

        a, b: scores with columns question_id, type, family and `metric` (0 to 1). where: only this question type.
        """
        from .measure.statistics import compare

        a, b = (scores[scores["type"] == where] if where else scores for scores in (a, b))
        families = dict(zip(a["question_id"], a["family"], strict=True))
        first, second = (scores.set_index("question_id")[metric] for scores in (a, b))
        return compare(first, second, families, name_a, name_b)

    def passages(self, question: Question, chunks: "Sequence[Document]", spans: Sequence[Span]) -> Passages:
        """The chunks retrieved for a question, best first, with its evidence marked."""
        from .taught.lab_1_1 import covers

        shown = []
        for chunk, span in zip(chunks, spans, strict=True):
            is_right = any(covers(span, evidence) for evidence in question.evidence)
            shown.append(Passage(span, chunk.metadata["title"], chunk.page_content, is_right))
        return Passages(question.question, question.answers[0], shown, question.evidence)

    def by_type(self, systems: "Mapping[str, DataFrame]", metric: str = "correct") -> "DataFrame":
        """Mean and 95 % confidence interval of each system by question type: group, system, mean, low, high, n."""
        import pandas as pd

        from .measure.statistics import mean_interval

        rows = []
        for system, scores in systems.items():
            for group, part in [*scores.groupby("type", sort=False), ("all", scores)]:
                mean, low, high = mean_interval(part[metric], part["family"])
                rows.append({"group": group, "system": system, "mean": mean, "low": low, "high": high, "n": len(part)})
        return pd.DataFrame(rows)
