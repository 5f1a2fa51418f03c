"""The business date of a DAG run, for operators, templates and alerts alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from include.business_date import business_date, resolve_target_date


def run_date(dag_run: Any, params: Mapping[str, Any]) -> date:
    """Return the JST day that a run is about: the trigger form's `target_date`, else the day the run was due.

    Args:
        dag_run: Airflow's run; manual runs may have no logical date and then count by the time they were due.
        params: the run's parameters.

    Raises:
        BusinessDateError: the requested date cannot be run.
    """
    return resolve_target_date(
        params.get("target_date"), dag_run.logical_date or dag_run.run_after, business_date(datetime.now(UTC))
    )
