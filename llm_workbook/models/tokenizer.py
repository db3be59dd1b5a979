"""The tokenizer of the offline model, the same whichever version of transformers has converted it.

Weights come out identical to the byte. The tokenizer does not: that of transformers 5.15 (Colab, August 2026) ends
answers at <|im_start|>, has nothing to pad with, and joins tokens by other rules than that of the tested 5.23.
"""

import json
from pathlib import Path
from typing import Any

from ..files import write_whole

LEVEL = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}
RULES = {
    "normalizer": None,
    "pre_tokenizer": {**LEVEL, "add_prefix_space": False},
    "decoder": {**LEVEL, "add_prefix_space": True},
}
MERGES = {
    "unk_token": None,
    "continuing_subword_prefix": "",
    "end_of_word_suffix": "",
    "fuse_unk": False,
    "byte_fallback": False,
}
MARKS = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
UNSAID = {
    "add_prefix_space",
    "clean_up_tokenization_spaces",
    "legacy",
    "model_type",
}  # only earlier versions write them
UNSAID |= {f"{mark}_token_id" for mark in ("bos", "eos", "pad", "unk")}


def settle_tokenizer(folder: Path) -> None:
    """Rewrite tokenizer.json and tokenizer_config.json in `folder` where they differ from what version 5.23 makes."""
    rules = _read(folder / "tokenizer.json")
    _settle(folder / "tokenizer.json", {**rules, **RULES, "model": {**rules["model"], **MERGES}})
    said = {**_read(folder / "tokenizer_config.json"), **MARKS}
    _settle(folder / "tokenizer_config.json", {name: value for name, value in said.items() if name not in UNSAID})


def _settle(path: Path, settled: dict[str, Any]) -> None:
    if settled != _read(path):
        write_whole(path, json.dumps(settled, indent=2, ensure_ascii=False))


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))
