"""A one-page memo, written once and shown as Markdown and as a web page."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...files import child, write_whole
from ...show.text import literal

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em}}
h1{{font-size:1.5em}}h2{{font-size:1.1em;margin-bottom:.2em}}
.lead{{font-size:1.15em;border-left:4px solid #0b5394;padding-left:.7em}}</style>
</head><body><h1>{title}</h1><p class="lead">{lead}</p>{body}</body></html>
"""


@dataclass(frozen=True)
class Memo:
    """A title, the sentence that matters, and sections: heading -> lines. All of it is plain text, never markup."""

    title: str
    lead: str
    sections: Mapping[str, Sequence[str]]

    @property
    def markdown(self) -> str:
        """The memo as Markdown, with special characters escaped."""
        parts = [f"# {literal(self.title)}", f"**{literal(self.lead)}**"]
        for heading, lines in self.sections.items():
            parts += [f"## {literal(heading)}", "\n".join(f"- {literal(line)}" for line in lines)]
        return "\n\n".join(parts) + "\n"

    @property
    def page(self) -> str:
        """The memo as a web page of its own, escaped; dark where the reader's screen is."""
        title, lead = html.escape(self.title), html.escape(self.lead)
        body = ""
        for heading, lines in self.sections.items():
            body += (
                f"<h2>{html.escape(heading)}</h2><ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"
            )
        return PAGE.format(title=title, lead=lead, body=body)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def save(self, folder: Path, name: str = "decision_memo") -> list[Path]:
        """Write name.md and name.html into the folder, each in one step; returns the two paths.

        Raises: ValueError for a name that is no plain file name; OSError, and the earlier memo is then untouched.
        """
        paths = [child(folder, f"{name}.md"), child(folder, f"{name}.html")]
        return [write_whole(path, text) for path, text in zip(paths, (self.markdown, self.page), strict=True)]
