"""The harness of lab 3.1: nothing is lost, nothing is asked twice, and a bad system is recorded as such."""

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from llm_workbook.benchmark.harness import FunctionSystem, read_rows, run_benchmark, score_stored
from llm_workbook.benchmark.systems import Answer, Item, Spec, specify
from llm_workbook.corpus.records import Span
from llm_workbook.files import append_lines

TASK = specify("a task", version=1)
ITEMS = [Item(f"q{number:02}", f"What is {number}?") for number in range(20)]


def echo(batch: Sequence[Item]) -> list[Answer]:
    return [
        Answer(item.question, ("a clause",), (Span("msa", 0, 9),), 0.5, 12, 3, {"search": 0.1, "generate": 0.4})
        for item in batch
    ]


COUNTING = specify("counting")


@dataclass
class Counting:
    """Echoes; leaves a mark on disk for each item that it was asked and each time it was prepared."""

    marks: Path
    spec: Spec = COUNTING
    seed: int = 0

    def prepare(self) -> None:
        append_mark(self.marks, f"prepared {os.getpid()}")

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        for item in batch:
            append_mark(self.marks, item.id)
        return echo(batch)


class Killed(Counting):
    """Kills its own worker, once, at the item q09."""

    def answer(self, batch: Sequence[Item]) -> list[Answer]:
        fuse = self.marks.with_suffix(".fuse")
        if any(item.id == "q09" for item in batch) and not fuse.exists():
            fuse.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return super().answer(batch)


def append_mark(path: Path, mark: str) -> None:
    with open(path, "a") as file:
        file.write(mark + "\n")


def marks(path: Path) -> list[str]:
    return path.read_text().split("\n")[:-1] if path.exists() else []


def system(function, name: str = "echo", seed: int = 0, **settings) -> FunctionSystem:
    return FunctionSystem(specify(name, **settings), function, seed)


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "results" / "store.jsonl"


# ------------------------------------------------------------------ specs


def test_a_spec_is_named_by_everything_in_it():
    ids = {
        specify("a", k=3).id,
        specify("a", k=4).id,
        specify("b", k=3).id,
        specify("a").id,
        specify("a", k=3, prompt="x").id,
    }
    assert len(ids) == 5
    assert specify("a", k=3, n=1) == specify("a", n=1, k=3)
    assert specify("a", k=3).id == "942506768c10"  # the same on every machine and in every release


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), Path("x")])
def test_a_setting_that_is_not_plain_data_is_a_sentence(value):
    with pytest.raises(TypeError, match="a setting of 'rag' is not plain data .* give its name, number or hash"):
        specify("rag", index=value)


# ------------------------------------------------------------------ store and resume


def test_what_was_answered_comes_back_whole(store):
    report = run_benchmark(TASK, ITEMS[:3], system(echo), store)
    assert str(report) == "echo: 0 known, 3 asked, 0 errors, 0 missing"
    rows = read_rows(store)
    assert [row.answer for row in rows.values()] == echo(ITEMS[:3])
    assert list(rows) == [(TASK.id, specify("echo").id, item.id, 0) for item in ITEMS[:3]]


@pytest.mark.parametrize("text", ["", "líne\u2028line", "a\nb\r\nc", "\ud800", '{"kind": "row"}', "x" * 100_000])
def test_any_text_comes_back_whole(store, text):
    run_benchmark(TASK, ITEMS[:2], system(lambda batch: [Answer(text)] * len(batch)), store)
    assert [row.answer.text for row in read_rows(store).values()] == [text, text]


def test_only_what_is_missing_is_asked(tmp_path, store):
    counting = Counting(tmp_path / "marks")
    run_benchmark(TASK, ITEMS[:5], counting, store, batch_size=2)
    report = run_benchmark(TASK, ITEMS, counting, store, batch_size=2)
    assert (report.known, report.asked, report.missing) == (5, 15, 0)
    assert str(run_benchmark(TASK, ITEMS, counting, store)) == "counting: 20 known, 0 asked, 0 errors, 0 missing"
    asked = [mark for mark in marks(tmp_path / "marks") if mark.startswith("q")]
    assert sorted(asked) == [item.id for item in ITEMS]


@pytest.mark.parametrize("change", ["task", "system", "seed"])
def test_another_task_system_or_seed_is_asked_anew(store, change):
    run_benchmark(TASK, ITEMS, system(echo), store)
    task = specify("a task", version=2) if change == "task" else TASK
    other = system(echo, seed=int(change == "seed"), **({"k": 4} if change == "system" else {}))
    assert run_benchmark(task, ITEMS, other, store).asked == len(ITEMS)


