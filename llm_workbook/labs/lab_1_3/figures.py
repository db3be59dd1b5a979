"""The picture of lab 1.3."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from pandas import DataFrame

from ...regions import figures

COLORS = ("C4", "C2", "C0")


def by_type(found: Mapping[str, DataFrame]) -> Figure:
    """Recall at 3 of up to three systems by type of question (see `regions.figures.by_type`)."""
    first, *_, last = (100 * table["recall"].mean() for table in found.values())
    title = f"All types together: from {first:.0f} to {last:.0f} %"
    return figures.by_type(found, title, dict(zip(found, COLORS, strict=False)))
