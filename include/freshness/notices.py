"""What of the watch's findings people have to hear, and what of it is over.

A problem is told as its cause, not as its consequences: a day that was not run leaves seven old tables, three layers
and a late dashboard, and is one message. What the tasks of gghouse_daily have told already is not told again, because
an incident has one key for all who notice it.
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

ORIGIN = "watch"
"""Not the id of its DAG: a green run of that one ends what its task met, not what it found."""
DAYS_REMEMBERED = 7
NAMED = 2
DUMPS = (Cause.DUMP_MISSING, Cause.DUMP_REJECTED)


def problems(findings: Sequence[Finding], today: date, now: datetime, url: str = "") -> list[Incident]:
    """Return what people have to hear.

    Args:
        findings: of one look.
        today: business date that was looked at.
        now: when, with time zone. Before the dashboards are due only the database and the dumps are worth a message:
            what readers see is yesterday's, and whether that was right was said yesterday.
        url: page with the whole table.
    """
    bad = [one for one in findings if not one.is_well]
    told = list(_basic(bad, shown(findings), today, now, url))
    if expected_date(now) != today:
        return told
    late = [one for one in bad if one.subject in ("dashboards", "gold", "staging")]
    if late and not any(one.business_date == today for one in told):
        told.append(_incident(today, Cause.LATE, "dashboards", late, last_due(now), url))
    if stale := list(_stale(bad, {one.subject for one in late})):
        told.append(_incident(today, Cause.STALE_DATA, _names(stale), stale, now, url))
    return told


def shown(findings: Iterable[Finding]) -> date | None:
    """Return the business date that the dashboards show."""
    return next((one.as_of for one in findings if one.subject == "dashboards"), None)


def notify_findings(
    s3: Any, settings: Settings, findings: Sequence[Finding], today: date, now: datetime, notify: Notify, url: str = ""
) -> list[Incident]:
    """Tell people what is wrong, once, and what is well again, once; return the problems, told now or earlier.

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
    broken = {one.business_date for one in still_open if one.cause not in (Cause.LATE, Cause.STALE_DATA)}
    found = [
        one
        for one in problems(findings, today, now, url)
        if one.cause is not Cause.LATE or one.business_date not in broken  # people know why the day is late
    ]
    for problem in found:
        report_problem(s3, settings, problem, now, notify)
    over = [one for one in still_open if _is_over(one, found, findings, today, now)]
    seen = shown(findings)
    passed = {one.path for one in over if one.cause in DUMPS and seen and one.business_date < seen}
    paths = {one.path for one in over} - passed
    for day in sorted({one.business_date for one in over}):
        # the dump of a day that was skipped did not come: nothing is well again, but nobody waits for it any more
        close_incidents(s3, settings, day, now, lambda one: one.path in passed)
        report_resolved(s3, settings, day, now, notify, lambda one: one.path in paths)
    return found


def _basic(bad: Sequence[Finding], seen: date | None, today: date, now: datetime, url: str) -> Iterator[Incident]:
    """Yield what everything else may be a consequence of: no database, no dump."""
    for one in bad:
        if one.fault.cause is Cause.DATABASE:
            yield _incident(today, one.fault.cause, one.fault.subject, [one], now, url)
        elif one.fault.cause in DUMPS and one.as_of and (seen is None or seen < one.as_of):
            yield _incident(one.as_of, one.fault.cause, one.fault.subject, [one], now, url)


def _stale(bad: Sequence[Finding], late: set[str]) -> Iterator[Finding]:
    """Yield the tables that are old although what they are made of was loaded (I-08), and lost rows (I-11)."""
    for one in bad:
        place = one.subject.removeprefix("rows of ").partition(".")[0]
        layer = "staging" if place not in ("history", "silver", "gold") else "gold"
        is_table = one.fault.cause is Cause.STALE_DATA and not one.subject.startswith("dump of ")
        if is_table and layer not in late and (layer == "staging" or "staging" not in late):
            yield one


def _is_over(
    incident: Incident, found: Sequence[Incident], findings: Sequence[Finding], today: date, now: datetime
) -> bool:
    """Whether an incident that the watch has opened is over; the others are closed by whoever ends their day."""
    if incident.origin != ORIGIN or any(one.path == incident.path for one in found):
        return False
    if incident.cause is Cause.DATABASE:
        return not any(one.fault.cause is Cause.DATABASE and not one.is_well for one in findings)
    if incident.cause is Cause.STALE_DATA:
        return expected_date(now) == today and all(one.is_well for one in findings if one.fault.cause != Cause.DATABASE)
    return incident.business_date <= (shown(findings) or date.min)


def _incident(
    day: date, cause: Cause, subject: str, findings: Sequence[Finding], since: datetime, url: str
) -> Incident:
    reason = "\n".join(f"{one.subject}: {one.sentence}" for one in findings)
    return Incident(day, cause, reason, since, subject=subject, origin=ORIGIN, url=url)


def _names(findings: Sequence[Finding]) -> str:
    names = [one.subject.removeprefix("rows of ") for one in findings]
    names = list(dict.fromkeys(names))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
