"""The 34 hazards of restoring a dump, by their numbers, each through the load of a whole dump into a real server."""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from include.dump.errors import AuditFailed, DumpError, StatementRefused, TruncatedDump, UnexpectedStatement
from include.dump.transport import TransportFailed
from infra.local.database import Database
from tests.include.dump.dumps import (
    EVENT,
    NAME_COLUMNS,
    ROUTINE,
    TARGET,
    TRIGGER,
    VIEW,
    Table,
    changed,
    classic,
    compact,
    day,
    with_rows,
)
from tests.include.dump.platform import Platform

# A table whose rows cannot travel as LOAD DATA, because of its types.
BLOBS = ["id int NOT NULL", "b blob", "v varbinary(9) DEFAULT NULL", "t text"]
# A table whose rows can.
TEXTS = ["id int NOT NULL", "t varchar(99) DEFAULT NULL", "n int DEFAULT NULL"]


@pytest.fixture
def warehouse(unharmed: Platform) -> Platform:
    """Some day is published; no dump lies in the bucket."""
    bucket = unharmed.settings.bucket
    for found in unharmed.s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        unharmed.s3.delete_object(Bucket=bucket, Key=found["Key"])
    return unharmed


@pytest.fixture
def admin(warehouse: Platform, database: Database) -> Platform:
    """The same server, as its administrator."""
    return Platform(warehouse.s3, warehouse.settings, database.admin)


@contextlib.contextmanager
def server_setting(admin: Platform, name: str, value: str) -> Iterator[None]:
    """Change a variable of the server for a while."""
    ((before,),) = admin.query(f"SELECT @@GLOBAL.{name}")
    admin.query(f"SET GLOBAL {name} = {value}")
    try:
        yield
    finally:
        admin.query(f"SET GLOBAL {name} = {before!r}")


def refusal(
    warehouse: Platform, body: bytes, error: type[Exception], message: str, **manifest: dict[str, Any] | None
) -> str:
    """Load a dump that must be refused; readers keep what they have, the ledger says why."""
    before = warehouse.checksums()
    warehouse.put(body, **manifest)
    with pytest.raises(error, match=message) as caught:
        warehouse.load()
    assert warehouse.checksums() == before
    assert warehouse.last_load() == (TARGET, "failed", str(caught.value))
    return str(caught.value)


def load(warehouse: Platform, body: bytes, **options: Any) -> Any:
    """Load a dump that must be accepted."""
    warehouse.put(body, **options)
    return warehouse.load()


def hexes(warehouse: Platform, table: str, column: str) -> list[str | None]:
    return [value for (value,) in warehouse.query(f"SELECT HEX({column}) FROM staging.`{table}` ORDER BY id")]


# --- client commands and the lines of other clients -------------------------------------------------------------------


def test_hazard_01_the_sandbox_line_of_mariadb_dumps_is_dropped(warehouse: Platform) -> None:
    load(warehouse, b"/*!999999\\- enable the sandbox mode */ \n" + classic(day()))
    assert warehouse.query("SELECT COUNT(*) FROM staging.movings") == [(1100,)]


def test_hazard_02_the_newer_sandbox_line_is_dropped_too(warehouse: Platform) -> None:
    load(warehouse, b"/*M!999999\\- enable the sandbox mode */ \n" + classic(day()))
    assert warehouse.query("SELECT COUNT(*) FROM staging.movings") == [(1100,)]


@pytest.mark.parametrize(
    ("number", "command"),
    [("03", b"\\! touch %s\n"), ("03", b"-- x\r\n\\! touch %s\r\n"), ("04", b"system touch %s\n")],
    ids=["03", "03 with carriage returns", "04"],
)
def test_hazard_03_04_a_shell_command_is_refused_and_never_runs(
    warehouse: Platform, tmp_path: Path, number: str, command: bytes
) -> None:
    mark = tmp_path / "mark"
    refusal(
        warehouse,
        classic(day(), extra=command % str(mark).encode()),
        UnexpectedStatement,
        r"gghouse_20260302\.sql, line \d+ \(byte \d+\): .*; have the dump taken with plain mysqldump",
    )
    assert not mark.exists()


