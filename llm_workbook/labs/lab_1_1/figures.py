"""The picture of lab 1.1."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from ...measure.statistics import mean_interval
from ...show import plots


def square(answers: Mapping[tuple[str, str], pd.DataFrame]) -> Figure:
    """Correct answers of each (search, reader) with their 95 % intervals over families. Returns the Figure.

    answers: scores with columns correct and family.
    """
    rows = []
    for (search, reader), scores in answers.items():
        mean, low, high = mean_interval(scores["correct"], scores["family"])
        rows.append({"group": search, "system": reader, "mean": mean, "low": low, "high": high, "n": len(scores)})
    first, last = (round(100 * row["mean"]) for row in (rows[0], rows[-1]))
    title = f"Naive search and untuned reader {first} %; right clause and domain reader {last} %"
    return plots.bars(pd.DataFrame(rows), title=title, unit="% correct, questions that one clause answers")
