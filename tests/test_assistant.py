"""The assistant of lab 1.7: built, asked, saved, opened elsewhere, served; and its traces."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from llm_workbook.assistant import __main__ as command
from llm_workbook.assistant import trace
from llm_workbook.assistant.pipeline import (
    SETTINGS,
    AssistantError,
    Pipeline,
    build,
    open_assistant,
)
from llm_workbook.assistant.trace import GENAI, OPERATION, Span, Trace, spans_of
from llm_workbook.benchmark.systems import Answer
from llm_workbook.corpus.load import load_contracts
from llm_workbook.settings import ROOT

QUESTION = "How long is the notice of termination?"


@pytest.fixture(scope="module")
def contracts():
    return load_contracts("authored", "dev")[:1]


@pytest.fixture(scope="module")
def folder(contracts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assistant")
    build(folder, contracts, Pipeline(encoder="plain", reranker=False, candidates=8))
    return folder


def saying(*answers):
    return GenericFakeChatModel(messages=iter([AIMessage(answer) for answer in answers]))


@pytest.fixture
def assistant(folder):
    return open_assistant(folder)


def test_an_answer_has_its_clause_and_its_trace(assistant):
    first = assistant.search(QUESTION, 1)[0]
    quote = " ".join(first.page_content.partition(": ")[2].split()[3:6])
    assistant.reader = saying(quote)
    reply = assistant.runnable.invoke(QUESTION)
    assert (reply.answer, reply.refused) == (quote, False)
    start, end = reply.cited.quote
    assert reply.cited.text[start:end].split() == quote.split()
    assert [span.name for span in reply.spans] == ["search", "pack", "generate"]
    assert reply.spans[1].fields["tokens"] <= 200


def test_what_no_clause_contains_is_not_cited(assistant):
    assistant.reader = saying("forty-two zebras")
    assert assistant.answer(QUESTION).cited is None


def test_two_readings_that_disagree_are_no_answer(assistant):
    assistant.pipeline = replace(assistant.pipeline, agree=True)
    assistant.reader = saying("thirty days", "Thirty days.", "thirty days", "forty days")
    assert [assistant.answer(QUESTION).answer for _ in range(2)] == ["thirty days", "not stated"]


@pytest.mark.slow
def test_another_process_finds_the_same(assistant, folder):
    program = (
        "import sys; from pathlib import Path; from llm_workbook.assistant.pipeline import *\n"
        "print([name_of(hit) for hit in open_assistant(Path(sys.argv[1])).search(sys.argv[2], 5)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), QUESTION], capture_output=True, text=True, cwd=ROOT, check=True
    )
    from llm_workbook.assistant.pipeline import name_of

    assert done.stdout.splitlines()[-1] == str([name_of(hit) for hit in assistant.search(QUESTION, 5)])


@pytest.mark.parametrize("question", ["", "  ", "x" * 2001, None])
def test_a_question_that_is_none_gets_a_sentence(assistant, question):
    with pytest.raises(AssistantError, match="a question has 1 to 2000 characters"):
        assistant.search(question)


@pytest.mark.parametrize("k", [0, -1, 9])
def test_more_clauses_than_there_are_candidates_get_a_sentence(assistant, k):
    with pytest.raises(AssistantError, match="ask for 1 to 8 clauses"):
        assistant.search(QUESTION, k)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"encoder": "best"}, "choose plain or domain"),
        ({"budget": 0}, "whole number from 1 on"),
        ({"candidates": True}, "whole number from 1 on"),
        ({"reranker": "yes"}, "True or False"),
    ],
)
def test_settings_that_are_none_get_a_sentence(settings, told):
    with pytest.raises(AssistantError, match=told):
        Pipeline(**settings)


def test_nothing_to_index_gets_a_sentence(tmp_path):
    with pytest.raises(AssistantError, match="nothing to index"):
        build(tmp_path, [])


def test_a_build_that_is_cut_off_leaves_the_earlier_assistant(folder, contracts, monkeypatch):
    from langchain_chroma import Chroma

    def cut_off(*_, **__):
        raise KeyboardInterrupt

    before = open_assistant(folder).search(QUESTION, 3)
    monkeypatch.setattr(Chroma, "add_documents", cut_off)
    build(folder, contracts, Pipeline(encoder="plain", reranker=False, candidates=8))  # nothing is to be added
    with pytest.raises(KeyboardInterrupt):
        build(folder, load_contracts("authored", "dev")[1:2], Pipeline(encoder="plain", reranker=False, candidates=8))
    assert open_assistant(folder).search(QUESTION, 3) == before
    monkeypatch.undo()
    other = build(folder, load_contracts("authored", "dev")[1:2], Pipeline(encoder="plain", reranker=False))
    assert other.search(QUESTION, 1) != before[:1]
    build(folder, contracts, Pipeline(encoder="plain", reranker=False, candidates=8))


def test_all_candidates_are_ranked_anew(assistant, monkeypatch):
    assistant.pipeline = replace(assistant.pipeline, reranker=True, candidates=30)
    monkeypatch.setattr(assistant, "_late", lambda question, texts: list(range(len(texts))))
    found = assistant.index.similarity_search(QUESTION, k=30)
    assert assistant.search(QUESTION, 30) == found[::-1]


def spoiled(folder, tmp_path, change):
    """A copy of an assistant's settings beside its index, changed."""
    import shutil

    other = tmp_path / "copy"
    shutil.copytree(folder, other)
    settings = json.loads((other / SETTINGS).read_text())
    (other / SETTINGS).write_text(change(settings))
    return other


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: json.dumps(one)[:40], "cannot be read"),
        (lambda one: "[]", "cannot be read"),
        (
            lambda one: json.dumps(one | {"pipeline": {"encoder": "plain", "speed": 9}}),
            "has the fields encoder, reranker",
        ),
        (lambda one: json.dumps(one | {"pipeline": {"encoder": "best"}}), "choose plain or domain"),
        (lambda one: json.dumps(one | {"index": "../elsewhere"}), "cannot name a file or folder"),
        (lambda one: json.dumps(one | {"index": "index-0123456789ab"}), "build the assistant again"),
        (lambda one: json.dumps(one | {"documents_sha256": "0" * 64}), "was changed"),
        (lambda one: json.dumps(one | {"encoder_sha256": "0" * 64}), "another encoder"),
    ],
)
def test_a_folder_that_was_changed_gets_a_sentence(folder, tmp_path, change, told):
    with pytest.raises(AssistantError, match=told):
        open_assistant(spoiled(folder, tmp_path, change))


