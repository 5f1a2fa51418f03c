"""Small files as other programs, options and versions write them: loaded, or refused with the option that helps.

The files are in `files/`; what is large or packed is made here.
"""

from __future__ import annotations

import bz2
import contextlib
import io
import lzma
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.dump.errors import DumpError
from include.dump.generation import LoadOptions
from include.dump.progress import Progress
from include.dump.restore import LoadReport, restore, scan
from include.dump.source import LocalDump
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database, free_port
from tests.include.conftest import fresh_loader, restore_login
from tests.include.dump.dumps import TARGET

FILES = Path(__file__).resolve().parent / "files"
SMALL = LoadOptions(contract=False, carry_over=False)
HEAD = b"-- MySQL dump 10.13  Distrib 8.0.39\n/*!50503 SET NAMES utf8mb4 */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
FOOTER = b"-- Dump completed on 2026-03-02  5:31:07\n"
OPTIONS = b") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n"
SILENT = Progress(lambda line: None)


def load(path: Path, loader: Endpoint, options: LoadOptions = SMALL) -> LoadReport:
    return restore([LocalDump(path)], TARGET, loader, options, SILENT, restore_login=restore_login(loader))


def outcome(path: Path, loader: Endpoint) -> LoadReport | str:
    """The report of a load, or the reason of its refusal."""
    try:
        return load(path, loader)
    except DumpError as error:
        return str(error)


def refusal(path: Path, loader: Endpoint) -> str:
    """What is said against a file that must not be loaded, without its path: one sentence with a remedy."""
    text = outcome(path, loader)
    assert isinstance(text, str), f"loaded: {text}"
    assert "; " in text, f"no remedy: {text}"
    assert "\n" not in text, text
    assert str(path) in text, f"no file: {text}"
    return text.replace(str(path), "the file")


