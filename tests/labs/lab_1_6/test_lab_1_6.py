"""What lab 1.6 teaches, and what its room does: the graph, the text in force, letters, documents compared, the loop."""

import re
from pathlib import Path

import matplotlib
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel

from llm_workbook import regions as room
from llm_workbook import start
from llm_workbook.labs.lab_1_6 import agent, amendments, collection, figures, graph, reading, search
from llm_workbook.late import alike
from llm_workbook.models.offline import EMBEDDER, ready_folder
from llm_workbook.taught import lab_1_6 as taught

matplotlib.use("Agg")
ROOT = Path(__file__).resolve().parents[3]
TEXTS = {
    "lease": [
        "Lease (Alder / Birch), LE-2020-11: LEASE No. LE-2020-11 made on 3 May 2020",
        'Lease (Alder / Birch), LE-2020-11, Definitions: 1 Definitions "Notice Time" means 30 days.',
        "Lease (Alder / Birch), LE-2020-11, Notice: 2 Notice Notice is given for the Notice Time before the end.",
        "Lease (Alder / Birch), LE-2020-11, Rent: 3 Rent The rent is EUR 5, due within thirty (30) days.",
    ],
    "order": [
        "Order Form No. 1 (Alder / Birch), OF-2021-12: ORDER FORM OF-2021-12 of June 1, 2021",
        "Order Form No. 1 (Alder / Birch), OF-2021-12, Framework: 1 Framework It is placed under LE-2020-11.",
        "Order Form No. 1 (Alder / Birch), OF-2021-12, Rent: 2 Rent As in clause 3 of the framework.",
    ],
    "amendment": [
        "Amendment No. 1 to the Lease (Alder / Birch), LE-2020-11-A1: LE-2020-11-A1 of the 2nd day of July 2022",
        "Amendment No. 1 to the Lease (Alder / Birch), LE-2020-11-A1, Background: 1 Background It amends LE-2020-11.",
        "Amendment No. 1 to the Lease (Alder / Birch), LE-2020-11-A1, Change to Clause 3 (Rent): 2 Change to Clause 3 "
        '(Rent) In clause 3 the words "EUR 5" are replaced by "EUR 7". The rest stands.',
    ],
    "letter": [
        "Side Letter (Alder / Birch), LE-2020-11-L, Birch: Birch LE-2020-11-L 4 May 2020 Re: LE-2020-11. The rent is "
        "due within ten days.",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def region():
    entries = [
        Document(text, metadata={"document": name, "title": text.partition("), ")[0] + ")", "start_index": 10 * at,
                                 "end_index": 10 * at + 9})
        for name, texts in TEXTS.items() for at, text in enumerate(texts)
    ]  # fmt: skip
    return room.Region("authored:1", entries, [], [])


@pytest.fixture(scope="module")
def papers(region):
    return graph.papers(region)


@pytest.fixture(scope="module")
def links(region, papers):
    texts = {name: [graph.body(region.texts[at]) for at in one.clauses] for name, one in papers.items()}
    return taught.by_number({one.code: name for name, one in papers.items()}, texts)


@pytest.fixture(scope="module")
def made(region, links, papers):
    return graph.graph_of(region, links, papers)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    run = start("1.6", "smoke", results_dir=tmp_path_factory.mktemp("results"))
    return run, room.regions_of(run)


# ------------------------------------------------------------------ what is taught


def test_a_number_of_ones_own_is_no_link():
    assert taught.by_number({"LE-2020-11": "lease"}, {"lease": ["Lease LE-2020-11"]}) == set()


def test_the_scope_of_an_agreement_has_no_orders():
    hangs_on = {"order": "lease", "amendment": "lease", "letter": "lease", "other": "loan"}
    assert taught.scope(hangs_on, {"amendment", "letter"}, "lease") == ["lease", "amendment", "letter"]
    assert taught.scope(hangs_on, {"amendment", "letter"}, "order") == ["order", "lease"]


def test_a_share_of_0_leaves_the_score_as_it_is():
    score = np.array([0.5, 0.25, 1.0])
    assert taught.beyond_the_header(score, [0, 2], 0.0) == {0: 0.5, 2: 1.0}
    assert taught.beyond_the_header(score, [0, 2], 1.0) == {0: -0.25, 2: 0.25}


def test_the_first_with_the_same_parties_is_the_oldest(papers):
    assert taught.by_parties(papers) == {("order", "lease"), ("amendment", "lease"), ("letter", "lease")}


def test_citations_lead_to_the_newest_clause_and_to_what_is_connected(made, region):
    texts = region.texts
    assert taught.citations("eur 7", [3, 9], texts, made) == [9, 3]  # the amendment has it, and changes the other
    assert taught.citations("30 days", [2, 1, 3], texts, made) == [1, 2]  # the definition, and the clause that uses it
    assert taught.citations("Thirty (30) days", [3, 5, 1], texts, made) == [3, 5]  # 5 says that the lease applies
    assert taught.citations("thirty (30) days", [3], texts, made) == [3]
    assert taught.citations("Alder", [3, 5], texts, made) == []  # the header alone is no statement
    assert taught.citations("", [3, 5], texts, made) == taught.citations("9 days", [], texts, made) == []


# ------------------------------------------------------------------ the graph


def test_papers_are_read_from_titles_and_texts(papers):
    assert {name: (one.kind, one.code, one.date) for name, one in papers.items()} == {
        "lease": ("", "LE-2020-11", "2020-05-03"),
        "order": ("is an order under", "OF-2021-12", "2021-06-01"),
        "amendment": ("amends", "LE-2020-11-A1", "2022-07-02"),
        "letter": ("is a letter to", "LE-2020-11-L", "2020-05-04"),
    }
    assert papers["lease"].parties == {"Alder", "Birch"}


def test_links_go_from_the_paper_that_names_another(links):
    assert links == {("order", "lease"), ("amendment", "lease"), ("letter", "lease")}


def test_clauses_are_linked_by_numbers_terms_and_changes(made):
    kinds = {(a, b): kind for a, b, kind in made.edges(data="kind") if isinstance(a, int) and isinstance(b, int)}
    assert kinds == {(2, 1): "defined in", (6, 3): "points to", (9, 3): "changes"}
    assert graph.neighbours(made, 3, ["changes"]) == [9]
    assert graph.neighbours(made, 9, ["changes"]) == [3]
    assert graph.neighbours(made, 3, ["points to"]) == []


def test_the_way_up_is_the_clause_that_cites_or_else_the_one_that_names(made):
    assert graph.up(made, "order", 3) == [6]
    assert graph.up(made, "order", 2) == [5]
    assert graph.up(made, "order", 6) == graph.up(made, "lease", 3) == []


def test_a_question_names_by_number_or_by_title_and_both_parties(papers):
    assert graph.named("What is the rent under OF-2021-12?", papers) == ["order"]
    assert graph.named("What is the rent of the lease between Alder and Birch?", papers) == ["lease"]
    assert graph.named("What is the rent of the lease with Alder?", papers) == []


@pytest.mark.parametrize("name", ["authored:1", "authored:2", "authored:3"])
def test_the_rule_finds_the_planted_links(name):
    from llm_workbook.benchmark.search import clause_entries
    from llm_workbook.corpus.load import load_contracts

    contracts = [one for one in load_contracts(name) if one.split != "train"]
    whole = room.Region(name, clause_entries(contracts), [], [])
    known = graph.papers(whole)
    texts = {paper: [graph.body(whole.texts[at]) for at in one.clauses] for paper, one in known.items()}
    found = taught.by_number({one.code: paper for paper, one in known.items()}, texts)
    assert graph.measured({name: found}, {name: graph.truth(whole)}) == [23, 23, 100, 100]
    assert sum(known[one.id].date == one.metadata["date"] for one in contracts) >= len(contracts) - 2
    loose = nx.Graph(sorted(found | taught.by_parties(known)))
    loose.add_nodes_from(sorted(known))
    families = {
        frozenset(one.id for one in contracts if one.family == family) for family in {one.family for one in contracts}
    }
    assert set(map(frozenset, nx.connected_components(loose))) == families  # as section 8 says
    assert set(map(frozenset, nx.community.louvain_communities(loose, seed=7))) == families
    links = graph.graph_of(whole, found, known)
    changed = [a for a, _, kind in links.edges(data="kind") if kind == "changes"]
    history = amendments.changes_of(links, whole.texts)
    assert len(changed) == 25 and sum(map(len, history.values())) == 24  # one is a change of name


def test_a_measure_of_some_documents_leaves_the_others_out():
    found, true = {"r": {("a", "b"), ("c", "b")}}, {"r": {("a", "b"), ("d", "b")}}
    assert graph.measured(found, true) == [2, 2, 50, 50]
    assert graph.measured(found, true, ["a"]) == [1, 1, 100, 100]
    assert graph.measured({"r": set()}, true) == [2, 0, None, 0]  # a share of nothing


# ------------------------------------------------------------------ what amendments and letters say


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ('Clause 3 is amended by striking "5 days" and inserting "7 days" in its place.', ("5 days", "7 days")),
        ("Instead of 5 days, the figure in clause 3 is now 7 days. It applies.", ("5 days", "7 days")),
        (
            "They depart from the original figure of 2.5 %. From now on clause 3 is to be read as if it said 3 %.",
            ("2.5 %", "3 %"),
        ),
        ('For clause 3 substitute: "The "Rent" is EUR 7."', (None, 'The "Rent" is EUR 7.')),
        ("The parties will meet.", None),
    ],
)
def test_a_change_is_read_from_its_form(text, change):
    assert amendments.change_of(text) == change


