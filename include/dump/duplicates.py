"""Rows that a load rejected beyond those that are declared (I-12): reported once for each change of their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from include.dump.contract import KNOWN_DUPLICATES

if TYPE_CHECKING:
    from include.dump.restore import LoadReport

# Rejected rows by table.
Rejects = Mapping[str, int]


def undeclared(rejects: Rejects) -> dict[str, int]:
    """Return the tables, with all their rejected rows, that have more of them than are declared."""
    return {table: rows for table, rows in sorted(rejects.items()) if rows > KNOWN_DUPLICATES.get(table, 0)}


def undeclared_of(report: LoadReport) -> dict[str, int]:
    """Return the same of a load."""
    return undeclared({table.table: table.rejects for table in report.tables}) if report.rejects else {}


def rows_beyond(found: Rejects) -> int:
    """Return how many rows are beyond the declared ones."""
    return sum(rows - KNOWN_DUPLICATES.get(table, 0) for table, rows in found.items())


def news(found: Rejects, target: date, past: Sequence[tuple[date, Rejects]]) -> str:
    """Return what to report, a line for each table; empty when the date before had the same.

    Args:
        found: what `undeclared` says of the load.
        target: business date of the load.
        past: rejected rows of the dates before, the newest first.
    """
    before = past[0][1] if past else {}
    if not found or (past and undeclared(before) == found):
        return ""
    return "\n".join(
        f"{table}: rejected rows {rows:,}, declared {KNOWN_DUPLICATES.get(table, 0):,}, since "
        f"{_since(table, rows, target, past)} ({before.get(table, 0):,} in the load before)"
        for table, rows in found.items()
    )


def _since(table: str, rows: int, target: date, past: Sequence[tuple[date, Rejects]]) -> date:
    """Return the first date from which on the table had that many without a break."""
    since = target
    for day, rejects in past:
        if rejects.get(table, 0) != rows:
            break
        since = day
    return since
