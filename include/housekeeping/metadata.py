"""Clean Airflow's metadata database of what is old, table by table.

Tasks of Airflow 3 do not reach that database, so `airflow db clean` runs where Airflow's command line does:
https://docs.aws.amazon.com/mwaa/latest/userguide/samples-database-cleanup.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

# The tables that grow with every run, one command a line to keep each short; referencing tables come first. Left out,
# because others refer to them for longer than they are old: `dag` and `dag_version`, which fail at a foreign key
# (https://github.com/apache/airflow/issues/71864), and `trigger`, which Airflow itself cleans.
COMMANDS = (
    ("log", "job"),
    ("xcom", "task_reschedule", "task_instance_history"),
    ("task_instance", "dag_run"),
    ("asset_event", "import_error", "callback_request", "celery_taskmeta", "celery_tasksetmeta"),
)
KEEP_DAYS = 90
LEAST_DAYS = 30
# Rows that are deleted in one transaction. What an interrupted command has deleted stays deleted.
BATCH_ROWS = 5000

_CHECKED = re.compile(r"^Checking table (\w+)\s*\n\s*Found (\d+) rows? meeting", re.MULTILINE)
# Airflow 3.2.1 has no option to fail when a table could not be cleaned.
_FAILED = re.compile(r"Encountered error when attempting to clean table '(\w+)'")


class CleaningFailed(RuntimeError):
    """A table could not be cleaned; the message names it."""


def clean(
    run: Callable[[Sequence[str]], str], now: datetime, keep_days: int, *, dry_run: bool, say: Callable[[str], None]
) -> dict[str, int]:
    """Delete what is older than `keep_days`; return the rows of each table that had some.

    Args:
        run: runs a command of Airflow's and returns what it printed.
        now: the present, aware.
        keep_days: days to keep, at least `LEAST_DAYS`.
        dry_run: only count.
        say: takes a line of text for each command.

    Raises:
        ValueError: fewer days are to be kept.
        CleaningFailed: Airflow skipped a table because of an error.
    """
    if keep_days < LEAST_DAYS:
        raise ValueError(f"keep_days is {keep_days}; the pages of the last {LEAST_DAYS} days are needed")
    before = (now - timedelta(days=keep_days)).isoformat(timespec="seconds")
    found: dict[str, int] = {}
    for tables in COMMANDS:
        printed = run([*_command(before, tables), "--dry-run" if dry_run else "--yes"])
        if failed := _FAILED.search(printed):
            raise CleaningFailed(f"airflow db clean could not clean {failed[1]}; see the log of the web server")
        # tables that depend on the named ones are checked along with them
        counted = {name: int(rows) for name, rows in _CHECKED.findall(printed)}
        found |= {name: rows for name, rows in counted.items() if rows}
        rows = ", ".join(f"{name} {counted.get(name, 0):,}" for name in tables)
        say(f"Rows before {before} that {'would be' if dry_run else 'were'} deleted: {rows}")
    return found


def _command(before: str, tables: Sequence[str]) -> list[str]:
    return [
        *("db", "clean", "--clean-before-timestamp", before, "--tables", ",".join(tables)),
        *("--skip-archive", "--batch-size", str(BATCH_ROWS)),
    ]
