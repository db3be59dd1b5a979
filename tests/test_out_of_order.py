"""Cells run out of order: a clear sentence, and nothing is lost."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
OPEN = """
from pathlib import Path
from llm_workbook.exercises.engine import Lab
from llm_workbook.settings import Settings
lab = Lab(Settings("0", "smoke", results_dir=Path("results")))
"""
DEFINE = """
def number_clauses(clauses):
    return "\\n".join(f"[{number}] {clause}" for number, clause in enumerate(clauses, start=1))
"""
USE = "number_clauses = lab.use(1, number_clauses)"


def run(cells: list[str], folder: Path) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "LLM_WORKBOOK_HEADLESS": "1"})
    return notebook


def said(cell: nbformat.NotebookNode) -> str:
    return "".join(
        str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs
    )


def test_a_check_before_its_exercise_says_what_to_run_and_the_lab_goes_on(tmp_path):
    notebook = run([OPEN, USE, DEFINE, USE, "lab.progress()"], tmp_path)
    early, late = notebook.cells[1], notebook.cells[3]
    assert [output.ename for output in early.outputs if output.output_type == "error"] == ["NameError"]
    assert "Is `number_clauses` made in a cell above that has not run yet?" in said(early)
    assert "Run All Above Selected Cell" in said(early)
    assert "Exercise 1: passed." in said(late)
    assert "passed" in said(notebook.cells[4])
    kept = json.loads((tmp_path / "results" / "progress.json").read_text())
    assert kept["labs"]["0"]["exercises"]["1"]["outcome"] == "passed"


def test_it_is_still_an_error_for_whoever_runs_the_notebook(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (OPEN, USE)])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    with pytest.raises(CellExecutionError, match="NameError"):
        client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "LLM_WORKBOOK_HEADLESS": "1"})
