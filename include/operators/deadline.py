"""The deadlines of the day (`include.schedule.DEADLINES`), watched by Airflow itself.

Airflow 3.2.1 and 3.3.1 lose a DAG's deadlines with the first change of the DAG: an equal deadline definition is reused
while its row stays with the old version (apache/airflow#68732, fixed in 3.3.2). So the definition carries a
fingerprint: the hash by which Airflow detects a changed DAG, whether code, options, providers or policies changed it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta

from airflow.sdk import DAG
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from include.settings import Settings

# The mail of a triggerer that cannot find the platform's own code.
PLAIN = """{{{{ day }}}} の {layer} が、期限の {{{{ due }}}} JST までに公開されていません({dag_id})。
閲覧者に見えるもの: 不明です。ダッシュボードで確認してください。
対応: 下記の画面を開き、赤いタスクのメールの手順に従ってください。wait_for_dump が待機中の場合は、
管理システムの担当者にダンプの提供を依頼してください。

{layer} of {{{{ day }}}} was not published by its deadline, {{{{ due }}}} JST ({dag_id}).
Readers see: unknown; check the dashboards.
What to do: open the page below and follow the mail of the red task. If wait_for_dump is waiting, ask the
property-management side to deliver the dump.

{{{{ page }}}}
"""


class FingerprintedDeadline(DeadlineAlert):
    """A deadline whose definition differs as soon as its DAG does.

    Airflow asks for the callback once, last, when it serializes the DAG.

    Args:
        dag: the DAG.
        interval: how long after the scheduled start the deadline is.
        callback: what the triggerer calls then; it takes an argument `fingerprint`.
    """

    def __init__(self, dag: DAG, interval: timedelta, callback: AsyncCallback) -> None:
        super().__init__(DeadlineReference.DAGRUN_LOGICAL_DATE, interval, callback)
        self._dag = dag

    @property
    def callback(self) -> AsyncCallback:
        """The callback with the fingerprint of the DAG as it is now."""
        marked = copy.copy(self._callback)
        marked.kwargs = {**marked.kwargs, "fingerprint": fingerprint(self._dag)}
        return marked

    @callback.setter
    def callback(self, callback: AsyncCallback) -> None:
        self._callback = callback


def fingerprint(dag: DAG) -> str:
    """Return Airflow's own hash of a DAG, deadlines left out."""
    from airflow.serialization.serialized_objects import LazyDeserializedDAG

    alone = copy.copy(dag)
    alone.deadline = None
    return str(LazyDeserializedDAG.from_dag(alone).hash)


def deadline_alerts(layers: Mapping[str, timedelta], dag: DAG, settings: Settings) -> list[DeadlineAlert]:
    """Return the deadlines of a DAG; each one that is missed sends an alert.

    Args:
        layers: what is due (`gold`, `dashboards`), and how long after the scheduled start.
        dag: the DAG; set its `deadline` to what this returns.
        settings: where the message goes.
    """
    from late_notice import LateNotice

    topic = settings.alert_topic_arn
    return [
        FingerprintedDeadline(
            dag,
            interval,
            AsyncCallback(
                LateNotice,
                kwargs={
                    "layer": layer,
                    "aws_conn_id": None,
                    "region_name": topic.split(":")[3] if topic else None,
                    "target_arn": topic,
                    "subject": f"[{settings.environment}] {{{{ day }}}} late: {layer} not ready at {{{{ due }}}}",
                    "message": PLAIN.format(dag_id=dag.dag_id, layer=layer),
                },
            ),
        )
        for layer, interval in layers.items()
    ]
