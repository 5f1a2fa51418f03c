"""The flash report: made as of a month end and a 1st when gold is published, and as of any date by form."""

from __future__ import annotations

from datetime import date

from include.forms import Refused
from include.reports.flash import csv_files, mail, plain
from include.reports.flash.figures import Figures, read
from include.reports.flash.profile import Profile, parse, shipped
from include.reports.flash.reconcile import findings
from include.reports.flash.template import Filled, fill
from include.reports.flash.words import METRICS, TOTAL, month_end
from include.reports.forms import FORMS
from include.reports.report import Made, ReportContext, Request
from include.reports.store import CSV, XLSX, Store

TEMPLATES = "templates/flash_report/"
# Of these only xlsx can be filled; the others are refused with the reason instead of being overlooked.
SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx")


class FlashReport:
    """The monthly figures in the readers' template, or in a workbook of our own."""

    form = FORMS["flash"]

    def make(self, context: ReportContext, request: Request) -> Made:
        """Make the report; the same date again gives the same bytes.

        Raises:
            Refused: the date is a gap or unknown, or the template cannot be filled.
            MySQLdb.Error: the server cannot be reached or fails.
        """
        if context.target and not is_due(context.target):
            return Made((f"no flash report is due for {context.target}, which is neither a month end nor a 1st",))
        found = template(context.store, request["template"])
        figures = read(context.dbt, request["as_of"] or context.target)
        filled = fill(*found, figures.rooms_of, figures.as_of) if found else None
        files = _put(context.store, figures, filled)
        return Made(
            (
                f"flash report as of {figures.as_of}, {f'template {found[0]}' if found else 'our own workbook'}",
                *(f"{metric.en}: {_shown(figures.rooms_of(metric.name, TOTAL))}" for metric in METRICS.values()),
            ),
            files,
            mail.message(context.settings.environment, figures, files[0])
            if context.target or request["send"]
            else None,
            findings(figures),
        )


def is_due(day: date) -> bool:
    """Return whether a business date gets a report by itself: a month end or a 1st."""
    return day.day == 1 or day == month_end(day)


def template(store: Store, name: str | None) -> tuple[str, bytes, Profile] | None:
    """Return the template to fill, its name first, with its cell map; None when there is none.

    A cell map beside the template wins over one of that name that comes with the project.

    Args:
        store: holds the templates.
        name: with or without suffix; empty for the only one.

    Raises:
        Refused: it is not there, several are and none is named, or it has no cell map.
    """
    files = [item.key.removeprefix(TEMPLATES) for item in store.keys(TEMPLATES)]
    files = [file for file in files if "/" not in file]
    books = [file for file in files if file.lower().endswith(SUFFIXES) and not file.startswith("~$")]
    fitting = [file for file in books if name in (None, "", file, _stem(file))]
    if not fitting and not name:
        return None
    if len(fitting) != 1:
        raise Refused(_choose(name, fitting or books))
    stem = _stem(fitting[0])
    beside = f"{stem}.json"
    cells = store.get(TEMPLATES + beside) if beside in files else shipped(stem)
    if cells is None:
        raise Refused(
            f"the template {fitting[0]} has no cell map; put {beside} beside it in {TEMPLATES}, or call the template "
            "legacy.xlsx or updated.xlsx if it is one of these"
        )
    return fitting[0], store.get(TEMPLATES + fitting[0]), parse(beside, cells)


def _stem(file: str) -> str:
    return file.rpartition(".")[0]


def _choose(name: str | None, books: list[str]) -> str:
    what = f"no template {name!r} is in {TEMPLATES}" if name else f"{TEMPLATES} holds several templates"
    if not books:
        return f"{what}, which holds none; upload it, or leave the field empty to get our own workbook"
    return f"{what}; name one of {', '.join(books)}"


def _put(store: Store, figures: Figures, filled: Filled | None) -> tuple[str, ...]:
    folder = f"reports/flash/{figures.as_of:%Y-%m}/{figures.as_of}/"
    sheet, cells = (filled.sheet, filled.cells) if filled else ("", {})
    return (
        store.put(f"{folder}flash_report.xlsx", filled.xlsx if filled else plain.report(figures), XLSX),
        store.put(f"{folder}metrics.csv", csv_files.metrics(figures, sheet, cells), CSV),
        store.put(f"{folder}reconciliation.csv", csv_files.reconciliation(figures), CSV),
        store.put(f"{folder}rooms.csv", csv_files.rooms(figures), CSV),
    )


def _shown(rooms: int | None) -> str:
    return "unknown, the 1st is a gap" if rooms is None else f"{rooms:,}"
