"""Operator that copies a processed dump to the archive."""

from __future__ import annotations

from typing import Any

from include.operators.dated import DatedOperator
from include.operators.fail_open import fails_open
from include.settings import Settings


class ArchiveDumpOperator(DatedOperator):
    """Copy the dump to `processed/`; when that fails for good, warn and let the run end green (incident I-07)."""

    @fails_open
    def execute(self, context: Any) -> None:
        """Archive the dump.

        Raises:
            AirflowSkipException: the last try failed; the people have been warned.
        """
        import boto3

        from include.dump.archive import archive_dump

        keys = archive_dump(boto3.client("s3"), Settings.from_environment(), self.target)
        self.log.info("Archived as %s", ", ".join(keys))
