"""Operator that copies a processed dump to the archive."""

from __future__ import annotations

from typing import Any

from include.operators.base import DatedOperator
from include.operators.side_effects import fails_open


class ArchiveDumpOperator(DatedOperator):
    """Copy the dump to `processed/`; when the last try fails, warn and skip (incident I-07)."""

    @fails_open
    def execute(self, context: Any) -> None:
        """Archive the dump.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from include.dump.archive import archive_dump

        keys = archive_dump(self.s3(), self.settings, self.target)
        self.log.info("Archived as %s", ", ".join(keys))
