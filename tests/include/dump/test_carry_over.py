"""A table whose bytes in the dump are those of the live generation stays where it is, and no other table does."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.dump.errors import AuditFailed, DumpError, UnexpectedStatement
from include.dump.generation import LoadOptions
from include.dump.location import PER_TABLE
from include.dump.progress import Progress
from include.dump.restore import LoadReport, restore
from include.dump.sending import TRANSPORTS
from include.dump.source import LocalDump
from include.settings import Settings
from include.warehouse.generations import exclusive
from include.warehouse.rollback import plan_rollback, roll_back_load
from infra.local.database import Database
from tests.include.conftest import fresh_loader, restore_login
from tests.include.dump.dumps import Table, changed, classic, day, pick
from tests.include.dump.platform import Platform

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SATURDAY, SUNDAY = date(2026, 3, 7), date(2026, 3, 8)
# Tables of `day` whose rows hold the time of their last change.
CHANGING = {"movings", "tenants", "inquiries", "rooms", "apartments"}


def tables(target: date, *further: Table) -> list[Table]:
    return [*day(target), *further]


def still(name: str = "still", value: int = 1) -> Table:
    return Table(name, ["id int NOT NULL", "n int NOT NULL"], [(number, value) for number in range(50)])


def load(platform: Platform, target: date, *further: Table, **settings: Any) -> LoadReport:
    platform.put(classic(tables(target, *further)), target)
    return platform.load(target, **settings)


def loaded(report: LoadReport) -> set[str]:
    return {table.table for table in report.tables if not table.carried}


def in_ledger(platform: Platform, report: LoadReport) -> set[str]:
    rows = platform.query(f"SELECT table_name FROM ops.table_ledger WHERE carried AND load_id = {report.load_id}")
    return {name for (name,) in rows}


def clean(platform: Platform, target: date, *further: Table) -> dict[str, int]:
    """What loading everything of this day gives."""
    load(platform, target, *further, carry_over_unchanged=False)
    return platform.checksums()


@pytest.fixture
def general_log(database: Database) -> Iterator[Platform]:
    """The server's own record of every statement, in a table."""
    admin = Platform(None, None, database.admin)  # type: ignore[arg-type]
    admin.query("SET GLOBAL log_output = 'TABLE'")
    admin.query("TRUNCATE TABLE mysql.general_log")
    admin.query("SET GLOBAL general_log = ON")
    yield admin
    admin.query("SET GLOBAL general_log = OFF")
    admin.query("SET GLOBAL log_output = 'FILE'")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_table_that_did_not_change_is_read_and_never_written(
    platform: Platform, general_log: Platform, transport: str
) -> None:
    expected = clean(platform, TUESDAY, still())
    load(platform, MONDAY, still(), carry_over_unchanged=False)
    general_log.query("TRUNCATE TABLE mysql.general_log")
    report = load(platform, TUESDAY, still(), load_transport=transport)
    said = [str(text) for (text,) in general_log.query("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log")]
    about = [text for text in said if re.search(r"`still`|\bstill\b", text) and not text.startswith("SELECT")]
    assert [text for text in about if "ops." not in text] == []
    assert [text for text in said if text.startswith("RENAME") and "`movings`" in text]
    assert loaded(report) == CHANGING
    assert report.carried == len(report.tables) - len(CHANGING)
    assert in_ledger(platform, report) == {"still", "m_nationalities", "Deposits", "ry"}
    assert platform.checksums() == expected


def test_the_same_dump_again_loads_nothing(platform: Platform) -> None:
    load(platform, MONDAY)
    before = platform.checksums()
    report = load(platform, MONDAY)
    assert loaded(report) == set()
    assert platform.checksums() == before
    assert platform.last_load() == (MONDAY, "published", None)


def test_one_changed_byte_loads_the_table(platform: Platform) -> None:
    load(platform, MONDAY, still())
    other = still()
    other.rows[-1] = (49, 2)
    assert "still" in loaded(load(platform, TUESDAY, other))
    assert platform.query("SELECT n FROM staging.still WHERE id = 49") == [(2,)]


