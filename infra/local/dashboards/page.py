"""HTML of the preview: one page a dashboard, with script and data inside, and an index."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from infra.local.dashboards.definition import Json
from infra.local.dashboards.tiles import Page

TEMPLATES = Path(__file__).with_name("templates")
SPARKLINE = (120, 26)


@dataclass(frozen=True)
class Entry:
    """A dashboard in the navigation.

    Attributes:
        id: its id, and the name of its files.
        japanese: its title.
        english: its title.
        as_of: the date to which its data go, or nothing.
    """

    id: str
    japanese: str
    english: str
    as_of: str = ""

    @property
    def file(self) -> str:
        """Name of its page."""
        return f"{self.id}.html"


def render(entry: Entry, entries: list[Entry], pages: list[Page], script: str, made: date) -> str:
    """Return the page of a dashboard; it needs no network.

    Args:
        entry: the dashboard.
        entries: all of them.
        pages: its sheets.
        script: Vega, Vega-Lite and Vega-Embed.
        made: the day on which it is made.
    """
    template = _environment().get_template("dashboard.html.j2")
    bundle = Markup(script)  # noqa: S704  # not data: it comes from vl-convert
    return template.render(entry=entry, entries=entries, pages=pages, script=bundle, made=made)


def index(entries: list[Entry], made: date) -> str:
    """Return the page that links all dashboards."""
    return _environment().get_template("index.html.j2").render(entries=entries, made=made)


def sparkline(values: tuple[float | None, ...], width: float, height: float) -> str:
    """Return the path of a sparkline, interrupted where a value is missing."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    step = width / max(len(values) - 1, 1)
    path, pen = [], "M"
    for number, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        path.append(f"{pen}{number * step:.1f},{height - 2 - share * (height - 4):.1f}")
        pen = "L"
    return "".join(path)


def packed(spec: Any) -> Any:
    """Return a specification with its rows as lists of places in a list of values, a fifth of the size."""
    if isinstance(spec, list):
        return [packed(one) for one in spec]
    if not isinstance(spec, dict):
        return spec
    rows = spec.get("data", {}).get("values") if isinstance(spec.get("data"), dict) else None
    result = {key: packed(value) for key, value in spec.items() if key != "data" or rows is None}
    if rows is not None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        if any(isinstance(value, dict | list) for row in rows for value in row.values()):
            return result | {"data": spec["data"]}
        # 1 and True and 1.0 are one key of a dictionary unless their types stand beside them.
        known = dict.fromkeys((type(value), value) for row in rows for value in (*row.values(), None))
        places = {key: place for place, key in enumerate(known)}
        values = [[row.get(name) for name in names] for row in rows]
        packed_rows = [[places[type(value), value] for value in row] for row in values]
        result["data"] = {"packed": {"names": names, "known": [value for _, value in known], "rows": packed_rows}}
    return result


def as_json(value: Json) -> Markup:
    """Return JSON that cannot end the script element around it."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))  # noqa: S704


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "sparkline": sparkline,
        "as_json": as_json,
        "packed": packed,
        "sparkline_size": SPARKLINE,
    }
    return environment
