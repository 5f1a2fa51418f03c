"""What a rent roll says about each room in one month.

The columns that are needed are found by their headers, which a setting names (`columns.json`), so that a new export
needs no release. The text that names a tenant is reduced when it is read; no name is kept.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from include.forms import Refused
from include.plain_text import showable
from include.reports.rent_roll.normalise import (
    Tenant,
    Unreadable,
    asset_of,
    date_of,
    flag_of,
    key_of,
    period_of,
    tenant_of,
    text_of,
    unit_of,
    yen_of,
)
from include.reports.rent_roll.spreadsheet import CUT, LAST_ROW, Cells, Table, tables

SHIPPED = Path(__file__).with_name("columns.json")
FIELDS = (
    "asset_id",
    "unit",
    "tenant",
    "ocp",
    "delete_flg",
    "period_year_month",
    "contract_start_date",
    "contract_end_date",
    "base_rent_amt",
)
# Without these a row says nothing.
ESSENTIAL = ("period_year_month", "ocp")
# Titles may stand above the header.
HEADER_LINES = 20
LONGEST_NUMBER = 16
# Stands for the number of a building or a room that cannot be read.
UNTOLD = "?"
TOLERATED_UNREADABLE = 0.01
SHOWN = 12

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says about a room in the month.

    Attributes:
        line: in the sheet, from 1.
        asset: asset id of the building.
        unit: number of the room, empty when the row is about the building.
        tenant: what is kept of who holds it.
        is_occupied: as the column `ocp` says.
        is_deleted: as the column `delete_flg` says.
        start: of the contract.
        end: of the contract.
        rent: monthly, in yen.
    """

    line: int
    asset: str
    unit: str
    tenant: Tenant
    is_occupied: bool
    is_deleted: bool = False
    start: date | None = None
    end: date | None = None
    rent: int | None = None

    @property
    def key(self) -> Key:
        """What the room is compared by."""
        return self.asset, key_of(self.unit)


@dataclass(frozen=True)
class RentRoll:
    """What a rent roll says about one month.

    Attributes:
        period: the month, YYYYMM.
        rows: of that month.
        earlier: newest month before of each room that the file lists, also of those that it lists in that month.
        lines: rows of the file, of all months.
        unreadable: number of cells that could not be read, by column.
    """

    period: int
    rows: tuple[Row, ...]
    earlier: Mapping[Key, int] = field(default_factory=dict)
    lines: int = 0
    unreadable: Mapping[str, int] = field(default_factory=dict)


class Columns:
    """Which header stands for which of our fields.

    Args:
        text: JSON, an object of header and field; several headers may stand for one field.
        origin: where it comes from, for errors.

    Raises:
        Refused: it is no such object.
    """

    def __init__(self, text: str | bytes, origin: str) -> None:
        try:
            given = json.loads(text)
            self._fields = {_spelled(header): name for header, name in given.items()}
        except (ValueError, AttributeError) as error:
            raise Refused(f"{origin} is no JSON object of header and field; correct it or remove it") from error
        if set(map(str, self._fields.values())) != set(FIELDS):
            raise Refused(f"{origin} must name a header for each of {', '.join(FIELDS)} and for nothing else")

    def field(self, cell: Any) -> str | None:
        """Return the field whose header a cell holds."""
        return self._fields.get(_spelled(cell)) if isinstance(cell, str) else None

    def places(self, cells: Cells) -> dict[str, list[int]]:
        """Return the numbers of the columns of each field that a header names."""
        found = defaultdict(list)
        for number, cell in enumerate(cells):
            if name := self.field(cell):
                found[name].append(number)
        return found


def read(body: bytes, columns: Columns, period: int) -> RentRoll:
    """Return what a rent roll says about one month.

    Args:
        body: the file, CSV or XLSX.
        columns: which header stands for which field.
        period: the month, YYYYMM.

    Raises:
        Refused: the file cannot be trusted to be a whole rent roll of that month.
    """
    chosen: RentRoll | None = None
    chosen_name = ""
    for table in tables(body):
        rows = enumerate(table.rows, start=1)
        places = _header(rows, columns)
        if not places:
            continue
        if chosen:
            raise Refused(f"the sheets {chosen_name!r} and {table.name!r} both have the header; leave one of them")
        chosen, chosen_name = _Reading(table, places, columns, period).rent_roll(rows), table.name
    if chosen is None:
        raise Refused(
            f"the layout is unknown: none of the first {HEADER_LINES} rows names {', '.join(FIELDS)}; export it as "
            "usual, or name the new headers in rent-roll/columns.json"
        )
    return chosen


