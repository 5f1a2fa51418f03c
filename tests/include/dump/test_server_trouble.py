"""The trouble of a server is not that of the dump: what it lacks is named, and whether another try may help."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.dump.errors import AuditFailed, DumpError, StatementRefused
from include.dump.generation import count_rows
from include.dump.sending import TRANSPORTS
from include.dump.transport import TransportFailed
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database
from tests.include.dump.small import load_small, rows

KEYED = (
    "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(60) DEFAULT NULL, PRIMARY KEY (`id`), KEY `a` (`a`)) "
    "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
)
WIDE = ", ".join(f"`c{number}` char(60) CHARACTER SET latin1 DEFAULT NULL" for number in range(140))


@pytest.fixture
def is_mysql(database: Database) -> bool:
    return "MariaDB" not in str(rows(database.admin, "SELECT VERSION()"))


@contextlib.contextmanager
def setting(database: Database, name: str, value: str) -> Iterator[None]:
    ((before,),) = rows(database.admin, f"SELECT @@GLOBAL.{name}")
    rows(database.admin, f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        rows(database.admin, f"SET GLOBAL {name} = {before!r}")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("definition", "remedy"),
    [
        (f"CREATE TABLE `wide` (`id` int NOT NULL, {WIDE}) ENGINE=InnoDB;", "set innodb_strict_mode=OFF"),
        ("CREATE TABLE `t` (`id` int NOT NULL) ENGINE=InnoDB ROW_FORMAT=FIXED;", "set innodb_strict_mode=OFF"),
    ],
)
def test_a_table_that_the_server_as_set_cannot_have_names_the_parameter(
    database: Database, tmp_path: Path, transport: str, definition: str, remedy: str
) -> None:
    with pytest.raises(StatementRefused, match=remedy) as caught:
        load_small(database.admin, tmp_path, definition, transport=transport)
    assert "taken again" not in str(caught.value)
    with setting(database, "innodb_strict_mode", "0"):
        load_small(database.admin, tmp_path, definition, transport=transport)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_primary_key_that_the_server_demands_is_the_servers_wish(
    database: Database, is_mysql: bool, tmp_path: Path, transport: str
) -> None:
    variable = "sql_require_primary_key" if is_mysql else "innodb_force_primary_key"
    with (
        setting(database, variable, "1"),
        pytest.raises(StatementRefused, match=f"without a primary key; .*{variable}=OFF"),
    ):
        load_small(database.admin, tmp_path, "CREATE TABLE `t` (`id` int) ENGINE=InnoDB;", transport=transport)


@pytest.mark.parametrize("definition", ["`a` inet6 DEFAULT NULL", "`a` varchar(9) COLLATE utf8mb4_uca1400_ai_ci"])
def test_what_only_mariadb_has_is_called_so_on_mysql(
    database: Database, is_mysql: bool, tmp_path: Path, definition: str
) -> None:
    if not is_mysql:
        pytest.skip("MariaDB has it")
    with pytest.raises(DumpError, match="a MariaDB dump that MySQL cannot take"):
        load_small(database.admin, tmp_path, f"CREATE TABLE `t` (`id` int NOT NULL, {definition}) ENGINE=InnoDB;")


def test_a_login_that_is_out_of_connections_is_tried_again(database: Database, tmp_path: Path) -> None:
    rows(database.admin, "DROP USER IF EXISTS few@localhost")
    rows(database.admin, "CREATE USER few@localhost WITH MAX_USER_CONNECTIONS 2")
    try:
        rows(database.admin, "GRANT ALL ON *.* TO few@localhost")
        with pytest.raises(TransportFailed, match="has no connection or thread left for this login"):
            load_small(replace(database.admin, user="few"), tmp_path, KEYED + "INSERT INTO `t` VALUES (1,'a');")
    finally:
        rows(database.admin, "DROP USER few@localhost")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_no_room_for_building_keys_is_the_servers_trouble(
    make_database: Callable[[], Database], small_disk: Path, tmp_path: Path
) -> None:
    server = make_database()
    server.stop()
    server = replace(server, options=(f"--innodb-tmpdir={small_disk}",))
    server.start()
    try:
        values = [f"({number},'{number:x}{'a' * 50}')" for number in range(300_000)]
        inserts = [f"INSERT INTO `t` VALUES {','.join(values[at : at + 5000])};" for at in range(0, 300_000, 5000)]
        with pytest.raises(TransportFailed) as caught:
            load_small(server.admin, tmp_path, KEYED + "\n".join(inserts))
    finally:
        server.stop()
    assert "no disk or temporary space left" in str(caught.value)
    assert "at the keys of t " in str(caught.value)


@pytest.fixture
def plain_login(database: Database) -> Iterator[Endpoint]:
    """A login for which the server runs `init_connect`, as it does not for its administrator."""
    rows(database.admin, "DROP USER IF EXISTS plain@localhost")
    rows(database.admin, "CREATE USER plain@localhost")
    for schema in ("scratch%", "ops", "history"):
        rows(database.admin, f"GRANT ALL ON `{schema}`.* TO plain@localhost")
    yield replace(database.admin, user="plain")
    rows(database.admin, "DROP USER plain@localhost")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("name", "value"), [("autocommit", "0"), ("init_connect", "'SET autocommit=0'")])
def test_rows_are_there_whatever_the_server_wants_new_sessions_to_be(
    database: Database, plain_login: Endpoint, tmp_path: Path, transport: str, name: str, value: str
) -> None:
    with setting(database, name, value):
        load_small(plain_login, tmp_path, KEYED + "INSERT INTO `t` VALUES (1,'x'),(2,'y');", transport=transport)
    assert rows(plain_login, "SELECT * FROM scratch.t") == [(1, "x"), (2, "y")]


def test_the_same_remark_about_many_columns_is_one_note(database: Database, is_mysql: bool, tmp_path: Path) -> None:
    columns = ", ".join(f"`c{number}` int(11) DEFAULT NULL" for number in range(12))
    tables = "\n".join(f"CREATE TABLE `t{number}` (`id` int(11) NOT NULL, {columns});" for number in range(90))
    report = load_small(database.admin, tmp_path, tables)
    remarks = [note for note in report.notes if "1681" in note]
    assert len(remarks) == (1 if is_mysql else 0)
    assert all("(1,170 times in 90 tables)" in remark for remark in remarks)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_value_that_does_not_fit_stays_out_of_the_error_and_the_ledger(
    database: Database, tmp_path: Path, transport: str
) -> None:
    body = (
        "CREATE TABLE `t` (`id` int NOT NULL, `n` int DEFAULT NULL);\nINSERT INTO `t` VALUES (1,'山田太郎 090-1234');"
    )
    with pytest.raises(StatementRefused, match=r"line 3: the server did not take a row of t as it is") as caught:
        load_small(database.admin, tmp_path, body, transport=transport)
    ((reason,),) = rows(database.admin, "SELECT reason FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1")
    for text in (str(caught.value), reason):
        assert "column" in text
        assert "山田" not in text
        assert "090" not in text


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_rejected_row_keeps_its_value_in_the_row_only(database: Database, tmp_path: Path, transport: str) -> None:
    body = "CREATE TABLE `t` (`a` varchar(9) NOT NULL, PRIMARY KEY (`a`));\nINSERT INTO `t` VALUES ('山田'),('山田');"
    load_small(database.admin, tmp_path, body, transport=transport)
    ((reason, row),) = rows(
        database.admin, "SELECT reason, row_data FROM ops.rejected_rows ORDER BY load_id DESC LIMIT 1"
    )
    assert reason.startswith("Duplicate entry '…' for key '")
    assert row == "('山田')".encode()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_list_of_columns_that_is_not_utf8_is_refused_with_its_line(
    database: Database, tmp_path: Path, transport: str
) -> None:
    body = b"CREATE TABLE `t` (`id` int NOT NULL);\nINSERT INTO `t` (`\xff\xfe`) VALUES (1);"
    with pytest.raises(DumpError, match=r"line 3"):
        load_small(database.admin, tmp_path, body, transport=transport)


def test_a_table_that_can_be_made_but_not_read_is_a_fault_of_the_dump(database: Database) -> None:
    for statement in (
        "DROP DATABASE IF EXISTS unreadable",
        "CREATE DATABASE unreadable",
        "CREATE TABLE unreadable.u (a int) ENGINE=MyISAM",
        "CREATE TABLE unreadable.m (a int) ENGINE=MERGE UNION=(unreadable.u)",
        "DROP TABLE unreadable.u",
    ):
        rows(database.admin, statement)
    with pytest.raises(AuditFailed, match=r"m was loaded but cannot be read \(error 1(168|146)"):
        count_rows(database.admin, {"m": "unreadable"}, {"m"})
