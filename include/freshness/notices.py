"""Which alerts follow from the findings of the watch, and which incidents are over.

An alert names the cause, not its consequences: a day that was not run leaves seven old tables, three layers and a late
dashboard, and is one message. What a task of gghouse_daily has reported is not sent again, because the incident has the
same key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.incident_store import close_incidents, open_incidents
from include.alerts.notify import Notify, report_problem, report_resolved, send_pending
from include.freshness.expectations import expected_date, last_due
from include.freshness.finding import Finding
from include.settings import Settings

# Not the id of its DAG: a green run of the DAG closes the failures of its tasks, not these incidents.
ORIGIN = "watch"
DAYS_REMEMBERED = 7
NAMED = 2
DUMPS = (Cause.DUMP_MISSING, Cause.DUMP_REJECTED)


def problems(findings: Sequence[Finding], today: date, now: datetime, url: str = "") -> list[Incident]:
    """Return the incidents that follow from the findings.

    Args:
        findings: of one look.
        today: business date that was looked at.
        now: when, with time zone. Before the dashboards are due, only the database and the dumps lead to an incident:
            readers still see yesterday's figures, which yesterday's checks covered.
        url: page with the whole table.
    """
    bad = [finding for finding in findings if not finding.is_well]
    incidents = list(_basic(bad, shown(findings), today, now, url))
    if expected_date(now) != today:
        return incidents
    late = [finding for finding in bad if finding.subject in ("dashboards", "gold", "staging")]
    if late and not any(incident.business_date == today for incident in incidents):
        incidents.append(_incident(today, Cause.LATE, "dashboards", late, last_due(now), url))
    if stale := list(_stale(bad, {finding.subject for finding in late})):
        incidents.append(_incident(today, Cause.STALE_DATA, _names(stale), stale, now, url))
    return incidents


def shown(findings: Iterable[Finding]) -> date | None:
    """Return the business date that the dashboards show."""
    return next((finding.as_of for finding in findings if finding.subject == "dashboards"), None)


def notify_findings(
    s3: Any, settings: Settings, findings: Sequence[Finding], today: date, now: datetime, notify: Notify, url: str = ""
) -> list[Incident]:
    """Send each new problem once and each resolution once; return the present problems.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        findings: of one look.
        today: business date that was looked at.
        now: the present, with time zone.
        notify: sends a message.
        url: page with the whole table.

    Raises:
        Exception: S3 or the message's route failed; try again.
    """
    since = today - timedelta(days=DAYS_REMEMBERED)
    send_pending(s3, settings, since, now, notify)
    still_open = open_incidents(s3, settings, since)
    broken = {incident.business_date for incident in still_open if incident.cause not in (Cause.LATE, Cause.STALE_DATA)}
    found = [
        problem
        for problem in problems(findings, today, now, url)
        if problem.cause is not Cause.LATE or problem.business_date not in broken  # the cause was reported
    ]
    for problem in found:
        report_problem(s3, settings, problem, now, notify)
    over = [incident for incident in still_open if _is_over(incident, found, findings, today, now)]
    seen = shown(findings)
    passed = {incident.path for incident in over if incident.cause in DUMPS and seen and incident.business_date < seen}
    paths = {incident.path for incident in over} - passed
    for day in sorted({incident.business_date for incident in over}):
        # The dump of a skipped day never came: close the incident without a message that it is resolved.
        close_incidents(s3, settings, day, now, lambda incident: incident.path in passed)
        report_resolved(s3, settings, day, now, notify, lambda incident: incident.path in paths)
    return found


def _basic(bad: Sequence[Finding], seen: date | None, today: date, now: datetime, url: str) -> Iterator[Incident]:
    """Yield the root causes: no database, no dump."""
    for finding in bad:
        fault, day = finding.fault, finding.as_of
        if fault.cause is Cause.DATABASE:
            yield _incident(today, fault.cause, fault.subject, [finding], now, url)
        elif fault.cause in DUMPS and day and (seen is None or seen < day):
            yield _incident(day, fault.cause, fault.subject, [finding], now, url)


def _stale(bad: Sequence[Finding], late: set[str]) -> Iterator[Finding]:
    """Yield the tables that are old although their sources were loaded (I-08), and those that lost rows (I-11)."""
    for finding in bad:
        place = finding.subject.removeprefix("rows of ").partition(".")[0]
        layer = "staging" if place not in ("history", "silver", "gold") else "gold"
        is_table = finding.fault.cause is Cause.STALE_DATA and not finding.subject.startswith("dump of ")
        if is_table and layer not in late and (layer == "staging" or "staging" not in late):
            yield finding


def _is_over(
    incident: Incident, found: Sequence[Incident], findings: Sequence[Finding], today: date, now: datetime
) -> bool:
    """Whether an incident of the watch is over; those of tasks are closed when their day ends."""
    if incident.origin != ORIGIN or any(problem.path == incident.path for problem in found):
        return False
    if incident.cause is Cause.DATABASE:
        return not any(finding.fault.cause is Cause.DATABASE and not finding.is_well for finding in findings)
    if incident.cause is Cause.STALE_DATA:
        return expected_date(now) == today and all(
            finding.is_well for finding in findings if finding.fault.cause != Cause.DATABASE
        )
    return incident.business_date <= (shown(findings) or date.min)


def _incident(
    day: date, cause: Cause, subject: str, findings: Sequence[Finding], since: datetime, url: str
) -> Incident:
    reason = "\n".join(f"{finding.subject}: {finding.sentence}" for finding in findings)
    return Incident(day, cause, reason, since, subject=subject, origin=ORIGIN, url=url)


def _names(findings: Sequence[Finding]) -> str:
    names = [finding.subject.removeprefix("rows of ") for finding in findings]
    names = list(dict.fromkeys(names))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
