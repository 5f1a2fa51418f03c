"""Operator that restores one day's dump into staging."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from include.alerts.causes import Cause, Fault
from include.operators.base import RESTORE, DatedOperator, endpoint
from include.operators.callbacks import warn_people
from include.operators.side_effects import only_warns, record_published

if TYPE_CHECKING:
    from include.dump.restore import LoadReport


class LoadStagingOperator(DatedOperator):
    """Load what differs in the dump into `staging_next`, audit it and publish it as `staging` in one rename.

    More rejected rows than are declared raise a warning, once for each change of their number.

    Args:
        restore_conn_id: MySQL connection that sends what the dump says; it reaches only `staging_next` (templated).
    """

    template_fields = (*DatedOperator.template_fields, "restore_conn_id")

    def __init__(self, *, restore_conn_id: str = RESTORE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.restore_conn_id = restore_conn_id

    def execute(self, context: Any) -> dict[str, Any]:
        """Load and publish; return the counts of the load.

        Raises:
            AirflowFailException: the dump is at fault; a retry would read the same bytes.
        """
        from include.dump.errors import DumpError
        from include.dump.restore import load_dump
        from include.freshness.metrics import load_metrics, send_metrics
        from include.warehouse.schema import STAGING

        try:
            report = load_dump(
                self.s3(),
                self.settings,
                self.loader,
                self.target,
                self.log.info,
                restore_login=endpoint(self.restore_conn_id),
            )
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        self.trace(self.loader, writes=[f"{STAGING}.{each.table}" for each in report.tables])
        record_published(self.log, lambda: self.loader, report.published, "staging", report.rows, report.seconds)
        with only_warns(self.log, "The load's metrics did not reach CloudWatch"):
            send_metrics(self.aws("cloudwatch"), load_metrics(report, self.settings.environment, datetime.now(UTC)))
        self._warn_of_rejects(context, report)
        return {
            "rows": report.rows,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 1),
            "rejects": report.rejects,
            "skipped": report.skipped,
            "carried": report.carried,
        }

    def _warn_of_rejects(self, context: Any, report: LoadReport) -> None:
        from include.dump.duplicates import news, undeclared_of
        from include.warehouse.ledger import rejects_before

        found, past = undeclared_of(report), []
        if not found:
            return
        tables = ", ".join(f"{table} {rows:,}" for table, rows in found.items())
        self.log.warning("Rows rejected, more than are declared: %s", tables)
        with (
            only_warns(self.log, "The rejects of earlier loads could not be read, so the warning may be a repetition"),
            contextlib.closing(self.loader.connect()) as connection,
        ):
            past = rejects_before(connection, report.published)
        if sentence := news(found, report.published, past):
            warn_people(context, Fault(Cause.REJECTED_ROWS, tables), sentence)
