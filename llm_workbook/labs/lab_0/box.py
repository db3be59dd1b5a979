"""A field for the learner's own questions."""

from collections.abc import Callable
from typing import Any

from ...show.text import Text, literal, show
from ...show.widgets import interactive


def ask_box(ask: Callable[[str], Any], first: str) -> None:
    """A text field and what `ask` gives for it: at once for the first question, then with each press of Enter or Ask.

    Without a live notebook the first question is asked. ask: returns something that a notebook can show.
    """
    if not interactive():
        show(ask(first))
        return
    import ipywidgets as widgets
    from IPython.display import display

    field = widgets.Text(value=first, continuous_update=False, layout=widgets.Layout(width="75%"))
    button = widgets.Button(description="Ask")
    display(widgets.HBox([field, button]))
    place = display(ask(first), display_id=True)
    assert place is not None  # a display with an id returns its handle
    asked = [first]

    def answer(_change: object) -> None:
        if field.value in ("", asked[-1]):
            return  # leaving the field and pressing the button is one question
        asked.append(field.value)
        place.update(Text("Searching and reading ..."))
        try:
            place.update(ask(asked[-1]))
        except ValueError as error:
            place.update(Text(literal(error)))

    field.observe(answer, names="value")
    button.on_click(answer)
