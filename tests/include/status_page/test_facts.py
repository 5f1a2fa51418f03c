"""What the page says, read from a real server and from S3, and what it says when one of them does not answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.notify import report_problem
from include.schedule import DASHBOARDS_DUE, GOLD_DUE, moment
from include.settings import Settings
from include.status_page.days import State
from include.status_page.facts import collect
from include.status_page.headline import Level
from include.status_page.render import render
from include.status_page.sources import Gap
from include.warehouse.endpoint import Endpoint
from include.warehouse.publications import Publication, record_publication
from include.warehouse.readers import note_published
from tests.include.status_page.scenes import at

TODAY = date(2026, 3, 2)
NOW = at(TODAY, 8, 5)
UTC_SEVEN = datetime(2026, 3, 1, 22, 0)  # noqa: DTZ001 - as the server keeps it
GOLD = (
    "CREATE DATABASE gold",
    "CREATE TABLE gold.occupancy_daily_metrics (snapshot_date DATE, period_end_rooms INT, occupancy_rate DECIMAL(6,4), "
    "is_projection TINYINT) COMMENT 'Business date 2026-03-02'",
    "INSERT INTO gold.occupancy_daily_metrics VALUES ('2025-12-01', 9, 0.0006, 0), ('2026-02-27', 220, 0.0137, 0), "
    "('2026-03-01', 226, 0.0140, 0), ('2026-03-02', 225, 0.0140, 0), ('2026-03-03', 224, 0.0139, 1), "
    "('2026-05-31', 190, 0.0118, 1)",
    "CREATE TABLE gold.data_quality_calendar (snapshot_date DATE, dump_status VARCHAR(20), reason VARCHAR(200), "
    "is_gap TINYINT) COMMENT 'Business date 2026-03-02'",
    "INSERT INTO gold.data_quality_calendar VALUES ('2026-02-28', 'missing', NULL, 1), ('2026-03-02', 'ok', NULL, 0)",
)


def run(connection: Any, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def loaded(connection: Any, day: date, state: str = "published", reason: str | None = None, minutes: int = 0) -> None:
    """Put a load of 100 MB in 20 s, 90 rows and 2 rejects into the ledger."""
    began = UTC_SEVEN + (day - TODAY) + timedelta(minutes=minutes)
    ended = None if state == "started" else began + timedelta(seconds=20)
    done = state == "published"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, finished_at, "
            "dump_object, dump_bytes, loaded_rows, rejected_rows, reason) "
            "VALUES ('staging', %s, %s, 'loader', %s, %s, 's3://x', 5, %s, %s, %s)",
            (day, state, began, ended, 90 if done else None, 2 if done else None, reason),
        )
        if done:
            cursor.executemany(
                "INSERT INTO ops.table_ledger VALUES (%s, %s, 45, 1, NULL, 50000000, '', %s, 9.5)",
                [(cursor.lastrowid, "movings", 0), (cursor.lastrowid, "plans", 1)],
            )


def result(connection: Any, day: date, name: str, status: str, kind: str = "test") -> None:
    run(
        connection,
        f"INSERT INTO ops.dbt_results VALUES ('{day}', '{kind}.{name}', '{name}', '{kind}', 'gold.x', '{status}', 1, "
        f"0.5, 'Sentence of {name}', '2026-03-01 22:10:00')",
    )


def shown(connection: Any, day: date, layer: str, at_time: datetime, rows: int | None = None) -> None:
    record_publication(connection, Publication(day, layer, at_time, rows, 30.0))


@pytest.fixture
def whole_day(warehouse: Any) -> Any:
    """A business date on which all went well but for one warning."""
    run(warehouse, *GOLD)
    loaded(warehouse, TODAY)
    for name, status in (("a", "pass"), ("b", "warn"), ("c", "skipped")):
        result(warehouse, TODAY, name, status)
    result(warehouse, TODAY, "m", "success", "model")
    result(warehouse, TODAY - timedelta(days=9), "old", "fail")
    shown(warehouse, TODAY, "gold", at(TODAY, 7, 12), 300)
    shown(warehouse, TODAY, "quicksight:occupancy", at(TODAY, 7, 15), 151)
    shown(warehouse, TODAY, "dashboards", at(TODAY, 7, 20))
    return warehouse


def minutes_until(due: time, instant: datetime) -> int:
    return round((moment(TODAY, due) - instant).total_seconds() / 60)


def test_a_whole_day(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    facts = collect(s3, settings, dbt, NOW)
    today = facts.days.value[0]
    assert (today.state, today.gold_early, today.dashboards_early) == (
        State.PUBLISHED,
        minutes_until(GOLD_DUE, at(TODAY, 7, 12)),
        minutes_until(DASHBOARDS_DUE, at(TODAY, 7, 20)),
    )
    load = today.load
    assert load
    assert (load.rows, load.rejects, load.loaded, load.carried, load.seconds) == (90, 2, 1, 1, 20.0)
    assert load.mb_per_second == pytest.approx(5.0)
    assert facts.headline.level == Level.GOOD
    assert facts.headline.sentence == (
        "Readers see the figures of 2026-03-02, published at 07:12 JST, on the dashboards since 07:20."
    )
    tests = facts.tests.value
    assert tests
    assert (tests.business_date, tests.passed, tests.warned, tests.failed, tests.skipped, tests.models) == (
        TODAY, 1, 1, 0, 1, 1,
    )  # fmt: skip
    assert tests.problems == (("warned", "Sentence of b"),)
    assert [(one.layer, one.row_count) for one in facts.ingestions.value] == [("occupancy", 151)]
    assert facts.gaps.value == [Gap(date(2026, 2, 28), True, "missing", declared=False)]
    occupancy = facts.occupancy.value
    assert occupancy
    assert occupancy.as_of == TODAY
    assert [(day.business_date.isoformat(), day.rooms, day.projected) for day in occupancy.days] == [
        ("2026-02-27", 220, False), ("2026-03-01", 226, False), ("2026-03-02", 225, False),
        ("2026-03-03", 224, True), ("2026-05-31", 190, True),
    ]  # fmt: skip
    parts = (facts.days, facts.incidents, facts.tests, facts.ingestions, facts.gaps, facts.occupancy)
    assert [part.trouble for part in parts] == [""] * 6


def test_gold_of_an_earlier_release_is_read_too(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    run(whole_day, "ALTER TABLE gold.data_quality_calendar RENAME COLUMN snapshot_date TO check_date")
    facts = collect(s3, settings, dbt, NOW)
    assert facts.gaps.value == [Gap(date(2026, 2, 28), True, "missing", declared=False)]
    assert facts.gaps.trouble == ""


def test_a_calendar_without_a_date_is_said_and_the_rest_of_the_page_stands(
    s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any
) -> None:
    run(whole_day, "ALTER TABLE gold.data_quality_calendar DROP COLUMN snapshot_date")
    facts = collect(s3, settings, dbt, NOW)
    assert "check_date" in facts.gaps.trouble
    assert facts.occupancy.value


def test_the_states_of_other_days(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    ago = {number: TODAY - timedelta(days=number) for number in range(14)}
    loaded(whole_day, ago[1], "failed", "line 9: cut off")
    run(whole_day, f"INSERT INTO ops.date_overrides VALUES ('{ago[3]}', 1, 'Wrong database', 'somebody', NOW())")
    loaded(whole_day, ago[4])
    shown(whole_day, ago[4], "gold", at(ago[4], 7, 45))
    shown(whole_day, ago[4], "dashboards", at(ago[4], 7, 50))
    loaded(whole_day, ago[9])
    loaded(whole_day, ago[10], "started")
    loaded(whole_day, ago[11])
    shown(whole_day, ago[11], "gold", at(ago[11], 7, 10))
    days = {day.business_date: day for day in collect(s3, settings, dbt, NOW).days.value}
    assert [(days[day].state, days[day].note) for day in (ago[1], ago[2], ago[3], ago[4], ago[5])] == [
        (State.FAILED, "line 9: cut off"),
        (State.GAP, "missing"),
        (State.GAP, "Wrong database"),
        (State.LATE, ""),
        (State.MISSING, ""),
    ]
    assert (days[ago[9]].state, days[ago[9]].note) == (State.FAILED, "Sentence of old")
    assert (days[ago[10]].state, days[ago[10]].note) == (
        State.FAILED, "The run ended before the figures were published.",
    )  # fmt: skip
    assert days[ago[11]].state == State.LATE
    assert "somebody" not in render(collect(s3, settings, dbt, NOW)), "who declared it is nobody's business here"


def test_dates_before_the_first_one_are_not_missing(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    assert [day.business_date for day in collect(s3, settings, dbt, NOW).days.value] == [TODAY]
    loaded(whole_day, TODAY - timedelta(days=3), "failed", "cut off")
    days = collect(s3, settings, dbt, NOW).days.value
    assert [day.state for day in days] == [State.PUBLISHED, State.MISSING, State.GAP, State.FAILED]
    tomorrow = collect(s3, settings, dbt, NOW + timedelta(days=1)).days.value
    assert tomorrow[0].state == State.LATE


@pytest.mark.parametrize(
    ("minutes", "note"),
    [
        (0, ""),
        (30, ""),
        (13 * 60 + 9, "Its dump was loaded at 20:09 JST; the figures were due at 07:30."),
        (48 * 60, "Its dump was loaded at 2026-03-04 07:00 JST; the figures were due at 07:30."),
    ],
)
def test_a_date_that_began_late_says_so(
    s3: Any, settings: Settings, dbt: Endpoint, warehouse: Any, minutes: int, note: str
) -> None:
    run(warehouse, *GOLD)
    loaded(warehouse, TODAY, minutes=minutes)
    end = at(TODAY, 7, 31) + timedelta(minutes=minutes)
    for layer in ("gold", "dashboards"):
        shown(warehouse, TODAY, layer, end)
    facts = collect(s3, settings, dbt, at(TODAY, 23, 0))
    assert (facts.days.value[0].state, facts.days.value[0].note) == (State.LATE, note)
    assert facts.headline.sentence.endswith(f"after the deadline. {note}".rstrip())


@pytest.mark.parametrize(
    ("now", "states"),
    [
        (at(TODAY, 6, 30), (State.WAITING, State.WAITING)),
        (at(TODAY, 7, 20), (State.WAITING, State.RUNNING)),
        (at(TODAY, 7, 31), (State.LATE, State.LATE)),
    ],
)
def test_a_day_that_is_under_way(
    s3: Any, settings: Settings, dbt: Endpoint, warehouse: Any, now: datetime, states: tuple[State, State]
) -> None:
    assert collect(s3, settings, dbt, now).days.value[0].state == states[0]
    if now > at(TODAY, 7, 0):
        loaded(warehouse, TODAY, "started")
    assert collect(s3, settings, dbt, now).days.value[0].state == states[1]


def test_a_date_that_is_run_again_was_not_late(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    shown(whole_day, TODAY, "gold", at(TODAY, 15, 0))
    shown(whole_day, TODAY, "dashboards", at(TODAY, 15, 5))
    facts = collect(s3, settings, dbt, at(TODAY, 16, 0))
    assert facts.days.value[0].state == State.PUBLISHED
    assert "published at 15:00 JST" in facts.headline.sentence


def test_readers_who_see_yesterday_are_told_so(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    next_day = TODAY + timedelta(days=1)
    on_time = collect(s3, settings, dbt, at(next_day, 7, 10)).headline
    assert on_time.level == Level.GOOD
    assert on_time.sentence.endswith("; those of 2026-03-03 are due at 07:30 JST.")
    late = collect(s3, settings, dbt, at(next_day, 8, 0)).headline
    assert (late.level, late.word) == (Level.BAD, "Late")
    assert late.sentence.endswith(", a day old; those of 2026-03-03 were due 30 min ago.")
    loaded(whole_day, next_day, "failed", "cut off")
    failed = collect(s3, settings, dbt, at(next_day, 7, 10)).headline
    assert (failed.word, failed.sentence[-33:]) == ("Failed", "day old; the run of 2026-03-03 failed."[-33:])


def test_dashboards_that_lag_behind_the_figures(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    run(whole_day, "DELETE FROM ops.publications WHERE layer = 'dashboards'")
    due = moment(TODAY, DASHBOARDS_DUE)
    assert collect(s3, settings, dbt, due - timedelta(minutes=10)).headline.level == Level.GOOD
    late = collect(s3, settings, dbt, due + timedelta(minutes=25)).headline
    assert late.word == "Dashboards late"
    assert late.sentence.endswith("the dashboards were due 25 min ago.")


def test_before_the_first_run_every_section_says_so(s3: Any, settings: Settings, dbt: Endpoint, warehouse: Any) -> None:
    run(warehouse, "DROP DATABASE ops")
    page = render(collect(s3, settings, dbt, NOW))
    assert page.count("nothing yet. The first run of gghouse_daily creates the tables.") >= 5
    assert "No figures were published yet" in page


def test_without_the_database_the_rest_is_there(s3: Any, settings: Settings, dbt: Endpoint, warehouse: Any) -> None:
    note_published(s3, settings, "gold", TODAY - timedelta(days=1), NOW)
    facts = collect(s3, settings, replace(dbt, port=1), NOW)
    assert "the database cannot be reached" in facts.tests.trouble
    assert facts.headline.sentence.startswith("Readers see the figures of 2026-03-01")
    assert len(facts.days.value) == 14
    assert "password" not in render(facts).lower()


def test_without_a_bucket_the_database_is_still_read(
    s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any
) -> None:
    facts = collect(s3, replace(settings, bucket="elsewhere"), dbt, NOW)
    assert "cannot be shown" in facts.incidents.trouble
    assert facts.days.value[0].state == State.PUBLISHED


def test_a_page_of_the_server_names_nobody(s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any) -> None:
    """Rejected rows hold personal data; only their number is on the page."""
    run(whole_day, "INSERT INTO ops.rejected_rows VALUES (1, 1, 'tenants', 7, 'Duplicate entry', '(1,''佐藤花子'')')")
    page = render(collect(s3, settings, dbt, NOW))
    assert "佐藤花子" not in page
    assert json.dumps(2) in page


def test_warnings_of_the_last_two_dates_are_shown_beside_what_is_open(
    s3: Any, settings: Settings, dbt: Endpoint, whole_day: Any
) -> None:
    for back in (0, 1, 2):
        day = TODAY - timedelta(days=back)
        for cause in (Cause.QUICKSIGHT_ROWS, Cause.DATABASE):
            warning = cause is Cause.QUICKSIGHT_ROWS
            report_problem(s3, settings, Incident(day, cause, "r", NOW, warning=warning), NOW, lambda _message: None)
    facts = collect(s3, settings, dbt, NOW)
    assert [one.cause for one in facts.incidents.value] == [Cause.DATABASE] * 3
    assert [(one.cause, (TODAY - one.business_date).days) for one in facts.warnings] == [
        (Cause.QUICKSIGHT_ROWS, 1),
        (Cause.QUICKSIGHT_ROWS, 0),
    ]
