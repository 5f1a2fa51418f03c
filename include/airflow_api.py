"""The client of Airflow's REST API (v2): over HTTP, or through AWS for an Airflow on MWAA."""

from __future__ import annotations

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


def pool_slots(airflow: AirflowApi) -> dict[str, int]:
    """Return the slots of each pool; a task cannot see them itself."""
    return {pool["name"]: pool["slots"] for pool in airflow.call("GET", "/pools", query={"limit": POOLS})["pools"]}