def test_a_changed_definition_with_the_same_rows_is_loaded(platform: Platform) -> None:
    load(platform, MONDAY, still())
    wider = still()
    wider.columns = ["id int NOT NULL", "n bigint NOT NULL"]
    assert "still" in loaded(load(platform, TUESDAY, wider))
    ((kind,),) = platform.query(
        "SELECT data_type FROM information_schema.columns WHERE table_schema = 'staging' "
        "AND table_name = 'still' AND column_name = 'n'"
    )
    assert kind == "bigint"


def test_the_switch_loads_everything(platform: Platform) -> None:
    load(platform, MONDAY)
    report = load(platform, MONDAY, carry_over_unchanged=False)
    assert report.carried == 0
    assert in_ledger(platform, report) == set()


def test_a_table_that_leaves_the_dump_leaves_staging(platform: Platform) -> None:
    load(platform, MONDAY, still(), still("gone"))
    load(platform, TUESDAY, still())
    assert "gone" not in platform.checksums()
    assert "gone" in platform.checksums("staging_prev")
    assert "still" in platform.checksums()


def test_a_table_that_comes_back_is_loaded(platform: Platform) -> None:
    load(platform, MONDAY, still())
    load(platform, TUESDAY)
    assert "still" in loaded(load(platform, WEDNESDAY, still()))


# --- changed by hand --------------------------------------------------------------------------------------------------


def test_on_sundays_everything_is_loaded(platform: Platform) -> None:
    load(platform, SATURDAY, still())
    report = load(platform, SUNDAY, still())
    assert report.carried == 0
    assert [note for note in report.notes if "writes into" in note] == []


def test_a_table_that_somebody_changed_by_hand_is_found_on_sunday_and_replaced(platform: Platform) -> None:
    load(platform, SATURDAY, still(), still("sound"))
    platform.query("UPDATE staging.still SET n = 9 WHERE id = 7")
    report = load(platform, SUNDAY, still(), still("sound"))
    assert [note for note in report.notes if "writes into" in note] == [
        "still was not what its dump says although the dump is unchanged; it is replaced: find out who writes into "
        "staging"
    ]
    assert platform.query("SELECT MAX(n) FROM staging.still") == [(1,)]


def test_a_table_that_somebody_dropped_is_loaded_again(platform: Platform) -> None:
    load(platform, MONDAY, still())
    platform.query("DROP TABLE staging.still")
    assert "still" in loaded(load(platform, TUESDAY, still()))


def test_rows_that_somebody_deleted_are_noticed_on_any_day(platform: Platform) -> None:
    load(platform, MONDAY, still())
    platform.query("DELETE FROM staging.still WHERE id = 7")
    report = load(platform, TUESDAY, still())
    assert [note for note in report.notes if note.startswith("still ")] == [
        "still held 49 rows instead of 50 although the dump is unchanged; it is loaded again: find out who writes into "
        "staging"
    ]
    assert platform.query("SELECT COUNT(*) FROM staging.still") == [(50,)]


def test_a_table_that_somebody_added_to_staging_leaves_with_the_next_load(platform: Platform) -> None:
    load(platform, MONDAY)
    platform.query("CREATE TABLE staging.mine (id int)")
    load(platform, TUESDAY)
    assert "mine" not in platform.checksums()


# --- other days, failures ---------------------------------------------------------------------------------------------


def test_after_a_failed_load_tables_are_compared_with_what_readers_see(platform: Platform) -> None:
    load(platform, MONDAY, still(value=1))
    before = platform.checksums()
    platform.put(classic([*day(TUESDAY, tenants=20), still(value=2)]), TUESDAY)
    with pytest.raises(AuditFailed):
        platform.load(TUESDAY)
    assert platform.checksums() == before
    report = load(platform, TUESDAY, still(value=2))
    assert "still" in loaded(report)
    assert platform.query("SELECT MAX(n) FROM staging.still") == [(2,)]
    report = load(platform, WEDNESDAY, still(value=2))
    assert "still" not in loaded(report)


def test_after_a_load_that_was_marked_as_superseded_its_tables_are_still_the_live_ones(platform: Platform) -> None:
    load(platform, MONDAY, still(value=1))
    load(platform, TUESDAY, still(value=2))
    platform.query("UPDATE ops.load_ledger SET state = 'superseded' WHERE target_date = '2026-03-03'")
    report = load(platform, WEDNESDAY, still(value=1))
    assert "still" in loaded(report)
    assert platform.query("SELECT MAX(n) FROM staging.still") == [(1,)]


