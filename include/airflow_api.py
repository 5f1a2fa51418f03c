"""The client of Airflow's REST API (v2): over HTTP, or through AWS for an Airflow on MWAA."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Sequence
from typing import Any, Protocol

Query = dict[str, Any] | None

# Pools requested at once, more than any of our Airflows has.
POOLS = 100


class AirflowRefused(RuntimeError):
    """Airflow answered with an error status; the message is one sentence with the status and the reason."""


class AirflowApi(Protocol):
    """One Airflow."""

    def call(
        self, method: str, path: str, *, body: Any = None, query: Query = None, accept: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """Send one request and return the answer's JSON.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: below `/api/v2`, for example `/pools`.
            body: sent as JSON.
            query: parameters of the query.
            accept: error statuses that are answers, too.
        """


class HttpAirflow:
    """An Airflow reached over HTTP.

    Args:
        url: address of its API server.
        token: bearer token; without one the server is asked for one, which only an Airflow without logins gives.
        seconds: time limit of a request.
        proxies: use the proxies that the environment names.
    """

    def __init__(self, url: str, token: str = "", *, seconds: float = 30, proxies: bool = False) -> None:
        import httpx

        self._client = httpx.Client(base_url=url, timeout=seconds, trust_env=proxies)
        self._token = token

    def call(
        self, method: str, path: str, *, body: Any = None, query: Query = None, accept: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """Send one request, see `AirflowApi.call`.

        Raises:
            AirflowRefused: the answer is an error.
            httpx.HTTPError: the server does not answer, or gives no token.
        """
        if not self._token:
            self._token = self._client.get("/auth/token").raise_for_status().json()["access_token"]
        answer = self._client.request(
            method,
            f"/api/v2{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
        )
        if answer.is_error and answer.status_code not in accept:
            raise AirflowRefused(f"Airflow refused {method} {path} ({answer.status_code}): {answer.text[:300]}")
        content: dict[str, Any] = answer.json()
        return content

    def is_healthy(self) -> bool:
        """Whether the server answers and the scheduler is alive."""
        import httpx

        try:
            answer = self._client.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.json()["scheduler"]["status"] == "healthy"


class MwaaAirflow:
    """An Airflow on MWAA.

    Args:
        client: boto3 client of `mwaa`; to read, it may invoke the REST API in the role Viewer or a higher one.
        environment: name of the environment.
    """

    def __init__(self, client: Any, environment: str) -> None:
        self._client = client
        self._environment = environment

    def call(
        self, method: str, path: str, *, body: Any = None, query: Query = None, accept: tuple[int, ...] = ()
    ) -> dict[str, Any]:
        """Send one request, see `AirflowApi.call`; `accept` has no effect.

        Raises:
            botocore.exceptions.ClientError: Airflow or AWS refuses.
        """
        more = {name: value for name, value in (("Body", body), ("QueryParameters", query)) if value is not None}
        answer = self._client.invoke_rest_api(Name=self._environment, Method=method, Path=path, **more)
        return dict(answer["RestApiResponse"])


class MwaaCli:
    """The command line of an Airflow on MWAA, one command at a time.

    https://docs.aws.amazon.com/mwaa/latest/userguide/call-mwaa-apis-cli.html

    Args:
        client: boto3 client of `mwaa`, which may create CLI tokens.
        environment: name of the environment.
        seconds: time limit of a command.
        scheme: of the web server's address; anything but https is for tests.
    """

    def __init__(self, client: Any, environment: str, *, seconds: float = 300, scheme: str = "https") -> None:
        self._client = client
        self._environment = environment
        self._seconds = seconds
        self._scheme = scheme

    def run(self, command: Sequence[str]) -> str:
        """Run a command of `airflow` and return what it printed, warnings included.

        Each command takes a token of its own, which holds for a minute.

        Raises:
            AirflowRefused: the command failed.
            botocore.exceptions.ClientError: AWS gives no token.
            httpx.HTTPError: the web server does not answer in time.
        """
        import httpx

        login = self._client.create_cli_token(Name=self._environment)
        answer = httpx.post(
            f"{self._scheme}://{login['WebServerHostname']}/aws_mwaa/cli",
            content=shlex.join(command),
            headers={"Authorization": f"Bearer {login['CliToken']}", "Content-Type": "text/plain"},
            timeout=self._seconds,
        )
        printed = _printed(answer.text)
        if answer.is_error:
            said = next(reversed(printed.strip().splitlines()), "no reason")
            raise AirflowRefused(f"airflow {shlex.join(command)} failed ({answer.status_code}): {said[:300]}")
        return printed


def _printed(answer: str) -> str:
    """Return what a command printed; a proxy's answer is no JSON."""
    try:
        content = json.loads(answer)
        return "\n".join(base64.b64decode(content[name]).decode(errors="replace") for name in ("stdout", "stderr"))
    except (ValueError, KeyError, TypeError):
        return answer


def pool_slots(airflow: AirflowApi) -> dict[str, int]:
    """Return the slots of each pool; a task cannot see them itself."""
    return {pool["name"]: pool["slots"] for pool in airflow.call("GET", "/pools", query={"limit": POOLS})["pools"]}
