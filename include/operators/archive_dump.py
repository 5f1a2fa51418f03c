"""Operator that copies a processed dump to the archive."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout

from include.alerts.callbacks import task_degraded
from include.settings import Settings


class ArchiveDumpOperator(BaseOperator):
    """Copy the dump to `processed/`; when that fails for good, warn and let the run end green (incident I-07).

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
    """

    template_fields = ("target_date",)

    def __init__(self, *, target_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_date = target_date

    def execute(self, context: Any) -> None:
        """Archive the dump.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        import boto3

        from include.archive import archive_dump

        try:
            keys = archive_dump(boto3.client("s3"), Settings.from_environment(), date.fromisoformat(self.target_date))
        except (Exception, AirflowTaskTimeout) as error:
            if context["ti"].try_number <= self.retries:
                raise
            self.log.warning("The dump was not archived: %s", error)
            task_degraded(context, error)
            raise AirflowSkipException(f"not archived: {error}") from error
        self.log.info("Archived as %s", ", ".join(keys))
