"""The rows of the vendor's database day by day, as Python values, and how they get into a server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.generator import DEFAULT_SEED
from infra.local.vendor.scale import Scale
from infra.local.vendor.schema import Table, tables
from infra.local.vendor.simulation import Simulation
from tests.oracle.edges import edge_rows

TABLES = ("movings", "tenants", "apartments", "rooms", "inquiries", "m_nationalities")
SCALE = Scale("oracle", 25)
_LITERAL = re.compile(r"NULL|'(?:[^'\\]|\\.|'')*'|[-+.\d]+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "0": "\0", "Z": "\x1a"}

Raw = dict[str, str | None]
Bronze = dict[str, dict[int, Raw]]
"""Rows by table and id; every value is the text that the server would show, None for NULL."""


def days(dates: set[date], columns: dict[str, list[str]], edges: bool = True) -> Iterator[tuple[date, Bronze]]:
    """Yield the database as of each of the dates, in their order.

    Args:
        dates: which days.
        columns: the columns wanted of each table.
        edges: add the rows of edges.py.
    """
    shapes = {
        name: Table(name, tuple(column for column in tables()[name].columns if column.name in columns[name]), "")
        for name in TABLES
    }
    seen: dict[str, Raw] = {}  # rows hardly change from day to day, so each text is read once
    found: list[tuple[date, Bronze]] = []

    def at_dump(ordinal: int) -> None:
        today = date.fromordinal(ordinal)
        if today not in dates:
            return
        core = CoreRows(simulation)
        bronze: Bronze = {}
        for name, shape in shapes.items():
            bronze[name] = {}
            names = [column.name for column in shape.columns]
            for line in core.rows(shape, 0, core.count(name)):
                row = seen.get(name + line)
                if row is None:
                    row = seen[name + line] = dict(
                        zip(names, map(_value, _LITERAL.findall(line)), strict=True)  # also counts them
                    )
                bronze[name][int(row["id"] or 0)] = row
            for number, edge in edge_rows(name, today).items() if edges else ():
                bronze[name][number] = {column: edge.get(column) for column in names}
        found.append((today, bronze))

    simulation = Simulation(SCALE, DEFAULT_SEED)
    simulation.run(max(dates).toordinal(), at_dump)
    yield from found


def _value(literal: str) -> str | None:
    if literal == "NULL":
        return None
    if not literal.startswith("'"):
        return literal
    return _ESCAPED.sub(lambda match: _PLAIN.get(match[1], match[1]) if match[1] else "'", literal[1:-1])


class Staging:
    """Puts a day's rows into a server's `staging`, touching only what differs from what is there."""

    def __init__(self, project: Any) -> None:
        self._project = project
        self._held: Bronze = {name: {} for name in TABLES}
        self.columns = {
            name: [
                column
                for (column,) in project.execute(
                    "select column_name from information_schema.columns"
                    " where table_schema = 'staging' and table_name = %s order by ordinal_position",
                    [name],
                )
            ]
            for name in TABLES
        }

    def put(self, bronze: Bronze) -> None:
        """Make the tables hold exactly these rows."""
        self._project.execute("set session sql_mode = 'ALLOW_INVALID_DATES'")
        with self._project.connection.cursor() as cursor:
            for name, rows in bronze.items():
                held = self._held[name]
                gone = [[number] for number in held.keys() - rows.keys()]
                changed = [row for number, row in rows.items() if held.get(number) is not row]
                columns = list(changed[0]) if changed else []
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"delete from staging.{name} where id = %s", gone)
                cursor.executemany(
                    f"replace into staging.{name} ({', '.join(columns)}) values ({places})",
                    [list(row.values()) for row in changed],
                )
                cursor.execute(f"select count(*) from staging.{name}")
                assert cursor.fetchone() == (len(rows),)
                self._held[name] = rows
        self._project.connection.commit()
