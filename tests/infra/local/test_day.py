from __future__ import annotations

from datetime import date

import pytest

from include.dump.location import dump_key, manifest_key
from infra.local import day
from infra.local.airflow_api import TaskInstance
from infra.local.aws import account

TARGET = date(2026, 3, 2)


@pytest.fixture
def s3(bench):
    account.make_bucket(bench.url)
    return account.client(bench.url, "s3")


@pytest.fixture
def source(tmp_path):
    for key in (dump_key(TARGET), manifest_key(TARGET)):
        (tmp_path / key).parent.mkdir(parents=True)
        (tmp_path / key).write_text(key)
    snapshots = tmp_path / "snapshots" / "tenant_status"
    snapshots.mkdir(parents=True)
    for name in ("20260228", "20260301", "20260302"):
        (snapshots / f"{name}.csv").write_text(name)
    return tmp_path


def keys(s3):
    return [item["Key"] for item in s3.list_objects_v2(Bucket=account.BUCKET).get("Contents", [])]


def test_the_first_date_then_always_the_next_one(state):
    assert day.next_date(state) == TARGET
    state.directory.mkdir()
    day._last_file(state).write_text("2026-03-31")
    assert day.next_date(state) == date(2026, 4, 1)


def test_the_dump_lands_with_its_manifest_and_can_be_withdrawn(s3, source):
    day.land_dump(s3, source, TARGET)
    assert keys(s3) == ["dumps-manifest/gghouse_20260302.json", "dumps/gghouse_20260302.sql"]
    s3.put_object(Bucket=account.BUCKET, Key="dumps/gghouse_20260301.sql", Body=b"")
    day.withdraw_dump(s3, TARGET)
    assert keys(s3) == ["dumps-manifest/gghouse_20260302.json", "dumps/gghouse_20260301.sql"]


def test_only_missing_snapshots_before_the_date_are_put(s3, source):
    s3.put_object(Bucket=account.BUCKET, Key="snapshots/tenant_status/20260228.csv", Body=b"kept")
    assert day.put_snapshots(s3, source, TARGET) == 1
    assert keys(s3) == ["snapshots/tenant_status/20260228.csv", "snapshots/tenant_status/20260301.csv"]
    body = s3.get_object(Bucket=account.BUCKET, Key="snapshots/tenant_status/20260228.csv")["Body"].read()
    assert body == b"kept"


class Script:
    """An Airflow whose run goes through the given states, one each time it is asked."""

    def __init__(self, *steps):
        self.steps = list(steps)

    def run_state(self, dag_id, run_id):
        return self.steps[0][0]

    def task_instances(self, dag_id, run_id):
        _, tasks = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return [TaskInstance(name, -1, name, task_state, 1.5, 1) for name, task_state in tasks.items()]


def test_each_change_of_state_is_told_once(state, monkeypatch):
    monkeypatch.setattr(day.time, "sleep", lambda seconds: None)
    log = state.logs / "tasks" / "dag_id=gghouse_daily" / "run_id=r" / "task_id=load_staging"
    log.mkdir(parents=True)
    (log / "attempt=1.log").write_text('{"level": "error", "event": "the dump is cut off"}\n')
    script = Script(
        ("running", {"plan_day": "queued"}),
        ("running", {"plan_day": "success", "wait_for_dump": "running"}),
        ("running", {"plan_day": "success", "wait_for_dump": "deferred"}),
        ("running", {"wait_for_dump": "success", "load_staging": "running"}),
        ("failed", {"wait_for_dump": "success", "load_staging": "failed", "gold": "upstream_failed"}),
    )
    said = []
    follower = day.Follower(state, script, "r", said.append)
    assert follower.follow(until_deferred=True) == "running"
    assert [line.split(" s  ")[1] for line in said] == [
        "plan_day success in 1.5 s",
        "wait_for_dump running",
        "wait_for_dump deferred",
    ]
    assert follower.follow() == "failed"
    assert "load_staging failed in 1.5 s: the dump is cut off" in said[-1]
    assert str(log / "attempt=1.log") in said[-1]
    assert not [line for line in said if "gold" in line]


def test_a_run_that_fails_before_the_sensor_waits_is_not_waited_for(state):
    follower = day.Follower(state, Script(("failed", {"plan_day": "failed"})), "r", lambda line: None)
    assert follower.follow(until_deferred=True) == "failed"