def test_a_cut_off_last_line_costs_one_item(store, capsys):
    run_benchmark(TASK, ITEMS, system(echo), store)
    whole = store.read_bytes()
    store.write_bytes(whole[:-40])
    assert len(read_rows(store)) == 19
    assert "line 21 is damaged and left out; what it held will be asked again" in capsys.readouterr().out
    assert run_benchmark(TASK, ITEMS, system(echo), store).asked == 1
    rows = read_rows(store)
    assert [row.answer for row in rows.values()] == echo(ITEMS)
    assert store.read_bytes().startswith(whole[:-40] + b"\n")  # nothing was rewritten


DAMAGED = [b"[1]", b"7", b"\xff\xfe", b"{}", b'{"kind": "row"}', b'{"kind": "row", "answer": {"text": "x"}}', b"null"]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_in_the_middle_harms_no_other(store, line, capsys):
    run_benchmark(TASK, ITEMS[:4], system(echo), store)
    with open(store, "ab") as file:
        file.write(line + b"\n")
    run_benchmark(TASK, ITEMS, system(echo), store)
    assert len(read_rows(store)) == 20
    assert "is damaged and left out" in capsys.readouterr().out


def test_the_newest_row_counts(store):
    run_benchmark(TASK, ITEMS[:1], system(echo), store)
    (row,) = read_rows(store).values()
    append_lines(store, [{"kind": "row", **asdict(replace(row, answer=Answer("newer")))}])
    assert [row.answer.text for row in read_rows(store).values()] == ["newer"]


def test_the_manifest_says_what_was_run_with_what(store):
    run_benchmark(TASK, ITEMS, system(echo, k=3, seed=5), store)
    first = json.loads(store.read_text().splitlines()[0])
    assert first["kind"] == "manifest"
    assert (first["task"], first["system"]) == (asdict(TASK), {"name": "echo", "settings": '{"k": 3}'})
    assert (first["task_id"], first["system_id"], first["seed"], first["asked"]) == (
        TASK.id,
        specify("echo", k=3).id,
        5,
        20,
    )
    assert {"python", "torch", "langchain-core"} <= first["versions"].keys()


def test_an_interrupted_run_keeps_what_was_answered(store):
    def interrupted(batch: Sequence[Item]) -> list[Answer]:
        if batch[0].id == "q08":
            raise KeyboardInterrupt
        return echo(batch)

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(TASK, ITEMS, system(interrupted), store, batch_size=4)
    assert len(read_rows(store)) == 8
    assert run_benchmark(TASK, ITEMS, system(echo), store).asked == 12


def test_two_items_of_one_id_are_refused(store):
    with pytest.raises(ValueError, match="two items have the same id: give each its own"):
        run_benchmark(TASK, [ITEMS[0], ITEMS[0]], system(echo), store)


# ------------------------------------------------------------------ bad systems


def raises(batch):
    raise ValueError("no index")


def gives_up(batch):
    raise SystemExit(3)


BAD = {
    "raises": (raises, "it raised ValueError: no index"),
    "exits": (gives_up, "it raised SystemExit: 3"),
    "None": (lambda batch: None, "it returned NoneType in place of a list of answers"),
    "a text": (lambda batch: "yes", "it returned str in place of a list of answers"),
    "too few": (lambda batch: echo(batch)[:-1], "it returned 3 answers to 4 questions"),
    "too many": (lambda batch: [*echo(batch), Answer("more")], "it returned 5 answers to 4 questions"),
    "texts": (lambda batch: ["yes"] * len(batch), "it returned 'yes' in place of an Answer with a text"),
    "no text": (lambda batch: [Answer(None)] * len(batch), "it returned Answer(text=None"),
    "NaN": (
        lambda batch: [Answer("x", confidence=float("nan"))] * len(batch),
        "its answer holds something that cannot be stored",
    ),
    "spans that are none": (
        lambda batch: [Answer("x", spans=((0, 9),))] * len(batch),
        "its answer holds something that cannot be stored",
    ),
    "an object": (
        lambda batch: [Answer("x", seconds={"a": object()})] * len(batch),
        "its answer holds something that cannot be stored",
    ),
}