def test_hazard_05_a_file_of_our_machine_is_not_read(warehouse: Platform, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words;\n")
    body = classic(day(), extra=b"source " + str(secret).encode() + b"\n")
    assert "hidden" not in refusal(warehouse, body, UnexpectedStatement, r"line \d+ .*'SOURCE /")


def test_hazard_06_delimiter_blocks_are_skipped_and_counted(warehouse: Platform) -> None:
    report = load(warehouse, classic(day(), extra=TRIGGER + ROUTINE + EVENT))
    assert report.skipped == {"trigger": 1, "routine": 1, "event": 1}
    assert warehouse.query("SHOW TRIGGERS FROM staging") == []
    assert (
        warehouse.query("SELECT skipped FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1")[0][0]
        == '{"event": 1, "routine": 1, "trigger": 1}'
    )


def test_hazard_07_the_dumps_own_database_is_never_made_and_another_name_is_noted(
    warehouse: Platform, admin: Platform
) -> None:
    warehouse.put(classic(day()))
    report = warehouse.load(source_database="gghouse")
    assert [note for note in report.notes if "basis" in note and "gghouse" in note]
    assert warehouse.query("SELECT COUNT(*) FROM staging.movings") == [(1100,)]
    assert admin.query("SHOW DATABASES LIKE 'basis'") == []


# --- what a plain client could not do with our rights -----------------------------------------------------------------


def test_hazard_08_gtid_purged_is_passed_over(warehouse: Platform) -> None:
    lines = b"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';\n"
    assert load(warehouse, classic(day(), extra=lines)).published == TARGET


def test_hazard_09_sql_log_bin_is_passed_over(warehouse: Platform) -> None:
    lines = b"SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;\n"
    lines += b"SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n"
    assert load(warehouse, classic(day(), extra=lines)).published == TARGET


def test_hazard_10_objects_with_a_definer_are_skipped_and_counted(warehouse: Platform, admin: Platform) -> None:
    procedure = b"DELIMITER ;;\nCREATE DEFINER=`root`@`%` PROCEDURE `p`()\nBEGIN\n  SELECT 1;\nEND ;;\nDELIMITER ;\n"
    report = load(warehouse, classic(day(), extra=TRIGGER + ROUTINE + EVENT + VIEW + procedure))
    assert report.skipped == {"trigger": 1, "routine": 2, "event": 1, "view": 1}
    for kind, schema in (("routines", "routine_schema"), ("triggers", "trigger_schema"), ("views", "table_schema")):
        assert admin.query(f"SELECT 1 FROM information_schema.{kind} WHERE {schema} LIKE 'staging%'") == []


def test_hazard_11_variables_of_the_server_are_refused(warehouse: Platform) -> None:
    before = warehouse.query("SELECT @@GLOBAL.max_allowed_packet")
    extra = b"SET GLOBAL max_allowed_packet=1024;\n"
    refusal(warehouse, classic(day(), extra=extra), UnexpectedStatement, r"line \d+ .*MAX_ALLOWED_PACKET")
    assert warehouse.query("SELECT @@GLOBAL.max_allowed_packet") == before


# --- values that depend on the session --------------------------------------------------------------------------------


def test_hazard_12_a_row_with_the_id_0_keeps_it(warehouse: Platform) -> None:
    table = Table("counted", ["id int NOT NULL AUTO_INCREMENT", "a int"], [(0, 5), (1, 6)])
    load(warehouse, compact([*day(), table]), manifest={})
    assert warehouse.query("SELECT id, a FROM staging.counted ORDER BY id") == [(0, 5), (1, 6)]


def test_hazard_13_zero_dates_and_days_that_never_were_arrive_as_they_are(warehouse: Platform) -> None:
    columns = ["id int NOT NULL", "d date NOT NULL DEFAULT '0000-00-00'", "s timestamp NOT NULL DEFAULT '0000-00-00'"]
    table = Table(
        "dates", columns, [(1, "0000-00-00", "0000-00-00 00:00:00"), (2, "2026-02-31", "2026-03-01 20:00:00")]
    )
    load(warehouse, compact([*day(), table]), manifest={})
    assert warehouse.query("SELECT CAST(d AS CHAR), CAST(s AS CHAR) FROM staging.dates ORDER BY id") == [
        ("0000-00-00", "0000-00-00 00:00:00"),
        ("2026-02-31", "2026-03-01 20:00:00"),
    ]


def test_hazard_14_a_timestamp_is_utc_whatever_the_server_thinks(warehouse: Platform, admin: Platform) -> None:
    table = Table("moments", ["id int NOT NULL", "s timestamp NULL DEFAULT NULL"], [(1, "2026-03-01 20:15:00")])
    with server_setting(admin, "time_zone", "'+09:00'"):
        load(warehouse, compact([*day(), table]), manifest={})
    assert warehouse.query("SELECT UNIX_TIMESTAMP(s) FROM staging.moments") == [(1772396100,)]


def test_hazard_15_a_collation_that_the_server_lacks_is_named_with_its_table(warehouse: Platform) -> None:
    body = classic(day()).replace(b"COLLATE=utf8mb4_unicode_ci", b"COLLATE=utf8mb4_klingon_ci")
    refusal(warehouse, body, StatementRefused, r"refused the CREATE TABLE of \w+ \(error 1273: Unknown collation")


def test_hazard_16_the_old_utf8_loads_and_a_remark_about_it_is_only_noted(warehouse: Platform) -> None:
    table = Table("old", ["id int NOT NULL", "t varchar(9) CHARACTER SET utf8 DEFAULT NULL"], [(1, "部屋")])
    report = load(warehouse, classic([*day(), table]))
    assert warehouse.query("SELECT t FROM staging.old") == [("部屋",)]
    remarks = [note for note in report.notes if note.startswith("old: server warning")]
    assert all("3719" in note or "utf8" in note for note in remarks)


@pytest.mark.parametrize("kind", ["STORED", "VIRTUAL"])
def test_hazard_17_generated_columns_are_calculated_by_the_server(warehouse: Platform, kind: str) -> None:
    table = Table("sums", ["id int NOT NULL", f"twice int GENERATED ALWAYS AS (`id` * 2) {kind}", "t text"])
    load(warehouse, classic([*day(), table], extra=b"INSERT INTO `sums` (`id`, `t`) VALUES (4,'x'),(5,'y');\n"))
    assert warehouse.query("SELECT id, twice, t FROM staging.sums ORDER BY id") == [(4, 8, "x"), (5, 10, "y")]


def test_hazard_17_a_value_for_a_generated_column_is_refused_or_computed(warehouse: Platform) -> None:
    """mariadb-dump writes such values, and MariaDB computes its own; MySQL takes none."""
    table = Table("sums", ["id int NOT NULL", "twice int GENERATED ALWAYS AS (`id` * 2) STORED"], [(4, 9)])
    body = classic([*day(), table])
    if "MariaDB" in warehouse.query("SELECT VERSION()")[0][0]:
        warehouse.put(body)
        warehouse.load()
        assert warehouse.query("SELECT id, twice FROM staging.sums") == [(4, 8)]
    else:
        refusal(warehouse, body, StatementRefused, r"line \d+: .* sums .*\(error \d+: ")


# --- files that end too early or are packed ---------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [b"(1,'a',1),(2", b"(1,'a);\n"], ids=["in a row", "in a string"])
def test_hazard_18_a_file_that_ends_inside_a_statement_is_refused_before_anything_is_sent(
    warehouse: Platform, tail: bytes
) -> None:
    body = classic(day(), extra=Table("last", TEXTS).create() + b"INSERT INTO `last` VALUES " + tail, footer=b"")
    refusal(warehouse, body, TruncatedDump, r"line \d+ \(byte \d+\): the file ends inside the rows of last")
    assert warehouse.checksums("staging_next") == {}


def test_hazard_19_a_file_that_ends_between_two_tables_is_refused(warehouse: Platform) -> None:
    body = classic(day(), footer=b"")
    body = body[: body.rindex(b"\n--\n-- Table structure")]
    refusal(warehouse, body, TruncatedDump, r"nothing proves that .*gghouse_20260302\.sql is complete")


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_hazard_20_compression_is_known_by_its_first_bytes_and_a_cut_archive_is_refused(
    warehouse: Platform, compress: Any
) -> None:
    body = compress(classic(day()))
    refusal(warehouse, body[:-3], TruncatedDump, "is cut off: its (gzip|zstd) data have no end")
    load(warehouse, body)  # its name says that it is not compressed
    expected = warehouse.checksums()
    warehouse.put(classic(day()))
    warehouse.load(carry_over_unchanged=False)
    assert warehouse.checksums() == expected


# --- bytes that clients change ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [BLOBS, TEXTS], ids=["INSERT", "LOAD DATA"])
@pytest.mark.parametrize(
    ("raw", "stored"),
    [(b"'a\r\nb'", "610D0A62"), (b"'a\0b'", "610062"), (b"'\r'", "0D"), (b"'\\\\\r\n'", "5C0D0A")],
    ids=["21 a line end", "22 a NUL", "21 a carriage return", "21 behind a backslash"],
)
def test_hazard_21_22_raw_bytes_inside_strings_stay_as_they_are(
    warehouse: Platform, columns: list[str], raw: bytes, stored: str
) -> None:
    row = (1, None, None, raw) if columns is BLOBS else (1, raw, None)
    load(warehouse, classic([*day(), Table("odd", columns, [row])]).replace(b";\n", b";\r\n"))
    assert hexes(warehouse, "odd", "t") == [stored]


def test_hazard_23_a_utf_8_mark_is_stripped(warehouse: Platform) -> None:
    assert load(warehouse, b"\xef\xbb\xbf" + classic(day())).published == TARGET


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_hazard_24_a_statement_greater_than_the_servers_packets_goes_as_load_data(
    warehouse: Platform, admin: Platform
) -> None:
    table = Table("great", TEXTS, [(number, "x" * 90, number) for number in range(40_000)])
    with server_setting(admin, "max_allowed_packet", "2097152"):
        load(warehouse, classic(day(), extra=table.create() + table.inserts(40_000)))
    assert warehouse.query("SELECT COUNT(*), SUM(n) FROM staging.great") == [(40_000, 799_980_000)]


def test_hazard_24_a_statement_that_cannot_is_refused_with_table_and_size(warehouse: Platform, admin: Platform) -> None:
    table = Table("great", BLOBS, [(1, b"0x" + b"41" * 600_000, None, None)])
    with server_setting(admin, "max_allowed_packet", "1048576"):
        refusal(
            warehouse,
            classic([*day(), table]),
            StatementRefused,
            r"line \d+: a statement of 1,2\d\d,\d\d\d bytes for great exceeds the server's max_allowed_packet of "
            r"1,048,576; raise it",
        )


def test_hazard_24_a_statement_without_end_does_not_fill_the_memory(warehouse: Platform) -> None:
    body = classic(day(), extra=Table("last", TEXTS).create() + b"INSERT INTO `last` VALUES (1,'" + b"x" * 70_000_000)
    refusal(
        warehouse, body, UnexpectedStatement, r"a statement of more than 64 MiB for last; .*--ignore-table=\w+\.last"
    )


# --- the second time, and errors --------------------------------------------------------------------------------------


def test_hazard_25_a_dump_that_drops_nothing_replaces_the_day_before(warehouse: Platform) -> None:
    body = compact([*day(movings=1150)])
    assert b"DROP TABLE" not in body
    load(warehouse, body, manifest={})
    assert warehouse.query("SELECT COUNT(*) FROM staging.movings") == [(1150,)]
    before = warehouse.checksums()
    load(warehouse, body, manifest={})
    assert warehouse.checksums() == before


def test_hazard_26_the_first_error_stops_the_load_and_nothing_of_it_is_seen(warehouse: Platform) -> None:
    wrong = Table("Aaa", NAME_COLUMNS, [(1, "a", 1)])
    refusal(warehouse, classic([wrong, *day()]), StatementRefused, r"line \d+: .* Aaa ")


@pytest.mark.parametrize(
    "mode", [b"'NO_BACKSLASH_ESCAPES'", b"'ANSI_QUOTES,STRICT_ALL_TABLES'", b"'ansi'", b"1048576", b"'ORACLE'"]
)
def test_hazard_27_other_rules_for_strings_are_refused(warehouse: Platform, mode: bytes) -> None:
    body = classic([Table("odd", TEXTS, [(1, b"'a\\'", None)]), *day()]).replace(b"'NO_AUTO_VALUE_ON_ZERO'", mode)
    refusal(warehouse, body, DumpError, r"line \d+ .*(sql_mode|SQL_MODE|strings)")


# --- LOAD DATA --------------------------------------------------------------------------------------------------------


def test_hazard_28_a_row_whose_key_is_there_costs_that_row_and_is_kept_for_inspection(warehouse: Platform) -> None:
    rows = [(number,) for number in range(1, 1001)]
    report = load(warehouse, classic(with_rows("Deposits", [*rows, *rows[:10]])))
    assert report.rejects == 10
    assert warehouse.query("SELECT COUNT(*), SUM(id) FROM staging.Deposits") == [(1000, 500_500)]
    kept = warehouse.query(
        "SELECT table_name, row_data, reason LIKE 'Duplicate entry%' FROM ops.rejected_rows "
        f"WHERE load_id = {report.load_id}"
    )
    assert sorted(kept) == sorted(("Deposits", f"({number})".encode(), 1) for (number,) in rows[:10])


def test_hazard_28_too_many_of_them_stop_the_load(warehouse: Platform) -> None:
    body = classic(with_rows("Deposits", [(1,)] * 22))
    refusal(warehouse, body, AuditFailed, "21 of 22 rows have a key that the dump holds already, more than the 20")


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (NAME_COLUMNS, (2, "long", 2, None)),
        (NAME_COLUMNS, (2, "a", 300, None)),
        (NAME_COLUMNS, (2, None, 3, None)),
        (NAME_COLUMNS, (2, "a", 3, "2026-13-01")),
        (NAME_COLUMNS, (2, "a", "x", None)),
        (["id int NOT NULL", "b varbinary(2)"], (2, b"0x414141")),
        (["id int NOT NULL", "b tinyint", "x blob"], (2, 300, None)),
    ],
    ids=["too long", "out of range", "NULL", "no date", "no number", "bytes too long", "out of range by INSERT"],
)
def test_hazard_29_a_value_that_the_server_would_change_is_refused(
    warehouse: Platform, columns: list[str], row: tuple[object, ...]
) -> None:
    body = classic([*day(), Table("names", columns, [row])])
    refusal(
        warehouse, body, StatementRefused, r"did not take a row of names as it is \(warning 1\d\d\d: .*; have the row"
    )


