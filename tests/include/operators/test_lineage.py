"""What tasks tell OpenLineage, and that nothing of it happens unless it is switched on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.dump.restore import LoadReport
from include.history.snapshots import SnapshotReport
from include.operators import assets, lineage
from include.operators.base import DatedOperator
from include.operators.capture_snapshot import CaptureSnapshotOperator
from include.operators.dbt import DbtProject
from include.operators.load_staging import LoadStagingOperator
from include.operators.publish_gold import PublishGoldOperator
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.quicksight.refresh import Ingestion
from include.settings import Settings
from include.warehouse.gold import Published
from include.warehouse.ledger import TableCount
from tests.include.operators.worker import a_dag

TARGET = "2026-03-02"
DUMPS = assets.dumps(Settings("bucket", "", (), "dbt"))
SERVER = "mysql://db.example:3307"


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')


def told(task: DatedOperator) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return inputs and outputs that the task names after its success."""
    found = task.get_openlineage_facets_on_complete(None)
    return tuple([(each.namespace, each.name) for each in some] for some in (found.inputs, found.outputs))


@pytest.mark.usefixtures("recorded")
def test_a_load_leads_from_the_dump_to_the_tables_of_staging(context: dict[str, Any], stub: Any) -> None:
    counts = {"rows": 1, "rejects": 0, "bytes": 1, "checksum": "", "carried": False, "seconds": 0.0}
    tables = tuple(TableCount(table=name, previous_rows=None, **counts) for name in ("rooms", "tenants"))
    report = LoadReport(1, 2, 3, 4.0, 0, {}, date(2026, 3, 2), tables, ())
    stub("include.dump.restore.load_dump", report)
    task = LoadStagingOperator(task_id="l", target_date=TARGET, inlets=[DUMPS], outlets=[assets.STAGING])
    task.execute(context)
    assert told(task) == ([("s3://bucket", "dumps")], [(SERVER, "staging.rooms"), (SERVER, "staging.tenants")])
    failed = task.get_openlineage_facets_on_failure(None)
    assert (len(failed.inputs), failed.outputs) == (1, [])


def test_a_snapshot_leads_from_staging_to_history(context: dict[str, Any], stub: Any, logins: list[Any]) -> None:
    stub("include.history.snapshots.capture_snapshot", SnapshotReport("snapshots/20260302.csv", 1, 1, 1, 0))
    stub("include.history.coordinates.remember_coordinates", 1)
    stub("include.history.coordinates.export_coordinates")
    task = CaptureSnapshotOperator(task_id="c", target_date=TARGET)
    task.execute(context)
    assert told(task) == (
        [(SERVER, "staging.tenants"), (SERVER, "staging.apartments")],
        [(SERVER, "history.tenant_daily_snapshots"), (SERVER, "ops.property_geo_latlon_backup")],
    )


@pytest.mark.usefixtures("recorded")
def test_a_publication_names_the_tables_that_readers_got(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Settings, "dbt_manifest", tmp_path / "manifest.json")
    published = Published(date(2026, 3, 2), ("a",), ("b",))
    for name, value in {"model_names": {"a", "b"}, "publish_gold": published, "await_readers": None}.items():
        stub(f"include.warehouse.gold.{name}", value)
    stub("include.warehouse.gold.row_count", 1)
    task = PublishGoldOperator(task_id="p", target_date=TARGET, inlets=[assets.STAGING], outlets=[assets.GOLD])
    task.execute(context)
    assert told(task) == ([], [(SERVER, "gold.a")])


@pytest.mark.usefixtures("recorded")
def test_a_refresh_leads_from_gold_to_its_data_set(context: dict[str, Any], stub: Any) -> None:
    stub("include.quicksight.refresh.refresh_dataset", Ingestion("b", "i", 1, 0))
    stub("include.quicksight.refresh.table_shown", "gold.new_contracts")
    stub("include.warehouse.schema.table_rows", 1)
    every = [assets.data_set("a"), assets.data_set("b")]
    task = RefreshQuickSightOperator(
        task_id="r", dataset_id="b", target_date=TARGET, inlets=[assets.GOLD], outlets=every
    )
    task.execute(context)
    assert told(task) == ([(SERVER, "gold.new_contracts")], [("quicksight", "b")])


def model() -> Any:
    with a_dag() as dag:
        DbtProject(Settings("bucket", "", (), "dbt"), TARGET).group("gold", "models/gold")
    return dag.get_task("gold.new_contracts")


def test_while_it_is_off_nobody_reads_what_dbt_wrote(tmp_path: Path) -> None:
    assert lineage.artifact_processor() is None
    assert model().calculate_openlineage_events_completes({"SECRET": "x"}, tmp_path, []) is False, (
        "Cosmos asks elsewhere now: look for _get_dbt_local_artifact_processor"
    )


@pytest.mark.usefixtures("switched_on")
def test_once_it_is_on_faulty_results_of_dbt_stop_no_day(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: tokyobeta\n")
    (tmp_path / "target" / "manifest.json").write_text("{}")
    task = model()
    assert task.calculate_openlineage_events_completes({}, tmp_path, []) is True
    assert task.openlineage_events_completes == []


def test_openlineage_has_no_mysql_of_its_own() -> None:
    """When this fails OpenLineage knows dbt-mysql: MySqlArtifacts may go."""
    from openlineage.common.provider.dbt.processor import Adapter

    assert "MYSQL" not in Adapter.__members__
