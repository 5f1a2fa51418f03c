"""Cosmos's classes, as this platform needs them; imported only while a DAG with dbt tasks is built."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from cosmos.config import ProjectConfig  # noqa: TID253
from cosmos.dbt.graph import DbtGraph  # noqa: TID253
from cosmos.operators.local import AbstractDbtLocalBase, DbtDocsS3LocalOperator  # noqa: TID253
from cosmos.profiles.mysql.user_pass import MysqlUserPasswordProfileMapping  # noqa: TID253

from include.operators.lineage import artifact_processor
from include.operators.side_effects import fails_open

# Read by dbt/connection.py.
CA_VARIABLE = "DBT_SSL_CA"

# Cosmos would read dbt's results for OpenLineage after each command, also for nobody, and give up at the word mysql.
AbstractDbtLocalBase._get_dbt_local_artifact_processor = staticmethod(artifact_processor)


def models_of(manifest: Path) -> dict[str, Any]:
    """Return dbt's manifest without its tests, which are nine of ten nodes and no tasks.

    Cosmos would look at each of them for each task group, which is most of the time in which the DAG is read, and each
    task process reads it.
    """
    return _models_of(manifest, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _models_of(manifest: Path, _: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    nodes = {name: node for name, node in content["nodes"].items() if node["resource_type"] != "test"}
    return content | {"nodes": nodes}


DbtGraph._load_manifest_from_file = lambda _, manifest: models_of(manifest)


class LocalManifestConfig(ProjectConfig):  # type: ignore[misc]
    """A project whose manifest is a local file.

    `ProjectConfig` makes an `ObjectStoragePath` of every manifest. Its first use loads all Airflow plugins, which
    costs each task process about a second; Cosmos takes a plain `Path` as well.

    Args:
        manifest: the manifest's file.
        options: see `ProjectConfig`.
    """

    def __init__(self, *, manifest: Path, **options: Any) -> None:
        super().__init__(**options)
        self.manifest_path = manifest


class DbtLogin(MysqlUserPasswordProfileMapping):  # type: ignore[misc]
    """The mapping of Cosmos, with the certificate authority, for which a profile of dbt-mysql has no field."""

    @property
    def env_vars(self) -> dict[str, str]:
        """Return the environment of dbt: the password, and the file that the connection's `ssl_ca` names."""
        authority = self.conn.extra_dejson.get("ssl_ca")
        variables: dict[str, str] = super().env_vars
        return variables | ({CA_VARIABLE: str(authority)} if authority else {})


class DbtDocsOperator(DbtDocsS3LocalOperator):  # type: ignore[misc]
    """Generate the pages of dbt docs and upload them to the bucket.

    plugins/operations.py shows them in the Airflow UI. Cosmos' own plugin would show them without a login.
    """

    @fails_open
    def execute(self, context: Any, **kwargs: Any) -> None:
        """Generate and upload the pages.

        Raises:
            AirflowSkipException: the last try failed; a warning was sent.
        """
        super().execute(context, **kwargs)
