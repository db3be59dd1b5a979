"""The authored corpus, whole: what CORPUS promises of it, checked on the committed files and on a thousand
contracts."""

import gc
import gzip
import json
import os
import subprocess
import sys
import weakref
from collections import Counter
from dataclasses import replace
from statistics import fmean

import pytest

from llm_workbook.corpus.load import load_contracts, load_facts, load_questions
from llm_workbook.corpus.records import Span
from llm_workbook.settings import DATA
from tools.build_corpus import checks
from tools.build_corpus.build import KINDS, build, main, regions, write
from tools.build_corpus.clauses import CLAUSES
from tools.build_corpus.families import families
from tools.build_corpus.filler import BOILERPLATE
from tools.build_corpus.questions import CLASSES, QUOTA
from tools.build_corpus.readme import update

SPLITS = ("train", "dev", "test")
SCALE = 1000


@pytest.fixture(scope="module")
def committed():
    questions = [
        q
        for split in SPLITS
        for task in ("qa", "classification", "summary")
        for q in load_questions(split=split, task=task)
    ]
    return load_contracts(), load_facts(), questions


@pytest.fixture(scope="module")
def thousand():
    whole = ([], [], [])
    for region in regions(SCALE):
        for rows, part in zip(whole, region, strict=True):
            rows.extend(part)
    return whole


@pytest.fixture(params=["committed", pytest.param("thousand", marks=pytest.mark.slow)])
def corpus(request):
    return request.getfixturevalue(request.param)


# ---- the rules, at both sizes


def test_every_span_is_exact_and_every_answer_follows_from_its_evidence(corpus):
    contracts, facts, questions = corpus
    assert checks.broken_spans(contracts, facts, questions) == []
    assert checks.unwritten(contracts, facts) == []
    assert checks.underivable(contracts, questions) == []


def test_no_question_gives_its_answer_away_and_answers_are_short(corpus):
    assert checks.given_away(corpus[2]) == []
    assert checks.long_answers(corpus[2]) == []


def test_train_shares_no_wording_no_document_and_no_text_with_the_other_splits(corpus):
    contracts, _, questions = corpus
    assert checks.shared_across_splits(questions, region_wide=len(contracts) < 100) == []
    similarity, one, two = checks.leakage(contracts, BOILERPLATE)
    assert similarity < 0.5, f"{one} and {two}"


def test_no_wording_is_a_refrain(corpus):
    contracts, _, questions = corpus
    share, top = checks.common_runs(contracts)
    assert share <= 0.08, top[0]
    assert all(overlap < 0.6 for overlap in checks.clause_similarity(questions).values())


def test_the_readme_states_todays_figures():
    contracts, _, questions = build()
    similar = checks.clause_similarity(questions).values()
    run, jaccard = checks.common_runs(contracts)[0], checks.leakage(contracts, BOILERPLATE)[0]
    stated = f"{run:.1%}", f"{fmean(similar):.1%}, {max(similar):.1%}", f"{jaccard:.2f}"
    rows = [line for line in (DATA / "README.md").read_text(encoding="utf-8").splitlines() if line.count("|") == 4]
    for figure in stated:
        assert any(f"| {figure.replace('%', ' %')} |" in row for row in rows), figure


def test_two_corpora_are_compared_by_the_same_figures(corpus):
    contracts, _, questions = corpus
    table = checks.comparison({"one": (contracts, questions), "fewer": (contracts, questions[::2])})
    assert table.startswith("| | one | fewer |\n|---|---|---|\n")
    assert all(line.count("|") == 4 for line in table.splitlines())
    assert f"{len(contracts)}; " in table


def test_paraphrases_share_hardly_a_word_with_their_clauses(corpus):
    contracts, _, questions = corpus
    mean, histogram = checks.overlap_histogram(questions, contracts)
    assert mean < 0.1
    assert sum(histogram[5:]) == 0


