"""The two models that this workbook makes and ships: an encoder and a reader that know contracts.

Encoder: MiniLM, trained so that a question and the clause that answers it lie close together (lab 1.4). Reader: a LoRA
adapter of the offline language model, trained to answer from clauses as a search finds them (lab 2.2). How each was
made and how it did in its exam: `record.json` beside its weights; `python -m tools.domain` makes them again.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import made_once, sha256, write_whole
from ..models.offline import EMBEDDER, ModelError, ready_folder
from ..settings import DATA, cache_dir

if TYPE_CHECKING:
    from ..models.chat import LocalChat
    from ..models.embeddings import CachedEmbeddings

ENCODER = DATA / "encoder"
ADAPTERS = DATA / "adapters"
READER = "reader"
BIAS = "refusal_bias"  # a field of the reader's recipe
NOT_STATED = "not stated"
DIFFERENCE = "difference.safetensors"


def domain_encoder() -> "CachedEmbeddings":
    """The domain encoder as LangChain embeddings; put together in the cache on first use (two seconds).

    Raises: ModelError when the shipped difference is missing, damaged or of another base model.
    """
    from ..models.embeddings import CachedEmbeddings

    record = _record(ENCODER)
    folder = cache_dir() / "models" / f"domain-encoder-{record['difference_sha256'][:12]}"
    made_once(folder, lambda path: (path / "complete").is_file(), lambda: _put_together(folder, record))
    return CachedEmbeddings(str(folder))


def domain_reader(max_new_tokens: int = 32) -> "LocalChat":
    """The offline language model with the domain reader's adapter, as a LangChain chat model.

    It expects the prompt of `benchmark.prompt.conversation`, and refuses as readily as its record says (see
    `refusing`). Raises: ModelError when the adapter is missing or damaged.
    """
    import torch

    from .adapters import Adapters, merged

    registry = Adapters(ADAPTERS)
    chat = registry.chat(READER, None, max_new_tokens)
    if chat.model.dtype == torch.float32:  # in bf16 the sum would be rounded
        chat = merged(chat)
    return refusing(chat, registry.read(READER).recipe.get(BIAS, 0.0))


def refusing(chat: "LocalChat", bias: float) -> "LocalChat":
    """The reader with `bias` added to the logit of the token that begins "not stated": below 0 it refuses less often.

    The two kinds of error are traded so without training: a needless refusal against an answer to a question that has
    none. The bias is chosen on dev families. Its answers are cached under a name of their own.
    """
    if not bias:
        return chat
    chat.model.generation_config.sequence_bias = [[[refusal_token(chat.tokenizer)], float(bias)]]
    return chat.model_copy(update={"identity": f"{chat.identity} refusal {bias:g}"})


def refusal_token(tokenizer: Any) -> int:
    """The token that begins "not stated"."""
    return tokenizer(NOT_STATED, add_special_tokens=False)["input_ids"][0]


def encoder_record() -> dict[str, Any]:
    """How the encoder was made: recipe, hashes of base and data, recall on the dev families before and after."""
    return _record(ENCODER)


def _put_together(folder: Path, record: dict[str, Any]) -> None:
    """Base and difference as a sentence-transformers folder; the file `complete` is written last."""
    from safetensors.torch import load_file
    from sentence_transformers import SentenceTransformer

    if record["base_sha256"] != EMBEDDER.sha256:
        raise ModelError(f"The domain encoder in {ENCODER} was made from another base model. {RESTORE}")
    if sha256(ENCODER / DIFFERENCE) != record["difference_sha256"]:
        raise ModelError(f"The domain encoder {ENCODER / DIFFERENCE} is damaged: its sha256 is another. {RESTORE}")
    model = SentenceTransformer(str(ready_folder(EMBEDDER)), device="cpu")
    weights, change = model.state_dict(), load_file(ENCODER / DIFFERENCE)
    for name in {key.rsplit("/", 1)[0] for key in change}:
        whole, step = change[f"{name}/int8"].float(), change[f"{name}/step"]
        weights[name] += whole * step.reshape(-1, *[1] * (whole.ndim - 1))
    model.save(str(folder), create_model_card=False)
    write_whole(folder / "complete", record["difference_sha256"])


RESTORE = "Restore it: git checkout -- data/encoder"


def _record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        return {
            **record,
            "base_sha256": str(record["base_sha256"]),
            "difference_sha256": str(record["difference_sha256"]),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The record of the domain encoder in {folder} cannot be read ({error}). {RESTORE}") from error
