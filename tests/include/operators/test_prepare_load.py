"""A preparation that fails is skipped with a warning: the next load is right without it."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.dump.location import DumpObject
from include.dump.working_copy import Prepared
from include.operators.prepare_load import PrepareLoadOperator
from include.warehouse.generations import LoadBusy

PREPARE = "include.dump.working_copy.prepare_load"


@pytest.fixture(autouse=True)
def found(stub: Any) -> list[Any]:
    return stub("include.dump.location.find_dumps", [DumpObject("bucket", "dumps/gghouse_20260302.sql", 5, "etag")])


def prepare(context: dict[str, Any], attempt: int = 1, retries: int = 0) -> Any:
    context["ti"].try_number = attempt
    return PrepareLoadOperator(task_id="prepare_load", target_date="2026-03-02", retries=retries).execute(context)


def test_the_logins_of_a_load_copy_the_tables(context: dict[str, Any], stub: Any) -> None:
    calls = stub(PREPARE, Prepared({"payments": 7, "tenants": 2}))
    assert prepare(context) == {"tables": 2, "rows": 9}
    (call,) = calls
    assert [str(dump) for dump in call["dumps"]] == ["s3://bucket/dumps/gghouse_20260302.sql"]
    assert (call["endpoint"].user, call["restore_login"].user, call["connections"]) == ("loader", "restore", 2)


def test_nothing_is_copied_where_all_tables_are_loaded_whole(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__CARRY_OVER_UNCHANGED", "false")
    calls = stub(PREPARE, Prepared())
    assert prepare(context) == {"tables": 0, "rows": 0}
    assert calls == []


def test_a_preparation_that_fails_for_good_warns_and_is_skipped(
    context: dict[str, Any], stub: Any, warned: list[Any]
) -> None:
    stub(PREPARE, LoadBusy("another load is running"))
    with pytest.raises(LoadBusy):
        prepare(context, 1, retries=1)
    assert warned == []
    with pytest.raises(AirflowSkipException):
        prepare(context, 2, retries=1)
    assert [str(warning["error"]) for warning in warned] == ["another load is running"]
