"""The fingerprint that keeps deadlines alive: it changes whenever the DAG as Airflow writes it down does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
import pytest
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG

from include.operators.deadline import deadline_alerts, fingerprint
from include.settings import Settings

SETTINGS = Settings("bucket", "arn:aws:sns:ap-northeast-1:123456789012:alerts", (), "dbt")
DEADLINES = {"gold": timedelta(minutes=30), "dashboards": timedelta(hours=1)}


def build(**options: Any) -> DAG:
    with DAG("d", schedule="0 7 * * *", start_date=pendulum.datetime(2026, 3, 1), **options) as dag:
        dag.deadline = deadline_alerts(DEADLINES, dag, SETTINGS)
        S3KeySensor(task_id="wait", bucket_key="s3://b/k") >> EmptyOperator(task_id="end")
    return dag


def written(dag: DAG) -> list[Any]:
    """The deadlines as Airflow's database gets them."""
    deadlines: list[Any] = LazyDeserializedDAG.from_dag(dag).data["dag"]["deadline"]
    return deadlines


def test_the_same_dag_has_the_same_deadlines() -> None:
    assert written(build()) == written(build())
    assert fingerprint(build()) in str(written(build())[0])


def test_what_comes_after_the_deadlines_were_set_counts() -> None:
    """A cluster policy, for example, changes tasks when the whole file has been read."""
    dag = build()
    before = written(dag)
    dag.get_task("end").queue = "other"
    assert written(dag) != before


@pytest.mark.parametrize("options", [{"description": "new"}, {"max_active_tasks": 3}, {"default_args": {"retries": 9}}])
def test_a_changed_dag_has_other_deadlines(options: dict[str, Any]) -> None:
    assert written(build(**options)) != written(build())


def test_a_provider_that_gives_a_sensor_one_more_template_field_changes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(build())
    monkeypatch.setattr(S3KeySensor, "template_fields", (*S3KeySensor.template_fields, "verify"))
    assert written(build()) != before


def test_the_dag_keeps_its_deadlines_when_it_is_fingerprinted() -> None:
    dag = build()
    fingerprint(dag)
    assert [alert.interval for alert in dag.deadline] == list(DEADLINES.values())
