"""Fixtures shared by all tests: a real MySQL-protocol server, one for each test process."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.database import Database, free_port
from tests.dbt.project import DbtProject
from tests.templates import THROWN_AWAY, copy_data, template
from tests.watchdog import Watchdog

# Airflow writes its files somewhere as soon as it is imported; not into the home directory of whoever runs the tests.
os.environ.setdefault("AIRFLOW_HOME", str(Path(__file__).resolve().parents[1] / ".local" / "tests" / "airflow"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")


LONGEST_FIRST = (
    "tests/e2e/test_day.py",
    "tests/include/dump/test_corpus.py",
    "tests/dbt/test_cases.py",
    "tests/dbt/test_project.py",
    "tests/oracle/test_oracle.py",
    "tests/include/dump",
    "tests/dbt",
    "tests/infra/bundle",
    "tests/infra",
    "tests/include/dbt",
    "tests/dags",
    "tests/include/recovery",
    "tests/include/operators",
)
"""Files and folders in the order in which they begin, by the processor time that they take."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on-server", action="store_true", help="leave out what is the same on every database server")


def needs_server(item: pytest.Item) -> bool:
    """Whether a test has a server of the fixtures, or is of a module that starts some itself."""
    return "make_database" in item.fixturenames or hasattr(item.getparent(pytest.Module).obj, "free_port")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest: else one worker would wait for the other at the end, which gets files whole."""
    if config.getoption("--on-server"):
        config.hook.pytest_deselected(items=[item for item in items if not needs_server(item)])
        items[:] = filter(needs_server, items)
    places: dict[str, int] = {}

    def place(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0]
        if file not in places:
            named = [number for number, name in enumerate(LONGEST_FIRST) if f"{file}/".startswith(f"{name}/")]
            places[file] = min(named, default=len(LONGEST_FIRST))
        return places[file]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Never look again for garbage in what was imported, which is most of the memory and stays."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def watchdog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave no server running when this process is killed."""
    watchdog = Watchdog(tmp_path_factory.getbasetemp())
    yield
    watchdog.close()


@pytest.fixture(scope="session")
def make_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Database]]:
    """Start a server with each call, with the options given; all of them are killed and thrown away at the end."""
    servers: list[Database] = []

    def start(directory: Path, *options: str) -> Database:
        server = Database(directory, free_port(), buffer_pool_mb=64, options=(*THROWN_AWAY, *options))
        server.start()
        return server

    def make_template(directory: Path) -> None:
        start(directory).stop()

    def make(*options: str, data: Path | None = None) -> Database:
        directory = tmp_path_factory.mktemp("mysql")
        if not options:  # some decide how the data are made
            copy_data(data or template(tmp_path_factory, "empty-server", make_template), directory)
        servers.append(start(directory, *options))
        return servers[-1]

    yield make
    for server in servers:
        if pid := server.pid():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(server.directory / "data", ignore_errors=True)


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A running server of this test process's own.

    Schemas and users have fixed names: folders whose tests make some that stay override this with a server of theirs.
    """
    return make_database()


@pytest.fixture(scope="session")
def make_dbt_server(
    make_database: Callable[..., Database], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Database]:
    """Start a server with each call that has the schemas of the dbt project, its seeds, and every relation, empty."""

    def make_template(directory: Path) -> None:
        server = make_database()
        DbtProject(server, tmp_path_factory.mktemp("dbt")).close()
        server.stop()
        directory.mkdir()
        (server.directory / "data").rename(directory / "data")

    return lambda: make_database(data=template(tmp_path_factory, "dbt-server", make_template))
