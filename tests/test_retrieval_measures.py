"""Retrieval measures: against ir_measures where both measure the same thing, and at the edges where only ours has a
rule."""

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, P, R, nDCG

from llm_workbook.corpus.records import Question, Span
from llm_workbook.measure.retrieval import ndcg_at_k, precision_at_k, recall_at_k, reciprocal_rank, score_rankings

CHUNKS = [Span(f"contract-{document}", 100 * place, 100 * place + 100) for document in range(4) for place in range(8)]
MSA, NDA = Span("msa", 0, 100), Span("nda", 0, 100)


def question(name: str, evidence: tuple[Span, ...], **changes) -> Question:
    fields = {
        "type": "lookup",
        "task": "qa",
        "question": "How long?",
        "answers": ("30 days",),
        "documents": ("msa",),
        "family": "f",
    }
    return Question(name, evidence=evidence, split="test", **{**fields, **changes})


def random_case(rng: np.random.Generator) -> tuple[list[Span], list[Span]]:
    """(ranking, evidence): each evidence span lies within one chunk, so that it is covered exactly by that chunk."""
    relevant = rng.choice(len(CHUNKS), rng.integers(1, 6), replace=False)
    ranked = rng.permutation(len(CHUNKS))[: rng.integers(0, len(CHUNKS) + 1)]
    evidence = [Span(CHUNKS[place].document, CHUNKS[place].start + 10, CHUNKS[place].end - 15) for place in relevant]
    return [CHUNKS[place] for place in ranked], evidence


def by_ir_measures(measure, ranked: list[Span], evidence: list[Span]) -> float:
    """The same case with documents in place of spans."""
    names = {span: f"{span.document}/{span.start}" for span in CHUNKS}
    relevant = {"q": {f"{span.document}/{span.start - 10}": 1 for span in evidence}}
    run = {"q": {names[span]: float(len(ranked) - place) for place, span in enumerate(ranked)}}
    return ir_measures.calc_aggregate([measure], relevant, run)[measure] if ranked else 0.0


@pytest.mark.parametrize("k", [1, 3, 5, 10, 40])
def test_measures_agree_with_ir_measures(k):
    rng = np.random.default_rng(k)
    for _ in range(40):
        ranked, evidence = random_case(rng)
        assert recall_at_k(ranked, evidence, k) == pytest.approx(by_ir_measures(R @ k, ranked, evidence))
        assert precision_at_k(ranked, evidence, k) == pytest.approx(by_ir_measures(P @ k, ranked, evidence))
        assert ndcg_at_k(ranked, evidence, k) == pytest.approx(by_ir_measures(nDCG @ k, ranked, evidence))
        assert reciprocal_rank(ranked, evidence) == pytest.approx(by_ir_measures(RR, ranked, evidence))


def test_two_chunks_that_cover_one_span_count_once():
    overlapping = [Span("msa", 0, 100), Span("msa", 5, 105)]
    evidence = [Span("msa", 20, 60), Span("msa", 500, 540)]
    assert recall_at_k(overlapping, evidence, 2) == 0.5
    assert ndcg_at_k(overlapping, evidence, 2) == ndcg_at_k(overlapping[:1], evidence, 2) < 1
    assert ndcg_at_k(overlapping, evidence[:1], 2) == 1.0


def test_one_chunk_that_covers_two_spans_earns_both_and_never_more_than_all():
    evidence = [Span("msa", 0, 40), Span("msa", 50, 90)]
    assert recall_at_k([NDA, MSA], evidence, 2) == 1.0
    assert ndcg_at_k([MSA], evidence, 2) == 1.0


def test_the_same_place_in_another_document_is_no_evidence():
    evidence = [Span("msa", 10, 30)]
    assert recall_at_k([NDA], evidence, 1) == precision_at_k([NDA], evidence, 1) == 0
    assert reciprocal_rank([NDA], evidence) == ndcg_at_k([NDA], evidence, 1) == 0


def test_less_than_half_of_a_span_is_not_covered():
    assert recall_at_k([Span("msa", 0, 50)], [Span("msa", 40, 60)], 1) == 1.0
    assert recall_at_k([Span("msa", 0, 50)], [Span("msa", 41, 60)], 1) == 0.0


def test_empty_ranking_scores_zero_and_empty_places_count_as_wrong():
    evidence = [Span("msa", 10, 30)]
    assert recall_at_k([], evidence, 5) == precision_at_k([], evidence, 5) == ndcg_at_k([], evidence, 5) == 0
    assert reciprocal_rank([], evidence) == 0
    assert precision_at_k([MSA], evidence, 5) == 0.2


@pytest.mark.parametrize("measure", [recall_at_k, precision_at_k, ndcg_at_k])
@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_a_sentence(measure, k):
    with pytest.raises(ValueError, match=f"needs k >= 1.*{k}"):
        measure([MSA], [MSA], k)


@pytest.mark.parametrize("measure", [recall_at_k, ndcg_at_k])
def test_no_evidence_is_a_sentence(measure):
    with pytest.raises(ValueError, match="some evidence.*0 evidence spans"):
        measure([MSA], [], 3)


def test_score_rankings_has_one_row_for_each_answerable_question():
    questions = [
        question("first", (Span("msa", 10, 30),), type="orphan", family="ports"),
        question("absent", (), answerable=False),
        question("second", (Span("nda", 10, 30), Span("msa", 10, 30))),
    ]
    table = score_rankings({"first": [NDA, MSA], "second": [NDA], "not asked": []}, questions, k=2)
    assert table[["question_id", "type", "family"]].to_numpy().tolist() == [
        ["first", "orphan", "ports"],
        ["second", "lookup", "f"],
    ]
    assert table[["recall", "precision", "reciprocal_rank"]].to_numpy().tolist() == [[1.0, 0.5, 0.5], [0.5, 0.5, 1.0]]
    assert table["ndcg"].tolist() == pytest.approx([1 / np.log2(3), 1 / (1 + 1 / np.log2(3))])


def test_a_question_without_ranking_is_named():
    with pytest.raises(ValueError, match="'second' has no ranking"):
        score_rankings({"first": [MSA]}, [question("first", (MSA,)), question("second", (NDA,))], k=1)
