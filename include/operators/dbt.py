"""The dbt project as Airflow tasks: Cosmos starts dbt from its own virtual environment, one process per task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.operators.connections import DBT
from include.operators.policy import DBT as HOW_HARD
from include.operators.policy import POOL_DBT
from include.settings import Settings

if TYPE_CHECKING:
    from cosmos.airflow.task_group import DbtTaskGroup
    from cosmos.config import ProfileConfig
    from cosmos.operators.local import DbtTestLocalOperator

PROJECT = "tokyobeta"
"""Name of the dbt project and of its profile, and the schema that dbt must be told and no model uses."""


@dataclass(frozen=True)
class DbtProject:
    """The project, as it is built for one business date.

    Attributes:
        settings: where dbt and the project are.
        target_date: template of the business date.
    """

    settings: Settings
    target_date: str

    def group(self, group_id: str, *paths: str) -> DbtTaskGroup:
        """Return the task group that builds everything under `paths`, for example `models/silver`.

        A task is one `dbt build` of one model: it builds the model and runs its tests, so a test that fails stops
        what comes after, and clearing that one task repeats both. A test that looks at several models runs with the
        one that comes after all the others (`buildable`).

        Raises:
            include.settings.SettingsError: there is no manifest.
        """
        from cosmos.airflow.task_group import DbtTaskGroup
        from cosmos.config import ExecutionConfig, ProjectConfig, RenderConfig
        from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior, TestIndirectSelection

        return DbtTaskGroup(
            group_id=group_id,
            project_config=ProjectConfig(
                dbt_project_path=self.settings.dbt_project_dir,
                manifest_path=self.settings.dbt_manifest,
                project_name=PROJECT,
                install_dbt_deps=False,
            ),
            profile_config=self._profile(),
            execution_config=ExecutionConfig(
                execution_mode=ExecutionMode.LOCAL,
                invocation_mode=InvocationMode.SUBPROCESS,
                dbt_executable_path=self.settings.dbt_executable,
                test_indirect_selection=TestIndirectSelection.BUILDABLE,
            ),
            render_config=RenderConfig(
                load_method=LoadMode.DBT_MANIFEST,
                select=[f"path:{path}" for path in paths],
                test_behavior=TestBehavior.BUILD,
                normalize_task_id=_model_name,
                normalize_task_display_name=_model_name,
                emit_datasets=False,
            ),
            operator_args=self._arguments(),
        )

    def check_sources(self, task_id: str) -> DbtTestLocalOperator:
        """Return the task that runs the tests of what dbt reads but does not build; no model's task covers them."""
        from cosmos.constants import InvocationMode
        from cosmos.operators.local import DbtTestLocalOperator

        return DbtTestLocalOperator(
            task_id=task_id,
            project_dir=str(self.settings.dbt_project_dir),
            profile_config=self._profile(),
            dbt_executable_path=self.settings.dbt_executable,
            invocation_mode=InvocationMode.SUBPROCESS,
            select="source:*",
            indirect_selection="cautious",
            **self._arguments(),
        )

    def _profile(self) -> ProfileConfig:
        from cosmos.config import ProfileConfig
        from cosmos.profiles.mysql.user_pass import MysqlUserPasswordProfileMapping

        return ProfileConfig(
            profile_name=PROJECT,
            target_name=self.settings.environment,
            profile_mapping=MysqlUserPasswordProfileMapping(
                conn_id=DBT,
                profile_args={"schema": PROJECT, "charset": "utf8mb4", "collation": "utf8mb4_unicode_ci"},
            ),
        )

    def _arguments(self) -> dict[str, Any]:
        return {
            "vars": {"target_date": self.target_date},
            "pool": POOL_DBT,
            "install_deps": False,
            "emit_datasets": False,
            "dbt_cmd_global_flags": ["--no-use-colors", "--no-send-anonymous-usage-stats"],
            **HOW_HARD,
        }


def _model_name(node: Any) -> str:
    return str(node.name)
