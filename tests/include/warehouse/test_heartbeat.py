"""The right to load lasts as long as its holder lives and not much longer, whatever lies between him and the server."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

import MySQLdb
import pytest

from include.warehouse import heartbeat, silence
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.schema import SchemaSet
from infra.local.database import Database
from tests.include.warehouse.silent_proxy import SilentProxy

SCHEMAS = SchemaSet("scratch")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.3)
    monkeypatch.setattr(heartbeat, "HELD_SECONDS", 2)
    monkeypatch.setattr(silence, "QUIET_SECONDS", 1.0)
    monkeypatch.setattr(silence, "POLL_SECONDS", 0.2)
    monkeypatch.setattr("include.warehouse.endpoint.ANSWER_SECONDS", 1)


def test_a_holder_who_rests_keeps_it(database: Database) -> None:
    with contextlib.closing(database.admin.connect()) as connection, exclusive(connection, SCHEMAS):
        time.sleep(4)
        with (
            contextlib.closing(database.admin.connect()) as other,
            pytest.raises(LoadBusy),
            exclusive(other, SCHEMAS),
        ):
            pass


def test_a_holder_who_cannot_be_heard_any_more_loses_it_soon(database: Database) -> None:
    silent = SilentProxy(database.port)  # the server never learns that the connection is given up
    try:
        login = replace(database.admin, port=silent.port)
        with (
            contextlib.suppress(MySQLdb.Error),
            contextlib.closing(login.connect()) as connection,
            exclusive(connection, SCHEMAS),
        ):
            silent.fall_silent()
            began = time.monotonic()
            with pytest.raises(MySQLdb.OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        time.sleep(max(0.0, 4 - (time.monotonic() - began)))
        with contextlib.closing(database.admin.connect()) as other, exclusive(other, SCHEMAS):
            pass
    finally:
        silent.close()


def test_statements_and_beats_do_not_meet(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.0005)
    with contextlib.closing(database.admin.connect()) as connection, heartbeat.heartbeat(connection):
        with connection.cursor() as cursor:
            for number in range(3000):
                cursor.execute("SELECT %s", (number,))
                assert cursor.fetchall() == ((number,),)
                if number % 500 == 0:
                    with pytest.raises(MySQLdb.Error):
                        cursor.execute("SELECT nosuch")
        assert connection._in_use.acquire(blocking=False)
        connection._in_use.release()
        beats = [thread for thread in threading.enumerate() if thread.name == "heartbeat"]
        assert len(beats) == 1
