from __future__ import annotations

import contextlib

import pytest

from infra.local import stack, warehouse
from infra.local.__main__ import main
from infra.local.database import free_port
from infra.local.state import State
from tests.include.conftest import fresh_loader
from tests.include.dump.dumps import classic, day


@pytest.fixture
def dump(tmp_path):
    path = tmp_path / "dump.sql"
    path.write_bytes(classic(day(movings=5)))
    return str(path)


@pytest.fixture
def local(tmp_path, monkeypatch):
    """A platform that was never started."""
    monkeypatch.setenv("GGHOUSE_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("GGHOUSE_MYSQL_PORT", str(free_port()))
    monkeypatch.delenv("GGHOUSE_MYSQL_URL", raising=False)
    state = State.from_environment()
    yield state
    warehouse.stop(state)


def movings(endpoint, schema="scratch"):
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {schema}.movings")
        return cursor.fetchone()[0]


def test_load_starts_the_platforms_database_and_nothing_else(local, dump, capsys):
    assert main(["load", dump, "--date", "2026-03-02"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Starting the local platform's database; `make down` stops it\nLoad 1: scratch of ")
    running = {name for name, pid in stack.status(local).items() if pid}
    assert running == {"mysql"}
    assert movings(warehouse.admin(local)) == 5
    assert main(["load", dump, "--date", "2026-03-02"]) == 0
    assert "Starting" not in capsys.readouterr().out
    assert main(["down"]) == 0
    assert not warehouse.private_server(local).pid()


def test_a_server_that_the_user_names_is_used_and_gets_no_logins(local, dump, database, monkeypatch):
    fresh_loader(database)
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS scratch")
        cursor.execute("SELECT COUNT(*) FROM mysql.user")
        (users,) = cursor.fetchone()
        monkeypatch.setenv("GGHOUSE_MYSQL_URL", f"mysql://root@127.0.0.1:{database.port}")
        assert main(["load", dump, "--date", "2026-03-02"]) == 0
        cursor.execute("SELECT COUNT(*) FROM mysql.user")
        assert cursor.fetchone() == (users,)
    assert movings(database.admin) == 5
    assert not warehouse.private_server(local).pid()


def test_nothing_is_started_for_a_dump_that_is_not_there(local, capsys):
    assert main(["load", "nothing.sql", "--date", "2026-03-02"]) == 1
    assert capsys.readouterr().err == "load: nothing.sql cannot be read (No such file or directory); name a dump file\n"
    assert not warehouse.private_server(local).pid()


def test_the_status_page_is_written_before_anything_else_ran(local, capsys):
    assert main(["page", "--at", "2026-03-02T08:10"]) == 0
    page = (local.directory / "status.html").read_text()
    assert "made 2026-03-02 08:10 JST" in page
    assert "The first run of gghouse_daily creates the tables." in page
    assert str(local.directory / "status.html") in capsys.readouterr().out