def test_todays_text_has_the_change_and_knows_where_it_is_from(made, region):
    current, inside = amendments.todays(made, region.texts, taught.in_force)
    assert "The rent is EUR 7, due" in current[3] and current[3].startswith("Lease (Alder / Birch), LE-2020-11, Rent: ")
    assert inside == {9: 3} and current[2] == region.texts[2]


def _vectors(texts):
    """A vector of each word: the same word, the same vector."""
    words = sorted({word for text in texts for word in re.findall(r"\w+", text.lower())})
    unit = torch.eye(len(words))
    return {text: unit[[words.index(word) for word in re.findall(r"\w+", text.lower())]] for text in texts}


def test_a_letter_is_matched_with_its_clause_and_reported(made, region):
    said = amendments.sentences_of_letters(region)
    assert said == ["The rent is due within ten days."]
    matched = amendments.matched(made, region, _vectors([*region.texts, *said]))
    assert [(one.letter, one.clause) for one in matched] == [(10, 3)]
    worlds = {region.name: region}
    report = amendments.reported(matched, worlds, taught.disputed)
    assert report[0].units == ("day",)
    assert amendments.cited(report[0], worlds).startswith("10 day against 30 day\n")
    assert amendments.reported(matched, worlds, lambda letter, clause: []) == []


