"""I-12: some keys are twice in the dump. Its first row is taken, and the others are kept to be looked at."""

from __future__ import annotations

from typing import Any

import pytest

from include.dump.connections import DEFER_BYTES
from include.dump.errors import AuditFailed
from include.dump.restore import LoadReport
from include.dump.sending import TRANSPORTS
from tests.include.dump.dumps import YESTERDAY, Table, classic, day, literal, with_rows
from tests.include.dump.platform import Platform

WAYS = [("connections", 1), ("connections", 2), ("connections", 4), ("program", 1)]
COLUMNS = ["id int NOT NULL", "a varchar(40) NOT NULL", "b int NOT NULL", "text varchar(200) DEFAULT NULL"]
PRIMARY, COMPOSITE = ("PRIMARY KEY (`id`)",), ("PRIMARY KEY (`a`,`b`)",)
SECONDARY = ("PRIMARY KEY (`id`)", "KEY `b` (`b`)", "UNIQUE KEY `both` (`a`,`b`)")
# Rows of a table that is too small for its keys to be deferred, and of one that is big enough.
FEW, MANY = 300, 9_000

ways = pytest.mark.parametrize(("transport", "connections"), WAYS, ids=[f"{way} {count}" for way, count in WAYS])


def load(platform: Platform, body: bytes, transport: str, connections: int, target: Any = None) -> LoadReport:
    day_or_target = {"target": target} if target else {}
    platform.put(body, **day_or_target)
    return platform.load(load_transport=transport, load_connections=connections, **day_or_target)


def people(keys: tuple[str, ...], rows: int) -> Table:
    table = Table("people", COLUMNS, keys=keys)
    table.rows = [(number, f"name {number}", number % 7, "first " + "x" * 120) for number in range(1, rows + 1)]
    return table


def again(table: Table, number: int, **values: object) -> tuple[object, ...]:
    """A row with the key of an earlier one and other things in it."""
    names = [column.split()[0] for column in table.columns]
    row = dict(zip(names, table.rows[number - 1], strict=True)) | {"text": f"second of {number}; 'quoted', (x)"}
    return tuple((row | values)[name] for name in names)


def written(row: tuple[object, ...]) -> bytes:
    return b"(" + b",".join(literal(value) for value in row) + b")"


def rejected(platform: Platform) -> list[tuple[str, int, str, bytes]]:
    return [
        (table, line, reason, row)
        for table, line, reason, row in platform.query(
            "SELECT table_name, line, reason, row_data FROM ops.rejected_rows "
            "WHERE load_id = (SELECT MAX(load_id) FROM ops.load_ledger) ORDER BY number"
        )
    ]


def line_of(body: bytes, row: bytes) -> int:
    return body.count(b"\n", 0, body.index(row)) + 1


def seconds(platform: Platform) -> int:
    ((count,),) = platform.query("SELECT COUNT(*) FROM staging.people WHERE text NOT LIKE 'first%'")
    return int(count)


CASES: dict[str, tuple[tuple[str, ...], int, int, dict[str, int]]] = {
    "small, in one statement": (PRIMARY, FEW, 500, {}),
    "small, across statements": (PRIMARY, FEW, 50, {}),
    "big, in one statement": (PRIMARY, MANY, 100_000, {}),
    "big, across statements": (PRIMARY, MANY, 500, {}),
    "small, composite key": (COMPOSITE, FEW, 50, {}),
    "big, composite key": (COMPOSITE, MANY, 500, {}),
    "small, secondary unique key": (SECONDARY, FEW, 50, {"id": 1_000_000}),
    "big, deferred unique key": (SECONDARY, MANY, 500, {"id": 1_000_000}),
}


