"""Operator that closes a business day once the dashboards show it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from include.operators.base import DatedOperator
from include.operators.callbacks import notify
from include.operators.side_effects import fails_open


class AllClearOperator(DatedOperator):
    """Record that the dashboards show the day, resolve its incidents and satisfy the alarms outside Airflow.

    A mail is sent only for incidents that were reported.
    """

    @fails_open
    def execute(self, context: Any) -> None:
        """Note the day in the bucket, resolve incidents, close the day in the database and CloudWatch, in this order.

        Safe to retry.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from include.alerts.incident import resolved_by
        from include.alerts.notify import report_resolved
        from include.freshness.closing import close_day
        from include.warehouse.readers import note_published

        target, now = self.target, datetime.now(UTC)
        began = context["dag_run"].start_date or now
        s3 = self.s3()
        note_published(s3, self.settings, "dashboards", target, now)
        report_resolved(s3, self.settings, target, now, notify, where=resolved_by(context["ti"].dag_id))
        with (
            contextlib.closing(self.loader.connect()) as loader,
            contextlib.closing(self.dbt.connect()) as reader,
        ):
            close_day(loader, reader, self.aws("cloudwatch"), self.settings.environment, target, began, now)
        self.log.info("The dashboards show %s since %s", target, now.isoformat(timespec="seconds"))
