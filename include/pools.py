"""The pools that an Airflow is to have, and those it has, as its REST API tells them; a task cannot see them itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from include.settings import PROJECT_DIR

SETTINGS_FILE = PROJECT_DIR / "airflow_settings.yaml"
"""Where Astro reads the pools from, too; it is not on MWAA."""

MWAA_LIMIT = 100
"""Pools asked for at once, more than any Airflow of ours has."""


@dataclass(frozen=True)
class Pool:
    """A pool as it is to be."""

    name: str
    slots: int
    description: str


def wanted_pools() -> list[Pool]:
    """Return the pools that the DAGs are written for."""
    pools = yaml.safe_load(SETTINGS_FILE.read_text())["airflow"]["pools"]
    return [Pool(pool["pool_name"], pool["pool_slot"], pool["pool_description"]) for pool in pools]


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
