"""A registry of tuned models: what each was made from, how it did in the exam, and whether it may be used."""

import json
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..files import child, sha256, swap_folder, write_whole
from ..models.chat import LocalChat, best_dtype, free_memory, load_local_model, model_kind, require_local
from ..models.folder import AGAIN, hub_folder, weights_sha256
from ..models.offline import LLM, ModelError

if TYPE_CHECKING:
    from pandas import DataFrame

WEIGHTS = ("adapter_model.safetensors", "model.safetensors")  # of a LoRA, of a whole model
CONFIG = "adapter_config.json"

# peft 0.21 asks transformers 5 for a property by its old name, which no user can mend
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)


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
        self._said: set[str] = set()

    def keep(
        self, name: str, model: Any, recipe: Mapping[str, Any], data_sha256: str, base: str | None = None, **others: Any
    ) -> Adapter:
        """Write a tuned model; one of the same name stands until the new one is whole. others: parent, exam, decision.

        model: a PeftModel, or a whole transformers model (kept in bf16). Raises: ModelError for a name that is no plain
        name, or when the disk refuses.
        """
        from safetensors import SafetensorError

        home, others["created"] = self.place(name), datetime.now(UTC).isoformat(timespec="seconds")
        record = Adapter(name, base or "offline", base_sha256(base), data_sha256, "", dict(recipe), **others)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=".", ignore_cleanup_errors=True) as work:
                beside = Path(work, "done")
                _write_weights(model, beside, record.base)
                record = replace(record, weights_sha256=sha256(_weights(beside)))
                _write_record(beside, record)
                swap_folder(beside, home)
        except (OSError, SafetensorError) as error:
            seen = f"The adapter {name!r} could not be kept in {self.folder} ({error})"
            raise ModelError(f"{seen}. Free some space, then keep it again.") from error
        return record

    def place(self, name: str) -> Path:
        """The folder of an adapter, directly inside the registry; it need not be there.

        Raises: ModelError for a name that is no plain name, or one that is a link to somewhere else.
        """
        try:
            path = child(self.folder, name)
        except ValueError as error:
            raise ModelError(str(error)) from error
        if path.resolve().parent != self.folder.resolve():
            raise ModelError(
                f"The adapter {name!r} in {self.folder} is a link to {path.resolve()}, outside the registry. Copy that"
                " folder here instead."
            )
        if path.is_file():
            raise ModelError(f"{path} is a file, and the adapter {name!r} needs a folder there. Choose another name.")
        return path

    def names(self) -> list[str]:
        """The adapters that are there, oldest first. A damaged record is named in a printed sentence and left out."""
        return [record.name for record in self._records()]

    def read(self, name: str) -> Adapter:
        """The record of one adapter. Raises: ModelError when there is none or it is damaged."""
        path = self.place(name) / "record.json"
        if not path.is_file():
            there = ", ".join(self.names()) or "none yet"
            raise ModelError(f"There is no adapter {name!r} in {self.folder}; there are: {there}. Train it in lab 2.2.")
        return replace(_record(path)[0], name=name)

    def decide(self, name: str, decision: str, exam: Mapping[str, float]) -> Adapter:
        """Write exam scores and the decision into the record. Raises: ModelError as `read`, or for a full disk."""
        record = replace(self.read(name), decision=decision, exam=dict(exam))
        path = self.place(name) / "record.json"
        try:
            _write_record(path.parent, record, _record(path)[1])
        except OSError as error:
            raise ModelError(f"The decision could not be written to {path} ({error}). Decide again.") from error
        return record

    def table(self) -> "DataFrame":
        """One row for each adapter: its record, hashes cut to eight digits."""
        import pandas as pd

        rows = map(asdict, self._records())
        return pd.DataFrame(
            [{key: value[:8] if "sha256" in key else value for key, value in row.items()} for row in rows]
        )

    def _records(self) -> list[Adapter]:
        """The records that can be read, oldest first; the others are named."""
        found = []
        for path in sorted(self.folder.glob("[!.]*/record.json")):
            try:
                found += [self.read(path.parent.name)] if path.is_file() else []
            except ModelError as error:
                if str(error) not in self._said:
                    print(f"{error} The other adapters can be used.")
                self._said.add(str(error))
        return sorted(found, key=lambda record: (record.created, record.name))

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
        weights = self.whole_weights(name)
        chat = load_local_model(base, max_new_tokens)
        return with_model(chat, _load_weights(chat.model, weights), self.identity(name))

    def whole_weights(self, name: str) -> Path:
        """The file with an adapter's weights. Raises: ModelError when they are missing, or not those that were kept."""
        return _whole_weights(self.place(name), self.read(name))

    def identity(self, name: str) -> str:
        """What names an adapter's answers in the cache: its weights, and how they are added to the base's."""
        config = sha256(self.place(name) / CONFIG)[:8]
        return f"{self.read(name).weights_sha256[:16]} {config}".strip()