def test_alike_is_the_mean_of_the_best_cosines():
    vectors = _vectors(["rent is due", "the rent", "notice"])
    assert alike(vectors, ["the rent", "notice"])("rent is due").tolist() == pytest.approx([1 / 3, 0])


# ------------------------------------------------------------------ tables and reading


def test_a_perfect_ranking_has_all_the_evidence(real):
    run, regions = real
    perfect = {one.id: region.stating(one) for region in regions for one in region.asked}
    worst = {name: [(at + 50) % 100 for at in row] for name, row in perfect.items()}
    table = search.board(regions, {"worst": worst, "perfect": perfect}, "test", k=5)
    assert table["all"].to_dict()["perfect"] == 100 > 2 * table["all"].to_dict()["worst"]
    found = {name: search.scored(regions, row, "test", 5) for name, row in (("search", worst), ("walk", perfect))}
    verdicts = search.verdicts(run, found, ("lookup", "bridge"))
    assert list(verdicts)[-1] == "walk, all" and verdicts["walk, all"].difference > 0


@pytest.mark.parametrize(
    ("question", "topic", "most"),
    [
        ("Among A and B, what does the shortest notice period come to?", "notice period", False),
        ("Line up A and B: how long is the renewal term at its longest?", "renewal term", True),
        ("What is the maximum cure period across A and B?", "cure period", True),
        ("Across A and B, how low does the weekly rate get?", "weekly rate", False),
    ],
)
def test_topic_and_side_of_a_comparison(question, topic, most):
    assert reading.topic(question) == topic and reading.wants_most(question) == most


def test_every_comparison_of_the_regions_has_a_short_topic():
    from llm_workbook.corpus.load import EVIDENCE, load_questions

    asked = [one.question for name in EVIDENCE for one in load_questions(name, "test") if one.type == "comparison"]
    assert asked and all(len(reading.topic(one)) < 50 for one in asked)


