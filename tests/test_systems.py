"""Traits say what a system is; the records and the prompt of a benchmark are the package's own."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from llm_workbook.benchmark import systems
from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.systems import Traits
from llm_workbook.settings import ROOT
from llm_workbook.taught import lab_3_1

PROMPTS = "9b16bea2dfe4d212"  # of the day on which the recorded answers were made


def test_traits_that_are_left_out_follow_from_the_others():
    asked = {
        "closed book": (Traits(), (False, False, False)),
        "naive RAG": (Traits(context="retrieved", index="naive"), (True, False, False)),
        "an index alone": (Traits(context="best sentence", index="naive"), (True, False, False)),
        "oracle": (Traits(context="oracle"), (True, False, True)),
        "RAFT": (Traits("raft", "retrieved"), (True, True, False)),
        "whole documents": (Traits("sft", "whole"), (False, True, False)),
    }
    for name, (traits, expected) in asked.items():
        assert (traits.uses_index, traits.is_tuned, traits.is_ceiling) == expected, name


def test_what_is_said_goes_before_what_follows():
    said = Traits("sft", "oracle", uses_index=False, is_tuned=False, is_ceiling=False, seed=np.int64(3))
    assert (said.uses_index, said.is_tuned, said.is_ceiling, said.seed) == (False, False, False, 3)
    assert Traits(is_tuned=np.bool_(True)).is_tuned is True
    json.dumps(vars(said))


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"training": ""}, "the trait 'training' is empty: write 'none'"),
        ({"context": "  "}, "the trait 'context' is empty"),
        ({"training": None}, "the trait 'training' is None: write a few words"),
        ({"index": 3}, "the trait 'index' is 3"),
        ({"context": "a\nb"}, "on one line"),
        ({"training": "x" * 200}, "a few words"),
        ({"uses_index": "yes"}, "the trait 'uses_index' is 'yes': write True or False"),
        ({"is_tuned": 1}, "the trait 'is_tuned' is 1"),
        ({"is_ceiling": "False"}, "the trait 'is_ceiling' is 'False'"),
        ({"seed": True}, "the trait 'seed' is True: write a whole number"),
        ({"seed": 1.5}, "the trait 'seed' is 1.5"),
    ],
)
def test_a_trait_of_another_type_is_a_sentence(bad, sentence):
    with pytest.raises(ValueError, match=sentence):
        Traits(**bad)


def test_the_prompts_are_the_same_to_the_byte():
    """Answers on disk and recorded ones depend on them. (Without clauses they were other ones: see below.)"""
    asked = [
        conversation(clauses, question, worked)
        for clauses in (["a {b}"], ["x", "y"])
        for question in ("c?", "Ä {q}")
        for worked in (True, False)
    ]
    assert hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:16] == PROMPTS


@pytest.mark.parametrize("worked", [True, False])
def test_without_clauses_the_question_stands_alone(worked):
    """335 of the 441 recorded closed-book answers of lab 1.1 repeat the placeholder that once stood there."""
    assert conversation([], "Who signs?", worked)[-1] == {"role": "user", "content": "Question: Who signs?"}
    assert "Clauses:\na clause\n" in conversation(["a clause"], "Who signs?", worked)[-1]["content"]


def test_the_prompt_stands_in_one_place_of_the_package_and_in_the_lab_that_teaches_it():
    texts = {
        path.relative_to(ROOT).as_posix()
        for folder in ("llm_workbook", "tools", "solutions")
        for path in Path(ROOT, folder).rglob("*.py")
        if "Mooring licence: Dues" in path.read_text(encoding="utf-8")
    }
    assert texts == {"llm_workbook/benchmark/prompt.py", "solutions/1_rag/1.1_baseline_and_ruler.py"}


@pytest.mark.parametrize("name", ["Item", "Answer", "Spec", "System", "Row", "specify"])
def test_the_records_are_the_packages_own_and_no_lesson_defines_them(name):
    assert getattr(systems, name).__module__ == "llm_workbook.benchmark.systems"
    assert getattr(lab_3_1, name, getattr(systems, name)) is getattr(systems, name)
    shared = [path for path in Path(ROOT, "llm_workbook").rglob("*.py") if "labs" not in path.parts]
    imports = re.compile(rf"from [\w.]*taught[\w.]* import [^\n]*\b{name}\b")
    assert [path.name for path in shared if imports.search(path.read_text(encoding="utf-8"))] == []