@pytest.mark.parametrize(("function", "sentence"), BAD.values(), ids=BAD)
def test_a_bad_system_is_recorded_and_the_next_one_runs(store, function, sentence):
    report = run_benchmark(TASK, ITEMS[:4], system(function, "bad"), store)
    assert (report.asked, sum(report.errors.values()), report.missing) == (4, 4, 0)
    assert all(row.answer is None and row.error.startswith(sentence) for row in read_rows(store).values())
    assert f"  4 x {sentence}" in str(report)
    assert run_benchmark(TASK, ITEMS[:4], system(echo), store).errors == {}
    assert run_benchmark(TASK, ITEMS[:4], system(function, "bad"), store).asked == 0  # an error is a result


def test_one_bad_item_costs_its_neighbours_nothing(store):
    def falters(batch):
        return raises(batch) if ITEMS[2] in batch else echo(batch)

    run_benchmark(TASK, ITEMS[:8], system(falters), store, batch_size=4)
    assert [row.item for row in read_rows(store).values() if row.error] == ["q02"]
    assert [row.item for row in read_rows(store).values() if row.answer] == [
        item.id for item in ITEMS[:8] if item.id != "q02"
    ]


def test_one_bad_answer_costs_its_neighbours_nothing(store):
    run_benchmark(TASK, ITEMS[:4], system(lambda batch: [*echo(batch)[:-1], None]), store)
    assert [bool(row.error) for row in read_rows(store).values()] == [False, False, False, True]


@pytest.mark.parametrize("workers", [None, 2])
@pytest.mark.parametrize(
    "hang", [lambda batch: time.sleep(120), lambda batch: [None for _ in iter(int, 1)]], ids=["sleeps", "loops"]
)
def test_a_system_that_hangs_is_stopped_and_not_asked_again(store, hang, workers):
    started = time.perf_counter()
    with ThreadPoolExecutor(1) if workers else _nothing() as executor:
        report = run_benchmark(TASK, ITEMS, system(hang), store, executor, batch_size=4, time_limit_s=0.3)
    assert time.perf_counter() - started < 90  # of 120 s: it was not waited for, even on a busy machine
    assert report.errors == {"it gave no answer within 0.3 s": 4}
    assert report.missing == 16
    assert "The system hung, so the rest was not asked. Run it again: only what is missing is asked." in str(report)
    assert run_benchmark(TASK, ITEMS, system(echo), store).asked == 16


class _nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        return None


def test_a_system_that_cannot_be_prepared_is_recorded(store):
    class Unready(Counting):
        def prepare(self) -> None:
            raise FileNotFoundError("no weights")

    report = run_benchmark(TASK, ITEMS[:4], Unready(store), store)
    assert report.errors == {"it raised FileNotFoundError: no weights": 4}


def test_a_system_that_was_mended_is_prepared_anew(tmp_path, store):
    """Same spec, other code: also in a worker that lives longer than a run."""
    run_benchmark(TASK, ITEMS[:2], Counting(tmp_path / "before"), store)
    run_benchmark(TASK, ITEMS[:4], Counting(tmp_path / "after"), store)
    assert [mark for mark in marks(tmp_path / "after") if mark.startswith("q")] == ["q02", "q03"]


# ------------------------------------------------------------------ executors


def answers(store: Path) -> dict:
    return {key: (row.answer, row.error) for key, row in read_rows(store).items()}


@pytest.mark.parametrize(
    "pool", [partial(ThreadPoolExecutor, 3), partial(ProcessPoolExecutor, 2)], ids=["threads", "processes"]
)
def test_it_does_not_matter_where_it_runs(tmp_path, pool):
    run_benchmark(TASK, ITEMS, Counting(tmp_path / "one"), tmp_path / "serial.jsonl", batch_size=3)
    with pool() as executor:
        report = run_benchmark(
            TASK, ITEMS, Counting(tmp_path / "many"), tmp_path / "pool.jsonl", executor, batch_size=3
        )
    assert report.missing == 0
    assert answers(tmp_path / "pool.jsonl") == answers(tmp_path / "serial.jsonl")
    prepared = [mark for mark in marks(tmp_path / "many") if mark.startswith("prepared")]
    assert len(prepared) == len(set(prepared))  # once in each process


