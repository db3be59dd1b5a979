"""Lab 1.3: what is taught, its room, its picture, and the script to take home."""

import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda

from llm_workbook import start
from llm_workbook.corpus.load import load_contracts, load_questions
from llm_workbook.labs.lab_1_3 import figures, finder, prompts, verdicts
from llm_workbook.models.chat import LocalChat
from llm_workbook.regions import board, regions_of
from llm_workbook.taught import lab_1_3 as taught

matplotlib.use("Agg")
ROOT = Path(__file__).resolve().parents[3]


class Unit(DeterministicFakeEmbedding):
    """Made-up vectors of length 1, always the same for a text."""

    def embed_query(self, text: str) -> list[float]:
        vector = np.array(super().embed_query(text))
        return (vector / np.linalg.norm(vector)).tolist()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


FAKE = Unit(size=8)
TITLES = {
    "a": "Lease (Quayside / Halden Foods)",
    "b": "Mooring Licence (Quayside / Lindholm)",
    "c": "Side Letter (Quayside / Halden Foods)",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return start("1.3", "smoke", results_dir=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def regions(run):
    return regions_of(run)


@pytest.fixture(scope="module")
def found(regions):
    return finder.Finder(regions, FAKE)


# ------------------------------------------------------------------ what is taught


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("How long does Halden Foods' Lease with Quayside run?", "How long does run?"),
        ("The Lease between Quayside and Halden Foods: notice to leave?", "notice to leave?"),
        ("As of today. The Lease of Halden Foods with Quayside: notice to leave?", "As of today. notice to leave?"),
        ("State the rent of the Lease of Halden Foods with Quayside.", "State the rent"),
        ("Is the leasehold of Quaysides transferred?", "Is the leasehold of Quaysides transferred?"),
    ],
)
def test_the_remainder_has_no_name_and_no_link_that_leads_nowhere(question, query):
    assert taught.remainder(question, taught.parts(TITLES["a"])) == query


def test_a_code_goes_before_the_words_of_titles():
    search = taught.split_question(
        "Notice in SOW-12 under the Lease of Quayside with Halden Foods?", TITLES, {"sow-12": "b"}
    )
    assert search.where == {"document": {"$in": ["b"]}}
    assert "SOW-12" not in str(search.query)


def test_a_question_that_names_nothing_or_nothing_else_is_searched_whole():
    assert taught.split_question("When may we leave?", TITLES, {}) == taught.Search("When may we leave?")
    only_names = taught.split_question("Lease (Quayside / Halden Foods)", {"a": TITLES["a"]}, {})
    assert only_names.query


def test_the_file_of_a_document_has_those_of_the_same_parties():
    search = taught.Search("rent", {"document": {"$in": ["a"]}})
    assert taught.whole_file(search, TITLES).where == {"document": {"$in": ["a", "c"]}}
    assert taught.whole_file(taught.Search("rent"), TITLES) == taught.Search("rent")
    assert taught.one_for_each(taught.Search("rent")) == [taught.Search("rent")]


def test_every_beginning_of_an_answer_has_a_next_token_and_only_answers_end():
    answers = [[1, 2, 9], [1, 3, 4, 9], [5, 9]]
    allowed = taught.following(answers)
    written, ends = [[]], []
    while written:
        row = written.pop()
        for token in allowed.get(tuple(row), []):
            (ends if token == 9 else written).append([*row, token])
    assert sorted(ends) == sorted(answers)


def test_most_questions_name_their_document():
    contracts = [one for one in load_contracts("authored:1") if one.split == "dev"]
    titles, codes = {one.id: one.title for one in contracts}, finder.codes(contracts)
    asked = [one for one in load_questions("authored:1", "dev") if one.type in ("lookup", "orphan", "paraphrase")]
    wheres = [taught.split_question(one.question, titles, codes).where for one in asked]
    right = [
        bool(where) and where["document"]["$in"] == list(one.documents)
        for where, one in zip(wheres, asked, strict=True)
    ]
    assert np.mean(right) > 0.9


