"""The watch: what is there, how old it is, and whether that is as it should be at this hour.

It judges what lies in the bucket and in the tables, never whether something ran (I-01), so it judges as well when
gghouse_daily has never run, when a schema is missing, and, as far as S3 tells, when the database does not answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import MySQLdb

from include.alerts.causes import Cause, Fault
from include.freshness.ages import DatabaseLost, age_finding, read_ages
from include.freshness.dumps import Known, dump_findings, own_host, read_known
from include.freshness.finding import Finding, Verdict
from include.freshness.row_counts import row_count_findings
from include.freshness.shown import LATE, dashboards_finding, gold_finding, staging_finding
from include.schedule import LAST_LOOK, business_date, moment
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.server_errors import is_lost

__all__ = ["Finding", "Verdict", "look", "look_at", "moment_of", "worst"]

SEVERITY = (Verdict.DEAD, Verdict.OK, Verdict.WARN, Verdict.CRITICAL)


@dataclass
class _Answers:
    """What the database said."""

    known: Known = field(default_factory=Known)
    trouble: list[Finding] = field(default_factory=list)
    shown: list[Finding] = field(default_factory=list)
    tables: list[Finding] = field(default_factory=list)


def look(
    s3: Any,
    settings: Settings,
    connection: MySQLdb.Connection | None,
    today: date,
    now: datetime,
    refusal: str = "no connection could be made",
) -> list[Finding]:
    """Look at dumps, tables and dashboards, and judge each.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        connection: login that may read staging, history, ops, silver and gold; None when the database does not answer.
        today: business date whose dump is the newest that can be expected.
        now: the present, with time zone; what is expected differs by the hour (`include.freshness.expectations`).
        refusal: why there is no connection.

    Returns:
        One finding for each thing, in a fixed order: database, dashboards, gold, staging, dumps, tables, row counts.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    answers = _Answers(trouble=[_unreachable(refusal)])
    if connection is not None:
        answers = _ask(connection, now)
    dumps = dump_findings(s3, settings, today, now, answers.known)
    return [*answers.trouble, dashboards_finding(s3, settings, now), *answers.shown, *dumps, *answers.tables]


def look_at(s3: Any, settings: Settings, endpoint: Endpoint, today: date, now: datetime) -> list[Finding]:
    """Connect, and look as `look` does; a database that cannot be reached is a finding, not an error."""
    try:
        connection = endpoint.connect()
    except MySQLdb.OperationalError as error:
        return look(s3, settings, None, today, now, str(error.args[-1]))
    with contextlib.closing(connection):
        return look(s3, settings, connection, today, now)


def moment_of(today: date, now: datetime) -> datetime:
    """Return when a business date is judged: now if it is today, else as the last look of that day judged it."""
    return now if today == business_date(now) else moment(today, LAST_LOOK)


def worst(findings: Sequence[Finding]) -> Verdict:
    """Return the worst verdict, `dead` counting as well."""
    found = max((finding.verdict for finding in findings), key=SEVERITY.index, default=Verdict.OK)
    return Verdict.OK if found is Verdict.DEAD else found


def _unreachable(reason: str) -> Finding:
    """Return the finding that says that the database does not answer, so that no table could be judged."""
    sentence = f"does not answer ({reason}), so nothing in it could be judged; see the state of the cluster"
    return Finding("database", Verdict.CRITICAL, None, None, None, sentence, Fault(Cause.DATABASE))


def _ask(connection: MySQLdb.Connection, now: datetime) -> _Answers:
    answers = _Answers()
    try:
        answers.known = _known(connection)
        answers.shown = [
            *_guarded("gold", lambda: [gold_finding(connection, now)]),
            *_guarded("staging", lambda: [staging_finding(connection, now)]),
        ]
        answers.tables = [age_finding(age, now) for age in read_ages(connection, now)]
        answers.tables += _guarded("row counts", lambda: row_count_findings(connection))
    except DatabaseLost as error:
        answers.trouble = [_unreachable(str(error))]
    return answers


def _known(connection: MySQLdb.Connection) -> Known:
    try:
        return read_known(connection)
    except MySQLdb.Error as error:
        if is_lost(error):
            raise DatabaseLost(str(error.args[-1])) from error
        return Known(own_host(connection))


def _guarded(subject: str, read: Callable[[], list[Finding]]) -> list[Finding]:
    """Return what is found, or that it cannot be read, for example because nothing has ever run."""
    try:
        return read()
    except MySQLdb.Error as error:
        if is_lost(error):
            raise DatabaseLost(str(error.args[-1])) from error
        sentence = f"cannot be read ({error.args[-1]}); run the day with gghouse_daily"
        return [Finding(subject, Verdict.CRITICAL, None, None, None, sentence, LATE)]