def test_a_killed_process_loses_nothing(tmp_path, store):
    killed = Killed(tmp_path / "marks")
    with ProcessPoolExecutor(2) as executor:
        report = run_benchmark(TASK, ITEMS, killed, store, executor, batch_size=2)
    assert "A worker gave nothing back (BrokenProcessPool" in report.lost
    kept = answers(store)
    assert 0 < report.missing == 20 - len(kept)
    assert not report.errors  # the system is not blamed
    with ProcessPoolExecutor(2) as executor:
        again = run_benchmark(TASK, ITEMS, killed, store, executor, batch_size=2)
    assert (again.known, again.asked, again.missing) == (len(kept), report.missing, 0)
    run_benchmark(TASK, ITEMS, Counting(tmp_path / "other"), tmp_path / "whole.jsonl")
    assert answers(store) == answers(tmp_path / "whole.jsonl")


def test_a_system_that_cannot_be_sent_to_a_worker_is_a_sentence(store):
    with ProcessPoolExecutor(1) as executor:
        report = run_benchmark(TASK, ITEMS, system(lambda batch: echo(batch)), store, executor)
    assert report.missing == 20
    assert "A worker gave nothing back (" in report.lost
    assert "lambda" in report.lost


def test_an_executor_that_takes_no_work_is_a_sentence(store):
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    report = run_benchmark(TASK, ITEMS, system(echo), store, executor)
    assert report.missing == 20
    assert "The executor takes no more work (cannot schedule new futures after shutdown): make a new one" in str(report)


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[object, Executor]]:
    distributed = pytest.importorskip("distributed", reason="an optional extra: pip install distributed")
    local = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with local, distributed.Client(local) as client:
        yield local, client.get_executor(pure=False)


def test_dask_gives_the_same_store(tmp_path, cluster):
    _, executor = cluster
    run_benchmark(TASK, ITEMS, Counting(tmp_path / "one"), tmp_path / "serial.jsonl", batch_size=3)
    report = run_benchmark(TASK, ITEMS, Counting(tmp_path / "many"), tmp_path / "dask.jsonl", executor, batch_size=3)
    assert report.missing == 0
    assert answers(tmp_path / "dask.jsonl") == answers(tmp_path / "serial.jsonl")


def test_a_mended_system_is_sent_anew_to_workers_that_live_on(tmp_path, store, cluster):
    _, executor = cluster
    for name, count in (("before", 4), ("after", 8)):
        run_benchmark(TASK, ITEMS[:count], Counting(tmp_path / name), store, executor, batch_size=2)
    assert sorted(mark for mark in marks(tmp_path / "after") if mark.startswith("q")) == ["q04", "q05", "q06", "q07"]


def test_a_killed_dask_worker_loses_nothing(tmp_path, store, cluster):
    _, executor = cluster
    killed = Killed(tmp_path / "marks")
    report = run_benchmark(TASK, ITEMS, killed, store, executor, batch_size=2)
    assert (tmp_path / "marks.fuse").exists()  # a worker did die
    assert report.missing == 0  # dask gives its work to another one
    run_benchmark(TASK, ITEMS, Counting(tmp_path / "other"), tmp_path / "whole.jsonl")
    assert answers(store) == answers(tmp_path / "whole.jsonl")


# ------------------------------------------------------------------ scores from the store


@dataclass(frozen=True)
class Asked:
    id: str


def lengths(questions, texts, contexts) -> pd.DataFrame:
    assert len(questions) == len(texts) == len(contexts)
    return pd.DataFrame(
        {
            "question_id": [question.id for question in questions],
            "correct": [1.0] * len(texts),
            "length": [*map(len, texts)],
        }
    )


def test_scores_are_made_from_the_store_and_an_error_earns_nothing(store):
    def falters(batch):
        return raises(batch) if ITEMS[2] in batch else echo(batch)

    one = system(falters)
    run_benchmark(TASK, ITEMS[:4], one, store)
    table = score_stored(store, TASK, one, [Asked(item.id) for item in ITEMS[3::-1]], lengths)
    assert table["question_id"].tolist() == ["q03", "q02", "q01", "q00"]
    assert table["correct"].tolist() == [1, 0, 1, 1]
    assert table["error"].tolist() == ["", "it raised ValueError: no index", "", ""]
    assert table["input_tokens"].tolist() == [12, 0, 12, 12]
    assert table["output_tokens"].tolist() == [3, 0, 3, 3]
    assert table["seconds"].tolist() == [0.5, 0, 0.5, 0.5]


def test_scores_of_an_unfinished_run_are_refused(store):
    run_benchmark(TASK, ITEMS[:3], system(echo), store)
    with pytest.raises(ValueError, match="echo: 1 of 4 answers are missing from store.jsonl; call run_benchmark first"):
        score_stored(store, TASK, system(echo), [Asked(item.id) for item in ITEMS[:4]], lengths)
