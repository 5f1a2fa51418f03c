"""The business date of a DAG run, for operators, templates, forms and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import Param

from include.operators.assets import DATE
from include.schedule import FIRST_DATE, date_of_run


def run_date(dag_run: Any, params: Mapping[str, Any]) -> date:
    """Return the business date of a run.

    That is the trigger form's `target_date`, else the newest date of the assets that started it, else the day on which
    the run was due.

    Args:
        dag_run: Airflow's run; without a logical date, which manual runs may lack, `run_after` counts.
        params: the run's parameters.

    Raises:
        BusinessDateError: the requested date cannot be run.
    """
    if dates := event_dates(dag_run):
        return dates[-1]
    return date_of_run(params.get("target_date"), dag_run.logical_date, dag_run.run_after, datetime.now(UTC))


def event_dates(dag_run: Any) -> list[date]:
    """Return the business dates of the asset events that started a run, the oldest first; a form starts without any."""
    extras = [event.extra for event in getattr(dag_run, "consumed_asset_events", None) or ()]
    return sorted({date.fromisoformat(extra[DATE]) for extra in extras if extra and DATE in extra})


def date_param(verb: str, default: str) -> Param:
    """Return the field of a trigger form that asks for a business date.

    Args:
        verb: what the run does with the date, for example `run`.
        default: which day it is about when the field stays empty.
    """
    return Param(
        default=None,
        type=["null", "string"],
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        title="Business date",
        description_md=(
            f"The Tokyo day to {verb}, as **YYYY-MM-DD**, for example 2026-03-02. Empty: {default}. "
            f"Any day from {FIRST_DATE}, the first dump, up to today in Tokyo."
        ),
    )
