from __future__ import annotations

import contextlib

import psutil

from include.local.database import Database, free_port


def one(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


def test_data_survive_a_stop_and_nothing_is_left_running(tmp_path):
    server = Database(tmp_path / "mysql", free_port(), buffer_pool_mb=16)
    server.start()
    try:
        server.start()  # harmless
        with contextlib.closing(server.admin.connect()) as connection:
            assert one(connection, "SELECT @@global.time_zone") == "+00:00"
            with connection.cursor() as cursor:
                cursor.execute("CREATE DATABASE kept")
        pid = server.pid()
        server.stop()
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        assert server.pid() is None
        server.start()
        with contextlib.closing(server.admin.connect("kept")) as connection:
            assert one(connection, "SELECT DATABASE()") == "kept"
    finally:
        server.stop()
    server.stop()
