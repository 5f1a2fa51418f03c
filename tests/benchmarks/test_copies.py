from __future__ import annotations

import pytest

from include.dump.errors import DumpError
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


def test_only_rows_that_come_twice_are_left_out(source, tmp_path):
    copies.for_the_plain_client(source, tmp_path / "plain.sql")
    once = Table("ry", COLUMNS, [row(1), row(2), row(3, "x"), row(3, "y")])
    assert (tmp_path / "plain.sql").read_bytes() == classic([BIG, DATELESS, once])


def test_a_compressed_dump_is_refused(tmp_path):
    import gzip

    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(classic([BIG])))
    with pytest.raises(DumpError, match="the plain client cannot read that; unpack it"):
        copies.scan(path)
