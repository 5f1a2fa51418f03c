from __future__ import annotations

import pytest

from include.dump.errors import DumpError
from include.dump.inventory import take_inventory
from include.dump.source import LocalDump
from tests.benchmarks import copies
from tests.include.dump.dumps import Table, classic

COLUMNS = ["id int NOT NULL", "name varchar(50) DEFAULT NULL", "updated_at timestamp NULL DEFAULT NULL"]


def row(number, name="it's ),(1,2)"):
    return (number, name, "2026-03-01 20:15:09")


REPEATED = Table("ry", COLUMNS, [row(1), row(2), row(2), row(3, "x"), row(3, "y")])
BIG = Table("big", COLUMNS, [row(number, "b" * 40) for number in range(90)])
DATELESS = Table("dateless", ["id int NOT NULL"], [(1,)])


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "dump.sql"
    path.write_bytes(classic([BIG, DATELESS, REPEATED]))
    return copies.scan(path)


def checksums(path):
    return {name: table.checksum for name, table in take_inventory(LocalDump(path)).tables.items()}


def test_only_rows_that_come_twice_are_left_out(source, tmp_path):
    copies.for_the_plain_client(source, tmp_path / "plain.sql")
    once = Table("ry", COLUMNS, [row(1), row(2), row(3, "x"), row(3, "y")])
    assert (tmp_path / "plain.sql").read_bytes() == classic([BIG, DATELESS, once])


def test_a_day_later_the_chosen_tables_and_no_others_differ(source, tmp_path):
    later = tmp_path / "later.sql"
    copies.a_day_later(source, ["ry"], later)
    before, after = checksums(source.path), checksums(later)
    assert {name for name in before if before[name] != after[name]} == {"ry"}
    assert later.read_bytes().count(b"'2026-03-01 20:15:00'") == 1
    assert later.stat().st_size == source.bytes


def test_tables_of_a_share_are_the_biggest_that_fit_and_can_be_changed(source):
    sizes = {name: table.bytes for name, table in source.inventory.tables.items()}
    total = sum(sizes.values())
    assert copies.tables_of_a_share(source, 3.1 * sizes["big"] / total) == ["big", "ry"]
    assert copies.tables_of_a_share(source, 2.9 * sizes["big"] / total) == ["ry"]  # the other would be most of it
    assert copies.tables_of_a_share(source, 0.01) == ["ry"]  # none fits


def test_a_part_holds_the_wanted_tables_without_repetitions(source, tmp_path):
    part = tmp_path / "part.sql"
    copies.only(source, ["ry"], part)
    assert list(checksums(part)) == ["ry"]
    assert take_inventory(LocalDump(part)).rows == 4


def test_a_compressed_dump_is_refused(tmp_path):
    import gzip

    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(classic([BIG])))
    with pytest.raises(DumpError, match="the plain client cannot read that; unpack it"):
        copies.scan(path)