def test_nobody_bears_a_well_known_name(corpus):
    assert checks.well_known(corpus[0]) == []


# ---- the checks themselves notice


def test_the_checks_notice_what_is_wrong(committed):
    contracts, facts, questions = committed
    one = next(q for q in questions if q.type == "lookup")
    blank = contracts[0].text.index(" ")
    assert checks.broken_spans(contracts, [], [replace(one, evidence=(Span(contracts[0].id, blank, blank + 5),))])
    assert checks.broken_spans(contracts, [replace(facts[0], span=Span(contracts[0].id, 5, 10**7))], [])
    assert checks.unwritten(contracts, [replace(facts[0], span=facts[1].span)]) == [facts[0].id]
    other = next(q for q in questions if q.type == "lookup" and q.answers != one.answers and q.labels != one.labels)
    assert checks.underivable(contracts, [replace(one, evidence=other.evidence)]) == [one.id]
    assert checks.given_away([replace(one, question=f"Is it {one.answers[0]}?")]) == [one.id]
    assert checks.long_answers([replace(one, answers=("word " * 13,))]) == [one.id]
    assert checks.shared_across_splits([replace(one, split="train"), replace(one, split="test")])
    twins = [replace(contracts[0], split="train"), replace(contracts[0], id="twin", split="test")]
    assert checks.leakage(twins)[0] == 1.0
    assert checks.common_runs(contracts[:3] * 2)[0] > 0.08
    assert checks.content_overlap("How long is the secrecy period?", "The period of secrecy is long.") == 1.0
    famous = replace(contracts[0], metadata={**contracts[0].metadata, "parties": ["Maersk Line A/S"]})
    assert checks.well_known([famous]) == ["Maersk Line A/S"]
    lawless = next(q for q in questions if q.type == "aggregate" and q.labels[-1].startswith("count"))
    assert checks.underivable(contracts, [replace(lawless, answers=("17",))]) == [lawless.id]


# ---- counts and shape of what is committed


def test_rebuilding_gives_the_committed_bytes_whatever_the_hash_seed(tmp_path):
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    command = [sys.executable, "-m", "tools.build_corpus", "--out", str(tmp_path)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, cwd=DATA.parent)
    files = sorted(path.name for path in tmp_path.iterdir())
    further = [f"{kind}-{number}.jsonl.gz" for kind in KINDS for number in (1, 2, 3)]
    assert files == sorted(["MANIFEST.json", "contracts.jsonl", "facts.jsonl", "questions.jsonl", *further])
    for name in files:
        made, kept = ((folder / name).read_bytes() for folder in (tmp_path, DATA / "corpus"))
        if name.endswith(".gz"):  # the same lines; the packed bytes depend on the version of zlib
            made, kept = gzip.decompress(made), gzip.decompress(kept)
        assert made == kept, f"{name}: run python -m tools.build_corpus"
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3_000_000


def test_the_readme_has_the_counts_of_today(tmp_path):
    readme = DATA / "README.md"
    copy = tmp_path / "README.md"
    copy.write_text(readme.read_text(encoding="utf-8").replace("| lookup |", "| lookup | 9"), encoding="utf-8")
    update(copy, DATA / "corpus")
    assert copy.read_text(encoding="utf-8") == readme.read_text(encoding="utf-8"), "run python -m tools.build_corpus"


def test_loading_gives_back_what_was_built(committed):
    contracts, facts, questions = build()
    assert committed[0] == contracts
    assert committed[1] == facts
    assert sorted(committed[2], key=lambda q: q.id) == sorted(questions, key=lambda q: q.id)
    assert len({q.id for q in questions}) == len(questions)


