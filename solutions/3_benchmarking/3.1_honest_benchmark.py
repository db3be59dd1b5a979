# %% [markdown]
# # 3.1 · An honest benchmark: would your comparison survive a review?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | audit a published comparison, run your own so that it can be audited, and say how many questions it needs |
# | **Time / memory** | 25 min, of which about 3 min of compute on two cores · 1.9 GB |
# | **Needs** | nothing; lab 1.1 explains bands over families |
#
# First you take a published comparison apart, then you build the small harness that labs 3.3 and 3.4 stand on, and turn it on your own systems.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # authored | cuad

# %%
import ctypes
import hashlib
import json
import os
import platform
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed, wait
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Protocol

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from filelock import FileLock
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_text_splitters import RecursiveCharacterTextSplitter

from llm_workbook import Lab, start
from llm_workbook.corpus.load import load_questions
from llm_workbook.corpus.records import Span
from llm_workbook.measure.answers import score_answers
from llm_workbook.measure.statistics import band, compare, power
from llm_workbook.settings import DATA
from llm_workbook.show import plots
from llm_workbook.show.widgets import explore

run = start("3.1", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## Part 1 · A published comparison, step by step
#
# At KDD 2024 a tutorial compared retrieval (five variants of RAG) with fine-tuning (SFT) on 32 questions about one real contract. Its authors did what few do: they put the score
# of **every single question** online. So we can ask what their bar charts could not answer. The habits you will meet are not theirs alone; most published
# comparisons share them, and so, probably, does your last one.
#
# A row of the file is one answer of one system, with three scores from 0 to 1; `question_index` pairs the systems.

# %%
METRICS = ["cosine_similarity", "token_overlap_recall", "rouge_l_recall"]
published = pd.read_csv(DATA / "kdd2024_scores.csv")
published.groupby("system", sort=False)[[*METRICS, "prompt_words"]].mean().round(3)

# %% [markdown]
# `both` is the most elaborate RAG of the five; `sft_seen_questions` is the fine-tuned model. The published story compares each with `naive_rag` on the same questions, and the
# fine-tuned model once more on reworded questions: 6 pairs of systems, 3 metrics, **18 comparisons**. Commit yourself:

# %%
counts = ["none", "1 to 3", "4 to 9", "10 or more"]
lab.predict("real", "How many of the 18 differences will still stand when they are tested together?", counts)

# %% [markdown]
# ### Step 1 · Pair, and put a band on the difference
#
# Both systems answered the same 32 questions, so the right unit is the **difference on each question**. Here is the largest gain, with the band that lab 1.1 taught. (All 32 questions come
# from one contract. We treat each as independent, which flatters the study: about *other* contracts these data can say nothing.)

# %%
scores = {metric: published.pivot(index="question_index", columns="system", values=metric) for metric in METRICS}
PAIRS = [("naive_rag", name) for name in ("sentence_window", "hypothetical_questions", "query_decomposition", "both", "sft_seen_questions")]
PAIRS += [("naive_rag_paraphrased", "sft_paraphrased")]
alone = {index: str(index) for index in scores[METRICS[0]].index}  # each question is a cluster of its own


def published_verdict(metric: str, old: str, new: str):
    """Is `new` better than `old` on the 32 questions? Paired."""
    return compare(scores[metric][new], scores[metric][old], alone, new, old)


def in_words(verdict) -> str:
    """A verdict on questions, not on families."""
    return str(verdict).replace(f" in {verdict.clusters} families", "")


print(in_words(published_verdict("cosine_similarity", "naive_rag", "sft_seen_questions")))

# %% [markdown]
# Does pairing always help? It removes what the two systems **share**: questions that are hard for both. So it helps as much as their scores move together. Compare the half-widths:


# %%
def half_widths(old: str, new: str) -> dict[str, float]:
    """Correlation of the two systems' scores, and the half-width of the 95 % band with and without pairing (points)."""
    a, b = scores["cosine_similarity"][new], scores["cosine_similarity"][old]
    unpaired = 1.96 * np.sqrt(a.var() / len(a) + b.var() / len(b))
    return {"correlation": a.corr(b), "paired": 196 * (a - b).std() / np.sqrt(len(a)), "unpaired": 100 * unpaired}


pairing = pd.DataFrame({new: half_widths(old, new) for old, new in PAIRS}).T.round(2)
pairing.assign(narrower=[f"{1 - row.paired / row.unpaired:.0%}" for row in pairing.itertuples()])

# %% [markdown]
# Read the first row against the fifth. Two retrievers fail on the same questions, and pairing narrows the band by a third or more; a retriever and a fine-tuned model fail on different ones, and it gains next to nothing.
# It is right in every row all the same: it costs nothing, and only the paired band is a band of the difference.
#
# ### Step 2 · How far apart are two *equal* systems?
#
# Before you believe a difference, measure a difference that must be zero: the same system, twice. The authors' repositories hold several runs of the same notebooks.
# These are mean cosines of stored runs (`data/README.md` has the sources):

# %%
repeats = {
    "naive RAG": [0.488, 0.509, 0.511, 0.514, 0.540],
    "sentence window": [0.500, 0.517, 0.517],
    "hypothetical questions": [0.530, 0.539, 0.542],
    "query decomposition": [0.486, 0.519, 0.536],
    "both": [0.546, 0.590, 0.591],
}
spread = {name: 100 * (max(values) - min(values)) for name, values in repeats.items()}
gains = {new: 100 * (scores["cosine_similarity"][new] - scores["cosine_similarity"]["naive_rag"]).mean() for _, new in PAIRS[:4]}
noisy = [name for name, gain in gains.items() if gain <= spread["naive RAG"]]
print(f"Naive RAG differs from itself by up to {spread['naive RAG']:.1f} points. Smaller than that: the gains of {', '.join(noisy)}.")

# %% [markdown]
# Two of those runs of naive RAG used the same 32 prompts at temperature 0, and still gave the same answer to only 14 of 32 questions (0.509 and 0.540).
# **Run your baseline at least twice.** A gain that is smaller than the baseline's distance from itself is not a result.
#
# ### Step 3 · Who has seen the answers?
#
# The fine-tuned model was trained on these 32 questions and their answers. The "test set" rewords the questions; its 32 reference answers are the same 32. Look at what the rewording costs, and at the length of the prompts:

# %%
seen, reworded = "sft_seen_questions", "sft_paraphrased"
drop = 100 * (scores["cosine_similarity"][reworded] - scores["cosine_similarity"][seen])
words = published.groupby("system")["prompt_words"].mean()
print(f"SFT, questions of its training -> reworded: {drop.mean():+.1f} points of cosine.")
print(f"Words in the prompt: naive RAG {words['naive_rag']:.0f}, SFT {words[seen]:.0f}. The model answers from memory, RAG from the contract.")

# %% [markdown]
# That is an open book against a memorised book. Both are honest systems, but the comparison says nothing about a contract that nobody has trained on, and that is the only one a user will bring. **Split by contract, never by question.**
# How much such a leak can be worth, you will measure yourself below.
#
# ### Step 4 · Whose score is it?
#
# The last notebook prints the means of both systems twice: once when it computes them, once in the table under its radar chart.
#
# ### Exercise 1 · Find the swap
#
# *4 minutes · easy · unlocks the sentence below*
#
# `printed` and `stored` map a label to its scores, metric by metric. For each printed label, find the stored label whose scores lie **nearest** (smallest sum of absolute differences). Return only the labels that
# carry somebody else's scores: printed label -> whose scores they are. Printed scores are rounded, so do not ask for equality.


# %% tags=["taught", "exercise"]
def find_swaps(printed: Mapping[str, Sequence[float]], stored: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Printed labels that carry another label's scores -> whose scores they are, by the smallest sum of absolute differences.

    printed, stored: label -> its scores, the metrics in the same order.
    Taught in: lab 3.1.

    >>> find_swaps({"a": [0.2], "b": [0.7], "c": [0.5]}, {"a": [0.701], "b": [0.199], "c": [0.5]})
    {'a': 'b', 'b': 'a'}
    """
    ### BEGIN SOLUTION
    swaps = {}
    for label, shown in printed.items():
        owner = min(stored, key=lambda other: sum(abs(a - b) for a, b in zip(shown, stored[other], strict=True)))
        if owner != label:
            swaps[label] = owner
    return swaps
    ### END SOLUTION


# %%
find_swaps = lab.use(1, find_swaps)
# lab.hint(1)    lab.solution(1)

# %% [markdown]
# Now the published table. (The scores behind 0.521 are in our file; those behind 0.514 are of one more stored run of naive RAG.)

# %%
radar = {"fine-tuned": [0.513913, 0.281088, 0.304527], "RAG": [0.521381, 0.269091, 0.332956]}  # the table under the chart
computed = {"fine-tuned": [scores[metric][reworded].mean() for metric in METRICS], "RAG": [0.513913, 0.281088, 0.304527]}
for label, owner in find_swaps(radar, computed).items():
    print(f"The series labelled {label!r} holds the scores of {owner!r}.")

# %% [markdown]
# One list was written with fine-tuning first, the other with RAG first, and no cell failed. It happens to everyone who keeps **names and numbers in two lists**; in one table with a column
# `system` it cannot. (And one series was scored on the reworded questions, the other on the original ones.)
#
# ### Step 5 · Eighteen looks
#
# Test at 5 % eighteen times where nothing is true, and you find something in 60 % of all studies: $1 - 0.95^{18}$. So a **family** of comparisons is declared first, and its p values are corrected together.

# %%
verdicts = {f"{new} · {metric.split('_')[0]}": published_verdict(metric, old, new) for old, new in PAIRS for metric in METRICS}
p_values = {name: verdict.p for name, verdict in verdicts.items()}
print(f"{len(p_values)} comparisons; below 0.05: {[name for name, p in p_values.items() if p < 0.05]}")

# %% [markdown]
# ### Exercise 2 · Holm's correction by hand
#
# *6 minutes · medium · unlocks the answer to your prediction*
#
# Sort the p values. The smallest of m is multiplied by m, the next by m - 1, and so on down to 1. A corrected value is never smaller than the one before it, and never above 1.
# What stays below 0.05 survives: the chance of even one false discovery in the family is then at most 5 % (Holm 1979).


# %% tags=["taught", "exercise"]
def holm_by_hand(p_values: Mapping[str, float]) -> dict[str, float]:
    """Corrected p values by name (Holm 1979); an empty family gives an empty result.

    Taught in: lab 3.1.

    >>> {name: round(p, 3) for name, p in holm_by_hand({"a": 0.04, "b": 0.01, "c": 0.03}).items()} == {"a": 0.06, "b": 0.03, "c": 0.06}
    True
    """
    ### BEGIN SOLUTION
    corrected, largest = {}, 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, (len(p_values) - place) * p_values[name])
        corrected[name] = min(1.0, largest)
    return corrected
    ### END SOLUTION


# %%
holm_by_hand = lab.use(2, holm_by_hand)
# lab.hint(2)    lab.solution(2)

# %% [markdown]
# The thick lines are 95 % bands, each for itself. The thin lines are bands that hold **together** for all 18 (99.7 % each). Look for a thin line that leaves zero out.

# %%
together = {
    f"{new} · {metric.split('_')[0]}": tuple(100 * end for end in band(scores[metric][new] - scores[metric][old], list(alone.values()), 1 - 0.05 / 18))
    for old, new in PAIRS
    for metric in METRICS
}
plots.forest({name: (v.difference, v.low, v.high) for name, v in verdicts.items()}, "The published gains over naive RAG", wide=together)

# %% [markdown]
# The p values say the same in numbers, corrected by your function:

# %%
corrected = holm_by_hand(p_values)
smallest = min(corrected, key=corrected.get)
survivors = sum(p < 0.05 for p in corrected.values())
found = f"{sum(p < 0.05 for p in p_values.values())} of {len(p_values)} below 0.05 before the correction, {survivors} after it"
spoken = f"{found}; the smallest p, {p_values[smallest]:.3f} ({smallest}), becomes {corrected[smallest]:.2f}"
lab.reveal("real", measured=spoken, answer=counts[int(np.searchsorted([0, 3, 9], survivors))])
print("Left out there:", in_words(published_verdict("cosine_similarity", "naive_rag", "sft_4bit_seen_questions")))

# %% [markdown]
# That does **not** say that the techniques do nothing. It says that 32 questions cannot tell. The last line is a run of the same file that the published comparison left out, the fine-tuned model in 4 bits:
# 32 questions do show a collapse, and nothing smaller. Keep this list; the rest of the lab answers it point by point: **pair · repeat · split by contract · one table · declare and correct · enough questions.**
#
# ## Part 2 · A harness in five pieces
#
# A benchmark is asked again: after a mended bug, a crash, a reviewer's letter. Ours keeps four promises: what was run is named by a **hash** of everything that decides it; an answer is **generated once** and scored
# as often as you like; a run that stopped **goes on** with what is missing; a system that fails is **recorded**, not fatal.
#
# **1 · Records.** A system sees an `Item` and nothing else: no answer, no evidence. It gives an `Answer`.


# %% tags=["taught"]
@dataclass(frozen=True)
class Item:
    """What a system is shown of a question. Taught in: lab 3.1."""

    id: str
    question: str
    task: str = "qa"


@dataclass(frozen=True)
class Answer:
    """What a system gives back. seconds: by stage, e.g. {"search": 0.01, "generate": 0.4}. Taught in: lab 3.1."""

    text: str
    contexts: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    confidence: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)


# %% [markdown]
# **2 · Specs.** A spec is a name and every setting that decides the answers. Change one character of the prompt, and it is another system. What you leave out of it will be reused by mistake some day.


# %% tags=["taught"]
@dataclass(frozen=True)
class Spec:
    """A name and the settings that decide the results, as canonical JSON. Make it with `specify`. Taught in: lab 3.1."""

    name: str
    settings: str = "{}"

    @property
    def id(self) -> str:
        """Twelve characters that change with any of it."""
        return hashlib.sha256(f"{self.name}\n{self.settings}".encode()).hexdigest()[:12]


def specify(name: str, **settings: Any) -> Spec:
    """A spec from keyword settings. Raises: TypeError when a setting is not plain data. Taught in: lab 3.1.

    >>> specify("rag", k=3).id == specify("rag", k=3).id, specify("rag", k=3).id == specify("rag", k=4).id
    (True, False)
    """
    try:
        return Spec(name, json.dumps(settings, sort_keys=True, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise TypeError(f"a setting of {name!r} is not plain data ({error}): give its name, number or hash instead") from error


# %% [markdown]
# **3 · Systems.** A system has a spec, a seed and two verbs. `prepare` does what is done once (index, weights); `answer` takes a batch. Any object with these will do; a plain function becomes one with `FunctionSystem`.


# %% tags=["taught"]
class System(Protocol):
    """A system under test. seed: tells equal systems apart that were trained or sampled anew. Taught in: lab 3.1."""

    spec: Spec
    seed: int

    def prepare(self) -> None:
        """What is done once in each process, before the first answer."""

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        """One answer for each item, in order."""


@dataclass(frozen=True)
class FunctionSystem:
    """A system made of one function from items to answers. Taught in: lab 3.1."""

    spec: Spec
    function: Callable[[Sequence[Item]], list[Answer]]
    seed: int = 0

    def prepare(self) -> None:
        """Nothing to do."""

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        """What the function returns."""
        return self.function(batch)


# %% [markdown]
# **4 · Asking.** Whatever the system does, each item gets a `Row`: an answer, or an error that says in a sentence what happened. When a batch raises, its items are asked one by one, so that
# one bad item does not cost its neighbours their answers.


# %% tags=["taught"]
@dataclass(frozen=True)
class Row:
    """What became of one item: an answer, or an error in words. `key` is its place in the store. Taught in: lab 3.1."""

    task: str
    system: str
    item: str
    seed: int
    answer: Answer | None = None
    error: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """(task id, system id, item id, seed)."""
        return self.task, self.system, self.item, self.seed


def ask(system: System, task: str, run_id: str, time_limit_s: float, batch: Sequence[Item]) -> list[Row]:
    """One row for each item, whatever the system does. Taught in: lab 3.1."""
    try:
        results = checked(within(time_limit_s, lambda: ready(system, run_id).answer(batch)), len(batch))
    except Hung as hung:
        results = [(None, str(hung))] * len(batch)
    except (Exception, SystemExit) as error:
        if len(batch) > 1:
            return [row for item in batch for row in ask(system, task, run_id, time_limit_s, [item])]
        results = [(None, f"it raised {type(error).__name__}: {error}")]
    return [Row(task, system.spec.id, item.id, system.seed, *result) for item, result in zip(batch, results, strict=True)]


# %% [markdown]
# It leans on three small helpers. They are folded below: what is wrong with a list of answers; a time limit; and `prepare` once in each process and run.


# %% tags=["taught", "folded"]
HUNG = "it gave no answer within"
_READY: dict[tuple[str, int], tuple[str, System]] = {}  # the run that prepared it, and the system
_LOCKS: dict[tuple[str, int], threading.Lock] = {}


class Hung(Exception):
    """A system did not come back in time. Taught in: lab 3.1."""


def checked(answers: Any, expected: int) -> list[tuple[Answer | None, str]]:
    """For each of the expected answers (answer, "") or (None, what is wrong with it). Taught in: lab 3.1."""
    if not isinstance(answers, list | tuple):
        return [(None, f"it returned {type(answers).__name__} in place of a list of answers")] * expected
    if len(answers) != expected:
        return [(None, f"it returned {len(answers)} answers to {expected} questions")] * expected
    problems = [_problem(answer) for answer in answers]
    return [(None if problem else answer, problem) for answer, problem in zip(answers, problems, strict=True)]


def _problem(answer: Any) -> str:
    """Taught in: lab 3.1."""
    if not isinstance(getattr(answer, "text", None), str):
        return f"it returned {answer!r:.60} in place of an Answer with a text"
    try:
        _answer_from(json.loads(json.dumps(asdict(answer), allow_nan=False)))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return f"its answer holds something that cannot be stored ({error})"
    return ""


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """What `work` returns. Raises: Hung after `seconds`; Python code is then stopped, a call into C runs out. Taught in: lab 3.1."""
    future: Future = Future()

    def run_it() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run_it, daemon=True)
    thread.start()
    try:
        if not wait([future], seconds).done:
            raise Hung(f"{HUNG} {seconds:g} s")
        return future.result()
    finally:
        if not future.done():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def ready(system: System, run_id: str) -> System:
    """The system after `prepare`, which is called once in each process and run. Taught in: lab 3.1."""
    key = (system.spec.id, system.seed)
    with _LOCKS.setdefault(key, threading.Lock()):
        if _READY.get(key, ("",))[0] != run_id:
            system.prepare()
            _READY[key] = (run_id, system)
    return _READY[key][1]


# %% [markdown]
# **5 · The store and the run.** The store is a file to which lines are only ever added; a line that a crash cut off is left out when it is read. An **executor** decides where the batches are worked on: none (here, one
# after the other), threads, processes, or a cluster; `dask.distributed` offers one as `Client(...).get_executor(pure=False)`. Folded below: adding and reading lines, and the results of an executor as they come. A worker
# that dies costs only its batch, and each run leaves a line with its versions and seed.


# %% tags=["taught", "folded"]
def append_lines(path: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add one JSON line for each entry, under a lock, and wait until the disk has them. Taught in: lab 3.1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    with FileLock(f"{path}.lock"), open(path, "a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        whole = file.read(1) in (b"", b"\n")  # else a crash has cut off the last line
        file.write(text.encode() if whole else b"\n" + text.encode())
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: Path) -> dict[tuple[str, str, str, int], Row]:
    """Every row of the store by its key, the newest where there are two. Damaged lines are named and left out. Taught in: lab 3.1."""
    rows: dict[tuple[str, str, str, int], Row] = {}
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else [], start=1):
        try:
            entry = json.loads(line)
            if entry.pop("kind") == "row":
                answer = entry.pop("answer")
                row = Row(**entry, answer=_answer_from(answer) if answer else None)
                rows[row.key] = row
        except (ValueError, KeyError, TypeError, AttributeError):
            print(f"{path.name}: line {number} is damaged and left out; what it held will be asked again.")
    return rows


def _answer_from(entry: dict[str, Any]) -> Answer:
    """Taught in: lab 3.1."""
    spans = tuple(Span(**span) for span in entry.pop("spans"))
    return Answer(**{**entry, "contexts": tuple(entry["contexts"]), "spans": spans})


def outcomes(executor: Executor | None, batches: Sequence[Sequence[Item]], *how: Any) -> Iterator[list[Row] | str]:
    """The rows of each batch as soon as they are there; a sentence for a batch whose worker was lost.

    how: what `ask` takes before the batch. Taught in: lab 3.1.
    """
    if executor is None:
        yield from (ask(*how, batch) for batch in batches)
        return
    try:
        futures = [executor.submit(ask, *how, batch) for batch in batches]
    except RuntimeError as error:
        yield f"The executor takes no more work ({error!s:.120}): make a new one"
        return
    try:
        for future in as_completed(futures):
            try:
                yield future.result()
            except Exception as error:  # not the system's: it could not be sent, or its worker died
                yield f"A worker gave nothing back ({type(error).__name__}: {error!s:.120})"
    finally:
        for future in futures:
            future.cancel()


def manifest(task: Spec, system: System, run_id: str, asked: int) -> dict[str, Any]:
    """The line that says what was run, with what and when. Taught in: lab 3.1."""
    packages = ("torch", "transformers", "langchain-core", "chromadb", "sentence-transformers")
    found = {package: next(distributions(name=package), None) for package in packages}
    versions = {"python": platform.python_version(), **{package: one.version for package, one in found.items() if one}}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"kind": "manifest", "task": asdict(task), "system": asdict(system.spec), "task_id": task.id, "system_id": system.spec.id,
            "seed": system.seed, "run_id": run_id, "asked": asked, "created": now, "versions": versions}  # fmt: skip


# %% [markdown]
# So **resuming** needs no code of its own: the work to do is all items without a row, and each batch is on the disk before the next result is looked at. Read `run_benchmark` from top to bottom.


# %% tags=["taught"]
@dataclass(frozen=True)
class Report:
    """What one run of one system did. lost: why batches are missing, if any are. Taught in: lab 3.1."""

    system: str
    known: int
    asked: int
    errors: Mapping[str, int]
    missing: int
    lost: str = ""

    def __str__(self) -> str:
        lines = [f"{self.system}: {self.known} known, {self.asked} asked, {sum(self.errors.values())} errors, {self.missing} missing"]
        lines += [f"  {count} x {error}" for error, count in self.errors.items()]
        return "\n".join([*lines, f"  {self.lost}. Run it again: only what is missing is asked."] if self.lost else lines)

    __repr__ = __str__


def run_benchmark(
    task: Spec,
    items: Sequence[Item],
    system: System,
    path: Path,
    executor: Executor | None = None,
    batch_size: int = 16,
    time_limit_s: float = 600,
) -> Report:
    """Ask the system what the store at `path` does not know yet. time_limit_s: for one batch; a system that exceeds it is asked no more.

    Taught in: lab 3.1. Raises: ValueError for two items with one id.
    """
    if len({item.id for item in items}) < len(items):
        raise ValueError("two items have the same id: give each its own, or one would be scored with the answer of the other")
    run_id = uuid.uuid4().hex[:12]
    known = read_rows(path)
    todo = [item for item in items if (task.id, system.spec.id, item.id, system.seed) not in known]
    batches = [todo[first : first + batch_size] for first in range(0, len(todo), batch_size)]
    append_lines(path, [manifest(task, system, run_id, len(todo))] if todo else [])
    rows, lost = [], ""
    for outcome in outcomes(executor, batches, system, task.id, run_id, time_limit_s):
        if isinstance(outcome, str):
            lost = outcome
            continue
        append_lines(path, [{"kind": "row", **asdict(row)} for row in outcome])
        rows += outcome
        if any(row.error.startswith(HUNG) for row in outcome):
            lost = "The system hung, so the rest was not asked"
            break
    errors = Counter(row.error for row in rows if row.error)
    return Report(system.spec.name, len(items) - len(todo), len(rows), errors, len(todo) - len(rows), lost)


# %% [markdown]
# That is the whole harness. Now try to break it: one system that falters on a single question, and three that fail in three ways.

# %%
items = [Item(question.id, question.question) for question in run.reading_questions()]
shelf = run.settings.results_dir / "store"
task = specify("questions on contracts", corpus=run.settings.corpus, questions=specify("all", texts=[q.question for q in run.questions()]).id)


def falters(batch: Sequence[Item]) -> list[Answer]:
    """Cannot read one question."""
    if items[0] in batch:
        raise ValueError("I cannot read this one")
    return [Answer("not stated")] * len(batch)


bad = {"falters": falters, "returns None": lambda batch: None, "too few": lambda batch: [Answer("yes")] * (len(batch) - 1), "hangs": lambda batch: time.sleep(9)}
for name, function in bad.items():
    print(run_benchmark(task, items[:8], FunctionSystem(specify(name), function), shelf / "3.1_bad.jsonl", batch_size=4, time_limit_s=0.5))

# %% [markdown]
# Each failure is a line with its reason. Run the cell a second time: what is known is not asked again, and the system that hung gets its next batch.
#
# ## Part 3 · Our systems
#
# Three rows of lab 1.1, now as systems: **closed book**, **naive RAG** and **oracle** (the evidence and nothing else). The prompt is that of lab 1.1 to the byte, so answers that you have already are not computed again.

# %%
instruction = "Answer in a few words, copied from the clauses. If they do not state it, answer: not stated"
ask_for = "Clauses:\n{clauses}\n\nQuestion: {question}"
worked = """Mooring licence: Dues are payable in advance on the first of the month.

Boat shed lease: The lessee shall give the lessor seventeen (17) days' notice of any alteration.

Slipway rules: No vessel may be left on the slipway overnight."""
example = {"clauses": worked, "question": "How much notice of an alteration is due?"}
turns = [("system", instruction), ("human", ask_for.format(**example)), ("ai", "seventeen (17) days"), ("human", ask_for)]
reader = ChatPromptTemplate.from_messages(turns) | run.chat(max_new_tokens=20)

# %% [markdown]
# A system that reads clauses differs from the next only in **which** clauses. So the class below asks itself for them, times both stages, and keeps what a bill needs: tokens.


# %%
@dataclass
class ClosedBook:
    """The reader without any clause; the other two override `clauses`."""

    spec: Spec
    seed: int = SEED

    def prepare(self) -> None:
        """Nothing to build."""

    def clauses(self, item: Item) -> list[tuple[Span, str]]:
        """The clauses shown for an item, each with its place."""
        return []

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        """Search for each item, then read all in one batch."""
        started = time.perf_counter()
        shown = [self.clauses(item) for item in batch]
        search_s = (time.perf_counter() - started) / len(batch)
        texts = [tuple(text for _, text in clauses) for clauses in shown]
        replies = reader.batch([{"clauses": "\n\n".join(of) or "(none)", "question": item.question} for of, item in zip(texts, batch, strict=True)])
        return [answer_from(reply, of, tuple(span for span, _ in clauses), search_s) for reply, of, clauses in zip(replies, texts, shown, strict=True)]


def answer_from(reply: Any, contexts: tuple[str, ...], spans: tuple[Span, ...], search_s: float) -> Answer:
    """A model's reply as an Answer."""
    used, seconds = reply.usage_metadata or {}, reply.response_metadata.get("seconds", 0.0)
    tokens = {name: used.get(name, 0) for name in ("input_tokens", "output_tokens")}
    return Answer(reply.text, contexts, spans, **tokens, seconds={"search": search_s, "generate": seconds})


# %% [markdown]
# Naive RAG searches the index of lab 1.1 (chunks of 300 characters); the oracle is handed the evidence. Only here does an answer key enter a system, by design and in its name.


# %%
@cache
def index_of_chunks() -> Chroma:
    """Lab 1.1's index: chunks of 300 characters, by cosine similarity."""
    documents = [Document(contract.text, metadata={"document": contract.id, "title": contract.title}) for contract in run.contracts]
    chunks = RecursiveCharacterTextSplitter(chunk_size=300, chunk_overlap=45, add_start_index=True).split_documents(documents)
    index = Chroma("naive", run.embeddings, collection_configuration={"hnsw": {"space": "cosine"}})
    index.reset_collection()
    for first in range(0, len(chunks), 5000):
        index.add_documents(chunks[first : first + 5000])
    return index


class NaiveRag(ClosedBook):
    """The three chunks nearest to the question."""

    def prepare(self) -> None:
        """Build the index."""
        index_of_chunks()

    def clauses(self, item: Item) -> list[tuple[Span, str]]:
        """The first 3 of the 20 nearest chunks, as lab 1.1 has them."""
        hits = index_of_chunks().similarity_search(item.question, k=20)[:3]
        places = [Span(hit.metadata["document"], hit.metadata["start_index"], hit.metadata["start_index"] + len(hit.page_content)) for hit in hits]
        return [(place, f"{hit.metadata['title']}: {hit.page_content}") for place, hit in zip(places, hits, strict=True)]


class Oracle(NaiveRag):
    """The evidence and nothing else; what naive RAG shows where there is none."""

    def clauses(self, item: Item) -> list[tuple[Span, str]]:
        """The evidence of the item."""
        evidence = questions[item.id].evidence if questions[item.id].answerable else ()
        return [(span, f"{source[span.document].title}: {source[span.document].text_of(span)}") for span in evidence] or super().clauses(item)


# %% [markdown]
# Now their specs. Look at what is in them: the model, the prompt word by word, the chunks, and a hash of all contracts.

# %%
questions = {question.id: question for question in run.reading_questions()}
source = {contract.id: contract for contract in run.contracts}
texts = specify("contracts", texts=[hashlib.sha256(contract.text.encode()).hexdigest() for contract in run.contracts]).id
settings = {"model": run.settings.model_name, "turns": turns, "max_new_tokens": 20}
search_settings = {"contracts": texts, "chunk": [300, 45], "k": 3}
systems = {
    "closed book": ClosedBook(specify("closed book", **settings)),
    "naive RAG": NaiveRag(specify("naive RAG", **settings, **search_settings)),
    "oracle": Oracle(specify("oracle", **settings, **search_settings)),
}

# %% [markdown]
# The longest cell of the lab: one to three minutes on two cores, seconds where lab 1.1 has been run. Interrupt it and run it again: the store goes on with what is missing.

# %%
store = shelf / "3.1.jsonl"
for system in systems.values():
    print(run_benchmark(task, items, system, store, batch_size=32))

# %% [markdown]
# **Generate once, score many times.** The store holds raw answers; scores are made from it whenever you like, with any measure. A row with an error scores nothing: a crash is no refusal, though an empty text would pass for one.


# %% tags=["taught"]
def score_stored(path: Path, task: Spec, system: System, questions: Sequence[Any], score: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Scores of the stored answers, one row for each question, with input_tokens, output_tokens, seconds and error.

    score: (questions, texts, contexts) -> a table with one row each. Raises: ValueError when an answer is missing. Taught in: lab 3.1.
    """
    kept = read_rows(path)
    rows = [kept.get((task.id, system.spec.id, question.id, system.seed)) for question in questions]
    if missing := sum(row is None for row in rows):
        raise ValueError(f"{system.spec.name}: {missing} of {len(rows)} answers are missing from {path.name}; call run_benchmark first")
    answers = [row.answer or Answer("") for row in rows]
    table = score(questions, [answer.text for answer in answers], [answer.contexts for answer in answers])
    failed = pd.Series([bool(row.error) for row in rows], index=table.index)
    measured = table.select_dtypes("float").columns
    table[measured] = table[measured].mask(failed, 0.0)
    used = {"input_tokens": [answer.input_tokens for answer in answers], "output_tokens": [answer.output_tokens for answer in answers]}
    return table.assign(**used, seconds=[sum(answer.seconds.values()) for answer in answers], error=[row.error for row in rows])


# %%
reading = list(questions.values())
tables = {name: score_stored(store, task, system, reading, score_answers) for name, system in systems.items()}
pd.DataFrame({name: table[["correct", "f1", "input_tokens", "output_tokens", "seconds"]].mean() for name, table in tables.items()}).T.round(3)

# %% [markdown]
# ## Part 4 · What is a leak worth?
#
# Now measure step 3 on your own data. The system you add has **no model at all**: it remembers questions with their answers, and gives the answer of the most similar one.
#
# ### Exercise 3 · Add a system
#
# *6 minutes · medium · unlocks the measurement of the leak*
#
# For each item, find the remembered question with the largest `word_overlap` (the first of them where several are equal), and return its answer with the overlap as `confidence`. A function is enough; the harness does the rest.


# %% tags=["taught"]
@cache
def _words(text: str) -> frozenset[str]:
    """Taught in: lab 3.1."""
    return frozenset(text.lower().replace("?", " ").replace(",", " ").split())


def word_overlap(a: str, b: str) -> float:
    """Shared words of two texts over all their words (Jaccard), 0 to 1. Taught in: lab 3.1.

    >>> word_overlap("How long is the term?", "how long is the notice period?")
    0.5714285714285714
    """
    first, second = _words(a), _words(b)
    return len(first & second) / max(1, len(first | second))


# %% tags=["taught", "exercise"]
def look_up(batch: Sequence[Item], memory: Sequence[tuple[str, str]]) -> list[Answer]:
    """For each item the answer of the remembered question that shares most words with it; the overlap is the confidence.

    memory: (question, answer) pairs, at least one. Returns one Answer for each item, in order.
    Taught in: lab 3.1.

    >>> look_up([Item("q1", "How long is the notice?")], [("Who signs?", "Ms Berg"), ("How long is the term?", "5 years")])[0].text
    '5 years'
    """
    ### BEGIN SOLUTION
    answers = []
    for item in batch:
        question, answer = max(memory, key=lambda pair: word_overlap(item.question, pair[0]))
        answers.append(Answer(answer, confidence=word_overlap(item.question, question)))
    return answers
    ### END SOLUTION


# %%
look_up = lab.use(3, look_up)
# lab.hint(3)    lab.solution(3)

# %% [markdown]
# You will run one function with three memories on the same test questions. Commit yourself:

# %%
options = ["fewer than naive RAG", "between naive RAG and the oracle", "more than the oracle"]
lab.predict("leak", "How many questions will a system without a model get right when it remembers the test questions in other words?", options)

# %% [markdown]
# - **clean**: questions about *other* contract families (the training split).
# - **split by question**: also all other questions about the *test* families, as if somebody had shuffled the questions before splitting.
# - **reworded test set**: also the test questions themselves, reworded. This is what the published study did. Our rewording is crude: every third word is left out.


# %%
def reword(text: str) -> str:
    """The text without every third word."""
    return " ".join(word for place, word in enumerate(text.split()) if place % 3 != 2)


known = [(question.question, question.answers[0]) for question in load_questions(run.settings.corpus, "train", task="qa")]
test = [(question.question, question.answers[0]) for question in run.questions()]
lookups = {
    "look-up, clean": lambda batch: look_up(batch, known),
    "look-up, split by question": lambda batch: [look_up([item], known + [pair for pair in test if pair[0] != item.question])[0] for item in batch],
    "look-up, reworded test set": lambda batch: look_up(batch, known + [(reword(question), answer) for question, answer in test]),
}
memory_hash = specify("memory", pairs=known + test).id

# %% [markdown]
# Adding a system takes a spec and a function. All six then stand in one table, with their names beside their numbers:

# %%
for name, function in lookups.items():
    systems[name] = FunctionSystem(specify(name, memory=memory_hash), function)
    print(run_benchmark(task, items, systems[name], store))
    tables[name] = score_stored(store, task, systems[name], reading, score_answers)
overall = run.by_type(tables).query("group == 'all'").assign(group=[*tables], system="all questions")
plots.bars(overall, "Which of these would win your leaderboard?", "% of questions answered correctly")

# %% [markdown]
# Which bar is longest, and what does that system understand of contracts? What did you expect, and what are the two leaks worth against the clean memory?

# %%
right = {name: 100 * table["correct"].mean() for name, table in tables.items()}
leaked = right["look-up, reworded test set"]
place = options[int(leaked >= right["naive RAG"]) + int(leaked > right["oracle"])]
named = ", ".join(f"{name} {right[name]:.0f} %" for name in ("look-up, reworded test set", "oracle", "naive RAG"))
lab.reveal("leak", measured=named, answer=place)
pairs = [("look-up, split by question", "look-up, clean"), ("look-up, reworded test set", "look-up, clean"), ("look-up, clean", "naive RAG")]
for new, old in pairs:
    print(run.compare(tables[new], tables[old], name_a=new, name_b=old))

# %% [markdown]
# A leak is not worth a fixed number: it is worth as much as the system can **recognise**. This one compares words, so it needs a near copy; a trained model may recognise more.
# So do not estimate a leak, exclude it: split by family, and test that no wording of the training split returns.
#
# And read the last line. The clean look-up has seen nothing of these contracts: what it gets right, it **guesses** from the form of the question. Always put such a row into your table; a system that
# does not beat it has shown nothing yet.

# %% [markdown]
# ## Part 5 · How many questions do you need?
#
# In a paired comparison only the questions count on which **one** system is right and the other wrong: their share is the **discordance**. The more there are, the more noise. **Power** is the chance that a real
# effect is seen at 5 %. Move the sliders until you would have seen it.


# %%
def would_you_have_seen_it(n: int, effect: int, discordance: float):
    """Power against the number of independent questions; `effect` in points."""
    sizes = np.geomspace(8, 2000, 150)
    chances = [100 * power(size, effect / 100, discordance) for size in (*sizes, n)]
    with plt.style.context(plots.STYLE):
        figure, axes = plt.subplots()
        axes.plot(sizes, chances[:-1])
        axes.axhline(80, color="#444444", lw=1, ls="--", label="80 %: a usual aim")
        axes.plot(n, chances[-1], "o", ms=10, color="C1", label=f"n = {n}: seen in {chances[-1]:.0f} of 100 studies")
        axes.set(xscale="log", ylim=(0, 102), xlabel="number of independent questions", ylabel="chance that you see it (%)")
        axes.set(title=f"A true effect of {effect} points, {discordance:.0%} of the questions discordant")
        axes.set_xticks([10, 32, 100, 320, 1000, 2000], ["10", "32", "100", "320", "1000", "2000"])
        axes.legend(loc="upper left")
    plt.close(figure)
    return figure


# %% [markdown]
# The first picture is the published study's size, with an effect that would matter to most teams.

# %%
explore(would_you_have_seen_it, n=[32, 96, 200, 441, 600, 1000, 2000], effect=[5, 2, 10, 15], discordance=[0.2, 0.15, 0.3, 0.4, 0.5])

# %% [markdown]
# Those are *independent* questions. Questions of one family succeed and fail together; the **design effect** (Kish 1965) says how many times more you need because of it: the variance of the
# mean when whole families are drawn, divided by the variance when single questions are.
#
# ### Exercise 4 · Choose n for 5 points
#
# *5 minutes · medium · unlocks the plan for your next benchmark*
#
# `power_at(n)` gives the power of n **independent** questions. With a design effect d, n questions tell as much as n / d independent ones. Return the smallest whole n, from 1 to `most`, that reaches
# the power `wanted`; raise a ValueError when none does.


# %% tags=["taught", "exercise"]
def questions_to_ask(power_at: Callable[[float], float], design_effect: float = 1.0, wanted: float = 0.8, most: int = 100_000) -> int:
    """Smallest number of questions whose n / design_effect independent ones have at least the power `wanted`.

    power_at: number of independent questions -> power, 0 to 1, never falling. Raises: ValueError when even `most` are too few.
    Taught in: lab 3.1.

    >>> questions_to_ask(lambda n: n / 100), questions_to_ask(lambda n: n / 100, design_effect=1.5)
    (80, 120)
    """
    ### BEGIN SOLUTION
    for n in range(1, most + 1):
        if power_at(n / design_effect) >= wanted:
            return n
    raise ValueError(f"even {most} questions do not reach a power of {wanted}: look for a larger effect")
    ### END SOLUTION


# %%
questions_to_ask = lab.use(4, questions_to_ask)
# lab.hint(4)    lab.solution(4)

# %% [markdown]
# Now with what you measured: the discordance and the design effect of *oracle against naive RAG*.


# %%
def design_effect(differences: np.ndarray, families: Sequence[str]) -> float:
    """Variance of the mean over whole families, over its variance as if all questions were independent."""
    if np.ptp(differences) == 0 or len(set(families)) < 2:
        return 1.0
    sums = pd.Series(differences - differences.mean()).groupby(list(families)).sum()
    by_family = (sums**2).sum() * len(sums) / (len(sums) - 1)
    return float(by_family / (len(differences) * differences.var(ddof=1)))


difference = tables["oracle"]["correct"].to_numpy() - tables["naive RAG"]["correct"].to_numpy()
discordance, effect_of_design = float(np.mean(difference != 0)), design_effect(difference, tables["oracle"]["family"])
print(f"Discordance {discordance:.0%}, design effect {effect_of_design:.1f} (from {tables['oracle']['family'].nunique()} families: rough).")
for points in (5, 10, 20):
    curve = lambda n, points=points: power(n, points / 100, max(discordance, points / 100))  # noqa: E731
    print(f"{points:>2} points: {questions_to_ask(curve):>5} independent questions, {questions_to_ask(curve, max(1, effect_of_design)):>5} like ours")
print(f"This run had {len(items)}.")

# %% [markdown]
# Compare the last column with the number of questions of this run: effects that need more than that, it cannot show. More questions on the **same** families hardly help; more families do. So a small benchmark should ask for large effects, say how large, and call the
# rest *not distinguishable*.
#
# ## Keep what you measured
#
# Two files, two jobs: the **store** holds raw answers, so that a run can resume and be scored again; the **ledger** holds the scores of finished runs, with tokens and seconds, and later labs read it (lab 3.4 puts prices on them).

# %%
for name, table in tables.items():
    run.ledger.append(name, table, cost={unit: float(table[unit].sum()) for unit in ("seconds", "input_tokens", "output_tokens")})
print(run.ledger.describe())

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | correction for many comparisons | the words McNemar, Bonferroni and Holm occur in none of eleven open evaluation tools (lm-eval, HELM, Inspect, ranx, BEIR ... searched in August 2026) | Holm over a declared family | most tools report one system at a time |
# | error bars with clusters | up to three times wider than without (Miller 2024, arXiv:2411.00640) | the design effect above; a band widens by its square root | their clusters are passages, ours are families of contracts |
# | a model that has seen the test answers | 0.52 to 0.65 cosine against 0.51 for RAG (the audited study) | the look-up bars | theirs had to learn the answers, ours copies them |
#
# ## What to take home
#
# **Rule.** Split by family; run the baseline twice; pair; declare the family of comparisons and correct; choose n before you run; keep every raw answer.
# **It prevents** a leaderboard that a look-up table wins, and a ranking made of noise.
# **It costs** a store, a page of code, and the courage to write *not distinguishable*.
#
# **Next:** lab 3.3 puts retrieval, fine-tuning and both through this harness. Your progress:

# %%
lab.progress()
