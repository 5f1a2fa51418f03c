"""The promises of the day, the figures by 07:30 and the dashboards by 08:00 JST, watched by Airflow itself.

Airflow 3.2.1 and 3.3.1 lose a DAG's deadline with the first change of the DAG, because an equal deadline definition is
re-used while its row stays with the old version. So the definition carries a fingerprint of everything that shapes the
DAG: a changed DAG has a changed deadline. Fixed upstream in 3.3.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from include.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.deadline import DeadlineAlert


PLAIN = """{{{{ target }}}} の {layer} が {{{{ due }}}} JST までに完成していません({dag_id})。
閲覧者に見えるもの: 不明。画面で確認してください。
やること: 下の画面を開き、赤いタスクのメールに従う。wait_for_dump が待機中なら管理システムの担当者にダンプを依頼する。

{layer} of {{{{ target }}}} was not ready by {{{{ due }}}} JST ({dag_id}).
Readers see: unknown; look at the dashboards.
What to do: open the page below and do what the mail of the red task says. If wait_for_dump is waiting, ask the
property-management side for the dump.

{{{{ page }}}}
"""
"""The mail of a triggerer that cannot find the platform's own code."""


def fingerprint(settings: Settings, *shapers: Path) -> str:
    """Return 16 hexadecimal digits that change whenever a DAG could.

    Args:
        settings: configuration that the DAG was built with.
        shapers: files, and folders of Python files, that the DAG is made of.
    """
    digest = hashlib.sha256(repr(settings).encode())
    for package in ("apache-airflow", "astronomer-cosmos"):
        digest.update(version(package).encode())
    for shaper in shapers:
        for file in [shaper] if shaper.is_file() else sorted(shaper.rglob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def promised(
    layers: Mapping[str, timedelta], *, dag_id: str, dag_file: Path, settings: Settings
) -> list[DeadlineAlert]:
    """Return the deadlines of a DAG, whose misses tell the operators.

    Args:
        layers: what is promised (`gold`, `dashboards`), and how long after the scheduled start.
        dag_id: the DAG that is watched.
        dag_file: its file, `Path(__file__)`.
        settings: where the message goes.
    """
    from airflow.sdk.definitions.callback import AsyncCallback
    from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

    from late_notice import LateNotice

    topic = settings.alert_topic_arn
    shape = fingerprint(settings, dag_file, settings.dbt_manifest, PROJECT_DIR / "include")
    return [
        DeadlineAlert(
            reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
            interval=interval,
            callback=AsyncCallback(
                LateNotice,
                kwargs={
                    "layer": layer,
                    "fingerprint": shape,
                    "aws_conn_id": None,
                    "region_name": topic.split(":")[3] if topic else None,
                    "target_arn": topic,
                    "subject": f"[{settings.environment}] {{{{ target }}}} late: {layer} not ready at {{{{ due }}}}",
                    "message": PLAIN.format(dag_id=dag_id, layer=layer),
                },
            ),
        )
        for layer, interval in layers.items()
    ]
