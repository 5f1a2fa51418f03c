"""What was shown to readers, when: one row for each publish, and the newest of each kind in S3.

The rows are for those who look back: the status page, the watch, the metrics. The objects in S3 are for mails, which
must be able to say which day readers see while the database is down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import MySQLdb
from botocore.exceptions import ClientError

from include.settings import Settings
from include.warehouse.schema import OPS

TABLE = f"{OPS}.publications"
LAYER_STAGING = "staging"
LAYER_GOLD = "gold"
LAYER_DASHBOARDS = "dashboards"
"""All data sets of the day are refreshed: the end of the business day."""

Noted = Literal["gold", "dashboards"]


@dataclass(frozen=True)
class Publication:
    """One publish. A business date that is run again has several.

    Attributes:
        business_date: Tokyo day of what was shown.
        layer: `staging`, `gold`, `quicksight:<data set id>` or `dashboards`.
        published_at: when readers could see it, with time zone.
        row_count: rows that were shown, None where nobody counts them.
        seconds: how long it took; of `dashboards`, since the run began.
    """

    business_date: date
    layer: str
    published_at: datetime
    row_count: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class LastPublished:
    """The newest business date of a layer, and when it was last published, with time zone."""

    business_date: date
    published_at: datetime


def quicksight_layer(dataset_id: str) -> str:
    """Return the layer of a QuickSight data set."""
    return f"quicksight:{dataset_id}"


def record_publication(connection: MySQLdb.Connection, publication: Publication) -> None:
    """Write a publish down.

    Args:
        connection: login of the loader, which owns `ops`.
        publication: what was shown.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"REPLACE INTO {TABLE} (business_date, layer, published_at, row_count, seconds) "
            "VALUES (%s, %s, %s, %s, %s)",
            (
                publication.business_date,
                publication.layer,
                publication.published_at.astimezone(UTC).replace(tzinfo=None),
                publication.row_count,
                publication.seconds,
            ),
        )


def publications(connection: MySQLdb.Connection, first: date) -> list[Publication]:
    """Return what was published for the business dates from `first` on, by date, then in the order in which it was.

    Raises:
        MySQLdb.ProgrammingError: the platform's tables do not exist yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT business_date, layer, published_at, row_count, seconds FROM {TABLE} "
            "WHERE business_date >= %s ORDER BY business_date, published_at, layer",
            (first,),
        )
        return [
            Publication(day, layer, at.replace(tzinfo=UTC), rows, None if seconds is None else float(seconds))
            for day, layer, at, rows, seconds in cursor.fetchall()
        ]


def note_published(s3: Any, settings: Settings, layer: Noted, target: date, now: datetime) -> None:
    """Keep in S3 that a layer shows a business date; a replay of an older one does not replace a newer one.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        layer: what was published.
        target: business date.
        now: when, with time zone.
    """
    last = last_published(s3, settings, layer)
    if last and last.business_date > target:
        return
    note = {"business_date": target.isoformat(), "published_at": now.astimezone(UTC).isoformat(timespec="seconds")}
    s3.put_object(
        Bucket=settings.require("bucket"),
        Key=note_key(layer),
        Body=json.dumps(note).encode(),
        ContentType="application/json",
    )


def last_published(s3: Any, settings: Settings, layer: Noted) -> LastPublished | None:
    """Return the newest business date of a layer; None when none was noted, or the note cannot be read."""
    try:
        body = s3.get_object(Bucket=settings.require("bucket"), Key=note_key(layer))["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    try:
        return _parse(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return None


def note_key(layer: Noted) -> str:
    """Return the key of a layer's note."""
    return f"status/published/{layer}.json"


def _parse(note: Mapping[str, Any]) -> LastPublished:
    at = datetime.fromisoformat(note["published_at"])
    if at.tzinfo is None:
        raise ValueError
    return LastPublished(date.fromisoformat(note["business_date"]), at)
