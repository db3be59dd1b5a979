"""Messages that read well everywhere: Markdown in a notebook, plain text in a terminal or a log; no colours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A message in Markdown; its plain form is the same without the stars and backticks."""

    markdown: str

    def __str__(self) -> str:
        return self.markdown.replace("**", "").replace("`", "")

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown


def show(view: object) -> None:
    """Display `view` in a notebook, print it elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(view)
        return
    display(view) if get_ipython() is not None else print(view)
