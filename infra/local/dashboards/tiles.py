"""What stands in each place of a sheet, drawn from the answers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from infra.local.dashboards import answers, cells, charts
from infra.local.dashboards.answers import Answer, Source, drills
from infra.local.dashboards.definition import Dashboard, Element, Field, Json, Sheet, Unsupported
from infra.local.dashboards.flow import parameter, shown

if TYPE_CHECKING:
    from MySQLdb.cursors import Cursor

KINDS = {
    "KPIVisual": "KPI",
    "TableVisual": "表 Table",
    "PivotTableVisual": "ピボット Pivot",
    "LineChartVisual": "折れ線グラフ Line chart",
    "BarChartVisual": "棒グラフ Bar chart",
    "ComboChartVisual": "複合グラフ Combo chart",
    "HeatMapVisual": "ヒートマップ Heat map",
    "ScatterPlotVisual": "散布図 Scatter plot",
    "GeospatialMapVisual": "地図 Map",
}
ALLOWED_TAGS = re.compile(r"&lt;(/?)(b|i|u|ul|ol|li|br)(\s*/?)&gt;")


@dataclass(frozen=True)
class Tile:
    """One place of a sheet; what it does not hold is None.

    Attributes:
        id: of the visual or text box.
        place: its place in the grid.
        title: as the definition has it, Japanese and English with two spaces between.
        subtitle: as well.
        alternative: the figure in words.
        grain: at which a date starts that readers can drill into, or nothing.
        deaf: whether a control that holds for it works in QuickSight only.
        empty: whether its answer has no rows.
        answer: rows from which pictures are drawn.
        spec: Vega-Lite.
        card: a KPI.
        grid: a table.
        text: a text box, as HTML.
        missing: why the preview does not draw it.
    """

    id: str
    place: Element
    title: str = ""
    subtitle: str = ""
    alternative: str = ""
    grain: str = ""
    deaf: bool = False
    empty: bool = False
    answer: Answer | None = None
    spec: Json | None = None
    card: cells.Card | None = None
    grid: cells.Grid | None = None
    text: str | None = None
    missing: str = ""

    @property
    def titles(self) -> tuple[str, str]:
        """The title in Japanese and in English."""
        japanese, _, english = self.title.partition("  ")
        return japanese, english.strip()


@dataclass(frozen=True)
class Choice:
    """A control with what can be chosen."""

    name: str
    title: str
    multiple: bool
    values: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class Page:
    """A sheet, drawn."""

    id: str
    name: str
    tiles: tuple[Tile, ...]
    choices: tuple[Choice, ...] = field(default=())


def draw(cursor: Cursor, dashboard: Dashboard, known: Mapping[str, Source], today: date) -> list[Page]:
    """Ask for and draw each visual of a dashboard; what cannot be drawn says so in its place.

    Args:
        cursor: of a login that may read what readers see.
        dashboard: the definition.
        known: tables by name.
        today: the day in Tokyo.
    """
    pages = []
    for sheet in dashboard.sheets:
        tiles = tuple(
            _tile(cursor, dashboard, sheet, place, known, today)
            for place in sorted(sheet.elements, key=lambda one: (one.row, one.column))
        )
        pages.append(Page(sheet.id, sheet.name, tiles, tuple(_choices(dashboard, sheet, tiles))))
    return pages


def not_drawn(pages: list[Page]) -> list[str]:
    """Return what of a dashboard the preview does not show, with the reason."""
    return [f"{page.id}/{tile.id}: {tile.missing}" for page in pages for tile in page.tiles if tile.missing]


def _tile(
    cursor: Cursor,
    dashboard: Dashboard,
    sheet: Sheet,
    place: Element,
    known: Mapping[str, Source],
    today: date,
) -> Tile:
    if place.id in sheet.texts:
        return Tile(place.id, place, text=rich_text(sheet.texts[place.id]))
    visual = sheet.visuals.get(place.id)
    if not visual:
        return Tile(place.id, place, missing="neither a visual nor a text box")
    try:
        return show(answers.ask(cursor, dashboard, sheet, visual, known, today), place)
    except Unsupported as reason:
        return Tile(place.id, place, visual.title, visual.subtitle, missing=str(reason))


def show(answer: Answer, place: Element) -> Tile:
    """Return the tile of an answer.

    Raises:
        Unsupported: the preview does not draw this visual.
    """
    visual = answer.plan.visual
    grain = next((one.grain for one in visual.fields() if drills(visual, one)), "")
    card = cells.kpi(answer) if visual.kind == "KPIVisual" else None
    tables = {"TableVisual": cells.table, "PivotTableVisual": cells.pivot}
    grid = tables[visual.kind](answer) if visual.kind in tables else None
    spec = charts.chart(answer) if not card and not grid else None
    return Tile(
        visual.id,
        place,
        visual.title,
        visual.subtitle,
        alternative(answer),
        grain,
        answer.plan.deaf,
        empty=not answer.rows,
        answer=answer,
        spec=spec,
        card=card,
        grid=grid,
    )


def alternative(answer: Answer) -> str:
    """Return a figure in words: its kind, title, dates or number of values, and the range of each measure."""
    visual = answer.plan.visual
    parts = [f"{KINDS[visual.kind]}: {' '.join(visual.title.split())}"]
    for one in visual.fields():
        if one.id in answer.plan.dimensions:
            found = sorted({shown(row[answer.plan.dimensions[one.id]]) for row in answer.rows})
            if found:
                parts.append(f"{one.label}: {_extent(one, found)}")
    for measure in answer.plan.measures.values():
        values = [value for value in map(measure.value, answer.rows) if value is not None]
        if values:
            low, high = (measure.field.format.write(value) for value in (min(values), max(values)))
            parts.append(f"{measure.field.label}: {low}" + (f" – {high}" if high != low else ""))
    return ". ".join(parts)


def _extent(one: Field, found: list[str]) -> str:
    if one.grain:
        return f"{found[0]} – {found[-1]}"
    return ", ".join(found) if len(found) <= 6 else f"{len(found)} values"


def rich_text(content: str) -> str:
    """Return a text box as HTML with nothing but simple marks in it."""
    inner = re.sub(r"</?(text-box|inline|block)\b[^>]*>", "", content)
    return ALLOWED_TAGS.sub(r"<\1\2>", html.escape(html.unescape(inner), quote=False))


def _choices(dashboard: Dashboard, sheet: Sheet, tiles: tuple[Tile, ...]) -> Iterator[Choice]:
    for control in sheet.controls:
        found: set[str] = set()
        used = False
        for answer in (tile.answer for tile in tiles if tile.answer):
            for handle, alias in answer.plan.handles:
                if handle.control.source == control.source:
                    used = True
                    found |= {str(row[alias]) for row in answer.rows if row[alias] is not None}
        default = str(dashboard.parameters.get(control.source) or "") if control.of_parameter else ""
        values = control.values or tuple(sorted(found))
        name = parameter(control.source)
        yield Choice(
            name, control.title, control.multiple and not control.of_parameter, values if used else (), default
        )
