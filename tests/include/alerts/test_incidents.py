"""One message for each incident, whoever notices it and however often; and nobody is left untold."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.incident_store import close_incidents, incidents, open_incidents
from include.alerts.messages import Message
from include.alerts.notify import CLAIM, open_incident, report_problem, report_resolved, send_pending
from include.schedule import JST
from include.settings import Settings

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 7, 12, tzinfo=JST)
LATER = NOW + timedelta(hours=1, minutes=30)
BAD_DUMP = Incident(
    business_date=DAY,
    cause=Cause.DUMP_REJECTED,
    subject="truncated-dump",
    reason="gghouse_20260302.sql, line 812: the file ends inside the rows of payments; have it delivered again",
    since=NOW,
    origin="gghouse_daily",
    step="load_staging",
    tries=1,
    url="https://airflow.example/dags/gghouse_daily/runs/r1/tasks/load_staging?try_number=1",
)


class Route:
    """Keeps what is sent, or refuses to send."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.works = True

    def __call__(self, message: Message) -> None:
        if not self.works:
            raise ConnectionError("SNS is out of reach")
        self.sent.append(message)


@pytest.fixture
def route() -> Route:
    return Route()


@pytest.fixture
def report(s3: Any, settings: Settings, route: Route) -> Callable[..., bool]:
    """Report an incident at a time."""
    return lambda incident, now=NOW: report_problem(s3, settings, incident, now, route)


@pytest.fixture
def unreachable_s3() -> Any:
    config = Config(connect_timeout=0.2, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=config)


def test_an_incident_noticed_by_many_tasks_is_sent_once_and_keeps_their_sightings(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    assert report(BAD_DUMP)
    assert not report(replace(BAD_DUMP, step="wait_for_dump"), NOW + timedelta(minutes=3))
    assert [mail.subject for mail in route.sent] == ["[test] 2026-03-02 dump rejected"]
    [kept] = open_incidents(s3, settings, DAY)
    assert (kept.reason, kept.since, kept.sent_at) == (BAD_DUMP.reason, NOW, NOW)
    assert kept.sightings == (
        "2026-03-02T07:12:00+09:00 gghouse_daily load_staging",
        "2026-03-02T07:15:00+09:00 gghouse_daily wait_for_dump",
    )


def test_two_faults_of_one_kind_are_two_incidents_and_so_are_two_days(
    report: Callable[..., bool], route: Route
) -> None:
    for subject in ("unique_tenants_id", "rooms", "unique_tenants_id"):
        report(replace(BAD_DUMP, cause=Cause.DBT, subject=subject))
    report(replace(BAD_DUMP, cause=Cause.DBT, subject="rooms", business_date=date(2026, 3, 3)))
    assert [mail.subject for mail in route.sent] == [
        "[test] 2026-03-02 dbt failed: unique_tenants_id",
        "[test] 2026-03-02 dbt failed: rooms",
        "[test] 2026-03-03 dbt failed: rooms",
    ]


def test_s3_refuses_the_second_of_two_puts(s3: Any, settings: Settings) -> None:
    """What everything here rests on, and what a stand-in for S3 might have been too simple for."""
    assert open_incident(s3, settings, BAD_DUMP, NOW)
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"another version"'}):
        with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket="bucket", Key=BAD_DUMP.path, Body=b"", **condition)


