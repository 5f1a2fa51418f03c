"""The synthetic rent roll; that its planted differences are found is tested beside the comparison."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from infra.local.vendor.__main__ import main
from infra.local.vendor.rent_roll import HEADER, SHEET

KEYS = [f"rent-roll/202602/rent_roll_20260228{suffix}" for suffix in (".csv", ".xlsx")]


def test_the_command_writes_both_formats_and_the_same_bytes_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = []
    for name in ("first", "second"):
        folder = tmp_path / name
        options = ["--date", "2026-02-28", "--snapshots", "0", "--out", str(folder), "--rent-roll", str(folder)]
        assert main(options) == 0
        written.append([(folder / key).read_bytes() for key in KEYS])
    assert written[0] == written[1]
    assert "only_rent_roll: 4" in capsys.readouterr().out
    with (tmp_path / "first" / KEYS[0]).open(encoding="cp932", newline="") as file:
        lines = list(csv.reader(file))
    rows = list(load_workbook(tmp_path / "first" / KEYS[1])[SHEET].iter_rows(values_only=True))
    assert tuple(lines[0]) == rows[0] == HEADER
    assert len(lines) == len(rows) > 300
