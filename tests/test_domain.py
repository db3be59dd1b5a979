"""The domain encoder and reader: how they are kept, how their lessons are made, and that their exams are reproduced."""

import json
import random
from collections import Counter
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from llm_workbook.benchmark.ladder import rung_answers
from llm_workbook.corpus.load import EVIDENCE, load_contracts, load_questions
from llm_workbook.models.offline import ModelError
from llm_workbook.training import domain
from llm_workbook.training.adapters import Adapters
from tools.domain import exams, reranker
from tools.domain.bias import rates
from tools.domain.data import Region
from tools.domain.encoder import exam, save_difference
from tools.domain.exams import among_others, evidence_region, sample, shows
from tools.domain.ladder import MOST_TOKENS, RUNGS, ask
from tools.domain.reader import NOT_STATED, SECOND, Lessons, Readings, readings_of


@pytest.fixture(scope="module")
def one_region() -> Region:
    """The contracts and train questions of the first evidence corpus."""
    return Region(1, load_contracts("authored:1"), load_questions("authored:1", "train"))


class ByLength:
    """Embeddings that know nothing: a text lies where its number of characters puts it."""

    def embed_documents(self, texts):
        return [[np.cos(len(text)), np.sin(len(text))] for text in texts]


# ------------------------------------------------------------------ the encoder as a difference


def layers(seed: int):
    import torch

    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.LayerNorm(4))


def test_a_difference_gives_the_trained_weights_back_to_half_a_step(tmp_path):
    import torch
    from safetensors.torch import load_file

    base, tuned = layers(1), layers(1)
    with torch.no_grad():
        tuned[0].weight.add_(torch.randn(4, 6) * torch.tensor([[1.0], [0.01], [0.0], [5.0]]))
    save_difference(base, tuned, tmp_path)
    kept = load_file(tmp_path / domain.DIFFERENCE)
    assert set(kept) == {"0.weight/int8", "0.weight/step"}, "what was not trained is not kept"
    step = kept["0.weight/step"].reshape(-1, 1)
    again = base[0].weight + kept["0.weight/int8"].float() * step
    assert ((again - tuned[0].weight).abs() <= 0.5001 * step).all()


@pytest.mark.parametrize("content", ["", "[]", '{"base_sha256": "x"}', None])
def test_a_damaged_record_of_the_encoder_is_named_with_its_remedy(tmp_path, monkeypatch, content):
    if content is not None:
        (tmp_path / "record.json").write_text(content)
    monkeypatch.setattr(domain, "ENCODER", tmp_path)
    with pytest.raises(ModelError, match="git checkout -- data/encoder"):
        domain.domain_encoder()


@pytest.mark.parametrize(
    ("name", "value", "seen"), [("difference_sha256", "0" * 64, "damaged"), ("base_sha256", "0" * 64, "another base")]
)
def test_another_difference_or_base_is_refused(tmp_path, monkeypatch, name, value, seen):
    record = json.loads((domain.ENCODER / "record.json").read_text())
    (tmp_path / "record.json").write_text(json.dumps({**record, name: "0" * 64}))
    (tmp_path / domain.DIFFERENCE).write_bytes((domain.ENCODER / domain.DIFFERENCE).read_bytes())
    monkeypatch.setattr(domain, "ENCODER", tmp_path)
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match=seen):
        domain.domain_encoder()


@pytest.mark.slow
def test_the_encoders_exam_is_reproduced_on_dev():
    recorded, encoder = domain.encoder_record()["dev"], domain.domain_encoder()
    seen = exam(encoder, [evidence_region(corpus) for corpus in EVIDENCE], "dev")
    assert seen["questions"] == recorded["tuned"]["questions"]
    for k in (3, 10):
        assert seen[f"recall at {k}"] == pytest.approx(recorded["tuned"][f"recall at {k}"], abs=1.0)
        assert seen[f"recall at {k}"] > recorded["plain"][f"recall at {k}"] + 10


