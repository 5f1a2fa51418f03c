"""A small gold made by hand, and small definitions on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from include.warehouse.endpoint import Endpoint
from infra.local.dashboards import answers
from infra.local.dashboards.answers import Answer
from infra.local.dashboards.definition import read
from infra.local.dashboards.tiles import Tile, draw
from infra.local.database import Database
from infra.local.warehouse import grant_logins

PASSWORDS = {"loader": "l", "restore": "r", "dbt": "d", "bi": "b"}
TODAY = date(2026, 3, 4)
AS_OF = date(2026, 3, 2)
MISSING = (date(2026, 2, 10), date(2026, 2, 11), date(2026, 2, 12), date(2026, 2, 20))

TABLES = {
    "rooms": "day DATE, phase VARCHAR(40), phase_order INT, occupied INT, movein INT, moveout INT, rate DECIMAL(8,6), "
    "as_of_date DATE",
    "contracts": "id INT, signed DATE, nation VARCHAR(20), kind VARCHAR(40), kind_order INT, rent INT, "
    "band VARCHAR(20), band_order INT, city VARCHAR(20), months_before INT, as_of_date DATE",
    "buildings": "name VARCHAR(40), municipality VARCHAR(20), latitude DECIMAL(9,6), longitude DECIMAL(9,6), "
    "total INT, occupied INT, rate_band VARCHAR(20), rate_band_order INT",
    "cards": "as_of_date DATE, rate DECIMAL(8,6), rate_before DECIMAL(8,6), yen INT, yen_before INT, rooms INT, "
    "rooms_before INT",
    "month_ends": "day DATE, rate DECIMAL(8,6)",
    "nothing": "label VARCHAR(20), n INT",
}


def rows() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the rows of gold: 40 days of facts with four missing, an outlook, contracts, buildings and cards."""
    for back in range(40):
        day = AS_OF - timedelta(days=back)
        if day not in MISSING:
            yield "rooms", (day, "実績 Fact", 1, 300 - back, 2, 1, 0.7, AS_OF)
    for ahead in range(1, 11):
        yield "rooms", (AS_OF + timedelta(days=ahead), "見込み Outlook", 2, 300 - ahead, 0, 1, 0.69, AS_OF)
    nations = [("日本", 12), ("中国", 9), ("韓国", 6), ("台湾", 3), ("米国", 2), ("仏国", 1)]
    number = 0
    for nation, count in nations:
        for n in range(count):
            number += 1
            kind = ("法人 Corporate", 2) if n % 3 == 0 else ("個人 Individual", 1)
            band = [("低 Low", 1), ("中 Middle", 2), ("高 High", 3)][number % 3]
            signed = date(2026, 1 + number % 3, 1)
            city = "墨田区" if number % 2 else "北区"
            months = 2 - number % 3
            yield "contracts", (number, signed, nation, *kind, 50000 + 1000 * n, *band, city, months, AS_OF)
    yield "buildings", ("東京β 墨田区1", "墨田区", 35.71, 139.81, 20, 18, "85%+", 2)
    yield "buildings", ("東京β 墨田区2", "墨田区", 35.72, 139.83, 10, 8, "<85%", 1)
    yield "buildings", ("東京β 北区1", "北区", 35.75, 139.73, 8, 4, "<85%", 1)
    yield "buildings", ("東京β 北区2", "北区", None, None, 8, 4, "<85%", 1)
    yield "cards", (AS_OF, 0.702, 0.699, 56158, 56112, 225, None)
    for month, rate in ((11, 0.68), (12, 0.69)):
        yield "month_ends", (date(2025, month, 30), rate)
    yield "month_ends", (date(2026, 2, 28), 0.712)


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of its own: its gold stays."""
    server = make_database()
    with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
        grant_logins(connection, PASSWORDS)
        cursor.execute("CREATE DATABASE gold CHARACTER SET utf8mb4")
        for table, columns in TABLES.items():
            cursor.execute(f"CREATE TABLE gold.{table} ({columns}) CHARACTER SET utf8mb4")
        for table, row in rows():
            cursor.execute(f"INSERT INTO gold.{table} VALUES ({', '.join(['%s'] * len(row))})", row)
        cursor.execute("CREATE DATABASE reports CHARACTER SET utf8mb4")
        cursor.execute("CREATE TABLE reports.verdicts AS SELECT 'fine' AS verdict, 7 AS rooms")
        connection.commit()
    return server


@pytest.fixture
def bi(database: Database) -> Endpoint:
    return Endpoint("127.0.0.1", database.port, "bi", PASSWORDS["bi"])


def column(table: str, name: str) -> dict[str, str]:
    return {"DataSetIdentifier": table, "ColumnName": name}


def dimension(table: str, name: str, grain: str = "", hierarchy: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"FieldId": f"d.{name}", "Column": column(table, name)}
    if not grain:
        return {"CategoricalDimensionField": body}
    body["DateGranularity"] = grain
    if hierarchy:
        body["HierarchyId"] = hierarchy
    return {"DateDimensionField": body}


def measure(table: str, name: str, aggregate: str = "", form: dict[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"FieldId": f"m.{name}.{aggregate}", "Column": column(table, name)}
    if aggregate:
        body["AggregationFunction"] = {"SimpleNumericalAggregation": aggregate}
    if form:
        body["FormatConfiguration"] = {"FormatConfiguration": form}
    return {"NumericalMeasureField": body}


PERCENT = {"PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 1}}}
YEN = {"CurrencyDisplayFormatConfiguration": {"Symbol": "JPY", "DecimalPlacesConfiguration": {"DecimalPlaces": 0}}}
ROOMS = {"NumberDisplayFormatConfiguration": {"Suffix": " 室"}}


def visual(kind: str, wells: dict[str, Any], well_kind: str = "", name: str = "v", **chart: Any) -> dict[str, Any]:
    body = {
        "VisualId": name,
        "Title": {"FormatText": {"PlainText": "題  Title"}},
        "ChartConfiguration": {"FieldWells": {well_kind: wells} if well_kind else wells, **chart},
    }
    return {kind: body}


def definition(*visuals: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = [next(iter(one.values()))["VisualId"] for one in visuals]
    elements = [
        {
            "ElementId": name,
            "ElementType": "VISUAL",
            "ColumnIndex": 0,
            "RowIndex": 9 * n,
            "ColumnSpan": 18,
            "RowSpan": 9,
        }
        for n, name in enumerate(names)
    ]
    sheet = {
        "SheetId": "s",
        "Name": "概況 Overview",
        "Visuals": list(visuals),
        "Layouts": [{"Configuration": {"GridLayout": {"Elements": elements}}}],
        **{key: more.pop(key) for key in ("FilterControls", "ParameterControls", "TextBoxes") if key in more},
    }
    return {"Sheets": [sheet], **more}


def where(kind: str, table: str, name: str, scope: list[str] | None = None, **body: Any) -> dict[str, Any]:
    scoped: dict[str, Any] = {"SheetId": "s", "Scope": "SELECTED_VISUALS" if scope is not None else "ALL_VISUALS"}
    if scope is not None:
        scoped["VisualIds"] = scope
    return {
        "FilterGroupId": name,
        "CrossDataset": "SINGLE_DATASET",
        "ScopeConfiguration": {"SelectedSheets": {"SheetVisualScopingConfigurations": [scoped]}},
        "Filters": [{kind: {"FilterId": f"{name}-filter", "Column": column(table, name), **body}}],
    }


class Preview:
    """Asks and draws small definitions."""

    def __init__(self, bi: Endpoint) -> None:
        self._bi = bi

    def tiles(self, made: dict[str, Any]) -> list[Tile]:
        with contextlib.closing(self._bi.connect()) as connection, connection.cursor() as cursor:
            pages = draw(cursor, read("test", made), answers.sources(cursor), TODAY)
        return [tile for page in pages for tile in page.tiles]

    def tile(self, *visuals: dict[str, Any], **more: Any) -> Tile:
        return self.tiles(definition(*visuals, **more))[0]

    def answer(self, *visuals: dict[str, Any], **more: Any) -> Answer:
        tile = self.tile(*visuals, **more)
        assert tile.answer, tile.missing
        return tile.answer


@pytest.fixture
def preview(bi: Endpoint) -> Preview:
    return Preview(bi)