def test_there_are_enough_questions_of_each_type(committed):
    counts = Counter((q.split, q.type) for q in committed[2])
    for kind in QUOTA:
        assert counts["test", kind] >= 24, kind
        assert counts["dev", kind] >= 12, kind
        assert counts["train", kind] >= 24, kind
    assert sum(counts["test", kind] for kind in QUOTA) >= 360
    assert sum(counts["train", kind] for kind in QUOTA) >= 1200
    assert counts["test", "classification"] >= 120
    assert counts["test", "summary"] >= 24
    for split in SPLITS:
        assert {q.labels[0] for q in committed[2] if q.type == "classification" and q.split == split} == set(CLASSES)


def test_live_and_smoke_are_nested_and_stratified():
    whole, live, smoke = (load_questions(subset=subset) for subset in (None, "live", "smoke"))
    assert (len(live), len(smoke)) == (96, 8)
    assert {q.id for q in smoke} < {q.id for q in live} < {q.id for q in whole}
    kinds = Counter(q.type for q in live)
    assert set(kinds) == set(QUOTA)
    assert max(kinds.values()) - min(kinds.values()) <= 1
    assert len({q.type for q in smoke}) == 8


def test_the_world_has_the_shape_it_promises(committed):
    contracts = committed[0]
    sizes = Counter(contract.family for contract in contracts)
    assert len(sizes) == 14
    assert 45 <= len(contracts) <= 55
    assert max(sizes.values()) == 9
    assert list(sizes.values()).count(1) >= 3
    assert Counter(split for split, _ in {(c.split, c.family) for c in contracts}) == {"train": 7, "dev": 2, "test": 5}
    assert {c.metadata["kind"] for c in contracts} == {
        "master", "amendment", "statement of work", "order form", "non-disclosure agreement", "parent guarantee",
        "side letter",
        "assignment", "termination notice",
    }  # fmt: skip
    owners = {(c.metadata["parties"][1], c.split) for c in contracts}
    assert len(owners) == len({company for company, _ in owners}) == 9


def test_lengths_and_axes(committed):
    for contract in committed[0]:
        words, kind = len(contract.text.split()), contract.metadata["kind"]
        low, high = {"master": (1400, 3500), "non-disclosure agreement": (850, 3500)}.get(kind, (90, 1200))
        assert low <= words <= high, f"{contract.id}: {words} words"
        assert {"register", "values", "reference", "numbering", "furniture", "noise", "planted"} <= set(
            contract.metadata
        )
    assert [c.id for c in committed[0] if c.metadata["noise"]] == ["vlissingen-quay-master"]
    for axis in ("register", "values", "reference"):
        assert len({c.metadata[axis] for c in committed[0] if c.metadata["kind"] == "master"}) >= 3, axis
    furniture = {one for c in committed[0] for one in c.metadata["furniture"]}
    assert furniture == {"pages", "exhibits", "contents", "wrapped"}


def test_the_clause_library_is_wide_enough_for_a_small_reader():
    assert len(CLAUSES) >= 38
    for clause in CLAUSES:
        assert len(clause.wordings) >= 6, clause.type
        assert all(len(wording.text.split()) <= 120 for wording in clause.wordings), clause.type


# ---- facts


def test_facts_are_superseded_by_later_facts_of_the_same_type(committed):
    dates = {contract.id: contract.metadata["date"] for contract in committed[0]}
    facts = {fact.id: fact for fact in committed[1]}
    changed = [fact for fact in facts.values() if fact.superseded_by]
    assert len(changed) >= 20
    for fact in changed:
        later = facts[fact.superseded_by]
        assert later.type == fact.type
        assert later.value != fact.value
        assert dates[later.document] > dates[fact.document]


@pytest.mark.parametrize("region", [0, 1, 2, 3])
def test_dates_and_sums_make_sense(region):
    for family in families(region):
        master = family.papers[0]
        facts = master.facts
        for paper in family.papers[1:]:
            assert (paper.date < master.date) == (paper.kind == "non-disclosure agreement"), paper.id
        if {"effective_date", "expiration_date"} <= set(facts):
            assert master.date <= facts["effective_date"].amount < facts["expiration_date"].amount
        assert facts["insurance"].amount >= facts["liability_cap"].amount if "insurance" in facts else True
        if {"minimum_commitment", "volume_restriction"} <= set(facts):
            assert facts["minimum_commitment"].amount < facts["volume_restriction"].amount
        ends = [paper for paper in family.papers if paper.kind == "termination notice"]
        assert all(paper.facts["termination_date"].amount > paper.date for paper in ends)


