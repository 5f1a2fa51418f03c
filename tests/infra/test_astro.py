"""What of the Astro files can be checked without Docker: they parse, and they agree with the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from include.operators.base import DBT, LOADER, RESTORE
from include.settings import PREFIX, PROJECT_DIR, Settings
from infra.database import USERS, grants
from infra.local.airflow_home import portfolio_rooms
from infra.local.state import State
from infra.pools import Pool, wanted_pools


def read(name: str) -> Any:
    return yaml.safe_load((PROJECT_DIR / name).read_text())


def test_pools_and_connections_are_those_that_the_dags_use() -> None:
    airflow = read("airflow_settings.yaml")["airflow"]
    pools = [Pool(each["pool_name"], each["pool_slot"], each["pool_description"]) for each in airflow["pools"]]
    assert pools == wanted_pools()
    assert {each["conn_id"] for each in airflow["connections"]} == {LOADER, RESTORE, DBT}


def test_the_logins_may_do_what_those_of_aurora_may() -> None:
    lines = (PROJECT_DIR / ".astro" / "mysql.sql").read_text().splitlines()
    assert [line for line in lines if line.startswith("GRANT ")] == grants()
    assert [line.split("'")[1] for line in lines if line.startswith("CREATE USER")] == list(USERS)


@pytest.mark.parametrize("component", ["scheduler", "dag-processor", "api-server", "triggerer"])
def test_every_airflow_container_gets_settings_that_can_be_read(component: str) -> None:
    variables = read("docker-compose.override.yml")["services"][component]["environment"]
    ours = {name: value for name, value in variables.items() if name.startswith(PREFIX)}
    settings = Settings.from_environment(ours)
    assert settings.bucket == "gghouse-local"
    assert {name.removeprefix(PREFIX).lower() for name in ours} <= set(Settings.__dataclass_fields__)
    assert settings.portfolio_rooms == portfolio_rooms(State(Path("never made"), {}))


def test_the_image_is_pinned_to_python_312() -> None:
    first = next(line for line in Path(PROJECT_DIR / "Dockerfile").read_text().splitlines() if line.startswith("FROM"))
    assert first == "FROM astrocrpublic.azurecr.io/runtime:3.3-2-python-3.12"


def test_containers_listen_on_loopback_only() -> None:
    for name, service in read("docker-compose.override.yml")["services"].items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} would be open to the network"
