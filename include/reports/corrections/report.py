"""The correction list as a report.

After gold was published, dbt makes the list of that date, which is kept; by form any past list is written again.
"""

from __future__ import annotations

from collections.abc import Iterator

from include.reports.corrections.files import to_csv, to_workbook
from include.reports.corrections.guard import held_by_staging
from include.reports.corrections.listed import CorrectionsOfDate, Counts, read_list
from include.reports.forms import FORMS
from include.reports.report import Finding, Made, ReportContext, Request
from include.reports.store import CSV, XLSX

# A kind that grows by more than this from one list to the next points at a fault of a form or an import.
JUMP_ENTRIES = 100
JUMP_SHARE = 0.5


class CorrectionList:
    """Write the list of the records that the property manager should correct."""

    form = FORMS["corrections"]

    def make(self, context: ReportContext, request: Request) -> Made:
        """Write workbook and CSV of a business date; the same date gives the same bytes.

        Raises:
            include.forms.Refused: the date has no list, and the message names the nearest; or staging no longer holds
                the date that gold was published for.
            include.dbt.runner.DbtFailed: the list could not be built, or a test failed.
        """
        if context.target:
            with held_by_staging(context.dbt, context.target):
                context.build("corrections", context.target)
        listed = read_list(context.dbt, context.target or request["date"])
        folder = f"reports/corrections/{listed.day}"
        files = (
            context.store.put(f"{folder}/corrections.xlsx", to_workbook(listed), XLSX),
            context.store.put(f"{folder}/corrections.csv", to_csv(listed), CSV),
        )
        return Made(tuple(_lines(listed)), files, findings=tuple(_findings(listed)) if listed.newest else ())


def _lines(listed: CorrectionsOfDate) -> Iterator[str]:
    yield f"Records to correct as of {listed.day}: {_words(listed.total)}"
    for kind in listed.kinds:
        yield f"  {kind.label_en}: {_words(listed.counts[kind.kind])}"


def _words(counts: Counts) -> str:
    return f"{counts.open:,} ({counts.new:,} new, {counts.returned:,} returned, {counts.corrected:,} corrected)"


def _findings(listed: CorrectionsOfDate) -> Iterator[Finding]:
    """Yield the kinds whose entries have jumped since the list before."""
    if listed.before is None:
        return
    for kind in listed.kinds:
        now, then = (listed.open_on(day, kind) for day in (listed.day, listed.before))
        if now - then > max(JUMP_ENTRIES, JUMP_SHARE * then):
            yield Finding(
                kind.label_en,
                f"{kind.label_en} ({kind.label_ja}): {now:,} records as of {listed.day}, {then:,} as of "
                f"{listed.before}; a form or an import of the property-management system may be at fault: look in the "
                "list at what the new entries have in common, and tell the property manager",
            )
