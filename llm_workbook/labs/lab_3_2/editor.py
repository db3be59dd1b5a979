"""An editor: change an answer and watch every metric. Without a live kernel: a table of a few changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...measure.answers import exact_match, rouge_l, token_f1
from ...show.text import in_html, show
from ...show.widgets import interactive
from ...taught import lab_3_2 as taught
from .study import Case, Measure
from .support import support

LONG = 160  # characters of an answer that are shown


def metrics_of(case: Case, answer: str, cosine: Measure) -> dict[str, str]:
    """Every metric of one answer, against the value that the contract states; % but for yes and no."""
    known, right = support(case, answer), case.value
    cited = _yes(known["cited_right"] == known["cited"]) if known["cited"] else "no citation"
    references = case.question.answers if case.marked else ()
    return {
        "cosine": _percent(cosine(answer, right)),
        "token recall": _percent(taught.token_recall(answer, right)),
        "token precision": _percent(taught.token_recall(right, answer)),
        "F1": _percent(token_f1(answer, references)),
        "ROUGE-L recall": _percent(taught.rouge_l_recall(answer, right)),
        "ROUGE-L F": _percent(rouge_l(answer, references)),
        "exact": _yes(exact_match(answer, references)),
        "span IoU": _percent(known["iou"]),
        "words grounded": _percent(known["grounded"]),
        "cited clause right": cited,
        "refused": _yes(known["refused"]),
        "strict": _yes(known["right"]),
    }


def changes(case: Case, answer: str) -> dict[str, str]:
    """A few edits of an answer, for a page on which nobody can type."""
    return {
        "the answer": answer,
        "the right value": case.value or "not stated",
        "and the question's words": f"{answer} {case.asked}",
        "or 90 days": f"{answer} or 90 days",
        "the first clause": case.clauses[0] if case.clauses else "",
        "a refusal": "The clauses do not state this.",
    }


def sheet(case: Case, answers: Mapping[str, str], cosine: Measure) -> pd.DataFrame:
    """A column for each answer to a question: its text, and every metric of it."""
    texts = {name: text if len(text) <= LONG else f"{text[:LONG]} ..." for name, text in answers.items()}
    return pd.DataFrame(
        {name: {"text": texts[name]} | metrics_of(case, text, cosine) for name, text in answers.items()}
    )


def page(case: Case, table: pd.DataFrame) -> str:
    """A question with a sheet, as HTML; what documents, models and learners write is shown letter by letter."""
    stated = f"<b>{in_html(case.value)}</b> ({in_html(case.sentence)})" if case.marked else "nothing"
    rows = table.rename(columns=in_html).map(in_html).to_html(escape=False, justify="left")
    return f"<p><b>{in_html(case.asked)}</b><br>Stated: {stated}</p>{rows}"


@dataclass(frozen=True, repr=False)
class Page:
    """A question with a sheet, for a notebook and for a log."""

    case: Case
    table: pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.case.asked}\nstated: {self.case.value}\n{self.table.to_string(max_colwidth=40)}"

    def _repr_html_(self) -> str:
        return page(self.case, self.table)


def edit(cases: Sequence[Case], said: Mapping[str, str], cosine: Measure) -> None:
    """Show a few changes to the first answer, and where somebody can type the editor.

    said: question id -> the answer to begin with. Only questions that have an answer are offered.
    """
    offered = [case for case in cases if case.marked and case.question.id in said]
    if not offered:
        print("None of these questions has an answer: take a larger MAX_ITEMS.")
        return
    first = offered[0]
    show(Page(first, sheet(first, changes(first, said[first.question.id]), cosine)))
    if interactive():
        show(Editor(offered, said, cosine).page)


class Editor:
    """The page: a list of questions, a box with the answer, and the metrics of what stands in it."""

    def __init__(self, cases: Sequence[Case], said: Mapping[str, str], cosine: Measure) -> None:
        import ipywidgets as widgets

        self.cases, self.said, self.cosine = {case.question.id: case for case in cases}, said, cosine
        options = [(case.asked[:110], name) for name, case in self.cases.items()]
        wide: Any = {"width": "95%"}
        self.choice = widgets.Dropdown(options=options, layout=wide)
        self.box = widgets.Textarea(layout=wide, continuous_update=True)
        self.view = widgets.HTML()
        self.choice.observe(self._chosen, names="value")
        self.box.observe(self._typed, names="value")
        self.page = widgets.VBox([self.choice, self.box, self.view])
        self._chosen(None)

    def _chosen(self, _change: object) -> None:
        self.box.value = self.said[str(self.choice.value)]
        self._typed(None)

    def _typed(self, _change: object) -> None:
        case, before = self.cases[str(self.choice.value)], self.said[str(self.choice.value)]
        self.view.value = page(case, sheet(case, {"the reader's answer": before, "yours": self.box.value}, self.cosine))


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _yes(value: float) -> str:
    return "yes" if value else "no"