def test_a_replay_of_an_older_day_and_the_way_back_give_each_days_tables(platform: Platform) -> None:
    monday = clean(platform, MONDAY, still(value=1), still("same"))
    tuesday = clean(platform, TUESDAY, still(value=2), still("same"))
    report = load(platform, MONDAY, still(value=1), still("same"))
    assert loaded(report) == CHANGING | {"still"}
    assert platform.checksums() == monday
    report = load(platform, TUESDAY, still(value=2), still("same"))
    assert loaded(report) == CHANGING | {"still"}
    assert platform.checksums() == tuesday


def test_many_days_of_carrying_over_end_where_loading_everything_ends(platform: Platform) -> None:
    values = [(1, 1), (1, 2), (2, 2), (1, 2), (1, 2)]
    for number, (a, b) in enumerate(values):
        load(platform, date(2026, 3, 2 + number), still("a", a), still("b", b))
    carried = platform.checksums()
    assert carried == clean(platform, date(2026, 3, 6), still("a", 1), still("b", 2))


# --- the four per-table files -----------------------------------------------------------------------------------------


def put_per_table(platform: Platform, target: date) -> None:
    found = day(target)
    for name in PER_TABLE:
        key = f"dumps/{name}_{target:%Y%m%d}.sql"
        platform.s3.put_object(Bucket=platform.settings.bucket, Key=key, Body=classic([pick(found, name)]))


def test_per_table_files_keep_all_other_tables(platform: Platform) -> None:
    load(platform, MONDAY, still())
    before = platform.checksums()
    put_per_table(platform, TUESDAY)
    report = platform.load(TUESDAY, dump_layout="per_table")
    assert loaded(report) == set(PER_TABLE)
    now = platform.checksums()
    assert now.keys() == before.keys()
    assert {name for name in now if now[name] != before[name]} <= set(PER_TABLE)
    assert platform.query("SELECT MAX(updated_at) FROM staging.movings")[0][0].date() == MONDAY  # UTC
    assert {table.table: table.rows for table in report.tables}["still"] == 50


def test_after_per_table_files_a_whole_dump_carries_over_what_stayed(platform: Platform) -> None:
    load(platform, MONDAY, still())
    put_per_table(platform, TUESDAY)
    platform.load(TUESDAY, dump_layout="per_table")
    report = load(platform, TUESDAY, still())
    assert loaded(report) == {"apartments"}
    carried = platform.checksums()
    assert carried == clean(platform, TUESDAY, still())


def test_per_table_files_on_a_sunday_load_their_tables_and_keep_the_others(platform: Platform) -> None:
    load(platform, SATURDAY, still())
    put_per_table(platform, SUNDAY)
    for _ in range(2):
        report = platform.load(SUNDAY, dump_layout="per_table")
        assert loaded(report) == set(PER_TABLE)
        assert "still" in platform.checksums()


def test_per_table_files_alone_are_no_generation(platform: Platform) -> None:
    put_per_table(platform, MONDAY)
    with pytest.raises(AuditFailed, match="the dump has no table apartments, which models read"):
        platform.load(MONDAY, dump_layout="per_table")
    assert platform.checksums() == {}


def test_a_changed_value_is_never_carried_over(platform: Platform) -> None:
    platform.put(classic(day()), MONDAY)
    platform.load(MONDAY)
    platform.put(classic(changed("rooms", "rent", 77, every=4)), MONDAY)
    assert loaded(platform.load(MONDAY)) == {"rooms"}
    assert platform.query("SELECT COUNT(*) FROM staging.rooms WHERE rent = 77") == [(3,)]


# --- a ledger that is not what the loads wrote ------------------------------------------------------------------------


