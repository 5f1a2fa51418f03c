"""OpenLineage: which tables a task has read and written, for whoever collects such events.

It is on when Airflow's option `openlineage.transport` names where events go (dbt/lineage.md#openlineage). Airflow's
provider then asks each operator after its task. While it is off, nothing of it is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from include.operators.base import PlatformOperator


def is_on() -> bool:
    """Whether Airflow sends OpenLineage events."""
    try:
        from airflow.providers.openlineage.conf import is_disabled
    except ImportError:
        return False
    return not is_disabled()


def namespace(host: str, port: int | str) -> str:
    """Return what OpenLineage calls a MySQL server."""
    return f"mysql://{host}:{port}"


def facets(task: PlatformOperator, *, done: bool) -> Any:
    """Return what a task has read and written.

    Args:
        task: the operator, after it was executed.
        done: whether it succeeded; a task that failed has written nothing that counts.
    """
    from airflow.providers.openlineage.extractors import OperatorLineage

    reads = [*_assets(task.inlets), *_tables(task.server, task.reads)]
    writes = [*_assets(task.outlets), *_tables(task.server, task.writes)]
    return OperatorLineage(inputs=reads, outputs=writes if done else [])


def artifact_processor() -> Any:
    """Return the class that reads what dbt wrote down, None while OpenLineage is off.

    Cosmos asks after each command, whether or not anybody is to hear of it; reading takes a third of a second.
    """
    if not is_on():
        return None
    from include.operators.dbt_lineage import MySqlArtifacts

    return MySqlArtifacts


def _tables(server: str, names: tuple[str, ...]) -> list[Any]:
    from openlineage.client.event_v2 import Dataset

    return [Dataset(namespace=server, name=name) for name in names]


def _assets(assets: list[Any]) -> list[Any]:
    """Return the dumps and data sets among a task's assets; the others are schemas, whose tables the task names."""
    from openlineage.client.event_v2 import Dataset

    found = []
    for asset in assets:
        scheme, _, rest = asset.uri.partition(":")
        if scheme == "s3":
            bucket, _, key = rest.removeprefix("//").partition("/")
            found.append(Dataset(namespace=f"s3://{bucket}", name=key))
        elif scheme == "quicksight":
            found.append(Dataset(namespace=scheme, name=rest))
    return found
