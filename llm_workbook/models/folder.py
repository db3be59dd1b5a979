"""A model's folder: what is wrong with it, in a sentence, and the hash under which its answers are kept."""

import hashlib
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..files import child, sha256
from .offline import ModelError

WEIGHTS = (".safetensors", ".bin")
DECIDES = {*WEIGHTS, ".json", ".jinja", ".txt", ".model", ".tiktoken"}  # weights, configuration, tokenizer, template
TOKENIZER = ("tokenizer*", "vocab*", "*.model", "merges*", "*.tiktoken", "tekken*")
POINTER = b"version https://git-lfs"
AGAIN = "Download or copy the folder again, whole."


def folder_sha256(folder: Path) -> str:
    """The hash of every file in a model's folder that decides an answer; its name and place play no part.

    Takes about a second for each GB, once in a process for each state of a file.
    """
    lines = [f"{os.path.relpath(path, folder)} {_sha256(path, *_state(path))}" for path in _deciding(folder)]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


def weights_sha256(folder: Path) -> str:
    """The hash of the weights alone: of the file, or of all shards; "" when there are none."""
    hashes = [_sha256(path, *_state(path)) for path in weight_files(folder)]
    return "".join(hashes) if len(hashes) < 2 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights, shards in the order of their names; [] when there are none.

    Raises: ModelError for shards that are missing, or an index that cannot be read.
    """
    for whole in ("model.safetensors", "pytorch_model.bin"):  # the order in which transformers looks for them
        if (folder / whole).is_file():
            return [folder / whole]
        if (index := folder / f"{whole}.index.json").is_file():
            return _shards(index)
    return []


def hub_folder(name: str) -> Path:
    """The folder of a hub model on this machine, named by its commit. Raises: ModelError when it cannot be had."""
    from transformers.utils.hub import cached_file

    reasons = []
    for file in ("config.json", "modules.json"):  # the second alone: some sentence encoders
        try:
            if found := cached_file(name, file):
                return Path(found).parent
            reasons.append(f"{file} is missing")
        except (OSError, ValueError) as error:
            reasons.append(first_line(error))
    raise ModelError(f"The hub model {name!r} could not be loaded: {reasons[0]}")


def first_line(error: Exception) -> str:
    """What an error says, in its first 300 characters, on one line."""
    return " ".join((f"{error}".strip() or type(error).__name__).splitlines())[:300]


def refuse_damaged(folder: Path) -> None:
    """Raises: ModelError, with the line that fixes it, for git-lfs pointers and for empty or cut-off weights."""
    for path in _deciding(folder):
        with open(path, "rb") as file:
            begins = file.read(len(POINTER))
        if begins == POINTER:
            raise ModelError(
                f"{path} is a git-lfs pointer, not the file itself. In its folder run: git lfs install && git lfs pull"
            )
        if path.suffix in WEIGHTS and (reason := _cut_off(path) if begins else "it is empty"):
            raise ModelError(f"The weights {path} are damaged: {reason}. {AGAIN}")


def refuse_no_language_model(folder: Path) -> None:
    """Raises: ModelError, with the line that fixes it, for a folder that holds no whole language model."""
    if not (folder / "config.json").is_file():
        raise ModelError(f"The model folder {folder} has no config.json. {_instead(folder)}")
    refuse_damaged(folder)
    if not weight_files(folder):
        raise ModelError(f"The model folder {folder} has no weights (model.safetensors, or its shards). {AGAIN}")
    if not any(path.is_file() for pattern in TOKENIZER for path in folder.glob(pattern)):
        fix = "Save it there: AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)"
        raise ModelError(f"The model folder {folder} has no tokenizer (tokenizer.json). {fix}")
    if not isinstance(_json(folder / "config.json"), dict):
        raise ModelError(f"{folder / 'config.json'} is damaged: it is no JSON object. {AGAIN}")


def _instead(folder: Path) -> str:
    if (folder / "adapter_config.json").is_file():
        return "It holds a LoRA adapter. Save the whole model: model.merge_and_unload().save_pretrained(FOLDER)"
    if any(folder.glob("*.gguf")):
        return "A GGUF file alone is not read. Use the model's folder in the transformers format (*.safetensors)."
    return "A model folder has config.json, tokenizer.json and *.safetensors, as save_pretrained writes them."


def _shards(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        found = [child(index.parent, name) for name in names]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(f"The index of the weights {index} is damaged ({error}). {AGAIN}") from error
    if missing := [path.name for path in found if not path.is_file()]:
        raise ModelError(f"{len(missing)} of {len(found)} shards of {index.parent} are missing: {missing[0]}. {AGAIN}")
    return found


def _deciding(folder: Path) -> Iterator[Path]:
    """The files that decide an answer, in order: of the folder, its further templates and its modules."""
    modules = _json(folder / "modules.json")  # of a sentence-transformers model
    parts = [str(module.get("path", "")) for module in modules] if isinstance(modules, list) else []
    for part in sorted({"", "additional_chat_templates", *parts}):
        if (folder / part).is_dir():
            files = sorted(path for path in (folder / part).iterdir() if path.suffix in DECIDES)
            yield from (path for path in files if path.is_file() and path.name[0] != ".")


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _cut_off(path: Path) -> str:
    """Why a safetensors file is not whole (its header gives its size); other formats say so when they are loaded."""
    from safetensors import SafetensorError, safe_open

    if path.suffix != ".safetensors":
        return ""
    try:
        with safe_open(path, "np"):
            return ""
    except (SafetensorError, OSError) as error:
        return f"{error}"


def _state(path: Path) -> tuple[int, ...]:
    """What changes when a file is written or replaced."""
    now = path.stat()
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino


@cache
def _sha256(path: Path, *state: int) -> str:
    return sha256(path)
