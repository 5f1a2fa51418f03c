"""Read the pools of an Airflow through its REST API; a task cannot see them itself."""

from __future__ import annotations

from typing import Any

MWAA_LIMIT = 100
"""Pools asked for at once, more than any Airflow of ours has."""


def slots_on_mwaa(client: Any, environment: str) -> dict[str, int]:
    """Return the slots of each pool of an MWAA environment.

    Args:
        client: of the service `mwaa`; it may invoke the REST API in the role Viewer, or in a higher one.
        environment: name of the environment.

    Raises:
        botocore.exceptions.ClientError: Airflow or AWS refuses.
    """
    answer = client.invoke_rest_api(
        Name=environment, Method="GET", Path="/pools", QueryParameters={"limit": MWAA_LIMIT}
    )
    return _slots(answer["RestApiResponse"])


def slots_at(url: str) -> dict[str, int]:
    """Return the slots of each pool of an Airflow that asks nobody for a login, as on a laptop.

    Args:
        url: address of its API server.

    Raises:
        httpx.HTTPError: it does not answer, or wants a login.
    """
    import httpx

    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        token = client.get("/auth/token").raise_for_status().json()["access_token"]
        answer = client.get("/api/v2/pools", headers={"Authorization": f"Bearer {token}"})
        return _slots(answer.raise_for_status().json())


def _slots(answer: Any) -> dict[str, int]:
    return {pool["name"]: pool["slots"] for pool in answer["pools"]}
