"""The dbt project as Airflow tasks: Cosmos starts dbt in its own virtual environment, one process per task."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.dbt import AFTER_PUBLISH, BEFORE_PUBLISH
from include.operators import lineage
from include.operators.base import AWS, DBT
from include.operators.dbt_report import report
from include.operators.policy import DBT as RETRIES
from include.operators.policy import ONCE_MORE, POOL_DBT
from include.settings import Settings
from include.status_page.store import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import BaseOperator
    from cosmos.airflow.task_group import DbtTaskGroup
    from cosmos.config import ProfileConfig
    from cosmos.dbt.graph import DbtNode
    from cosmos.operators.local import DbtBuildLocalOperator, DbtTestLocalOperator

    from include.operators.cosmos_classes import DbtDocsOperator
    from include.operators.dbt_models import ModelOperator

# Name of the dbt project and of its profile, and the schema that a profile must name and no model uses.
PROJECT = "tokyobeta"
# The only target of the profile. `make manifest` names it too: dbt parses the project again for another target.
TARGET = "aurora"
# Where single dbt tasks keep the parsed project for the next one; Cosmos has such folders for its groups.
CACHE = Path(tempfile.gettempdir()) / "cosmos" / PROJECT
# dbt's log file would lie in a folder that is deleted with the task, and holds nothing that Airflow's log does not.
FLAGS = ["--no-use-colors", "--no-send-anonymous-usage-stats", "--log-level-file", "none"]
# The log of one command that builds all models is read line by line: include/dbt/built.py.
AS_JSON = ["--log-format", "json"]
# Connections of that command. Most of its time the server works, and two cores are busy with four queries.
THREADS = "4"
NAME = attrgetter("name")


@dataclass(frozen=True)
class DbtProject:
    """The dbt project, built for one business date.

    Attributes:
        settings: names the dbt program and the project.
        target_date: template of the business date.
    """

    settings: Settings
    target_date: str

    def group(self, group_id: str, *paths: str, producer: str = "") -> DbtTaskGroup:
        """Return the task group that builds everything under `paths`, for example `models/silver`.

        A task is one `dbt build` of one model: it builds the model and runs its tests, so a failed test stops the
        models downstream, and clearing the task repeats both. A test of several models runs with the last of them
        (`buildable`).

        Args:
            group_id: name of the group.
            paths: folders of dbt's project.
            producer: id of the task that builds these models for their tasks, if there is one: `models`.

        Raises:
            include.settings.SettingsError: the manifest is missing.
        """
        from cosmos.airflow.task_group import DbtTaskGroup
        from cosmos.config import ExecutionConfig, RenderConfig
        from cosmos.constants import (
            DbtResourceType,
            ExecutionMode,
            InvocationMode,
            LoadMode,
            TestBehavior,
            TestIndirectSelection,
        )

        from include.operators.cosmos_classes import LocalManifestConfig

        waits = producer and _together()
        return DbtTaskGroup(
            group_id=group_id,
            project_config=LocalManifestConfig(
                manifest=self.settings.dbt_manifest,
                dbt_project_path=self.settings.dbt_project_dir,
                project_name=PROJECT,
                install_dbt_deps=False,
                env_vars=self.settings.dbt_environment(self.target_date),
            ),
            profile_config=aurora_profile(),
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
                normalize_task_id=NAME,
                normalize_task_display_name=NAME,
                emit_datasets=False,
                node_converters={DbtResourceType.MODEL: _waiting(producer)} if waits else {},
            ),
            operator_args=self._arguments() | {"exclude": AFTER_PUBLISH},
        )

    def models(self, task_id: str, *paths: str) -> BaseOperator:
        """Return the task that builds all models under `paths` by one command, each for the model's own task."""
        from airflow.providers.standard.operators.empty import EmptyOperator

        from include.operators.dbt_models import BuildModelsOperator

        if not _together():
            return EmptyOperator(task_id=task_id)
        left_out = (AFTER_PUBLISH, BEFORE_PUBLISH)
        flags = {"dbt_cmd_global_flags": [*FLAGS, *AS_JSON], "dbt_cmd_flags": ["--threads", THREADS]}
        return BuildModelsOperator(
            task_id=task_id,
            manifest=self.settings.dbt_manifest,
            left_out=tuple(selector.removeprefix("tag:") for selector in left_out),
            select=" ".join(f"path:{path}" for path in paths),
            exclude=" ".join(left_out),
            indirect_selection="buildable",
            **self._single() | flags | ONCE_MORE,
        )

    def build(self, task_id: str, path: str, **arguments: Any) -> DbtBuildLocalOperator:
        """Return one task that builds and tests everything under `path`.

        One process for what is small and needed together saves time. What must be cleared alone is a `group`.
        """
        from cosmos.operators.local import DbtBuildLocalOperator

        selected = {"select": f"path:{path}", "indirect_selection": "buildable"}
        return DbtBuildLocalOperator(task_id=task_id, **selected, **self._single() | arguments)

    def check(self, task_id: str, select: str, **arguments: Any) -> DbtTestLocalOperator:
        """Return a task that runs tests and builds nothing, for example the tests of sources (`source:*`)."""
        from cosmos.operators.local import DbtTestLocalOperator

        return DbtTestLocalOperator(task_id=task_id, select=select, **self._single() | arguments)

    def docs(self, task_id: str, **arguments: Any) -> DbtDocsOperator:
        """Return the task that generates the pages of dbt docs for the Airflow UI."""
        from include.operators.cosmos_classes import DbtDocsOperator

        return DbtDocsOperator(
            task_id=task_id,
            connection_id=AWS,
            bucket_name=self.settings.bucket,
            folder_dir=DOCS,
            **self._single() | arguments,
        )

    def _single(self) -> dict[str, Any]:
        from cosmos.constants import InvocationMode

        return {
            "project_dir": str(self.settings.dbt_project_dir),
            "profile_config": aurora_profile(),
            "dbt_executable_path": self.settings.dbt_executable,
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
            "dbt_cmd_global_flags": FLAGS,
            **RETRIES,
        }


def _together() -> bool:
    """Return whether one command builds all models; otherwise each model's task builds its own.

    OpenLineage hears what was read and written from a task that runs dbt itself. And on MWAA a release brings the DAGs
    minutes before the plugins, without which nothing can wait in the triggerer.
    """
    return not lineage.is_on() and find_spec("model_built") is not None


def _waiting(producer: str) -> Callable[..., ModelOperator]:
    """Return what Cosmos calls for a model's task, with the arguments of its own operator as `task_args`."""
    from include.operators.dbt_models import ModelOperator

    def model(*, node: DbtNode, task_args: dict[str, Any], **others: Any) -> ModelOperator:
        place = {name: others[name] for name in ("dag", "task_group", "task_id")}
        select = {"select": f"fqn:{'.'.join(node.fqn)}", "indirect_selection": "buildable"}
        return ModelOperator(producer=producer, model=node.name, **place, **select, **task_args)

    return model


def aurora_profile() -> ProfileConfig:
    """Return the profile that Cosmos writes for each command; the password reaches dbt as an environment variable."""
    from cosmos.config import ProfileConfig

    from include.operators.cosmos_classes import DbtLogin

    return ProfileConfig(
        profile_name=PROJECT,
        target_name=TARGET,
        profile_mapping=DbtLogin(
            conn_id=DBT,
            profile_args={"schema": PROJECT, "charset": "utf8mb4", "collation": "utf8mb4_unicode_ci"},
        ),
    )
