"""Templates to HTML: static pages with their style inside, which load nothing and run no script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from include.status_page import words

TEMPLATES = Path(__file__).parent / "templates"
# Shown for a missing figure, so that the word None never reaches a reader (I-36).
NOTHING = "–"


def page(template: str, **values: Any) -> str:
    """Return a template filled with values, all of which are escaped."""
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - ours
    return _environment().get_template(template).render(style=style, **values)


def document(title: str, body: str, base_url: str = "") -> str:
    """Return a page in the style of the status page around HTML that is known to be safe, for example a runbook's.

    Args:
        title: of the browser's window.
        body: HTML.
        base_url: address of Airflow's UI, or its path, without a slash at the end.
    """
    return page("document.html.j2", title=title, body=Markup(body), base=base_url.rstrip("/"))  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: NOTHING if value is None else value,
    )
    filters = (
        *(words.jst, words.clock, words.weekday, words.ago, words.early),
        *(words.number, words.signed, words.whole_dates),
    )
    environment.filters.update({function.__name__: function for function in filters})
    return environment