def test_schedulers_and_tasks_that_notice_it_at_one_moment_send_one_mail(
    s3: Any, settings: Settings, route: Route
) -> None:
    start, moto, call = threading.Barrier(10), threading.Lock(), s3._make_api_call

    def one_at_a_time(*request: Any) -> Any:
        with moto:  # which closes an object while another thread reads it
            return call(*request)

    s3._make_api_call = one_at_a_time

    def notice(number: int) -> None:
        start.wait()
        report_problem(s3, settings, replace(BAD_DUMP, step=f"task_{number}"), NOW, route)

    threads = [threading.Thread(target=notice, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(route.sent) == 1


def test_when_s3_is_down_the_alert_is_sent_all_the_same(unreachable_s3: Any, settings: Settings, route: Route) -> None:
    assert report_problem(unreachable_s3, settings, BAD_DUMP, NOW, route)
    [mail] = route.sent
    assert "Readers see: unknown" in mail.body
    assert BAD_DUMP.reason in mail.body


def test_when_no_bucket_is_configured_the_alert_is_sent_all_the_same(s3: Any, settings: Settings, route: Route) -> None:
    assert report_problem(s3, replace(settings, bucket=""), BAD_DUMP, NOW, route)
    assert len(route.sent) == 1


def test_an_alert_that_could_not_be_sent_stays_pending_and_the_next_sighting_sends_it(
    report: Callable[..., bool], route: Route, caplog: pytest.LogCaptureFixture
) -> None:
    route.works = False
    with caplog.at_level(logging.WARNING):
        assert not report(BAD_DUMP)
    assert BAD_DUMP.reason in caplog.text, "what could not be mailed is at least in the log"
    assert "The alert could not be sent" in caplog.text
    route.works = True
    assert report(BAD_DUMP)
    assert not report(BAD_DUMP)
    assert len(route.sent) == 1


def test_the_watch_sends_pending_alerts(report: Callable[..., bool], route: Route, s3: Any, settings: Settings) -> None:
    route.works = False
    report(BAD_DUMP)
    with_trouble = send_pending(s3, settings, DAY, NOW, route)
    route.works = True
    assert with_trouble == []
    told = send_pending(s3, settings, DAY, NOW + timedelta(hours=1), route)
    assert [incident.key for incident in told] == ["dump-rejected-truncated-dump"]
    assert send_pending(s3, settings, DAY, NOW + timedelta(hours=2), route) == []
    [mail] = route.sent
    assert "Since: 2026-03-02 07:12 JST" in mail.body


def test_the_alert_of_a_sender_that_died_is_sent_after_two_minutes(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    assert open_incident(s3, settings, BAD_DUMP, NOW)  # and is killed here
    assert not report(BAD_DUMP, NOW + CLAIM / 2), "the first may still be at it"
    assert report(BAD_DUMP, NOW + CLAIM * 2)
    assert len(route.sent) == 1


def test_one_message_says_that_the_date_is_resolved_and_how_long_it_took(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    report(BAD_DUMP)
    report(replace(BAD_DUMP, cause=Cause.LATE, subject="gold", since=NOW + timedelta(minutes=18)))
    report(replace(BAD_DUMP, business_date=date(2026, 3, 1)))
    assert len(report_resolved(s3, settings, DAY, LATER, route)) == 2
    assert report_resolved(s3, settings, DAY, LATER, route) == []
    assert [mail.subject for mail in route.sent[3:]] == ["[test] 2026-03-02 resolved"]
    body = route.sent[-1].body
    assert "Started at: 2026-03-02 07:12 JST\nDuration: 1 h 30 min" in body
    assert "- The figures of 2026-03-02 were not published by their deadline, 07:30 JST" in body
    assert [left.business_date for left in open_incidents(s3, settings, date(2026, 1, 1))] == [date(2026, 3, 1)]


def test_an_incident_that_comes_back_after_it_was_resolved_is_sent_again(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    report(BAD_DUMP)
    report_resolved(s3, settings, DAY, LATER, route)
    assert report(BAD_DUMP, LATER + timedelta(hours=1))
    assert not report(BAD_DUMP, LATER + timedelta(hours=2))
    assert len(route.sent) == 3


def test_a_resolved_message_that_could_not_be_sent_is_sent_by_the_next_try(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    report(BAD_DUMP)
    route.works = False
    with pytest.raises(ConnectionError):
        report_resolved(s3, settings, DAY, LATER, route)
    route.works = True
    assert report_resolved(s3, settings, DAY, LATER, route)
    assert len(route.sent) == 2


def test_an_incident_whose_alert_was_never_sent_is_resolved_silently(s3: Any, settings: Settings, route: Route) -> None:
    route.works = False
    report_problem(s3, settings, BAD_DUMP, NOW, route)
    route.works = True
    assert report_resolved(s3, settings, DAY, LATER, route) == []
    assert route.sent == []
    assert open_incidents(s3, settings, DAY) == []


def test_only_resolved_incidents_are_closed(report: Callable[..., bool], s3: Any, settings: Settings) -> None:
    report(BAD_DUMP)
    report(replace(BAD_DUMP, cause=Cause.STALE_DATA, subject="movings"))
    closed = close_incidents(s3, settings, DAY, LATER, where=lambda incident: incident.cause != Cause.STALE_DATA)
    assert [(incident.cause, incident.closed_at) for incident in closed] == [(Cause.DUMP_REJECTED, LATER)]
    assert [incident.cause for incident in open_incidents(s3, settings, DAY)] == [Cause.STALE_DATA]


def test_a_warning_is_sent_once_and_never_open(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    warning = replace(BAD_DUMP, cause=Cause.PERMISSIONS, subject="archive_dump", warning=True)
    assert report(warning)
    assert not report(warning)
    assert report(replace(warning, warning=False, subject="")), "the real thing is another incident"
    assert [kept.warning for kept in open_incidents(s3, settings, DAY)] == [False]
    assert len(incidents(s3, settings, DAY)) == 2
    assert len(report_resolved(s3, settings, DAY, LATER, route)) == 1


def test_an_object_that_is_no_incident_stops_nobody(
    report: Callable[..., bool], route: Route, s3: Any, settings: Settings
) -> None:
    s3.put_object(Bucket="bucket", Key=BAD_DUMP.path, Body=b"{}")
    assert report(BAD_DUMP)
    assert open_incidents(s3, settings, DAY) == []


def test_keys_are_short_and_plain_and_differ() -> None:
    long = [replace(BAD_DUMP, cause=Cause.DBT, subject="relationships_" + "x" * 200 + end) for end in "ab"]
    assert len({incident.key for incident in long}) == 2
    assert all(len(incident.key) <= 100 for incident in long)
    assert replace(BAD_DUMP, subject="../../O dear/一").path == "incidents/2026-03-02/dump-rejected-..-..-o-dear.json"


def test_what_is_kept_is_read_back_whole() -> None:
    full = replace(BAD_DUMP, claimed_at=NOW, sent_at=NOW, closed_at=LATER, sightings=("a", "b"), warning=True)
    assert Incident.from_json(full.to_json()) == full
    assert Incident.from_json(full.to_json().replace('"reason"', '"from_the_future": 1, "reason"')) == full
