"""What of the findings people hear: causes, not consequences, once, and their end once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.notify import report_problem
from include.freshness.notices import notify_findings
from include.freshness.watch import look
from include.schedule import DASHBOARDS_DUE, clock
from tests.include.conftest import BUCKET
from tests.include.freshness.warehouse import TODAY, at
from tests.include.freshness.watched import YESTERDAY, Watched

TOMORROW = TODAY + timedelta(days=1)


class Duty:
    """Whoever reads the mails."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.subjects: list[str] = []
        self.bodies: list[str] = []

    def tell(self, message: Any) -> None:
        self.subjects.append(message.subject)
        self.bodies.append(message.body)

    def looked(self, now: datetime, connection: Any = "own") -> list[str]:
        """What people are told by a look."""
        self.subjects.clear()
        connection = self.watched.warehouse.connection if connection == "own" else connection
        findings = look(self.watched.s3, self.watched.settings, connection, now.date(), now)
        notify_findings(self.watched.s3, self.watched.settings, findings, now.date(), now, self.tell)
        return list(self.subjects)


@pytest.fixture
def duty(healthy: Watched) -> Duty:
    return Duty(healthy)


def the_day_runs(duty: Duty) -> None:
    duty.watched.run_day(TOMORROW)


def test_a_good_day_is_silent(duty: Duty) -> None:
    assert [duty.looked(at(hour)) for hour in (8, 9, 12)] == [[], [], []]


def test_i39_a_dump_that_is_missing_at_six_is_told_once_and_not_again_as_late(duty: Duty) -> None:
    (told,) = duty.looked(at(6, 0, TOMORROW))
    assert "dump missing" in told
    assert "2026-03-03" in told
    assert duty.looked(at(8, 5, TOMORROW)) == []
    assert duty.looked(at(9, 0, TOMORROW)) == []
    assert [one.key for one in duty.watched.incidents()] == ["dump-missing"]


def test_a_dump_that_came_after_all_is_over_when_readers_see_its_day(duty: Duty) -> None:
    duty.looked(at(6, 0, TOMORROW))
    duty.watched.deliver(TOMORROW)
    assert len(duty.looked(at(7, 0, TOMORROW))) == 0, "it is there, and nothing is loaded from it yet"
    the_day_runs(duty)
    (told,) = duty.looked(at(8, 5, TOMORROW))
    assert "2026-03-03" in told
    assert not [one for one in duty.watched.incidents() if one.is_open]
    assert duty.looked(at(9, 0, TOMORROW)) == []


def test_the_missing_dump_of_a_day_that_was_skipped_is_closed_without_good_news(duty: Duty) -> None:
    duty.looked(at(6, 0, TOMORROW))
    duty.watched.run_day(TOMORROW + timedelta(days=1))
    assert duty.looked(at(8, 5, TOMORROW + timedelta(days=1))) == []
    assert not [one for one in duty.watched.incidents() if one.is_open]


def test_i01_a_day_that_never_ran_is_one_mail_with_everything_in_it(duty: Duty) -> None:
    duty.watched.deliver(TOMORROW)
    assert duty.looked(at(6, 0, TOMORROW)) == []
    (told,) = duty.looked(at(8, 5, TOMORROW))
    assert f"late: dashboards not ready at {clock(DASHBOARDS_DUE)}" in told
    assert "dashboards: show 2026-03-02 (since 2026-03-02 07:30 JST), 1 day behind" in duty.bodies[-1]
    assert duty.looked(at(9, 0, TOMORROW)) == []


def test_what_a_task_has_told_is_not_told_again_as_late(duty: Duty) -> None:
    duty.watched.deliver(TOMORROW)
    failed = Incident(TOMORROW, Cause.DBT, "Test t of gold.moveouts failed: 1 row", at(7, 10, TOMORROW), origin="daily")
    assert report_problem(duty.watched.s3, duty.watched.settings, failed, at(7, 10, TOMORROW), duty.tell)
    assert duty.looked(at(8, 5, TOMORROW)) == []
    assert duty.watched.incidents()[0].is_open, "who ends the day closes it, not the watch"


def test_i08_old_content_is_told_although_the_day_is_green_and_its_end_too(duty: Duty) -> None:
    duty.watched.warehouse.run("UPDATE staging.movings SET updated_at = '2026-02-22 10:00:00'")
    (told,) = duty.looked(at(8, 5))
    assert "stale data: staging.movings" in told
    assert duty.looked(at(9)) == []
    duty.watched.warehouse.load(TODAY)
    assert len(duty.looked(at(10))) == 1
    assert duty.looked(at(11)) == []


def test_i31_a_dead_feed_is_never_told(duty: Duty) -> None:
    duty.watched.warehouse.run("DELETE FROM staging.inquiries")
    assert duty.looked(at(9)) == []


def test_an_unreachable_database_is_one_mail_and_the_dumps_are_told_as_well(duty: Duty) -> None:
    duty.watched.s3.delete_object(Bucket=BUCKET, Key="dumps/gghouse_20260302.sql")
    duty.watched.s3.delete_object(Bucket=BUCKET, Key="status/published/dashboards.json")
    told = duty.looked(at(8, 5), connection=None)
    assert len(told) == 2
    assert {one.cause for one in duty.watched.incidents()} == {Cause.DATABASE, Cause.DUMP_MISSING}


def test_a_database_that_answers_again_is_told_once(duty: Duty) -> None:
    assert len(duty.looked(at(8, 5), connection=None)) == 1
    assert len(duty.looked(at(9))) == 1
    assert duty.looked(at(10)) == []


def test_a_dump_of_a_day_that_was_published_later_is_no_news(duty: Duty) -> None:
    duty.watched.s3.delete_object(Bucket=BUCKET, Key=f"dumps/gghouse_{YESTERDAY:%Y%m%d}.sql")
    assert duty.looked(at(9)) == []
