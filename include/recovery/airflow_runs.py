"""Runs of gghouse_daily through Airflow's REST API, for the command line."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

import httpx

from include.airflow_api import AirflowRefused, HttpAirflow
from include.forms import Refused
from include.schedule import DAILY

TOKEN_VARIABLE = "AIRFLOW_TOKEN"  # noqa: S105 - the name


class AirflowRuns:
    """The runs of gghouse_daily in one Airflow.

    Args:
        url: address of its API server. The token comes from `AIRFLOW_TOKEN`; without one the server is asked for one,
            which only an Airflow without logins gives.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._airflow = HttpAirflow(url, os.environ.get(TOKEN_VARIABLE, ""), proxies=True)

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

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            return self._airflow.call(method, f"/dags/{DAILY}/dagRuns{path}", body=body, accept=(404,))
        except AirflowRefused as error:
            raise Refused(str(error)) from error
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise Refused(
                f"Airflow at {self._url} cannot be used ({error}); check --airflow and {TOKEN_VARIABLE}"
            ) from error
