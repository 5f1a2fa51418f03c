"""The promises of the day, the figures by 07:30 and the dashboards by 08:00 JST, watched by Airflow itself.

Airflow 3.2.1 and 3.3.1 lose a DAG's deadlines with the first change of the DAG, because an equal deadline definition is
re-used while its row stays with the old version. So the definition carries a fingerprint: the hash by which Airflow
itself tells whether a DAG has changed, whatever changed it, code, option, provider or policy. Fixed upstream in 3.3.2.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import timedelta

from airflow.sdk import DAG
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from include.settings import Settings

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


class Promise(DeadlineAlert):
    """A deadline whose definition differs as soon as its DAG does.

    Airflow asks for the callback when it writes the DAG down, as the last thing that is done to it, and only then.

    Args:
        dag: what is watched.
        interval: how long after the scheduled start the promise is missed.
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


def promised(layers: Mapping[str, timedelta], dag: DAG, settings: Settings) -> list[DeadlineAlert]:
    """Return the deadlines of a DAG, whose misses tell the operators.

    Args:
        layers: what is promised (`gold`, `dashboards`), and how long after the scheduled start.
        dag: what is watched; set its `deadline` to what this returns.
        settings: where the message goes.
    """
    from late_notice import LateNotice

    topic = settings.alert_topic_arn
    return [
        Promise(
            dag,
            interval,
            AsyncCallback(
                LateNotice,
                kwargs={
                    "layer": layer,
                    "aws_conn_id": None,
                    "region_name": topic.split(":")[3] if topic else None,
                    "target_arn": topic,
                    "subject": f"[{settings.environment}] {{{{ target }}}} late: {layer} not ready at {{{{ due }}}}",
                    "message": PLAIN.format(dag_id=dag.dag_id, layer=layer),
                },
            ),
        )
        for layer, interval in layers.items()
    ]
