"""Airflow 3.2.1 and 3.3.1 lose a DAG's deadline with its first change; the fingerprint prevents that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TWO_DEPLOYS = """
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.models.dagbundle import DagBundleModel
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

import include.alerts.deadline as deadline
from include.settings import Settings

code, name = Path(sys.argv[1]), sys.argv[2]
settings = Settings("bucket", "arn:aws:sns:ap-northeast-1:123456789012:alerts", (), "dbt")
if name == "without":
    deadline.fingerprint = lambda *_: "always the same"
with create_session() as session:
    session.add(DagBundleModel(name=name))
for day in (1, 2):
    code.write_text(f"version {day}")
    shapers = {"dag_id": name, "dag_file": code, "settings": settings}
    with DAG(
        name,
        description=f"deploy {day}",
        schedule="0 7 * * *",
        start_date=pendulum.datetime(2026, 3, 1, tz="Asia/Tokyo"),
        deadline=deadline.promised({"gold": timedelta(minutes=30), "dashboards": timedelta(hours=1)}, **shapers),
    ) as dag:
        EmptyOperator(task_id="t")
    due = pendulum.datetime(2026, 3, day, 7, tz="Asia/Tokyo")
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


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An Airflow home with its database."""
    home = tmp_path_factory.mktemp("airflow")
    _python(home, "-m", "airflow", "db", "migrate")
    return home


def _python(home: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "plugins")]),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",  # both deploys are seen, however quickly they follow
    }
    result = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_a_changed_dag_still_has_its_deadline(airflow_home: Path) -> None:
    output = _python(airflow_home, "-c", TWO_DEPLOYS, str(airflow_home / "dag.py"), "with")
    assert output.splitlines()[-1] == "deadlines 03-01T07:30 03-01T08:00 03-02T07:30 03-02T08:00"


def test_without_the_fingerprint_airflow_would_lose_it(airflow_home: Path) -> None:
    """When this fails Airflow has mended the defect (3.3.2 has), and the fingerprint may go."""
    output = _python(airflow_home, "-c", TWO_DEPLOYS, str(airflow_home / "dag.py"), "without")
    assert output.splitlines()[-1] == "deadlines 03-01T07:30 03-01T08:00"
