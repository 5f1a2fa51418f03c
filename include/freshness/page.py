"""The watch's findings as a table for a terminal or a log: the worst first, in ASCII."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from include.freshness.finding import Finding, Verdict

SHOWN_FIRST = (Verdict.CRITICAL, Verdict.WARN, Verdict.OK, Verdict.DEAD)
HEADINGS = ("verdict", "what", "as of", "age, days", "rows", "found")


def table(findings: Iterable[Finding]) -> str:
    """Return an aligned table; of equal verdicts, those come first that were found first."""
    ordered = sorted(findings, key=lambda one: SHOWN_FIRST.index(one.verdict))
    rows = [HEADINGS, *(_cells(one) for one in ordered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are of each verdict."""
    counts = {verdict: sum(one.verdict is verdict for one in findings) for verdict in SHOWN_FIRST}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "nothing was looked at"


def _cells(one: Finding) -> tuple[str, ...]:
    return (
        one.verdict.upper() if not one.is_well else str(one.verdict),
        one.subject,
        str(one.as_of or "-"),
        "-" if one.age_days is None else f"{one.age_days:.1f}",
        "-" if one.rows is None else f"{one.rows:,}",
        one.sentence,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column in (3, 4) else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
