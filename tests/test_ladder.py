"""The ladder: its shares and intervals, its picture and its command."""

import json

import pandas as pd
import pytest

from llm_workbook.__main__ import main
from llm_workbook.benchmark import ladder as module
from llm_workbook.benchmark.ladder import LAB, ladder
from llm_workbook.benchmark.ledger import Ledger
from llm_workbook.benchmark.store import zipped
from llm_workbook.settings import Settings
from llm_workbook.show import plots


def answer(number: int, type_: str, correct: float, refused: bool = False, **more) -> dict:
    about = {
        "question_id": f"q{number}",
        "type": type_,
        "family": f"f{number % 3}",
        "answerable": type_ != "unanswerable",
    }
    return {**about, "correct": correct, "refused": refused, **more}


ROWS = [
    answer(1, "lookup", 1.0, shown=True),
    answer(2, "orphan", 0.0, refused=True, shown=True),
    answer(3, "bridge", 0.0, refused=True, shown=False),
    answer(4, "aggregate", 0.0, shown=True),
    answer(5, "unanswerable", 1.0, refused=True, shown=True),
    answer(6, "unanswerable", 0.0, shown=True),
]


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A function that records systems on corpora, and makes the ladder read them."""

    def record(*runs) -> None:
        for system, corpus, rows in runs:
            Ledger(Settings("0", "full", corpus=corpus, results_dir=tmp_path), LAB).append(system, rows)
        path = tmp_path / "ladder.jsonl.gz"
        path.write_bytes(zipped((tmp_path / "ledger" / f"{LAB}.jsonl").read_bytes()))
        monkeypatch.setattr(module, "RECORDED", path)

    monkeypatch.setattr(module, "RECORDED", tmp_path / "none")
    return record


def test_shares_are_of_answerable_questions_and_refusals_of_their_own_kind(recorded):
    recorded(("naive", "authored:1", ROWS))
    row = ladder().iloc[0]
    assert (row["one_clause"], row["all"], row["n"], row["families"], row["seeds"]) == (50.0, 25.0, 4, 3, 1)
    assert row["needless"] == pytest.approx(33.3), "a refusal where the clause was not shown is not needless"
    assert row["right_refusals"] == 50.0
    assert row["low"] <= row["all"] <= row["high"]


def test_regions_are_put_together_and_other_corpora_left_out(recorded):
    more = [{**row, "question_id": f"second {row['question_id']}", "family": f"second {row['family']}"} for row in ROWS]
    recorded(("naive", "authored:1", ROWS), ("naive", "authored:2", more), ("naive", "cuad", ROWS[:1]))
    assert ladder()[["n", "families"]].to_numpy().tolist() == [[8, 6]]
    assert ladder("cuad")[["n", "one_clause"]].to_numpy().tolist() == [[1, 100.0]]


def test_seeds_are_averaged_and_widen_the_interval(recorded):
    questions = [answer(number, "lookup", float(number % 2), shown=True) for number in range(12)]
    alike = [{**row, "seed": seed} for seed in (1, 2, 3) for row in questions]
    apart = [{**row, "seed": seed, "correct": float(seed > 1)} for seed in (1, 2, 3) for row in questions]
    recorded(("alike", "authored:1", alike), ("apart", "authored:1", apart))
    table = ladder().set_index("rung")
    assert table["n"].tolist() == [12, 12]
    assert table["seeds"].tolist() == [3, 3]
    assert table.loc["apart", "all"] == pytest.approx(66.7)
    assert table.loc["apart", "low"] < 5, "one seed of three fails everywhere: the recipe may be worth nothing"


def test_the_picture_names_the_rungs_and_the_rise(recorded):
    recorded(("naive RAG", "authored:1", ROWS), ("whole", "authored:1", [{**row, "correct": 1.0} for row in ROWS]))
    figure = plots.ladder(ladder())
    assert figure.axes[0].get_title(loc="left") == "From 50 % to 100 % of one-clause questions"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["naive RAG", "whole"]
    with pytest.raises(ValueError, match="not recorded yet"):
        plots.ladder(pd.DataFrame())


def test_the_command_prints_text_json_and_a_picture(recorded, capsys, tmp_path):
    assert main(["ladder"]) == 1
    assert "no ladder is recorded" in capsys.readouterr().err
    recorded(("naive RAG", "authored:1", ROWS))
    assert main(["ladder"]) == 0
    assert "naive RAG" in capsys.readouterr().out
    picture = tmp_path / "ladder.png"
    assert main(["ladder", "--json", "--picture", str(picture)]) == 0
    (rung,) = json.loads(capsys.readouterr().out)
    assert {"rung", "one_clause", "all", "low", "high", "n", "families", "seeds"} <= set(rung)
    assert picture.stat().st_size > 5000


def test_a_table_of_answers_says_what_its_system_is(recorded):
    recorded(("naive", "authored:1", ROWS), ("naive", "authored:2", [{**row, "question_id": "x"} for row in ROWS[:1]]))
    about = module.rung_answers()["naive"].attrs
    assert {name: about[name] for name in ("system", "n", "families", "source", "corpus")} == {
        "system": "naive", "n": 7, "families": 3, "source": "recorded", "corpus": "authored",
    }  # fmt: skip
