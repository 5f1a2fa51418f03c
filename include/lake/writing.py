"""Write dates of the history as Parquet: those of a day, or all that the database has."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from include.lake.partitions import ROW_SECONDS, encode, put, read_source, source_dates, stored_dates
from include.lake.tables import TABLES, Table
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# A day makes up for days before it on which nothing was written; what is older, `python -m include lake write` does.
MADE_UP_DAYS = 30
PROGRESS_SECONDS = 5.0
Say = Callable[[str], None]
Work = tuple[Table, date]


@dataclass(frozen=True)
class Written:
    """What was written: partitions, their rows and bytes."""

    partitions: int = 0
    rows: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.partitions:,} partitions, {self.rows:,} rows, {self.bytes:,} bytes"


def write_day(s3: S3Client, settings: Settings, login: Endpoint, target: date, progress: Say) -> Written:
    """Write a business date of every table, and dates shortly before it that have no partition yet.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        login: reads `history` and `silver`.
        target: business date; its partitions are replaced.
        progress: takes a line of text every few seconds.

    Raises:
        LakeError: a table has no rows of the date.
    """
    missing = plan(s3, settings, login, target - timedelta(days=MADE_UP_DAYS), target)
    # the date itself first: it is what this day is for
    todo = [(table, target) for table in TABLES] + [work for work in missing if work[1] != target]
    return write(s3, settings, login, todo, progress)


def plan(
    s3: S3Client, settings: Settings, login: Endpoint, first: date, last: date, *, again: bool = False
) -> list[Work]:
    """Return the dates of each table that would be written, oldest first.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        login: reads `history` and `silver`.
        first: first date.
        last: last date.
        again: replace partitions that are there, too.
    """
    bucket, todo = settings.require("bucket"), list[Work]()
    with contextlib.closing(login.connect()) as connection:
        for table in TABLES:
            dates = {day for day in source_dates(connection, table, first) if day <= last}
            kept = set() if again else stored_dates(s3, bucket, table)
            todo += [(table, day) for day in dates - kept]
    return sorted(todo, key=lambda work: (work[1], TABLES.index(work[0])))


def write(s3: S3Client, settings: Settings, login: Endpoint, todo: Sequence[Work], progress: Say) -> Written:
    """Write partitions, each replaced whole; what was written before a failure stays.

    Raises:
        LakeError: a table has no rows of a date although it must have some.
    """
    bucket, done, said = settings.require("bucket"), Written(), time.monotonic()
    with contextlib.closing(login.connect(read_timeout=ROW_SECONDS)) as connection:
        for table, day in todo:
            rows = read_source(connection, table, day)
            content = encode(rows)
            put(s3, bucket, table, day, content)
            done = Written(done.partitions + 1, done.rows + rows.num_rows, done.bytes + len(content))
            if time.monotonic() - said > PROGRESS_SECONDS:
                said = time.monotonic()
                progress(f"{done.partitions} of {len(todo)} partitions, up to {day}, {done.rows:,} rows")
    return done


def by_table(todo: Iterable[Work]) -> list[str]:
    """Return a sentence for each table of a plan."""
    dates: dict[str, list[date]] = {table.name: [] for table in TABLES}
    for table, day in todo:
        dates[table.name].append(day)
    return [
        f"{name}: {len(days)} dates" + (f", {min(days)} to {max(days)}" if days else "") for name, days in dates.items()
    ]
