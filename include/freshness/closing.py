"""The end of a business day: written down, and told to the alarms that work when Airflow is dead (I-01)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import MySQLdb

from include.freshness.ages import monitored_ages, read_ages
from include.freshness.expectations import MONITORED
from include.freshness.metrics import age_metrics, publish_metrics, send_metrics
from include.schedule import business_date
from include.warehouse.publications import (
    LAYER_DASHBOARDS,
    LAYER_GOLD,
    Publication,
    publications,
    record_publication,
)


def close_day(
    loader: MySQLdb.Connection,
    reader: MySQLdb.Connection,
    cloudwatch: Any,
    environment: str,
    target: date,
    began: datetime,
    now: datetime,
) -> None:
    """Record that the dashboards show a business date, and send its figures when the date is today's.

    Only today's date feeds the dead man's switch. A replay of an old day proves that Airflow lives, not that readers
    have today's figures; and when yesterday's day is caught up, the switch had better stay open until today's follows.

    Args:
        loader: connection that may write `ops`.
        reader: connection that may read silver and gold.
        cloudwatch: boto3 CloudWatch client.
        environment: name of the platform's environment.
        target: business date.
        began: when the run began, with time zone.
        now: the present, with time zone.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: CloudWatch did not take the figures.
        MySQLdb.Error: the database did not answer.
        include.freshness.ages.DatabaseLost: it stopped to answer.
    """
    seconds = (now - began).total_seconds()
    done = [one for one in publications(loader, target) if one.business_date == target]
    if not any(one.layer == LAYER_DASHBOARDS and one.published_at >= began for one in done):
        record_publication(loader, Publication(target, LAYER_DASHBOARDS, now, None, seconds))
    if target != business_date(now):
        return
    rows = next((one.row_count for one in reversed(done) if one.layer == LAYER_GOLD), None)
    ages = monitored_ages(read_ages(reader, now, MONITORED), now)
    metrics = publish_metrics(rows, seconds, environment, now) + age_metrics(ages, environment, now)
    send_metrics(cloudwatch, metrics)
