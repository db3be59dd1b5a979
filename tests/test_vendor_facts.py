"""Vendor facts: each with a source and a date; naming a model that ends, or keeping an old price, fails in time."""

import shutil
from datetime import date

import pytest

from llm_workbook.settings import ROOT
from tools.vendor_facts import FactError, named_models, problems, read_facts

HEAD = "fact,value,source,seen_on,retires_on\n"
README = 'Take `"openai:gpt-9.1-mini"` or `"HuggingFaceTB/SmolLM2-1.7B-Instruct"`, or `"openai:<model>"`.\n'
HUB = "HuggingFaceTB/SmolLM2-1.7B-Instruct,open,card,2026-11-29,\n"
HOSTED = "openai:gpt-9.1-mini,a model,a page,2026-11-29,{}\n"
TODAY = date(2026, 11, 29)


@pytest.fixture
def project(tmp_path):
    """A project whose README names two models and whose facts know both."""
    for folder in ("data", "solutions", "llm_workbook"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "data" / "prices.csv", tmp_path / "data")
    (tmp_path / "README.md").write_text(README)
    facts(tmp_path, HUB, HOSTED.format(""))
    return tmp_path


def facts(root, *rows: str):
    path = root / "data" / "vendor_facts.csv"
    path.write_text(HEAD + "".join(rows))
    return path


def test_nothing_in_this_project_runs_out():
    assert problems() == []


def test_the_models_of_the_readme_are_found():
    named = {model for place, model, _ in named_models(ROOT) if place == "README.md"}
    assert named >= {"ollama:llama3.2", "HuggingFaceTB/SmolLM2-1.7B-Instruct"}


def test_models_are_found_and_placeholders_are_not(project):
    assert [model for _, model, _ in named_models(project)] == [
        "openai:gpt-9.1-mini",
        "HuggingFaceTB/SmolLM2-1.7B-Instruct",
    ]
    assert problems(project, TODAY) == []


def test_a_model_of_the_readme_that_ends_within_a_year_fails(project):
    facts(project, HUB, HOSTED.format("2027-11-30"))
    assert problems(project, TODAY) == []
    facts(project, HUB, HOSTED.format("2027-11-29"))
    assert problems(project, TODAY) == ["README.md names openai:gpt-9.1-mini, which ends on 2027-11-29: name another"]


def test_a_model_of_a_lab_fails_60_days_before_its_end(project):
    (project / "README.md").write_text("")
    (project / "solutions" / "1.1_a_lab.py").write_text('MODEL = "openai:gpt-9.1-mini"\n')
    facts(project, HOSTED.format("2027-01-29"))
    assert problems(project, TODAY) == []
    facts(project, HOSTED.format("2027-01-28"))
    said = problems(project, TODAY)
    assert said == ["solutions/1.1_a_lab.py names openai:gpt-9.1-mini, which ends on 2027-01-28: name another"]


@pytest.mark.parametrize(
    "name",
    ['"openai:gpt-4o-mini"', '"anthropic:claude-3-haiku"', "ollama:llama9", "gpt-4o-mini", "claude-opus-3", "o3-mini"],
)
def test_a_model_without_a_row_fails(project, name):
    (project / "README.md").write_text(f"{README}Or take {name}.\n")
    (said,) = problems(project, TODAY)
    assert name.strip('"') in said and "says nothing: add a row" in said


def test_naming_the_model_that_left_the_readme_again_fails(tmp_path):
    for folder in ("data", "solutions", "llm_workbook"):
        (tmp_path / folder).mkdir()
    for name in ("prices.csv", "vendor_facts.csv"):
        shutil.copy(ROOT / "data" / name, tmp_path / "data")
    (tmp_path / "README.md").write_text('`"openai:gpt-4o-mini"`')
    said = ["README.md names openai:gpt-4o-mini, which ends on 2027-01-01: name another"]
    assert problems(tmp_path, TODAY) == said


def test_an_old_fact_and_an_old_price_fail(project):
    said = problems(project, date(2035, 1, 1))
    assert "'openai:gpt-9.1-mini' was seen on 2026-11-29: look again, then change seen_on" in said
    assert "laptop was seen on 2026-11-01: look it up, or mark it as_of or historical" in said
    assert not [one for one in said if one.startswith("search_kendra ")]


@pytest.mark.parametrize(
    "row",
    [
        "a,,page,2026-11-29,\n",
        "a,b,,2026-11-29,\n",
        ",b,c,2026-11-29,\n",
        "a,b,c,soon,\n",
        "a,b,c,2026-11-29,2027\n",
        "a\n",
    ],
)
def test_a_bad_row_is_a_sentence(tmp_path, row):
    (tmp_path / "data").mkdir()
    with pytest.raises(FactError, match=r"vendor_facts\.csv, line 2"):
        read_facts(facts(tmp_path, row))
    with pytest.raises(FactError, match="line 3: needs a new fact"):
        read_facts(facts(tmp_path, HUB, HUB))
