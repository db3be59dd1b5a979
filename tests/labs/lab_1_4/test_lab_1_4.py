"""What lab 1.4 teaches: keywords, fusion, router, the loss against the library, and what its room does."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
import torch
from langchain_core.embeddings import DeterministicFakeEmbedding

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.labs.lab_1_4 import figures, ways
from llm_workbook.labs.lab_1_4.general import QUESTIONS, general
from llm_workbook.settings import DATA
from llm_workbook.taught import lab_1_4 as taught

matplotlib.use("Agg")
ROOT = Path(__file__).resolve().parents[3]
FAKE = DeterministicFakeEmbedding(size=8)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return start("1.4", "smoke", results_dir=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def regions(run):
    return room.regions_of(run)


# ------------------------------------------------------------------ what is taught


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Fee of SOW-2024-1330 and BK-7405-S?", ["SOW-2024-1330", "BK-7405-S"]),
        ("CSA-2017-011-A2, amended", ["CSA-2017-011-A2"]),
        ("a third-party, CO-OP, 2024-11 or Net-30", []),
    ],
)
def test_a_code_has_letters_a_hyphen_and_a_digit(text, codes):
    assert taught.CODE.findall(text) == codes


def test_every_identifier_question_names_a_code(regions):
    asked = [one for region in regions for one in region.asked if one.type == "identifier"]
    assert all(taught.CODE.search(one.question) for one in asked)


def test_a_question_without_words_scores_nothing():
    scores = taught.keyword_scores(["rent is due", "notice is short"], ["the of", "zebra"], taught.words)
    assert [row.tolist() for row in scores] == [[0, 0], [0, 0]]


def test_a_code_that_counts_more_often_weighs_more():
    texts = ["AB-1 the price", "AB-2 the monthly service level agreed", "other text", "another text"]
    once, thrice = (
        taught.keyword_scores(texts, ["monthly service level of AB-1?"], lambda text, n=n: taught.terms(text, n))[0]
        for n in (1, 3)
    )
    assert (once.argmax(), thrice.argmax()) == (1, 0)


def test_weights_of_0_and_1_are_one_search_alone():
    vectors, keywords = np.array([0.2, 0.9, 0.1]), np.array([3.0, 0.0, 7.0])
    assert taught.weighted(vectors, keywords, 0.0).argsort().tolist() == vectors.argsort().tolist()
    assert taught.weighted(vectors, keywords, 1.0).argsort().tolist() == keywords.argsort().tolist()
    assert taught.weighted(vectors, np.zeros(3), 0.5).argmax() == 1  # no keyword found


def test_the_router_leaves_a_question_without_a_code_as_it_is():
    scores = np.array([0.2, 0.9])
    assert taught.route("Which notice?", ["A-12 x", "y"], scores).tolist() == scores.tolist()
    assert taught.route("Which notice in AB-12?", ["AB-12 x", "y"], scores).argmax() == 0


def test_mmr_without_a_price_for_likeness_is_the_plain_order():
    generator = np.random.default_rng(1)
    vectors = generator.normal(size=(9, 4))
    similarity = generator.random(9)
    assert taught.mmr(similarity, vectors, share=1.0, k=4) == np.argsort(-similarity)[:4].tolist()


@pytest.mark.slow
def test_the_loss_is_the_librarys():
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    torch.manual_seed(0)
    asks, clauses, hard = torch.randn(6, 5), torch.randn(6, 5), torch.randn(6, 5)
    library = MultipleNegativesRankingLoss(torch.nn.Identity())  # pyright: ignore[reportArgumentType]
    expected = library.compute_loss_from_embeddings([asks, clauses, hard], torch.tensor(0))
    assert torch.allclose(taught.contrastive_loss(asks, torch.cat([clauses, hard])), expected, atol=1e-5)


# ------------------------------------------------------------------ the room


def test_no_searched_contract_is_trained_on(run, regions):
    trained = {text for pairs in room.pairs_of(run).values() for pair in pairs for text in pair.right}
    assert trained and not trained & {text for region in regions for text in region.texts}


def test_every_pair_has_its_clause_among_the_right_ones(run):
    pairs = next(iter(room.pairs_of(run).values()))
    assert all(pair.clause == pair.right[0] for pair in pairs)
    quiz = room.different(pairs, 5)
    assert [room.right_places(pair, quiz) for pair in quiz] == [{place} for place in range(len(quiz))]


def test_a_perfect_ranking_finds_all_and_a_random_one_little(regions):
    perfect = {one.id: region.stating(one) for region in regions for one in region.asked}
    systems = {"perfect": perfect, "random": room.at_random(regions, 7)}
    table = room.board(regions, systems, "test")
    assert table.loc["perfect", "all"] > 90 > 30 > table.loc["random", "all"]
    assert set(ways.first_right(regions, perfect).values()) == {1}


def test_similarities_rank_a_text_nearest_to_itself(regions):
    vectors = room.encode(regions, FAKE)
    scores = room.similarities(regions, vectors)
    assert all(len(scores[one.id]) == len(region.entries) for region in regions for one in region.asked)
    assert all(len(set(places)) == len(places) for places in room.ranked(scores).values())


def test_why_less_counts_what_fusion_pushed_out(regions):
    perfect = {one.id: region.stating(one) for region in regions for one in region.asked}
    nothing = {name: [] for name in perfect}
    count = sum(len(region.test) for region in regions)
    assert f"less on {count} test questions and more on 0" in ways.why_less(regions, perfect, nothing, perfect)
    assert "less on no test question" in ways.why_less(regions, perfect, perfect, perfect)


def test_a_draft_is_made_for_clauses_with_a_heading(run):
    made = room.drafts(run.contracts[:1])
    assert made and all(pair.question.endswith("?") and pair.clause in pair.right for pair in made)


def test_a_corpus_without_train_questions_trains_on_drafts(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("LEASE\n\n1. Notice\nThe notice period is 30 days.\n\n2. Fee\nEUR 5.\n")
    row = "How long?,30 days,a.txt,notice period is 30 days"
    (tmp_path / "docs" / "questions.csv").write_text(f"question,answer,document,quote\n{row}\n")
    own = start("1.4", "smoke", results_dir=tmp_path / "results", corpus=f"folder:{tmp_path / 'docs'}")
    assert [len(region.test) for region in room.regions_of(own)] == [1]
    assert list(room.pairs_of(own))


def test_the_general_questions_stand_beside_their_sentences():
    assert len(QUESTIONS) == len((DATA / "general.txt").read_text(encoding="utf-8").splitlines())
    assert 0 <= general(FAKE)["% nearest"] <= 100


# ------------------------------------------------------------------ pictures and the script to take home


def _scores(seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    kinds = ["identifier", "paraphrase", "lookup"] * 6
    return pd.DataFrame(
        {
            "question_id": map(str, range(18)),
            "type": kinds,
            "family": list("abcdef") * 3,
            "recall": generator.random(18),
        }
    )


def test_every_picture_has_a_title_and_labels():
    some = {name: _scores(seed) for seed, name in enumerate(("vectors", "keywords", "RRF", "own encoder"))}
    drawn = [
        figures.by_type({name: some[name] for name in ("vectors", "keywords", "RRF")}),
        figures.alphas({0.0: some["vectors"], 0.5: some["RRF"]}, 0.5),
        figures.loss_of_steps([3.0, 2.0, 1.0], 32),
        figures.way(some),
    ]
    for figure in drawn:
        axes = figure.axes[0]
        assert axes.get_title(loc="left") and axes.get_xlabel()


@pytest.mark.slow
def test_the_script_to_take_home_runs(tmp_path, monkeypatch):
    from llm_workbook.models.offline import EMBEDDER, ready_folder

    source = (ROOT / "solutions" / "1_rag" / "1.4_hybrid_and_encoder.py").read_text(encoding="utf-8")
    script = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(ready_folder(EMBEDDER)))
    rows = [
        f"What is the {word} of the lease?,The {word} is {n} days." for n, word in enumerate(("notice", "term", "fee"))
    ]
    (tmp_path / "pairs.csv").write_text("\n".join(["question,clause", *rows]))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    assert (tmp_path / "my-encoder").is_dir()
