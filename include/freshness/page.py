"""The watch's findings as a table for a terminal or a log: the worst first, in ASCII."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from include.freshness.finding import Finding, Verdict

SHOWN_FIRST = (Verdict.CRITICAL, Verdict.WARN, Verdict.OK, Verdict.DEAD)
HEADINGS = ("verdict", "what", "as of", "age, days", "rows", "found")


def table(findings: Iterable[Finding]) -> str:
    """Return an aligned table; of equal verdicts, those come first that were found first."""
    ordered = sorted(findings, key=lambda finding: SHOWN_FIRST.index(finding.verdict))
    rows = [HEADINGS, *(_cells(finding) for finding in ordered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are of each verdict."""
    counts = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in SHOWN_FIRST}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "nothing was checked"


def _cells(finding: Finding) -> tuple[str, ...]:
    return (
        finding.verdict.upper() if not finding.is_well else str(finding.verdict),
        finding.subject,
        str(finding.as_of or "-"),
        "-" if finding.age_days is None else f"{finding.age_days:.1f}",
        "-" if finding.rows is None else f"{finding.rows:,}",
        finding.sentence,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column in (3, 4) else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