def query(endpoint: Endpoint, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.fixture
def is_mysql(database: Database) -> bool:
    return "MariaDB" not in query(database.admin, "SELECT VERSION()")[0][0]


@contextlib.contextmanager
def server_variable(database: Database, name: str, value: int) -> Iterator[None]:
    """Set a variable of the server for connections to come."""
    ((before,),) = query(database.admin, f"SELECT @@GLOBAL.{name}")
    query(database.admin, f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        query(database.admin, f"SET GLOBAL {name} = {before}")


# --- loaded -----------------------------------------------------------------------------------------------------------

LOADED = {
    "plain": ("SELECT * FROM staging.t ORDER BY id", [(1, "x"), (2, "y")]),
    "trigger_ansi": ("SELECT COUNT(*) FROM staging.u", [(2,)]),
    "trigger_pipes": ("SELECT COUNT(*) FROM staging.u", [(2,)]),
    "histogram": ("SELECT COUNT(*) FROM staging.t", [(2,)]),
    "check_exponent": ("SELECT a FROM staging.t", [(2.5,)]),
    "enum_empty": ("SELECT id, kind + 0 FROM staging.room ORDER BY id", [(1, 1), (2, 0), (3, 2)]),
    "option_comment": ("SELECT COUNT(*) FROM staging.t", [(2,)]),
    "sequence": ("SELECT COUNT(*) FROM staging.t", [(2,)]),
}
SKIPPED = {"trigger_ansi": {"trigger": 1}, "trigger_pipes": {"trigger": 1}, "sequence": {"sequence": 1}}


@pytest.mark.parametrize("name", LOADED)
def test_a_file_that_looks_strange_is_loaded(name: str, loader: Endpoint) -> None:
    report = load(FILES / f"{name}.sql", loader)
    sql, rows = LOADED[name]
    assert query(loader, sql) == rows
    assert report.rejects == 0
    assert report.skipped == SKIPPED.get(name, {})


def test_rows_arrive_on_a_server_that_does_not_commit_by_itself(loader: Endpoint, database: Database) -> None:
    with server_variable(database, "autocommit", 0):
        report = load(FILES / "plain.sql", loader)
    assert report.rows == 2
    assert query(loader, "SELECT COUNT(*) FROM staging.t") == [(2,)]


def test_letters_that_the_servers_default_collation_takes_for_equal_cost_no_row(loader: Endpoint) -> None:
    report = outcome(FILES / "collation_of_5_7.sql", loader)
    if isinstance(report, str):
        assert "collation" in report
        assert re.search(r"\bn\b", report), f"the table is not named: {report}"
    else:
        assert (report.rows, report.rejects) == (5, 0)
        assert query(loader, "SELECT COUNT(*) FROM staging.n") == [(5,)]


def test_three_byte_utf8_over_four_byte_tables_is_remarked(loader: Endpoint) -> None:
    report = load(FILES / "three_byte_utf8.sql", loader)
    assert report.rows == 2
    assert [note for note in report.notes if "--default-character-set=utf8mb4" in note]


ONLY_MARIADB = {
    "aria": ("SELECT COUNT(*) FROM staging.t", [(2,)]),
    "generated_values": ("SELECT id, b FROM staging.g ORDER BY id", [(1, "X"), (2, "Y")]),
}


@pytest.mark.parametrize("name", ONLY_MARIADB)
def test_what_only_mariadb_takes_is_loaded_there_and_elsewhere_called_so(
    name: str, loader: Endpoint, is_mysql: bool
) -> None:
    sql, rows = ONLY_MARIADB[name]
    report = outcome(FILES / f"{name}.sql", loader)
    if isinstance(report, str):
        assert is_mysql, report
        assert "a MariaDB dump that MySQL cannot take" in report
    else:
        assert query(loader, sql) == rows


@pytest.fixture
def folding_loader(tmp_path: Path, is_mysql: bool) -> Iterator[Endpoint]:
    """A loader on a server that keeps the names of tables in small letters."""
    if is_mysql:
        pytest.skip("MySQL takes lower_case_table_names only when its data directory is made")
    server = Database(tmp_path / "folding", free_port(), 64, ("--lower-case-table-names=1",))
    server.start()
    yield fresh_loader(server)
    server.stop()


def test_mixed_case_names_are_carried_over_on_a_server_that_folds_them(folding_loader: Endpoint) -> None:
    options = LoadOptions(contract=False)
    load(FILES / "mixed_case.sql", folding_loader, options)
    report = load(FILES / "mixed_case.sql", folding_loader, options)
    assert (report.carried, report.rows) == (1, 2)


# --- refused, with the words that help --------------------------------------------------------------------------------

REFUSED = {
    "skip_tz_utc": "--skip-tz-utc",
    "table_name_with_dash": "--ignore-table",
    "memory": "--ignore-table",
    "tablespace": "innodb_file_per_table",
    "skip_quote_names": "--skip-quote-names",
    "percona": "Percona",
    "force": "--force",
    "two_databases": "mysqldump one_database",
}
NAMED = {
    "skip_tz_utc": r"\bev\b",
    "table_name_with_dash": "bk-2024",
    "memory": "MEMORY.*sess|sess.*MEMORY",
    "tablespace": r"(?i)\bt\b.*tablespace|tablespace.*\bt\b",
    "two_databases": "one.*two",
    "force": "show create table|line 12",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_loaded_is_refused_with_the_option_that_helps(name: str, loader: Endpoint) -> None:
    text = refusal(FILES / f"{name}.sql", loader)
    assert re.search(REFUSED[name], text), text
    assert re.search(NAMED.get(name, ""), text), text


def plain() -> bytes:
    return (FILES / "plain.sql").read_bytes()


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("plain.sql", data)
    return file.getvalue()


@dataclass(frozen=True)
class Made:
    """A file that is made here.

    Attributes:
        suffix: of its name.
        make: gives its bytes from those of a plain dump.
        words: regular expression that its refusal holds.
    """

    suffix: str
    make: Callable[[bytes], bytes]
    words: str


MADE = {
    "xz": Made(".sql.xz", lzma.compress, r"\bxz\b"),
    "bzip2": Made(".sql.bz2", bz2.compress, r"\bbzip2\b"),
    "zip": Made(".sql.zip", zipped, r"\bzip\b"),
    "xz under another name": Made(".sql", lzma.compress, r"\bxz\b"),
    "zip under another name": Made(".sql.gz", zipped, r"\bzip\b"),
    "PowerShell's redirection": Made(
        ".sql", lambda data: b"\xff\xfe" + crlf(data).decode().encode("utf-16-le"), "UTF-16"
    ),
    "UTF-16, big end first": Made(".sql", lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"), "UTF-16"),
    "cp932": Made(
        ".sql",
        lambda data: data.replace(b"'x'", "'表示'".encode("cp932")).replace(b"'y'", "'号室'".encode("cp932")),
        "--default-character-set=utf8mb4",
    ),
    "cp932 that ends in a backslash": Made(
        ".sql",
        lambda data: data.replace(b"'x'", "'表'".encode("cp932")).replace(b"'y'", "'号室'".encode("cp932")),
        "--default-character-set=utf8mb4",
    ),
    "latin1": Made(
        ".sql", lambda data: data.replace(b"'x'", "'Zürich'".encode("latin1")), "--default-character-set=utf8mb4"
    ),
}


def crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", MADE)
def test_a_file_in_another_wrapping_or_encoding_is_named_for_what_it_is(
    name: str, loader: Endpoint, tmp_path: Path
) -> None:
    made = MADE[name]
    path = tmp_path / f"dump{made.suffix}"
    path.write_bytes(made.make(plain()))
    text = refusal(path, loader)
    assert re.search(made.words, text), text


def test_a_row_too_wide_is_a_matter_of_the_server(loader: Endpoint) -> None:
    text = refusal(FILES / "row_size.sql", loader)
    assert "wide" in text
    assert "innodb_strict_mode" in text, text


def test_a_row_format_that_the_server_lacks_is_a_matter_of_the_server(loader: Endpoint) -> None:
    text = refusal(FILES / "row_format_fixed.sql", loader)
    assert "innodb_strict_mode" in text, text


def test_a_table_without_a_primary_key_is_a_matter_of_the_server(
    loader: Endpoint, database: Database, is_mysql: bool
) -> None:
    parameter = "sql_require_primary_key" if is_mysql else "innodb_force_primary_key"
    with server_variable(database, parameter, 1):
        text = refusal(FILES / "no_primary_key.sql", loader)
    assert " np " in text, text
    assert parameter in text, text


# --- large ones -------------------------------------------------------------------------------------------------------


def one_row_each(count: int) -> bytes:
    rows = b"".join(b"INSERT INTO `t` VALUES (%d,'%s');\n" % (number, b"x" * 160) for number in range(count))
    create = b"CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` varchar(200) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n"
    return HEAD + create + OPTIONS + rows + FOOTER


def seconds_to_scan(path: Path) -> float:
    began = time.process_time()
    (inventory,) = scan([LocalDump(path)], SILENT)
    assert inventory.rows
    return time.process_time() - began


def test_a_file_with_carriage_returns_is_scanned_about_as_fast_as_one_without(tmp_path: Path) -> None:
    body = one_row_each(8000)
    (tmp_path / "lf.sql").write_bytes(body)
    (tmp_path / "crlf.sql").write_bytes(crlf(body))
    seconds_to_scan(tmp_path / "lf.sql")  # the first one also compiles patterns
    assert seconds_to_scan(tmp_path / "crlf.sql") < 4 * seconds_to_scan(tmp_path / "lf.sql") + 0.2


def test_a_parent_that_comes_before_its_child_is_loaded(loader: Endpoint, tmp_path: Path) -> None:
    parents = b",".join(b"(%d,'c%05d','%s')" % (number, number, b"x" * 1100) for number in range(1, 1002))
    children = b",".join(b"(%d,'c%05d')" % (number, number) for number in range(1, 1002))
    path = tmp_path / "family.sql"
    path.write_bytes(
        HEAD + b"CREATE TABLE `a_parent` (\n  `id` int NOT NULL,\n  `code` varchar(20) NOT NULL,\n"
        b"  `pad` varchar(1200) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `code` (`code`)\n" + OPTIONS
        + b"INSERT INTO `a_parent` VALUES " + parents + b";\n"
        b"CREATE TABLE `b_child` (\n  `id` int NOT NULL,\n  `code` varchar(20) NOT NULL,\n  PRIMARY KEY (`id`),\n"
        b"  KEY `code` (`code`),\n  CONSTRAINT `fk` FOREIGN KEY (`code`) REFERENCES `a_parent` (`code`)\n" + OPTIONS
        + b"INSERT INTO `b_child` VALUES " + children + b";\n" + FOOTER
    )  # fmt: skip
    assert load(path, loader).rows == 2002
    ((_, definition),) = query(loader, "SHOW CREATE TABLE staging.b_child")
    assert "REFERENCES `a_parent` (`code`)" in definition


def test_a_row_of_nineteen_million_letters_is_loaded(loader: Endpoint, tmp_path: Path) -> None:
    path = tmp_path / "at.sql"
    path.write_bytes(
        HEAD + b"CREATE TABLE `at` (\n  `id` int NOT NULL,\n  `f` longblob,\n  PRIMARY KEY (`id`)\n" + OPTIONS
        + b"INSERT INTO `at` VALUES (1,0x" + b"FF" * 9_437_184 + b");\n" + FOOTER
    )  # fmt: skip
    load(path, loader)
    assert query(loader, "SELECT id, LENGTH(f) FROM staging.at") == [(1, 9_437_184)]


def test_remarks_on_widths_of_integers_are_counted_once(loader: Endpoint, tmp_path: Path) -> None:
    columns = b"".join(b"  `c%d` int(11) DEFAULT NULL,\n" % number for number in range(1, 8))
    tables = b"".join(
        b"CREATE TABLE `t%02d` (\n  `id` int(11) NOT NULL,\n" % number + columns + b"  PRIMARY KEY (`id`)\n" + OPTIONS
        + b"INSERT INTO `t%02d` VALUES (1,1,1,1,1,1,1,1);\n" % number
        for number in range(81)
    )  # fmt: skip
    path = tmp_path / "widths.sql"
    path.write_bytes(HEAD + tables + FOOTER)
    report = load(path, loader)
    assert (report.rows, len(report.tables)) == (81, 81)
    assert len(report.notes) <= 2, report.notes