def test_values_of_different_units_are_compared_by_size():
    assert reading.extreme(["thirty (30) days", "2 weeks", "not stated"], most=False) == "2 weeks"
    assert reading.extreme(["EUR 5,000", "EUR 700"], most=True) == "EUR 5,000"
    assert reading.extreme(["not stated"], most=True) == "not stated"


def test_a_row_for_each_document(real):
    _, regions = real
    known = {region.name: graph.graph_of(region, set(), graph.papers(region)) for region in regions}
    asked = reading.some(regions, "test", "comparison", 1)
    scores = {one.id: np.ones(len(region.entries)) for region, one in asked}
    answers, table = reading.by_document(FakeListChatModel(responses=["3 days", "9 days"]), asked, known, scores)
    assert len(answers) == len(asked) and list(table.columns) == ["id", "question", "document", "said", "places"]


# ------------------------------------------------------------------ the loop


def test_tools_give_the_next_clause_and_grep_looks_for_names(region):
    tools = agent.tools_of(region, {"Which rent does Alder pay?": [3, 2]})
    assert tools["vectors"]("Which rent does Alder pay?", [3]) == 2
    assert tools["vectors"]("Which rent does Alder pay?", [3, 2]) is None
    assert "OF-2021-12" in region.texts[agent.grep(region.texts, "Which rent has OF-2021-12?")[0]]
    assert "notice" in region.texts[tools["keywords"]("When is notice given?", []) or 0].lower()


def test_a_trace_says_what_was_done():
    trace, texts = agent.Trace("Which rent?"), ["a", "b"]
    chat = FakeListChatModel(responses=["EUR 5"])
    for place in (1, None):
        agent.act(chat, trace, "grep", {"grep": lambda question, seen, place=place: place}, texts)
    agent.act(chat, trace, "read", {}, texts)
    assert trace.seen == [1] and trace.answer == "EUR 5"
    assert [action for action, _ in trace.steps] == ["grep", "grep", "read"]
    assert "nothing new" in str(trace) and "answer: EUR 5" in str(trace)


@pytest.mark.slow
def test_likelihoods_are_log_probabilities_and_one_shot_keeps_to_its_tokens(real):
    run, _ = real
    chat = run.reader()
    said, tokens = agent.likelihoods(chat, "Next action:")
    assert set(said) == set(agent.ACTIONS) and all(value < 0 for value in said.values()) and tokens > 3
    clauses = ["Lease, Rent: The rent is EUR 5."] * 30
    answer, used = agent.one_shot(chat, "What is the rent of the lease?", clauses, 300)
    assert used <= 310 and answer
    trace = agent.Trace("What is the rent of the lease?")
    assert agent.likeliest(chat)(trace, clauses) in (
        "grep",
        "keywords",
        "vectors",
    )  # nothing to read, no answer to keep
    assert trace.tokens > 50


# ------------------------------------------------------------------ the whole collection, and citations


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("within thirty (30) days", "30 days"),
        ("THE LAWS OF THE ITALIAN REPUBLIC", "Italian law"),
        ("the substantive laws of Switzerland", "Swiss law"),
        ("Irish law", "Irish law"),
        ("not stated", "not stated"),
        ("", "not stated"),
    ],
)
def test_a_value_has_one_form(said, value):
    assert collection.normal(said) == value


def test_every_law_and_payment_period_of_the_regions_has_a_form_of_its_own():
    from llm_workbook.corpus.load import EVIDENCE, load_facts

    facts = [one for name in ("authored", *EVIDENCE) for one in load_facts(name)]
    for kind, count in (("governing_law", 12), ("payment_days", 9)):
        values = {one.value for one in facts if one.type == kind} - {"New York law"}
        forms = {collection.normal(value) for value in values}
        assert len(forms) == len(values) >= count - 3 and "not stated" not in forms


def test_the_head_of_a_group_is_the_paper_that_others_name(made):
    assert collection.head(made, ["letter", "amendment", "lease", "order"]).id == "lease"
    assert collection.head(made, ["order"]).id == "order"
    assert collection.head(made, ["letter", "order"]).id in ("letter", "order")