def test_an_index_that_lost_a_clause_is_refused(folder, tmp_path):
    other = spoiled(folder, tmp_path, json.dumps)
    open_assistant(other).index.delete(ids=["0"])
    with pytest.raises(AssistantError, match="was changed"):
        open_assistant(other)


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert command.main([str(tmp_path)]) == 1
    assert "contains no assistant" in capsys.readouterr().err


# ------------------------------------------------------------------ traces


def test_every_name_is_one_of_opentelemetry():
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as known

    names = {value for value in vars(known).values() if isinstance(value, str)}
    assert set(GENAI.values()) <= names
    operations = {one.value for one in known.GenAiOperationNameValues}
    assert set(OPERATION.values()) <= operations


def test_the_harness_has_the_same_spans():
    spans = spans_of(Answer("30 days", input_tokens=7, output_tokens=2, seconds={"search": 0.5, "generate": 1.0}))
    assert [(span.name, span.start_s, span.ms) for span in spans] == [("search", 0.0, 500.0), ("generate", 0.5, 1000.0)]
    assert spans[1].attributes()["gen_ai.usage.output_tokens"] == 2


def test_a_step_that_fails_is_kept_with_its_error():
    kept = Trace()
    with pytest.raises(KeyError), kept.step("search"):
        raise KeyError("x")
    assert kept.spans[0].fields == {"error": "KeyError: 'x'"}


def test_traces_are_added_and_a_line_that_was_cut_off_costs_that_line_alone(tmp_path):
    path = tmp_path / "traces.jsonl"
    trace.write(path, "one?", [Span("search", 0.0, 1.5, {"places": ["a:0-9"]})], right=True)
    with path.open("a") as file:
        file.write('{"question": "cut')
    trace.write(path, "two?", [])
    assert [(one["question"], one.get("right")) for one in trace.read(path)] == [("one?", True), ("two?", None)]
    assert trace.read(path)[0]["spans"][0].fields == {"places": ["a:0-9"]}
    assert trace.read(tmp_path / "none") == []


# ------------------------------------------------------------------ the server

HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@pytest.mark.slow
def test_a_client_lists_both_tools_and_calls_them(folder, tmp_path):
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    start = StdioServerParameters(command=sys.executable, args=["-m", "llm_workbook.assistant", str(folder)], cwd=ROOT)

    async def calls(log):
        async with Client(stdio_client(start, errlog=log)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            found = await client.call_tool("search", {"question": QUESTION, "k": 2})
            refused = [await client.call_tool("search", {"question": QUESTION, "k": -1}),
                       await client.call_tool("search", {"question": ""}),
                       await client.call_tool("search", {"k": 2})]  # fmt: skip
            return tools, found, refused

    with (tmp_path / "log").open("w") as log:
        tools, found, refused = asyncio.run(calls(log))
    assert tools == ["search", "answer"]
    clauses = found.structured_content["clauses"]
    assert [sorted(one) for one in clauses] == [["document", "end", "start", "text", "title"]] * 2
    assert all(one.is_error for one in refused)
    assert "ask for 1 to 8 clauses" in refused[0].content[0].text


@pytest.mark.slow
def test_only_the_protocol_is_on_standard_output(folder):
    """Also when a library prints: the server is started with one that does."""
    program = (
        "import sys; from pathlib import Path; from llm_workbook.assistant import pipeline, server\n"
        "known = pipeline.Assistant.search\n"
        "def search(*args, **more): print('a library says hello'); return known(*args, **more)\n"
        "pipeline.Assistant.search = search; server.serve(Path(sys.argv[1]))"
    )
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": "search", "arguments": {"question": QUESTION}}}  # fmt: skip
    asked = [HELLO, {"jsonrpc": "2.0", "method": "notifications/initialized"}, call]
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    for one in asked:
        process.stdin.write(json.dumps(one) + "\n")
        process.stdin.flush()
    lines = [json.loads(process.stdout.readline()) for _ in (HELLO, call)]
    process.stdin.close()
    process.wait(timeout=30)
    assert [one["id"] for one in lines] == [1, 2] and "error" not in lines[1]
    assert process.stdout.read().strip() == ""
    assert "a library says hello" in process.stderr.read()


def test_an_answer_is_bounded_and_cited(folder):
    from llm_workbook.assistant.server import LONGEST_TEXT, _told

    assistant = open_assistant(folder)
    first = assistant.search(QUESTION, 1)[0]
    assistant.reader = saying(" ".join(first.page_content.partition(": ")[2].split()[:4]))
    told = _told(assistant.answer(QUESTION))
    assert sorted(told) == ["answer", "citation", "refused"]
    assert told["citation"]["document"] == first.metadata["document"]
    assert len(told["citation"]["text"]) <= LONGEST_TEXT