# ------------------------------------------------------------------ the finder


def test_a_filter_leaves_only_its_documents_and_the_budget_holds(regions, found):
    region = regions[0]
    one = region.asked[0]
    name = region.entries[-1].metadata["document"]
    plan = {one.id: [taught.Search(one.question, {"document": {"$in": [name]}})]}
    places = found.follow(plan)[one.id]
    assert 0 < len(places) <= 3
    assert {region.entries[at].metadata["document"] for at in places} == {name}
    both = found.follow({one.id: [taught.Search(one.question), *plan[one.id]]}, taught.take_turns)[one.id]
    assert len(both) == 3 and set(both) & set(places)
    assert found.follow({one.id: [taught.Search(one.question, {"document": {"$in": ["none such"]}})]})[one.id] == []


def test_two_texts_of_a_query_are_averaged(regions, found):
    one = regions[0].asked[0]
    same = found.follow({one.id: [taught.Search((one.question, one.question))]})
    assert same == found.follow({one.id: [taught.Search(one.question)]})


@pytest.mark.slow
def test_chroma_finds_what_the_finder_finds(regions, found):
    from langchain_chroma import Chroma

    region = regions[0]
    one, name = region.asked[0], region.entries[0].metadata["document"]
    where = {"document": {"$in": [name]}}
    index = Chroma("one", FAKE, collection_configuration={"hnsw": {"space": "cosine", "ef_search": 5000}})
    index.reset_collection()
    index.add_documents([Document(entry.page_content, metadata=entry.metadata) for entry in region.entries])
    hits = index.similarity_search(one.question, k=3, filter=where)
    places = found.follow({one.id: [taught.Search(one.question, where)]})[one.id]
    assert [hit.page_content for hit in hits] == [region.texts[at] for at in places]


def test_only_questions_with_a_ranking_are_scored(regions, found):
    some = finder.some(regions, ("lookup",), 1)
    rankings = found.follow({one.id: [taught.Search(one.question)] for one in some})
    assert list(finder.scored(regions, rankings, "test")["question_id"]) == [one.id for one in some]
    everything = found.follow({one.id: [taught.Search(one.question)] for one in finder.asked(regions)})
    assert board(regions, {"a": everything}, "test", ["lookup"]).shape == (1, 4)


def test_the_examples_are_of_train_families(run):
    asked, contracts = finder.to_learn_from(run, 2)
    assert {one.split for one in [*asked, *contracts]} == {"train"}
    assert max(pd.Series([one.type for one in asked]).value_counts()) == 2


# ------------------------------------------------------------------ what a model writes


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        ('{"contract": "Lease", "topic": "end"}', "Lease"),
        ('Here it is:\n{"contract": "Lease"} I hope it helps', "Lease"),
        ('{"contract": ["Lease"]}', None),
        ('{"contract": "Lease", "topic": "en', None),
        ("[1]", None),
        ("Lease", None),
    ],
)
def test_only_json_with_a_contract_is_a_plan(text, contract):
    assert (prompts.parsed(text) or {}).get("contract") == contract


def test_an_empty_reply_leaves_the_question():
    chat = FakeListChatModel(responses=["lease end\n\nMore", " "])
    assert prompts.write(chat, prompts.PLAN, ["first?", "second?"]) == ["lease end", "second?"]


def test_a_local_model_writes_at_most_so_many_tokens_without_being_loaded_again(monkeypatch):
    chat, asked = LocalChat(model=object(), tokenizer=None, identity="x", max_new_tokens=48), []

    def batch(self, prompts):
        asked.append((self.max_new_tokens, self.model is chat.model))
        return [SimpleNamespace(text="lease end") for _ in prompts]

    monkeypatch.setattr(LocalChat, "batch", batch)
    assert prompts.write(chat, prompts.PLAN, ["first?"], most=28) == ["lease end"]
    assert prompts.write(chat, prompts.PLAN, ["first?"]) == ["lease end"]
    assert asked == [(28, True), (48, True)]


