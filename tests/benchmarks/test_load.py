from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.benchmarks import load
from tests.benchmarks.measure import Measurement
from tests.benchmarks.test_copies import BIG, COLUMNS, row
from tests.include.dump.dumps import Table, classic

TWICE = Table("ry", COLUMNS, [row(1), row(2), row(2), row(3)])


@pytest.fixture
def own_directory(monkeypatch):
    """A place with a short name: a server's socket may not lie deeper than 107 letters."""
    with tempfile.TemporaryDirectory() as directory:
        monkeypatch.setenv("GGHOUSE_LOCAL_DIR", directory)
        yield Path(directory)


@pytest.fixture
def dump(tmp_path):
    path = tmp_path / "dump.sql"
    path.write_bytes(classic([BIG, TWICE]))
    later = tmp_path / "later.sql"
    later.write_bytes(classic([BIG, Table("ry", COLUMNS, [*TWICE.rows, row(4)])]))
    return ["--dump", str(path), "--next", str(later), "--no-contract", "--rounds", "1", "--buffer-pool-mb", "64"]


def test_every_way_is_measured_and_compared_and_nothing_is_left(dump, own_directory, capsys):
    assert load.main(dump) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "dump.sql: 0.0 MB, 94 rows in 2 tables; the next day 1 tables differ, 0.0 MB"
    assert [line[:15].strip() for line in lines[3:11]] == list(load.SHOWN)
    assert lines[3].split()[4] == "1.00"
    assert lines[-1] == "all tables equal to those of the plain client (CHECKSUM TABLE), in every way"
    assert list(own_directory.iterdir()) == []


def test_a_way_that_gives_other_tables_ends_the_benchmark(dump, own_directory, capsys, monkeypatch):
    monkeypatch.setitem(load.LOADS, "program", ("--date", "nonsense"))
    assert load.main(dump) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("write it as YYYY-MM-DD")

    def checksums(self, schema, right=load.Bench.checksums):
        return right(self, schema) | ({"big": 1} if schema == "bench" else {})

    monkeypatch.setitem(load.LOADS, "program", ())
    monkeypatch.setattr(load.Bench, "checksums", checksums)
    assert load.main(dump) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "bench-load: program: big not as the plain client has them"
    assert list(own_directory.iterdir()) == []


def test_two_days_are_named_or_none(dump, own_directory, capsys):
    assert load.main(dump[:2]) == 1
    assert "name both or none" in capsys.readouterr().err


def test_ratios_are_those_of_the_medians():
    runs = {way: [Measurement(wall, 1.0, 50_000_000) for wall in (9.0, 10.0, 30.0)] for way in load.SHOWN}
    runs["program"] = [Measurement(wall, 2.0, 60_000_000) for wall in (4.0, 5.0, 6.0)]
    lines = list(load.table(100_000_000, runs))
    assert lines[2].split() == ["program", "5.0", "0.50", "2.0", "60", "20.0", "4.0,", "5.0,", "6.0"]
    assert len({line.index(".") for line in lines[1:]}) == 1
