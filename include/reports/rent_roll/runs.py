"""The record of comparisons in `ops`: one run for each file, month and date, replaced when it is repeated."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from include.reports.rent_roll.compare import UNEXPLAINED, RoomClass
from include.reports.rent_roll.files import Comparison, decimal
from include.schedule import as_stored
from include.warehouse.schema import OPS, ensure_platform_tables

if TYPE_CHECKING:
    import MySQLdb

# Who asks in one run; as in `ops.reports`.
LONGEST_NAME = 191
LARGEST_VARIANCE = 9_999


@dataclass(frozen=True)
class Source:
    """A stored rent roll.

    Attributes:
        key: where it lies.
        etag: changes with its content.
        sha256: of its content.
    """

    key: str
    etag: str
    sha256: str


def run_id(source: Source, period: int, as_of: object) -> str:
    """Return the id of the comparison of a file, which is the same each time."""
    return hashlib.sha256("\n".join((source.key, source.etag, str(period), str(as_of))).encode()).hexdigest()[:32]


def compared(connection: MySQLdb.Connection) -> set[tuple[str, str]]:
    """Return key and etag of each file that was compared."""
    ensure_platform_tables(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT file_key, etag FROM {OPS}.rent_roll_runs")
        return {(key, etag) for key, etag in cursor.fetchall()}


def save(connection: MySQLdb.Connection, source: Source, made: Comparison, by: str, now: datetime) -> str:
    """Record a comparison, in one transaction, and return its id.

    Args:
        connection: of the login that owns `ops`.
        source: the file.
        made: the comparison.
        by: who asked.
        now: the present, aware.
    """
    ensure_platform_tables(connection)
    number = run_id(source, made.roll.period, made.stock.as_of)
    found = made.portfolio
    row = {
        "run_id": number,
        "period": str(made.roll.period),
        "as_of": made.stock.as_of,
        "file_key": source.key,
        "etag": source.etag,
        "sha256": source.sha256,
        "file_rows": made.roll.lines,
        "period_rows": len(made.roll.rows),
        "active_rooms": found.active,
        "pms_rooms": found.pms,
        "matched_rooms": found.matched,
        "unexplained_rooms": found.unexplained,
        "unexplained_share": None if found.share is None else min(decimal(found.share) or 0, 99.9999),
        "raw_variance": None if found.raw_variance is None else min(decimal(found.raw_variance) or 0, LARGEST_VARIANCE),
        "verdict": str(found.verdict),
        "requested_by": by[:LONGEST_NAME],
        "made_at": as_stored(now),
    }
    connection.begin()
    try:
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(f"DELETE FROM {OPS}.rent_roll_classes WHERE run_id = %s", (number,))
            cursor.execute(
                f"REPLACE INTO {OPS}.rent_roll_runs ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})",
                tuple(row.values()),
            )
            cursor.executemany(
                f"INSERT INTO {OPS}.rent_roll_classes (run_id, asset_id, class, rooms, explained) "
                "VALUES (%s, %s, %s, %s, %s)",
                list(_classes(number, made)),
            )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return number


def _classes(number: str, made: Comparison) -> Iterator[tuple[str, str, str, int, bool]]:
    for asset, found in [("", made.portfolio), *made.assets.items()]:
        for room_class in RoomClass:
            if found.classes[room_class]:
                yield number, asset, str(room_class), found.classes[room_class], room_class not in UNEXPLAINED
        for difference, rooms in sorted(found.differences.items()):
            yield number, asset, f"matched:{difference}", rooms, True
