"""Controls that move a figure. The figure is drawn once without them, so that a log, a web page or a phone shows it
too."""

import os
from collections.abc import Callable, Sequence
from typing import Any


def interactive() -> bool:
    """True in a live notebook with ipywidgets; False in a terminal, under papermill, or with
    LLM_WORKBOOK_HEADLESS=1."""
    if os.environ.get("LLM_WORKBOOK_HEADLESS") == "1":
        return False
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def explore(view: Callable[..., Any], **controls: Sequence[Any]) -> None:
    """Draw view(first values), then let the learner move it.

    view: takes one keyword for each control and returns something a notebook can show (a Figure, a Passages).
    controls: name -> the values to choose from, or (label, value) pairs; numbers become a slider that starts at the
    first of them, the rest a list.
    """
    from IPython.display import display

    first = {name: _value(choices[0]) for name, choices in controls.items()}
    if not interactive():
        display(view(**first))
        return
    boxes = {name: _control(name, choices) for name, choices in controls.items()}
    display(*boxes.values())
    picture = display(view(**first), display_id=True)
    assert picture is not None  # a display with an id returns its handle

    def redraw(_change: object) -> None:
        picture.update(view(**{name: box.value for name, box in boxes.items()}))

    for box in boxes.values():
        box.observe(redraw, names="value")


def _value(choice: Any) -> Any:
    return choice[1] if isinstance(choice, tuple) else choice


def _control(name: str, choices: Sequence[Any]) -> Any:
    import ipywidgets as widgets

    numeric = all(isinstance(choice, int | float) for choice in choices)
    kind = widgets.SelectionSlider if numeric else widgets.Dropdown
    layout, style = widgets.Layout(width="95%"), {"description_width": "initial"}
    options = sorted(choices) if numeric else list(choices)
    words = name.replace("_", " ")
    return kind(options=options, value=_value(choices[0]), description=words, layout=layout, style=style)
