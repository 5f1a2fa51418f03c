"""Operator that restores one day's dump into staging."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from include.operators.connections import LOADER, endpoint
from include.settings import Settings


class LoadStagingOperator(BaseOperator):
    """Stream the dump into `staging_next`, audit it and publish it as `staging` in one rename.

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

        try:
            report = load_dump(
                boto3.client("s3"),
                Settings.from_environment(),
                endpoint(LOADER),
                date.fromisoformat(self.target_date),
                self.log.info,
            )
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        return {"rows": report.rows, "bytes": report.bytes, "rejects": report.rejects, "skipped": report.skipped}
