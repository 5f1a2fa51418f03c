"""Draw the two pictures of README.md as SVG: `make pictures`.

The architecture carries the hours of `include.schedule`. The other is a dashboard with the newest figures that this
machine's platform has published. SVG is light, sharp at every size, and shows in a diff what has changed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include import schedule
from include.schedule import clock
from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from infra.local.dashboards.build import picture_of

FOLDER = PROJECT_DIR / ".github" / "pictures"
DASHBOARD = "executive_summary"
MILESTONES = (
    (schedule.DUMP_TAKEN, ("dump taken",)),
    (schedule.DUMP_DUE, ("watch: is the", "dump there?")),
    (schedule.START, ("run starts,", "waits for the dump")),
    (schedule.GOLD_DUE, ("deadline", "of gold")),
    (schedule.DASHBOARDS_DUE, ("deadline of", "dashboards")),
    (schedule.LAST_LOOK, ("watch, and tests", "of all dates")),
)


def draw_pictures(server: Endpoint, today: date, folder: Path = FOLDER) -> list[Path]:
    """Write both pictures and return their files.

    Args:
        server: login that may read gold.
        today: the day in Tokyo, against which the age of the figures counts.
        folder: where they go.

    Raises:
        infra.local.state.LocalError: no business day has run yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"architecture.svg": architecture(), "dashboard.svg": picture_of(server, DASHBOARD, today)}
    for name, picture in pictures.items():
        (folder / name).write_text(picture, encoding="utf-8")
    return [folder / name for name in pictures]


def architecture() -> str:
    """Return the architecture as SVG."""
    line = [(clock(hour), text) for hour, text in MILESTONES]
    return _render(
        "architecture.svg.j2", line=line, dump=clock(schedule.DUMP_TAKEN), dashboards=clock(schedule.DASHBOARDS_DUE)
    )


def _render(template: str, **values: Any) -> str:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(**values)
