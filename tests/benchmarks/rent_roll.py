"""Seconds and memory of a rent roll of one month: `python tests/benchmarks/rent_roll.py [ROWS]`.

A file of ROWS rooms (17,000 by default) and 36 columns is read, compared and written as workbook and CSV, in a process
of its own for each format. Memory is the peak of that whole process, the driver and boto3 included. Seconds are those
of the clock and, in brackets, of the processor. The rooms come from the file itself, so no server is asked.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROWS = 17_000
AS_OF = date(2026, 2, 28)
UNITS_OF_A_BUILDING = 14
MEGABYTE = 1e6


def rows(number: int) -> Iterator[list[Any]]:
    """Yield a header of 36 columns and as many rows."""
    from infra.local.vendor.rent_roll import HEADER, KNOWN

    yield list(HEADER)
    for room in range(number):
        known = dict.fromkeys(KNOWN) | {
            "tenant": f"個人 {room + 1}",
            "unit": f"{100 + room % UNITS_OF_A_BUILDING}号室",
            "asset_id": f"J{room // UNITS_OF_A_BUILDING:07}",
            "ocp": int(room % 3 > 0),
            "period_year_month": 202602,
            "contract_start_date": date(2025, 4, 1 + room % 28),
            "base_rent_amt": 50_000 + room % 90 * 100,
        }
        yield [known.get(name, f"その他 {room * 7 % 9973}") for name in HEADER]


def write(path: Path, number: int) -> None:
    """Write a rent roll in the format that the name of the file says."""
    from openpyxl import Workbook

    if path.suffix == ".csv":
        with path.open("w", encoding="cp932", newline="") as file:
            csv.writer(file).writerows(rows(number))
        return
    book = Workbook()  # which shares equal texts, as Excel does
    book.active.title = "RR全履歴"
    for row in rows(number):
        book.active.append(row)
    book.save(path)


def compare(path: Path) -> None:
    """Read a rent roll, compare it with rooms of which every tenth differs, and write the files of the report."""
    import boto3  # noqa: F401 - what a task has in memory besides
    import MySQLdb  # noqa: F401

    from include.reports.rent_roll.compare import Rules
    from include.reports.rent_roll.compare import compare as compared
    from include.reports.rent_roll.files import Comparison, files
    from include.reports.rent_roll.reader import SHIPPED, Columns, read
    from include.reports.rent_roll.stock import Holder, Room, Stock

    began, busy = time.monotonic(), time.process_time()

    def seconds() -> str:
        return f"{time.monotonic() - began:.1f} s ({time.process_time() - busy:.1f} s)"

    roll = read(path.read_bytes(), Columns(SHIPPED.read_text(), SHIPPED.name), 202602)
    print(
        f"{path.suffix[1:]:4} {path.stat().st_size / MEGABYTE:.1f} MB, {len(roll.rows):,} rows: read in {seconds()}",
        end="",
    )
    rooms = tuple(
        Room(
            row.line,
            row.asset,
            row.unit,
            holder=Holder(row.line, row.line, rent=50_000) if row.is_occupied and row.line % 10 else None,
        )
        for row in roll.rows
    )
    stock = Stock(AS_OF, rooms, {room.asset: "" for room in rooms})
    made = files(Comparison(path.name, roll, stock, Rules(), compared(roll, stock)))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    written = f"{sum(map(len, made.values())) / MEGABYTE:.1f} MB written"
    print(f", compared, {written} in {seconds()}, peak {int(peak[1]) / 1000 if peak else 0:.0f} MB")


def main(arguments: list[str]) -> int:
    """Measure both formats."""
    if arguments[:1] == ["--compare"]:
        compare(Path(arguments[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".csv", ".xlsx"):
            path = Path(folder) / f"rent_roll{suffix}"
            write(path, int(arguments[0]) if arguments else ROWS)
            subprocess.run([sys.executable, __file__, "--compare", path], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
