"""The worked example of the flash report, and xlsx files with something planted in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook

from include.reports.flash.figures import Benchmark, Count, Figures, Room
from include.reports.flash.words import OCCUPIED, TENANT_TYPES, TOTAL

AS_OF = date(2026, 2, 26)
# individual, corporate, unknown, total; where the earlier system's rule counts otherwise, its figures follow
EXAMPLE = {
    OCCUPIED: ((3, 2, 0, 5), (3, 3, 1, 7)),
    "moveins_completed": ((1, 1, 1, 3),),
    "moveins_planned": ((1, 0, 0, 1),),
    "moveins_planned_next": ((0, 1, 0, 1), (1, 1, 0, 2)),
    "moveouts_completed": ((1, 1, 0, 2),),
    "moveouts_planned": ((0, 0, 0, 0),),
    "moveouts_planned_next": ((1, 0, 0, 1),),
}


def counts(rows: Mapping[str, Any] = EXAMPLE) -> dict[tuple[str, str], Count]:
    return {
        (metric, kind): Count(both[0][place], both[-1][place])
        for metric, both in rows.items()
        for place, kind in enumerate(TENANT_TYPES)
    }


def room(metric: str, number: int, difference: str | None, *, report: int = 0, gold: int = 0) -> Room:
    day = date(2026, 2, number)
    return Room(
        metric, 1, number, 100 + number, "individual", day if report else None, day if gold else None, report, gold,
        difference,
    )  # fmt: skip


def figures(**changes: Any) -> Figures:
    """The example without any difference from gold."""
    made = Figures(AS_OF, counts(), {metric: both[0][3] for metric, both in EXAMPLE.items()})
    return replace(made, **changes)


def differing() -> Figures:
    """One move-out counts in gold alone, for a reason; another one without; two move-ins are explained."""
    return figures(
        beside={**figures().beside, "moveins_completed": 4, "moveouts_completed": 4},
        rooms=[
            room("moveins_completed", 3, None, report=1, gold=1),
            room("moveins_completed", 4, "entered_later", report=1),
            room("moveins_completed", 5, "renewal_flag", gold=1),
            room("moveins_completed", 6, "renewal_flag", gold=1),
            room("moveouts_completed", 15, "final_rent_vs_effective_date", gold=1),
            room("moveouts_completed", 16, "unexplained", gold=1),
        ],
        benchmarks=[
            Benchmark(date(2026, 2, 1), OCCUPIED, TOTAL, 20, 10, "the readers"),
            Benchmark(date(2026, 2, 1), "moveins_completed", TOTAL, 304, 0, "the property manager"),
        ],
    )


def opened(xlsx: bytes, **options: Any) -> Workbook:
    return load_workbook(io.BytesIO(xlsx), **options)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(xlsx: bytes, edit: Callable[[Any], Any]) -> bytes:
    """Change the first sheet of a workbook."""
    book = opened(xlsx)
    edit(book.worksheets[0])
    return saved(book)


def parts_of(xlsx: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in parts.items():
            made.writestr(name, body)
    return file.getvalue()


def with_parts(xlsx: bytes, *names: str) -> bytes:
    return zipped(parts_of(xlsx) | dict.fromkeys(names, b"<x/>"))


def with_text(xlsx: bytes, part: str, before: bytes, after: bytes) -> bytes:
    parts = parts_of(xlsx)
    assert before in parts[part]
    return zipped(parts | {part: parts[part].replace(before, after, 1)})
