"""Operators that make reports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.alerts.causes import Cause, Fault
from include.forms import Refused, read
from include.operators.base import PlatformOperator
from include.operators.callbacks import notify, warn_people
from include.operators.run_date import event_dates
from include.reports.forms import FORMS


class ReportOperator(PlatformOperator):
    """Make a report, mail it to those who wait for it, and warn of what people have to look at.

    A run that gold started makes it for the business date of each event; a run by form makes what the form says. When
    nothing is due the task is skipped, with what comes after it.

    Args:
        report: its name.
    """

    def __init__(self, *, report: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.report = report

    def execute(self, context: Any) -> list[str]:
        """Return the addresses of the files.

        Raises:
            AirflowSkipException: no report was due.
            AirflowFailException: it is refused, of one date at least; a retry would be refused too.
        """
        files: list[str] = []
        refusals: list[Refused] = []
        dates: list[date | None] = [*event_dates(context["dag_run"])]
        for target in dates or [None]:
            try:
                files += self._make(context, target)
            except Refused as error:
                refusals.append(error)
        if refusals:
            raise AirflowFailException("; ".join(map(str, refusals))) from refusals[0]
        if not files:
            raise AirflowSkipException("No file was written; the lines above say why")
        return files

    def _make(self, context: Any, target: date | None) -> tuple[str, ...]:
        from include.reports.registry import REPORTS
        from include.reports.report import ReportContext, make
        from include.reports.store import S3Store

        run, now = context["dag_run"], datetime.now(UTC)
        given = ReportContext(
            settings=self.settings,
            loader=self.loader,
            dbt=self.dbt,
            aws=self.aws,
            store=S3Store(self.s3(), self.settings),
            requested_by=str(getattr(run, "triggering_user_name", None) or run.run_id),
            now=now,
            target=target,
        )
        made = make(REPORTS[self.report], given, read(FORMS[self.report], context["params"], given.today))
        for line in (*made.lines, *made.files):
            self.log.info("%s", line)
        if made.mail:
            notify(made.mail)
        for finding in made.findings:
            self.log.warning("%s", finding.sentence)
            about = f"{self.report.replace('_', ' ')}: {finding.subject}"
            warn_people(context, Fault(Cause.REPORT_FINDING, about), finding.sentence)
        return made.files
