"""The ledger of loads: one row for each attempt with its outcome, and one for each of its tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import MySQLdb

from include.warehouse.fitting import fit
from include.warehouse.schema import BRONZE, MARK, OPS, TEXT, SchemaSet, as_stored, table_names
from include.warehouse.server_errors import ABSENT_OR_HIDDEN, NO_SUCH_COLUMN

# Number of loads for which rejected rows are kept; they hold personal data as the dump does.
REJECTS_KEPT_LOADS = 30
# States of loads whose generation readers see, or saw until a later one came.
SHOWN = ("published", "superseded")
# No such schema, column, right or table.
NO_MARK = (*ABSENT_OR_HIDDEN, NO_SUCH_COLUMN)


@dataclass(frozen=True)
class TableCount:
    """What one load did to one table.

    Attributes:
        rows: rows in the table.
        rejects: rows of the dump that are not in the table because their key was there already (I-12).
        bytes: definition and rows in the decompressed dump.
        checksum: SHA-256 of the same bytes, hexadecimal.
        carried: the table is that of the generation before, because its bytes are the same or it was not asked for.
        seconds: that the server needed.
        previous_rows: rows in the last published load of an earlier date, or None.
    """

    table: str
    rows: int
    rejects: int
    bytes: int
    checksum: str
    carried: bool
    seconds: float
    previous_rows: int | None


@dataclass(frozen=True)
class Mark:
    """What a generation says about itself; it moves with its tables, in the same RENAME.

    Attributes:
        load_id: the load that made it.
        digest: of what that load wrote into the ledger about its tables.
    """

    load_id: int
    digest: str


class RejectedRow(Protocol):
    """One row of the dump that is not in its table (`include.dump.rejects.Reject`)."""

    @property
    def table(self) -> str: ...  # noqa: D102
    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def row(self) -> bytes: ...  # noqa: D102


def close_unfinished(
    connection: MySQLdb.Connection,
    schemas: SchemaSet = BRONZE,
    reason: str = "the process ended before the load did",
) -> None:
    """Settle every load that has no end yet; only the holder of the load lock may do so.

    The RENAME moves the mark of a generation with it, so the mark of what readers see tells whether it happened.
    """
    made = mark_of(connection, schemas.live)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT load_id, state FROM {OPS}.load_ledger WHERE schema_name = %s "
            "AND state IN ('started', 'publishing', 'rolling_back')",
            (schemas.live,),
        )
        unfinished = [(int(load_id), state) for load_id, state in cursor.fetchall()]
    for load_id, state in unfinished:
        if made is not None and made.load_id == load_id:
            set_state(connection, load_id, "published")
        elif state == "rolling_back":
            set_state(connection, load_id, "rolled_back")
        else:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {OPS}.load_ledger SET state = 'failed', finished_at = UTC_TIMESTAMP(3), reason = %s "
                    "WHERE load_id = %s",
                    (fit(reason), load_id),
                )


def mark_of(connection: MySQLdb.Connection, schema: str) -> Mark | None:
    """Return the mark of the generation in a schema, None when there is none that can be read."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SELECT load_id, digest FROM `{schema}`.`{MARK}`")
        except MySQLdb.Error as error:
            if error.args[0] not in NO_MARK:
                raise
            return None
        rows = cursor.fetchall()
    return Mark(int(rows[0][0]), rows[0][1]) if len(rows) == 1 else None


