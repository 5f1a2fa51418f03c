"""What starts after `enrich`, however it ended: decided by Airflow's own rules."""

from __future__ import annotations

import json

import pytest

from tests.dags.airflow_home import PROJECT, AirflowHome

DECIDES = """
import json, sys

import pendulum
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.dag_processing.dagbag import DagBag
from airflow.models.dagbundle import DagBundleModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

dag = DagBag(sys.argv[1]).dags["gghouse_daily"]
with create_session() as session:
    session.merge(DagBundleModel(name="enrich"))
with create_session() as session:
    update_dag_parsing_results_in_db(
        "enrich", None, [LazyDeserializedDAG.from_dag(dag)], {}, None, set(), session=session
    )
due, found = pendulum.datetime(2026, 3, 1, 22, tz="UTC"), {}
for number, (name, ended) in enumerate(json.loads(sys.argv[2]).items()):
    with create_session() as session:
        stored = SerializedDagModel.get("gghouse_daily", session=session).dag
        date = due.add(days=number)
        run = stored.create_dagrun(
            run_id=f"enrich_{number}", logical_date=date, data_interval=(date, date), run_after=date, session=session,
            run_type=DagRunType.SCHEDULED, triggered_by=DagRunTriggeredByType.TIMETABLE, state=DagRunState.RUNNING,
        )
        run.dag = stored
        tasks = {ti.task_id: ti for ti in run.get_task_instances(session=session)}
        for task_id, state in ended.items():
            tasks[task_id].state, tasks[task_id].end_date = state, pendulum.now("UTC")
        session.flush()
        started, before, states = set(), None, {}
        while states != before:
            ready, _ = run.update_state(session=session, execute_callbacks=False)
            started |= {ti.task_id for ti in ready}
            for ti in ready:  # what needs no process succeeds at once, as the scheduler sees to it; the rest runs
                ti.state = "success" if ti.task_id == "enrich_ended" else "running"
            session.flush()
            before, states = states, {ti.task_id: ti.state for ti in run.get_task_instances(session=session)}
        found[name] = {"silver": sorted(each for each in started if each.startswith("silver.")), "states": states}
print(json.dumps(found))
"""
LOADED = dict.fromkeys(
    ("preflight", "plan_day", "wait_for_dump", "load_staging", "capture_snapshot", "check_sources", "seeds"), "success"
)
STATES = {
    "succeeded": LOADED | {"enrich": "success"},
    "was skipped": LOADED | {"enrich": "skipped"},
    "was killed": LOADED | {"enrich": "failed"},
    "runs": LOADED | {"enrich": "running"},
    "waits for its retry": LOADED | {"enrich": "up_for_retry"},
    "has no load": {each: state for each, state in LOADED.items() if each in ("preflight", "plan_day", "seeds")}
    | {"wait_for_dump": "success", "load_staging": "failed"},
    "has no snapshot": LOADED | {"enrich": "success", "capture_snapshot": "failed"},
    "has faulty sources": LOADED | {"enrich": "success", "check_sources": "failed"},
}


@pytest.fixture(scope="module")
def decided(airflow: AirflowHome) -> dict[str, dict]:
    options = {"AIRFLOW__GGHOUSE__BUCKET": "bucket", "AIRFLOW__GGHOUSE__QUICKSIGHT_DATASETS": "occupancy"}
    file = str(PROJECT / "dags" / "gghouse_daily.py")
    return json.loads(airflow.python("-c", DECIDES, file, json.dumps(STATES), **options).splitlines()[-1])


@pytest.mark.parametrize("how", ["succeeded", "was skipped", "was killed"])
def test_i07_silver_starts_when_enrich(decided, how):
    assert decided[how]["silver"]


@pytest.mark.parametrize("how", ["runs", "waits for its retry"])
def test_silver_waits_while_enrich(decided, how):
    assert decided[how]["silver"] == []
    assert {state for task, state in decided[how]["states"].items() if task.startswith("silver.")} == {None}


@pytest.mark.parametrize("how", ["has no load", "has no snapshot", "has faulty sources"])
def test_i22_silver_never_starts_when_enrich(decided, how):
    states = decided[how]["states"]
    assert decided[how]["silver"] == []
    assert {state for task, state in states.items() if task.startswith("silver.")} == {"upstream_failed"}
    assert states["publish_gold"] == states["all_clear"] == "upstream_failed"