def rows_of(platform: Platform, table: str) -> list[tuple[Any, ...]]:
    return platform.query(f"SELECT DISTINCT n FROM staging.{table}")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (
            "DELETE FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1",
            r"staging was made by load 2, and the ledger's newest is 1; everything was loaded: find out who",
        ),
        ("DELETE FROM ops.load_ledger", "staging was made by load 2, and the ledger's newest is none"),
        (
            "DELETE FROM ops.table_ledger WHERE load_id = 2 AND table_name = 'movings'",
            "rows about load 2 are not those",
        ),
        (
            "UPDATE ops.table_ledger a JOIN ops.table_ledger b ON b.load_id = 1 AND b.table_name = a.table_name "
            "SET a.checksum = b.checksum WHERE a.load_id = 2",
            "rows about load 2 are not those that this load wrote",
        ),
        (
            "DROP TABLE staging._generation",
            "staging does not say which load made it, and the ledger's newest is 2",
        ),
        ("UPDATE staging._generation SET load_id = 1", "staging was made by load 1, and the ledger's newest is 2"),
        ("DELETE FROM staging._generation", "staging does not say which load made it"),
        ("ALTER TABLE staging._generation DROP COLUMN digest", "staging does not say which load made it"),
    ],
)
def test_a_ledger_that_does_not_describe_what_readers_see_carries_nothing_over(
    platform: Platform, harm: str, says: str
) -> None:
    load(platform, MONDAY, still(value=2))
    load(platform, TUESDAY, still(value=3))
    for statement in harm.split(";"):
        platform.query(statement)
    report = load(platform, WEDNESDAY, still(value=2))
    assert report.carried == 0
    assert rows_of(platform, "still") == [(2,)]
    assert any(says.strip(".") in note or re.search(says, note) for note in report.notes), report.notes
    assert load(platform, date(2026, 3, 5), still(value=2)).carried > 0, "the next load trusts the ledger again"


def test_a_dump_in_parts_is_refused_when_nobody_knows_what_its_missing_tables_hold(
    platform: Platform, tmp_path: Path
) -> None:
    load(platform, MONDAY, still())
    platform.query("DELETE FROM ops.load_ledger")
    part = tmp_path / "part.sql"
    part.write_bytes(classic(day(TUESDAY)))
    login = restore_login(platform.endpoint)
    with pytest.raises(DumpError, match=r"is none, so still, which the dump lacks, cannot stay as it is; load a dump"):
        restore(
            [LocalDump(part)],
            TUESDAY,
            platform.endpoint,
            LoadOptions(partial=True),
            Progress(platform.lines.append),
            restore_login=login,
        )
    assert rows_of(platform, "still") == [(1,)]


def test_a_dump_with_a_table_named_like_the_platforms_own_is_refused(platform: Platform) -> None:
    load(platform, MONDAY)
    before = platform.checksums()
    for name in ("_generation", "_GENERATION"):
        with pytest.raises(UnexpectedStatement, match="a name that the platform uses; have it renamed"):
            load(platform, TUESDAY, still(name))
    assert platform.checksums() == before


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_load_that_fails_leaves_no_rows_behind(platform: Platform, transport: str) -> None:
    load(platform, MONDAY)
    bad = Table("bad", ["id int NOT NULL"], [(1,), ("'x'",)])
    with pytest.raises(DumpError, match="bad"):
        load(platform, TUESDAY, still(), bad, load_transport=transport)
    assert platform.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'staging_next'") == []
    assert platform.query("SHOW DATABASES LIKE 'staging\\_next'") == [("staging_next",)]


def test_tables_with_capitals_are_carried_over_whatever_the_server_makes_of_them(
    make_database: Callable[..., Database], s3: Any, settings: Settings
) -> None:
    database = make_database("--lower-case-table-names=1")
    platform = Platform(s3, settings, fresh_loader(database))
    load(platform, MONDAY, still("Costs_items"), still("Leaving"))
    report = load(platform, TUESDAY, still("Costs_items"))
    assert loaded(report) == CHANGING
    assert platform.query("SELECT COUNT(*) FROM staging.Costs_items") == [(50,)]
    assert platform.query("SHOW TABLES FROM staging LIKE 'leaving'") == []
    assert loaded(load(platform, WEDNESDAY, still("Costs_items", 2))) == CHANGING | {"Costs_items"}
    with contextlib.closing(platform.endpoint.connect()) as connection, exclusive(connection):
        assert "Costs_items" in plan_rollback(connection).tables
        roll_back_load(connection)
    assert rows_of(platform, "Costs_items") == [(1,)]
    assert loaded(load(platform, date(2026, 3, 5), still("Costs_items"))) == CHANGING
