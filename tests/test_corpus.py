"""The authored corpus as committed: spans exact, answers derivable, nothing leaks between splits; and damage is
named."""

import re
import shutil
from collections import Counter
from itertools import pairwise, product
from pathlib import Path

import pytest

from llm_workbook.corpus import load
from llm_workbook.corpus.load import CorpusError, data_status, load_contracts, load_facts, load_questions
from llm_workbook.corpus.records import Contract, Question, Span
from tools.build_corpus.build import write

SPLITS, TASKS = ("train", "dev", "test"), ("qa", "classification", "summary")
ONE_SPAN_HOLDS_IT = ("lookup", "paraphrase", "orphan", "identifier", "pointer", "superseded", "comparison", "bridge")
FILES = ("contracts.jsonl", "facts.jsonl", "questions.jsonl")


def contracts() -> dict[str, Contract]:
    return {contract.id: contract for contract in load_contracts()}


def questions(*tasks: str) -> list[Question]:
    return [
        question for split in SPLITS for task in tasks or TASKS for question in load_questions(split=split, task=task)
    ]


def holds(text: str, value: str) -> bool:
    """Does the value stand in the text as whole words, whatever the case and the line breaks?"""
    text, value = (" ".join(part.lower().split()) for part in (text, value))
    return re.search(rf"(?<![\w.,-]){re.escape(value)}(?!\w)", text) is not None


def wrong(found: list) -> list:
    """The first few counter-examples: an empty list is what a test wants to see."""
    return found[:3]


def test_every_span_lies_in_its_document_and_is_exact():
    documents = contracts()
    spans = [span for question in questions() for span in question.evidence] + [
        fact.span for fact in load_facts() if fact.span
    ]
    assert spans
    texts = [(span, documents[span.document].text_of(span)) for span in set(spans)]  # text_of raises past the end
    assert wrong([span for span, text in texts if text != text.strip()]) == []
    assert (
        wrong(
            [
                question.id
                for question in questions()
                if {span.document for span in question.evidence} - set(question.documents)
            ]
        )
        == []
    )


def test_sections_follow_each_other_within_the_text():
    for contract in contracts().values():
        assert contract.sections
        assert all(before.start < before.end <= after.start for before, after in pairwise(contract.sections)), (
            contract.id
        )
        assert contract.sections[0].start >= 0
        assert contract.sections[-1].end <= len(contract.text)
        headings = [
            (section.title, contract.text[section.start : section.end].split("\n")[0]) for section in contract.sections
        ]
        assert [title for title, line in headings if title.lower() not in line.lower()] == [], contract.id


def test_the_evidence_is_where_the_facts_are_stated():
    facts = {fact.id: fact for fact in load_facts()}
    asked = [question for question in questions("qa") if question.facts]
    assert asked
    assert wrong([question.id for question in asked if not set(question.facts) <= facts.keys()]) == []
    stated = {question.id: {facts[name].span for name in question.facts if facts[name].span} for question in asked}
    assert wrong([question.id for question in asked if not stated[question.id] <= set(question.evidence)]) == []


@pytest.mark.parametrize("kind", ONE_SPAN_HOLDS_IT)
def test_every_answer_can_be_derived_from_its_evidence(kind):
    documents = contracts()
    asked = [question for question in questions("qa") if question.type == kind]
    assert asked

    def found(question: Question) -> bool:
        return any(
            holds(documents[span.document].text_of(span), answer)
            for span in question.evidence
            for answer in question.answers
        )

    assert wrong([question.id for question in asked if not found(question)]) == []


def test_a_superseded_term_is_answered_by_the_newest_document():
    documents = contracts()
    for question in (question for question in questions("qa") if question.type == "superseded"):
        newest = max(question.evidence, key=lambda span: documents[span.document].metadata["date"])
        text = documents[newest.document].text_of(newest)
        assert len({span.document for span in question.evidence}) > 1, question.id
        assert any(holds(text, answer) for answer in question.answers), question.id


def test_unanswerable_questions_have_no_evidence_and_the_others_have_some():
    assert wrong([question.id for question in questions() if question.answerable != bool(question.evidence)]) == []
    assert (
        wrong(
            [
                question.id
                for question in questions("qa")
                if question.answerable == (question.answers[0] == "not stated")
            ]
        )
        == []
    )


def test_no_question_is_answerable_from_its_own_text():
    asked = [question for question in questions("qa") if question.answerable]
    assert (
        wrong(
            [question.id for question in asked if any(holds(question.question, answer) for answer in question.answers)]
        )
        == []
    )


def test_a_superseded_fact_names_a_later_fact_of_its_type():
    facts = {fact.id: fact for fact in load_facts()}
    replaced = [fact for fact in facts.values() if fact.superseded_by]
    assert replaced
    for fact in replaced:
        later = facts[fact.superseded_by]
        assert later.type == fact.type
        assert later.value != fact.value
        assert later.valid_from > fact.valid_from


@pytest.mark.parametrize(
    "records", [lambda: list(load_contracts()), load_facts, questions], ids=["contracts", "facts", "questions"]
)
def test_ids_are_unique(records):
    assert [name for name, count in Counter(record.id for record in records()).items() if count > 1] == []