def set_mark(connection: MySQLdb.Connection, schema: str, mark: Mark) -> None:
    """Say which load made the tables of a schema, or what they are copies of."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE `{schema}`.`{MARK}` (load_id BIGINT NOT NULL PRIMARY KEY, digest CHAR(64) NOT NULL) "
            f"ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Which load made the tables beside this one'"
        )
        cursor.execute(f"INSERT INTO `{schema}`.`{MARK}` VALUES (%s, %s)", (mark.load_id, mark.digest))


def _digest(counts: Iterable[TableCount]) -> str:
    facts = sorted([c.table, c.rows, c.rejects, c.checksum, bool(c.carried)] for c in counts)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def doubt(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> str | None:
    """Return in words why the ledger does not describe what readers see, None when it does or nothing was loaded.

    Rows of the ledger may be lost or changed, by a restore of the database or by hand. An UPDATE of a dump's table that
    keeps the number of its rows does not show here, but in the comparison on Sundays.
    """
    newest, _ = newest_generations(connection, schemas)
    made = mark_of(connection, schemas.live)
    if made is None and newest is None:
        return None
    if made is None:
        return f"{schemas.live} does not say which load made it, and the ledger's newest is {newest}"
    if newest is None or made.load_id != newest:
        return f"{schemas.live} was made by load {made.load_id}, and the ledger's newest is {newest or 'none'}"
    if made.digest != _digest(_counts(connection, newest)):
        return f"the ledger's rows about load {newest} are not those that this load wrote"
    return None


def start(
    connection: MySQLdb.Connection,
    target: date,
    *,
    schemas: SchemaSet = BRONZE,
    dump: str,
    etag: str | None,
    version: str | None,
    size: int,
) -> int:
    """Open a load and return its number.

    Args:
        connection: login of the loader.
        target: business date.
        schemas: the generations.
        dump: addresses of the objects.
        etag: their entity tags, if they have any.
        version: their versions, if they have any.
        size: their bytes as stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {OPS}.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, "
            "dump_etag, dump_version, dump_bytes) "
            "VALUES (%s, %s, 'started', CURRENT_USER(), UTC_TIMESTAMP(3), %s, %s, %s, %s)",
            (schemas.live, target, dump, etag, version, size),
        )
        return int(cursor.lastrowid)


def record(
    connection: MySQLdb.Connection,
    load_id: int,
    tables: Iterable[TableCount],
    *,
    schemas: SchemaSet = BRONZE,
    sha256: str,
    skipped: Mapping[str, int],
    notes: Iterable[str],
    rejects: Sequence[RejectedRow] = (),
) -> None:
    """Write down what was loaded, before it is published, mark it, and say that publishing begins.

    Args:
        connection: holds the right to load.
        load_id: number of the load.
        tables: what it did to each table.
        schemas: the generations; the one aside gets the mark.
        sha256: of the dump's files.
        skipped: objects that were passed over, by kind.
        notes: what did not stop the load.
        rejects: rows that are in no table.
    """
    counts = list(tables)
    set_mark(connection, schemas.next, Mark(load_id, _digest(counts)))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {OPS}.table_ledger (load_id, table_name, loaded_rows, rejected_rows, previous_rows, "
            "dump_bytes, checksum, carried, seconds) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (load_id, c.table, c.rows, c.rejects, c.previous_rows, c.bytes, c.checksum, c.carried, c.seconds)
                for c in counts
            ],
        )
        cursor.executemany(
            f"INSERT INTO {OPS}.rejected_rows (load_id, number, table_name, line, reason, row_data) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [(load_id, n, r.table, r.line, fit(r.reason), r.row or None) for n, r in enumerate(rejects, 1)],
        )
        cursor.execute(f"DELETE FROM {OPS}.rejected_rows WHERE load_id <= %s", (load_id - REJECTS_KEPT_LOADS,))
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = 'publishing', dump_sha256 = %s, loaded_rows = %s, "
            "rejected_rows = %s, skipped = %s, notes = %s WHERE load_id = %s",
            (
                sha256,
                sum(count.rows for count in counts),
                sum(count.rejects for count in counts),
                json.dumps(dict(sorted(skipped.items()))),
                fit("\n".join(notes)) or None,
                load_id,
            ),
        )


def set_state(connection: MySQLdb.Connection, load_id: int, state: str) -> None:
    """Say what became of a load."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = %s, finished_at = UTC_TIMESTAMP(3) WHERE load_id = %s",
            (state, load_id),
        )


def newest_generations(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> tuple[int | None, int | None]:
    """Return the load that readers see and the one that they saw before, as far as there are any."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT load_id FROM {OPS}.load_ledger WHERE schema_name = %s AND state IN %s "
            "ORDER BY load_id DESC LIMIT 2",
            (schemas.live, SHOWN),
        )
        newest, before, *_ = [int(load_id) for (load_id,) in cursor.fetchall()] + [None, None]
    return newest, before


