"""The promise "finished by 08:00 JST", watched by Airflow itself.

Airflow 3.2.1 and 3.3.1 lose a DAG's deadline with the first change of the DAG, because an equal deadline definition is
re-used while its row stays with the old version. So the definition carries a fingerprint of everything that shapes the
DAG: a changed DAG has a changed deadline. Fixed upstream in 3.3.2.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from include.alerts.messages import late_template
from include.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.deadline import DeadlineAlert


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


def finished_within(interval: timedelta, *, dag_id: str, dag_file: Path, settings: Settings) -> DeadlineAlert:
    """Return the deadline `interval` after the logical date, whose miss mails the operators.

    Args:
        interval: time from the scheduled start to the deadline.
        dag_id: the DAG that is watched.
        dag_file: its file, `Path(__file__)`.
        settings: where the mail goes.
    """
    from airflow.configuration import conf
    from airflow.sdk.definitions.callback import AsyncCallback
    from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

    from late_notice import LateNotice

    base_url = conf.get("api", "base_url", fallback="http://localhost:8080").rstrip("/")
    message = late_template(settings.environment, dag_id, f"{base_url}/dags/{dag_id}/runs/{{{{ dag_run.dag_run_id }}}}")
    topic = settings.alert_topic_arn
    shape = fingerprint(settings, dag_file, settings.dbt_manifest, PROJECT_DIR / "include")
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=interval,
        callback=AsyncCallback(
            LateNotice,
            kwargs={
                "aws_conn_id": None,
                "region_name": topic.split(":")[3] if topic else None,
                "target_arn": topic,
                "subject": message.subject,
                "message": message.body,
                "message_attributes": {"fingerprint": shape},
            },
        ),
    )
