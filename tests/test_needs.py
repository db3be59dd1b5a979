"""What a lab needs of a corpus: it runs, or says in one sentence what is missing."""

from importlib import import_module

import pytest
from IPython.core.interactiveshell import InteractiveShell

from llm_workbook import start
from llm_workbook.corpus.records import CorpusError
from llm_workbook.run import NEEDS, known_labs

# 2.1 makes a set of your documents; its exam is the workbook's, as in 2.5; 2.4, 3.2 and 3.4 read what is on record
MEASURED = [lab for lab in known_labs() if lab not in ("2.1", "2.4", "2.5", "3.2", "3.4")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The notice period is 30 days. The fee is EUR 5.")
    return tmp_path / "docs"


def ask(folder) -> None:
    row = "How long?,30 days,a.txt,notice period is 30 days"
    (folder / "questions.csv").write_text(f"question,answer,document,quote\n{row}\n")


@pytest.mark.parametrize("lab", MEASURED)
def test_a_lab_that_asks_needs_questions(lab, folder, tmp_path):
    with pytest.raises(
        CorpusError, match=rf"^Lab {lab} needs questions with known answers, and .* has none: put a questions.csv"
    ):
        start(lab, "smoke", results_dir=tmp_path / "results", corpus=f"folder:{folder}")


def test_the_sentence_says_why_the_questions_were_left_out(folder, tmp_path):
    (folder / "questions.csv").write_text("question,answer,document,quote\nHow long?,30 days,b.txt,30 days\n")
    with pytest.raises(
        CorpusError, match=r"has none \(questions.csv row 2: left out, 0 documents .* are called 'b.txt'"
    ):
        start("1.1", "smoke", results_dir=tmp_path / "results", corpus=f"folder:{folder}")


@pytest.mark.parametrize("lab", ["2.2", "3.3"])
def test_a_lab_that_trains_needs_questions_to_train_on(lab, folder, tmp_path):
    ask(folder)
    with pytest.raises(CorpusError, match=f"^Lab {lab} needs questions to train on, and .*'authored' or 'cuad'"):
        start(lab, "smoke", results_dir=tmp_path / "results", corpus=f"folder:{folder}")


@pytest.mark.parametrize("lab", [lab for lab in known_labs() if lab not in ("2.2", "3.3")])
def test_a_lab_starts_on_a_folder_with_one_question(lab, folder, tmp_path):
    ask(folder)
    assert len(start(lab, "smoke", results_dir=tmp_path / "results", corpus=f"folder:{folder}").questions()) == 1


@pytest.mark.parametrize("lab", known_labs())
def test_every_lab_starts_on_the_authored_corpus(lab, tmp_path):
    start(lab, "smoke", results_dir=tmp_path / "results")


def test_a_notebook_shows_the_sentence_alone(folder, tmp_path, capsys):
    shell = InteractiveShell()
    call = f"start('1.1', 'smoke', results_dir={str(tmp_path)!r}, corpus={f'folder:{folder}'!r})"
    code = f"from llm_workbook import start\n{call}"
    assert not shell.run_cell(code).success
    said = capsys.readouterr()
    assert "Lab 1.1 needs questions with known answers" in said.out + said.err
    assert "Traceback" not in said.out + said.err and "run.py" not in said.out + said.err


def test_every_need_that_a_room_declares_is_known():
    rooms = [import_module(f"llm_workbook.labs.lab_{lab.replace('.', '_')}") for lab in known_labs()]
    assert {need for room in rooms for need in getattr(room, "NEEDS", ())} == {*NEEDS}