def live_tables(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> dict[str, TableCount]:
    """Return what the ledger says about the tables that readers see; empty when that is not certain."""
    newest, _ = newest_generations(connection, schemas)
    if newest is None or doubt(connection, schemas):
        return {}
    stored = as_stored(connection)
    there = set(map(stored, table_names(connection, schemas.live)))
    return {count.table: count for count in _counts(connection, newest) if stored(count.table) in there}


def _counts(connection: MySQLdb.Connection, load_id: int) -> list[TableCount]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, loaded_rows, rejected_rows, dump_bytes, checksum, carried, seconds, previous_rows "
            f"FROM {OPS}.table_ledger WHERE load_id = %s",
            (load_id,),
        )
        return [TableCount(*row) for row in cursor.fetchall()]


def loaded_tables(connection: MySQLdb.Connection, load_id: int) -> set[str]:
    """Return the tables that a load replaced or brought, without those that it carried over."""
    return _tables(connection, load_id, "AND carried = 0")


def all_tables(connection: MySQLdb.Connection, load_id: int) -> set[str]:
    """Return the tables of a load's generation."""
    return _tables(connection, load_id, "")


def _tables(connection: MySQLdb.Connection, load_id: int, condition: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT table_name FROM {OPS}.table_ledger WHERE load_id = %s {condition}", (load_id,))
        return {table for (table,) in cursor.fetchall()}


@dataclass(frozen=True)
class Baseline:
    """The load that a new load is compared with.

    Attributes:
        load_id: its number.
        target: its business date.
        rows: rows of each table.
    """

    load_id: int
    target: date
    rows: dict[str, int]


def previous_rows(connection: MySQLdb.Connection, target: date, schemas: SchemaSet = BRONZE) -> dict[str, int]:
    """Return rows per table of the baseline of a date, empty when there is none."""
    found = baseline(connection, target, schemas)
    return found.rows if found else {}


def set_aside(connection: MySQLdb.Connection, load_id: int) -> None:
    """Mark a published load as superseded: it stays what readers see, and is no baseline any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {OPS}.load_ledger SET state = 'superseded' WHERE load_id = %s AND state = 'published'", (load_id,)
        )


def baseline(connection: MySQLdb.Connection, target: date, schemas: SchemaSet = BRONZE) -> Baseline | None:
    """Return the last published load of the nearest date before `target`, None when there is none.

    Earlier dates only: a replay of an old day is compared with the day before it, not with today (I-08). A load that is
    marked as superseded is no baseline (`recover_baseline`), and no older load takes its place.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT load_id, target_date, state FROM {OPS}.load_ledger WHERE state IN %s AND schema_name = %s "
            "AND target_date < %s ORDER BY target_date DESC, load_id DESC LIMIT 1",
            (SHOWN, schemas.live, target),
        )
        row = cursor.fetchone()
        if row is None or row[2] == "superseded":
            return None
        cursor.execute(f"SELECT table_name, loaded_rows FROM {OPS}.table_ledger WHERE load_id = %s", row[:1])
        return Baseline(int(row[0]), row[1], dict(cursor.fetchall()))


def rejects_before(
    connection: MySQLdb.Connection, target: date, schemas: SchemaSet = BRONZE
) -> list[tuple[date, dict[str, int]]]:
    """Return the rejected rows by table of each date before `target`, the newest first.

    The last load of a date that was shown counts. Tables without rejected rows are left out, dates are not.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.target_date, t.table_name, t.rejected_rows FROM {OPS}.load_ledger l "
            f"LEFT JOIN {OPS}.table_ledger t ON t.load_id = l.load_id AND t.rejected_rows > 0 "
            f"WHERE l.load_id IN (SELECT MAX(load_id) FROM {OPS}.load_ledger WHERE schema_name = %s AND state IN %s "
            "AND target_date < %s GROUP BY target_date) ORDER BY l.target_date DESC",
            (schemas.live, SHOWN, target),
        )
        found: dict[date, dict[str, int]] = {}
        for day, table, rows in cursor.fetchall():
            rejects = found.setdefault(day, {})
            if table:
                rejects[table] = int(rows)
    return list(found.items())
