from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import MySQLdb
import psutil
import pymysql
import pytest

from infra.local import database as database_module
from infra.local.database import Database, DatabaseError, find_server, free_port


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


PASSWORD = "it's a \\ #1 wörd"


@pytest.fixture
def newcomer(database):
    """A user whom the server has not seen yet: MySQL's caching_sha2_password takes the long way at the first login."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER newcomer@localhost IDENTIFIED BY %s", [PASSWORD])
        yield {"host": "127.0.0.1", "port": database.port, "user": "newcomer"}
        cursor.execute("DROP USER newcomer@localhost")


@pytest.mark.parametrize("driver", [MySQLdb, pymysql], ids=lambda driver: driver.__name__)
def test_both_drivers_log_in_with_a_password(newcomer, driver):
    password = PASSWORD.encode() if driver is pymysql else PASSWORD  # which would write text as latin1
    with contextlib.closing(driver.connect(**newcomer, password=password, charset="utf8mb4")) as connection:
        assert one(connection, "SELECT CURRENT_USER()") == "newcomer@localhost"


@pytest.mark.parametrize("program", ["mysql", "mariadb"])
def test_the_client_programs_log_in_with_a_password(newcomer, program):
    if not shutil.which(program):
        pytest.skip(f"there is no {program} program here")
    address = [f"--{name}={value}" for name, value in newcomer.items()]
    done = subprocess.run(
        [program, "--no-defaults", *address, "--batch", "--skip-column-names", "-e", "SELECT CURRENT_USER()"],
        env=os.environ | {"MYSQL_PWD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "newcomer@localhost\n", done.stderr


def test_the_server_program_can_be_named(tmp_path, monkeypatch):
    program = tmp_path / "mysqld"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("GGHOUSE_MYSQLD", str(program))
    assert find_server() == program
    monkeypatch.setenv("GGHOUSE_MYSQLD", str(tmp_path / "nothing"))
    with pytest.raises(DatabaseError, match=r"GGHOUSE_MYSQLD names .*/nothing, which is not there; `make mysql` makes"):
        find_server()


def test_data_of_the_other_flavour_are_left_alone(tmp_path, monkeypatch):
    server = Database(tmp_path, free_port())
    (tmp_path / "data" / "mysql").mkdir(parents=True)
    is_mysql = database_module._is_mysql(find_server())
    if not is_mysql:
        (tmp_path / "data" / "mysql.ibd").touch()
    with pytest.raises(DatabaseError) as error:
        server.start()
    other = "MariaDB" if is_mysql else "MySQL"
    assert str(error.value) == (
        f"{tmp_path}/data holds data of {other}, which {find_server()} cannot read; choose the server that made them "
        "in GGHOUSE_MYSQLD, or forget them with `make clean`"
    )


def test_a_process_that_took_over_the_number_is_not_the_server(tmp_path):
    server = Database(tmp_path, free_port())
    Path(tmp_path / "server.pid").write_text(str(os.getpid()))
    assert server.pid() is None
    server.stop()
    assert psutil.pid_exists(os.getpid())


def test_the_server_takes_more_options(tmp_path):
    server = Database(tmp_path, free_port(), buffer_pool_mb=16, options=("--max-connections=11",))
    server.start()
    try:
        with contextlib.closing(server.admin.connect()) as connection:
            assert one(connection, "SELECT @@max_connections") == 11
            assert one(connection, "SELECT @@innodb_autoinc_lock_mode") == 2
    finally:
        server.stop()
