"""The runbooks of `include/alerts/runbooks` as HTML, for the pages beside the status page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).resolve().parents[1] / "alerts" / "runbooks"


@dataclass(frozen=True)
class Runbook:
    """One runbook: its alert class, its first heading, its text as HTML."""

    name: str
    title: str
    html: str


def names(folder: Path = FOLDER) -> list[str]:
    """Return the alert classes that have a runbook."""
    return sorted(file.stem for file in folder.glob("*.md"))


def runbook(name: str, folder: Path = FOLDER) -> Runbook | None:
    """Return a runbook, None when there is none of that name; no other file can be read."""
    if name not in names(folder):
        return None
    text = (folder / f"{name}.md").read_text(encoding="utf-8")
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return Runbook(name, heading[1].strip() if heading else name, to_html(text))


def to_html(text: str) -> str:
    """Return Markdown as HTML: raw HTML in it is shown as text, and links to other runbooks' files lead to them."""
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = re.sub(r'href="(?:\./)?([a-z-]+)\.md(#[\w-]+)?"', r'href="\1\2"', html)
    return html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
