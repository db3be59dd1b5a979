"""Benchmarks: our paths against the plain library paths, in one process, one after the other.

usage: python tools/bench.py [answers] [load] [training] [index]        (needs the offline models: python3 workbook.py
fetch) Figures depend on the machine; the ratio is what to read.
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from langchain_core.embeddings import Embeddings

    from llm_workbook.models.chat import LocalChat

QUESTIONS = 24
NEW_TOKENS = 24
TRAINING_STEPS = 12
INDEX_SIZES, SEARCHES, TOP = (1_000, 10_000, 100_000), 200, 10


def answers() -> None:
    """Answers per second: LocalChat.batch against HuggingFacePipeline.invoke one by one, on the same prompts."""
    import torch
    from langchain_huggingface import HuggingFacePipeline
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    from llm_workbook.models.offline import LLM, ready_folder

    chat = _offline_chat(NEW_TOKENS)
    chat.use_cache = False
    prompts = retrieval_prompts()
    chat.batch([*prompts[:2]])
    started = time.perf_counter()
    replies = chat.batch([*prompts])
    ours = time.perf_counter() - started
    tokens = sum(reply.usage_metadata["input_tokens"] for reply in replies if reply.usage_metadata) / len(replies)

    folder = ready_folder(LLM)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    generate = pipeline("text-generation", model=model, tokenizer=tokenizer, max_new_tokens=NEW_TOKENS, do_sample=False)
    plain = HuggingFacePipeline(pipeline=generate)
    texts = [chat.prompt(chat._convert_input(prompt).to_messages()) for prompt in prompts]
    plain.invoke(texts[0])
    started = time.perf_counter()
    for text in texts:
        plain.invoke(text)
    theirs = time.perf_counter() - started
    print(f"{QUESTIONS} prompts of {tokens:.0f} tokens, {NEW_TOKENS} new tokens, {chat.identity}")
    print(f"LocalChat.batch                    {QUESTIONS / ours:6.2f} answers per second")
    print(f"HuggingFacePipeline.invoke (fp32)  {QUESTIONS / theirs:6.2f} answers per second")
    print(f"ratio                              {theirs / ours:6.2f}")


def _offline_chat(max_new_tokens: int = 32) -> "LocalChat":
    from llm_workbook.models.chat import LocalChat, load_chat_model

    chat = load_chat_model(max_new_tokens=max_new_tokens)
    assert isinstance(chat, LocalChat), "the offline model runs on this machine"
    return chat


def retrieval_prompts() -> list[str]:
    """Prompts as a retrieval pipeline writes them: a question under about 1,100 characters of contract."""
    from llm_workbook.corpus.load import load_contracts, load_questions

    contracts, questions = load_contracts(), load_questions()[:QUESTIONS]
    texts = [contracts[number % len(contracts)].text for number in range(QUESTIONS)]
    return [
        f"{text[2000:3100]}\n\nQuestion: {question.question}" for text, question in zip(texts, questions, strict=True)
    ]


def load() -> None:
    """Seconds to load the converted model, in a fresh process, library imports apart."""
    code = (
        "import time, torch, transformers, langchain_core.language_models\n"
        "from transformers import LlamaForCausalLM, AutoTokenizer\n"
        "from llm_workbook.models.chat import load_chat_model\n"
        "started = time.perf_counter(); load_chat_model()\n"
        "print(f'{time.perf_counter() - started:.2f}')"
    )
    times = sorted(float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3))
    print(f"load the language model: {times[1]:.2f} s (median of 3, imports apart)")


def training() -> None:
    """Tokens per second, peak memory and held-out loss: lab 2.2's training against TRL's SFTTrainer, each in a process
    of its own.

    The same data in the same order, the same learning rates, rank 16, steps of 8; the adapters of ours sit in the upper
    half of the layers, as in the lab; "ours, all layers" and TRL have them in all. TRL as it comes: fp32 weights under
    bf16 autocast, batch 8, activation checkpointing. TRL again without the checkpointing, which is faster and takes
    more memory.
    """
    print(f"{TRAINING_STEPS} steps of 8 examples   tokens per second   peak GB   held-out loss")
    rows = {}
    for path in ("ours", "ours, all layers", "TRL", "TRL, no checkpointing"):
        output = subprocess.run(
            [sys.executable, __file__, "training-path", path], capture_output=True, text=True, check=True
        ).stdout
        rows[path] = speed, peak, loss = [float(value) for value in output.splitlines()[-1].split()]
        print(f"{path:<26}{speed:>18.0f}{peak:>10.2f}{loss:>16.3f}", flush=True)
    for path in ("ours", "ours, all layers"):
        speed, memory = rows[path][0] / rows["TRL"][0], rows[path][1] / rows["TRL"][1]
        print(f"{path} against TRL: {speed:.1f} times the speed, {memory:.2f} of the memory")


def _training_path(path: str) -> None:
    """One path: prints tokens per second, peak GB of this process, and the loss on examples of the dev families."""
    import random
    import resource

    from llm_workbook.benchmark.prompt import conversation
    from llm_workbook.benchmark.reading import ReadingExam, raft_example
    from llm_workbook.corpus.load import load_contracts, load_questions
    from llm_workbook.models.embeddings import CachedEmbeddings
    from llm_workbook.taught.lab_2_2 import encode
    from llm_workbook.training.fit import Recipe, batch_at, mean_loss, prepare, train

    exam, chat = ReadingExam("authored", load_contracts(), CachedEmbeddings()), _offline_chat()
    recipe = Recipe(steps=TRAINING_STEPS, layers="top half" if path == "ours" else "all")

    def examples(split: str, count: int) -> list:
        rng, made = random.Random(split), []
        for question in [q for q in load_questions("authored", split) if 0 < len(q.evidence) <= 3][:count]:
            clauses, answer = raft_example(question, exam.oracle(question), exam.strangers(question, 2, rng), rng)
            made.append(encode(chat.tokenizer, conversation(clauses, question.question), answer))
        return made

    data, held_out = examples("train", 400), examples("dev", 24)
    ordered = [batch_at(data, recipe, step) for step in range(recipe.steps)]
    tokens = sum(len(ids) for batch in ordered for ids, _ in batch)
    if path.startswith("ours"):
        model = prepare(chat.model, recipe)
        started = time.perf_counter()
        train(model, data, recipe)
        seconds = time.perf_counter() - started
    else:
        model, seconds = _trl(chat, [one for batch in ordered for one in batch], recipe, "no" not in path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    print(tokens / seconds, peak, mean_loss(model, held_out))


def _trl(chat, ordered: list, recipe, checkpointing: bool) -> tuple:
    """(the model that TRL trained, seconds), with TRL's defaults but for data order and learning rates, which are
    ours."""
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from llm_workbook.models.offline import LLM, ready_folder
    from llm_workbook.training.fit import learning_rate_at, prepare

    parts = [(ids[: labels.count(-100)], ids[labels.count(-100) : -1]) for ids, labels in ordered]
    texts = [[chat.tokenizer.decode(part) for part in pair] for pair in parts]
    data = Dataset.from_dict({"prompt": [prompt for prompt, _ in texts], "completion": [answer for _, answer in texts]})
    tokenizer, chat.model = chat.tokenizer, None
    model = prepare(AutoModelForCausalLM.from_pretrained(ready_folder(LLM), dtype=torch.float32), recipe)
    optimizer = torch.optim.AdamW(
        [w for w in model.parameters() if w.requires_grad], lr=recipe.learning_rate, weight_decay=0.0
    )
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate_at(recipe, step) / recipe.learning_rate
    )
    with tempfile.TemporaryDirectory() as folder:
        options = SFTConfig(
            output_dir=folder, max_steps=recipe.steps, train_sampling_strategy="sequential", save_strategy="no",
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(), activation_checkpointing=checkpointing,
        )  # fmt: skip
        trainer = SFTTrainer(
            model, options, train_dataset=data, processing_class=tokenizer, optimizers=(optimizer, rates)
        )
        started = time.perf_counter()
        trainer.train()
    assert trainer.model is not None
    return trainer.model.eval(), time.perf_counter() - started


def _given(vectors: "np.ndarray") -> "Embeddings":
    """Embeddings that are known already, handed out in order."""
    from langchain_core.embeddings import Embeddings

    left = iter(vectors)

    class Given(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [next(left).tolist() for _ in texts]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return Given()


def index() -> None:
    """Seconds to fill an index, milliseconds of a search and memory at three sizes: lab 1.2's path against raw Chroma,
    embedded and as a server, and bm25s beside.

    The vectors are those of the corpus's clauses; beyond their number each is a clause's vector with a little noise, so
    that the index meets neighbours as close as in a larger corpus of the same kind. The encoder is not part of it (the
    labs' ledgers have its seconds). bm25s searches the clauses' texts for eight words of one. MB: what the process that
    holds the index grew by, its first use of the library included. recall: of the ten nearest by an exact search, the
    share that the index finds.
    """
    import numpy as np
    import psutil

    texts, vectors = _clauses(max(INDEX_SIZES) + SEARCHES)
    words = [" ".join(text.split()[:8]) for text in texts[-SEARCHES:]]
    asked = list(zip(vectors[-SEARCHES:].tolist(), words, strict=True))
    print(f"{'entries':>9}  {'path':<26}{'seconds to fill':>16}{'p50 ms':>9}{'p95 ms':>9}{'MB':>7}{'recall':>9}")
    for size in INDEX_SIZES:
        exact = np.argsort(-(vectors[-SEARCHES:] @ vectors[:size].T), axis=1)[:, :TOP]
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            _server(Path(folder, "server")) as (server, pid),
        ):
            for name, fill in _paths(Path(folder, "embedded"), server).items():
                holder = psutil.Process(pid if "server" in name else None)
                before, started, milliseconds, hits = holder.memory_info().rss, time.perf_counter(), [], 0
                search = fill(texts[:size], vectors[:size])
                seconds = time.perf_counter() - started
                for question, nearest in zip(asked, exact.tolist(), strict=True):
                    started = time.perf_counter()
                    found = search(*question)
                    milliseconds.append(1000 * (time.perf_counter() - started))
                    hits += len(set(found) & set(nearest))
                p50, p95 = np.quantile(milliseconds, (0.5, 0.95))
                grown = (holder.memory_info().rss - before) / 1e6
                recall = "" if "bm25s" in name else f"{hits / TOP / SEARCHES:.3f}"
                line = f"{size:>9,}  {name:<26}{seconds:>16.1f}{p50:>9.2f}{p95:>9.2f}{grown:>7.0f}{recall:>9}"
                print(line, flush=True)


def _paths(folder: Path, server: "ClientAPI") -> "dict[str, Callable[[list[str], np.ndarray], Callable]]":
    """name -> fill(texts, vectors) -> search(vector, text) -> places of the first TOP."""
    import bm25s
    import chromadb
    from langchain_core.documents import Document

    from llm_workbook.benchmark.search import chroma_index
    from llm_workbook.taught.lab_1_4 import terms

    def ours(texts: list[str], vectors: "np.ndarray") -> Callable:
        entries = [Document(text, metadata={"start_index": number}) for number, text in enumerate(texts)]
        found = chroma_index(entries, _given(vectors), "ours")
        search = found.similarity_search_by_vector
        return lambda vector, _: [hit.metadata["start_index"] for hit in search(vector, k=TOP)]

    def raw(client: "ClientAPI") -> Callable:
        def fill(texts: list[str], vectors: "np.ndarray") -> Callable:
            found = client.get_or_create_collection("raw", configuration={"hnsw": {"space": "cosine"}})
            most = client.get_max_batch_size()
            for first in range(0, len(texts), most):
                part = slice(first, min(first + most, len(texts)))
                numbers = range(part.start, part.stop)
                found.add([str(n) for n in numbers], vectors[part], [{"start_index": n} for n in numbers], texts[part])
            return lambda vector, _: [int(name) for name in found.query([vector], n_results=TOP)["ids"][0]]

        return fill

    def keywords(texts: list[str], _: "np.ndarray") -> Callable:
        found = bm25s.BM25()
        found.index([terms(text) for text in texts], show_progress=False)
        return lambda _, text: found.retrieve([terms(text)], k=TOP, show_progress=False)[0][0].tolist()

    in_memory = chromadb.EphemeralClient()
    if any(one.name == "raw" for one in in_memory.list_collections()):
        in_memory.delete_collection("raw")
    return {
        "ours, in memory": ours,
        "Chroma, in memory": raw(in_memory),
        "Chroma, on disk": raw(chromadb.PersistentClient(str(folder))),
        "Chroma, server over HTTP": raw(server),
        "bm25s, in memory": keywords,
    }


def _clauses(count: int) -> tuple:
    """(texts, unit vectors of shape (count, 384) in float32), in a random order."""
    import numpy as np

    from llm_workbook.corpus.load import load_contracts
    from llm_workbook.models.embeddings import CachedEmbeddings

    rng, contracts = np.random.default_rng(7), load_contracts()
    known = [f"{c.title}, {part.title}: {c.text[part.start : part.end]}" for c in contracts for part in c.sections]
    vectors = np.array(CachedEmbeddings().embed_documents(known), dtype=np.float32)
    chosen = rng.integers(len(known), size=count)
    noisy = vectors[chosen] + rng.normal(0, 0.3 / np.sqrt(vectors.shape[1]), (count, vectors.shape[1])).astype(
        np.float32
    )
    return [known[place] for place in chosen], noisy / np.linalg.norm(noisy, axis=1, keepdims=True)


@contextmanager
def _server(folder: Path) -> Iterator:
    """(client, process id) of a Chroma server on this machine, started for it and stopped afterwards.

    It runs `chroma run --path FOLDER --port PORT`.
    """
    import chromadb

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("chroma")),
        "run",
        "--path",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for attempt in range(60):
            try:
                client = chromadb.HttpClient("127.0.0.1", port)
                break
            except ValueError:  # nobody answers yet
                if process.poll() is not None or attempt == 59:
                    raise
                time.sleep(0.5)
        yield client, process.pid
    finally:
        process.terminate()
        process.wait(10)


BENCHMARKS = {"answers": answers, "load": load, "training": training, "index": index}

if __name__ == "__main__":
    if sys.argv[1:2] == ["training-path"]:
        sys.exit(_training_path(sys.argv[2]))
    chosen = sys.argv[1:] or ["answers", "load"]
    unknown = [name for name in chosen if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"unknown benchmark {unknown[0]!r}: choose {', '.join(BENCHMARKS)}")
    for name in chosen:
        BENCHMARKS[name]()
