from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest

from infra.local.vendor import SCALES, Request, generate
from infra.local.vendor.schema import tables
from infra.local.vendor.snapshots import GAPS


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """All snapshots before 2026-02-09, by date."""
    directory = tmp_path_factory.mktemp("history")
    generate(Request(date(2026, 2, 9), directory, SCALES["small"]))
    files = sorted((directory / "snapshots" / "tenant_status").glob("*.csv"))
    return {date.fromisoformat(path.stem): list(csv.DictReader(path.open(encoding="utf-8"))) for path in files}


def test_261_dates_from_may_2025_with_13_gaps(history):
    assert len(history) == 261
    assert min(history) == date(2025, 5, 11)
    every = {date(2025, 5, 11) + timedelta(days=n) for n in range(274)}
    assert every - set(history) == {day for day in GAPS if day < date(2026, 2, 9)}
    assert len(every - set(history)) == 13


def test_one_row_for_each_tenant_of_the_day(history):
    before = 0
    for day, rows in history.items():
        assert list(rows[0]) == ["tenant_id", "status", "contract_type", "full_name", "snapshot_date"]
        assert {row["snapshot_date"] for row in rows} == {day.isoformat()}
        assert len({row["tenant_id"] for row in rows}) == len(rows) >= before
        before = len(rows)
    assert before * 50 == pytest.approx(50_400, rel=0.01)


def test_names_are_masked_in_the_first_two_months(history):
    assert {row["full_name"] for row in history[date(2025, 7, 10)]} == {"*"}
    assert len({row["full_name"] for row in history[date(2025, 7, 11)]}) > 500


def test_contract_types_were_merged_in_september(history):
    assert {"3", "6", "9"} <= {row["contract_type"] for row in history[date(2025, 9, 15)]}
    assert not {"3", "6", "9"} & {row["contract_type"] for row in history[date(2025, 9, 16)]}


def test_the_last_snapshot_agrees_with_the_dump_of_its_day(history, make, rows_of, parse):
    last = date(2026, 2, 8)
    tenants = [parse(row) for row in rows_of(make(last).dump)["tenants"]]
    status = [column.name for column in tables()["tenants"].columns].index("status")
    assert {row[0]: row[status] for row in tenants} == {row["tenant_id"]: row["status"] for row in history[last]}


def test_a_short_history_has_the_same_files(tmp_path, history):
    made = generate(Request(date(2026, 2, 9), tmp_path, SCALES["small"], snapshot_days=3))
    files = sorted((tmp_path / "snapshots" / "tenant_status").glob("*.csv"))
    assert [path.stem for path in files] == ["20260206", "20260207", "20260208"]
    assert made.snapshots == 3
    assert list(csv.DictReader(files[-1].open(encoding="utf-8"))) == history[date(2026, 2, 8)]
