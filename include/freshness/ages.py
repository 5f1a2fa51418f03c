"""How old the tables are, read from the rows themselves (I-01: jobs may be green, or not run at all).

Rows of the future do not count: the source holds dates of the years 2302 and 5300 by mistake, and one of them would
make a table look fresh for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import MySQLdb

from include.freshness.expectations import EXPECTATIONS, Expectation, Measure, last_due
from include.freshness.finding import Finding, Verdict
from include.schedule import DUMP_TAKEN, JST, business_date, format_jst, moment
from include.warehouse.server_errors import is_lost

SECONDS_PER_DAY = 86_400


class DatabaseLost(Exception):
    """The connection broke while the watch was reading."""


@dataclass(frozen=True)
class Age:
    """How old a table is.

    Attributes:
        newest: the newest moment in its rows that is not in the future; None when it has no such row.
        rows: its rows, or those of its newest business date.
        problem: why it could not be read, else empty.
    """

    expectation: Expectation
    newest: datetime | None
    rows: int | None
    problem: str = ""

    def days(self, at: datetime) -> float | None:
        """Return its age at a moment, in days."""
        return None if self.newest is None else (at - self.newest).total_seconds() / SECONDS_PER_DAY


def read_ages(
    connection: MySQLdb.Connection, now: datetime, expectations: Sequence[Expectation] = EXPECTATIONS
) -> list[Age]:
    """Read how old each table is.

    Args:
        connection: login that may read staging, history, silver and gold.
        now: the present, with time zone; later values are ignored.
        expectations: which tables, and how.

    Raises:
        DatabaseLost: the connection broke.
    """
    return [_read(connection, expectation, now) for expectation in expectations]


def monitored_ages(ages: Sequence[Age], now: datetime) -> dict[str, float]:
    """Return the age in days of each monitored table that has rows."""
    found = {age.expectation.table: age.days(now) for age in ages if age.expectation.monitored}
    return {table: days for table, days in found.items() if days is not None}


def age_finding(age: Age, now: datetime) -> Finding:
    """Judge an age by what is expected of its table."""
    wanted = age.expectation
    days, due = age.days(now), age.days(last_due(now))
    if wanted.dead:
        verdict, sentence = Verdict.DEAD, f"declared dead: {wanted.dead}"
    elif age.problem:
        verdict, sentence = Verdict.CRITICAL, age.problem
    elif age.newest is None or due is None:
        verdict, sentence = Verdict.CRITICAL, "holds no row that tells its age; run the day with gghouse_daily"
    else:
        verdict, sentence = judge(due, wanted.warn_days, wanted.critical_days), _sentence(age, age.newest)
        if verdict is not Verdict.OK:
            sentence += f", {days:.1f} days old; see whether the last load and the dump it came from are right"
    day = None if age.newest is None else business_date(age.newest)
    return Finding(wanted.subject, verdict, day, days, age.rows, sentence)


def judge(days: float, warn: float, critical: float) -> Verdict:
    """Return the verdict on an age in days; exactly at a limit is not over it."""
    return Verdict.CRITICAL if days > critical else Verdict.WARN if days > warn else Verdict.OK


def _sentence(age: Age, newest: datetime) -> str:
    if age.expectation.measure is Measure.INSTANT:
        return f"newest {age.expectation.column} {format_jst(newest)}"
    return f"newest {age.expectation.column} {business_date(newest)}"


def _read(connection: MySQLdb.Connection, wanted: Expectation, now: datetime) -> Age:
    schema, _, table = wanted.table.partition(".")
    name, column = f"`{schema}`.`{table}`", f"`{wanted.column}`"
    instant = now.astimezone(UTC if wanted.measure is Measure.INSTANT else JST).replace(tzinfo=None)
    latest = instant.date() if wanted.measure is Measure.BUSINESS_DATE else instant
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT MAX({column}) FROM {name} WHERE {column} <= %s AND {column} > '1900-01-01' AND {wanted.where}",
                (latest,),
            )
            (newest,) = cursor.fetchone()
            if wanted.measure is Measure.BUSINESS_DATE:
                cursor.execute(f"SELECT COUNT(*) FROM {name} WHERE {column} = %s", (newest,))
            else:
                cursor.execute(f"SELECT COUNT(*) FROM {name}")
            (rows,) = cursor.fetchone()
    except MySQLdb.Error as error:
        if is_lost(error):
            raise DatabaseLost(str(error.args[-1])) from error
        return Age(wanted, None, None, f"cannot be read ({error.args[-1]}); run the day with gghouse_daily")
    return Age(wanted, _instant(newest, wanted.measure), int(rows))


def _instant(value: Any, measure: Measure) -> datetime | None:
    match value:
        case datetime():
            return value.replace(tzinfo=UTC if measure is Measure.INSTANT else JST)
        case date():
            return moment(value, DUMP_TAKEN if measure is Measure.BUSINESS_DATE else time())
    return None
