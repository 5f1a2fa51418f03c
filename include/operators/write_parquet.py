"""Operator that writes the day's history as Parquet, and lets the database forget what is older than it keeps."""

from __future__ import annotations

from typing import Any

from include.operators.base import DatedOperator
from include.operators.side_effects import fails_open
from include.settings import Settings


class WriteParquetOperator(DatedOperator):
    """Write the partitions of the day; when the last try fails, warn and skip: the next day makes up for it.

    No figure of the day is made from Parquet. What the database forgets is proven to be there first, so a failure keeps
    it, too.
    """

    @classmethod
    def tasks(cls, settings: Settings, **options: Any) -> list[WriteParquetOperator]:
        """Return the task of a DAG, none where the setting `history_parquet` is off."""
        return [cls(**options)] if settings.history_parquet else []

    @fails_open
    def execute(self, context: Any) -> dict[str, int]:
        """Write, then forget; return counts.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from include.history.retention import retire
        from include.lake.tables import TABLES
        from include.lake.writing import write_day

        s3, login = self.s3(), self.dbt
        written = write_day(s3, self.settings, login, self.target, self.log.info)
        self.log.info("Wrote %s", written)
        retired = retire(s3, self.settings, self.loader, self.target, self.log.info)
        self.trace(login, reads=[table.source for table in TABLES])
        return {"partitions": written.partitions, "rows": written.rows, "retired_dates": retired.dates}
