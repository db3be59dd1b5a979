"""The figures that lab 3.1 prints about the published study, and what it shares with lab 1.1."""

import json
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from langchain_core.embeddings import Embeddings

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import evidence_of
from llm_workbook.benchmark.search import chunk_search
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.files import sha256
from llm_workbook.measure.statistics import (
    cluster_bootstrap,
    compare,
    estimate,
    holm,
    kish_design_effect,
    mcnemar,
    questions_needed,
)
from llm_workbook.settings import DATA, ROOT
from llm_workbook.taught.lab_3_1 import find_swaps, holm_by_hand

METRICS = ("cosine_similarity", "token_overlap_recall", "rouge_l_recall")
ADVANCED = ("sentence_window", "hypothetical_questions", "query_decomposition", "both", "sft_seen_questions")
PAIRS = [*(("naive_rag", name) for name in ADVANCED), ("naive_rag_paraphrased", "sft_paraphrased")]
ALONE = [str(number) for number in range(32)]
LAB = (ROOT / "solutions/3_benchmarking/3.1_honest_benchmark.py").read_text(encoding="utf-8")


@cache
def published() -> pd.DataFrame:
    return pd.read_csv(DATA / "kdd2024_scores.csv")


def scores(system: str, metric: str) -> np.ndarray:
    rows = published()[published()["system"] == system].sort_values("question_index")
    return rows[metric].to_numpy()


def differences(old: str, new: str, metric: str) -> np.ndarray:
    return scores(new, metric) - scores(old, metric)


@cache
def p_values() -> dict[tuple[str, str], float]:
    return {
        (new, metric): estimate(differences(old, new, metric), ALONE).p() for old, new in PAIRS for metric in METRICS
    }


# ------------------------------------------------------------------ the published figures

MEANS = {
    "naive_rag": (0.509, 0.284, 0.302, 931), "sentence_window": (0.517, 0.281, 0.306, 794),
    "hypothetical_questions": (0.542, 0.345, 0.350, 1915), "query_decomposition": (0.519, 0.285, 0.284, 526),
    "both": (0.590, 0.334, 0.316, 2277), "sft_seen_questions": (0.654, 0.358, 0.442, 22),
    "sft_4bit_seen_questions": (0.212, 0.041, 0.111, 22), "naive_rag_paraphrased": (0.399, 0.200, 0.249, 931),
    "sft_paraphrased": (0.521, 0.269, 0.333, 26), "sft_4bit_paraphrased": (0.161, 0.031, 0.080, 26),
}  # fmt: skip


def test_the_file_is_the_one_that_was_audited():
    assert sha256(DATA / "kdd2024_scores.csv") in (DATA / "README.md").read_text(encoding="utf-8")
    assert published().groupby("system").size().to_dict() == dict.fromkeys(MEANS, 32)
    assert not published().isna().any().any()


@pytest.mark.parametrize("system", MEANS)
def test_the_published_means(system):
    *means, words = MEANS[system]
    assert [round(scores(system, metric).mean(), 3) for metric in METRICS] == means
    assert scores(system, "prompt_words").mean() == pytest.approx(words, abs=0.6)


def test_one_of_18_comparisons_is_below_5_per_cent_and_none_survives():
    assert len(p_values()) == 18
    assert [name for name, p in p_values().items() if p < 0.05] == [("sft_seen_questions", "cosine_similarity")]
    corrected = holm({" ".join(name): p for name, p in p_values().items()})
    assert not [name for name, p in corrected.items() if p < 0.05]
    assert min(corrected.values()) == pytest.approx(0.52, abs=0.05)


def test_the_one_difference():
    gain = differences("naive_rag", "sft_seen_questions", "cosine_similarity")
    low, high = np.quantile(cluster_bootstrap(gain, ALONE), [0.025, 0.975])
    assert (round(gain.mean(), 3), p_values()["sft_seen_questions", "cosine_similarity"]) == (
        0.145,
        pytest.approx(0.029, abs=0.004),
    )
    assert (low, high) == (pytest.approx(0.027, abs=0.004), pytest.approx(0.266, abs=0.004))


def test_the_difference_that_is_not():
    gain = differences("naive_rag", "both", "cosine_similarity")
    low, high = np.quantile(cluster_bootstrap(gain, ALONE), [0.025, 0.975])
    assert (round(gain.mean(), 3), p_values()["both", "cosine_similarity"]) == (0.081, pytest.approx(0.11, abs=0.01))
    assert (low, high) == (pytest.approx(-0.010, abs=0.004), pytest.approx(0.178, abs=0.004))


def test_the_collapse_that_32_questions_do_show():
    by_question = [
        dict(enumerate(scores(system, "cosine_similarity"))) for system in ("sft_4bit_seen_questions", "naive_rag")
    ]
    verdict = compare(*by_question, {number: str(number) for number in range(32)})
    assert (round(verdict.difference, 1), verdict.label) == (-29.7, "worse")
    assert verdict.p * 24 < 0.01  # also if all 24 comparisons of the file are counted


def test_holm_by_hand_agrees_with_statsmodels():
    named = {" ".join(name): p for name, p in p_values().items()}
    assert holm_by_hand(named) == pytest.approx(holm(named))


