"""The few calls of Airflow's REST API (v2) that the local commands need."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from include.airflow_api import AirflowRefused, HttpAirflow
from infra.local.state import LocalError

FINISHED = ("success", "failed")


@dataclass(frozen=True)
class TaskInstance:
    """A task of a run.

    Attributes:
        task_id: id with its groups, for example `silver.int_contracts`.
        map_index: number of a mapped task, else -1.
        label: what the UI shows: the id, or what a mapped task is about.
        state: Airflow's state, or "none".
        seconds: duration of the last try, or None.
        try_number: number of the last try.
        times: start and end of the last try, or None when it did not end.
    """

    task_id: str
    map_index: int
    label: str
    state: str
    seconds: float | None
    try_number: int
    times: tuple[datetime, datetime] | None = None


class AirflowApi:
    """A client of one API server, logged in as the local administrator.

    Args:
        url: address of the server.
    """

    def __init__(self, url: str) -> None:
        self._airflow = HttpAirflow(url)
        self.is_up = self._airflow.is_healthy

    def set_pool(self, name: str, slots: int, description: str) -> None:
        """Make a pool unless it exists."""
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        self._call("POST", "/pools", body, accept=(409,))

    def has_dag(self, dag_id: str) -> bool:
        """Whether the DAG processor has read the DAG."""
        return self._call("GET", f"/dags/{dag_id}", accept=(404,)).get("dag_id") == dag_id

    def import_errors(self) -> list[str]:
        """Return what keeps DAG files from being read, as the last line of each error."""
        errors = self._call("GET", "/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in errors]

    def trigger(self, dag_id: str, conf: dict[str, str]) -> str:
        """Start a run by hand, as the UI does; return its id."""
        run = self._call("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return str(run["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return queued, running, success or failed."""
        return str(self._call("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")["state"])

    def unfinished_runs(self, dag_id: str) -> list[str]:
        """Return the ids of the runs that are queued or running."""
        runs = self._call("GET", f"/dags/{dag_id}/dagRuns?state=queued&state=running")["dag_runs"]
        return [str(run["dag_run_id"]) for run in runs]

    def states_by_event(self, dag_id: str, business_date: str) -> list[str]:
        """Return the states of the latest runs that an event of that date has started, the last one first."""
        runs = self._call("GET", f"/dags/{dag_id}/dagRuns?order_by=-run_after&limit=5")["dag_runs"]
        return [
            str(run["state"]) for run in runs if business_date in self._dates_of_events(dag_id, str(run["dag_run_id"]))
        ]

    def _dates_of_events(self, dag_id: str, run_id: str) -> set[str]:
        from include.operators.assets import DATE  # imports Airflow, which takes a second

        path = f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/upstreamAssetEvents"
        return {str((event["extra"] or {}).get(DATE)) for event in self._call("GET", path)["asset_events"]}

    def last_run(self, dag_id: str) -> str:
        """Return the id of the run that was made last.

        Raises:
            LocalError: there is none.
        """
        runs = self._call("GET", f"/dags/{dag_id}/dagRuns?order_by=-run_after&limit=1")["dag_runs"]
        if not runs:
            raise LocalError(f"{dag_id} has no run yet; `make run` makes one")
        return str(runs[0]["dag_run_id"])

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Return all task instances of a run, those that started first first."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances?limit=100"
        rows: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", f"{path}&offset={len(rows)}")
            rows += page["task_instances"]
            if not page["task_instances"] or len(rows) >= page["total_entries"]:
                break
        rows.sort(key=lambda row: row["start_date"] or "9999")
        return [
            TaskInstance(
                task_id=row["task_id"],
                map_index=row["map_index"],
                label=row["task_id"] + (f" {row['rendered_map_index'] or row['map_index']}" * (row["map_index"] >= 0)),
                state=row["state"] or "none",
                seconds=row["duration"],
                try_number=row["try_number"],
                times=_times(row["start_date"], row["end_date"]),
            )
            for row in rows
        ]

    def mark_failed(self, dag_id: str, run_id: str) -> None:
        """End a run as failed, with its tasks."""
        self._call("PATCH", f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}", {"state": "failed"})

    def _call(self, method: str, path: str, body: Any = None, accept: tuple[int, ...] = ()) -> dict[str, Any]:
        try:
            return self._airflow.call(method, path, body=body, accept=accept)
        except AirflowRefused as error:
            raise LocalError(str(error)) from error


def _times(start: str | None, end: str | None) -> tuple[datetime, datetime] | None:
    return (datetime.fromisoformat(start), datetime.fromisoformat(end)) if start and end else None


def wait_until(condition: Callable[[], bool], seconds: float, otherwise: str, pause: float = 0.3) -> None:
    """Wait until `condition` holds.

    Raises:
        LocalError: it did not within `seconds`; the message is `otherwise`.
    """
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise LocalError(otherwise)
        time.sleep(pause)