def test_families_and_documents_belong_to_one_split():
    documents = contracts()
    splits_of = {contract.family: set() for contract in documents.values()}
    for contract in documents.values():
        splits_of[contract.family].add(contract.split)
    assert {family: splits for family, splits in splits_of.items() if len(splits) > 1} == {}
    assert {split for splits in splits_of.values() for split in splits} == set(SPLITS)
    for question in questions():
        assert {documents[name].split for name in question.documents} == {question.split}, question.id
        assert question.family in {documents[name].family for name in question.documents}, question.id


def test_wordings_and_questions_of_train_and_test_are_disjoint():
    train, test = ([question for question in questions() if question.split == split] for split in ("train", "test"))
    assert all(question.wording_group for question in train + test)
    assert {question.wording_group for question in train} & {question.wording_group for question in test} == set()
    for other in ("train", "dev"):
        texts = {question.question for question in questions("qa") if question.split == other}
        assert texts & {question.question for question in test} == set()


def test_every_type_of_the_test_split_can_be_learned_and_tuned():
    types = {
        split: {(question.task, question.type) for question in questions() if question.split == split}
        for split in SPLITS
    }
    assert len(types["test"]) >= 10
    assert types["test"] <= types["train"]
    assert types["test"] <= types["dev"]


def test_subsets_are_nested_and_stratified():
    whole, live, smoke = (load_questions(subset=subset) for subset in (None, "live", "smoke"))
    assert (len(live), len(smoke)) == (96, 8)
    assert (
        {question.id for question in smoke} < {question.id for question in live} < {question.id for question in whole}
    )
    everywhere, in_live = Counter(question.type for question in whole), Counter(question.type for question in live)
    assert all(in_live[kind] >= min(count, 96 // len(everywhere)) for kind, count in everywhere.items())
    assert len({question.type for question in smoke}) == min(8, len(everywhere))


def five_grams(text: str) -> set[tuple[str, ...]]:
    tokens = re.findall(r"\w+", text.lower())
    return set(zip(*(tokens[shift:] for shift in range(5)), strict=False))


def test_no_test_document_nearly_repeats_a_train_document():
    documents = [(contract.id, five_grams(contract.text), contract.split) for contract in load_contracts()]
    train, test = ([(name, grams) for name, grams, its in documents if its == split] for split in ("train", "test"))
    near = [
        (a, b) for (a, first), (b, second) in product(train, test) if len(first & second) >= 0.5 * len(first | second)
    ]
    assert near == []


def test_the_committed_files_are_small():
    assert sum(path.stat().st_size for path in load.FOLDER.iterdir()) < 3_000_000


def test_building_again_gives_the_same_bytes(tmp_path):
    write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in load.FOLDER.iterdir())
    assert [
        path.name for path in tmp_path.iterdir() if path.read_bytes() != (load.FOLDER / path.name).read_bytes()
    ] == []


@pytest.fixture
def copy(tmp_path, monkeypatch) -> Path:
    """A copy of the data files that the loader reads in place of the committed ones."""
    folder = tmp_path / "corpus"
    shutil.copytree(load.FOLDER, folder)
    monkeypatch.setattr(load, "FOLDER", folder)
    load._rows.cache_clear()
    yield folder
    load._rows.cache_clear()


def load_everything() -> None:
    load_contracts(), load_facts(), load_questions()


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_named_with_its_mend(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(
        CorpusError, match=f"{name} of the authored corpus is damaged.*Restore it: git checkout -- data/corpus"
    ):
        load_everything()
    ok, sentence, mend = data_status()
    assert (ok, mend) == (False, "git checkout -- data/corpus")
    assert name in sentence


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_its_mend(copy, name):
    (copy / name).unlink()
    with pytest.raises(
        CorpusError, match=f"{name} of the authored corpus cannot be read.*Restore it: git checkout -- data/corpus"
    ):
        load_everything()


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b'{"files": {}}', b"\xff\xfe\xff"], ids=["missing", "empty", "cut", "old", "binary"]
)
def test_a_damaged_manifest_is_a_sentence(copy, content):
    (copy / "MANIFEST.json").unlink() if content is None else (copy / "MANIFEST.json").write_bytes(content)
    with pytest.raises(
        CorpusError, match="contracts.jsonl of the authored corpus cannot be read.*git checkout -- data/corpus"
    ):
        load_everything()


def test_the_status_of_whole_files(copy):
    ok, sentence, mend = data_status()
    assert (ok, mend) == (True, "")
    assert sentence.startswith(
        f"{len(load_contracts())} contracts, {len(load_facts())} facts, {len(questions())} questions"
    )


@pytest.mark.parametrize("loader", [load_contracts, load_questions])
def test_an_unknown_corpus_lists_what_there_is(loader):
    with pytest.raises(CorpusError, match="unknown corpus 'contracts': choose one of authored, cuad"):
        loader("contracts")


def test_contracts_and_questions_can_be_narrowed():
    assert {contract.split for contract in load_contracts(split="dev")} == {"dev"}
    assert {question.type for question in load_questions(types=["orphan"])} == {"orphan"}
    assert isinstance(load_questions()[0].evidence[0], Span)
