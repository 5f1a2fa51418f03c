"""Tasks as Airflow's worker runs them, with a supervisor that only listens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock, patch
from uuid import uuid4

import pendulum
import structlog
from airflow.sdk import DAG, TaskInstanceState
from airflow.sdk.api.datamodels._generated import DagRun, TIRunContext
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import InactiveAssetsResult

DUE = datetime(2026, 3, 1, 22, tzinfo=UTC)


def a_dag() -> DAG:
    """Return a DAG for one task."""
    return DAG("d", start_date=pendulum.datetime(2026, 3, 1, tz="Asia/Tokyo"), schedule=None)


def run_as_worker(task: Any) -> tuple[TaskInstanceState, Any]:
    """Run a task of a DAG, listeners included; return its state and what the worker reports to Airflow at the end."""
    supervisor = Mock(send=lambda msg: InactiveAssetsResult(inactive_assets=[]))
    log = structlog.get_logger("worker")
    run = DagRun.model_construct(
        dag_id=task.dag_id,
        run_id="r",
        logical_date=DUE,
        run_after=DUE,
        start_date=DUE,
        data_interval_start=DUE,
        data_interval_end=DUE,
        run_type="manual",
        state="running",
        clear_number=0,
        consumed_asset_events=[],
        conf=None,
        partition_key=None,
    )
    ti = task_runner.RuntimeTaskInstance.model_construct(
        id=uuid4(),
        task=task,
        dag_id=task.dag_id,
        task_id=task.task_id,
        run_id="r",
        try_number=1,
        map_index=-1,
        start_date=DUE,
        max_tries=0,
        bundle_instance=Mock(),
        log_url="http://ui",
        _ti_context_from_server=TIRunContext.model_construct(dag_run=run, max_tries=0, variables=[]),
    )
    with patch.object(task_runner, "SUPERVISOR_COMMS", supervisor, create=True):
        context = ti.get_template_context()
        state, message, error = task_runner.run(ti, context, log)
        task_runner.finalize(ti, state, context, log, error)
    return state, message
