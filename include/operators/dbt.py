"""Cosmos task groups over the dbt project: one Airflow task per model, run by dbt's own virtual environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.operators.connections import DBT
from include.operators.policy import DBT as HOW_HARD
from include.operators.policy import POOL_DBT
from include.settings import Settings

if TYPE_CHECKING:
    from cosmos.airflow.task_group import DbtTaskGroup

PROJECT = "tokyobeta"
"""Name of the dbt project and of its profile, and the schema that dbt must be told and no model uses."""


def dbt_group(group_id: str, *paths: str, target_date: str, settings: Settings) -> DbtTaskGroup:
    """Return the task group that builds everything under `paths` of the dbt project.

    A task is one `dbt build` of one model: it builds the model and runs its tests, so a test that fails stops what
    comes after, and clearing that one task repeats both. Tests that look at a model which is not built yet wait for
    that model (`buildable`).

    Args:
        group_id: name of the task group.
        paths: folders of the dbt project, for example `models/silver`.
        target_date: template of the business date.
        settings: where dbt and the project are.

    Raises:
        include.settings.SettingsError: there is no manifest.
    """
    from cosmos.airflow.task_group import DbtTaskGroup
    from cosmos.config import ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
    from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior, TestIndirectSelection
    from cosmos.profiles.mysql.user_pass import MysqlUserPasswordProfileMapping

    project = settings.dbt_project_dir
    operator_args: dict[str, Any] = {
        "vars": {"target_date": target_date},
        "pool": POOL_DBT,
        "install_deps": False,
        "emit_datasets": False,
        "dbt_cmd_global_flags": ["--no-use-colors", "--no-send-anonymous-usage-stats"],
        **HOW_HARD,
    }
    return DbtTaskGroup(
        group_id=group_id,
        project_config=ProjectConfig(
            dbt_project_path=project, manifest_path=settings.dbt_manifest, project_name=PROJECT, install_dbt_deps=False
        ),
        profile_config=ProfileConfig(
            profile_name=PROJECT,
            target_name=settings.environment,
            profile_mapping=MysqlUserPasswordProfileMapping(
                conn_id=DBT,
                profile_args={"schema": PROJECT, "charset": "utf8mb4", "collation": "utf8mb4_unicode_ci"},
            ),
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.LOCAL,
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_executable_path=settings.dbt_executable,
            test_indirect_selection=TestIndirectSelection.BUILDABLE,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[f"path:{path}" for path in paths],
            test_behavior=TestBehavior.BUILD,
            normalize_task_id=_model_name,
            emit_datasets=False,
        ),
        operator_args=operator_args,
    )


def _model_name(node: Any) -> str:
    return str(node.name)
