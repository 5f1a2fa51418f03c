"""Every login verifies the certificate and the name of the server, dbt and the client program too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import MySQLdb
import pytest

from include.dump.transport import TransportFailed
from include.preflight import checks
from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database
from tests.authority import Authority, served
from tests.dbt.project import DBT_PYTHON
from tests.include.dump.small import load_small

DUMP = "CREATE TABLE `t` (`id` int NOT NULL) ENGINE=InnoDB;\nINSERT INTO `t` VALUES (1);"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ours").make()


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "foreign").make()


@pytest.fixture(scope="module")
def server(make_database: Callable[[], Database], ours: Authority) -> Database:
    """A server whose certificate holds its address."""
    return served(make_database, ours.sign("localhost", "IP:127.0.0.1,DNS:localhost"))


@pytest.fixture(scope="module")
def renamed(make_database: Callable[[], Database], ours: Authority) -> Database:
    """A server with the certificate of another."""
    return served(make_database, ours.sign("elsewhere", "DNS:elsewhere.example"))


def by_driver(login: Endpoint, _folder: Path) -> None:
    login.connect().close()


def by_load(login: Endpoint, folder: Path) -> None:
    load_small(login, folder, DUMP)


def by_program(login: Endpoint, folder: Path) -> None:
    load_small(login, folder, DUMP, transport="program")


def by_dbt(login: Endpoint, folder: Path) -> None:
    place = PROJECT_DIR / "dbt"
    done = subprocess.run(
        [DBT_PYTHON.with_name("gghouse-dbt"), "debug", "--connection"],
        env=os.environ
        | {"DBT_PROJECT_DIR": str(place), "DBT_PROFILES_DIR": str(place)}
        | {"DBT_HOST": login.host, "DBT_PORT": str(login.port), "DBT_USER": login.user}
        | {"DBT_SSL_CA": login.ssl_ca or "", "DBT_TARGET_PATH": str(folder), "DBT_LOG_PATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConnectionRefusedError(done.stdout + done.stderr)


WAYS = (by_driver, by_load, by_program, by_dbt)
REFUSED = (MySQLdb.Error, TransportFailed, ConnectionRefusedError)


@pytest.mark.parametrize("way", WAYS)
def test_the_right_server_is_let_speak(
    server: Database, ours: Authority, tmp_path: Path, way: Callable[[Endpoint, Path], None]
) -> None:
    way(replace(server.admin, ssl_ca=str(ours.certificate)), tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_of_another_authority_is_not(
    server: Database, foreign: Authority, tmp_path: Path, way: Callable[[Endpoint, Path], None]
) -> None:
    with pytest.raises(REFUSED):
        way(replace(server.admin, ssl_ca=str(foreign.certificate)), tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_nor_one_of_another_name(
    renamed: Database, ours: Authority, tmp_path: Path, way: Callable[[Endpoint, Path], None]
) -> None:
    with pytest.raises(REFUSED):
        way(replace(renamed.admin, ssl_ca=str(ours.certificate)), tmp_path)


def test_the_preflight_says_so(server: Database, ours: Authority, foreign: Authority) -> None:
    login = replace(server.admin, ssl_ca=str(ours.certificate))
    assert "TLS_" in checks.database(lambda: login)
    with pytest.raises(checks.CheckFailed, match="does not match ssl_ca: the server could not agree on TLS"):
        checks.database(lambda: replace(login, ssl_ca=str(foreign.certificate)))
