"""The ledger of loads: what was tried, what came of it, and what every table held (design rule 5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import MySQLdb

from include.dump.location import DumpObject
from include.warehouse.schema import NEXT, OPS, table_names


@dataclass(frozen=True)
class TableCount:
    """What one load did to one table.

    Attributes:
        rows: rows in the table.
        rejects: rows of the dump that are not in the table because their key was there already (I-12).
        bytes: definition and rows in the decompressed dump.
        checksum: content hash of the same bytes, hexadecimal.
        seconds: from the table's first statement to the server's answer to its last.
        previous_rows: rows in the last published load of an earlier date, or None.
    """

    table: str
    rows: int
    rejects: int
    bytes: int
    checksum: str
    seconds: float
    previous_rows: int | None


def close_unfinished(connection: MySQLdb.Connection, reason: str = "the process ended before the load did") -> None:
    """Settle every load that has no end yet; only whoever holds the load lock may do so.

    A load that broke off while publishing did publish if its generation is gone from `staging_next`: the RENAME is
    atomic.
    """
    with connection.cursor() as cursor:
        if not table_names(connection, NEXT):
            cursor.execute(
                f"UPDATE {OPS}.load_ledger SET state = 'published', finished_at = UTC_TIMESTAMP(3) "
                "WHERE state = 'publishing'"
            )
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = 'failed', finished_at = UTC_TIMESTAMP(3), reason = %s "
            "WHERE state IN ('started', 'publishing')",
            (reason,),
        )


def start(connection: MySQLdb.Connection, target: date, dump: DumpObject) -> int:
    """Open a load and return its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {OPS}.load_ledger (target_date, state, loaded_by, started_at, dump_object, dump_etag, "
            "dump_version, dump_bytes) VALUES (%s, 'started', CURRENT_USER(), UTC_TIMESTAMP(3), %s, %s, %s, %s)",
            (target, str(dump), dump.etag, dump.version_id, dump.size),
        )
        return int(cursor.lastrowid)


def record(
    connection: MySQLdb.Connection,
    load_id: int,
    tables: Iterable[TableCount],
    *,
    sha256: str,
    skipped: Mapping[str, int],
    notes: Iterable[str],
) -> None:
    """Write down what was loaded, before it is published, and say that publishing begins."""
    counts = list(tables)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {OPS}.table_ledger (load_id, table_name, loaded_rows, rejected_rows, previous_rows, "
            "dump_bytes, checksum, seconds) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(load_id, c.table, c.rows, c.rejects, c.previous_rows, c.bytes, c.checksum, c.seconds) for c in counts],
        )
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = 'publishing', dump_sha256 = %s, loaded_rows = %s, "
            "rejected_rows = %s, skipped = %s, notes = %s WHERE load_id = %s",
            (
                sha256,
                sum(count.rows for count in counts),
                sum(count.rejects for count in counts),
                json.dumps(dict(sorted(skipped.items()))),
                "\n".join(notes) or None,
                load_id,
            ),
        )


def published(connection: MySQLdb.Connection, load_id: int) -> None:
    """Close a load whose generation readers now see."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = 'published', finished_at = UTC_TIMESTAMP(3) WHERE load_id = %s",
            (load_id,),
        )


def previous_rows(connection: MySQLdb.Connection, target: date) -> dict[str, int]:
    """Return rows per table of the last published load of the nearest date before `target`; empty when there is none.

    Earlier dates only: a replay of an old day is measured against the day before it, not against today (I-08). A load
    that somebody marked as superseded is no measure.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT load_id, state FROM {OPS}.load_ledger WHERE state IN ('published', 'superseded') "
            "AND target_date < %s ORDER BY target_date DESC, load_id DESC LIMIT 1",
            (target,),
        )
        row = cursor.fetchone()
        if row is None or row[1] == "superseded":
            return {}
        cursor.execute(f"SELECT table_name, loaded_rows FROM {OPS}.table_ledger WHERE load_id = %s", row[:1])
        return dict(cursor.fetchall())


def published_date(connection: MySQLdb.Connection) -> date | None:
    """Return the business date that `staging` holds, or None while that is not certain."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT target_date, state FROM {OPS}.load_ledger "
            "WHERE state IN ('published', 'superseded', 'publishing') ORDER BY load_id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None or row[1] == "publishing":
        return None
    target: date = row[0]
    return target
