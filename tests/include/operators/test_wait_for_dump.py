"""Waiting for the dump: in the triggerer, judged once, with sentences for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout, TaskDeferred

from include.operators.wait_for_dump import WaitForDumpSensor

KEY = "dumps/gghouse_20260302.sql"


def sensor() -> WaitForDumpSensor:
    return WaitForDumpSensor(
        task_id="wait_for_dump",
        target_date="2026-03-02",
        key_pattern=f"{KEY}*",
        bucket_name="bucket",
        poke_interval=7,
        timeout=5400,
    )


def test_without_a_dump_it_leaves_the_worker_and_waits_in_the_triggerer(bucket: Any) -> None:
    bucket.put_object(Key="dumps/gghouse_20260301.sql", Body=b"x" * 200)  # yesterday's is not today's
    with pytest.raises(TaskDeferred) as deferred:
        sensor().execute({})
    trigger = deferred.value.trigger
    assert isinstance(trigger, S3KeyTrigger)
    assert (trigger.bucket_key, trigger.poke_interval, deferred.value.timeout) == (f"{KEY}*", 7, timedelta(hours=1.5))
    assert trigger.should_check_fn is False, "a check in the trigger would start a process at every poll"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_dump_of_the_date_is_enough(bucket: Any, suffix: str) -> None:
    bucket.put_object(Key=KEY + suffix, Body=b"x" * 200)
    sensor().execute({})
    sensor().execute_complete({}, {"status": "success"})


def test_a_dump_that_is_too_small_fails_at_once(bucket: Any) -> None:
    bucket.put_object(Key=KEY, Body=b"x" * 99)
    with pytest.raises(AirflowFailException, match="gghouse_20260302"):
        sensor().execute({})


def test_i39_a_dump_that_does_not_come_is_named_with_the_remedy() -> None:
    with pytest.raises(AirflowSensorTimeout) as caught:
        sensor().resume_execution("__fail__", {"error": "Trigger timeout"}, {})
    assert str(caught.value).startswith("s3://bucket/dumps/gghouse_20260302.sql* did not come within 90 minutes; have")
