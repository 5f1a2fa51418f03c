"""Operator that copies a processed dump to the archive."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import BaseOperator

from include.operators.fail_open import fails_open
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

    @fails_open
    def execute(self, context: Any) -> None:
        """Archive the dump.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        import boto3

        from include.archive import archive_dump

        keys = archive_dump(boto3.client("s3"), Settings.from_environment(), date.fromisoformat(self.target_date))
        self.log.info("Archived as %s", ", ".join(keys))