@pytest.mark.parametrize(
    ("case", "transport", "connections"),
    [(case, *way) for case in CASES for way in WAYS if case.startswith("big") or way in (("connections", 4), WAYS[-1])],
)
def test_i12_the_first_row_of_the_dump_is_taken_and_the_second_kept_as_it_is(
    platform: Platform, case: str, transport: str, connections: int
) -> None:
    keys, count, rows_each, values = CASES[case]
    table = people(keys, count)
    doubles = [
        again(table, number, **{name: value + number for name, value in values.items()})
        for number in (1, 2, count // 2)
    ]
    table.rows[count // 2 : count // 2] = doubles[:2]
    table.rows.append(doubles[2])
    body = classic(day()).replace(
        b"-- Dump completed", table.create() + table.inserts(rows_each) + b"-- Dump completed"
    )
    assert (len(table.inserts()) >= DEFER_BYTES) is (count == MANY)
    report = load(platform, body, transport, connections)
    (people_count,) = (count for count in report.tables if count.table == "people")
    assert (people_count.rows, people_count.rejects) == (count, 3)
    assert seconds(platform) == 0
    found = rejected(platform)
    assert {(name, line, row) for name, line, _, row in found} == {
        ("people", line_of(body, written(double)), written(double)) for double in doubles
    }
    key = "both" if keys is SECONDARY else "PRIMARY"
    for double in doubles:
        (reason,) = (reason for _, _, reason, row in found if row == written(double))
        assert reason.startswith("Duplicate entry '…' for key")
        assert reason.rstrip("'").endswith(key)
    assert platform.query(
        "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = 'staging' AND table_name = 'people'"
    ) == [({PRIMARY: 1, COMPOSITE: 2, SECONDARY: 4}[keys],)]


@ways
def test_i12_a_key_that_is_there_three_times_is_rejected_twice(
    platform: Platform, transport: str, connections: int
) -> None:
    table = people(PRIMARY, MANY)
    doubles = [again(table, 5, text=f"again {number}") for number in range(2)]
    table.rows[100:100] = doubles[:1]
    table.rows += doubles[1:]
    load(platform, classic([*day(), table]), transport, connections)
    assert seconds(platform) == 0
    assert sorted(row for *_, row in rejected(platform)) == sorted(written(double) for double in doubles)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_i12_keys_that_only_differ_for_us_are_told_apart_by_their_rows(platform: Platform, transport: str) -> None:
    table = Table("names", ["a varchar(20) NOT NULL", "n int NOT NULL"], keys=("PRIMARY KEY (`a`)",))
    table.rows = [("straße", 1), ("Abc", 2), ("ABC", 3), ("abc", 4), ('it\'s \\ "x"', 5), ('IT\'S \\ "x"', 6)]
    load(platform, classic([*day(), table]), transport, 2)
    assert platform.query("SELECT n FROM staging.names ORDER BY n") == [(1,), (2,), (5,)]
    assert [row for *_, row in rejected(platform)] == [
        written(row) for row in (table.rows[2], table.rows[3], table.rows[5])
    ]


@ways
def test_i12_as_many_as_the_limit_allows_are_rejected_one_by_one(
    platform: Platform, transport: str, connections: int
) -> None:
    table = people(PRIMARY, MANY)
    table.rows += [again(table, number) for number in range(1, 91)]
    load(platform, classic([*day(), table]), transport, connections)
    assert len(rejected(platform)) == 90
    assert seconds(platform) == 0


@ways
def test_i12_more_than_the_limit_stop_the_load(published: Platform, transport: str, connections: int) -> None:
    before = published.checksums()
    rows = [(number,) for number in range(1, 101)]
    with pytest.raises(AuditFailed, match="Deposits: 21 of 121 rows have a key that the dump holds already, more than"):
        load(published, classic(with_rows("Deposits", [*rows, *rows[:21]])), transport, connections)
    assert published.checksums() == before


def test_i12_the_second_day_takes_the_tables_in_order_at_once(platform: Platform) -> None:
    table = people(SECONDARY, MANY)
    table.rows.append(again(table, 3, id=1_000_000))
    load(platform, classic([*day(YESTERDAY), table]), "connections", 2, YESTERDAY)
    assert len([line for line in platform.lines if "people: a key twice, so their rows are sent again" in line]) == 1
    platform.lines.clear()
    table.rows.append(again(table, 4, id=1_000_001))
    load(platform, classic([*day(), table]), "connections", 2)
    assert [line for line in platform.lines if "a key twice" in line] == []
    assert len(rejected(platform)) == 2
    assert seconds(platform) == 0


def test_i12_a_table_that_is_carried_over_keeps_its_count_of_rejects(platform: Platform) -> None:
    table = people(PRIMARY, FEW)
    table.rows.append(again(table, 3))
    for target in (YESTERDAY, None):
        report = load(platform, classic([*(day(target) if target else day()), table]), "connections", 2, target)
        (count,) = (count for count in report.tables if count.table == "people")
        assert (count.rows, count.rejects) == (FEW, 1)
    assert count.carried
