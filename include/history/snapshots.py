"""Daily tenant snapshots: S3 has the truth, `history.tenant_daily_snapshots` is rebuilt from it (incident I-04).

Every day is one CSV `snapshots/tenant_status/YYYYMMDD.csv` and one date in the table. A run writes the file of its own
date, and loads its own date again and all other dates that the table lacks; the first run after a loss loads them all.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import MySQLdb
import MySQLdb.cursors

from include.history.retention import closed_dates
from include.history.snapshot_file import HEADER, SnapshotError
from include.history.snapshot_load import TABLE, SnapshotLoader
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.readers import staging_date
from include.warehouse.schema import STAGING, ensure_platform_tables

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = [
    "TABLE",
    "SnapshotError",
    "SnapshotReport",
    "capture_snapshot",
    "load_missing",
    "loaded_dates",
    "snapshot_key",
    "store_snapshot",
    "stored_dates",
]

PREFIX = "snapshots/tenant_status/"
# A server that is silent for so long in the middle of rows is lost.
ROW_SECONDS = 60


@dataclass(frozen=True)
class SnapshotReport:
    """What a run did to the history of tenants.

    Attributes:
        key: object that holds the snapshot of the date.
        captured: rows written to it.
        loaded_dates: dates loaded into the table, the date itself included.
        loaded_rows: rows loaded.
        skipped_rows: rows of the files that no tenant's state can be read from: an id, a status or a type that is no
            number or none that the table can hold, another date than the file's, or a tenant that the file names twice.
    """

    key: str
    captured: int
    loaded_dates: int
    loaded_rows: int
    skipped_rows: int


def snapshot_key(day: date) -> str:
    """Return the key of a day's snapshot."""
    return f"{PREFIX}{day:%Y%m%d}.csv"


def capture_snapshot(
    s3: S3Client,
    settings: Settings,
    endpoint: Endpoint,
    target: date,
    progress: Callable[[str], None] = lambda line: None,
) -> SnapshotReport:
    """Keep the tenants' state of a date and bring the table up to date with the files.

    The same date may be captured again; its file and its rows are then replaced.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        endpoint: login of the loader.
        target: business date; `staging` must hold the load of this date.
        progress: takes a line of text every few seconds while many dates are loaded.

    Raises:
        SnapshotError: `staging` holds another date, or a file is not a snapshot.
    """
    bucket = settings.require("bucket")
    with contextlib.closing(endpoint.connect()) as connection:
        ensure_platform_tables(connection)
        held = staging_date(connection)
        if held != target:
            raise SnapshotError(
                f"staging holds {held or 'no finished load'}, not {target}, so its tenants cannot be kept as of "
                f"{target}; run load_staging for {target} first"
            )
        captured = store_snapshot(s3, bucket, endpoint, target)
        closed = closed_dates(connection, settings, target)
    dates, loaded, skipped = load_missing(
        s3, bucket, endpoint, {target}, progress, settings.load_connections, closed=closed
    )
    report = SnapshotReport(snapshot_key(target), captured, dates, loaded, skipped)
    progress(
        f"Kept {captured:,} tenants of {target} in s3://{bucket}/{report.key}; loaded {report.loaded_dates} dates, "
        f"{loaded:,} rows, {skipped:,} unreadable rows skipped"
    )
    return report


def store_snapshot(s3: S3Client, bucket: str, endpoint: Endpoint, target: date, schema: str = STAGING) -> int:
    """Write the file of a date from the tenants of a schema, and return its rows."""
    body, rows = _export(endpoint, target, schema)
    s3.put_object(Bucket=bucket, Key=snapshot_key(target), Body=body, ContentType="text/csv; charset=utf-8")
    return rows


def load_missing(
    s3: S3Client,
    bucket: str,
    endpoint: Endpoint,
    again: set[date],
    progress: Callable[[str], None] = lambda line: None,
    connections: int = Settings.load_connections,
    closed: Set[date] = frozenset(),
) -> tuple[int, int, int]:
    """Load the dates whose file the table lacks, and those of `again` once more.

    Returns:
        Dates loaded, rows loaded, unreadable rows skipped.

    Raises:
        SnapshotError: a file is not a snapshot, or the server refused its rows.
    """

    def fetch(day: date) -> tuple[str, bytes]:
        key = snapshot_key(day)
        return f"s3://{bucket}/{key}", s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    with contextlib.closing(endpoint.connect()) as connection:
        missing = sorted((stored_dates(s3, bucket) - loaded_dates(connection) - closed) | again)
    return len(missing), *SnapshotLoader(endpoint, fetch, connections, progress).load(missing)


def _export(endpoint: Endpoint, target: date, schema: str) -> tuple[bytes, int]:
    """Return the snapshot as CSV, about 3 MB for 50,000 tenants, and its rows; the same tenants give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    rows = 0
    with (
        contextlib.closing(
            # the rows come in the order of their key, one right after the other
            endpoint.connect(schema, cursorclass=MySQLdb.cursors.SSCursor, read_timeout=ROW_SECONDS)
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT id, status, contract_type, full_name FROM tenants ORDER BY id")
        for row in cursor:
            writer.writerow([*row, target.isoformat()])
            rows += 1
    return text.getvalue().encode(), rows


def stored_dates(s3: S3Client, bucket: str) -> set[date]:
    """Return the dates that have a file."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    dates = set()
    for page in pages:
        for item in page.get("Contents", ()):
            if match := re.fullmatch(re.escape(PREFIX) + r"(\d{8})\.csv", item["Key"]):
                with contextlib.suppress(ValueError):
                    dates.add(datetime.strptime(match[1], "%Y%m%d").date())  # noqa: DTZ007 - a date has no zone
    return dates


def loaded_dates(connection: MySQLdb.Connection) -> set[date]:
    """Return the dates that the table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT snapshot_date FROM {TABLE}")
        return {day for (day,) in cursor.fetchall()}
