"""Benchmarks: our paths against the plain library paths, in one process, one after the other.

usage: python tools/bench.py [answers] [load]        (needs the offline models: python3 workbook.py fetch)
Figures depend on the machine; the ratio is what to read.
"""

import subprocess
import sys
import time

QUESTIONS = 24
NEW_TOKENS = 24


def answers() -> None:
    """Answers per second: LocalChat.batch against HuggingFacePipeline.invoke one by one, on the same prompts."""
    import torch
    from langchain_huggingface import HuggingFacePipeline
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    from llm_workbook.models.chat import load_chat_model
    from llm_workbook.models.offline import LLM, ready_folder

    chat = load_chat_model(max_new_tokens=NEW_TOKENS)
    chat.use_cache = False
    prompts = retrieval_prompts()
    chat.batch(prompts[:2])
    started = time.perf_counter()
    replies = chat.batch(prompts)
    ours = time.perf_counter() - started
    tokens = sum(reply.usage_metadata["input_tokens"] for reply in replies) / len(replies)

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


def retrieval_prompts() -> list[str]:
    """Prompts as a retrieval pipeline writes them: a question under about 1,100 characters of contract."""
    from llm_workbook.corpus.load import load_contracts, load_questions

    contracts, questions = load_contracts(), load_questions()[:QUESTIONS]
    texts = [contracts[number % len(contracts)].text for number in range(QUESTIONS)]
    return [f"{text[2000:3100]}\n\nQuestion: {question.question}" for text, question in zip(texts, questions, strict=True)]


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


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["answers", "load"]
    unknown = [name for name in chosen if name not in ("answers", "load")]
    if unknown:
        sys.exit(f"unknown benchmark {unknown[0]!r}: choose answers or load")
    for name in chosen:
        globals()[name]()
