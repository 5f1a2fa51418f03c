"""The commands for people: load and scan on the command line."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.__main__ import main
from include.dump.sending import Route
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import table_names
from infra.local.database import Database, free_port
from tests.include.conftest import BUCKET, PASSWORD, fresh_loader
from tests.include.dump.dumps import TARGET, TRIGGER, Table, classic, compact, day, pick
from tests.include.dump.platform import manifest_fields

DAY = ["--date", "2026-03-02"]
# Far too little for the audit of the vendor's dump.
FEW = day(movings=5, tenants=3)


class Shell:
    """Types commands for one server, and remembers what they print."""

    def __init__(self, server: Endpoint, directory: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.server = server
        self._directory = directory
        self._capture = capture
        self.out = self.err = ""

    def file(self, body: bytes, name: str = "dump.sql") -> str:
        path = self._directory / name
        path.write_bytes(body)
        return str(path)

    def run(self, *words: str) -> int:
        try:
            return main(list(words))
        finally:
            self.out, self.err = self._capture.readouterr()

    def load(self, *words: str, user: str = "root") -> int:
        return self.run("load", *words, *self._address(user))

    def _address(self, user: str) -> list[str]:
        return ["--host", self.server.host, "--port", str(self.server.port), "--user", user]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def tables(self, schema: str) -> list[str]:
        with contextlib.closing(self.server.connect()) as connection:
            return table_names(connection, schema)

    def schemas(self) -> set[str]:
        return {name for (name,) in self.query("SHOW DATABASES")}


@pytest.fixture
def shell(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """A server on which nothing was ever loaded."""
    monkeypatch.setenv("MYSQL_PWD", "")
    fresh_loader(database)
    shell = Shell(database.admin, tmp_path, capsys)
    for name in ("scratch", "scratch_next", "scratch_prev"):
        shell.query(f"DROP DATABASE IF EXISTS {name}")
    return shell


def duplicates() -> list[Table]:
    """A table whose third row has the key of the first."""
    return [Table("ry", ["id int NOT NULL", "name varchar(9) DEFAULT NULL"], [(1, "a"), (2, "b"), (1, "c")])]


# --- load ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_goes_to_scratch_and_staging_is_left_alone(shell: Shell, pack: Callable[[bytes], bytes]) -> None:
    assert shell.load(shell.file(pack(classic(FEW))), *DAY) == 0
    assert shell.query("SELECT COUNT(*) FROM scratch.movings") == [(5,)]
    assert not shell.schemas() & {"staging", "staging_next"}


def test_what_the_dump_says_can_go_through_a_second_login(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--restore-user", "restore", *DAY]
    monkeypatch.setenv("GGHOUSE_RESTORE_PWD", "wrong")
    assert shell.load(shell.file(classic(FEW)), *words) == 1
    assert "Access denied for user 'restore'" in shell.err
    monkeypatch.setenv("GGHOUSE_RESTORE_PWD", PASSWORD)
    assert shell.load(shell.file(classic(FEW)), *words) == 1, "it has no rights in scratch_next"
    shell.query("GRANT INSERT, CREATE, ALTER ON scratch_next.* TO restore@localhost")
    assert shell.load(shell.file(classic(FEW)), *words) == 0


def test_the_ledger_of_the_load_is_printed_within_100_columns(shell: Shell) -> None:
    tables = [*FEW, Table("a" * 64, ["id int NOT NULL"], [(1,)])]
    assert shell.load(shell.file(classic(tables)), *DAY) == 0
    lines = shell.out.splitlines()
    assert lines[0] == "Load 1: scratch of 2026-03-02"
    assert max(map(len, lines)) <= 100
    rows = {line.split()[0]: line.split()[1:] for line in lines[2:-2]}
    assert rows["movings"][:2] == ["5", "0"]
    assert rows["movings"][-1] == "loaded"
    assert {name.rstrip("…") for name in rows} == {table.name[:35] for table in tables}
    assert lines[-2].split()[:4] == [str(len(tables)), "tables", str(sum(len(t.rows) for t in tables)), "0"]
    assert lines[-2].endswith(f"{len(tables)} loaded, 0 carried")
    assert "Published" in shell.err  # where a log or a bar is, not among what may be piped on


def test_unchanged_tables_are_carried_unless_all_are_wanted(shell: Shell) -> None:
    dump = shell.file(classic(FEW))
    loaded = f"{len(FEW)} loaded, 0 carried"
    assert shell.load(dump, *DAY) == 0
    assert shell.load(dump, *DAY) == 0
    assert f"0 loaded, {len(FEW)} carried" in shell.out
    assert shell.load(dump, *DAY, "--full") == 0
    assert loaded in shell.out


def test_the_transport_and_its_connections_can_be_chosen(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    open_transport = Route.open

    def seen(route: Route, *arguments: Any) -> Any:
        chosen.append((route.transport, route.connections))
        return open_transport(route, *arguments)

    monkeypatch.setattr(Route, "open", seen)
    dump = shell.file(classic(FEW))
    assert shell.load(dump, *DAY) == 0
    assert shell.load(dump, *DAY, "--full", "--transport", "program") == 0
    assert shell.load(dump, *DAY, "--full", "--connections", "4") == 0
    assert chosen == [("connections", 2), ("program", 2), ("connections", 4)]
    assert shell.query("SELECT COUNT(*) FROM scratch.movings") == [(5,)]


def test_several_files_are_one_generation_and_other_tables_can_stay(shell: Shell) -> None:
    rooms, movings = pick(FEW, "rooms"), pick(FEW, "movings")
    one, two = shell.file(classic([rooms]), "rooms.sql"), shell.file(classic([movings]), "movings.sql")
    assert shell.load(shell.file(classic(FEW)), *DAY) == 0
    assert shell.load(one, two, *DAY, "--partial") == 0
    assert shell.tables("scratch") == sorted(table.name for table in FEW)
    assert shell.load(one, two, *DAY) == 0
    assert shell.tables("scratch") == ["movings", "rooms"]


def test_only_staging_is_audited_and_even_that_can_be_chosen(shell: Shell) -> None:
    dump = shell.file(classic(FEW))
    assert shell.load(dump, *DAY, "--contract") == 1
    assert shell.load(dump, *DAY, "--schema", "staging") == 1
    assert shell.err.splitlines()[-1].startswith("load: movings has 5 rows, a real dump has more than 1,000; ")
    assert shell.query("SHOW TABLES FROM staging") == []
    assert shell.load(dump, *DAY, "--schema", "staging", "--no-contract") == 0
    assert shell.load(shell.file(classic(day())), *DAY, "--schema", "staging") == 0


def test_a_dump_that_nothing_proves_complete_needs_a_word(shell: Shell) -> None:
    dump = shell.file(compact(FEW))
    assert shell.load(dump, *DAY) == 1
    assert shell.err.splitlines()[-1].startswith(f"load: nothing proves that {dump} is complete: ")
    assert shell.load(dump, *DAY, "--unproven") == 0
    assert shell.query("SELECT COUNT(*) FROM scratch.movings") == [(5,)]


def test_a_manifest_proves_a_dump_whatever_its_file_is_called(shell: Shell) -> None:
    body = compact(FEW)
    fields = manifest_fields(body, TARGET, "dumps/gghouse_20260302.sql")

    def load(**changed: object) -> int:
        manifest = shell.file(json.dumps(fields | changed).encode(), "manifest.json")
        return shell.load(shell.file(body, "other.sql"), *DAY, "--manifest", manifest)

    assert load() == 0
    assert load(dump_sha256="0" * 64) == 1
    assert "its manifest says 000000000000…" in shell.err
    assert load(valid_for_etl=False) == 1
    assert "manifest.json marks the dump as not valid for loading" in shell.err
    assert "s3://" not in shell.err
    assert shell.load("other.sql", *DAY, "--manifest", "nothing.json") == 1


def test_rejected_rows_can_be_found_as_the_command_says(shell: Shell) -> None:
    dump = shell.file(classic(duplicates()))
    assert shell.load(dump, *DAY) == 0
    (where,) = [line for line in shell.out.splitlines() if line.startswith("Rejected rows: ")]
    ((*_, row),) = shell.query(where.removeprefix("Rejected rows: "))
    assert row == b"(1,'c')"
    assert shell.load(dump, *DAY) == 0  # nothing is loaded, so this load has no rejected rows to show
    assert "Rejected rows" not in shell.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["dump.sql"], "--date"),
        (DAY, "DUMP"),
        (["dump.sql", "--date", "2026-02-30"], "'2026-02-30' is not a calendar date; write it as YYYY-MM-DD"),
        (["dump.sql", *DAY, "--schema", "gold"], "gold holds something else"),
        (["dump.sql", *DAY, "--schema", "x`y"], "'x`y' cannot be the name of a schema"),
        (["dump.sql", *DAY, "--connections", "0"], "'0' is not a number of connections from 1"),
        (["dump.sql", *DAY, "--transport", "pigeon"], "pigeon"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(shell: Shell, words: list[str], complaint: str) -> None:
    with pytest.raises(SystemExit) as stop:
        shell.load(*words)
    assert stop.value.code == 2
    assert complaint in shell.err


def test_what_goes_wrong_is_one_sentence(shell: Shell, tmp_path: Path) -> None:
    dump = shell.file(classic(FEW))
    assert shell.load(str(tmp_path / "nothing.sql"), *DAY) == 1
    assert shell.err == f"load: {tmp_path}/nothing.sql cannot be read (No such file or directory); name a dump file\n"
    assert shell.run("load", dump, *DAY, "--port", str(free_port())) == 1
    assert shell.err.splitlines()[-1].startswith("load: the server cannot be reached (error 2")
    assert "Traceback" not in shell.err


def test_the_password_comes_from_the_environment_only(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.query("CREATE USER reader@localhost IDENTIFIED BY 'se cret'")
    try:
        shell.query("GRANT ALL ON *.* TO reader@localhost")
        monkeypatch.setenv("MYSQL_PWD", "se cret")
        assert shell.load(shell.file(classic(FEW)), *DAY, user="reader") == 0
        assert "se cret" not in shell.out + shell.err
        monkeypatch.setenv("MYSQL_PWD", "wrong")
        assert shell.load(shell.file(classic(FEW)), *DAY, user="reader") == 1
        assert "Access denied" in shell.err
    finally:
        shell.query("DROP USER reader@localhost")


def test_a_dump_in_a_bucket_is_named_by_its_address(shell: Shell, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="dumps/x.sql", Body=classic(FEW))
    assert shell.load(f"s3://{BUCKET}/dumps/x.sql", *DAY) == 0
    assert shell.query("SELECT COUNT(*) FROM scratch.movings") == [(5,)]
    assert shell.run("scan", f"s3://{BUCKET}/dumps/y.sql") == 1
    assert shell.err == f"scan: s3://{BUCKET}/dumps/y.sql is not there; name a dump\n"


# --- scan ----------------------------------------------------------------------------------------------------------


def test_a_scan_says_what_is_in_the_dump(shell: Shell) -> None:
    big = [(number, "x" * 1000) for number in range(1200)]
    tables = [
        Table("history", ["id int NOT NULL", "name text"], big, ("PRIMARY KEY (`id`)", "KEY `n` (`name`(9))")),
        Table("photos", ["id int NOT NULL", "bytes blob"], [(1, b"0xFF00")]),
        Table("small", ["id int NOT NULL", "n int DEFAULT NULL"], [(1, 2)], ("PRIMARY KEY (`id`)", "KEY `n` (`n`)")),
        Table("void", ["id int NOT NULL"]),
    ]
    packed = gzip.compress(classic(tables, extra=TRIGGER))
    dump = shell.file(packed)
    assert shell.run("scan", dump) == 0
    lines = shell.out.splitlines()
    assert lines[0] == dump
    assert [line.split() for line in lines[2:7]] == [
        ["history", "1,200", "1.2", "deferred", "LOAD", "DATA"],
        ["photos", "1", "0.0", "none", "INSERT"],
        ["small", "1", "0.0", "in", "place", "LOAD", "DATA"],
        ["void", "0", "0.0", "none", "-"],
        ["4", "tables", "1,202", "1.2"],
    ]
    assert lines[7:12] == [
        "Passed over: 1 trigger",
        "Database: basis",
        "Compression: gzip",
        "Last line: -- Dump completed",
        f"SHA-256: {hashlib.sha256(packed).hexdigest()}",
    ]
    assert lines[12].endswith(" MB/s")


def test_a_scan_names_the_first_thing_that_would_be_refused(shell: Shell) -> None:
    body = classic(FEW[:3]) + b"GRANT ALL ON *.* TO x;\n" + b"SET GLOBAL x = 1;\n"
    dump = shell.file(body)
    assert shell.run("scan", dump) == 1
    assert shell.out == "3 tables begin before the place at fault\n"
    line, offset = body[: body.index(b"GRANT")].count(b"\n") + 1, body.index(b"GRANT")
    assert shell.err.splitlines()[-1].startswith(f"scan: {dump}, line {line} (byte {offset}): 'GRANT ALL ON *.* TO X'")


def test_a_scan_shows_a_dump_that_only_lacks_a_proof(shell: Shell) -> None:
    assert shell.run("scan", shell.file(compact(FEW))) == 1
    assert f"{len(FEW)} tables" in shell.out
    assert shell.err.splitlines()[-1].startswith("scan: nothing proves that ")


def test_a_scan_needs_no_server(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoint, "connect", lambda *_, **__: pytest.fail("a server was asked for"))
    assert shell.run("scan", shell.file(classic(FEW))) == 0
