"""What lab 1.5 teaches, and what its room does: lessons, second stages, reading, and what an answer is worth."""

import math
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
import torch
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.benchmark.search import place_of
from llm_workbook.labs.lab_1_5 import cross, figures, late, reading, second
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.regions.figures import losses_of
from llm_workbook.run import Run
from llm_workbook.taught import lab_1_5 as taught
from tools.domain import packing

matplotlib.use("Agg")
ROOT = Path(__file__).resolve().parents[3]
FAKE = DeterministicFakeEmbedding(size=8)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return start("1.5", "smoke", results_dir=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def regions(run):
    return room.regions_of(run)


@pytest.fixture(scope="module")
def rankings(regions):
    """The right clauses stand at place 5 and after."""
    found = {}
    for region in regions:
        for one in region.asked:
            right = region.stating(one)
            others = [at for at in range(len(region.entries)) if at not in right]
            found[one.id] = [*others[:5], *right, *others[5:]]
    return found


@pytest.fixture(scope="module")
def lists(run):
    return late.lists_of(run, FAKE)


# ------------------------------------------------------------------ what is taught


def test_maxsim_of_a_text_with_itself_is_1_and_does_not_depend_on_the_clauses_order():
    vectors = torch.nn.functional.normalize(torch.randn(5, 7), dim=1)
    assert taught.maxsim(vectors, vectors) == pytest.approx(1.0, abs=1e-6)
    assert taught.maxsim(vectors[:2], vectors.flip(0)) == pytest.approx(1.0, abs=1e-6)
    assert taught.maxsim(vectors, vectors[:2]) < 1


@pytest.mark.parametrize(
    ("answer", "clauses", "where"),
    [
        ("EUR 2,400.50", ["Fee: eur 2,400.50 a month"], (0, 5, 17)),
        ("30 days", ["130 days", "in 30\n days"], (1, 3, 11)),
        ("thirty (30) days", ["Notice is thirty 30 days"], (0, 10, 24)),
        ("Oslo", ["Bergen"], None),
        ("...", ["..."], None),
        ("", ["x"], None),
    ],
)
def test_a_citation_forgives_capitals_spaces_and_punctuation_only(answer, clauses, where):
    assert taught.cite(answer, clauses) == where


def test_compression_keeps_header_and_order():
    clause = "Lease, Rent: One. Two; three. Four."
    longest = taught.compress(clause, lambda some: [len(one) for one in some], keep=2)
    assert longest == "Lease, Rent: three. Four."
    assert taught.compress(clause, lambda some: [0.0] * len(some), keep=9) == clause


# ------------------------------------------------------------------ late interaction


def test_a_lesson_asks_for_one_clause_each_and_marks_what_is_unclear(lists):
    for lesson in islice(late.lessons(lists, batch=4, seed=1), 20):
        count = len(lesson.questions)
        assert 1 <= count <= 4 and len(lesson.clauses) >= count
        asked = {one.question: {lists[0].texts[at] for at in one.right} for one in lists[0].asked}
        for row, question in enumerate(lesson.questions):
            assert lesson.clauses[row] in asked[question]
            seen = [text in asked[question] and at != row for at, text in enumerate(lesson.clauses)]
            assert lesson.unclear[row] == seen


def test_lessons_are_the_same_for_one_seed(lists):
    first, again, other = (next(late.lessons(lists, 4, seed)) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.slow
def test_training_lowers_the_loss_and_leaves_the_lowest_layers(lists):
    from llm_workbook.regions import base_encoder

    encoder = base_encoder()
    before = {name: weight.clone() for name, weight in encoder.state_dict().items()}
    lesson = next(late.lessons(lists, 4, 1))
    first = float(late.loss_of(encoder, lesson).detach())
    losses = late.train(encoder, iter([lesson] * 9), steps=8, learning_rate=1e-4)
    changed = {name for name, weight in encoder.state_dict().items() if not torch.equal(weight, before[name])}
    assert len(losses) == 8
    assert float(late.loss_of(encoder, lesson).detach()) < first
    assert changed and not [name for name in changed if any(part in name for part in late.FROZEN)]


@pytest.mark.slow
def test_the_score_is_that_of_the_formula_whether_a_text_is_known_or_not():
    from llm_workbook.regions import base_encoder

    encoder, texts = base_encoder(), ["rent is due monthly", "notice is short"]
    vectors = late.token_vectors(encoder, [*texts, "which notice?"])
    assert all(torch.allclose(one.float().norm(dim=1), torch.ones(len(one)), atol=1e-2) for one in vectors.values())
    expected = [taught.maxsim(vectors["which notice?"].float(), vectors[text].float()) for text in texts]
    for known in ([*texts, "which notice?"], texts[:1], []):
        score = late.scorer(encoder, known, taught.maxsim)
        assert score("which notice?", texts) == pytest.approx(expected, abs=0.02)
    assert expected[1] > expected[0]


# ------------------------------------------------------------------ the cross-encoder


@pytest.mark.slow
def test_a_cross_encoder_learns_its_lists(lists):
    classic = cross.cross_encoder(str(ready_folder(EMBEDDER)))
    one = next(cross.lists(lists, wrong=2, seed=1))
    losses = cross.train(classic, iter([one] * 12), steps=6, batch=2)
    assert len(losses) == 6 and losses[-1] < losses[0]
    assert not classic.training and len(cross.scorer(classic)("Which notice?", ["The notice is short.", "Rent."])) == 2


def test_a_list_begins_with_a_right_clause_and_has_no_other(lists):
    for question, clauses in islice(cross.lists(lists, wrong=3, seed=3), 20):
        right = next({lists[0].texts[at] for at in one.right} for one in lists[0].asked if one.question == question)
        assert [text in right for text in clauses] == [True, False, False, False]


# ------------------------------------------------------------------ second stages


def test_a_score_that_knows_the_answer_puts_it_first(regions, rankings):
    gold = {one.question: {region.entries[at].page_content for at in region.stating(one)}
            for region in regions for one in region.asked}  # fmt: skip
    perfect = second.ordered(
        regions, rankings, taught.rerank, lambda asked, some: [text in gold[asked] for text in some]
    )
    table = second.board(regions, {"before": rankings, "perfect": perfect}, "test")
    assert table.loc["before", "first 3"] == 0
    assert table.loc["perfect", "first 3"] > 90
    assert table.loc["before", "first 20"] == table.loc["perfect", "first 20"] == 100


def test_a_blend_of_weight_0_is_the_first_score(regions, rankings):
    scores = {name: np.linspace(1, 0, len(regions[0].entries)) for name in rankings}
    known = second.similarity_of(regions, room.ranked(scores), scores)
    blended = second.blended(known, lambda asked, some: [len(text) for text in some], weight=0.0)
    ordered = second.ordered(regions, room.ranked(scores), taught.rerank, blended)
    assert ordered == room.ranked(scores)


def test_a_remembered_score_is_asked_once(regions):
    asked = []
    score = second.remembered(lambda question, some: asked.append(some) or [len(text) for text in some])
    assert score("q", ["a", "bb"]) == score("q", ["a", "bb"]) == [1, 2]
    assert score("q", ["bb", "ccc"]) == [2, 3]
    assert asked == [["a", "bb"], ["ccc"]]


def test_some_takes_as_many_of_each_family(regions):
    few = second.some(regions, 1)[0]
    for before, after in ((regions[0].dev, few.dev), (regions[0].test, few.test)):
        assert sorted(one.family for one in after) == sorted({one.family for one in before})


def test_a_segment_is_a_clause_and_the_next_of_its_document(regions):
    region = regions[0]
    documents = [entry.metadata["document"] for entry in region.entries]
    end = documents.index(next(one for one in documents if one != documents[0]))
    longer = second.with_next([region], {one.id: [0, end - 1, 1] for one in region.asked})
    assert set(map(tuple, longer.values())) == {(0, 1, end - 1, 2)}


def test_the_clock_reads_each_question_anew(regions, rankings):
    asked = []
    second.milliseconds(regions, rankings, lambda question, some: asked.append(question) or [0.0] * len(some))
    assert asked and not {one.question for one in regions[0].test} & set(asked)


# ------------------------------------------------------------------ reading


@pytest.fixture
def reader(regions):
    return reading.Reader(FakeListChatModel(responses=["not stated"]), regions, lambda question, some: [0.75, 0.5])


def first_two(question, texts):
    return texts[:2]


def test_a_hosted_reader_answers_without_a_confidence_of_its_own(reader, rankings):
    table = reader.read(rankings, "test", first_two)
    assert len(table) == sum(len(region.test) for region in reader.regions)
    assert table["reader"].isna().all() and table["refused"].all() and (table["tokens"] > 0).all()
    assert all(len(shown) == 2 for shown in table["clauses"])
    assert {name: set(values) for name, values in reading.confidence(table).items()} == {
        "search": {0.75}, "lead": {0.25},
    }  # fmt: skip


def test_an_answer_on_record_is_not_given_again(reader, rankings):
    table = reader.read(rankings, "test", first_two)
    places = [
        "; ".join(str(place_of(region.entries[at])) for at in rankings[one.id][:2])
        for region in reader.regions
        for one in region.test
    ]
    kept = table.drop(columns=["question", "clauses"]).assign(split="test", places=places, answer="as recorded")
    known = replace(reader, recorded={"two": pd.concat([kept, kept.assign(split="dev")])})
    again = known.answers("two", rankings, "test", first_two)
    assert set(again["answer"]) == {"as recorded"} and set(again["split"]) == {"test"}
    assert again["question"].tolist() == table["question"].tolist()
    assert again["clauses"].tolist() == table["clauses"].tolist()
    assert set(known.answers("three", rankings, "test", first_two)["answer"]) == {"not stated"}


def test_the_record_is_that_of_the_lab_and_only_for_its_model_and_corpus(run):
    record = reading.recorded_for(run)
    assert [*record] == [*packing.WAYS]
    chosen = packing.budget({name: record[name] for name in packing.BUDGETS})
    for name, table in record.items():
        counts = table.drop_duplicates("question_id").groupby("split")["family"].nunique().to_dict()
        assert counts == {"dev": 6} | ({"test": 15} if name in (packing.FIRST_STAGE, chosen, packing.LARGER) else {})
    for other in ({"model": "somebody/else"}, {"corpus": "cuad"}):
        assert reading.recorded_for(Run(replace(run.settings, **other))) == {}


def test_one_question_beside_all_ways_of_showing_it_clauses(reader, rankings, capsys):
    table = reading.beside(reader, rankings, {"two": first_two, "one": lambda question, texts: texts[:1]})
    assert table["clauses"].tolist() == [2, 1] and table.index.tolist() == ["two", "one"]
    assert reader.regions[0].dev[0].question in capsys.readouterr().out


@pytest.mark.slow
def test_the_readers_answers_are_those_of_its_batch_and_have_a_probability(run):
    from llm_workbook.benchmark.prompt import conversation

    prompts = [
        conversation(
            ["Lease, Notice: The notice period is thirty (30) days.", "Lease, Rent: The rent is EUR 5."], asked
        )
        for asked in ("How long is the notice period of the lease?", "What is the rent of the lease?")
    ]
    chat = run.reader()
    pairs = reading.said(chat, prompts)
    assert [text for text, _ in pairs] == [reply.text for reply in chat.batch(prompts)]
    assert all(0 < sure <= 1 for _, sure in pairs)


ANSWERS = pd.DataFrame(
    {
        "question_id": list("abcd"), "family": list("xxyy"), "refused": [False, False, True, False],
        "correct": [True, False, False, True], "sure": [0.9, 0.5, 0.8, 0.4],
    }
)  # fmt: skip


def test_the_prices_are_those_of_lab_3_4():
    assert reading.prices() == {"right": 5.0, "wrong": -4.0, "none": -0.25}


def test_a_refusal_is_worth_silence_whatever_the_threshold():
    usd = reading.prices()
    assert reading.worth(ANSWERS, ANSWERS["sure"], -math.inf, usd).tolist() == [5.0, -4.0, -0.25, 5.0]
    assert reading.worth(ANSWERS, ANSWERS["sure"], 0.6, usd).tolist() == [5.0, -0.25, -0.25, -0.25]
    steps = {name: np.ones(4) for name in ("one", "two", "three")}
    table = reading.bill(ANSWERS, ANSWERS, steps, ANSWERS["sure"].to_list(), 0.6, usd["none"])
    assert table.loc["two"].tolist() == pytest.approx([50, 25, 25, 67, 1.0])
    assert table.loc["three"].tolist() == [25, 0, 75, 100, 1.0]
    assert table.loc["never answers"].drop("% right of the answers").tolist() == [0, 0, 100, -0.25]


def test_the_curve_begins_with_the_surest_and_ends_with_all():
    coverage, risk = reading.curve(ANSWERS, ANSWERS["sure"])
    assert np.allclose(coverage, [100 / 3, 200 / 3, 100]) and np.allclose(risk, [0, 50, 100 / 3])
    assert reading.mean_risk(ANSWERS, ANSWERS["correct"]) < reading.mean_risk(ANSWERS, ~ANSWERS["correct"])


def test_a_citation_is_marked_and_model_text_is_no_markup():
    view = reading.Citation("Q?", "<b>5</b>", ["Fee: <b>5</b> & more"], (0, 5, 13))
    assert "<b>5" not in view._repr_html_().replace("Answer: <b>", "") and "<mark" in view._repr_html_()
    assert ">>" in str(view)
    assert "not found" in reading.Citation("Q?", "6", ["Fee"], None)._repr_html_()


# ------------------------------------------------------------------ pictures and the script to take home


def _scores(seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return pd.DataFrame({"recall": generator.random(18), "family": list("abcdef") * 3})


def test_every_picture_has_a_title_and_labels():
    drawn = [
        losses_of([3.0, 2.0, 1.0]),
        figures.frontier({"encoder": _scores(1), "second": _scores(2)}, {"encoder": 0.0, "second": 40.0}),
        figures.risk_coverage(ANSWERS, {"reader": ANSWERS["sure"]}),
    ]
    for figure in drawn:
        axes = figure.axes[0]
        assert axes.get_title(loc="left") and axes.get_xlabel() and axes.get_ylabel()


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys):
    source = (ROOT / "solutions" / "1_rag" / "1.5_after_retrieval.py").read_text(encoding="utf-8")
    script = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    folder = str(ready_folder(EMBEDDER))
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", folder)
    code = code.replace(
        'CrossEncoder("cross-encoder/ms-marco-MiniLM-L6-v2")', f'CrossEncoder("{folder}", num_labels=1)'
    )
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].count("page_content") == 3 and "30 days" in printed[-1]
