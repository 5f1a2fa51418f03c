"""What the comparison prints: a line for each table, the worst first, then what differs in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any

from infra.migration.explained import Explanation, explanation
from infra.migration.table_comparison import Comparison, Difference

# The newest dates, for the week in which both systems run.
DATES = 7
VALUE_LENGTH = 40


class Verdict(IntEnum):
    """What is said about a table; the highest is the worst."""

    EQUAL = 0
    NEW = 1
    EXPLAINED = 2
    DIFFERENT = 3
    IMPOSSIBLE = 4


WORDS = {
    Verdict.EQUAL: "equal",
    Verdict.NEW: "new",
    Verdict.EXPLAINED: "explained",
    Verdict.DIFFERENT: "DIFFERENT",
    Verdict.IMPOSSIBLE: "NOT COMPARED",
}


@dataclass(frozen=True)
class Found:
    """One line of the table, and what is said about it below.

    Attributes:
        name: the table.
        verdict: the worst of what differs.
        rows: of the earlier and of the new system, as text.
        short: a few words.
        details: lines.
    """

    name: str
    verdict: Verdict
    rows: tuple[str, str]
    short: str
    details: tuple[str, ...] = ()


def compared(comparison: Comparison) -> Found:
    """Judge what was found about a table that both sides have."""
    verdict, details = Verdict.EQUAL, []
    if comparison.renamed:
        names = ", ".join(f"{new} (earlier {earlier})" for new, earlier in comparison.renamed.items())
        details.append(f"  renamed: {names}")
    counts: Counter[Verdict] = Counter()
    for aspect, lines in _aspects(comparison).items():
        reason = explanation(comparison.name, aspect)
        judged = Verdict.EXPLAINED if reason else Verdict.DIFFERENT
        counts[judged] += 1
        verdict = max(verdict, judged)
        details += _told(lines, reason)
    if comparison.only_new:
        plural = "s" * (len(comparison.only_new) != 1)
        details.append(f"  only the new system has the column{plural} {', '.join(comparison.only_new)}")
    named = ((Verdict.DIFFERENT, "not explained"), (Verdict.EXPLAINED, "explained"))
    short = ", ".join(f"{counts[kind]} {word}" for kind, word in named if counts[kind])
    rows = (f"{comparison.rows_earlier:,}", f"{comparison.rows_new:,}")
    return Found(comparison.name, verdict, rows, short, tuple(details))


def missing(name: str) -> Found:
    """Judge a table that readers of the earlier system would lose."""
    reason = explanation(name, "table")
    lines = _told(["only the earlier system has this table"], reason)
    verdict = Verdict.EXPLAINED if reason else Verdict.DIFFERENT
    return Found(name, verdict, ("yes", "-"), "only in the earlier system", tuple(lines))


def added(name: str) -> Found:
    """Name a table that the earlier system never had."""
    return Found(name, Verdict.NEW, ("-", "yes"), "only in the new system")


def impossible(name: str, why: str) -> Found:
    """Name a table about which nothing can be said."""
    return Found(name, Verdict.IMPOSSIBLE, ("", ""), "see below", (f"  {why}",))


def page(found: Sequence[Found]) -> str:
    """Return the whole text."""
    ordered = sorted(found, key=lambda line: (-line.verdict, line.name))
    cells = [("verdict", "table", "rows earlier", "rows new", "differences")]
    cells += [(WORDS[line.verdict], line.name, *line.rows, line.short) for line in ordered]
    wide = [max(len(row[index]) for row in cells) for index in range(4)]
    lines = [
        f"{row[0]:{wide[0]}}  {row[1]:{wide[1]}}  {row[2]:>{wide[2]}}  {row[3]:>{wide[3]}}  {row[4]}".rstrip()
        for row in cells
    ]
    for line in ordered:
        if line.details:
            lines += ["", line.name, *line.details]
    return "\n".join([*lines, "", summary(ordered)])


def summary(found: Sequence[Found]) -> str:
    """Return the last line: how many tables are how."""
    counts = Counter(line.verdict for line in found)
    said = [f"{counts[verdict]} {WORDS[verdict].lower()}" for verdict in sorted(counts, reverse=True)]
    return f"{len(found)} table{'s' * (len(found) != 1)}: {', '.join(said)}"


def _aspects(comparison: Comparison) -> Mapping[str, list[str]]:
    """Return what differs, each with its lines; a column that is only in the new system takes nothing from anybody."""
    aspects = {column: [f"{column}: only the earlier system has this column"] for column in comparison.only_earlier}
    for column, (earlier, new) in comparison.retyped.items():
        aspects[column] = [f"{column}: {earlier} in the earlier system, {new} here; the values were not compared"]
    for aspect, difference in comparison.differences.items():
        aspects[aspect] = _difference(aspect, difference, comparison)
    return aspects


def _difference(aspect: str, difference: Difference, comparison: Comparison) -> list[str]:
    head = f"{aspect}: {difference.rows:,}"
    if difference.sums:
        head += f", sum {_number(difference.sums[0])} earlier, {_number(difference.sums[1])} new"
    lines = [head]
    if difference.dates:
        newest = sorted(difference.dates.items(), reverse=True)
        rest = len(newest) - DATES
        lines.append(
            f"  by {comparison.date_column}: "
            + ", ".join(f"{date} {rows:,}" for date, rows in newest[:DATES])
            + (f", and {rest:,} earlier date{'s' * (rest != 1)}" if rest > 0 else "")
        )
    for key, earlier, new in difference.examples:
        values = "" if earlier is None and new is None else f": {_value(earlier)} earlier, {_value(new)} new"
        lines.append(f"  {key}{values}")
    return lines


def _told(lines: Sequence[str], reason: Explanation | None) -> list[str]:
    printed = [f"  {line}" for line in lines]
    if reason:
        printed.append(f"    explained ({reason.reference}): {reason.reason}")
    return printed


def _number(value: Decimal) -> str:
    return f"{value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize():,}"


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"
