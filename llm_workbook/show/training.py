"""What a learner sees while a model learns: which tokens the loss looks at, the losses, and the same answers again and
again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from matplotlib.figure import Figure

from . import plots
from .text import Text, in_html, literal
from .widgets import interactive

SEEN = '<b style="background:#ffd54d;color:#000;border-bottom:2px solid #000;padding:0 1px">'


@dataclass(frozen=True)
class TokenMask:
    """The tokens of one training example; those with a label of -100 are not seen by the loss."""

    tokens: Sequence[str]
    labels: Sequence[int]

    def __str__(self) -> str:
        return "".join(
            f"[{token}]" if label != -100 else token for token, label in zip(self.tokens, self.labels, strict=True)
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = (self._cell(token, label != -100) for token, label in zip(self.tokens, self.labels, strict=True))
        count = sum(label != -100 for label in self.labels)
        legend = (
            f"{SEEN}marked</b>: the {count} of {len(self.labels)} tokens that the loss sees; the grey ones are only"
            " read."
        )
        text = f'<div style="line-height:1.7;white-space:pre-wrap;overflow-wrap:anywhere">{"".join(cells)}</div>'
        return f"<p>{legend}</p>{text}"

    @staticmethod
    def _cell(token: str, seen: bool) -> str:
        text = in_html(token).replace("\n", "⏎\n")
        return f"{SEEN}{text}</b>" if seen else f'<span style="opacity:.65;border-bottom:1px dotted">{text}</span>'


@dataclass
class TrainingView:
    """Losses, held-out loss and a few answers, redrawn while a model trains; with a stop button where there is one to
    press.

    Without a live notebook it prints a line for each update and shows the picture at the end. `stopped` is True after
    the button.
    """

    steps: int
    title: str = ""
    stopped: bool = False
    losses: Sequence[float] = ()
    held_out: dict[int, float] = field(default_factory=dict)
    answers: dict[int, Mapping[str, str]] = field(default_factory=dict)
    _displays: list[Any] = field(default_factory=list)
    _button: Any = None

    def __post_init__(self) -> None:
        if interactive() and not _kernel_hears():
            print("To end the training early, interrupt this cell: what was learned is kept, and the lab goes on.")
        elif interactive():
            import ipywidgets as widgets
            from IPython.display import display

            tooltip = "Keep what was learned so far and go on with the lab"
            self._button = widgets.Button(description="Stop training", icon="stop", tooltip=tooltip)
            self._button.on_click(self._stop)
            display(self._button)

    async def run(self, train: Callable[..., Any], *arguments: Any) -> Any:
        """What train(*arguments) returns. It works in a thread, so that the kernel hears the button; an interrupt
        counts as the button.

        (A kernel that is busy in a cell hears no widget; one that awaits does, since ipykernel 7.)
        """
        work = asyncio.ensure_future(asyncio.to_thread(train, *arguments))
        while not work.done():
            try:
                await asyncio.wait([work], timeout=0.2)  # ipykernel hears an interrupt only when its loop wakes
            except asyncio.CancelledError:  # Kernel > Interrupt, in a cell that awaits
                self.stopped = True
        if self._button:
            self._button.disabled, self._button.description = True, "Stopped" if self.stopped else "Done"
        return work.result()

    def update(self, losses: Sequence[float], held_out: float, answers: Mapping[str, str]) -> bool:
        """Draw the state after len(losses) steps; answers: question -> what the model says now. Returns True to
        stop."""
        step = len(losses)
        self.losses, self.held_out[step], self.answers[step] = list(losses), held_out, answers
        if interactive():
            self._draw()
        else:
            last = f"loss {sum(losses[-8:]) / len(losses[-8:]):.2f}, " if losses else ""
            print(f"step {step} of {self.steps}: {last}held-out loss {held_out:.2f} | " + " | ".join(answers.values()))
        return self.stopped

    def figure(self) -> Figure:
        """Losses so far."""
        return plots.loss_curve(self.losses, self.held_out, self.steps, self.title)

    def table(self) -> Text:
        """The answers before training, at the first update, half-way and now, a row for each question, in Markdown."""
        steps = [*self.answers]
        shown = sorted({steps[0], steps[min(1, len(steps) - 1)], steps[len(steps) // 2], steps[-1]})
        head = " | ".join("before" if step == 0 else f"step {step}" for step in shown)
        lines = [f"| the model is asked | {head} |", "|---|" + "---|" * len(shown)]
        for question in self.answers[shown[0]]:
            cells = (_short(self.answers[step][question]) for step in shown)
            lines.append("| " + " | ".join(map(literal, (question, *cells))) + " |")
        return Text("\n".join(lines))

    def _ipython_display_(self) -> None:
        """As the last line of a cell: figure and table, unless they stand there already."""
        if not self._displays:
            self._draw()

    def _draw(self) -> None:
        from IPython.display import display

        views = (self.figure(), self.table())
        if not self._displays:
            self._displays = [display(view, display_id=True) for view in views]
        else:
            for handle, view in zip(self._displays, views, strict=True):
                handle.update(view)

    def _stop(self, button: Any) -> None:
        self.stopped, button.disabled, button.description = True, True, "Stopping..."


def _kernel_hears() -> bool:
    """Does a kernel that awaits hear a button? Since ipykernel 7; Colab's is older."""
    try:
        return int(metadata.version("ipykernel").split(".")[0]) >= 7
    except (metadata.PackageNotFoundError, ValueError):
        return False


def _short(answer: str) -> str:
    text = " ".join(answer.split())
    return text if len(text) <= 90 else text[:89] + "…"
