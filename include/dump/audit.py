"""Whether a loaded generation may be shown: compared with the dump, the declared source, the date and the past.

Everything here looks at the tables of the new generation only, those that were loaded and those that are carried over;
nothing is repaired. A fault raises `AuditFailed` and readers keep what they have; what merely deserves attention is
returned as notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import MySQLdb

from include.dump.contract import EXPECTED_TABLES, FRESH_TABLES, SOURCE_COLUMNS
from include.dump.errors import AuditFailed
from include.schedule import business_date
from include.warehouse.schema import as_stored

# Duplicate keys inside the dump cost at most this many rows, or this share, of a table (I-12 against I-11).
REJECTS_ALLOWED = 20
REJECT_SHARE_ALLOWED = 0.01
# A modelled table never loses more than a fifth of its rows from one load to the next.
FLOOR = 0.8
# Rows and shares that a load must reach (include/dump/README.md#audit). The order of dates is a share too, because the
# source holds one or two rows with a move-out before the move-in.
MOVINGS_MINIMUM = 1000
MOVEIN_DATE_SHARE = 0.8
DATE_ORDER_SHARE = 0.99
TENANT_SHARE = 0.95


def check_counts(parsed: Mapping[str, int], rows: Mapping[str, int], duplicates: Mapping[str, int]) -> None:
    """Compare the rows of every table with those that the dump holds.

    Args:
        parsed: rows per table that the dump holds.
        rows: rows per table that are in the table.
        duplicates: rows per table that the server said it did not take because of their key.

    Raises:
        AuditFailed: rows are missing that nobody named, or too many were duplicates.
    """
    for table, expected in parsed.items():
        rejects = expected - rows[table]
        if rejects != duplicates.get(table, 0):
            raise AuditFailed(
                f"{table} has {rows[table]:,} rows, but the dump holds {expected:,} of which the server named "
                f"{duplicates.get(table, 0):,} as duplicates; clear load_staging, and if it stays so, look at the table"
            )
        check_rejects(table, rejects, expected)


def check_rejects(table: str, rejects: int, rows: int) -> None:
    """Raise `AuditFailed` when too many rows of a table were not taken because of their key.

    Args:
        table: name.
        rejects: rows that were not taken so far.
        rows: rows that the dump holds.
    """
    limit = max(REJECTS_ALLOWED, int(rows * REJECT_SHARE_ALLOWED))
    if rejects > limit:
        raise AuditFailed(
            f"{table}: {rejects:,} of {rows:,} rows have a key that the dump holds already, more than the {limit:,} "
            "allowed; have the property-management side check the table and take the dump again"
        )


def audit(
    connection: MySQLdb.Connection,
    target: date,
    places: Mapping[str, str],
    rows: Mapping[str, int],
    previous: Mapping[str, int],
) -> list[str]:
    """Check the new generation against the declared source, the date and the past; return notes.

    Args:
        connection: login that may read the generation.
        target: business date of the dump.
        places: schema of each table of the generation.
        rows: rows of each table.
        previous: rows per table of the load before.

    Raises:
        AuditFailed: the generation must not be shown; the message names the table and the figures.
    """
    notes = _check_declared(connection, places)
    _check_floors(rows, previous)
    _check_movings(connection, places, rows)
    check_freshness(connection, target, places)
    return notes


def newest_changes(
    connection: MySQLdb.Connection, places: Mapping[str, str], tables: Iterable[str]
) -> dict[str, datetime | None]:
    """Return the newest `updated_at` of tables, as naive UTC; tables without such a column or place are left out."""
    columns = _columns(connection, places)
    newest = {
        table: _one(connection, f"SELECT MAX(updated_at) FROM `{places[table]}`.`{table}`")[0]
        for table in tables
        if "updated_at" in columns.get(table, ())
    }
    return {table: time if isinstance(time, datetime) else None for table, time in newest.items()}


def _columns(connection: MySQLdb.Connection, places: Mapping[str, str]) -> dict[str, set[str]]:
    columns: dict[str, set[str]] = {}
    stored = as_stored(connection)
    names = {(schema, stored(table)): table for table, schema in places.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema IN %s",
            (sorted(set(places.values())) or [""],),
        )
        for schema, table, column in cursor.fetchall():
            if name := names.get((schema, stored(table))):
                columns.setdefault(name, set()).add(column)
    return columns


def _check_declared(connection: MySQLdb.Connection, places: Mapping[str, str]) -> list[str]:
    columns = _columns(connection, places)
    for table, wanted in SOURCE_COLUMNS.items():
        if table not in columns:
            raise AuditFailed(
                f"the dump has no table {table}, which models read; have the dump taken again with all tables"
            )
        if missing := sorted(wanted - columns[table]):
            raise AuditFailed(
                f"table {table} of the dump has no column {', '.join(missing)}, which models read; ask the vendor what "
                "became of it, then adapt include/dump/contract.py and the models"
            )
    notes = []
    if new := sorted(places.keys() - EXPECTED_TABLES):
        notes.append(f"new tables: {', '.join(new)}")
    if missing := sorted(EXPECTED_TABLES - places.keys()):
        notes.append(f"tables that are no longer in the dump: {', '.join(missing)}")
    return notes


def fallen_tables(rows: Mapping[str, int], previous: Mapping[str, int]) -> list[str]:
    """Return the modelled tables that have fewer rows than `FLOOR` of those of the load before."""
    return [table for table in SOURCE_COLUMNS if rows.get(table, 0) < previous.get(table, 0) * FLOOR]


def _check_floors(rows: Mapping[str, int], previous: Mapping[str, int]) -> None:
    for table in fallen_tables(rows, previous):
        raise AuditFailed(
            f"{table} has {rows[table]:,} rows, less than {FLOOR:.0%} of the {previous[table]:,} of the load before; "
            "check the dump with the property-management side, and if the fall is real, accept it with "
            "recover_baseline, then clear load_staging"
        )


def _check_movings(connection: MySQLdb.Connection, places: Mapping[str, str], rows: Mapping[str, int]) -> None:
    if rows["movings"] <= MOVINGS_MINIMUM:
        raise AuditFailed(
            f"movings has {rows['movings']:,} rows, a real dump has more than {MOVINGS_MINIMUM:,}; have the dump taken "
            "again"
        )
    dated, both, ordered = _one(
        connection,
        f"""
        SELECT AVG(YEAR(movein_date) > 0),
               SUM(YEAR(movein_date) > 0 AND YEAR(moveout_date) > 0),
               SUM(YEAR(movein_date) > 0 AND YEAR(moveout_date) > 0 AND movein_date <= moveout_date)
        FROM `{places["movings"]}`.movings
        """,
    )
    (known,) = _one(
        connection,
        f"SELECT AVG(tenant_id IN (SELECT id FROM `{places['tenants']}`.tenants)) FROM `{places['movings']}`.movings",
    )
    for share, least, what in (
        (dated or 0, MOVEIN_DATE_SHARE, "have a move-in date"),
        (ordered / both if both else 1, DATE_ORDER_SHARE, "move in before they move out"),
        (known or 0, TENANT_SHARE, "belong to a tenant of the dump"),
    ):
        if share < least:
            raise AuditFailed(
                f"only {float(share):.1%} of movings {what}, a good dump has at least {least:.0%}; have the "
                "property-management side check the table and take the dump again"
            )


def check_freshness(connection: MySQLdb.Connection, target: date, places: Mapping[str, str]) -> None:
    """The newest change must be of the target's day or the day before, in Tokyo (incident I-08)."""
    for table, newest in newest_changes(connection, places, FRESH_TABLES).items():
        day = business_date(newest.replace(tzinfo=UTC)) if isinstance(newest, datetime) else None
        if day is None or not target - timedelta(days=1) <= day <= target:
            raise AuditFailed(
                f"the newest change in {table} is of {day or 'no known day'} (Tokyo), so this is not the dump of "
                f"{target}; have the right one delivered"
            )


def _one(connection: MySQLdb.Connection, query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