def test_lost_names_and_made_up_numbers_are_counted():
    contract = SimpleNamespace(id="a", text_of=lambda span: "within 30 days")
    question = SimpleNamespace(
        id="q", question="What is due under the Lease of Halden?", evidence=[SimpleNamespace(document="a")]
    )
    written = {"kept": ["lease, Halden: 30"], "lost": ["rent after 45 days"]}
    table = verdicts.why([question], written, {"q": [contract]})  # pyright: ignore[reportArgumentType]
    assert table.to_numpy().tolist() == [[100, 0], [0, 100]]


def test_filters_are_right_wrong_or_none():
    question = SimpleNamespace(id="q", documents=("a", "b"))
    ways = {"r": [{"document": {"$in": ["a"]}}], "w": [{"document": {"$in": ["a", "c"]}}], "n": [{}]}
    table = verdicts.filters([question], ways, {"q": dict.fromkeys("abcd", "")})  # pyright: ignore[reportArgumentType]
    assert table.to_numpy().tolist() == [[50, 50, 0], [100, 0, 0], [0, 100, 0], [0, 0, 100]]


@pytest.mark.slow
def test_the_offline_model_writes_titles_only(run):
    titles = list(TITLES.values())
    asked = ["What is the rent of the Lease?", "Which licence?"]
    assert set(prompts.choose(run.chat(), prompts.WHICH, asked, titles, taught.following)) <= set(titles)


class Hosted(FakeListChatModel):
    """A chat model that answers with a schema."""

    def with_structured_output(self, schema, **others):  # pyright: ignore[reportIncompatibleMethodOverride]
        first = schema["properties"]["contract"]["enum"][0]
        return RunnableLambda(lambda said: {"contract": first} if "Lease" in said[-1][1] else None)


def test_a_hosted_model_gets_the_titles_as_a_schema():
    chat: BaseChatModel = Hosted(responses=[""])
    asked = ["What is the rent of the Lease?", "Which licence?"]
    assert prompts.choose(chat, prompts.WHICH, asked, list(TITLES.values()), taught.following) == [TITLES["a"], ""]
    some = [SimpleNamespace(id=str(number), question=ask) for number, ask in enumerate(asked)]
    wheres = verdicts.by_choice(chat, some, {one.id: TITLES for one in some}, taught.following)  # pyright: ignore
    assert wheres == [{"document": {"$in": ["a"]}}, {}]


# ------------------------------------------------------------------ the picture and the script to take home


def test_the_picture_has_a_title_and_labels():
    generator = np.random.default_rng(1)
    kinds = ["comparison", "paraphrase", "lookup"] * 6
    tables = {
        name: pd.DataFrame({"type": kinds, "family": list("abcdef") * 3, "recall": generator.random(18)})
        for name in ("as it is", "filter and shorter query", "whole plan, routed")
    }
    axes = figures.by_type(tables).axes[0]
    assert axes.get_title(loc="left") and axes.get_xlabel()


@pytest.mark.slow
def test_the_script_to_take_home_runs(tmp_path, monkeypatch, capsys):
    from llm_workbook.models.offline import EMBEDDER, ready_folder

    source = (ROOT / "solutions" / "1_rag" / "1.3_the_query.py").read_text(encoding="utf-8")
    script = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(ready_folder(EMBEDDER)))
    (tmp_path / "contracts").mkdir()
    for name, title in TITLES.items():
        text = f"{title}\n1. Rent\nThe rent is 5.\n\n2. Notice period\nThe notice period is {name} days.\n"
        (tmp_path / "contracts" / f"{name}.txt").write_text(text)
    monkeypatch.chdir(tmp_path)
    code = code.replace("Quayside and Halden?", "Quayside and Halden Foods?")
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    said = capsys.readouterr().out
    assert "is a days" in said and "is b days" not in said
