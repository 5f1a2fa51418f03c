"""The end of a business day: recorded, and reported to the alarms outside Airflow (I-01)."""

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
    """Record that the dashboards show a business date, and send its metrics when the date is today's.

    Only today's date resets the alarm outside Airflow. A re-run of an old day does not prove that readers have today's
    figures, so the alarm stays armed until today's run succeeds.

    Args:
        loader: connection that may write `ops`.
        reader: connection that may read silver and gold.
        cloudwatch: boto3 CloudWatch client.
        environment: name of the platform's environment.
        target: business date.
        began: when the run began, with time zone.
        now: the present, with time zone.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: CloudWatch refused the metrics.
        MySQLdb.Error: the database did not respond.
        include.freshness.ages.DatabaseLost: it stopped responding.
    """
    seconds = (now - began).total_seconds()
    done = [published for published in publications(loader, target) if published.business_date == target]
    if not any(published.layer == LAYER_DASHBOARDS and published.published_at >= began for published in done):
        record_publication(loader, Publication(target, LAYER_DASHBOARDS, now, None, seconds))
    if target != business_date(now):
        return
    rows = next((published.row_count for published in reversed(done) if published.layer == LAYER_GOLD), None)
    ages = monitored_ages(read_ages(reader, now, MONITORED), now)
    metrics = publish_metrics(rows, seconds, environment, now) + age_metrics(ages, environment, now)
    send_metrics(cloudwatch, metrics)
