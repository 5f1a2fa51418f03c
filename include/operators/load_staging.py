"""Operator that restores one day's dump into staging."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from include.operators.connections import LOADER, endpoint
from include.operators.dated import DatedOperator
from include.operators.fail_open import only_warns
from include.operators.publishing import record
from include.settings import Settings


class LoadStagingOperator(DatedOperator):
    """Load what differs in the dump into `staging_next`, audit it and publish it as `staging` in one rename."""

    def execute(self, context: Any) -> dict[str, Any]:
        """Load and publish; return the counts of the load.

        Raises:
            AirflowFailException: the dump itself is at fault, so that another try would meet the same bytes.
        """
        import boto3

        from include.dump.errors import DumpError
        from include.dump.restore import load_dump
        from include.metrics import load_metrics, send_metrics

        settings = Settings.from_environment()
        try:
            report = load_dump(
                boto3.client("s3"),
                settings,
                endpoint(LOADER),
                self.target,
                self.log.info,
            )
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        record(self.log, report.published, "staging", report.rows, report.seconds)
        with only_warns(self.log, "The load's figures did not reach CloudWatch"):
            send_metrics(boto3.client("cloudwatch"), load_metrics(report, settings.environment, datetime.now(UTC)))
        return {
            "rows": report.rows,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 1),
            "rejects": report.rejects,
            "skipped": report.skipped,
            "carried": report.carried,
        }
