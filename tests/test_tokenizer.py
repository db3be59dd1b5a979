"""The offline model's tokenizer is the same, whichever version of transformers has converted it."""

import json
import shutil

import pytest

from llm_workbook.models.offline import LLM, ready_folder
from llm_workbook.models.tokenizer import settle_tokenizer

FILES = ("tokenizer.json", "tokenizer_config.json")


@pytest.fixture
def folder(tmp_path):
    """The tokenizer as the tested version of transformers has made it."""
    for name in (*FILES, "chat_template.jinja"):
        shutil.copy(ready_folder(LLM) / name, tmp_path)
    return tmp_path


def as_5_15(folder) -> None:
    """What transformers 5.15 was seen to write differently (2026-11-29)."""
    rules = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))
    sequence = [
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
    ]
    rules["decoder"] = {"type": "Sequence", "decoders": [*sequence, rules["decoder"]]}
    rules["pre_tokenizer"]["trim_offsets"] = False
    rules["normalizer"] = {"type": "Sequence", "normalizers": []}
    rules["model"] |= {"unk_token": "<|endoftext|>", "fuse_unk": True, "byte_fallback": True}
    (folder / FILES[0]).write_text(json.dumps(rules), encoding="utf-8")
    said = json.loads((folder / FILES[1]).read_text(encoding="utf-8"))
    said |= {
        "eos_token": "<|im_start|>",
        "eos_token_id": 1,
        "pad_token_id": None,
        "legacy": False,
        "model_type": "gpt2",
    }
    del said["pad_token"]
    (folder / FILES[1]).write_text(json.dumps(said), encoding="utf-8")


def test_the_tested_version_is_left_as_it_is_to_the_byte(folder):
    before = [(folder / name).read_bytes() for name in FILES]
    settle_tokenizer(folder)
    assert [(folder / name).read_bytes() for name in FILES] == before


def test_an_earlier_version_is_brought_to_the_same_rules(folder):
    tested = [json.loads((folder / name).read_text(encoding="utf-8")) for name in FILES]
    as_5_15(folder)
    assert [json.loads((folder / name).read_text(encoding="utf-8")) for name in FILES] != tested
    settle_tokenizer(folder)
    assert [json.loads((folder / name).read_text(encoding="utf-8")) for name in FILES] == tested


def test_answers_end_where_the_model_ends_them(folder):
    from transformers import AutoTokenizer

    as_5_15(folder)
    settle_tokenizer(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert (tokenizer.eos_token, tokenizer.pad_token, tokenizer.bos_token) == (
        "<|im_end|>",
        "<|im_end|>",
        "<|im_start|>",
    )
    text = "The fee is EUR 4,500 – “naïve” 合同 ▁ 30  days.\n\tSchedule 2(b)"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
