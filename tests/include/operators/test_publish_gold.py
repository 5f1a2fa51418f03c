"""Gold is published for the day, read back where the dashboards read, and recorded."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.operators.publish_gold import PublishGoldOperator, ShownDateOperator
from include.settings import Settings
from include.warehouse.gold import GoldIncomplete, Published

TARGET = date(2026, 3, 2)


@pytest.fixture
def publish(
    context: dict[str, Any], stub: Any, recorded: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:
    """Run the operator with a publication that returns or raises `result`; return its result and the calls."""
    monkeypatch.setenv("AIRFLOW__GGHOUSE__READERS_HOST", "readers.example")
    monkeypatch.setattr(Settings, "dbt_manifest", tmp_path / "manifest.json")

    def run(result: Any = Published(TARGET, ("a", "b"), ("c",))) -> tuple[dict[str, Any], dict[str, list[Any]]]:  # noqa: B008
        calls = {
            name: stub(f"include.warehouse.gold.{name}", value)
            for name, value in {
                "model_names": {"a", "b", "c"},
                "publish_gold": result,
                "await_readers": None,
                "row_count": 1234,
            }.items()
        }
        return PublishGoldOperator(task_id="publish_gold", target_date=f"{TARGET}").execute(context), calls

    return run


def test_gold_is_published_for_the_business_date(
    publish: Any, recorded: list[Any], logins: list[Any], bucket: Any
) -> None:
    done, calls = publish()
    assert done == {"replaced": 2, "stayed": 1}
    (published,), (read,) = calls["publish_gold"], calls["await_readers"]
    assert (published["models"], published["target"]) == ({"a", "b", "c"}, TARGET)
    assert (read["readers"].host, read["target"]) == ("readers.example", TARGET), "I-15: read back where readers read"
    assert [login.user for login in logins] == ["dbt", "loader"]
    (publication,) = (call["publication"] for call in recorded)
    assert (publication.business_date, publication.layer, publication.row_count) == (TARGET, "gold", 1234)
    note = json.loads(bucket.Object("status/published/gold.json").get()["Body"].read())
    assert note["business_date"] == f"{TARGET}"


def test_i07_a_publication_that_cannot_be_recorded_stays_published(publish: Any, stub: Any, bucket: Any) -> None:
    stub("include.warehouse.publications.record_publication", ConnectionError("gone away"))
    bucket.delete()
    assert publish()[0]["replaced"] == 2


def test_an_incomplete_generation_is_not_retried(publish: Any) -> None:
    with pytest.raises(AirflowFailException, match="dim_property of gold was not built"):
        publish(GoldIncomplete("dim_property of gold was not built"))


def test_the_long_tests_look_at_what_readers_see(context: dict[str, Any], stub: Any, logins: list[Any]) -> None:
    stub("include.warehouse.readers.gold_date", date(2026, 3, 1))
    assert ShownDateOperator(task_id="shown_date").execute(context) == "2026-03-01"
    assert [login.user for login in logins] == ["dbt"]


def test_nothing_is_tested_before_gold_was_ever_published(
    context: dict[str, Any], stub: Any, logins: list[Any]
) -> None:
    stub("include.warehouse.readers.gold_date")
    with pytest.raises(AirflowSkipException, match="Gold was never published"):
        ShownDateOperator(task_id="shown_date").execute(context)
