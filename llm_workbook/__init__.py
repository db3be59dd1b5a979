"""A workbook for adapting language models to a domain: RAG, fine-tuning, and an honest comparison of the two.

>>> from llm_workbook import Lab, start
"""

from pathlib import Path

if not (folder := Path(__file__).parents[1] / "data" / "corpus").is_dir():
    raise ImportError(
        f"llm_workbook was installed without its contracts: there is no {folder}. Clone the repository, and there run:"
        " python3 workbook.py lab (or, for an environment of your own, pip install -e .)"
    )

from . import moved
from .exercises.engine import Lab
from .run import Run, start

moved.install()

__all__ = ["Lab", "Run", "start"]
