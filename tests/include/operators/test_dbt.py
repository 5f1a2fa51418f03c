"""dbt as Cosmos starts it: one program, like dbt, with a local manifest and a verified connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from cosmos.config import ProjectConfig

from include.operators.cosmos_classes import LocalManifestConfig
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
