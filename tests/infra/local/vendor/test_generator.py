from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date, timedelta
from textwrap import dedent

import pytest
import zstandard

from infra.local.vendor import SCALES, Request, SourceError, generate
from infra.local.vendor.schema import tables
from infra.local.vendor.schema.volumes import CORE, DEAD, GROWING, STATIC

DAY = date(2026, 3, 2)
TODAY_0530_UTC = "2026-03-01 20:30:00"


def column(table, name):
    return [column.name for column in tables()[table].columns].index(name)


def test_there_are_81_tables_of_the_stated_widths():
    widths = {name: len(table.columns) for name, table in tables().items()}
    assert len(widths) == 81
    assert (widths["movings"], widths["tenants"], widths["apartments"], widths["rooms"]) == (101, 114, 87, 35)
    assert widths["m_nationalities"] == 11
    assert widths["inquiries"] == 8


def test_i12_three_tables_repeat_primary_keys_and_no_other(small_rows):
    repeated = {}
    for name, rows in small_rows.items():
        keys = [row[1 : row.index(",")] for row in rows]
        if len(set(keys)) < len(keys):
            repeated[name] = len(keys) - len(set(keys))
    assert repeated == {"Costs_items": 5, "Deposits": 4, "Fundhing_Request": 5}


def test_same_request_gives_the_same_bytes(small, make):
    assert make().dump.read_bytes() == small.dump.read_bytes()


def test_another_seed_gives_another_company(small, make):
    assert make(seed=7).dump.read_bytes() != small.dump.read_bytes()


@pytest.mark.parametrize(("compression", "unpack"), [("gz", gzip.decompress), ("zst", None)])
def test_compressed_dumps_hold_the_same_text_and_repeat_exactly(small, make, compression, unpack):
    first, second = make(compression=compression), make(compression=compression)
    assert first.dump.name == f"gghouse_20260302.sql.{compression}"
    assert first.dump.read_bytes() == second.dump.read_bytes()
    unpack = unpack or (lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data))
    assert unpack(first.dump.read_bytes()) == small.dump.read_bytes()


def test_layouts_hold_the_same_rows(small_rows, make, rows_of):
    assert rows_of(make(layout="compact").dump) == small_rows


def test_several_processes_write_the_same_bytes_as_one(small, tmp_path):
    """In a process of its own, for that of the tests may have threads, from which nobody should fork."""
    code = """
        from datetime import date
        from pathlib import Path
        from infra.local.vendor import SCALES, Request, generate
        target, directory = date.fromisoformat(sys.argv[1]), Path(sys.argv[2])
        generate(Request(target, directory, SCALES["small"], snapshot_days=0, workers=2))
    """
    subprocess.run([sys.executable, "-c", "import sys" + dedent(code), f"{DAY}", tmp_path], check=True)
    (dump,) = (tmp_path / "dumps").glob("*.sql")
    assert dump.read_bytes() == small.dump.read_bytes()


@pytest.mark.parametrize("days", [1, 10])
def test_a_later_dump_is_todays_and_the_life_since(small_rows, make, rows_of, parse, days):
    tomorrow = rows_of(make(DAY + timedelta(days=days)).dump)
    assert set(tomorrow) == set(small_rows)
    for name, rows in small_rows.items():
        if name not in CORE:
            assert tomorrow[name][: len(rows)] == rows, f"{name} changed its past"
            continue
        new = {row[1 : row.index(",")]: row for row in tomorrow[name]}
        position = column(name, "updated_at")
        for row in rows:
            later = new[row[1 : row.index(",")]]
            if later != row:
                before, after = parse(row)[position], parse(later)[position]
                assert after > before, f"{name}: {row[:20]} changed without a new updated_at"
                assert after >= "2026-03-02 00:00:00"
    assert len(tomorrow["payments"]) > len(small_rows["payments"])
    assert len(tomorrow["tenants"]) - len(small_rows["tenants"]) <= 3 * days


@pytest.mark.parametrize("name", ["movings", "tenants", "rooms", "apartments", "inquiries"])
def test_nothing_was_updated_after_the_dump_began(small_rows, parse, name):
    position = column(name, "updated_at")
    newest = max(parse(row)[position] for row in small_rows[name])
    assert newest <= TODAY_0530_UTC
    if name != "inquiries":
        assert newest >= "2026-03-01 00:00:00", "a quiet day would look like a stale source"


def test_four_files_for_the_variant_with_one_file_per_table(make, small_rows, rows_of):
    made = make(split=True)
    assert [path.name for path in made.split] == [
        f"{name}_20260302.sql" for name in ("movings", "tenants", "rooms", "inquiries")
    ]
    for path in made.split:
        name = path.name.partition("_")[0]
        assert rows_of(path) == {name: small_rows[name]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": date(2023, 1, 1)}, "choose one from 2024-02-01 to 2035-12-31"),
        ({"layout": "tabular"}, "choose one of classic, compact"),
        ({"compression": "bz2"}, "choose one of none, gz, zst"),
    ],
)
def test_impossible_requests_say_what_is_possible(tmp_path, change, message):
    request = Request(**{"target": DAY, "directory": tmp_path, "scale": SCALES["small"]} | change)
    with pytest.raises(SourceError, match=message):
        generate(request)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.full
def test_full_scale_has_the_size_and_the_rows_of_production(tmp_path):
    made = generate(Request(date(2026, 2, 5), tmp_path, SCALES["full"], layout="compact", snapshot_days=0))
    assert made.size == pytest.approx(945e6, rel=0.05)
    expected = GROWING | DEAD | STATIC
    assert {name: made.rows[name] for name in expected} == expected
    core = {"movings": 62_280, "tenants": 50_297, "rooms": 16_401, "apartments": 1_202, "inquiries": 719}
    for name, rows in core.items():
        assert made.rows[name] == pytest.approx(rows, rel=0.02), name
