"""Let Aurora forget dates of the tenants' snapshots that are in Parquet.

Off unless `history_keep_days` says how many days stay. A date goes only when its Parquet holds exactly its rows; it is
noted in `history.retired_dates` in the transaction that deletes it. The oldest dates go first, and one that cannot be
proven stops the rest, so that what is left has no hole. Nothing is lost: `snapshots/` keeps the file of every date, and
without the setting the next capture loads them all again.

Models that read the whole history know from `history.retired_dates` where it begins (dbt/macros/status_history.sql).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import MySQLdb

from include.lake.partitions import (
    ROW_SECONDS,
    LakeError,
    decode,
    encode,
    fetch,
    partition_key,
    put,
    read_source,
    source_dates,
)
from include.lake.tables import TENANTS
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import HISTORY, TEXT
from include.warehouse.server_errors import ABSENT_OR_HIDDEN, error_code

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TABLE = f"{HISTORY}.retired_dates"
DEFINITION = f"""
    CREATE TABLE IF NOT EXISTS {TABLE} (
      snapshot_date DATE NOT NULL,
      row_count BIGINT NOT NULL,
      checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the Parquet object',
      retired_at DATETIME(3) NOT NULL COMMENT 'UTC',
      PRIMARY KEY (snapshot_date)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Dates that tenant_daily_snapshots no longer holds, for Parquet has them'
"""
# A day lets go of so many dates at most, so that the first one after the switch does not take an hour.
MOST_A_DAY = 30


class RetentionError(Exception):
    """A date stays in the database; the message says which and what to do."""


@dataclass(frozen=True)
class Retired:
    """What the database let go of: dates and their rows."""

    dates: int = 0
    rows: int = 0


def retired_dates(connection: MySQLdb.Connection) -> set[date]:
    """Return the dates that were once let go of, none where nothing ever was; some may have been loaded again."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"SELECT snapshot_date FROM {TABLE}")
        except MySQLdb.Error as error:
            if error_code(error) in ABSENT_OR_HIDDEN:
                return set()
            raise
        return {day for (day,) in cursor.fetchall()}


def closed_dates(connection: MySQLdb.Connection, settings: Settings, target: date) -> set[date]:
    """Return the dates that are not to be loaded again from their files: let go of, and still too old to be kept."""
    oldest = settings.oldest_kept(target)
    return {day for day in retired_dates(connection) if day < oldest} if oldest else set()


def plan(connection: MySQLdb.Connection, settings: Settings, target: date) -> list[date]:
    """Return the dates that the database would let go of, oldest first.

    Args:
        connection: login that may read `history`.
        settings: say how many days stay.
        target: business date, the newest of them.
    """
    oldest = settings.oldest_kept(target)
    return sorted(day for day in source_dates(connection, TENANTS) if day < oldest) if oldest else []


def retire(
    s3: S3Client,
    settings: Settings,
    loader: Endpoint,
    target: date,
    progress: Callable[[str], None] = lambda line: None,
    most: int = MOST_A_DAY,
) -> Retired:
    """Let go of dates that are too old to be kept; a date without Parquet gets it first.

    Args:
        s3: boto3 S3 client.
        settings: name the bucket and say how many days stay.
        loader: login that owns `history`.
        target: business date.
        progress: takes a line of text for each date.
        most: dates at most.

    Raises:
        RetentionError: the Parquet of a date does not hold its rows; earlier dates are gone, it and later ones stay.
    """
    bucket, done = settings.require("bucket"), Retired()
    with contextlib.closing(loader.connect(read_timeout=ROW_SECONDS)) as connection:
        todo = plan(connection, settings, target)[:most]
        if todo:
            with connection.cursor() as cursor:
                cursor.execute(DEFINITION)
        for day in todo:
            rows, checksum = _proven(s3, bucket, connection, day)
            _delete(connection, day, rows, checksum)
            done = Retired(done.dates + 1, done.rows + rows)
            progress(f"{day}: {rows:,} rows are in Parquet and left the database, {done.dates} of {len(todo)} dates")
    return done


def _proven(s3: S3Client, bucket: str, connection: MySQLdb.Connection, day: date) -> tuple[int, str]:
    """Return the rows of a date and the checksum of its object, which was read back and holds exactly these rows."""
    rows = read_source(connection, TENANTS, day)
    content = fetch(s3, bucket, TENANTS, day)
    if content is None:
        put(s3, bucket, TENANTS, day, encode(rows))
        content = fetch(s3, bucket, TENANTS, day) or b""
    try:
        held = decode(content)
    except LakeError as error:
        raise _doubt(bucket, day, str(error)) from error
    if not held.equals(rows):
        raise _doubt(bucket, day, f"it holds {held.num_rows:,} rows and not the {rows.num_rows:,} of the database")
    return rows.num_rows, hashlib.sha256(content).hexdigest()


def _doubt(bucket: str, day: date, reason: str) -> RetentionError:
    return RetentionError(
        f"s3://{bucket}/{partition_key(TENANTS, day)} is not the {day} of {TENANTS.source}: {reason}. The date stays. "
        f"Find out which of the two is right; `python -m include history write --first {day} --last {day} --again "
        "--yes` takes the database's"
    )


def _delete(connection: MySQLdb.Connection, day: date, rows: int, checksum: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            cursor.execute(f"DELETE FROM {TENANTS.source} WHERE snapshot_date = %s", (day,))
            if cursor.rowcount != rows:
                raise RetentionError(f"{TENANTS.source} changed while its {day} was compared; the date stays")
            cursor.execute(
                f"REPLACE INTO {TABLE} VALUES (%s, %s, %s, %s)",
                (day, rows, checksum, datetime.now(UTC).replace(tzinfo=None)),
            )
            cursor.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(MySQLdb.Error):
                connection.rollback()
            raise
