"""The rows of what is loaded against the load of the day before (I-11: a twentieth of the tenants was lost unseen)."""

from __future__ import annotations

import MySQLdb

from include.dump.contract import SOURCE_COLUMNS
from include.freshness.expectations import (
    OTHER_ROWS_LOST_WARN,
    ROWS_GAINED_WARN,
    ROWS_IGNORED,
    ROWS_LOST_CRITICAL,
    ROWS_LOST_WARN,
)
from include.freshness.finding import Finding, Verdict
from include.warehouse.ledger import TableCount, live_tables
from include.warehouse.readers import staging_date


def row_count_findings(connection: MySQLdb.Connection) -> list[Finding]:
    """Judge the tables of the generation that readers of staging see, by what the ledger wrote down.

    One finding for each table that models read, and one for all others.

    Raises:
        MySQLdb.Error: the platform's tables are not there, or the connection broke.
    """
    day = staging_date(connection)
    counts = live_tables(connection)
    findings = []
    for table in SOURCE_COLUMNS:
        if count := counts.pop(table, None):
            verdict, sentence = _judge(count)
            findings.append(Finding(f"rows of staging.{table}", verdict, day, None, count.rows, sentence))
    if counts:
        emptied = sorted(table for table, count in counts.items() if _lost(count, OTHER_ROWS_LOST_WARN))
        sentence = (
            f"lost half of their rows or more: {', '.join(emptied)}; no model reads them, ask what became of them"
            if emptied
            else "none lost half of its rows"
        )
        total, verdict = sum(count.rows for count in counts.values()), Verdict.WARN if emptied else Verdict.OK
        findings.append(Finding(f"rows of {len(counts)} other tables", verdict, day, None, total, sentence))
    return findings


def _judge(count: TableCount) -> tuple[Verdict, str]:
    if count.previous_rows is None:
        return Verdict.OK, "there is no load of an earlier day to compare with"
    change = count.rows - count.previous_rows
    sentence = f"{change:+,} against the load before"
    if _lost(count, ROWS_LOST_CRITICAL):
        return Verdict.CRITICAL, f"{sentence}, more than {ROWS_LOST_CRITICAL:.0%} lost; check the dump with the vendor"
    if _lost(count, ROWS_LOST_WARN):
        return Verdict.WARN, f"{sentence}, more than {ROWS_LOST_WARN:.0%} lost; check the dump with the vendor"
    if change > max(ROWS_IGNORED, count.previous_rows * ROWS_GAINED_WARN):
        return Verdict.WARN, f"{sentence}, more than {ROWS_GAINED_WARN:.0%} gained; check the dump with the vendor"
    return Verdict.OK, sentence


def _lost(count: TableCount, share: float) -> bool:
    before = count.previous_rows or 0
    return before - count.rows > max(ROWS_IGNORED, before * share)
