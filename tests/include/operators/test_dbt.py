"""dbt as Cosmos starts it: one program, like dbt, with a local manifest and a verified connection."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from cosmos.config import ProjectConfig
from cosmos.dbt.graph import DbtGraph

from include.operators.cosmos_classes import LocalManifestConfig, models_of
from include.operators.dbt import FLAGS, DbtProject, aurora_profile
from include.settings import PROJECT_DIR, Settings

PROGRAM = "/venv/bin/gghouse-dbt"


@pytest.fixture
def group() -> Any:
    """The task group of gold in a DAG of its own."""
    settings = Settings("bucket", "", (), PROGRAM)
    with DAG("d", schedule=None) as dag:
        DbtProject(settings, "2026-03-02").group("gold", "models/gold")
    return dag


def test_dbt_is_started_as_dbt_is(group: Any) -> None:
    for task in group.tasks:
        command, _environment = task.build_cmd(context={}, cmd_flags=[])
        assert command[: len(FLAGS) + 2] == [PROGRAM, *FLAGS, "build"], task.task_id


def test_dbt_is_told_the_authority_of_the_server() -> None:
    with aurora_profile().ensure_profile() as (profile, environment):
        assert environment["DBT_SSL_CA"] == "/ca.pem"
        assert "hidden" in environment.values()
        assert "hidden" not in profile.read_text()


def test_cosmos_reads_the_manifest_as_a_plain_file(tmp_path: Path) -> None:
    """An object store's path would load all Airflow plugins in each task process."""
    manifest = PROJECT_DIR / "dbt" / "target" / "manifest.json"
    config = LocalManifestConfig(manifest=manifest, dbt_project_path=PROJECT_DIR / "dbt", project_name="tokyobeta")
    assert type(config.manifest_path) is type(Path())
    config.validate_project()
    assert config.is_manifest_available()
    assert type(ProjectConfig(manifest_path=manifest, project_name="p").manifest_path) is not type(Path()), (
        "Cosmos keeps a Path by itself now: drop LocalManifestConfig"
    )


def test_the_tasks_are_those_of_the_whole_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cosmos is given the manifest without its tests, which are no tasks."""

    def drawn() -> dict[str, Any]:
        with DAG("d", schedule=None) as dag:
            project = DbtProject(Settings("bucket", "", (), PROGRAM), "2026-03-02")
            for group in ("silver", "gold"):
                project.group(group, f"models/{group}", producer="build_models")
        return {
            task.task_id: (task.build_cmd(context={}, cmd_flags=[]), task.upstream_task_ids, task.downstream_task_ids)
            for task in dag.tasks
        }

    without_tests = drawn()
    monkeypatch.setattr(DbtGraph, "_load_manifest_from_file", lambda _, manifest: json.loads(manifest.read_text()))
    assert drawn() == without_tests
    assert len(without_tests) > 30


def test_a_new_manifest_is_read_again(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    for name in ("a", "b"):
        manifest.write_text(json.dumps({"nodes": {name: {"resource_type": "model"}, "t": {"resource_type": "test"}}}))
        os.utime(manifest, ns=(ord(name), ord(name)))
        assert models_of(manifest)["nodes"].keys() == {name}
