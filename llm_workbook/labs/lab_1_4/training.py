"""The training of an encoder in a notebook: quiet, with a progress bar, and to be interrupted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...models.chat import free_memory
from ...models.offline import EMBEDDER, ready_folder
from .regions import Pair

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer


def base_encoder() -> "SentenceTransformer":
    """The offline encoder, MiniLM (on the hub: sentence-transformers/all-MiniLM-L6-v2), to be trained; no model card."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(ready_folder(EMBEDDER)))
    encoder.model_card_data.generate_widget_examples = False
    return encoder


def datasets_of(pairs: Mapping[str, Sequence[Pair]]) -> "dict[str, Dataset]":
    """corpus -> its pairs in the form that the trainer reads: the columns anchor and positive."""
    from datasets import Dataset

    return {
        name: Dataset.from_dict({"anchor": [p.question for p in some], "positive": [p.clause for p in some]})
        for name, some in pairs.items()
    }


def run_training(trainer: "SentenceTransformerTrainer") -> list[float]:
    """Train with a bar in plain text; returns the loss of each step (nats). The trainer logs every step.

    An interrupt ends the training; what was learned until then is kept.
    """
    from tqdm import tqdm
    from transformers import PrinterCallback, TrainerCallback

    losses: list[float] = []

    class Bar(TrainerCallback):
        """Moves the bar with each loss."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
            if logs and "loss" in logs:
                losses.append(float(logs["loss"]))
                bar.update()
                bar.set_postfix_str(f"loss {losses[-1]:.2f}")

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Bar())
    with tqdm(total=trainer.args.max_steps, desc="training", unit="step", mininterval=5) as bar:
        try:
            trainer.train()
        except KeyboardInterrupt:
            print(f"interrupted after step {len(losses)}: what was learned is kept")
    trainer.model.eval()
    free_memory()
    return losses
