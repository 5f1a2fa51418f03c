"""Operator that copies the tables of staging for the next load."""

from __future__ import annotations

from typing import Any

from include.operators.base import RESTORE, DatedOperator, endpoint
from include.operators.side_effects import fails_open


class PrepareLoadOperator(DatedOperator):
    """Copy the great tables of `staging` to `staging_next`, where the next load takes only the rows that changed.

    Without the copies the next load is right as well and takes longer, so when the last try fails, warn and skip.

    Args:
        restore_conn_id: MySQL connection that sends what a dump says (templated).
    """

    template_fields = (*DatedOperator.template_fields, "restore_conn_id")

    def __init__(self, *, restore_conn_id: str = RESTORE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.restore_conn_id = restore_conn_id

    @fails_open
    def execute(self, context: Any) -> dict[str, int]:
        """Copy the tables; return how many, and their rows.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        from include.dump.location import find_dumps
        from include.dump.progress import Progress
        from include.dump.source import S3Dump
        from include.dump.working_copy import prepare_load

        if not self.settings.carry_over_unchanged:
            self.log.info("The next load takes all tables whole (carry_over_unchanged is off), so none is copied")
            return {"tables": 0, "rows": 0}
        s3 = self.s3()
        prepared = prepare_load(
            self.loader,
            Progress(self.log.info),
            [S3Dump(s3, dump) for dump in find_dumps(s3, self.settings, self.target)],
            connections=self.settings.load_connections,
            restore_login=endpoint(self.restore_conn_id),
        )
        return {"tables": len(prepared.tables), "rows": sum(prepared.tables.values())}
