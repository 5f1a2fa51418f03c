"""Operator that looks how fresh the data are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from include.operators.connections import DBT, endpoint
from include.operators.dated import DatedOperator
from include.operators.fail_open import only_warns
from include.settings import Settings


class WatchOperator(DatedOperator):
    """Look at dumps, tables and dashboards, print the table, and tell people what is wrong or well again.

    The task is green when it could look, whatever it saw: what is wrong reaches people as a message of its own.
    """

    def execute(self, context: Any) -> dict[str, str]:
        """Look; return the verdict of each thing that is not well.

        Raises:
            airflow.sdk.exceptions.AirflowNotFoundException: the database's connection is not configured.
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 could not be looked at.
        """
        import boto3

        from include.alerts import routes
        from include.freshness.expectations import MONITORED
        from include.freshness.metrics import age_metrics, send_metrics
        from include.freshness.notices import notify_findings
        from include.freshness.page import summary, table
        from include.freshness.watch import look_at, moment_of
        from include.operators import callbacks
        from include.schedule import business_date

        settings, today, now = Settings.from_environment(), self.target, datetime.now(UTC)
        at = moment_of(today, now)
        findings = look_at(boto3.client("s3"), settings, endpoint(DBT), today, at)
        self.log.info("Business date %s, judged as at %s\n%s", today, at.isoformat(), table(findings))
        self.log.info(summary(findings))
        if context["params"]["notify"]:
            url = context["ti"].log_url
            notify_findings(routes.s3_client(), settings, findings, today, at, callbacks.notify, url)
        ages = {one.subject: one.age_days for one in findings if one.age_days is not None}
        metrics = age_metrics(
            {one.table: ages[one.table] for one in MONITORED if one.table in ages}, settings.environment, now
        )
        if context["params"]["notify"] and metrics and today == business_date(now):
            with only_warns(self.log, "The ages of the tables did not reach CloudWatch"):
                send_metrics(boto3.client("cloudwatch"), metrics)
        return {one.subject: str(one.verdict) for one in findings if not one.is_well}