def test_groups_are_measured_by_pairs(real):
    _, regions = real
    names = {region.name: [one.id for one in region.contracts] for region in regions}
    family = {one.id: one.family for region in regions for one in region.contracts}
    right = {
        where: [{name for name in some if family[name] == one} for one in sorted({family[name] for name in some})]
        for where, some in names.items()
    }
    groups = {"right": right, "alone": {where: [{name} for name in some] for where, some in names.items()},
              "all": {where: [set(some)] for where, some in names.items()}}  # fmt: skip
    table = collection.measured(groups, regions)
    assert table.loc["right", ["precision %", "recall %"]].tolist() == [100, 100]
    assert table.loc["alone", "recall %"] == 0 and table.loc["alone", "pairs in a group"] == 0
    assert table.loc["all", "recall %"] == 100 > table.loc["all", "precision %"]
    assert table.loc["all", "groups"] == len(regions)


def test_the_fact_of_today_is_the_last_of_its_chain(real):
    from llm_workbook.corpus.load import load_facts

    _, regions = real
    facts = collection.true_facts(regions[0])
    changed = [one for one in load_facts(regions[0].name) if one.superseded_by]
    assert changed and all(
        facts[one.document, one.type].id != one.id for one in changed if one.document.endswith("master")
    )
    assert not any(one.superseded_by for one in facts.values())
    assert collection.true_facts(room.Region("cuad", [], [], [])) == {}


def test_rows_are_read_from_the_clause_in_force_and_scored(real):
    _, regions = real
    region = regions[0]
    known = graph.papers(region)
    texts = {name: [graph.body(region.texts[at]) for at in one.clauses] for name, one in known.items()}
    found = taught.by_number({one.code: name for name, one in known.items()}, texts)
    graphs = {region.name: graph.graph_of(region, found, known)}
    facts = collection.true_facts(region)
    name = next(name for name, kind in facts if kind == "cure_period" and name in known and not known[name].kind)
    fact = facts[name, "cure_period"]
    stating = [at for at in range(len(region.entries)) if collection.is_read(region, fact, [at])]
    score = np.array([1.0 if at in stating else 0.0 for at in range(len(region.entries))])
    today = {region.name: (region.texts, {})}
    asked = [(region, known[name], "cure_period", "When?"), (region, known[name], "nothing", "What?")]
    like = {region.name: {"When?": score, "What?": score}}
    said = fact.value
    table = collection.rows(FakeListChatModel(responses=[said, "not stated"]), asked, graphs, like, today)
    assert table["correct"].tolist() == [1.0, 1.0] and table["value"].tolist() == [said, "not stated"]
    assert (table["tokens"] > 10).all() and table["question_id"].tolist() == ["When?", "What?"]


def test_citations_are_scored_by_type(real):
    _, regions = real
    region = regions[0]
    some = sorted(region.test, key=lambda one: -len(region.stating(one)))[:2]
    asked = [(region, one) for one in some]
    table = pd.DataFrame({"correct": [1.0] * len(some)})
    whole = [region.stating(one) for one in some]
    ways = {"all": (asked, table, whole), "none": (asked, table, [[] for _ in some]),
            "first": (asked, table, [places[:1] for places in whole])}  # fmt: skip
    made = reading.citing(ways)
    assert (made.xs("all", level="way")[list(reading.SHARES)] == 100).all(axis=None)
    assert made.xs("none", level="way")["% of citations right"].isna().all()
    assert (made.xs("none", level="way")["% right, all cited"] == 0).all()
    assert (made.xs("first", level="way")["% of citations right"] == 100).all()


# ------------------------------------------------------------------ pictures and the script to take home


def test_every_picture_has_a_title(made):
    generator = np.random.default_rng(1)
    tables = {
        name: pd.DataFrame({"whole": generator.random(18), "family": list("abcdef") * 3, "type": ["bridge"] * 18})
        for name in ("search", "walk")
    }
    for figure in (figures.papers_of(made, "papers"), figures.by_type(tables)):
        assert figure.axes[0].get_title(loc="left")


@pytest.mark.slow
def test_the_script_to_take_home_runs(capsys):
    source = (ROOT / "solutions" / "1_rag" / "1.6_graph_and_many_documents.py").read_text(encoding="utf-8")
    script = re.findall(r"# ```python\n(.*?)# ```", source, re.DOTALL)[-1]
    code = "\n".join(line.removeprefix("# ").removeprefix("#") for line in script.splitlines())
    code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(ready_folder(EMBEDDER)))
    exec(compile(code, "take_home", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert "The notice period is 60 days." in printed and "Order form" in printed
