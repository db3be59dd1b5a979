"""A training run that survives its kernel: weights, optimizer moments and history in one file, replaced in one step."""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class CheckpointError(RuntimeError):
    """A checkpoint is damaged or belongs to another run. The message says how to fix it."""


@dataclass(frozen=True)
class Checkpoint:
    """The last saved state of one run. `belongs`: what decides the run (recipe, data, base); another run's file is
    refused.

    The file is safetensors, so that loading runs no code; its header holds the history as JSON and a hash of all
    tensors. Only what is trained is kept: with LoRA some 30 MB. Give `every` steps between two savings.
    """

    path: Path
    belongs: Mapping[str, Any]
    every: int = 8

    def save(self, model: "torch.nn.Module", optimizer: "torch.optim.Optimizer", history: Mapping[str, Any]) -> bool:
        """Write beside, then replace. False, with a sentence, when the disk refuses: the earlier checkpoint is
        untouched."""
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        tensors = {f"weight.{name}": weight.detach().contiguous() for name, weight in _trained(model).items()}
        for number, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": value.detach().contiguous() for name, value in moments.items()}
        header = {"belongs": _text(self.belongs), "history": json.dumps(history), "sha256": _digest(tensors)}
        beside = self.path.with_name(f".{self.path.name[:60]}.{uuid.uuid4().hex[:8]}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_file(tensors, beside, header)
            os.replace(beside, self.path)
        except (OSError, SafetensorError) as error:
            print(
                f"The checkpoint {self.path} could not be written ({error}). Training goes on; the earlier checkpoint"
                " is untouched."
            )
            return False
        finally:
            beside.unlink(missing_ok=True)
        return True

    def load(self, model: "torch.nn.Module", optimizer: "torch.optim.Optimizer") -> dict[str, Any] | None:
        """Put the saved state into model and optimizer and return its history; None when there is nothing to resume.

        Raises: CheckpointError for a damaged file, or one of another recipe, data set or base model.
        """
        if not self.path.exists():
            return None
        tensors, header = self._read()
        self._refuse_others(self._json(header, "belongs"))
        history, mine = self._json(header, "history"), _trained(model)
        kept = {name: tensors.pop(f"weight.{name}") for name in mine if f"weight.{name}" in tensors}
        shapes = {name: weight.shape for name, weight in mine.items()}
        if not isinstance(history.get("losses"), list) or {name: one.shape for name, one in kept.items()} != shapes:
            raise CheckpointError(self._damaged("its weights or losses are not those of this run"))
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            _, number, moment = name.split(".", 2)
            state.setdefault(int(number), {})[moment] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        for name, weight in mine.items():
            weight.data.copy_(kept[name])
        return history

    def _json(self, header: Mapping[str, str], name: str) -> dict[str, Any]:
        """An object in the header, which the hash of the tensors does not cover."""
        try:
            found = json.loads(header.get(name, ""))
        except ValueError as error:
            raise CheckpointError(self._damaged(f"its {name} cannot be read")) from error
        if not isinstance(found, dict):
            raise CheckpointError(self._damaged(f"its {name} is no JSON object"))
        return found

    def _read(self) -> "tuple[dict[str, torch.Tensor], dict[str, str]]":
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, "pt") as file:
                header = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise CheckpointError(self._damaged(str(error))) from error
        if header.get("sha256") != _digest(tensors):
            raise CheckpointError(self._damaged("its tensors do not have the hash in its header"))
        return tensors, header

    def _damaged(self, reason: str) -> str:
        return (
            f"The checkpoint {self.path} is damaged ({reason}). Delete this file; the run then starts from its first"
            " step."
        )

    def _refuse_others(self, theirs: Mapping[str, Any]) -> None:
        for name, mine in json.loads(_text(self.belongs)).items():
            if theirs.get(name) != mine:
                seen = (
                    f"{self.path} was written with another {name}: {_short(theirs.get(name))}, and this run has"
                    f" {_short(mine)}"
                )
                raise CheckpointError(f"The checkpoint {seen}. Give this run another name, or delete the file.")


def _trained(model: "torch.nn.Module") -> "dict[str, torch.nn.Parameter]":
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _digest(tensors: "Mapping[str, torch.Tensor]") -> str:
    import torch

    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, default=str)


def _short(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 160 else f"{text[:160]}..."
