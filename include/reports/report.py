"""What all reports have in common: what they work with, what they give back, and the record of who had one made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from include.alerts.messages import Message
from include.forms import Form
from include.reports.store import Store
from include.schedule import business_date
from include.settings import Settings

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

log = logging.getLogger(__name__)

# The values of a form, checked (`include.forms.read`).
Request = Mapping[str, Any]


@dataclass(frozen=True)
class ReportContext:
    """What a report works with.

    Attributes:
        settings: of the environment.
        loader: login that owns `history` and `ops` and reads `staging`.
        dbt: login that owns `silver`, `gold` and `reports`.
        aws: returns a boto3 client of a service.
        store: takes the files and holds templates and rent rolls.
        requested_by: the person, or the run, that asks, for the record.
        now: the present, with time zone.
        target: business date of the gold that started the report, None when a person asked.
    """

    settings: Settings
    loader: Endpoint
    dbt: Endpoint
    aws: Callable[..., Any]
    store: Store
    requested_by: str
    now: datetime
    target: date | None = None

    @property
    def today(self) -> date:
        """Today in Tokyo."""
        return business_date(self.now)

    def build(self, folder: str, target: date) -> None:
        """Build and test the dbt models of one folder of `models/reports`.

        Raises:
            include.dbt.runner.DbtFailed: a model could not be built, or a test failed.
        """
        from include.dbt import OF_REPORTS
        from include.dbt.runner import dbt_runner

        with dbt_runner(self.settings, self.dbt, log.warning) as dbt:
            dbt.run(target, "build", "--select", f"{OF_REPORTS}/{folder}", "--indirect-selection", "buildable")


@dataclass(frozen=True)
class Finding:
    """Something in a report that people have to look at; they get one mail for each subject and business date.

    Attributes:
        subject: what it is about, in a few words that stay the same from report to report.
        sentence: what was found and what to do, without personal data.
    """

    subject: str
    sentence: str


@dataclass(frozen=True)
class Made:
    """A report that was made, or the reason why none was due.

    Attributes:
        lines: for people, what was made.
        files: addresses of the files.
        mail: message to those who read the report, None when nobody waits for one.
        findings: what people have to look at.
    """

    lines: tuple[str, ...]
    files: tuple[str, ...] = ()
    mail: Message | None = None
    findings: tuple[Finding, ...] = field(default=())

    def __str__(self) -> str:
        """Return lines and files as one text."""
        return "\n".join((*self.lines, *self.files))


@runtime_checkable
class Report(Protocol):
    """One report. Its DAG is called `report_<name>`; `include.reports.registry` lists them."""

    form: Form

    def make(self, context: ReportContext, request: Request) -> Made:
        """Make the report; the same again gives the same bytes.

        Raises:
            include.forms.Refused: it cannot be made; the message says why and what to do instead.
        """


def make(report: Report, context: ReportContext, request: Request) -> Made:
    """Make a report and record in `ops.reports` who asked for it and how it ended.

    Raises:
        include.forms.Refused: it cannot be made; the message says why and what to do instead.
    """
    from include.warehouse.requests import REPORTS, recorded

    with recorded(context.loader, REPORTS, report.form.name, request, context.requested_by) as record:
        made = report.make(context, request)
        record.outcome = str(made)
    return made
