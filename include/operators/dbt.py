"""The dbt project as Airflow tasks: Cosmos starts dbt from its own virtual environment, one process per task."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from include.dbt import AFTER_PUBLISH
from include.operators.dbt_profile import CACHE, PROJECT, QUIETLY, aurora_profile, python_of
from include.operators.dbt_report import report
from include.operators.policy import DBT as HOW_HARD
from include.operators.policy import POOL_DBT
from include.settings import Settings

if TYPE_CHECKING:
    from cosmos.airflow.task_group import DbtTaskGroup
    from cosmos.operators.local import DbtBuildLocalOperator, DbtTestLocalOperator

    from include.operators.dbt_docs import DbtDocsOperator

NAME = attrgetter("name")
DOCS_PREFIX = "docs"
"""Folder of the bucket with the pages of dbt docs."""


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

        project = ProjectConfig(
            dbt_project_path=self.settings.dbt_project_dir,
            manifest_path=self.settings.dbt_manifest,
            project_name=PROJECT,
            install_dbt_deps=False,
            env_vars=self.settings.dbt_environment(self.target_date),
        )
        # Cosmos made an object store's path of it, whose first use loads every plugin: a second of each task's start.
        project.manifest_path = self.settings.dbt_manifest
        return DbtTaskGroup(
            group_id=group_id,
            project_config=project,
            profile_config=aurora_profile(),
            execution_config=ExecutionConfig(
                execution_mode=ExecutionMode.LOCAL,
                invocation_mode=InvocationMode.SUBPROCESS,
                dbt_executable_path=python_of(self.settings),
                test_indirect_selection=TestIndirectSelection.BUILDABLE,
            ),
            render_config=RenderConfig(
                load_method=LoadMode.DBT_MANIFEST,
                select=[f"path:{path}" for path in paths],
                test_behavior=TestBehavior.BUILD,
                normalize_task_id=NAME,
                normalize_task_display_name=NAME,
                emit_datasets=False,
            ),
            operator_args=self._arguments() | {"exclude": AFTER_PUBLISH},
        )

    def seeds(self, task_id: str) -> DbtBuildLocalOperator:
        """Return the task that loads all seeds and tests them: small files, in less time than two processes take."""
        from cosmos.operators.local import DbtBuildLocalOperator

        return DbtBuildLocalOperator(
            task_id=task_id, select="path:seeds", indirect_selection="buildable", **self._single()
        )

    def check(self, task_id: str, select: str, **arguments: Any) -> DbtTestLocalOperator:
        """Return a task that runs tests and builds nothing, for example those of what dbt reads (`source:*`)."""
        from cosmos.operators.local import DbtTestLocalOperator

        return DbtTestLocalOperator(task_id=task_id, select=select, **self._single() | arguments)

    def docs(self, task_id: str, **arguments: Any) -> DbtDocsOperator:
        """Return the task that describes every table as it is today, for the page in the Airflow UI."""
        from include.operators.dbt_docs import DbtDocsOperator

        return DbtDocsOperator(
            task_id=task_id,
            connection_id="aws_default",
            bucket_name=self.settings.bucket,
            folder_dir=DOCS_PREFIX,
            **self._single() | arguments,
        )

    def _single(self) -> dict[str, Any]:
        from cosmos.constants import InvocationMode

        return {
            "project_dir": str(self.settings.dbt_project_dir),
            "profile_config": aurora_profile(),
            "dbt_executable_path": python_of(self.settings),
            "invocation_mode": InvocationMode.SUBPROCESS,
            "cache_dir": CACHE,
            "env": self.settings.dbt_environment(self.target_date),
            "install_deps": False,
            **self._arguments(),
        }

    def _arguments(self) -> dict[str, Any]:
        return {
            "callback": report,
            "pool": POOL_DBT,
            "emit_datasets": False,
            # the first is no flag: Python is told to start dbt by this file
            "dbt_cmd_global_flags": [str(self.settings.dbt_project_dir / "start.py"), *QUIETLY],
            **HOW_HARD,
        }
