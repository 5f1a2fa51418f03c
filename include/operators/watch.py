"""Operator that checks how fresh the data are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from include.operators.base import DatedOperator
from include.operators.side_effects import only_warns


class WatchOperator(DatedOperator):
    """Check dumps, tables and dashboards, log a table of the findings, and send alerts and resolutions.

    The task succeeds whenever it could check; what it finds is reported in messages of its own.
    """

    def execute(self, context: Any) -> dict[str, str]:
        """Check; return the verdict of each subject that is not well.

        Raises:
            airflow.sdk.exceptions.AirflowNotFoundException: the database connection is not configured.
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 is out of reach or refuses.
        """
        from include.alerts import routes
        from include.freshness.expectations import MONITORED
        from include.freshness.metrics import age_metrics, send_metrics
        from include.freshness.notices import notify_findings
        from include.freshness.page import summary, table
        from include.freshness.watch import look_at, moment_of
        from include.operators import callbacks
        from include.schedule import business_date

        settings, today, now = self.settings, self.target, datetime.now(UTC)
        at = moment_of(today, now)
        findings = look_at(self.s3(), settings, self.dbt, today, at)
        self.log.info("Business date %s, judged as of %s\n%s", today, at.isoformat(), table(findings))
        self.log.info(summary(findings))
        if context["params"]["notify"]:
            url = context["ti"].log_url
            notify_findings(routes.s3_client(), settings, findings, today, at, callbacks.notify, url)
        ages = {finding.subject: finding.age_days for finding in findings if finding.age_days is not None}
        metrics = age_metrics(
            {source.table: ages[source.table] for source in MONITORED if source.table in ages},
            settings.environment,
            now,
        )
        if context["params"]["notify"] and metrics and today == business_date(now):
            with only_warns(self.log, "The ages of the tables did not reach CloudWatch"):
                send_metrics(self.aws("cloudwatch"), metrics)
        return {finding.subject: str(finding.verdict) for finding in findings if not finding.is_well}