def test_the_reranker_is_shipped_whole_and_begins_with_the_shipped_encoder():
    record = domain.encoder_record(domain.RERANKER)
    assert record["begins_with"].endswith(domain.encoder_record()["difference_sha256"])
    assert record["recipe"] == reranker.RECIPE
    assert (domain.RERANKER / domain.DIFFERENCE).stat().st_size < 12_000_000
    for split in ("dev", "test"):
        before, after = record[split]["encoder"], record[split]["reranker"]
        assert before["questions"] == after["questions"] > 500
        assert after["recall at 1"] > before["recall at 1"] and after["recall at 3"] > before["recall at 3"]


def test_a_damaged_reranker_is_named_with_its_remedy(tmp_path, monkeypatch):
    (tmp_path / "record.json").write_bytes((domain.RERANKER / "record.json").read_bytes())
    (tmp_path / domain.DIFFERENCE).write_bytes(b"half")
    monkeypatch.setattr(domain, "RERANKER", tmp_path)
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="damaged.*git checkout -- data/encoder data/reranker"):
        domain.domain_reranker()


@pytest.mark.slow
def test_the_rerankers_exam_is_reproduced_on_dev():
    recorded = domain.encoder_record(domain.RERANKER)["dev"]["reranker"]
    seen = reranker.exam(domain.domain_reranker(), [evidence_region(corpus) for corpus in EVIDENCE], "dev")
    assert seen["questions"] == recorded["questions"]
    for k in (1, 3):
        assert seen[f"recall at {k}"] == pytest.approx(recorded[f"recall at {k}"], abs=1.0)


def test_a_reranked_search_shows_the_first_of_the_new_order(monkeypatch):
    entries = evidence_region("authored:1").entries[:5]
    question = sample("authored:1", "test", 1)[0]
    monkeypatch.setattr(exams, "found", lambda corpus, questions, unit, encoder, k: [entries for _ in questions])
    monkeypatch.setattr(exams, "domain_reranker", lambda: None)
    by_place = {entry.page_content: place for place, entry in enumerate(entries)}
    monkeypatch.setattr(exams, "scorer", lambda *_: lambda asked, texts: [by_place[text] for text in texts])
    length = {entry.page_content: 100 for entry in entries} | {entries[3].page_content: 150}
    assert exams.reranked("authored:1", [question], 220, length.__getitem__) == [[entries[4], entries[2]]]


@pytest.mark.slow
def test_the_readers_exam_is_reproduced_on_a_sample():
    """Recorded in bf16: where a processor has none, a few answers differ."""
    questions = sample("authored:2", "test", 3)
    rows, shipped = rung_answers()[RUNGS["right"].name], Adapters(domain.ADAPTERS).read(domain.READER).recipe["seed"]
    recorded = rows[rows["seed"] == shipped].set_index("question_id").loc[[one.id for one in questions]]
    scores = ask(domain.domain_reader(MOST_TOKENS), questions, among_others("authored:2", questions))
    same = (scores["answer"].to_numpy() == recorded["answer"].to_numpy()).mean()
    assert len(questions) == 15 and same >= 0.7, list(zip(scores["answer"], recorded["answer"], strict=True))
    assert abs(scores["correct"].mean() - recorded["correct"].mean()) <= 0.2


# ------------------------------------------------------------------ the reader's lessons


def test_most_evidence_lies_whole_in_one_entry(one_region):
    spans = [span for question in one_region.questions for span in question.evidence]
    whole = [any(place.overlap(span) == len(span) for _, place in one_region.places[span.document]) for span in spans]
    assert np.mean(whole) > 0.98
    assert all(one_region.stating([span]) for span in spans)


