"""The watch as a command: the same table as the DAG's, and an exit code for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from include.freshness.finding import Verdict
from include.schedule import LAST_LOOK, business_date, clock, format_jst
from include.settings import Settings, SettingsError

EXIT = {Verdict.OK: 0, Verdict.WARN: 1, Verdict.CRITICAL: 2}
# What could not be checked never counts as fresh.
HARD_FAILURE = 2
DESCRIPTION = """\
Check the dumps in the bucket, the age of the tables, their rows and what readers see, and print one line for each.
No alert is sent and nothing is changed. Exit code: 0 fresh, 1 warning, 2 critical or not checked."""


def add_options(parser: argparse.ArgumentParser, default: str = "today in Tokyo") -> None:
    """Add the watch's own options to a command line; `default` says which day is meant when none is named."""
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help=f"business date; an earlier one is judged as at {clock(LAST_LOOK)} of that day (default: {default})",
    )


def run(
    requested: date | None,
    connect: Callable[[], tuple[Any, Settings, Any]],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Look, print the table and return the exit code.

    Args:
        requested: business date, or None for today in Tokyo.
        connect: returns S3 client, settings and the login to the database.
        now: the present, with time zone.
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError

        from include.freshness.page import summary, table
        from include.freshness.watch import look_at, moment_of, worst
    except ImportError as error:
        print(f"watch: {error.name} is not installed, so nothing could be checked; run make setup", file=sys.stderr)
        return HARD_FAILURE
    try:
        s3, settings, endpoint = connect()
        today = requested or business_date(now())
        at = moment_of(today, now())
        findings = look_at(s3, settings, endpoint, today, at)
    except (SettingsError, BotoCoreError, ClientError) as error:
        print(f"watch: the bucket could not be checked: {error}", file=sys.stderr)
        return HARD_FAILURE
    print(table(findings))
    print(f"\n{summary(findings)}, business date {today}, judged as at {format_jst(at)}")
    return EXIT[worst(findings)]
