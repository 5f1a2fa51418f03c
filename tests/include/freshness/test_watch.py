"""The watch judges what lies in the bucket and in the tables, hour by hour."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest

from include.freshness.expectations import EXPECTATIONS, MONITORED
from include.freshness.watch import Verdict, worst
from include.schedule import DASHBOARDS_DUE, clock, moment
from tests.include.conftest import BUCKET
from tests.include.freshness.warehouse import TODAY, at
from tests.include.freshness.watched import YESTERDAY, Watched


def test_a_day_that_ran_well_is_well_at_every_hour_until_the_next_is_due(healthy: Watched) -> None:
    tomorrow = TODAY + timedelta(days=1)
    for now in (at(8, 5), at(9), at(23, 59), at(5, 59, tomorrow)):
        assert healthy.bad(now) == {}, now
    healthy.deliver(tomorrow)
    for now in (at(6, 0, tomorrow), moment(tomorrow, DASHBOARDS_DUE) - timedelta(minutes=1)):
        assert healthy.bad(now) == {}, now
    assert set(healthy.bad(at(8, 5, tomorrow))) >= {"dashboards", "gold", "staging", "staging.movings"}


def test_the_table_shows_every_expectation_and_the_dead_feed_never_alarms(healthy: Watched) -> None:
    found = healthy.look()
    assert {one.subject for one in EXPECTATIONS} <= found.keys()
    movings = found["staging.movings"]
    assert (movings.as_of, movings.rows, round(movings.age_days or 0, 2)) == (TODAY, 1, 0.15)
    assert movings.sentence == "newest updated_at 2026-03-02 05:20 JST"
    occupancy = found["gold.occupancy_daily_metrics"]
    assert (occupancy.as_of, occupancy.rows) == (TODAY, 1), "the outlook is of the future and does not count"


def test_i31_a_dead_feed_is_shown_and_never_alarms(healthy: Watched) -> None:
    inquiries = healthy.look()["staging.inquiries.inquiry_date"]
    assert (inquiries.verdict, inquiries.as_of) == (Verdict.DEAD, date(2023, 5, 2))
    assert "declared dead" in inquiries.sentence
    assert worst([inquiries]) is Verdict.OK


def test_i01_a_platform_on_which_nothing_ever_ran_is_judged(watched: Watched) -> None:
    watched.warehouse.empty()
    found = watched.look()
    assert found["dump of 2026-03-02"].verdict is Verdict.CRITICAL
    for subject in ("dashboards", "gold", "staging", "row counts", *(one.table for one in MONITORED)):
        assert found[subject].verdict is Verdict.CRITICAL, subject
    assert "run the day with gghouse_daily" in found["gold.occupancy_daily_metrics"].sentence


def test_i01_data_that_nobody_loads_any_more_grow_old(healthy: Watched) -> None:
    one, two = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    tables = {one.table for one in MONITORED} | {"dashboards", "gold", "staging"}
    for day, verdict in ((one, Verdict.WARN), (two, Verdict.CRITICAL)):
        for late in (one, two):
            healthy.deliver(late)
        assert healthy.bad(at(9, 0, day)) == dict.fromkeys(tables, verdict)
    assert (
        f"2 days behind; 2026-03-04 was due by {clock(DASHBOARDS_DUE)} JST"
        in healthy.look(at(9, 0, two))["gold"].sentence
    )


@pytest.mark.parametrize(
    ("hours", "verdict"),
    [(24, Verdict.OK), (24.001, Verdict.WARN), (48, Verdict.WARN), (48.001, Verdict.CRITICAL)],
)
def test_older_than_a_day_warns_and_older_than_two_is_critical(
    healthy: Watched, hours: float, verdict: Verdict
) -> None:
    """Counted to the hour at which the dashboards are due; exactly a day is not older than a day."""
    changed = moment(TODAY, DASHBOARDS_DUE) - timedelta(hours=hours + 9)  # the column is in UTC
    healthy.warehouse.run("UPDATE staging.rooms SET updated_at = %s", changed.replace(tzinfo=None))
    assert healthy.look(at(9))["staging.rooms"].verdict is verdict
    assert healthy.look(at(8, 5))["staging.rooms"].verdict is verdict


def test_an_absurd_future_date_does_not_make_a_table_look_fresh(healthy: Watched) -> None:
    healthy.warehouse.run("UPDATE staging.movings SET updated_at = '2026-02-20 01:00:00'")
    healthy.warehouse.run("INSERT INTO staging.movings VALUES (2, '2302-01-28 00:00:00', '2302-01-28')")
    healthy.warehouse.run("INSERT INTO staging.movings VALUES (3, '5300-11-12 00:00:00', NULL)")
    healthy.warehouse.run("INSERT INTO gold.occupancy_daily_metrics VALUES ('2302-01-28', 0)")
    found = healthy.look()
    assert (found["staging.movings"].verdict, found["staging.movings"].as_of) == (Verdict.CRITICAL, date(2026, 2, 20))
    assert found["staging.movings.movein_decided_date"].as_of == TODAY
    assert found["gold.occupancy_daily_metrics"].as_of == TODAY


def test_i08_old_content_in_a_new_file_is_stale_although_the_day_was_published(healthy: Watched) -> None:
    for table in ("movings", "tenants"):
        healthy.warehouse.run(f"UPDATE staging.{table} SET updated_at = '2026-02-22 10:00:00'")
    assert healthy.bad() == {"staging.movings": Verdict.CRITICAL, "staging.tenants": Verdict.CRITICAL}


def test_i08_old_content_is_seen_in_the_manifest_before_anything_is_loaded(healthy: Watched) -> None:
    healthy.deliver(TODAY, changed=at(10, 0, date(2026, 2, 22)))
    dump = healthy.look(at(6))["dump of 2026-03-02"]
    assert dump.verdict is Verdict.CRITICAL
    assert dump.sentence == (
        "its manifest says that the newest change in movings is of 2026-02-22 10:00 JST, so it is not the dump of "
        "2026-03-02; have the right one delivered"
    )


def test_i08_the_file_of_the_day_before_under_todays_name_is_seen(healthy: Watched) -> None:
    healthy.deliver(TODAY, body=f"{YESTERDAY}".encode() * 20)
    assert "byte for byte the dump of 2026-03-01" in healthy.look(at(6))["dump of 2026-03-02"].sentence


def test_a_manifest_of_the_future_tells_nothing(healthy: Watched) -> None:
    newest = {"movings": at(5).isoformat(), "tenants": at(5).isoformat(), "rooms": "2302-01-28T00:00:00+09:00"}
    healthy.deliver(TODAY, max_updated_at_by_table=newest)
    dump = healthy.look()["dump of 2026-03-02"]
    assert dump.verdict is Verdict.WARN
    assert "rooms is of 2302-01-28 00:00 JST, which is in the future" in dump.sentence


def test_i39_a_dump_is_missed_from_the_minute_it_is_due(healthy: Watched) -> None:
    tomorrow = TODAY + timedelta(days=1)
    early = healthy.look(at(5, 59, tomorrow))["dump of 2026-03-03"]
    assert (early.verdict, early.sentence) == (Verdict.OK, "not there yet; due by 06:00 JST")
    missing = healthy.look(at(6, 0, tomorrow))["dump of 2026-03-03"]
    assert missing.verdict is Verdict.CRITICAL
    assert "have the property-management side deliver the dump of 2026-03-03" in missing.sentence
    assert missing.fault.cause == "dump-missing"


def test_i34_only_a_dump_of_exactly_the_day_counts(healthy: Watched) -> None:
    healthy.s3.delete_object(Bucket=BUCKET, Key="dumps/gghouse_20260302.sql")
    assert healthy.bad() == {"dump of 2026-03-02": Verdict.CRITICAL}


def test_i06_a_dump_of_our_own_database_is_refused_by_its_manifest(healthy: Watched) -> None:
    healthy.deliver(TODAY, source_host="127.0.0.1")
    dump = healthy.look()["dump of 2026-03-02"]
    assert dump.verdict is Verdict.CRITICAL
    assert dump.fault.cause == "dump-rejected"
    assert "taken from our own database" in dump.sentence


@pytest.mark.parametrize(
    ("body", "manifest", "words"),
    [
        (b"x" * 99, {}, "has 99 bytes, less than the 100"),
        (b"", {"dump_date": "2026-02-10"}, "is about 2026-02-10, not 2026-03-02"),
        (b"", {"valid_for_etl": False, "reason": "source down"}, "not valid for loading (source down)"),
        (b"", {"dump_size_bytes": 7}, "its manifest says 7"),
    ],
)
def test_size_date_validity_and_manifest_are_looked_at(
    healthy: Watched, body: bytes, manifest: dict[str, Any], words: str
) -> None:
    healthy.deliver(TODAY, body, **manifest)
    dump = healthy.look()["dump of 2026-03-02"]
    assert dump.verdict is Verdict.CRITICAL
    assert words in dump.sentence


def test_the_two_days_before_are_looked_at_and_a_declared_gap_is_no_news(healthy: Watched) -> None:
    for day in ("20260228", "20260301"):
        healthy.s3.delete_object(Bucket=BUCKET, Key=f"dumps/gghouse_{day}.sql")
    assert healthy.bad() == {"dump of 2026-03-01": Verdict.WARN, "dump of 2026-02-28": Verdict.WARN}
    healthy.warehouse.run("INSERT INTO ops.date_overrides VALUES ('2026-03-01', 1, 'never came', 'me', NOW())")
    found = healthy.look()
    assert found["dump of 2026-03-01"].verdict is Verdict.OK
    assert found["dump of 2026-03-01"].sentence == "declared a gap (never came)"
    assert found["dump of 2026-02-28"].verdict is Verdict.WARN


def test_a_dump_before_the_first_load_is_missed_by_nobody(watched: Watched) -> None:
    watched.run_day(TODAY)
    assert watched.bad() == {}


def test_without_a_database_the_dumps_and_the_dashboards_are_judged_all_the_same(healthy: Watched) -> None:
    healthy.s3.delete_object(Bucket=BUCKET, Key="dumps/gghouse_20260302.sql")
    found = healthy.look(connection=None)
    assert {one.subject: one.verdict for one in found.values() if one.verdict is Verdict.CRITICAL} == {
        "database": Verdict.CRITICAL,
        "dump of 2026-03-02": Verdict.CRITICAL,
    }
    assert found["dashboards"].as_of == TODAY


def test_a_connection_that_breaks_while_the_watch_looks_is_one_finding(healthy: Watched) -> None:
    with contextlib.closing(healthy.warehouse.endpoint.connect()) as connection:
        healthy.warehouse.run("KILL %s", connection.thread_id())
        found = healthy.look(connection=connection)
    assert [one.subject for one in found.values() if one.verdict is Verdict.CRITICAL] == ["database"]
    assert "nothing in it could be judged" in found["database"].sentence


def test_a_missing_table_is_one_finding_and_hides_no_other(healthy: Watched) -> None:
    healthy.warehouse.run("DROP TABLE staging.rooms")
    healthy.warehouse.run("DROP DATABASE silver")
    assert healthy.bad() == {
        "staging.rooms": Verdict.CRITICAL,
        "silver.tenant_room_snapshot_daily": Verdict.CRITICAL,
    }


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (990, Verdict.OK),
        (989, Verdict.WARN),
        (950, Verdict.WARN),
        (949, Verdict.CRITICAL),
        (1100, Verdict.OK),
        (1101, Verdict.WARN),
    ],
)
def test_i11_rows_that_were_lost_since_the_load_before_are_seen(watched: Watched, rows: int, verdict: Verdict) -> None:
    watched.run_day(YESTERDAY, tenants=1000)
    watched.run_day(TODAY, tenants=rows)
    found = watched.look()["rows of staging.tenants"]
    assert (found.verdict, found.rows) == (verdict, rows)
    assert f"{rows - 1000:+,} against the load before" in found.sentence


def test_other_tables_are_summed_up_in_one_finding(watched: Watched) -> None:
    watched.run_day(YESTERDAY, payments=1000, clearings=100)
    for table in ("payments", "clearings"):
        watched.warehouse.run(f"CREATE TABLE IF NOT EXISTS staging.{table} (id INT)")
    watched.run_day(TODAY, payments=499, clearings=100)
    found = watched.look()["rows of 2 other tables"]
    assert (found.verdict, found.rows) == (Verdict.WARN, 599)
    assert "payments" in found.sentence
    assert "clearings" not in found.sentence


def test_after_a_rollback_readers_do_not_see_today(healthy: Watched) -> None:
    healthy.warehouse.run(f"ALTER TABLE gold.occupancy_daily_metrics COMMENT 'Business date {YESTERDAY}'")
    gold = healthy.look()["gold"]
    assert (gold.verdict, gold.fault.cause) == (Verdict.WARN, "late")
    assert gold.sentence == (
        f"shows 2026-03-01, 1 day behind; 2026-03-02 was due by {clock(DASHBOARDS_DUE)} JST, see gghouse_daily"
    )
