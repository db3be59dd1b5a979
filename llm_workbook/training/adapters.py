"""A registry of tuned models: what each was made from, how it did in the exam, and whether it may be used."""

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import sha256
from ..models.chat import LocalChat, best_dtype, load_chat_model, model_kind
from ..models.offline import LLM, ModelError

if TYPE_CHECKING:
    from pandas import DataFrame

WEIGHTS = ("adapter_model.safetensors", "model.safetensors")  # of a LoRA, of a whole model


@dataclass(frozen=True)
class Adapter:
    """One tuned model. parent: the adapter it was trained on, if any. base: name of the base model, "offline" for the
    default.

    exam: scores by name. decision: "", "promote", "hold" or "reject", with a reason.
    """

    name: str
    base: str
    base_sha256: str
    data_sha256: str
    weights_sha256: str
    recipe: Mapping[str, Any]
    parent: str = ""
    exam: Mapping[str, float] = field(default_factory=dict)
    decision: str = ""
    created: str = ""


class Adapters:
    """The tuned models in a folder, each in a folder of its own: `record.json` and the weights as safetensors."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def keep(
        self, name: str, model: Any, recipe: Mapping[str, Any], data_sha256: str, base: str | None = None, **others: Any
    ) -> Adapter:
        """Write a tuned model; one of the same name is replaced, in one step. others: parent, exam, decision.

        model: a PeftModel, or a whole transformers model (kept in bf16). Raises: ModelError when the disk refuses.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=".") as work:
                beside = Path(work, "done")
                _write_weights(model, beside, base or "offline")
                others["created"] = datetime.now(UTC).isoformat(timespec="seconds")
                record = Adapter(
                    name,
                    base or "offline",
                    base_sha256(base),
                    data_sha256,
                    sha256(_weights(beside)),
                    dict(recipe),
                    **others,
                )
                _write_record(beside, record)
                shutil.rmtree(self.folder / name, ignore_errors=True)
                beside.rename(self.folder / name)
        except OSError as error:
            seen = f"The adapter {name!r} could not be kept in {self.folder} ({error})"
            raise ModelError(f"{seen}. Free some space, then keep it again.") from error
        return record

    def names(self) -> list[str]:
        """The adapters that are there, oldest first."""
        found = (path.parent.name for path in self.folder.glob("[!.]*/record.json"))
        return sorted(found, key=lambda name: (self.read(name).created, name))

    def read(self, name: str) -> Adapter:
        """The record of one adapter. Raises: ModelError when there is none or it is damaged."""
        path = self.folder / name / "record.json"
        try:
            return Adapter(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            there = ", ".join(sorted(found.parent.name for found in self.folder.glob("*/record.json"))) or "none yet"
            raise ModelError(
                f"There is no adapter {name!r} in {self.folder}; there are: {there}. Train it in lab 2.2."
            ) from error
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(f"The record {path} is damaged ({error}). Delete its folder and train again.") from error

    def decide(self, name: str, decision: str, exam: Mapping[str, float]) -> Adapter:
        """Write exam scores and the decision into the record."""
        record = replace(self.read(name), decision=decision, exam=dict(exam))
        _write_record(self.folder / name, record)
        return record

    def table(self) -> "DataFrame":
        """One row for each adapter: its record, hashes cut to eight digits."""
        import pandas as pd

        rows = map(asdict, map(self.read, self.names()))
        return pd.DataFrame(
            [{key: value[:8] if "sha256" in key else value for key, value in row.items()} for row in rows]
        )

    def chat(self, name: str, base: str | None = None, max_new_tokens: int = 24) -> LocalChat:
        """The tuned model as a LangChain chat model; its answers are cached under the hash of its weights.

        Raises: ModelError when it was trained on another base, or its weights are not those that were kept.
        """
        record = self.read(name)
        if record.base_sha256 != (found := base_sha256(base)):
            raise ModelError(
                f"The adapter {name!r} was trained on {record.base} ({record.base_sha256[:12]}), but this base is"
                f" {base or 'offline'} ({found[:12]}). On another base its numbers mean nothing: load it on"
                f" {record.base}, or train again."
            )
        weights = _weights(self.folder / name)
        if sha256(weights) != record.weights_sha256:
            raise ModelError(
                f"The weights {weights} are damaged: their sha256 is not the one in the record. Train {name!r} again."
            )
        chat = load_chat_model(base, max_new_tokens)
        return with_model(chat, _load_weights(chat.model, weights), record.weights_sha256)


def with_model(chat: LocalChat, model: Any, identity: str) -> LocalChat:
    """The chat with other weights, whose answers are cached under `identity` and never mixed with the base's."""
    return chat.model_copy(update={"model": model.eval(), "identity": f"{chat.identity} tuned {identity[:16]}"})


def load_quantised(model: str, max_new_tokens: int = 24) -> LocalChat:
    """A hub or folder model with its frozen weights in four bits, for QLoRA (arXiv:2305.14314).

    Raises: ModelError, with a sentence, without a CUDA GPU or without bitsandbytes.
    """
    import torch

    if not torch.cuda.is_available():
        raise ModelError(
            "QLoRA needs a CUDA GPU, and there is none here. On two cores, train the offline model with LoRA as above."
        )
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise ModelError("QLoRA needs the package bitsandbytes: pip install bitsandbytes") from error
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    four_bits = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=best_dtype()[0])
    loaded = AutoModelForCausalLM.from_pretrained(
        model, quantization_config=four_bits, dtype=best_dtype()[0], device_map="cuda"
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    return LocalChat(model=loaded, tokenizer=tokenizer, identity=f"{model} nf4", max_new_tokens=max_new_tokens)


@contextmanager
def old_names_allowed() -> Iterator[None]:
    """Hide one warning: peft 0.21 asks transformers 5 for a property by its old name, which no user can mend."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def base_sha256(base: str | None) -> str:
    """The sha256 of the base model's weights: a name proves nothing. Raises: ModelError for a model without local
    weights."""
    if (kind := model_kind(base)) == "offline":
        return LLM.sha256
    if kind == "hub":
        from transformers.utils import cached_file

        return sha256(Path(cached_file(base, "model.safetensors")))
    if kind == "folder" and (found := sha256(Path(base, "model.safetensors"))):
        return found
    raise ModelError(
        f"{base!r} has no model.safetensors here, so no adapter can be bound to it. Use the offline model or a local"
        " one."
    )


def _weights(folder: Path) -> Path:
    return next((folder / name for name in WEIGHTS if (folder / name).exists()), folder / WEIGHTS[0])


def _write_weights(model: Any, folder: Path, base: str) -> None:
    """As peft or transformers write them, without the path of this machine."""
    import torch

    if hasattr(model, "peft_config"):
        model.peft_config["default"].base_model_name_or_path = base
        model.save_pretrained(folder, save_embedding_layers=False)
    else:
        state = {name: weight.to(torch.bfloat16) for name, weight in model.state_dict().items()}
        model.save_pretrained(folder, state_dict=state)


def _load_weights(model: Any, weights: Path) -> Any:
    if weights.name == WEIGHTS[0]:
        from peft import PeftModel

        with old_names_allowed():
            return PeftModel.from_pretrained(model, str(weights.parent))
    from safetensors.torch import load_file

    model.load_state_dict(load_file(weights), strict=False)  # the head is the embedding
    return model


def _write_record(folder: Path, record: Adapter) -> None:
    beside = folder / "record.json.new"
    beside.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    os.replace(beside, folder / "record.json")
