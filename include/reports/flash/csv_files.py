"""The flash report as CSV files: the figures, their reconciliation, and the rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields

from include.reports.flash.figures import Figures, Room
from include.reports.flash.reconcile import lines
from include.reports.flash.words import METRICS
from include.reports.workbook import csv_file

METRIC_COLUMNS = (
    "metric_id",
    "sheet",
    "cell",
    "value",
    "value_by_earlier_rule",
    "month",
    "tenant_type",
    "window_start",
    "window_end",
    "as_of",
    "rule",
)
LINE_COLUMNS = (
    "metric_id",
    "tenant_type",
    "kind",
    "class",
    "report_rooms",
    "reference_rooms",
    "difference",
    "tolerance",
    "note",
)


def metrics(figures: Figures, sheet: str, cells: Mapping[tuple[str, str], str]) -> bytes:
    """Return every figure, one row for each metric and tenant type.

    Args:
        figures: the figures.
        sheet: sheet of the template that was filled; empty without one.
        cells: the cell of each figure in it.
    """
    return csv_file(
        METRIC_COLUMNS,
        [
            (
                metric,
                sheet if (metric, kind) in cells else "",
                cells.get((metric, kind), ""),
                count.rooms,
                count.by_earlier_rule,
                figures.month(metric),
                kind,
                *figures.window(metric),
                figures.as_of,
                METRICS[metric].rule,
            )
            for (metric, kind), count in figures.counts.items()
        ],
    )


def reconciliation(figures: Figures) -> bytes:
    """Return each figure beside the warehouse's, its differences by class, and the benchmarks."""
    return csv_file(
        ("as_of", "month", *LINE_COLUMNS),
        [(figures.as_of, figures.month(line.metric), *astuple(line)) for line in lines(figures)],
    )


def rooms(figures: Figures) -> bytes:
    """Return the rooms that the report or gold counts, by ids."""
    columns = ("as_of", "metric_id", *(each.name for each in fields(Room)[1:]))
    return csv_file(columns, [(figures.as_of, *astuple(room)) for room in figures.rooms])