def _header(rows: Iterator[tuple[int, Cells]], columns: Columns) -> dict[str, int]:
    """Return the place of each field, nothing when there is no header."""
    for _, cells in islice(rows, HEADER_LINES):
        places = columns.places(cells)
        if len(places) <= len(FIELDS) // 2:  # nothing is quoted of a row that may be about tenants
            continue
        if missing := [name for name in FIELDS if name not in places]:
            found = ", ".join(showable(text_of(cell))[:40] for cell in cells if text_of(cell))
            raise Refused(
                f"the column {', '.join(missing)} is missing; found are {found}; export it too, or name its header in "
                "rent-roll/columns.json"
            )
        if doubled := [name for name, numbers in places.items() if len(numbers) > 1]:
            raise Refused(f"the column {', '.join(doubled)} is there twice; leave one of them")
        return {name: numbers[0] for name, numbers in places.items()}
    return {}


class _Reading:
    """One sheet while it is read."""

    def __init__(self, table: Table, places: Mapping[str, int], columns: Columns, period: int) -> None:
        self._places, self._columns, self._period = places, columns, period
        self._uncomputed = {name: table.uncomputed[place] for name, place in places.items()}
        self._unreadable = Counter({name: n for name, n in self._uncomputed.items() if name not in ESSENTIAL})
        self._periods: Counter[int] = Counter()

    def rent_roll(self, rows: Iterator[tuple[int, Cells]]) -> RentRoll:
        """Read the rows below the header."""
        lines = 0
        found: list[Row] = []
        earlier: dict[Key, int] = {}
        for line, cells in rows:
            if line >= LAST_ROW:
                raise Refused(CUT)
            values = {name: cells[place] if place < len(cells) else None for name, place in self._places.items()}
            if not any(text_of(value) for value in values.values()):
                continue
            lines += 1
            if self._columns.field(values["asset_id"]) == "asset_id":
                raise Refused(f"line {line} is a header again; leave one list in the file")
            period, row = self._row(line, values)
            if row is None:
                continue
            if period == self._period:
                found.append(row)
            elif period < self._period:
                earlier[row.key] = max(period, earlier.get(row.key, 0))
        self._judge(lines, bool(found))
        return RentRoll(self._period, tuple(found), earlier, lines, {k: n for k, n in self._unreadable.items() if n})

    def _row(self, line: int, values: Mapping[str, Any]) -> tuple[int, Row | None]:
        period = self._read("period_year_month", values, period_of) or 0
        occupied = self._read("ocp", values, flag_of)
        if not period or occupied is None:
            return period, None
        self._periods[period] += 1
        if period > self._period:
            return period, None
        asset = self._read("asset_id", values, _short(asset_of)) or UNTOLD
        unit = self._read("unit", values, _short(unit_of))
        unit = UNTOLD if unit is None else unit
        if period < self._period:
            return period, Row(line, asset, unit, tenant_of(None), occupied)
        return period, Row(
            line,
            asset,
            unit,
            tenant_of(values["tenant"]),
            occupied,
            bool(self._read("delete_flg", values, flag_of)),
            self._read("contract_start_date", values, date_of),
            self._read("contract_end_date", values, date_of),
            self._read("base_rent_amt", values, yen_of),
        )

    def _read(self, name: str, values: Mapping[str, Any], reading: Callable[[Any], Any]) -> Any:
        try:
            value = reading(values[name])
        except Unreadable:
            value = None
        else:
            if value is not None or name != "ocp":
                return value
        self._unreadable[name] += 1
        return value

    def _judge(self, lines: int, has_period: bool) -> None:
        for name, cells in self._unreadable.items():
            if (name in ESSENTIAL or self._uncomputed[name]) and cells > lines * TOLERATED_UNREADABLE:
                raise Refused(
                    f"{cells:,} of {lines:,} rows have no readable {name}; formulas must be computed and saved by "
                    "Excel, months be YYYYMM and ocp 0 or 1"
                )
        if not has_period:
            months = sorted(self._periods)
            found = ", ".join(map(str, months[-SHOWN:])) or "none"
            raise Refused(f"the file has no row of {self._period}; found are {found}; upload it below its own month")


def _short(reading: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return a reading that takes no long text, which may be about somebody, for the number of a building or a room."""

    def read_short(value: Any) -> str:
        text = reading(value)
        if len(text) > LONGEST_NUMBER:
            raise Unreadable
        return text

    return read_short


def _spelled(header: str) -> str:
    return "".join(text_of(header).casefold().split())
