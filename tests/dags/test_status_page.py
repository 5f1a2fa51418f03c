"""The last step always runs, and says nothing about how the run ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
RUNS = """
import sys
from pathlib import Path

import pendulum
from airflow import settings
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.dag_processing.dagbag import DagBag
from airflow.models.base import Base
from airflow.models.dagbundle import DagBundleModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.db import synchronize_log_template
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

Base.metadata.create_all(settings.engine)
synchronize_log_template()
dag = DagBag(str(Path(sys.argv[1]) / "dags" / "gghouse_daily.py")).dags["gghouse_daily"]
with create_session() as session:
    session.add(DagBundleModel(name="b"))
with create_session() as session:
    lazy = LazyDeserializedDAG.from_dag(dag)
    update_dag_parsing_results_in_db("b", None, [lazy], {}, None, set(), session=session)
due = pendulum.datetime(2026, 3, 1, 22, tz="UTC")
cases = {
    "load failed": ("load_staging", "success"),
    "dashboards failed": ("refresh_quicksight", "success"),
    "page failed": ("status_page", "failed"),
    "all well": (None, "success"),
}
ended = []
for number, (name, (failed, page)) in enumerate(cases.items()):
    with create_session() as session:
        stored = SerializedDagModel.get("gghouse_daily", session=session).dag
        date = due.add(days=number)
        run = stored.create_dagrun(
            run_id=f"run_{number}", logical_date=date, data_interval=(date, date), run_after=date, session=session,
            run_type=DagRunType.SCHEDULED, triggered_by=DagRunTriggeredByType.TIMETABLE, state=DagRunState.RUNNING,
        )
        behind = stored.get_task(failed).get_flat_relative_ids(upstream=False) if failed else set()
        for ti in run.get_task_instances(session=session):
            state = "failed" if ti.task_id == failed else "upstream_failed" if ti.task_id in behind else "success"
            ti.state = page if ti.task_id == "status_page" else state
        session.flush()
        run.dag = stored
        run.update_state(session=session, execute_callbacks=False)
        ended.append(f"{name}: {run.state}")
print("|".join(ended))
"""


def outcomes(home: Path) -> list[str]:
    """Let Airflow decide how runs of the daily DAG ended, in a database of their own."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "plugins")]),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__GGHOUSE__QUICKSIGHT_DATASETS": "occupancy",
    }
    result = subprocess.run(
        [sys.executable, "-c", RUNS, str(PROJECT)],
        env=environment, cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout.splitlines()[-1].split("|")


def test_i22_a_failed_run_stays_failed_although_its_last_step_succeeds(tmp_path: Path) -> None:
    assert outcomes(tmp_path) == [
        "load failed: failed",
        "dashboards failed: failed",
        "page failed: success",
        "all well: success",
    ]


def test_the_page_is_written_however_the_run_went(dagbag: Any) -> None:
    page = dagbag.dags["gghouse_daily"].get_task("status_page")
    assert page.is_teardown
    assert page.trigger_rule == "all_done_setup_success"
    assert page.on_failure_fail_dagrun is False
    assert page.upstream_task_ids == {"all_clear"}, "after the step that writes down that the day is done"
