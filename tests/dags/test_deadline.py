"""Airflow 3.2.1 and 3.3.1 lose a DAG's deadlines with its first change; the fingerprint prevents that."""

from __future__ import annotations

import pytest

from tests.dags.airflow_home import AirflowHome

DEPLOY = """
import sys
from datetime import timedelta

import pendulum
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.models.dagbundle import DagBundleModel
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

import include.operators.deadline as deadline
from include.settings import Settings

name, day, change = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if name == "without":
    deadline.fingerprint = lambda _: "always the same"
if change == "template field":
    S3KeySensor.template_fields = (*S3KeySensor.template_fields, "verify")
with DAG(
    name,
    description=change if change == "description" else "",
    schedule="0 7 * * *",
    start_date=pendulum.datetime(2026, 3, 1, tz="Asia/Tokyo"),
) as dag:
    settings = Settings("bucket", "arn:aws:sns:ap-northeast-1:123456789012:alerts", (), "dbt")
    layers = {"gold": timedelta(minutes=30), "dashboards": timedelta(hours=1)}
    dag.deadline = deadline.deadline_alerts(layers, dag, settings)
    S3KeySensor(task_id="wait", bucket_key="s3://b/k")
due = pendulum.datetime(2026, 3, day, 7, tz="Asia/Tokyo")
with create_session() as session:
    session.merge(DagBundleModel(name=name))
with create_session() as session:
    lazy = LazyDeserializedDAG.from_dag(dag)
    update_dag_parsing_results_in_db(name, None, [lazy], {}, None, set(), session=session)
with create_session() as session:
    SerializedDagModel.get(name, session=session).dag.create_dagrun(
        run_id=f"run-{day}", logical_date=due, data_interval=(due, due), run_after=due, session=session,
        run_type=DagRunType.SCHEDULED, triggered_by=DagRunTriggeredByType.TIMETABLE, state=DagRunState.QUEUED,
    )
with create_session() as session:
    times = [row.deadline_time for row in session.query(Deadline) if row.dagrun.dag_id == name]
print("deadlines", *(f"{time.astimezone(pendulum.timezone('Asia/Tokyo')):%m-%dT%H:%M}" for time in sorted(times)))
"""
CHANGES = {
    "description": {},
    "template field": {},
    "default queue": {"AIRFLOW__OPERATORS__DEFAULT_QUEUE": "other"},
    "default retries": {"AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "7"},
    "nothing": {},
}
"""What differs at the second deploy: the DAG, a provider's class, an option of Airflow."""
FIRST, BOTH = "deadlines 03-01T07:30 03-01T08:00", "deadlines 03-01T07:30 03-01T08:00 03-02T07:30 03-02T08:00"


def _two_deploys(airflow: AirflowHome, name: str, change: str) -> str:
    airflow.python("-c", DEPLOY, name, "1", "")
    return airflow.python("-c", DEPLOY, name, "2", change, **CHANGES[change]).splitlines()[-1]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_dag_still_has_its_deadlines(airflow: AirflowHome, change: str) -> None:
    assert _two_deploys(airflow, f"with_{change.replace(' ', '_')}", change) == BOTH


def test_without_the_fingerprint_airflow_would_lose_them(airflow: AirflowHome) -> None:
    """When this fails Airflow has mended the defect (3.3.2 has), and the fingerprint may go."""
    assert _two_deploys(airflow, "without", "default queue") == FIRST
