"""The content of the status page as plain data, and the function that collects it.

Each source is read by itself: if one cannot be read (the database is down, a table does not exist yet), a sentence
takes the place of its figures, and all other parts are complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import MySQLdb

from include.alerts.incident import Incident
from include.alerts.incident_store import incidents
from include.freshness.finding import Finding
from include.freshness.watch import look
from include.schedule import DAILY, business_date
from include.settings import Settings
from include.status_page import reports, sources
from include.status_page.days import Day, judge_days
from include.status_page.guesses import Guesses, guesses
from include.status_page.headline import Headline, headline
from include.status_page.reports import Corrections, RentRoll, ReportRun
from include.status_page.sources import Gap, Load, Occupancy, Tests
from include.warehouse.publications import Publication
from include.warehouse.readers import gold_date_or_note
from include.warehouse.server_errors import ABSENT, error_code

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from include.warehouse.endpoint import Endpoint

log = logging.getLogger(__name__)
T = TypeVar("T")

# Business dates on the page, today's included.
DAYS = 14
INCIDENT_DAYS = 30
WARNING_DAYS = 2


@dataclass(frozen=True)
class Part(Generic[T]):
    """The content of one source.

    Attributes:
        value: what was read; an empty value when that failed.
        trouble: why it could not be read, as a sentence for people; empty when it could.
    """

    value: T
    trouble: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything on the page.

    Attributes:
        environment: name of the environment, for example `prod`.
        now: when the page was made, with time zone.
        today: the Tokyo day of that moment.
        headline: the state of the platform in one sentence.
        days: the last 14 business dates, as far as the platform existed, the newest first.
        incidents: what is not over yet.
        warnings: alerts of the last two business dates that did not fail their runs.
        tests: what dbt found on the newest business date that it ran for.
        ingestions: the newest refresh of each QuickSight data set.
        findings: how old each watched dump and table is.
        gaps: dates without facts, the newest first.
        occupancy: 60 days of facts and the 90 days of outlook.
        corrections: how many records the property manager should correct, by kind.
        rent_roll: the rent roll that was compared last.
        reports: the newest attempt to make each report.
        guesses: how right each source of guessed nationalities is, and how many are kept.
    """

    environment: str
    now: datetime
    today: date
    headline: Headline
    days: Part[list[Day]]
    incidents: Part[list[Incident]]
    tests: Part[Tests | None]
    ingestions: Part[list[Publication]]
    findings: Part[list[Finding]]
    gaps: Part[list[Gap]]
    occupancy: Part[Occupancy | None]
    corrections: Part[Corrections | None]
    rent_roll: Part[RentRoll | None]
    reports: Part[list[ReportRun]]
    guesses: Part[Guesses | None]
    warnings: tuple[Incident, ...] = ()


def collect(s3: S3Client, settings: Settings, endpoint: Endpoint, now: datetime) -> Facts:
    """Read the content of the page; a source that cannot be read raises nothing.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket and the environment.
        endpoint: login that may read `ops`, `staging`, `silver` and `gold`.
        now: the present, with time zone.
    """
    try:
        connection = endpoint.connect()
    except MySQLdb.Error as error:
        return _collect(s3, settings, None, str(error.args[-1]), now)
    try:
        return _collect(s3, settings, connection, "", now)
    finally:
        connection.close()


def _collect(
    s3: S3Client, settings: Settings, connection: MySQLdb.Connection | None, unreachable: str, now: datetime
) -> Facts:
    today = business_date(now)
    first = today - timedelta(days=DAYS - 1)

    def read(what: str, query: Callable[[MySQLdb.Connection], T], nothing: T, made_by: str = DAILY) -> Part[T]:
        if connection is None:
            return Part(nothing, f"{what} cannot be shown: the database cannot be reached ({unreachable}).")
        opened = connection
        return _read(what, lambda: query(opened), nothing, made_by)

    loads: Part[list[Load]] = read("Loads", lambda db: sources.loads(db, first), [])
    published: Part[list[Publication]] = read("Publishing times", lambda db: sources.published(db, first), [])
    gaps: Part[list[Gap]] = read("Gaps", sources.gaps, [])
    failures: Part[dict[date, str]] = read("Failed tests", lambda db: sources.failures(db, first), {})
    began: Part[date | None] = read("The first date", sources.first_date, None)
    days = judge_days(today, DAYS, now, loads.value, published.value, gaps.value, failures.value, began.value)
    noticed = _read(
        "Open incidents", lambda: incidents(s3, settings, today - timedelta(days=INCIDENT_DAYS)), list[Incident]()
    )
    warned_from = today - timedelta(days=WARNING_DAYS - 1)
    shown = _read("The figures that readers see", lambda: gold_date_or_note(connection, s3, settings), None)
    return Facts(
        environment=settings.environment,
        now=now,
        today=today,
        headline=headline(today, now, shown.value, days[0], published.value),
        days=Part(days, loads.trouble or published.trouble),
        incidents=replace(noticed, value=[incident for incident in noticed.value if incident.is_open]),
        warnings=tuple(
            incident for incident in noticed.value if incident.warning and incident.business_date >= warned_from
        ),
        tests=read("Test results", sources.tests, None),
        ingestions=read("QuickSight ingestions", sources.ingestions, []),
        findings=_read("The age of the data", lambda: look(s3, settings, connection, today, now, unreachable), []),
        gaps=gaps,
        occupancy=read("Occupancy", sources.occupancy, None),
        corrections=read("Records to correct", reports.corrections, None, "report_corrections"),
        rent_roll=read("The last rent roll", reports.rent_roll, None),
        reports=read("Reports", reports.report_runs, []),
        guesses=read("Guessed nationalities", lambda db: guesses(db, today), None),
    )


def _read(what: str, query: Callable[[], T], nothing: T, made_by: str = DAILY) -> Part[T]:
    """Read one source; any error becomes a sentence, because a page about faults must survive them."""
    try:
        return Part(query())
    except MySQLdb.Error as error:
        if error_code(error) in ABSENT:
            return Part(nothing, f"{what}: nothing yet. The first run of {made_by} creates the tables.")
        reason = error.args[-1]
    except Exception as error:
        reason = error
    log.exception("%s cannot be read", what)
    return Part(nothing, f"{what} cannot be shown: {' '.join(str(reason).split()) or type(reason).__name__}.")
