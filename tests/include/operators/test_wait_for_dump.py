"""Waiting for the dump: in the triggerer, judged once, with sentences for people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout, TaskDeferred

from include.dump.location import PER_TABLE, arrival_pattern
from include.operators.wait_for_dump import WaitForDumpSensor

TARGET = date(2026, 3, 2)
KEY = "dumps/gghouse_20260302.sql"


def sensor(*names: str, timeout: float = 5400) -> WaitForDumpSensor:
    return WaitForDumpSensor(
        task_id="wait_for_dump",
        target_date="2026-03-02",
        key_patterns=[arrival_pattern(TARGET, name) for name in names or ("gghouse",)],
        bucket_name="bucket",
        poke_interval=7,
        timeout=timeout,
    )


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout of one file for each of four tables."""
    monkeypatch.setenv("AIRFLOW__GGHOUSE__DUMP_LAYOUT", "per_table")


def fires(task: WaitForDumpSensor) -> bool:
    """Whether the trigger would wake the task, judged by the hook that the trigger asks."""
    return all(task._check_key(key, {}) for key in task.bucket_key)


def test_without_a_dump_it_leaves_the_worker_and_waits_in_the_triggerer(bucket: Any) -> None:
    bucket.put_object(Key="dumps/gghouse_20260301.sql", Body=b"x" * 200)  # yesterday's is not today's
    with pytest.raises(TaskDeferred) as deferred:
        sensor().execute({})
    trigger = deferred.value.trigger
    assert isinstance(trigger, S3KeyTrigger)
    assert (trigger.bucket_key, trigger.poke_interval) == ([arrival_pattern(TARGET)], 7)
    assert trigger.wildcard_match
    assert timedelta(minutes=89) < deferred.value.timeout <= timedelta(hours=1.5)
    assert trigger.should_check_fn is False, "a check in the trigger would start a process at every poll"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_dump_of_the_date_is_enough(bucket: Any, suffix: str) -> None:
    task = sensor()
    assert not fires(task)
    bucket.put_object(Key=KEY + suffix, Body=b"x" * 200)
    assert fires(task)
    task.execute({})
    task.execute_complete({}, {"status": "success"}, until=0.0)


def test_a_file_beside_the_dump_does_not_end_the_wait(bucket: Any) -> None:
    for name in (".md5", ".sha256", ".gz.asc", ".tmp", ".zst.part"):
        bucket.put_object(Key=KEY + name, Body=b"x" * 200)
    assert not fires(sensor())
    with pytest.raises(TaskDeferred):
        sensor().execute({})


def test_a_file_that_fits_the_wildcard_by_chance_makes_the_worker_look_itself(bucket: Any) -> None:
    bucket.put_object(Key="dumps/gghouse_20260302.schema.sql", Body=b"x" * 200)
    task = sensor()
    assert fires(task)
    with pytest.raises(TaskDeferred) as first:
        task.execute({})
    with pytest.raises(TaskDeferred) as second:
        task.execute_complete({}, {"status": "success"}, **first.value.kwargs)
    assert isinstance(second.value.trigger, DateTimeTrigger), "asking S3 again at once would turn in circles"
    assert second.value.kwargs == first.value.kwargs, "the time limit goes on"
    resume = getattr(task, second.value.method_name)
    with pytest.raises(TaskDeferred) as third:
        resume({}, None, **second.value.kwargs)
    assert isinstance(third.value.trigger, S3KeyTrigger)
    bucket.put_object(Key=KEY, Body=b"x" * 200)
    resume({}, None, **second.value.kwargs)


def test_looking_itself_ends_with_the_time_limit_too(bucket: Any) -> None:
    with pytest.raises(AirflowSensorTimeout, match="did not come within 90 minutes"):
        sensor().execute_complete({}, {"status": "success"}, until=1.0)


def test_all_four_files_are_waited_for(bucket: Any, four: None) -> None:
    task = sensor(*PER_TABLE)
    for table in PER_TABLE:
        assert not fires(task)
        with pytest.raises(TaskDeferred) as deferred:
            task.execute({})
        assert deferred.value.trigger.bucket_key == [arrival_pattern(TARGET, name) for name in PER_TABLE]
        bucket.put_object(Key=f"dumps/{table}_20260302.sql.gz", Body=b"x")
    assert fires(task)
    task.execute({})


def test_a_dump_that_is_too_small_fails_at_once(bucket: Any) -> None:
    bucket.put_object(Key=KEY, Body=b"x" * 99)
    with pytest.raises(AirflowFailException, match="gghouse_20260302"):
        sensor().execute({})


def test_i39_a_dump_that_does_not_come_is_named_with_the_remedy() -> None:
    with pytest.raises(AirflowSensorTimeout) as caught:
        sensor().resume_execution("__fail__", {"error": "Trigger timeout"}, {})
    assert str(caught.value) == (
        "s3://bucket/dumps/gghouse_20260302.sql[.gz|.zst] did not come within 90 minutes; have the "
        "property-management side deliver that date's dump, then clear wait_for_dump with everything after"
    )


def test_i39_of_four_files_only_those_that_did_not_come_are_named(bucket: Any, four: None) -> None:
    for table in ("movings", "inquiries"):
        bucket.put_object(Key=f"dumps/{table}_20260302.sql", Body=b"x")
    with pytest.raises(AirflowSensorTimeout) as caught:
        sensor(*PER_TABLE).resume_execution("__fail__", {"error": "Trigger timeout"}, {})
    assert str(caught.value).startswith(
        "s3://bucket/dumps/tenants_20260302.sql[.gz|.zst] and s3://bucket/dumps/rooms_20260302.sql[.gz|.zst] did not"
    )