def test_the_series_of_the_radar_chart_are_swapped():
    sft = [scores("sft_paraphrased", metric).mean() for metric in METRICS]
    assert sft == pytest.approx([0.521381, 0.269091, 0.332956], abs=1e-6)  # what the chart shows as RAG
    assert [str(round(score, 6)) in LAB for score in sft] == [True] * 3
    radar = {"fine-tuned": [0.513913, 0.281088, 0.304527], "RAG": sft}
    assert find_swaps(radar, {"fine-tuned": sft, "RAG": radar["fine-tuned"]}) == {
        "fine-tuned": "RAG",
        "RAG": "fine-tuned",
    }


def test_the_repeated_runs_hold_the_file_s_own():
    """The lab lists mean cosines of stored runs; one of each system is the run whose questions are in the file."""
    listed = {
        name: json.loads(values)
        for name, values in re.findall(r'^    "([a-zA-Z ]+)": (\[0\.[0-9]{3}, [0-9., ]+\]),$', LAB, re.MULTILINE)
    }
    names = {"naive RAG": "naive_rag", **{name.replace("_", " "): name for name in ADVANCED[:4]}}
    assert listed.keys() == names.keys()
    for name, system in names.items():
        assert round(scores(system, "cosine_similarity").mean(), 3) in listed[name]


def test_60_per_cent_of_studies_with_18_empty_comparisons_find_something():
    assert round(1 - 0.95**18, 2) == 0.60
    assert "in 60 % of all studies" in LAB


def test_questions_needed_for_five_points():
    """McNemar by simulation agrees with the formula behind the power curve, within what it approximates."""
    n, generator = questions_needed(0.05, 0.2), np.random.default_rng(0)
    only_a = generator.binomial(n, 0.125, 300)
    only_b = [generator.binomial(n - a, 0.075 / (1 - 0.125)) for a in only_a]
    seen = np.mean([mcnemar(int(a), int(b)) < 0.05 for a, b in zip(only_a, only_b, strict=True)])
    assert n == 626
    assert 0.70 < seen < 0.88


# ------------------------------------------------------------------ what it shares with lab 1.1


def test_the_prompt_is_that_of_lab_1_1_to_the_byte():
    """Else answers that are on disk would be computed again, and the two labs could not be compared."""
    from langchain_core.messages.utils import convert_to_messages

    first = (ROOT / "solutions/1_rag/1.1_baseline_and_ruler.py").read_text(encoding="utf-8")
    cell = next(cell for cell in first.split("# %%") if "ChatPromptTemplate.from_messages" in cell)
    code = cell[cell.index("\n") :]
    names: dict = {}
    exec(code, names)
    for clauses in (["a {b}", "c"], []):
        made = names["prompt"].invoke({"asked": names["asked"]("d?", clauses)}).to_messages()
        ours = convert_to_messages(conversation(clauses, "d?", worked=True))
        assert len(made) == 4
        assert [(one.type, one.content) for one in ours] == [(one.type, one.content) for one in made]
    assert (
        re.findall(r"conversation\(.*?(worked=\w+)\)", LAB) == ["worked=True"] * 3
    )  # the prompts, and the spec that names both forms


class _Letters(Embeddings):
    """Counts of letters: fast, and equal for equal texts."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[1.0 + text.lower().count(letter) for letter in "aeinorst"] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_a_search_gives_three_places_with_what_stands_there_and_indexes_when_it_is_first_asked():
    contracts = load_contracts()[:2]
    nearest = chunk_search(contracts, _Letters())
    found = nearest("How long is the term?")
    source = {contract.id: contract for contract in contracts}
    assert len(found) == 3
    for place, text in found:
        contract = source[place.document]
        assert text == f"{contract.title}: {contract.text_of(place)}"
        assert len(place) <= 300
    chunk_search([], _Letters())  # nothing is indexed yet
    with pytest.raises(ValueError, match="an index needs at least one entry"):
        chunk_search([], _Letters())("Anything?")


def test_the_evidence_stands_after_its_title_and_there_is_none_without_an_answer():
    contracts = load_contracts()
    source = {contract.id: contract for contract in contracts}
    questions = load_questions("authored", "test", task="qa")
    answerable = next(question for question in questions if question.answerable)
    for span, text in evidence_of(answerable, contracts):
        assert text == f"{source[span.document].title}: {source[span.document].text_of(span)}"
    assert [span for span, _ in evidence_of(answerable, contracts)] == list(answerable.evidence)
    assert evidence_of(next(question for question in questions if not question.answerable), contracts) == []


# ------------------------------------------------------------------ how many questions


def test_the_design_effect():
    families = list("aabbccdd")
    assert kish_design_effect(np.ones(8), families) == 1.0  # nothing varies
    assert kish_design_effect(np.arange(8), ["a"] * 8) == 1.0  # one family says nothing about others
    assert kish_design_effect(np.array([1, 0, 0, 1, 1, 0, 0, 1]), families) == 0.0  # each family is like the others
    generator = np.random.default_rng(0)
    alone = [kish_design_effect(generator.normal(size=200), [str(n) for n in range(200)]) for _ in range(20)]
    assert np.mean(alone) == pytest.approx(1.0, abs=0.02)
    shared = [kish_design_effect(np.repeat(generator.normal(size=200), 4), np.repeat(range(200), 4)) for _ in range(20)]
    assert np.mean(shared) == pytest.approx(4.0, abs=0.1)  # four questions that agree tell as much as one
