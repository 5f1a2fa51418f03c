"""Write the preview: an index, a page and a picture for each dashboard."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import vl_convert
import yaml

from include.schedule import business_date
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import GOLD
from infra.dashboards import DASHBOARDS
from infra.local import own_server, warehouse
from infra.local.dashboards import answers, picture
from infra.local.dashboards.answers import Source
from infra.local.dashboards.definition import Dashboard, read
from infra.local.dashboards.page import Entry, index, render
from infra.local.dashboards.tiles import draw, not_drawn
from infra.local.state import LocalError, State

if TYPE_CHECKING:
    from MySQLdb.cursors import Cursor

FIRST = ("executive_summary", "occupancy", "new_contracts_analysis", "moveout_retention", "tokyo_map", "data_quality")
SNIPPET = "window.vegaEmbed = vegaEmbed;"


def write_dashboards(state: State, say: Callable[[str], None], out: Path | None = None) -> Path:
    """Write the preview of the committed definitions on what readers of the platform see and return its index.

    Args:
        state: the platform; of it nothing but the database is started, and left running.
        say: prints a line.
        out: folder, by default `dashboards` in the platform's directory.

    Raises:
        LocalError: no business day has run yet.
        infra.local.database.DatabaseError: see `own_server.endpoint`.
    """
    own_server.endpoint(state, say)
    folder = out or state.directory / "dashboards"
    today = business_date(datetime.now(UTC))
    files, left_out = build(warehouse.login(state, "bi"), folder, today, script=_script(state.directory))
    for one in left_out:
        say(f"Not in the preview: {one}")
    return files[0]


def build(
    server: Endpoint, folder: Path, today: date, script: str, directory: Path = DASHBOARDS
) -> tuple[list[Path], list[str]]:
    """Write index, pages and pictures; return the files, the index first, and what is not shown.

    Args:
        server: login that may read what readers see.
        folder: where they go.
        today: the day in Tokyo, against which the age of data counts.
        script: Vega, Vega-Lite and Vega-Embed.
        directory: where the definitions are.

    Raises:
        LocalError: there are no tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dashboards = dict(definitions(directory))
    left_out: list[str] = []
    drawn = {}
    with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
        known = _sources(cursor)
        entries = [replace(entry, as_of=as_of(cursor, one, known)) for entry, one in dashboards.items()]
        for entry, one in dashboards.items():
            drawn[entry.id] = draw(cursor, one, known, today)
            left_out += [f"{entry.id}/{text}" for text in not_drawn(drawn[entry.id])]
    files = [folder / "index.html"]
    files[0].write_text(index(entries, today), encoding="utf-8")
    for entry in entries:
        files += [folder / entry.file, folder / f"{entry.id}.svg"]
        files[-2].write_text(render(entry, entries, drawn[entry.id], script, today), encoding="utf-8")
        files[-1].write_text(picture.sheet(entry, drawn[entry.id][0]), encoding="utf-8")
    return files, left_out


def picture_of(server: Endpoint, name: str, today: date, directory: Path = DASHBOARDS) -> str:
    """Return the first sheet of one dashboard as SVG.

    Args:
        server: login that may read what readers see.
        name: id of the dashboard.
        today: the day in Tokyo, against which the age of data counts.
        directory: where the definitions are.

    Raises:
        LocalError: there are no tables.
    """
    entry, dashboard = next(each for each in definitions(directory) if each[0].id == name)
    with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
        known = _sources(cursor)
        shown = replace(entry, as_of=as_of(cursor, dashboard, known))
        return picture.sheet(shown, draw(cursor, dashboard, known, today)[0])


def _sources(cursor: Cursor) -> dict[str, Source]:
    if not (known := answers.sources(cursor)):
        raise LocalError("there are no figures yet; run a business day with `make run`")
    return known


def _script(directory: Path) -> str:
    """Return the script of the pages; bundling it takes seconds, so it is kept until vl-convert changes."""
    kept = directory / f"vega-{version('vl-convert-python')}.js"
    if not kept.exists():
        part = kept.with_suffix(".part")
        part.write_text(vl_convert.javascript_bundle(SNIPPET), encoding="utf-8")
        part.replace(kept)
    return kept.read_text(encoding="utf-8")


def definitions(directory: Path = DASHBOARDS) -> Iterator[tuple[Entry, Dashboard]]:
    """Yield the committed dashboards with their titles, in the order in which readers know them."""
    files = sorted(directory.glob("*.json"), key=lambda one: (FIRST.index(one.stem) if one.stem in FIRST else 99, one))
    for file in files:
        head = file.with_suffix(".yml").read_text(encoding="utf-8").partition("\nsheets:")[0]
        title = yaml.safe_load(head)["title"]
        definition = json.loads(file.read_text(encoding="utf-8"))
        yield Entry(file.stem, title["ja"], title["en"]), read(file.stem, definition)


def as_of(cursor: Cursor, dashboard: Dashboard, known: Mapping[str, Source]) -> str:
    """Return the newest as-of date of the dashboard's data sets on gold, and the oldest while they differ."""
    dates = []
    for table in dashboard.data_sets:
        source = known.get(table)
        if source and source.schema == GOLD.live and "as_of_date" in source.columns:
            cursor.execute(f"SELECT max(as_of_date) FROM {GOLD.live}.`{table}`")
            dates += [str(value) for (value,) in cursor.fetchall() if value]
    return " – ".join(sorted({min(dates), max(dates)})) if dates else ""
