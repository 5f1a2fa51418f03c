"""Check the dumps of the last days in the bucket, before anything is loaded from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import MySQLdb

from include.alerts.causes import Cause, Fault, classify
from include.dump.contract import FRESH_TABLES
from include.dump.errors import DumpError, DumpMissing
from include.dump.location import DumpObject, find_dumps
from include.dump.manifest import accept_manifest
from include.freshness.ages import SECONDS_PER_DAY, judge
from include.freshness.expectations import CRITICAL_DAYS, DUMPS_LOOKED_AT, LIVING_SOURCES, WARN_DAYS
from include.freshness.finding import STALE, Finding, Verdict
from include.schedule import DUMP_DUE, DUMP_TAKEN, business_date, clock, format_jst, moment
from include.settings import Settings
from include.warehouse.schema import OPS

# The audit of the load rejects such a dump, too; the incident has the same key, so one alert is sent.
OLD_CONTENT = Fault(Cause.DUMP_REJECTED, "audit-failed")


@dataclass(frozen=True)
class Known:
    """What the database knows about dumps.

    Attributes:
        own_host: host of our own database, which can never be the source of a dump (I-06).
        first_load: first business date that was ever loaded; None when there is none, or the database does not answer.
        gaps: dates that operators declared a gap, with the reason.
    """

    own_host: str = ""
    first_load: date | None = None
    gaps: Mapping[date, str] = field(default_factory=dict)


def read_known(connection: MySQLdb.Connection) -> Known:
    """Read it from the database.

    Raises:
        MySQLdb.Error: the platform's tables are not there, or the connection broke.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(target_date) FROM {OPS}.load_ledger WHERE state = 'published'")
        (first_load,) = cursor.fetchone()
        cursor.execute(f"SELECT business_date, reason FROM {OPS}.date_overrides WHERE is_gap = 1")
        gaps = dict(cursor.fetchall())
    return Known(own_host(connection), first_load, gaps)


def own_host(connection: MySQLdb.Connection) -> str:
    """Return the host that a connection was made to, as it was named."""
    return str(connection.get_host_info()).partition(" via ")[0]


def dump_findings(s3: Any, settings: Settings, today: date, now: datetime, known: Known) -> list[Finding]:
    """Judge the dumps of a day and of the two before it.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket and what a manifest must say.
        today: business date.
        now: the present, with time zone.
        known: see `Known`.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    days = [today - timedelta(days=back) for back in range(DUMPS_LOOKED_AT)]
    return [_finding(s3, settings, day, today, now, known) for day in days]


def _finding(s3: Any, settings: Settings, day: date, today: date, now: datetime, known: Known) -> Finding:
    subject = f"dump of {day}"
    worst = Verdict.CRITICAL if day == today else Verdict.WARN
    try:
        found = find_dumps(s3, settings, day)
        manifests = [accept_manifest(s3, settings, dump, day, known.own_host) for dump in found]
    except DumpError as error:
        excuse = _excuse(error, day, today, now, known)
        verdict, sentence = (Verdict.OK, excuse) if excuse else (worst, str(error))
        return Finding(subject, verdict, day, None, None, sentence, classify("", error))
    size = sum(dump.size for dump in found)
    if _same_as_day_before(s3, settings, found, day):
        sentence = f"is byte for byte the dump of {day - timedelta(days=1)}; have the one of {day} delivered"
        return Finding(subject, worst, day, None, None, sentence, OLD_CONTENT)
    newest = {table: at for manifest in manifests if manifest for table, at in manifest.max_updated_at.items()}
    sentence = f"{size / 1e6:,.1f} MB, {'with' if any(manifests) else 'without'} manifest"
    for verdict, text, fault in _content(newest, day):
        return Finding(subject, min(verdict, worst, key=_SEVERITY.index), day, None, None, text, fault)
    return Finding(subject, Verdict.OK, day, None, None, sentence)


_SEVERITY = (Verdict.OK, Verdict.WARN, Verdict.CRITICAL)


def _excuse(error: DumpError, day: date, today: date, now: datetime, known: Known) -> str:
    """Return why a missing or invalid dump is expected; empty when it is not."""
    if day in known.gaps:
        return f"declared a gap ({known.gaps[day]})"
    if not isinstance(error, DumpMissing):
        return ""
    if day == today:
        return "" if now >= moment(day, DUMP_DUE) else f"not there yet; due by {clock(DUMP_DUE)} JST"
    if known.first_load is None or day < known.first_load:
        return "not there, and the platform had loaded nothing before it"
    return ""


def _same_as_day_before(s3: Any, settings: Settings, found: tuple[DumpObject, ...], day: date) -> bool:
    """Whether yesterday's file was delivered again under today's name."""
    try:
        before = find_dumps(s3, settings, day - timedelta(days=1))
    except DumpError:
        return False
    return [(dump.size, dump.etag) for dump in before] == [(dump.size, dump.etag) for dump in found]


def _content(newest: Mapping[str, datetime], day: date) -> Iterator[tuple[Verdict, str, Fault]]:
    """Yield what is wrong with the newest changes that a manifest names, the worst first (I-08)."""
    taken, end = moment(day, DUMP_TAKEN), moment(day + timedelta(days=1), DUMP_TAKEN.min)
    later = []
    for table in LIVING_SOURCES:
        if table not in newest:
            continue
        changed = newest[table]
        text = f"its manifest says that the newest change in {table} is of {format_jst(changed)}"
        if table in FRESH_TABLES and not day - timedelta(days=1) <= business_date(changed) <= day:
            yield Verdict.CRITICAL, f"{text}, so it is not the dump of {day}; have the right one delivered", OLD_CONTENT
        elif changed >= end:
            later.append((Verdict.WARN, f"{text}, which is in the future and tells nothing", STALE))
        else:
            verdict = judge((taken - changed).total_seconds() / SECONDS_PER_DAY, WARN_DAYS, CRITICAL_DAYS)
            if verdict is not Verdict.OK:
                later.append((verdict, f"{text}; ask the property-management side why", STALE))
    yield from sorted(later, key=lambda one: _SEVERITY.index(one[0]), reverse=True)
