"""The history of publishing: one row in `ops.publications` for each time that a layer was shown to readers.

The rows are for the status page, the watch and the metrics, which look back. They do not answer what readers see now: a
rollback writes no row. That question has one answer, `include.warehouse.readers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import MySQLdb

from include.schedule import as_stored
from include.warehouse.schema import OPS

TABLE = f"{OPS}.publications"
LAYER_STAGING = "staging"
LAYER_GOLD = "gold"
# All data sets of the day are refreshed: the end of the business day.
LAYER_DASHBOARDS = "dashboards"


@dataclass(frozen=True)
class Publication:
    """One publish. A business date that is run again has several.

    Attributes:
        business_date: Tokyo day of what was shown.
        layer: `staging`, `gold`, `quicksight:<data set id>` or `dashboards`.
        published_at: when readers could see it, with time zone.
        row_count: rows that were shown, None where they are not counted.
        seconds: how long it took; of `dashboards`, since the run began.
    """

    business_date: date
    layer: str
    published_at: datetime
    row_count: int | None = None
    seconds: float | None = None


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
                as_stored(publication.published_at),
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
