"""A dump becomes staging as a whole, or staging stays as it was."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import MySQLdb
import pytest
import zstandard

from include.dump.contract import EXPECTED_TABLES
from include.dump.errors import AuditFailed, DumpError, StatementRefused, TruncatedDump
from include.dump.restore import load_dump
from include.dump.sending import TRANSPORTS
from include.dump.transport import TransportFailed
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.sessions import server_sessions
from tests.include.conftest import restore_login
from tests.include.dump.dumps import (
    CLASSIC_FOOTER,
    EVENT,
    HOSTILE_TEXT,
    NAME_COLUMNS,
    ROUTINE,
    TARGET,
    TRIGGER,
    VIEW,
    YESTERDAY,
    Table,
    changed,
    classic,
    compact,
    day,
    pick,
    with_rows,
)
from tests.include.dump.platform import Platform


def test_a_dump_becomes_staging(platform: Platform) -> None:
    tables = day(names=EXPECTED_TABLES)
    body = classic(tables, extra=TRIGGER + ROUTINE + EVENT + VIEW)
    platform.put(body, manifest={})
    report = platform.load()
    assert report.rows == sum(len(table.rows) for table in tables)
    assert (report.bytes, report.rejects, report.published, report.notes) == (len(body), 0, TARGET, ())
    assert report.skipped == {"trigger": 1, "routine": 1, "event": 1, "view": 1}
    assert set(platform.checksums()) == EXPECTED_TABLES
    assert platform.checksums("staging_next") == {}
    assert platform.query("SELECT full_name FROM staging.tenants WHERE id = 7") == [(HOSTILE_TEXT,)]
    assert platform.query("SHOW TRIGGERS FROM staging") == []
    ledger = platform.query("SELECT table_name, loaded_rows, dump_bytes, checksum FROM ops.table_ledger")
    assert len(ledger) == 81
    movings = pick(tables, "movings")
    data = (movings.create() + movings.inserts()).replace(b";\n", b"")
    checksum = hashlib.sha256(data).hexdigest()
    assert ("movings", 1100, len(data), checksum) in ledger
    (load,) = platform.query(
        "SELECT target_date, state, dump_object, dump_bytes, dump_sha256, loaded_rows, finished_at >= started_at, "
        "reason FROM ops.load_ledger"
    )
    where = f"s3://{platform.settings.bucket}/dumps/gghouse_20260302.sql"
    assert load == (TARGET, "published", where, len(body), hashlib.sha256(body).hexdigest(), report.rows, 1, None)
    assert platform.lines[0].startswith("Loading s3://")
    assert platform.lines[-1].startswith(
        "Published 1,174 rows in 81 tables as staging of 2026-03-02: 81 loaded, 0 unchanged, 0 rows rejected, 4 "
    )


def test_staging_is_what_the_plain_client_makes_of_the_dump(platform: Platform, database: Any) -> None:
    body = classic(day(), extra=VIEW)
    platform.put(body)
    platform.load()
    client = ["mysql", "--no-defaults", "-h127.0.0.1", f"-P{database.port}", "-uroot", "--binary-mode"]
    subprocess.run(client, input=body.replace(b"`basis`", b"`plain`"), check=True)
    admin = Platform(platform.s3, platform.settings, database.admin)
    tables = [f"`{name}`" for name in platform.checksums()]
    plain = admin.query("CHECKSUM TABLE " + ", ".join(f"plain.{name}" for name in tables))
    admin.query("DROP DATABASE plain")
    assert {name.partition(".")[2]: value for name, value in plain} == platform.checksums()


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstandard.ZstdCompressor().compress)], ids=["gz", "zst"]
)
def test_i23_layouts_and_compressions_give_the_same_staging(
    published: Platform, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    published.put(compress(compact(day(YESTERDAY))), YESTERDAY, suffix, manifest={})
    published.s3.delete_object(Bucket=published.settings.bucket, Key=f"dumps/gghouse_{YESTERDAY:%Y%m%d}.sql")
    before = published.checksums()
    published.load(YESTERDAY)
    assert published.checksums() == before


def test_the_same_date_twice_gives_the_same_tables(published: Platform) -> None:
    before = published.checksums()
    published.load(YESTERDAY)
    assert published.checksums() == before
    assert published.checksums("staging_prev") == before


def test_the_next_day_replaces_everything_and_the_day_before_is_kept(published: Platform) -> None:
    before = published.checksums()
    tables = [*day(movings=1150, names=[*(table.name for table in day() if table.name != "ry")])]
    published.put(classic(tables))
    report = published.load()
    assert published.query("SELECT COUNT(*) FROM staging.movings") == [(1150,)]
    assert "ry" not in published.checksums()
    stayed = {table.table for table in report.tables if table.carried}
    assert stayed == {"Deposits", "m_nationalities"}  # no rows on both days
    assert published.checksums("staging_prev") == {name: sum_ for name, sum_ in before.items() if name not in stayed}
    assert {table.table: table.previous_rows for table in report.tables}["movings"] == 1100


def test_i06_a_manifest_with_another_checksum_stops_the_load(published: Platform) -> None:
    before = published.checksums()
    published.put(classic(day()), manifest={"dump_sha256": "0" * 64})
    with pytest.raises(DumpError, match="its manifest says 000000000000…; have the dump of 2026-03-02"):
        published.load()
    assert published.checksums() == before


def test_a_manifest_proves_that_a_compact_dump_is_complete(platform: Platform) -> None:
    platform.put(compact(day()), manifest={})
    assert platform.load().rows == 1174


def test_after_a_bad_dump_the_right_one_loads(published: Platform) -> None:
    published.put(classic(day())[:-9000])
    with pytest.raises(TruncatedDump):
        published.load()
    published.put(classic(day()))
    assert published.load().published == TARGET


# --- what is strange but right ----------------------------------------------------------------------------------------


def test_i03_an_empty_table_that_models_read_is_there(published: Platform) -> None:
    assert published.query("SELECT COUNT(*) FROM staging.m_nationalities") == [(0,)]


def test_i08_the_bounds_of_freshness_are_tokyo_midnights(published: Platform) -> None:
    for newest in ("2026-02-28 15:00:00", "2026-03-02 14:59:59"):
        published.put(classic(changed("movings", "updated_at", newest)))
        published.load()


def test_i08_an_old_day_can_be_replayed(published: Platform) -> None:
    old = TARGET - timedelta(days=100)
    published.put(classic(day(old, movings=1001, tenants=20)), old)
    assert published.load(old).tables[0].previous_rows is None
    assert published.query("SELECT COUNT(*) FROM staging.tenants") == [(20,)]


def test_a_real_fall_can_be_accepted_as_the_message_says(published: Platform) -> None:
    published.put(classic(day(tenants=20)))
    with pytest.raises(AuditFailed, match="accept it with recover_baseline, then clear load_staging"):
        published.load()
    published.query("UPDATE ops.load_ledger SET state = 'superseded' WHERE state = 'published'")
    assert published.load().published == TARGET


def test_i12_duplicate_keys_cost_one_row_each_and_are_counted(platform: Platform) -> None:
    rows = [(number,) for number in range(1, 2001)]
    platform.put(classic(with_rows("Deposits", [*rows, *rows[:20]])))
    report = platform.load()
    deposits = next(table for table in report.tables if table.table == "Deposits")
    assert (deposits.rows, deposits.rejects, report.rejects) == (2000, 20, 20)
    assert platform.query("SELECT rejected_rows FROM ops.table_ledger WHERE table_name = 'Deposits'") == [(20,)]


def test_i12_duplicates_of_a_unique_key_are_counted_too(platform: Platform) -> None:
    table = Table("names", NAME_COLUMNS, keys=("PRIMARY KEY (`id`)", "UNIQUE KEY `a` (`a`)"))
    table.rows = [(1, "a", 1, None), (2, "b", 2, None), (3, "a", 3, None)]
    platform.put(classic([*day(), table]))
    assert platform.load().rejects == 1
    assert platform.query("SELECT GROUP_CONCAT(id ORDER BY id) FROM staging.names") == [("1,2",)]


def test_hazards_12_13_14_21_22_values_arrive_as_they_are(platform: Platform) -> None:
    columns = [
        "id int NOT NULL AUTO_INCREMENT",
        "d date DEFAULT NULL",
        "s timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'",
        "x text",
    ]
    table = Table("odd", columns, [(0, "0000-00-00", "2026-03-01 20:00:00", b"'a\r\nb\\0\0c'")])
    table.rows += [(1, "2026-02-31", "0000-00-00 00:00:00", "NULL"), (2, "2302-01-28", "2026-03-01 20:00:00", None)]
    platform.put(compact([*day(), table]), manifest={})
    platform.load()
    assert platform.query("SELECT id, CAST(d AS CHAR), CAST(s AS CHAR), HEX(x) FROM staging.odd ORDER BY id") == [
        (0, "0000-00-00", "2026-03-01 20:00:00", "610D0A62000063"),
        (1, "2026-02-31", "0000-00-00 00:00:00", "4E554C4C"),
        (2, "2302-01-28", "2026-03-01 20:00:00", None),
    ]


def test_hazard_16_17_warnings_about_definitions_and_new_things_are_reported(platform: Platform) -> None:
    table = Table("brand_new", ["id int NOT NULL", "twice int GENERATED ALWAYS AS (`id` * 2) STORED"])
    body = classic([*day(), table], extra=b"INSERT INTO `brand_new` (`id`) VALUES (4);\n")
    platform.put(body)
    report = platform.load()
    assert "new tables: brand_new" in report.notes
    assert any(note.startswith("tables that are no longer in the dump: Arrears_Management") for note in report.notes)
    assert platform.query("SELECT twice FROM staging.brand_new") == [(8,)]
    assert platform.query("SELECT notes LIKE 'new tables: brand_new%' FROM ops.load_ledger") == [(1,)]


# --- killed, busy, locked out -----------------------------------------------------------------------------------------


def test_two_loads_at_once_the_second_one_refuses(published: Platform) -> None:
    with (
        contextlib.closing(published.endpoint.connect()) as other,
        exclusive(other),
        pytest.raises(LoadBusy, match=r"another load of staging is running \(session \d+\); wait for its end, then"),
    ):
        published.load(YESTERDAY)
    published.load(YESTERDAY)


def test_what_a_killed_loader_left_behind_is_cleaned_up(published: Platform) -> None:
    before = published.checksums()
    orphan = restore_login(published.endpoint).connect("staging_next")
    with orphan.cursor() as cursor:
        cursor.execute("CREATE TABLE leftover (id int)")
    published.query(
        "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, "
        "dump_bytes) VALUES ('staging', '2026-03-02', 'started', 'x', UTC_TIMESTAMP(), 'x', 1)"
    )
    published.load(YESTERDAY)
    assert published.checksums() == before
    assert published.query("SELECT state, reason FROM ops.load_ledger WHERE loaded_by = 'x'") == [
        ("failed", "the process ended before the load did")
    ]
    with pytest.raises(Exception, match=r"gone away|Lost connection"), orphan.cursor() as cursor:
        cursor.execute("INSERT INTO leftover VALUES (1)")


def test_the_first_error_stops_the_load_although_much_is_left(published: Platform) -> None:
    bad = Table("names", NAME_COLUMNS, [(1, "a", 1)])
    rest = Table("rest", ["id int NOT NULL", "t text"], [(number, "x" * 1000) for number in range(20_000)])
    published.put(classic([bad, rest, *day()]))
    with pytest.raises(StatementRefused, match="INSERT of names"):
        published.load()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_lost_connection_is_not_the_dumps_fault(published: Platform, database: Any, transport: str) -> None:
    rest = Table("rest", ["id int NOT NULL", "t text"], [(number, "x" * 1000) for number in range(60_000)])
    published.put(classic([*day(), rest]))
    before = published.checksums()
    stop = threading.Event()

    def kill() -> None:
        with contextlib.closing(database.admin.connect()) as admin, admin.cursor() as cursor:
            while not stop.is_set():
                for session in server_sessions(admin):
                    if session.schema == "staging_next" and re.search("INTO.*rest", session.statement[:200]):
                        with contextlib.suppress(MySQLdb.Error):  # done already; the next statement is killed then
                            cursor.execute(f"KILL {session.number}")
                time.sleep(0.002)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(TransportFailed, match=r"error (?:20|19)[^\n]*; .*try again") as caught:
            published.load(load_transport=transport)
        assert "xxx" not in str(caught.value)
    finally:
        stop.set()
        killer.join()
    assert published.checksums() == before
    published.load(load_transport=transport)


def test_a_wrong_password_is_a_sentence_without_the_password(published: Platform) -> None:
    wrong = replace(published.endpoint, password="wr0ng-secret")
    with pytest.raises(Exception, match="Access denied") as caught:
        load_dump(published.s3, published.settings, wrong, YESTERDAY, print, restore_login=wrong)
    assert "wr0ng-secret" not in str(caught.value)
    assert "wr0ng-secret" not in repr(wrong)


def test_no_client_program_is_said_in_a_sentence(published: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published.checksums()
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(TransportFailed, match="neither a mysql nor a mariadb program on PATH; install the MySQL or"):
        published.load(YESTERDAY, load_transport="program")
    assert published.checksums() == before


def test_i24_the_password_is_in_no_argument_and_in_no_file(
    published: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("MYSQL_PWD", "from-the-environment")
    seen: list[tuple[Any, Any]] = []
    start = subprocess.Popen

    def spy(command: Any, **options: Any) -> Any:
        seen.append((command, options["env"]))
        return start(command, **options)

    monkeypatch.setattr("include.dump.client_program.subprocess.Popen", spy)
    published.load(YESTERDAY, load_transport="program")
    ((command, environment),) = seen
    assert not [part for part in (*command, *environment.values()) if published.endpoint.password in part]
    assert "MYSQL_PWD" not in environment
    assert list(tmp_path.iterdir()) == []


def test_publishing_that_broke_off_is_settled_by_the_next_load(published: Platform) -> None:
    def states() -> list[str]:
        return [state for (state,) in published.query("SELECT state FROM ops.load_ledger ORDER BY load_id")]

    def interrupted() -> None:
        published.query("UPDATE ops.load_ledger SET state = 'publishing' ORDER BY load_id DESC LIMIT 1")

    interrupted()  # after the RENAME
    published.load(YESTERDAY)
    assert states() == ["published", "published"]
    published.query(
        "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, dump_bytes) "
        "VALUES ('staging', '2026-03-01', 'publishing', 'x', UTC_TIMESTAMP(), 'x', 1)"  # before the RENAME
    )
    published.load(YESTERDAY)
    assert states() == ["published", "published", "failed", "published"]


def test_the_footer_of_the_helper_is_mysqldumps() -> None:
    assert CLASSIC_FOOTER.splitlines()[-1].startswith(b"-- Dump completed")
