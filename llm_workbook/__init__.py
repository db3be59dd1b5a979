"""A workbook for adapting language models to a domain: RAG, fine-tuning, and an honest comparison of the two.

>>> from llm_workbook import Lab, start
"""

from .exercises.engine import Lab
from .run import Run, start

__all__ = ["Lab", "Run", "start"]
