"""Snapshots of tenants out of old dumps: the same bytes as on the day, and nothing that was wrong on the day."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest

from include.forms import Refused
from include.history.snapshots import capture_snapshot, loaded_dates, snapshot_key
from include.recovery import recover_history
from tests.include.dump.dumps import TARGET, YESTERDAY, classic, day
from tests.include.recovery.conftest import Recoveries

BEFORE = YESTERDAY - timedelta(days=1)
RANGE = {"what": "tenants", "first": str(BEFORE), "last": str(TARGET)}


def file_of(recoveries: Recoveries, target: date) -> bytes:
    body: bytes = recoveries.platform.s3.get_object(
        Bucket=recoveries.context.settings.bucket, Key=snapshot_key(target)
    )["Body"].read()
    return body


def in_history(recoveries: Recoveries) -> set[date]:
    with contextlib.closing(recoveries.context.loader.connect()) as connection:
        return loaded_dates(connection)


def test_i04_a_lost_history_is_filled_in_from_the_dumps_with_the_same_bytes(recoveries: Recoveries) -> None:
    platform = recoveries.platform
    for target in (YESTERDAY, TARGET):
        platform.put(classic(day(target)), target)
    platform.load(TARGET)
    capture_snapshot(platform.s3, platform.settings, platform.endpoint, TARGET)
    on_the_day = file_of(recoveries, TARGET)
    platform.s3.delete_object(Bucket=platform.settings.bucket, Key=snapshot_key(TARGET))
    platform.query("TRUNCATE history.tenant_daily_snapshots")
    staging = platform.checksums()

    plan = recoveries.plan("history", **RANGE)
    assert f"  2 are taken from their dumps: {YESTERDAY}, {TARGET}" in plan.lines
    assert f"  1 have no dump in the bucket: {BEFORE}" in plan.lines
    assert recoveries.execute("history", **RANGE) == "Filled in 2 dates from their dumps, 0 from their files"

    assert file_of(recoveries, TARGET) == on_the_day
    assert in_history(recoveries) == {YESTERDAY, TARGET}
    assert platform.checksums() == staging, "staging is not touched"
    assert platform.query("SHOW DATABASES LIKE 'backfill%'") == []
    # begun again it finds nothing to do, unless told to overwrite
    again = recoveries.plan("history", **RANGE)
    assert again.empty
    assert f"  2 have a snapshot and are skipped: {YESTERDAY}, {TARGET}" in again.lines
    assert recoveries.plan("history", **RANGE, overwrite="true").lines[1].startswith("  2 are taken")

    platform.query("TRUNCATE history.tenant_daily_snapshots")  # a cluster that was restored to an earlier time
    plan = recoveries.plan("history", **RANGE)
    assert f"  2 have a file but no rows in history, and are loaded from the file: {YESTERDAY}, {TARGET}" in plan.lines
    assert recoveries.execute("history", **RANGE) == "Filled in 0 dates from their dumps, 2 from their files"
    assert in_history(recoveries) == {YESTERDAY, TARGET}


def test_i08_a_dump_with_the_content_of_another_day_is_left_out_and_named(recoveries: Recoveries) -> None:
    recoveries.platform.put(classic(day(TARGET - timedelta(days=8))), YESTERDAY)
    recoveries.platform.put(classic(day(TARGET)), TARGET)
    with pytest.raises(Refused, match=f"1 dates were filled in, 1 were not.*{YESTERDAY}: the newest change in"):
        recoveries.execute("history", **RANGE)
    assert in_history(recoveries) == {TARGET}


def test_a_declared_gap_is_not_brought_back(recoveries: Recoveries) -> None:
    recoveries.platform.put(classic(day(TARGET)), TARGET)
    recoveries.execute("date", date=str(TARGET), verdict="gap", reason="wrong database")
    plan = recoveries.plan("history", **RANGE)
    assert plan.empty
    assert f"  1 are declared gaps and are skipped: {TARGET}" in plan.lines


def test_rooms_are_sent_to_a_rerun_when_the_dump_is_there_and_gaps_stay_gaps(recoveries: Recoveries) -> None:
    recoveries.platform.put(classic(day(TARGET)), TARGET)
    recoveries.execute("history", **RANGE)
    recoveries.platform.s3.delete_object(
        Bucket=recoveries.context.settings.bucket, Key=f"dumps/gghouse_{TARGET:%Y%m%d}.sql"
    )
    recoveries.platform.put(classic(day(YESTERDAY)), YESTERDAY)
    lines = recoveries.plan("history", **RANGE | {"what": "rooms"}).lines
    assert f"  1 have a dump, from which rooms are exact: use recover_range: {YESTERDAY}" in lines
    assert f"  1 have neither a dump nor tenants in history and stay gaps: {BEFORE}" in lines
    assert f"  1 are made from the tenants' history: {TARGET}" in lines
    assert any("Only the status is that of the date" in line for line in lines)


@pytest.mark.parametrize(("states", "sizes"), [(0, [7]), (70, [7]), (140, [3, 3, 1]), (10_000, [1] * 7)])
def test_one_statement_makes_as_many_dates_as_the_tenants_allow(
    states: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recover_history, "MOST_STATES", 70)
    days = [TARGET + timedelta(days=number) for number in range(7)]
    portions = list(recover_history._portions(days, states))
    assert [len(portion) for portion in portions] == sizes
    assert [day for portion in portions for day in portion] == days
    assert not list(recover_history._portions([], states))
