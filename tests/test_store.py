"""The one store of ledger and harness: what is added comes back, and what a run says of its machine names nobody."""

import getpass
import json
import platform
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from llm_workbook.benchmark import store
from llm_workbook.benchmark.harness import FunctionSystem, run_benchmark, score_stored
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.benchmark.systems import Answer, Item, specify
from llm_workbook.settings import ROOT, Settings


def test_damaged_lines_are_told_from_good_ones_and_reading_goes_on(tmp_path):
    path = tmp_path / "s.jsonl"
    store.append(path, [{"n": 1}])
    with open(path, "ab") as file:
        file.write(b'[1]\n"x"\nnull\n\n{"n": \n\xff\n' + b"[" * 99_999 + b"\n")
    store.append(path, [{"n": 2, "text": "a\u2028b"}])
    read = list(store.read_entries(path))
    assert [number for number, _ in read] == list(range(1, 10))
    assert [entry for _, entry in read if entry] == [{"n": 1}, {"n": 2, "text": "a\u2028b"}]
    assert list(store.read_entries(tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.float64("inf"), None),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.datetime64("2026-01-02"), "2026-01-02"),
        (np.longdouble(2), 2.0),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.Series([1.0, np.nan]), [1.0, None]),
        (date(2026, 1, 2), "2026-01-02"),
        (Path("a"), "a"),
        (True, True),
        (10**30, 10**30),
        ({1: {"b": {2}}}, {"1": {"b": [2]}}),
        (Answer("x").spans, []),
    ],
)
def test_whatever_a_value_is_json_has_it(value, expected):
    assert store.plain(value) == expected
    json.dumps(store.plain(value), allow_nan=False)


def test_a_torch_number_is_a_number():
    torch = pytest.importorskip("torch")
    assert store.plain({"a": torch.tensor(1.5), "b": torch.tensor([1, 2])}) == {"a": 1.5, "b": [1, 2]}


def test_the_machine_is_described_in_neutral_words(monkeypatch):
    said = store.machine()
    assert said.split()[0].isdigit() and platform.machine() in said and "bf16" in said
    assert not any(name in said for name in (platform.node(), str(ROOT), str(Path.home())) if len(name) > 2)
    assert getpass.getuser() not in said.split()


@pytest.mark.parametrize(("flags", "word"), [("avx2 avx512_bf16", "bf16"), ("amx_tile", "bf16"), ("avx2", "no bf16")])
def test_the_processor_and_bf16_are_read_without_loading_torch(tmp_path, monkeypatch, flags, word):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nmodel name : Some Processor 3000\nflags : {flags}\n")
    monkeypatch.setattr(store, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert store.machine().endswith(f"(Some Processor 3000), {word}")
    assert "torch" not in sys.modules


def test_the_gpu_is_named(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(
        bfloat16=torch.bfloat16, cuda=SimpleNamespace(get_device_name=lambda _: "Some GPU"),
    ))  # fmt: skip
    monkeypatch.setattr("llm_workbook.models.chat.best_dtype", lambda: (torch.bfloat16, "cuda"))
    assert store.machine().endswith(", bf16, Some GPU")


def test_a_run_of_the_harness_and_one_of_the_ledger_say_the_same_of_their_surroundings(tmp_path):
    task, item = specify("t"), Item("q", "?")
    echo = FunctionSystem(specify("echo"), lambda batch: [Answer("x")] * len(batch))
    run_benchmark(task, [item], echo, tmp_path / "s.jsonl")
    Ledger(Settings("1.1", results_dir=tmp_path)).append("A", [{"question_id": "q", "type": "t", "family": "f"}])
    manifest = next(entry for _, entry in store.read_entries(tmp_path / "s.jsonl"))
    header = next(entry for _, entry in store.read_entries(tmp_path / "ledger" / "1.1.jsonl"))
    for name in ("versions", "machine"):
        assert manifest[name] == header[name]


def test_numbers_of_numpy_and_half_a_character_cost_no_answer(tmp_path):
    """pandas refuses half a surrogate pair, JSON refuses numpy: neither may cost the answer."""
    task, item = specify("t"), Item("q", "?")
    answer = Answer("30 days \ud83d", (), (), np.float32(0.5), np.int64(3), 4, {"generate": np.float64(0.1)})
    system = FunctionSystem(specify("s"), lambda batch: [answer])
    assert run_benchmark(task, [item], system, tmp_path / "s.jsonl").errors == {}
    table = score_stored(
        tmp_path / "s.jsonl",
        task,
        system,
        [item],
        lambda _, texts, __: pd.DataFrame({"answer": texts, "correct": [1.0]}),
    )
    assert (table["answer"][0], table["input_tokens"][0]) == ("30 days \\ud83d", 3)
