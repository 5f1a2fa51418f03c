from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from include.dump.inventory import take_inventory
from include.dump.source import LocalDump
from tests.benchmarks import growth, growth_dumps
from tests.benchmarks.curves import FLAT_BELOW, Point, as_json, exponent, fixed_and_each, from_json, merge
from tests.benchmarks.growth_page import mark, page, picture
from tests.include.dump.dumps import Table, classic


def point(size: float, seconds: float, phase: str = "scan", axis: str = "rows", peak: int = 50_000_000) -> Point:
    return Point(axis, size, phase, seconds, seconds * 1.5, peak, int(size * 945e6), "10.11", 0.5)


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_the_exponent_is_the_power(power):
    assert exponent((size, 3 * size**power) for size in (1, 2, 4, 10)) == pytest.approx(power)


def test_the_exponent_levels_out_what_is_noise():
    assert exponent([(1, 1.1), (2, 1.9), (4, 4.2), (10, 9.8)]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("pairs", [[], [(1, 2)], [(1, 2), (1, 3)], [(0, 1), (1, 1)], [(1, 0), (2, 1)]])
def test_one_size_has_no_exponent(pairs):
    assert exponent(pairs) is None


def test_a_line_tells_the_start_from_what_grows():
    assert fixed_and_each([(size, 5 + 3 * size) for size in (1, 2, 4, 10)]) == pytest.approx((5, 3))
    assert fixed_and_each([(1, 7), (2, 6)]) == pytest.approx((6.4, 0), abs=0.2)
    with pytest.raises(ValueError, match="two different sizes"):
        fixed_and_each([(1, 2), (1, 2)])


def test_a_phase_that_is_run_again_replaces_only_itself(tmp_path):
    known = [point(1, 9), point(2, 20), point(1, 50, "load")]
    merged = merge(known, [point(2, 18)])
    assert [(each.phase, each.size, each.seconds) for each in merged] == [
        ("scan", 1, 9),
        ("scan", 2, 18),
        ("load", 1, 50),
    ]
    assert from_json(json.loads(json.dumps(as_json(merged)))) == merged
    with pytest.raises(ValueError, match="not measurements"):
        from_json([{"axis": "rows"}])


def points() -> list[Point]:
    return [
        *(point(size, 2 + 40 * size, "load") for size in (1, 2, 4, 10)),
        *(point(size, 2 + 10 * size, "scan", peak=int(5e7 * size)) for size in (1, 2, 4, 10)),
        *(point(size, 2 + 20 * size, "next day") for size in (1, 2)),
        *(point(size, 5 + 10 * size, phase) for size in (1, 2) for phase in ("silver", "gold")),
        *(point(size, 3, "append", "dates") for size in (100, 280, 1000)),
        *(point(size, size / 10, "silver", "dates") for size in (100, 280, 1000)),
    ]


def test_the_page_marks_what_must_be_flat_and_is_not():
    lines = page(points(), {"history_bytes_per_row": 90.0, "tenants": 50_700}, "growth.svg").splitlines()

    def row(axis: str, phase: str) -> str:
        begin = lines.index(next(line for line in lines if line.startswith("### ") and axis in line))
        return next(line for line in lines[begin:] if line.startswith(f"| {phase} "))

    assert "memory flat" in row("Rows", "load")
    assert "**memory not flat**" in row("Rows", "scan")
    assert "time flat" in row("Dates", "append")
    assert "**time not flat**" in row("Dates", "silver")
    assert "![](growth.svg)" in lines


def test_the_page_says_what_ten_times_the_company_needs_and_where_one_writer_ends():
    day = [point(size, 4 + 20 * size, phase) for size in (1, 10) for phase in ("load", "capture", "silver", "gold")]
    text = page(day, {"history_bytes_per_row": 100.0, "tenants": 5_000, "dates_company": 0.1}, "growth.svg")
    assert "| load | 36 | 152 to 268 | 306 |" in text
    assert "20 GB for the 3,930 dates" in text
    assert "10.2 minutes on 2 processors" in text
    assert "at 45 times" in text


def test_a_difference_of_a_program_start_is_no_growth():
    near = [point(size, seconds, "append", "dates") for size, seconds in ((100, 0.2), (280, 0.3), (1000, 0.4))]
    assert exponent((each.size, each.processor) for each in near) > FLAT_BELOW
    assert mark("dates", near) == "time flat"
    assert mark("dates", [replace(each, processor=each.processor * 10) for each in near]) == "**time not flat**"


def test_the_picture_is_a_picture_with_each_phase():
    from xml.etree import ElementTree

    drawn = picture(points())
    ElementTree.fromstring(drawn)
    assert all(f">{phase}" in drawn for phase in ("scan", "load", "append", "silver"))


def test_a_dump_with_more_tables_is_still_a_dump(tmp_path):
    path, more = tmp_path / "dump.sql", tmp_path / "more.sql"
    path.write_bytes(classic([Table("ry", ["id int NOT NULL"], [(1,)])]))
    growth_dumps.with_tables(path, more, 7)
    found = take_inventory(LocalDump(more))
    assert len(found.tables) == 7
    assert found.tables["extra_0001"].rows == growth_dumps.EXTRA_ROWS
    assert found.tables["ry"].rows == 1
    assert more.read_bytes().splitlines()[-1] == path.read_bytes().splitlines()[-1]


def test_a_failure_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GGHOUSE_LOCAL_DIR", str(tmp_path))
    assert growth.main(["page", "--results", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err == f"bench-growth: {tmp_path / 'none.json'} is not there; measure something first\n"
    (tmp_path / "bad.json").write_text("[]")
    assert growth.main(["page", "--results", str(tmp_path / "bad.json")]) == 1
    assert "holds no measurements" in capsys.readouterr().err


@pytest.fixture
def own_directory(monkeypatch):
    """A place with a short name: a server's socket may not lie deeper than 107 letters."""
    with tempfile.TemporaryDirectory() as directory:
        monkeypatch.setenv("GGHOUSE_LOCAL_DIR", directory)
        yield Path(directory)


@pytest.mark.full
def test_single_phases_are_run_again_and_merged(own_directory, capsys):
    results = own_directory / "growth.json"
    words = ["--results", str(results), "--buffer-pool-mb", "64"]
    assert growth.main(["rows", "--sizes", "0.01", "--phases", "scan", "load", "next", *words]) == 0
    assert growth.main(["rows", "--sizes", "0.01", "0.02", "--phases", "scan", *words]) == 0
    assert growth.main(["dates", "--sizes", "2", "3", "--company", "0.01", "--phases", "append", *words]) == 0
    found = from_json(json.loads(results.read_text())["points"])
    assert [(each.axis, each.phase, each.size) for each in found] == [
        ("dates", "append", 2),
        ("dates", "append", 3),
        ("rows", "scan", 0.01),
        ("rows", "scan", 0.02),
        ("rows", "load", 0.01),
        ("rows", "next day", 0.01),
    ]
    assert all(each.seconds > 0 and each.peak > 10_000_000 for each in found)
    assert growth.main(["page", "--results", str(results)]) == 0
    assert results.with_suffix(".md").exists()
    assert results.with_suffix(".svg").exists()
    assert [path.name for path in own_directory.iterdir() if path.name.startswith("bench-")] == []
