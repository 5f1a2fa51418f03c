"""Which business date staging, gold and the dashboards show, against the one that readers can expect."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import MySQLdb

from include.alerts.causes import Cause, Fault
from include.freshness.ages import SECONDS_PER_DAY, judge
from include.freshness.expectations import CRITICAL_DAYS, WARN_DAYS, expected_date, last_due
from include.freshness.finding import Finding, Verdict
from include.schedule import DASHBOARDS_DUE, DUMP_TAKEN, clock, format_jst, moment
from include.settings import Settings
from include.warehouse.readers import gold_date, last_published, staging_date

LATE = Fault(Cause.LATE, "dashboards")


def staging_finding(connection: MySQLdb.Connection, now: datetime) -> Finding:
    """Judge which load staging holds.

    Raises:
        MySQLdb.Error: the platform's tables are not there, or the connection broke.
    """
    return _judge("staging", staging_date(connection), now, "holds the load of")


def gold_finding(connection: MySQLdb.Connection, now: datetime) -> Finding:
    """Judge which date the tables of gold are made for; after a rollback that is an older one.

    Raises:
        MySQLdb.Error: the connection broke.
    """
    return _judge("gold", gold_date(connection), now, "shows")


def dashboards_finding(s3: Any, settings: Settings, now: datetime) -> Finding:
    """Judge which date the dashboards were last refreshed for, from the note in S3, so without the database.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    last = last_published(s3, settings, "dashboards")
    if last is None:
        return _judge("dashboards", None, now, "show")
    since = f" (since {format_jst(last.published_at)})"
    return _judge("dashboards", last.business_date, now, "show", since)


def _judge(subject: str, shown: date | None, now: datetime, shows: str, since: str = "") -> Finding:
    expected = expected_date(now)
    if shown is None:
        sentence = "nothing was published yet; run the day with gghouse_daily"
        return Finding(subject, Verdict.CRITICAL, None, None, None, sentence, LATE)
    made = moment(shown, DUMP_TAKEN)
    verdict = judge((last_due(now) - made).total_seconds() / SECONDS_PER_DAY, WARN_DAYS, CRITICAL_DAYS)
    sentence = f"{shows} {shown}{since}"
    if verdict is not Verdict.OK:
        behind = (expected - shown).days
        sentence += (
            f", {behind} day{'s' * (behind > 1)} behind; {expected} was due by {clock(DASHBOARDS_DUE)} JST, see "
            "gghouse_daily"
        )
    return Finding(subject, verdict, shown, (now - made).total_seconds() / SECONDS_PER_DAY, None, sentence, LATE)
