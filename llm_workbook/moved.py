"""Modules that have moved: a notebook that was saved before still runs, with a sentence that names the new place."""

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

MOVED = {  # below llm_workbook
    "ledger": "benchmark.ledger", "prices": "labs.lab_3_4.prices", "measure.harness": "benchmark.harness",
    "measure.reading": "benchmark.reading", "measure.indexes": "benchmark.search",
    "measure.five_tasks": "labs.lab_3_3.five_tasks", "measure.readers": "labs.lab_3_3.cells",
    "measure.plans": "labs.lab_3_4.plans", "models.training": "training.fit",
    "models.adapters": "training.adapters", "models.checkpoint": "training.checkpoint",
    "show.grid": "labs.lab_3_3.figures", "show.money": "labs.lab_3_4.figures", "show.memo": "labs.lab_3_4.memo",
    "show.studies": "labs.lab_3_1.figures",
}  # fmt: skip


class _Moved(MetaPathFinder, Loader):
    """Finds a module under its old name and gives the one that has it now."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        old = fullname.removeprefix("llm_workbook.")
        return spec_from_loader(fullname, self) if fullname != old and old in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        new = f"llm_workbook.{MOVED[spec.name.removeprefix('llm_workbook.')]}"
        warnings.warn(f"{spec.name} is now {new}: change this import", DeprecationWarning, stacklevel=2)
        module = importlib.import_module(new)
        self.own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own  # the import system has just put that of the old name in its place


def install() -> None:
    """Let imports find moved modules under their old names; once in a process."""
    if not any(isinstance(finder, _Moved) for finder in sys.meta_path):
        sys.meta_path.append(_Moved())
