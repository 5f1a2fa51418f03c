"""Draw the two pictures of README.md as SVG: `make pictures`.

The architecture carries the hours of `include.schedule`. The other picture shows the figures of the newest date that
this machine's platform has published. SVG is light, sharp at every size, and shows in a diff what has changed.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include import schedule
from include.schedule import clock
from include.settings import PROJECT_DIR
from include.status_page.chart import draw
from include.status_page.html import TEMPLATES
from include.status_page.sources import occupancy
from include.warehouse.endpoint import Endpoint

FOLDER = PROJECT_DIR / ".github" / "pictures"
CHART_SIZE = (960, 300)
# Business name, column of occupancy_daily_metrics, and how the figure is written.
FIGURES = (
    ("申込 applications", "applications", "{:,}"),
    ("新規入居 move-ins", "new_moveins", "{:,}"),
    ("新規退去 move-outs", "new_moveouts", "{:,}"),
    ("稼働室数 occupied rooms", "period_end_rooms", "{:,}"),
    ("稼働率 occupancy rate", "occupancy_rate", "{:.1%}"),
)

MILESTONES = (
    (schedule.DUMP_TAKEN, ("dump taken",)),
    (schedule.DUMP_DUE, ("watch: is the", "dump there?")),
    (schedule.START, ("run starts,", "waits for the dump")),
    (schedule.GOLD_DUE, ("deadline", "of gold")),
    (schedule.DASHBOARDS_DUE, ("deadline of", "dashboards")),
    (schedule.LAST_LOOK, ("watch, and tests", "of all dates")),
)


class NoFigures(RuntimeError):
    """No date is published on this machine; the message says how to publish one."""


def draw_pictures(server: Endpoint, folder: Path = FOLDER) -> list[Path]:
    """Write both pictures and return their files.

    Args:
        server: login that may read gold.
        folder: where they go.

    Raises:
        NoFigures: gold has no date with facts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"architecture.svg": architecture(), "figures.svg": figures(server)}
    for name, picture in pictures.items():
        (folder / name).write_text(picture, encoding="utf-8")
    return [folder / name for name in pictures]


def architecture() -> str:
    """Return the architecture as SVG."""
    line = [(clock(hour), text) for hour, text in MILESTONES]
    return _render(
        "architecture.svg.j2", line=line, dump=clock(schedule.DUMP_TAKEN), dashboards=clock(schedule.DASHBOARDS_DUE)
    )


def figures(server: Endpoint) -> str:
    """Return the newest published figures and the occupancy chart as SVG.

    Raises:
        NoFigures: gold has no date with facts.
    """
    with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
        days = occupancy(connection)
        if days is None:
            raise NoFigures("no figures are published on this machine; run `make run` first")
        columns = ", ".join(column for _, column, _ in FIGURES)
        cursor.execute(f"SELECT {columns} FROM gold.occupancy_daily_metrics WHERE snapshot_date = %s", [days.as_of])
        row = cursor.fetchone()
    tiles = [(name, form.format(value)) for (name, _, form), value in zip(FIGURES, row, strict=True)]
    return _render("figures.svg.j2", as_of=days.as_of, tiles=tiles, chart=draw(days, *CHART_SIZE))


def _render(template: str, **values: Any) -> str:
    loader = FileSystemLoader([Path(__file__).parent, TEMPLATES])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(**values)
