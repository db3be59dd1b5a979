"""Notebooks that were saved before a module moved still find it."""

import importlib
import subprocess
import sys

import pytest

from llm_workbook.moved import MOVED
from llm_workbook.settings import ROOT


@pytest.mark.parametrize("old", MOVED)
def test_the_old_name_gives_the_module_of_the_new_one(old):
    new = importlib.import_module(f"llm_workbook.{MOVED[old]}")
    sys.modules.pop(f"llm_workbook.{old}", None)
    with pytest.warns(DeprecationWarning, match=f"llm_workbook.{old} is now llm_workbook.{MOVED[old]}"):
        assert importlib.import_module(f"llm_workbook.{old}") is new
    assert new.__spec__.name == new.__name__ == f"llm_workbook.{MOVED[old]}"


def test_as_a_notebook_writes_it():
    code = "from llm_workbook.ledger import Ledger; import llm_workbook.models.adapters; print(Ledger.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "llm_workbook.benchmark.ledger\n"


def test_a_name_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("llm_workbook.measure.none")
