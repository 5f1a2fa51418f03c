"""Runs of gghouse_daily through Airflow's REST API, for the command line."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

import httpx

from include.recovery.forms import RecoveryRefused
from include.schedule import DAILY

TOKEN_VARIABLE = "AIRFLOW_TOKEN"  # noqa: S105 - the name


class AirflowRuns:
    """The runs of one Airflow.

    Args:
        url: address of its API server. The token comes from `AIRFLOW_TOKEN`; without one the server is asked for one,
            which only an Airflow without logins gives.
    """

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self._token = os.environ.get(TOKEN_VARIABLE, "")

    def start(self, run_id: str, conf: dict[str, str]) -> None:
        """Start a run, or clear it when it is there and did not succeed."""
        if self.state(run_id) is None:
            self._call("POST", "", {"dag_run_id": run_id, "logical_date": None, "conf": conf})
        else:
            self._call("POST", f"/{quote(run_id, safe='')}/clear", {"dry_run": False, "only_failed": False})

    def state(self, run_id: str) -> str | None:
        """Return queued, running, success or failed, None when there is no such run."""
        state = self._call("GET", f"/{quote(run_id, safe='')}").get("state")
        return str(state) if state else None

    def unfinished(self) -> int:
        """Return how many runs are queued or running."""
        return int(self._call("GET", "?state=queued&state=running")["total_entries"])

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            if not self._token:
                self._token = self._client.get("/auth/token").raise_for_status().json()["access_token"]
            answer = self._client.request(
                method,
                f"/api/v2/dags/{DAILY}/dagRuns{path}",
                json=body,
                headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
            )
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise RecoveryRefused(
                f"Airflow at {self._client.base_url} cannot be used ({error}); check --airflow and {TOKEN_VARIABLE}"
            ) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        if answer.is_error:
            raise RecoveryRefused(f"Airflow refused {method} ({answer.status_code}): {answer.text[:300]}")
        content: dict[str, Any] = answer.json()
        return content
