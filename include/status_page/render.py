"""The status page as HTML: static, self-contained, readable without Airflow and as an attachment of a mail."""

from __future__ import annotations

from include.schedule import DAILY
from include.status_page.chart import draw
from include.status_page.days import due
from include.status_page.facts import Facts
from include.status_page.html import page
from include.warehouse.publications import LAYER_DASHBOARDS, LAYER_GOLD

# Of the drawing; the narrow one is for telephones, where the letters of the wide one could not be read.
CHART_SIZES = {"wide": (960, 300), "narrow": (360, 260)}


def render(facts: Facts, base_url: str = "") -> str:
    """Return the page.

    Args:
        facts: what it says.
        base_url: address of Airflow's UI for the links; empty: there are no links.
    """
    occupancy = facts.occupancy.value
    charts = {name: draw(occupancy, *size) for name, size in CHART_SIZES.items()} if occupancy else {}
    times = {layer: f"{due(facts.today, layer):%H:%M}" for layer in (LAYER_GOLD, LAYER_DASHBOARDS)}
    base = base_url.rstrip("/")
    return page("page.html.j2", facts=facts, charts=charts, due=times, base=base, dag_id=DAILY)