def test_counts_of_the_aggregate_questions_hold_over_the_whole_corpus(committed):
    """A search goes through every split, so a count must be true of all of them."""
    contracts, facts, questions = committed
    source = {contract.id: contract for contract in contracts}
    alone = ("master", "non-disclosure agreement", "parent guarantee")
    asked = [q for q in questions if q.type == "aggregate" and q.labels[0] == "governing_law"]
    assert asked
    for question in asked:
        document = source[question.documents[0]]
        value = next(fact.value for fact in facts if fact.document == document.id and fact.type == "governing_law")
        same = [
            fact for fact in facts
            if fact.type == "governing_law" and fact.value == value and source[fact.document].metadata["kind"] in alone
            and source[fact.document].metadata["parties"][1] == document.metadata["parties"][1]
        ]  # fmt: skip
        assert question.answers[0] == str(len(same)), question.question


def test_extremes_hold_over_every_document_of_the_company(corpus):
    """Orders, letters and guarantees are signed papers too: none may state a longer or a shorter period."""
    contracts, facts, questions = corpus
    source = {contract.id: contract for contract in contracts}
    stated = {}
    for fact in facts:
        who = source[fact.document].metadata["parties"][1]
        kind = {"demand_days": "payment_days", "guarantee_cap": "liability_cap"}.get(fact.type, fact.type)
        stated.setdefault((who, kind), []).append(fact)
    asked = [q for q in questions if q.type == "aggregate" and q.labels[-1] == "extreme"]
    assert asked
    for question in asked:
        mine = stated[source[question.documents[0]].metadata["parties"][1], question.labels[0]]
        amounts = {int(fact.value.split()[0]) for fact in mine}
        units = {fact.value.split()[1].rstrip("s") for fact in mine}
        extreme = max if ".long." in question.id else min
        assert len(units) == 1, question.id
        assert question.answers[0].split()[0] == str(extreme(amounts)), question.id


RANKS = (
    "numbered amendments", "identified as an amendment", "consecutive number", "numbered consecutively",
    "the latter controls", "on this point alone",
)  # fmt: skip


def test_precedence_is_silent_only_where_no_paper_of_the_family_ranks_papers(corpus):
    contracts, facts, questions = corpus
    ranked = {
        contract.family for contract in contracts
        if contract.metadata["kind"] != "non-disclosure agreement"
        and any(words in _line(contract.text) for words in RANKS)
    }  # fmt: skip
    source = {contract.id: contract for contract in contracts}
    ranked |= {source[fact.document].family for fact in facts if fact.type == "order_of_precedence"}
    silent = [q for q in questions if q.labels[1:] == ("precedence silent", "applies")]
    assert silent
    assert [q.id for q in silent if q.family in ranked] == []


def test_where_a_clause_ranks_the_agreement_first_its_own_term_applies(corpus):
    contracts, facts, questions = corpus
    source = {contract.id: contract for contract in contracts}
    ranks = {fact.document: fact for fact in facts if fact.type == "order_of_precedence"}
    by_clause = [q for q in questions if q.labels[1:] == ("precedence by clause", "applies")]
    assert by_clause
    for question in by_clause:
        rank = ranks[question.documents[0]]
        term = next(f for f in facts if f.document == rank.document and f.type == question.labels[0])
        assert rank.value == "the body of the agreement", question.id
        assert {rank.span, term.span} <= set(question.evidence), question.id
        assert term.value in question.answers, question.id
        assert "Schedule B" not in source[rank.document].text_of(term.span), question.id


