"""Fixtures shared by all tests: a real MySQL-protocol server, one for each test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.local.database import Database, free_port


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A running server of this test process's own; it is stopped and thrown away at the end."""
    server = Database(directory=tmp_path_factory.mktemp("mysql"), port=free_port(), buffer_pool_mb=64)
    server.start()
    yield server
    server.stop()
