"""A step's asset has an event when the step has succeeded, with the business date, and at no other time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from airflow.sdk import Asset, TaskInstanceState
from airflow.sdk.exceptions import AirflowSkipException

from include.operators import assets
from include.operators.base import DatedOperator
from include.operators.load_staging import LoadStagingOperator
from include.operators.publish_gold import PublishGoldOperator
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.operators.wait_for_dump import WaitForDumpSensor
from include.quicksight.refresh import Ingestion, IngestionError
from include.settings import Settings
from include.warehouse.gold import GoldIncomplete, Published
from include.warehouse.publications import LAYER_GOLD, LAYER_STAGING, quicksight_layer
from tests.include.operators.worker import a_dag, run_as_worker

TARGET = "2026-03-02"
DUMPS = Asset("s3://bucket/dumps")
Events = dict[str, dict[str, Any]]


def run(task: Any) -> tuple[TaskInstanceState, Events]:
    """Run a task as Airflow's worker does; return its state and the events it reports, as extras by asset."""
    state, message = run_as_worker(task)
    outlets = [profile.name for profile in getattr(message, "task_outlets", [])]
    extras = {each["dest_asset_key"]["name"]: each["extra"] for each in getattr(message, "outlet_events", [])}
    return state, {name: extras.get(name) for name in outlets}


def in_a_dag(task: Any) -> Any:
    a_dag().add_task(task)
    return task


class Step(DatedOperator):
    """A dated step that ends as told."""

    def __init__(self, *, error: Exception | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error = error

    def execute(self, context: Any) -> None:
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "state", "events"),
    [
        (None, TaskInstanceState.SUCCESS, {"gold": {"business_date": TARGET}}),
        (AirflowSkipException("nothing to do"), TaskInstanceState.SKIPPED, {}),
        (ValueError("broken"), TaskInstanceState.FAILED, {}),
    ],
)
def test_only_a_step_that_succeeds_has_events(error: Any, state: TaskInstanceState, events: Events) -> None:
    step = in_a_dag(Step(task_id="s", target_date=TARGET, outlets=[assets.GOLD], error=error))
    assert run(step) == (state, events)


def test_waiting_for_the_dump_is_no_event_and_its_arrival_is_one(bucket: Any) -> None:
    def sensor() -> Any:
        sensor = WaitForDumpSensor(
            task_id="wait",
            target_date=TARGET,
            bucket_name="bucket",
            key_patterns=["dumps/gghouse_20260302.sql"],
            outlets=[DUMPS],
        )
        return in_a_dag(sensor)

    assert run(sensor()) == (TaskInstanceState.DEFERRED, {})
    bucket.put_object(Key="dumps/gghouse_20260302.sql", Body=b"x" * 50)  # too small for a dump
    assert run(sensor()) == (TaskInstanceState.FAILED, {})
    bucket.put_object(Key="dumps/gghouse_20260302.sql", Body=b"x" * 200)
    assert run(sensor()) == (TaskInstanceState.SUCCESS, {DUMPS.name: {"business_date": TARGET}})


@pytest.mark.parametrize(
    ("result", "events"),
    [
        (Published(date(2026, 3, 2), ("a",), ()), {"gold": {"business_date": TARGET}}),
        (GoldIncomplete("a of gold was not built"), {}),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_gold_has_an_event_when_it_is_published(
    stub: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, result: Any, events: Events
) -> None:
    monkeypatch.setattr(Settings, "dbt_manifest", tmp_path / "manifest.json")
    for name, value in {"model_names": {"a"}, "publish_gold": result, "await_readers": None, "row_count": 1}.items():
        stub(f"include.warehouse.gold.{name}", value)
    task = PublishGoldOperator(task_id="p", target_date=TARGET, inlets=[assets.STAGING], outlets=[assets.GOLD])
    assert run(in_a_dag(task))[1] == events


@pytest.mark.parametrize(
    ("result", "events"),
    [
        (Ingestion("b", "i", 1, 0), {"quicksight:b": {"business_date": TARGET}}),
        (IngestionError("refused"), {}),
    ],
)
@pytest.mark.usefixtures("recorded")
def test_a_mapped_refresh_has_an_event_for_its_own_data_set_only(stub: Any, result: Any, events: Events) -> None:
    stub("include.quicksight.refresh.refresh_dataset", result)
    stub("include.quicksight.refresh.table_shown", "")
    settings = Settings("bucket", "", ("a", "b"), "dbt")
    with a_dag():
        mapped = RefreshQuickSightOperator.partial(
            task_id="refresh", target_date=TARGET, outlets=assets.data_sets(settings)
        ).expand(dataset_id=["a", "b"])
    assert [asset.name for asset in mapped.outlets] == ["quicksight:a", "quicksight:b"], "for the asset graph"
    assert run(mapped.unmap({"dataset_id": "b"}))[1] == events


def test_the_task_that_loads_staging_dates_its_event() -> None:
    assert LoadStagingOperator.post_execute is DatedOperator.post_execute


def test_assets_are_called_like_the_layers_that_the_publications_name() -> None:
    settings = Settings("bucket", "", ("a", "b"), "dbt")
    assert (assets.STAGING.name, assets.GOLD.name) == (LAYER_STAGING, LAYER_GOLD)
    assert [asset.name for asset in assets.data_sets(settings)] == [quicksight_layer(each) for each in ("a", "b")]


def test_no_two_assets_of_one_name_can_differ() -> None:
    """Airflow fails a task whose asset shares its name, or its URI, with another asset."""
    settings = Settings("bucket", "", ("a",), "dbt")
    every = [assets.dumps(settings), assets.STAGING, assets.GOLD, *assets.data_sets(settings)]
    assert [asset.name for asset in every] == [asset.uri for asset in every]
    assert assets.dumps(Settings("", "", (), "dbt")).name == "dumps", "an unset bucket stops no DAG from being parsed"