def _line(text: str) -> str:
    return " ".join(text.split()).lower()


def test_an_absent_term_is_not_asked_of_a_document_with_a_term_like_it(corpus):
    """A guarantee that is honoured within eight days has a time for payment, whatever its clause is called."""
    _, facts, questions = corpus
    like = {"demand_days": "payment_days", "guarantee_cap": "liability_cap"}
    stated = {(fact.document, like.get(fact.type, fact.type)) for fact in facts}
    absent = [q for q in questions if q.type == "unanswerable" and q.labels[-1] == "absent term"]
    assert [q.id for q in absent if (q.documents[0], q.labels[0]) in stated] == []


def test_terms_suit_the_business(corpus):
    """No hard hats among programmers, no photographs of the premises for a haulier."""
    odd = {
        "software": ("photographs of the premises", "hard hats", "customs duties", "packing list", "consignee"),
        "booking": ("hard hats", "night and weekend work", "customs duties", "sealed containers", "consignee"),
        "haulage": ("photographs of the premises",),
        "vessel": ("night and weekend work", "photographs of the premises", "tools and moulds"),
        "yarn": ("sealed containers", "photographs of the premises"),
    }  # fmt: skip
    subjects = {family.id: family.subject for number in range(20) for family in families(number)}
    found = [
        (contract.id, words)
        for contract in corpus[0]
        for words in odd.get(subjects.get(contract.family, ""), ())
        if words in _line(contract.text)
    ]
    assert found == []


def test_a_code_belongs_to_one_document(corpus):
    codes = Counter(contract.metadata["code"] for contract in corpus[0])
    assert [code for code, count in codes.items() if count > 1] == []
    priced = {(q.evidence[0].document, q.id.split(".")[2]) for q in corpus[2] if q.labels[-1] == "price code"}
    assert len({code for _, code in priced}) == len(priced)


def test_what_has_no_answer_has_no_evidence_but_something_that_tempts(committed):
    without = [q for q in committed[2] if not q.answerable]
    assert {q.type for q in without} == {"unanswerable", "conflict"}
    assert all(not q.evidence for q in without)
    assert sum(bool(q.nearby) for q in without) > 0.8 * len(without)
    orphans = [q for q in committed[2] if q.type == "orphan"]
    source = {contract.id: contract for contract in committed[0]}
    for q in orphans:
        names = source[q.documents[0]].metadata["short_names"]
        assert not any(name in source[q.documents[0]].text_of(q.evidence[0]) for name in names)
        assert any(
            name.lower() in source[q.documents[0]].text_of(q.nearby[0]).replace("\n", " ").lower() for name in names
        )


# ---- scale


def test_a_larger_corpus_begins_with_the_smaller_one(thousand):
    contracts, _, questions = build()
    assert thousand[0][: len(contracts)] == contracts
    assert thousand[2][: len(questions)] == questions
    assert len(thousand[0]) == SCALE
    assert len({contract.id for contract in thousand[0]}) == SCALE


def test_regions_are_let_go_of_once_written():
    alive = []
    for region in regions(160):
        alive.append(weakref.ref(region[0][0]))
        del region
    gc.collect()
    assert len(alive) == 4
    assert all(reference() is None for reference in alive)


def test_a_cut_corpus_is_whole_in_itself(tmp_path):
    manifest = write(tmp_path, contracts=7)
    rows = [json.loads(line) for line in (tmp_path / "contracts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert manifest["files"]["contracts.jsonl"]["records"] == len(rows) == 7
    known = {row["id"] for row in rows}
    asked = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert asked
    assert all(set(row["documents"]) <= known for row in asked)


@pytest.mark.parametrize(("number", "sentence"), [("0", "at least one contract"), ("5", "name another folder")])
def test_bad_options_get_a_sentence(number, sentence, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["build_corpus", "--contracts", number])
    with pytest.raises(SystemExit):
        main()
    assert sentence in capsys.readouterr().err
