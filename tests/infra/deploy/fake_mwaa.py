"""MWAA at the edge of boto3, because moto has none: one environment, its update, and Airflow's REST API behind it.

It knows nothing of the deploy, and takes only what boto3's own model of MWAA takes. A DAG file with the word `broken`
in it is an import error. Time passes only by `sleep`, and every DAG is parsed each time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

UPDATE_SECONDS = 20 * 60


class FakeMwaa:
    """Stands in for `boto3.client("mwaa")`, and for the clock.

    Attributes:
        read_dags: returns the DAG files that lie in the bucket, by DAG.
        environment: what MWAA describes; None before Terraform has made it.
        updates: the arguments of every UpdateEnvironment.
        fails_with: the error of the next updates, or None.
        airflow_version: what Airflow says it is.
        pools: slots by pool; a new Airflow has only its default.
        parses: False once the DAG processor is stuck.
        silent_for: how many of the next requests Airflow's web server does not answer.
        on_update: called at each UpdateEnvironment.
    """

    def __init__(self, read_dags: Callable[[], dict[str, bytes]]) -> None:
        self.read_dags = read_dags
        self.environment: dict[str, Any] | None = {
            "Status": "AVAILABLE",
            "AirflowVersion": "3.3.1",
            "DagS3Path": "dags",
        }
        self.updates: list[dict[str, str]] = []
        self.fails_with: str | None = None
        self.airflow_version = "3.3.1"
        self.pools = {"default_pool": 128}
        self.parses = True
        self.silent_for = 0
        self.on_update: Callable[[], Any] = lambda: None
        self.clock = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._pending: tuple[datetime, dict[str, str]] | None = None
        self._parsed_at = self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)
        if self.parses:
            self._parsed_at = self.clock
        if self._pending and self._pending[0] <= self.clock:
            assert self.environment
            self.environment["Status"] = "UPDATE_FAILED" if self.fails_with else "AVAILABLE"
            if self.fails_with:
                error = {"ErrorCode": "INCORRECT_CONFIGURATION", "ErrorMessage": self.fails_with}
                self.environment["LastUpdate"] = {"Status": "FAILED", "Error": error}
            else:
                self.environment |= self._pending[1]
            self._pending = None

    def now(self, zone: tzinfo) -> datetime:
        return self.clock.astimezone(zone)

    def get_environment(self, *, Name: str) -> dict[str, Any]:
        check("GetEnvironment", Name=Name)
        if self.environment is None:
            raise client_error("ResourceNotFoundException", "GetEnvironment")
        return {"Environment": {"Name": Name, **self.environment}}

    def update_environment(self, *, Name: str, **wanted: str) -> None:
        check("UpdateEnvironment", Name=Name, **wanted)
        assert self.environment
        self.updates.append(wanted)
        self.on_update()
        self.environment["Status"] = "UPDATING"
        self._pending = (self.clock + timedelta(seconds=UPDATE_SECONDS), wanted)

    def invoke_rest_api(self, *, Name: str, Path: str, Method: str, **more: Any) -> dict[str, Any]:
        check("InvokeRestApi", Name=Name, Path=Path, Method=Method, **more)
        if self.silent_for:
            self.silent_for -= 1
            raise client_error("RestApiServerException", "InvokeRestApi", RestApiStatusCode=503)
        if Method != "GET":
            assert (Method, Path) == ("POST", "/pools"), "nothing else is changed in Airflow"
            self.pools[more["Body"]["name"]] = more["Body"]["slots"]
        return {"RestApiStatusCode": 200, "RestApiResponse": self._airflow(Path)}

    def _airflow(self, path: str) -> dict[str, Any]:
        if path == "/version":
            return {"version": self.airflow_version, "git_version": None}
        if path == "/pools":
            return {"pools": [{"name": name, "slots": slots} for name, slots in self.pools.items()]}
        dags = self.read_dags()
        broken = [name for name, content in dags.items() if b"broken" in content]
        if path == "/importErrors":
            trace = "Traceback (most recent call last):\n  …\nModuleNotFoundError: No module named 'nowhere'\n"
            return {"import_errors": [{"filename": f"{name}.py", "stack_trace": trace} for name in broken]}
        parsed = self._parsed_at.isoformat().replace("+00:00", "Z")
        return {"dags": [{"dag_id": each, "last_parsed_time": parsed} for each in dags if each not in broken]}


def check(operation: str, **arguments: Any) -> None:
    """Refuse what boto3's own model of MWAA would refuse."""
    report = ParamValidator().validate(arguments, service_model().operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@cache
def service_model() -> Any:
    return botocore.session.get_session().get_service_model("mwaa")


def client_error(code: str, operation: str, **members: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "told by the fake"}, **members}, operation)
