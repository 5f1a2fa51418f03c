"""An archive that fails is skipped with a warning, and only on the last try."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout

from include.operators.archive_dump import ArchiveDumpOperator

ARCHIVE = "include.dump.archive.archive_dump"


def archive(context: dict[str, Any], attempt: int = 1, retries: int = 0) -> None:
    context["ti"].try_number = attempt
    ArchiveDumpOperator(task_id="archive_dump", target_date="2026-03-02", retries=retries).execute(context)


def test_the_dump_of_the_day_is_archived(context: dict[str, Any], stub: Any) -> None:
    calls = stub(ARCHIVE, ("processed/gghouse_20260302.sql",))
    archive(context)
    (call,) = calls
    assert (call["settings"].bucket, call["target"]) == ("bucket", date(2026, 3, 2))
    assert call["s3"].list_objects_v2(Bucket="bucket")["KeyCount"] == 0


def test_i07_an_archive_that_fails_for_good_warns_and_is_skipped(
    context: dict[str, Any], stub: Any, warned: list[Any]
) -> None:
    stub(ARCHIVE, PermissionError("no right to tag objects"))
    for attempt in (1, 2):
        with pytest.raises(PermissionError):
            archive(context, attempt, retries=2)
    assert warned == []
    with pytest.raises(AirflowSkipException):
        archive(context, 3, retries=2)
    assert [str(warning["error"]) for warning in warned] == ["no right to tag objects"]


def test_i07_an_archive_that_hangs_is_skipped_too(context: dict[str, Any], stub: Any, warned: list[Any]) -> None:
    stub(ARCHIVE, AirflowTaskTimeout("Timeout"))
    with pytest.raises(AirflowSkipException):
        archive(context)
    assert [type(warning["error"]) for warning in warned] == [AirflowTaskTimeout]
