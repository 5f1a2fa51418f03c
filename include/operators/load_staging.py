"""Operator that restores one day's dump into staging."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from include.alerts.causes import Cause, Fault
from include.operators.callbacks import rows_missing
from include.operators.connections import LOADER, RESTORE, endpoint
from include.operators.dated import DatedOperator
from include.operators.fail_open import only_warns
from include.operators.publishing import record
from include.settings import Settings

if TYPE_CHECKING:
    from include.dump.restore import LoadReport


class LoadStagingOperator(DatedOperator):
    """Load what differs in the dump into `staging_next`, audit it and publish it as `staging` in one rename.

    More rejected rows than are declared are told as a warning, once for each change of their number.
    """

    def execute(self, context: Any) -> dict[str, Any]:
        """Load and publish; return the counts of the load.

        Raises:
            AirflowFailException: the dump itself is at fault, so that another try would meet the same bytes.
        """
        import boto3

        from include.dump.errors import DumpError
        from include.dump.restore import load_dump
        from include.freshness.metrics import load_metrics, send_metrics

        settings = Settings.from_environment()
        try:
            report = load_dump(
                boto3.client("s3"),
                settings,
                endpoint(LOADER),
                self.target,
                self.log.info,
                restore_login=endpoint(RESTORE),
            )
        except DumpError as error:
            raise AirflowFailException(str(error)) from error
        record(self.log, report.published, "staging", report.rows, report.seconds)
        with only_warns(self.log, "The load's figures did not reach CloudWatch"):
            send_metrics(boto3.client("cloudwatch"), load_metrics(report, settings.environment, datetime.now(UTC)))
        self._tell_of_rejects(context, report)
        return {
            "rows": report.rows,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 1),
            "rejects": report.rejects,
            "skipped": report.skipped,
            "carried": report.carried,
        }

    def _tell_of_rejects(self, context: Any, report: LoadReport) -> None:
        from include.dump.duplicates import news, undeclared_of
        from include.warehouse.ledger import rejects_before

        found, past = undeclared_of(report), []
        if not found:
            return
        tables = ", ".join(f"{table} {rows:,}" for table, rows in found.items())
        self.log.warning("Rows rejected, more than are declared: %s", tables)
        with (
            only_warns(self.log, "Whether people know of them already cannot be seen"),
            contextlib.closing(endpoint(LOADER).connect()) as connection,
        ):
            past = rejects_before(connection, report.published)
        if told := news(found, report.published, past):
            rows_missing(context, Fault(Cause.REJECTED_ROWS, tables), told)
