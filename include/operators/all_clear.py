"""Operator that ends a business day: its readers see its figures."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from include.operators.callbacks import notify
from include.operators.connections import DBT, LOADER, endpoint
from include.operators.dated import DatedOperator
from include.operators.fail_open import fails_open
from include.settings import Settings


class AllClearOperator(DatedOperator):
    """Write down that the dashboards show the day, and tell the people and the alarms outside Airflow.

    People hear of it only when they had heard that something was wrong with the date.
    """

    @fails_open
    def execute(self, context: Any) -> None:
        """Tell bucket, people, database and CloudWatch, in this order; another try repeats what is safe to repeat.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        import boto3

        from include.alerts.incident import resolved_by
        from include.alerts.notify import report_resolved
        from include.freshness.closing import close_day
        from include.warehouse.readers import note_published

        settings, target, now = Settings.from_environment(), self.target, datetime.now(UTC)
        began = context["dag_run"].start_date or now
        s3 = boto3.client("s3")
        note_published(s3, settings, "dashboards", target, now)
        report_resolved(s3, settings, target, now, notify, where=resolved_by(context["ti"].dag_id))
        with (
            contextlib.closing(endpoint(LOADER).connect()) as loader,
            contextlib.closing(endpoint(DBT).connect()) as reader,
        ):
            close_day(loader, reader, boto3.client("cloudwatch"), settings.environment, target, began, now)
        self.log.info("Readers see %s since %s", target, now.isoformat(timespec="seconds"))
