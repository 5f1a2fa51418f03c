"""What the DAGs of all recoveries share: a trigger form, a task that plans and a task that executes."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

from include.operators.form import params
from include.operators.recovery import ExecuteRecoveryOperator, PlanRecoveryOperator
from include.recovery.forms import FORMS, PLANNING


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
