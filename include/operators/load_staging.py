"""Operator that restores one day's dump into staging."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from include.operators.connections import LOADER, endpoint
from include.settings import Settings

if TYPE_CHECKING:
    from include.dump.restore import LoadReport


class LoadStagingOperator(BaseOperator):
    """Load what differs in the dump into `staging_next`, audit it and publish it as `staging` in one rename.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
    """

    template_fields = ("target_date",)

    def __init__(self, *, target_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> dict[str, Any]:
        """Load and publish; return the counts of the load.

        Raises:
            AirflowFailException: the dump itself is at fault, so that another try would meet the same bytes.
        """
        import boto3

        from include.dump.errors import DumpError
        from include.dump.restore import load_dump

        settings = Settings.from_environment()
        try:
            report = load_dump(
                boto3.client("s3"),
                settings,
                endpoint(LOADER),
                date.fromisoformat(self.target_date),
                self.log.info,
            )
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        self._measure(report, settings.environment)
        return {
            "rows": report.rows,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 1),
            "rejects": report.rejects,
            "skipped": report.skipped,
            "carried": report.carried,
        }

    def _measure(self, report: LoadReport, environment: str) -> None:
        """Send the load's figures; that they cannot be sent is no reason to load again (I-07)."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        from include.dump.metrics import send_load_metrics

        try:
            send_load_metrics(boto3.client("cloudwatch"), report, environment)
        except (BotoCoreError, ClientError) as error:
            self.log.warning("The load's figures did not reach CloudWatch (%s); the load itself is good", error)
