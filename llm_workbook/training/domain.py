"""The three models that this workbook makes and ships: an encoder, a reranker and a reader that know contracts.

Encoder: MiniLM, trained so that a question and the clause that answers it lie close together (lab 1.4). Reranker: the
encoder, trained further for late interaction (lab 1.5). Reader: a LoRA adapter of the offline language model, trained
to answer from clauses as a search finds them (lab 2.2). How each was made and how it did in its exam: `record.json`
beside its weights; `python -m tools.domain` makes them again.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import made_once, sha256, write_whole
from ..models.offline import EMBEDDER, ModelError, ready_folder
from ..settings import DATA, cache_dir

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from ..models.chat import LocalChat
    from ..models.embeddings import CachedEmbeddings

ENCODER = DATA / "encoder"
RERANKER = DATA / "reranker"
ADAPTERS = DATA / "adapters"
READER = "reader"
BIAS = "refusal_bias"  # a field of the reader's recipe
NOT_STATED = "not stated"
DIFFERENCE = "difference.safetensors"
RESTORE = "Restore it: git checkout -- data/encoder data/reranker"


def domain_encoder() -> "CachedEmbeddings":
    """The domain encoder as LangChain embeddings; put together in the cache on first use (two seconds).

    Raises: ModelError when the shipped difference is missing, damaged or of another base model.
    """
    from ..models.embeddings import CachedEmbeddings

    return CachedEmbeddings(str(_folder(ENCODER)))


def domain_reranker() -> "SentenceTransformer":
    """The domain reranker: an encoder whose token vectors are compared (MaxSim, lab 1.5), not their mean.

    Raises: ModelError as `domain_encoder`.
    """
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(_folder(RERANKER)), device="cpu")


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


def encoder_record(shipped: Path = ENCODER) -> dict[str, Any]:
    """How the encoder was made, or with RERANKER the reranker: recipe, hashes of base and data, and its exam."""
    try:
        record = json.loads((shipped / "record.json").read_text(encoding="utf-8"))
        return {**record, **{name: str(record[name]) for name in ("base_sha256", "difference_sha256")}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The record in {shipped} cannot be read ({error}). {RESTORE}") from error


def _folder(shipped: Path) -> Path:
    """The folder of a shipped encoder, put together from base and difference if it is not there."""
    record = encoder_record(shipped)
    folder = cache_dir() / "models" / f"domain-{shipped.name}-{record['difference_sha256'][:12]}"
    made_once(folder, lambda path: (path / "complete").is_file(), lambda: _put_together(folder, record, shipped))
    return folder


def _put_together(folder: Path, record: dict[str, Any], shipped: Path) -> None:
    """Base and difference as a sentence-transformers folder; the file `complete` is written last."""
    from safetensors.torch import load_file
    from sentence_transformers import SentenceTransformer

    if record["base_sha256"] != EMBEDDER.sha256:
        raise ModelError(f"The encoder in {shipped} was made from another base model. {RESTORE}")
    if sha256(shipped / DIFFERENCE) != record["difference_sha256"]:
        raise ModelError(f"{shipped / DIFFERENCE} is damaged: its sha256 is another. {RESTORE}")
    model = SentenceTransformer(str(ready_folder(EMBEDDER)), device="cpu")
    weights, change = model.state_dict(), load_file(shipped / DIFFERENCE)
    for name in {key.rsplit("/", 1)[0] for key in change}:
        whole, step = change[f"{name}/int8"].float(), change[f"{name}/step"]
        weights[name] += whole * step.reshape(-1, *[1] * (whole.ndim - 1))
    model.save(str(folder), create_model_card=False)
    write_whole(folder / "complete", record["difference_sha256"])
