"""Figures show the numbers they are given; controls move them."""

import pandas as pd
import pytest
from IPython import display as ipython_display

from llm_workbook.show import plots, widgets

TABLE = pd.DataFrame(
    [
        {"group": group, "system": system, "mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 9}
        for group, means in {"lookup": (0.2, 0.5), "orphan": (0.1, 0.7)}.items()
        for system, mean in zip(("naive", "oracle"), means, strict=True)
    ]
)


def widths(figure) -> list[float]:
    return [round(bar.get_width(), 6) for bar in figure.axes[0].patches]


def test_bars_have_the_length_of_the_means_in_percent_and_name_their_systems():
    figure = plots.bars(TABLE, title="Correct")
    assert widths(figure) == [20, 10, 50, 70]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["naive", "oracle"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["lookup  (n = 9)", "orphan  (n = 9)"]


def test_a_stack_has_its_parts_in_order_and_draws_what_is_negative_as_nothing():
    figure = plots.stack({"earned": 30, "lost": 75, "gained": -5})
    assert widths(figure) == [30, 75, 0]
    assert [bar.get_x() for bar in figure.axes[0].patches] == [0, 30, 105]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["earned: 30.0", "lost: 75.0", "gained: -5.0"]


def test_a_forest_marks_only_bands_without_zero():
    figure = plots.forest({"real": (5, 1, 9), "luck": (5, -1, 9)})
    assert [line.get_marker() for line in figure.axes[0].lines if line.get_marker() != "None"] == ["o", "D"]


def test_the_chosen_size_is_marked_on_the_band():
    figure = plots.band_against_n([8, 16], [-4, 1], [9, 6], chosen=15)
    assert figure.axes[0].get_legend().get_texts()[1].get_text() == "n = 16"


def test_a_figure_does_not_change_the_style_of_the_learner():
    import matplotlib.pyplot as plt

    before, opened = plt.rcParams["axes.grid"], plt.get_fignums()
    plots.stack({"a": 1})
    assert plt.rcParams["axes.grid"] == before
    assert plt.get_fignums() == opened  # closed, so that it shows once


@pytest.fixture
def shown(monkeypatch) -> list:
    """What is displayed; a display that is updated is appended again."""
    seen: list = []

    class Handle:
        update = staticmethod(seen.append)

    def display(*objects, display_id=False):
        seen.extend(objects)
        return Handle()

    monkeypatch.setattr(ipython_display, "display", display)
    return seen


def test_without_a_live_notebook_the_first_picture_is_shown(shown, monkeypatch):
    monkeypatch.setattr(widgets, "interactive", lambda: False)
    widgets.explore(lambda n, name: f"{name} {n}", n=[16, 8], name=[("long label", "x"), ("other", "y")])
    assert shown == ["x 16"]


def test_a_slider_starts_at_the_first_number_and_moves_the_picture(shown, monkeypatch):
    monkeypatch.setattr(widgets, "interactive", lambda: True)
    widgets.explore(lambda n, name: f"{name} {n}", n=[16, 8, 12], name=[("long label", "x"), ("other", "y")])
    slider, choice, picture = shown
    assert (slider.options, slider.value, picture) == ((8, 12, 16), 16, "x 16")
    slider.value = 8
    choice.value = "y"
    assert shown[3:] == ["x 8", "y 8"]


def test_headless_is_not_interactive(monkeypatch):
    monkeypatch.setenv("LLM_WORKBOOK_HEADLESS", "1")
    assert not widgets.interactive()


def test_a_forest_with_bands_for_all_together_lets_them_decide():
    figure = plots.forest({"real": (5, 1, 9), "alone": (5, 1, 9)}, wide={"real": (0.5, 10), "alone": (-2, 12)})
    assert [line.get_marker() for line in figure.axes[0].lines if line.get_marker() != "None"] == ["o", "D"]
    assert [
        [tuple(end[0] for end in line) for line in lines.get_segments()] for lines in figure.axes[0].collections
    ] == [
        [(0.5, 10), (1, 9)],
        [(-2, 12), (1, 9)],
    ]
