"""Airflow 3.2.1 and 3.3.1 lose a DAG's deadlines with its first change; the fingerprint prevents that."""

from __future__ import annotations

import json

import pytest

from tests.dags.airflow_home import AirflowHome

DEPLOY = """
import json, sys
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

day, changes = int(sys.argv[1]), json.loads(sys.argv[2])
fingerprint, template_fields = deadline.fingerprint, S3KeySensor.template_fields
due = pendulum.datetime(2026, 3, day, 7, tz="Asia/Tokyo")
for name, change in changes.items():
    deadline.fingerprint = (lambda _: "always the same") if name == "without" else fingerprint
    S3KeySensor.template_fields = (*template_fields, "verify") if change == "template field" else template_fields
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
found = {name: [] for name in changes}
with create_session() as session:
    for row in session.query(Deadline):
        if row.dagrun.dag_id in found:
            found[row.dagrun.dag_id].append(row.deadline_time.astimezone(pendulum.timezone("Asia/Tokyo")))
print(json.dumps({name: [f"{time:%m-%dT%H:%M}" for time in sorted(times)] for name, times in found.items()}))
"""
QUEUE = {"AIRFLOW__OPERATORS__DEFAULT_QUEUE": "other"}
CHANGES = {
    "description": {},
    "template field": {},
    "default queue": QUEUE,
    "default retries": {"AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "7"},
    "nothing": {},
}
"""What differs at the second deploy: the DAG, a provider's class, an option of Airflow."""
CHANGE_OF = {**{f"with_{change.replace(' ', '_')}": change for change in CHANGES}, "without": "default queue"}
"""The change of each DAG; `without` has no fingerprint."""
FIRST = ["03-01T07:30", "03-01T08:00"]
BOTH = [*FIRST, "03-02T07:30", "03-02T08:00"]


@pytest.fixture(scope="module")
def deadlines(airflow: AirflowHome) -> dict[str, list[str]]:
    """The deadlines of each DAG after two deploys, the second of which has other options where the change is one."""
    airflow.python("-c", DEPLOY, "1", json.dumps(dict.fromkeys(CHANGE_OF, "")))
    found: dict[str, list[str]] = {}
    for options in ({}, QUEUE, CHANGES["default retries"]):
        changes = {name: change for name, change in CHANGE_OF.items() if CHANGES[change] == options}
        found |= json.loads(airflow.python("-c", DEPLOY, "2", json.dumps(changes), **options).splitlines()[-1])
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_dag_still_has_its_deadlines(deadlines: dict[str, list[str]], change: str) -> None:
    assert deadlines[f"with_{change.replace(' ', '_')}"] == BOTH


def test_without_the_fingerprint_airflow_would_lose_them(deadlines: dict[str, list[str]]) -> None:
    """When this fails Airflow has mended the defect (3.3.2 has), and the fingerprint may go."""
    assert deadlines["without"] == FIRST
