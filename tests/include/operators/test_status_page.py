"""The status page is written from what `collect` finds, and a page that cannot be written is skipped."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.operators.status_page import StatusPageOperator


def test_the_page_is_written_even_when_the_database_is_away(context: dict[str, Any], bucket: Any) -> None:
    # The host of the connection does not exist.
    headline = StatusPageOperator(task_id="status_page").execute(context)
    (page,) = (each.get()["Body"].read().decode() for each in bucket.objects.filter(Prefix="status/"))
    assert headline in page


def test_i07_a_page_that_cannot_be_written_is_skipped(context: dict[str, Any], stub: Any, warned: list[Any]) -> None:
    stub("include.status_page.store.put_page", PermissionError("no right to write"))
    with pytest.raises(AirflowSkipException):
        StatusPageOperator(task_id="status_page", retries=0).execute(context)
    assert [str(warning["error"]) for warning in warned] == ["no right to write"]