def test_hazard_30_binary_literals_arrive_as_bytes_in_columns_of_bytes(warehouse: Platform) -> None:
    rows = [(1, b"0xFF00", b"0x41", "0x41"), (2, b"_binary 'a\xff\\0\\''", b"_binary 'ab'", "_binary 'ab'")]
    load(warehouse, classic([*day(), Table("odd", BLOBS, rows)]))
    assert hexes(warehouse, "odd", "b") == ["FF00", "61FF0027"]
    assert hexes(warehouse, "odd", "v") == ["41", "6162"]
    assert hexes(warehouse, "odd", "t") == [b"0x41".hex().upper(), b"_binary 'ab'".hex().upper()]


def test_hazard_30_binary_literals_in_columns_of_text_are_no_text(warehouse: Platform) -> None:
    rows = [(1, "x", 1), (2, b"0x4142", b"0x02"), (3, b"_binary 'CD'", 3), (4, "y,0x41,_binary ", 4)]
    load(warehouse, classic([*day(), Table("odd", TEXTS, rows)]))
    assert warehouse.query("SELECT t, n FROM staging.odd ORDER BY id") == [
        ("x", 1),
        ("AB", 2),
        ("CD", 3),
        ("y,0x41,_binary ", 4),
    ]


def test_hazard_31_the_last_value_of_the_last_row_is_whole(warehouse: Platform) -> None:
    number = Table("odd", TEXTS, [(n, "x", -n) for n in range(1, 1234)])
    text = Table("odder", ["id int NOT NULL", "t text"], [(n, "x),") for n in range(1, 1234)])
    load(warehouse, classic([*day(), number, text]))
    assert warehouse.query("SELECT COUNT(*), SUM(n) FROM staging.odd") == [(1233, -1233 * 617)]
    assert warehouse.query("SELECT COUNT(*), MIN(t), MAX(t) FROM staging.odder") == [(1233, "x),", "x),")]