@pytest.mark.slow
def test_a_reading_shows_what_its_answers_need_and_nothing_else_is_answered(one_region):
    readings = Readings(one_region, ByLength(), Lessons())
    refused = 0
    for question in one_region.asked("train")[:150]:
        made = readings.reading(question, seed=1)
        if made is None:
            assert len(readings.gold[question.id]) > 3
            continue
        clauses, turns = made
        assert 1 <= len(clauses) <= 5
        assert len(turns) <= 2 * readings.lessons.turns  # each may be followed by one that is not answered
        asked = {one.question: one for one in one_region.questions}
        for text, answer in turns:
            gold = [one_region.entries[at].page_content for at in readings.gold[asked[text].id]]
            stated = asked[text].answerable and gold and set(gold) <= set(clauses)
            assert (answer == NOT_STATED) == (not stated) or answer in asked[text].answers
            refused += answer == NOT_STATED
    assert refused > 20


def test_gold_that_the_search_missed_replaces_the_lowest():
    rng = random.Random(1)
    assert Readings.shown([5, 6, 7, 8], [6], 3, rng) == [5, 6, 7]
    shown = Readings.shown([5, 6, 7, 8], [1], 3, rng)
    assert sorted(shown) == [1, 5, 6]
    assert sorted(Readings.shown([5, 6, 7], [1, 7], 3, rng)) == [1, 5, 7]


def test_a_reading_is_the_same_for_one_seed_and_another_for_another(one_region):
    readings = Readings(one_region, ByLength(), Lessons())
    question = one_region.asked("train")[0]
    assert readings.reading(question, 1) == readings.reading(question, 1)
    assert any(readings.reading(one, 1) != readings.reading(one, 2) for one in one_region.asked("train")[:5])


def test_every_second_reading_of_the_second_act_asks_first_for_what_is_not_stated(one_region):
    made = [turns for _, turns in islice(readings_of([one_region], ByLength(), 1, SECOND), 80)]
    assert 0.4 < np.mean([turns[0][1] == NOT_STATED for turns in made]) < 0.75
    assert all(any(answer != NOT_STATED for _, answer in turns) for turns in made if turns[0][1] != NOT_STATED)


def test_a_bias_refuses_where_it_and_the_margin_are_above_zero():
    rows = [("lookup", True, 1.0, False, True, -1.0), ("pointer", True, 1.0, False, True, -3.0),
            ("lookup", True, 0.0, False, False, 1.0), ("unanswerable", False, 0.0, False, True, -2.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["type", "answerable", "correct", "refused", "shown", "margin"])
    gentle, strict = rates(table, [-5.0, 2.5]).to_dict("records")
    assert gentle == {"bias": -5.0, "one clause": 50.0, "all types": 66.7, "needless": 0.0, "right refusals": 0.0,
                      "n": 3, "n_none": 1}  # fmt: skip
    assert strict == {"bias": 2.5, "one clause": 0.0, "all types": 33.3, "needless": 50.0, "right refusals": 100.0,
                      "n": 3, "n_none": 1}  # fmt: skip


# ------------------------------------------------------------------ evidence


@pytest.mark.slow
def test_the_evidence_corpora_have_enough_families_that_share_nothing():
    families = {
        split: {q.family for corpus in EVIDENCE for q in load_questions(corpus, split)}
        for split in ("train", "dev", "test")
    }
    assert len(families["test"]) >= 15
    assert len(families["dev"]) >= 6
    assert not families["test"] & (families["dev"] | families["train"])
    documents = [contract.id for corpus in ("authored", *EVIDENCE) for contract in load_contracts(corpus)]
    assert len(documents) == len(set(documents))


def test_a_sample_is_nested_and_takes_as_many_of_each_family():
    few, more = (sample("authored:1", "test", count) for count in (5, 12))
    assert {question.id for question in few} < {question.id for question in more}
    assert set(Counter(question.family for question in few).values()) == {5}


def test_the_right_clause_stands_among_two_others():
    questions = [question for question in sample("authored:1", "test", 8) if question.answerable]
    for question, entries in zip(questions, among_others("authored:1", questions), strict=True):
        assert shows(question, entries)
        assert len(entries) == len({id(entry) for entry in entries}) >= 3
    assert not shows(questions[0], [])