def load_lora(model: Any, weights: Path) -> None:
    """Put the weights of a kept LoRA adapter into a model with fresh ones, which stay trainable.

    Raises: ModelError when rank or layers are not the same.
    """
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    kept = load_file(weights)
    trained = sum(weight.requires_grad for weight in model.parameters())
    try:
        found = set_peft_model_state_dict(model, kept) if len(kept) == trained else None
    except RuntimeError as error:
        raise ModelError(f"The adapter in {weights.parent} does not fit ({error}): use its rank.") from error
    if found is None or found.unexpected_keys:
        raise ModelError(f"The adapter in {weights.parent} has other layers than this recipe: use the same recipe.")


def merged(chat: LocalChat) -> LocalChat:
    """The tuned model with its adapters added to the weights, as one serves it: a third faster, and not trainable."""
    whole = chat.model.merge_and_unload().eval()
    free_memory()  # what held the adapters
    return chat.model_copy(update={"model": whole, "identity": f"{chat.identity} merged"})


def with_model(chat: LocalChat, model: Any, identity: str) -> LocalChat:
    """The chat with other weights, whose answers are cached under `identity` and never mixed with the base's."""
    return chat.model_copy(update={"model": model.eval(), "identity": f"{chat.identity} tuned {identity}"})


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
        import bitsandbytes  # noqa: F401 # pyright: ignore[reportMissingImports] # only with a CUDA GPU
    except ImportError as error:
        raise ModelError("QLoRA needs the package bitsandbytes: pip install bitsandbytes") from error
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    four_bits = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=best_dtype()[0])
    loaded = AutoModelForCausalLM.from_pretrained(
        model, quantization_config=four_bits, dtype=best_dtype()[0], device_map="cuda"
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    return LocalChat(model=loaded, tokenizer=tokenizer, identity=f"{model} nf4", max_new_tokens=max_new_tokens)


def base_sha256(base: str | None) -> str:
    """The sha256 of the base model's weights, all shards: a name proves nothing.

    Raises: ModelError for a hosted model, or one whose weights are not on this machine.
    """
    require_local(base)
    if base is None:
        return LLM.sha256
    found = weights_sha256(Path(base).expanduser() if model_kind(base) == "folder" else hub_folder(base))
    if not found:
        raise ModelError(f"{base!r} has no weights here, so no adapter can be bound to it. {AGAIN}")
    return found


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
        model.save_pretrained(folder, state_dict=state, max_shard_size="1TB")  # in one file


def _load_weights(model: Any, weights: Path) -> Any:
    if weights.name == WEIGHTS[0]:
        from peft import PeftModel

        return PeftModel.from_pretrained(model, str(weights.parent))
    from safetensors.torch import load_file

    model.load_state_dict(load_file(weights), strict=False)  # the head is the embedding
    return model


def _whole_weights(folder: Path, record: Adapter) -> Path:
    """The weights of an adapter. Raises: ModelError when they are missing, or not those that were kept."""
    weights = _weights(folder)
    if not weights.is_file():
        raise ModelError(f"The adapter {folder} has no weights ({weights.name}). Train {record.name!r} again.")
    if sha256(weights) != record.weights_sha256:
        seen = f"The weights {weights} are damaged: their sha256 is not the one in the record"
        raise ModelError(f"{seen}. Train {record.name!r} again.")
    if weights.name == WEIGHTS[0] and not (folder / CONFIG).is_file():
        raise ModelError(f"The adapter {folder} has no {CONFIG}. Train {record.name!r} again.")
    return weights


def _record(path: Path) -> tuple[Adapter, dict[str, Any]]:
    """(the record, all that is in its file): fields of a newer version are left alone. Raises: ModelError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name: entries[field.name] for field in fields(Adapter) if field.name in entries}
        for name, value in known.items():
            if not isinstance(value, wanted := dict if name in ("recipe", "exam") else str):
                raise ValueError(f"its {name} is {value!r}, and should be of type {wanted.__name__}")
        return Adapter(**known), entries
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise ModelError(f"The record {path} is damaged ({error}). Delete its folder and train again.") from error


def _write_record(folder: Path, record: Adapter, known: Mapping[str, Any] = MappingProxyType({})) -> None:
    """known: what else the file contained; it stays."""
    entries = {**known, **asdict(record)}
    plain = json.dumps(entries, indent=1, default=lambda value: value.item() if hasattr(value, "item") else str(value))
    write_whole(folder / "record.json", plain)
