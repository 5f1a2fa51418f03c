"""What the DAGs of all recoveries share: options, a trigger form, a task that plans and a task that executes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Param

from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.form import params
from include.operators.policy import OWNER
from include.operators.recovery import ExecuteRecoveryOperator, PlanRecoveryOperator
from include.recovery.forms import FORMS, PLANNING
from include.schedule import FIRST_DATE, RUN_LIMIT

# DAG options of all recoveries.
RECOVERY: dict[str, Any] = {
    "schedule": None,
    "start_date": pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    "catchup": False,
    "max_active_runs": 1,
    "max_active_tasks": 1,
    "dagrun_timeout": RUN_LIMIT,
    "on_failure_callback": run_failed,
    "on_success_callback": run_succeeded,
    "default_args": {
        "owner": OWNER,
        "on_failure_callback": task_failed,
        "execution_timeout": timedelta(minutes=10),
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
    },
}


def form(name: str) -> dict[str, Param]:
    """Return the trigger form of a recovery; unless `dry_run` is switched off, the run only shows the plan."""
    return params(FORMS[name]) | {
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description_md="On (default): show the plan and **change nothing**. Off: carry out the plan, "
            "for example after a dry run showed the right one.",
        )
    }


def plan_and_execute(name: str, **arguments: Any) -> None:
    """Add the two tasks of a recovery to the current DAG.

    Args:
        name: the recovery.
        arguments: operator arguments of both tasks, for example a pool.
    """
    PlanRecoveryOperator(task_id=PLANNING, recovery=name, **arguments) >> ExecuteRecoveryOperator(
        task_id="execute", recovery=name, **arguments
    )
