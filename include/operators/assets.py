"""The Airflow assets of the platform: the dump, staging, gold and each QuickSight data set.

The tasks of `gghouse_daily` name them as inlets and outlets, from which Airflow draws its asset graph. Airflow records
an event for an outlet when its task succeeds, and for no other task; the event's extra says which business date
the asset shows from then on. A DAG can be scheduled on an asset (`schedule=[GOLD]`) and read the date there.

An asset's URI is its name: two of one name with different URIs are a conflict, and Airflow would not run their tasks.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset

from include.settings import Settings

# Key of an event's extra: the business date, `YYYY-MM-DD`.
DATE = "business_date"

STAGING = Asset("staging")
GOLD = Asset("gold")


def dumps(settings: Settings) -> Asset:
    """Return the asset of the bucket's dumps; its name differs from bucket to bucket."""
    return Asset(f"s3://{settings.bucket}/dumps" if settings.bucket else "dumps")


def data_set(dataset_id: str) -> Asset:
    """Return the asset of a QuickSight data set, called like its layer in `ops.publications`."""
    return Asset(f"quicksight:{dataset_id}")


def data_sets(settings: Settings) -> list[Asset]:
    """Return the assets of all configured data sets, in order."""
    return [data_set(dataset_id) for dataset_id in settings.quicksight_datasets]


def date_events(context: Any, outlets: list[Asset], target_date: str) -> None:
    """Give the events of a task that succeeds their business date.

    Args:
        context: the task's context.
        outlets: assets that the task has brought to the date.
        target_date: business date, `YYYY-MM-DD`.
    """
    for asset in outlets:
        context["outlet_events"][asset].extra = {DATE: target_date}