@pytest.mark.parametrize("columns", [BLOBS, TEXTS], ids=["INSERT", "LOAD DATA"])
def test_hazard_32_text_that_is_not_utf_8_is_refused(warehouse: Platform, columns: list[str]) -> None:
    row = (2, None, None, b"'a\xff'") if columns is BLOBS else (2, b"'a\xff'", None)
    body = classic([*day(), Table("names", columns, [row])])
    refusal(warehouse, body, StatementRefused, r"line \d+: .* names .*\((error|warning) 1\d\d\d: ")


def test_hazard_33_without_local_infile_rows_go_as_insert_and_a_note_says_so(
    warehouse: Platform, admin: Platform
) -> None:
    load(warehouse, classic(day()))
    expected = warehouse.checksums()
    with server_setting(admin, "local_infile", "0"):
        report = warehouse.load(carry_over_unchanged=False)
    assert report.carried == 0
    assert warehouse.checksums() == expected
    assert [note for note in report.notes if "local_infile is off" in note]


def test_hazard_34_a_full_storage_is_the_servers_trouble_and_worth_another_try(warehouse: Platform) -> None:
    """Aurora's instance storage cannot be filled here; a MyISAM table that may not grow gives the same error 1114."""
    full = b"CREATE TABLE `full` (`id` int, `t` text) ENGINE=MyISAM MAX_ROWS=2 AVG_ROW_LENGTH=10;\n"
    rows = b"".join(b"INSERT INTO `full` VALUES (%d,'%s');\n" % (number, b"x" * 40_000) for number in range(9))
    message = refusal(
        warehouse, classic(day(), extra=full + rows), TransportFailed, "at full .*1114: .*; free or add space"
    )
    assert "have the dump" not in message


# --- what the table of hazards rests on -------------------------------------------------------------------------------


def test_every_hazard_has_a_test() -> None:
    source = Path(__file__).read_text()
    names = re.findall(r"def test_hazard_((?:\d\d_)+)", source)
    assert {int(number) for name in names for number in name.split("_") if number} == set(range(1, 35))


def test_after_every_refusal_the_right_dump_still_loads(warehouse: Platform) -> None:
    refusal(warehouse, classic(day())[:-9000], TruncatedDump, "ends inside")
    load(warehouse, classic(changed("tenants", "status", 2)))
    assert warehouse.query("SELECT DISTINCT status FROM staging.tenants") == [(2,)]
