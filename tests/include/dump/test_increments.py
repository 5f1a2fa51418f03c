"""A copy that is brought up to date by changed rows ends as the table that a whole load makes, or is loaded whole."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from include.dump import blocks, working_copy
from include.dump.errors import AuditFailed, DumpError
from include.dump.location import find_dumps
from include.dump.progress import Progress
from include.dump.restore import LoadReport
from include.dump.source import S3Dump
from include.dump.working_copy import Prepared, prepare_load
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.rollback import roll_back_load
from tests.include.conftest import restore_login
from tests.include.dump.dumps import HOSTILE_TEXT, Table, classic, day
from tests.include.dump.platform import Platform
from tests.include.warehouse.reader import Reader

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SATURDAY, SUNDAY, NEXT_MONDAY = date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9)
COLUMNS = ["id int NOT NULL", "a int DEFAULT NULL", "b varchar(40) DEFAULT NULL", "e enum('x','y') DEFAULT NULL"]
KEYS = ("PRIMARY KEY (`id`)", "UNIQUE KEY `b` (`b`)", "KEY `a` (`a`)")

WHOLE = "great was loaded whole, because its changed rows did not make it what the dump says"

Row = tuple[object, ...]


@pytest.fixture(autouse=True)
def every_table_is_great(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_copy, "SMALLEST_BYTES", 0)


def great(rows: Sequence[Row] = (), name: str = "great", keys: Sequence[str] = KEYS) -> Table:
    return Table(name, COLUMNS, list(rows), keys=keys)


def rows(count: int, changed: dict[int, Row] | None = None) -> list[Row]:
    made: dict[int, Row] = {key: (key, key % 7, f"name {key}", "x") for key in range(1, count + 1)}
    return [row for _, row in sorted((made | (changed or {})).items()) if row]


def load(platform: Platform, target: date, *further: Table, **settings: Any) -> LoadReport:
    platform.lines.clear()
    platform.put(classic([*day(target), *further]), target)
    return platform.load(target, **settings)


def prepare(platform: Platform) -> Prepared:
    published = platform.query(
        "SELECT target_date FROM ops.load_ledger WHERE state = 'published' ORDER BY load_id DESC LIMIT 1"
    )
    found = [dump for (target,) in published for dump in find_dumps(platform.s3, platform.settings, target)]
    return prepare_load(
        platform.endpoint,
        Progress(platform.lines.append),
        [S3Dump(platform.s3, dump) for dump in found],
        restore_login=restore_login(platform.endpoint),
    )


def about_great(report: LoadReport) -> list[str]:
    return [note for note in report.notes if note.startswith("great")]


def brought_up_to_date(platform: Platform) -> int:
    """How many tables the last load brought up to date."""
    said = [line for line in platform.lines if line.startswith("Bringing") and "tables" in line]
    return int(said[0].split()[1]) if said else 0


def content(platform: Platform, schema: str = "staging") -> dict[str, Any]:
    """Checksum of the rows, and definition without the counter, of each table."""
    found = {}
    for name, checksum in platform.checksums(schema).items():
        ((_, text),) = platform.query(f"SHOW CREATE TABLE `{schema}`.`{name}`")
        found[name] = (checksum, working_copy._without_counter(text))
    return found


def whole(platform: Platform, target: date) -> dict[str, Any]:
    """What loading everything of this day gives."""
    platform.load(target, carry_over_unchanged=False)
    return content(platform)


def test_a_prepared_load_sends_changed_rows_and_ends_as_a_whole_load(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepared = prepare(platform)
    assert prepared.tables["great"] == 500
    assert prepared.notes == []
    changed: dict[int, Row] = {3: (3, 9, "it's\\n),(", "y"), 77: (), 501: (501, 1, HOSTILE_TEXT[:30], "")}
    report = load(platform, TUESDAY, great(rows(500, changed)))
    assert brought_up_to_date(platform) >= 1
    assert about_great(report) == []
    assert {table.table: (table.rows, table.carried) for table in report.tables}["great"] == (500, False)
    assert platform.query("SELECT id, a, b FROM staging.great WHERE id IN (3, 77)") == [(3, 9, "it's\\n),(")]
    by_increments = content(platform)
    assert by_increments == whole(platform, TUESDAY)


def test_only_changed_blocks_are_written(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(2000)))
    prepare(platform)
    platform.query("UPDATE staging_next.great SET a = 77 WHERE id = 1000")  # a mark that a whole load would wipe out
    load(platform, TUESDAY, great(rows(2000, {3: (3, 9, "new", "y")})))
    assert platform.query("SELECT id FROM staging.great WHERE a = 77") == [(1000,)]


@pytest.mark.parametrize("seed", range(3))
def test_ten_days_of_increments_end_where_whole_loads_end(platform: Platform, seed: int) -> None:
    chance, days = random.Random(seed), 0
    held: dict[int, Row] = {key: (key, 1, f"name {key}", "x") for key in range(1, 3000)}
    for number in range(10):
        target = MONDAY + timedelta(days=number)
        for _ in range(chance.randrange(5)):
            key = chance.randrange(1, 3100)
            held[key] = (key, number, f"name {key + 5000 * chance.randrange(3)}", chance.choice(["x", "y", "", None]))
            held.pop(chance.randrange(1, 3100), None)
        tables = great([held[key] for key in sorted(held)]), great([(1, 1, str(number), "x")], "tiny")
        load(platform, target, *tables)
        days += brought_up_to_date(platform) > 0
        prepare(platform)
    assert days > 5  # on the others nothing changed
    by_increments = content(platform)
    assert by_increments == whole(platform, target)


def test_what_was_not_prepared_is_loaded_whole(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    load(platform, TUESDAY, great(rows(501)))
    assert brought_up_to_date(platform) == 0
    prepare(platform)
    load(platform, WEDNESDAY, great(rows(502)))
    assert brought_up_to_date(platform) >= 1


def test_copies_of_another_generation_are_not_used(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    load(platform, TUESDAY, great(rows(400)))
    prepare(platform)
    with contextlib.closing(platform.endpoint.connect()) as connection, exclusive(connection):
        roll_back_load(connection)
    load(platform, WEDNESDAY, great(rows(501)))
    assert brought_up_to_date(platform) == 0
    assert platform.query("SELECT COUNT(*) FROM staging.great") == [(501,)]


def test_a_changed_definition_is_loaded_whole(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    load(platform, TUESDAY, great(rows(501), keys=KEYS[:2]))
    by_increments = content(platform)
    assert "KEY `a`" not in by_increments["great"][1]
    assert by_increments == whole(platform, TUESDAY)


def test_values_of_a_unique_key_may_change_places(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    report = load(platform, TUESDAY, great(rows(500, {3: (3, 3, "name 400", "x"), 400: (400, 1, "name 3", "x")})))
    assert about_great(report) == []
    by_increments = content(platform)
    assert by_increments == whole(platform, TUESDAY)


def test_a_row_whose_unique_key_another_row_has_is_rejected_as_in_a_whole_load(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    twice = great(rows(500, {400: (400, 1, "name 3", "x")}))
    report = load(platform, TUESDAY, twice)
    assert about_great(report) == [WHOLE]
    assert report.rejects == 1
    by_increments = content(platform)
    rejected = platform.query("SELECT table_name, line, row_data FROM ops.rejected_rows ORDER BY load_id DESC LIMIT 1")
    assert by_increments == whole(platform, TUESDAY)
    again = platform.query("SELECT table_name, line, row_data FROM ops.rejected_rows ORDER BY load_id DESC LIMIT 1")
    assert rejected == again


def test_a_primary_key_that_comes_twice_is_rejected_without_a_whole_load(platform: Platform) -> None:
    content_of = [*rows(500)[:300], (300, 0, "other", "y"), *rows(500)[300:]]
    load(platform, MONDAY, great(content_of))
    prepare(platform)
    report = load(platform, TUESDAY, great([*content_of, (501, 1, "new", "x")]))
    assert about_great(report) == []
    assert report.rejects == 1
    by_increments = content(platform)
    sql = (
        "SELECT table_name, line, row_data, REPLACE(reason, 'great.', '') FROM ops.rejected_rows "
        "ORDER BY load_id DESC LIMIT 1"
    )
    rejected = platform.query(sql)
    assert by_increments == whole(platform, TUESDAY)
    assert rejected == platform.query(sql)


def test_a_table_that_a_foreign_key_points_to_is_loaded_whole(platform: Platform) -> None:
    child = Table(
        "child", ["id int NOT NULL", "great_id int NOT NULL"], [(1, 1)],
        keys=("PRIMARY KEY (`id`)", "KEY `great_id` (`great_id`)",
              "CONSTRAINT `f` FOREIGN KEY (`great_id`) REFERENCES `great` (`id`)"),
    )  # fmt: skip
    for number, target in enumerate((MONDAY, TUESDAY)):
        load(platform, target, great(rows(500 + number)), child)
        prepare(platform)
    assert platform.query("SELECT COUNT(*) FROM staging.great") == [(501,)]
    assert "great" not in content(platform, "staging_next") or "child" not in content(platform, "staging_next")


# --- changed by hand --------------------------------------------------------------------------------------------------


def test_rows_that_somebody_deleted_from_a_copy_are_noticed(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    platform.query("DELETE FROM staging_next.great WHERE id = 250")
    report = load(platform, TUESDAY, great(rows(501)))
    assert about_great(report) == [WHOLE]
    assert platform.query("SELECT COUNT(*) FROM staging.great") == [(501,)]


def test_a_table_that_somebody_deleted_rows_of_is_not_copied(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    platform.query("DELETE FROM staging.great WHERE id = 250")
    assert prepare(platform).notes == ["great is not copied: it has 499 rows and the ledger says 500"]
    load(platform, TUESDAY, great(rows(501)))
    assert platform.query("SELECT COUNT(*) FROM staging.great") == [(501,)]


@pytest.mark.parametrize("schema", ["staging", "staging_next"])
def test_a_row_that_somebody_changed_is_found_on_sunday_and_replaced(platform: Platform, schema: str) -> None:
    load(platform, SATURDAY, great(rows(500)), great(rows(300), "sound"))
    if schema == "staging":
        platform.query("UPDATE staging.great SET a = 99 WHERE id = 7")
    prepare(platform)
    platform.query("UPDATE staging_next.great SET a = 99 WHERE id = 7")
    report = load(platform, SUNDAY, great(rows(501)), great(rows(301), "sound"))
    assert [note for note in report.notes if "writes into" in note] == [
        "great, brought up to date by its changed rows, is not what a whole load makes of it; readers get the whole "
        "load: find out who writes into staging or staging_next"
    ]
    assert platform.query("SELECT COUNT(*) FROM staging.great WHERE a = 99") == [(0,)]
    assert platform.query("SHOW TABLES FROM staging LIKE '\\_increment%'") == []


def test_on_sunday_everything_is_loaded_and_the_next_day_goes_on_by_increments(platform: Platform) -> None:
    load(platform, SATURDAY, great(rows(500)))
    prepare(platform)
    report = load(platform, SUNDAY, great(rows(501)))
    assert about_great(report) == []
    assert report.carried == 0
    prepare(platform)
    load(platform, NEXT_MONDAY, great(rows(502)))
    assert brought_up_to_date(platform) >= 1
    by_increments = content(platform)
    assert by_increments == whole(platform, NEXT_MONDAY)


def test_on_sunday_a_rejected_row_is_recorded_once(platform: Platform) -> None:
    twice = [*rows(300), (300, 0, "other", "y")]
    load(platform, SATURDAY, great(twice))
    prepare(platform)
    report = load(platform, SUNDAY, great([*twice, (501, 1, "new", "x")]))
    assert brought_up_to_date(platform) >= 1
    assert report.rejects == 1
    assert platform.query(f"SELECT COUNT(*) FROM ops.rejected_rows WHERE load_id = {report.load_id}") == [(1,)]


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM ops.table_blocks",
        "UPDATE ops.table_blocks SET definition = REPEAT('0', 64)",
        "DROP TABLE staging_next._generation",
        "UPDATE staging_next._generation SET load_id = 7",
        "DELETE FROM ops.load_ledger",
        "UPDATE ops.table_ledger SET checksum = REPEAT('0', 64)",
    ],
)
def test_without_all_that_says_what_a_copy_holds_it_is_not_used(platform: Platform, harm: str) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    platform.query("UPDATE staging_next.great SET a = 99 WHERE id = 7")
    platform.query(harm)
    load(platform, TUESDAY, great(rows(501)))
    assert brought_up_to_date(platform) == 0
    assert platform.query("SELECT COUNT(*) FROM staging.great WHERE a = 99") == [(0,)]


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_dump_that_is_refused_by_the_scan_leaves_the_copies(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    platform.put(classic([*day(TUESDAY), great(rows(501))])[:-200], TUESDAY)
    with pytest.raises(DumpError):
        platform.load(TUESDAY)
    load(platform, TUESDAY, great(rows(501)))
    assert brought_up_to_date(platform) >= 1
    by_increments = content(platform)
    assert by_increments == whole(platform, TUESDAY)


def test_a_dump_that_is_refused_by_the_audit_leaves_nothing(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    platform.put(classic([*day(TUESDAY, tenants=20), great(rows(501))]), TUESDAY)
    with pytest.raises(AuditFailed):
        platform.load(TUESDAY)
    assert content(platform, "staging_next") == {}
    load(platform, TUESDAY, great(rows(501)))
    assert brought_up_to_date(platform) == 0
    by_increments = content(platform)
    assert by_increments == whole(platform, TUESDAY)


def test_a_row_that_the_server_would_change_stops_the_load(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    before = content(platform)
    prepare(platform)
    with pytest.raises(DumpError, match=r"line \d+: the server did not take a row of great as it is"):
        load(platform, TUESDAY, great(rows(500, {7: (7, 99999999999, "name 7", "x")})))
    assert content(platform) == before


def test_a_rollback_gives_the_day_before(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    monday = content(platform)
    prepare(platform)
    load(platform, TUESDAY, great(rows(501)))
    prepare(platform)
    with contextlib.closing(platform.endpoint.connect()) as connection, exclusive(connection):
        roll_back_load(connection)
    assert content(platform) == monday


def test_rows_go_as_inserts_without_local_infile(platform: Platform, database: Any) -> None:
    load(platform, MONDAY, great(rows(500)))
    prepare(platform)
    admin = Platform(None, None, database.admin)  # type: ignore[arg-type]
    admin.query("SET GLOBAL local_infile = 0")
    try:
        report = load(platform, TUESDAY, great(rows(501)))
    finally:
        admin.query("SET GLOBAL local_infile = 1")
    assert [note for note in report.notes if "local_infile is off" in note]
    assert brought_up_to_date(platform) >= 1
    by_increments = content(platform)
    assert by_increments == whole(platform, TUESDAY)


# --- preparing --------------------------------------------------------------------------------------------------------


def test_a_load_is_prepared_once(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    assert prepare(platform).tables
    assert prepare(platform).tables == {}
    assert platform.lines[-1] == "The tables of staging are copied already"


def test_nothing_is_copied_before_the_first_load(platform: Platform) -> None:
    with contextlib.closing(platform.endpoint.connect()) as connection:
        from include.warehouse.schema import ensure_platform_tables

        ensure_platform_tables(connection)
    assert prepare(platform) == Prepared()


def test_nothing_is_copied_while_a_load_is_running(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    with contextlib.closing(platform.endpoint.connect()) as connection, exclusive(connection), pytest.raises(LoadBusy):
        prepare(platform)


def test_tables_of_another_dump_are_not_divided_for_those_that_were_loaded(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    platform.put(classic([*day(MONDAY), great(rows(499))]), MONDAY)
    assert "great" not in prepare(platform).tables


def test_without_the_dump_only_tables_that_were_divided_are_copied(platform: Platform) -> None:
    load(platform, MONDAY, great(rows(500)))
    assert prepare_load(platform.endpoint, Progress(platform.lines.append)).tables == {}


def test_small_tables_are_not_copied(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    load(platform, MONDAY, great(rows(500)))
    monkeypatch.setattr(working_copy, "SMALLEST_BYTES", 10_000)
    assert "great" in (copied := prepare(platform).tables)
    assert "apartments" not in copied


def test_a_killed_preparation_leaves_no_copy_that_is_used(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    load(platform, MONDAY, great(rows(500)))
    monkeypatch.setattr(working_copy.ledger, "set_mark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        prepare(platform)
    monkeypatch.undo()
    monkeypatch.setattr(working_copy, "SMALLEST_BYTES", 0)
    load(platform, TUESDAY, great(rows(501)))
    assert brought_up_to_date(platform) == 0


def test_digests_of_loads_that_nobody_sees_are_deleted(platform: Platform) -> None:
    for number in range(3):
        load(platform, MONDAY + timedelta(days=number), great(rows(500 + number)))
    kept = platform.query(
        "SELECT COUNT(DISTINCT checksum) FROM ops.table_blocks WHERE checksum NOT IN "
        "(SELECT checksum FROM ops.table_ledger WHERE load_id = 3)"
    )
    assert kept == [(0,)]
    assert blocks.VERSION


# --- readers ----------------------------------------------------------------------------------------------------------


@pytest.mark.full
def test_a_reader_sees_one_day_after_the_other_through_a_hundred_increments(platform: Platform) -> None:
    """Two tables hold the number of the day in one row each; a third statement would see a mixture of days."""

    def tables(number: int) -> tuple[Table, Table]:
        return (
            great(rows(500, {7: (7, number, "number", "x")})),
            great(rows(500, {450: (450, number, "number", "x")}), "other"),
        )

    def read(connection: Any) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT one.a, two.a FROM staging.great one JOIN staging.other two ON one.id = 7 AND two.id = 450"
            )
            ((one, two),) = cursor.fetchall()
        return int(one), int(two)

    load(platform, MONDAY, *tables(0))
    reader: Reader[tuple[int, int]] = Reader(platform.endpoint, read)
    by_increments = 0
    try:
        for number in range(1, 101):
            prepare(platform)
            load(platform, MONDAY, *tables(number))
            by_increments += brought_up_to_date(platform) > 0
    finally:
        reader.stop()
    assert by_increments == 100
    assert {one for one, two in reader.seen if one != two} == set()
    seen = [one for one, _ in reader.seen]
    assert seen == sorted(seen)
    print(f"{len(seen):,} reads of {len(set(seen))} generations")
    assert len(set(seen)) > 90
