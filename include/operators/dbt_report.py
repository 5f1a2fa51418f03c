"""Record what a dbt task found, and fail the task when that must stop the day."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.operators.base import DBT, LOADER, endpoint

if TYPE_CHECKING:
    from include.dbt.run_results import RunResults

log = logging.getLogger(__name__)


def report(project_dir: str, **_: Any) -> None:
    """Record dbt's results and raise its failures, with example rows of failed tests; Cosmos calls this per command.

    Args:
        project_dir: folder in which dbt ran.

    Raises:
        AirflowFailException: a test failed; a retry on the same data would fail too.
        AirflowException: a model could not be built, possibly because of the database; Airflow retries.
        include.dbt.run_results.RunResultsError: dbt ended before its first node.
        MySQLdb.OperationalError: dbt ended before its first node because the database is out of reach.
    """
    results = _read(project_dir)
    _record(results)
    if not results.failed:
        return
    from include.dbt.run_results import describe, example_rows

    lines = []
    with contextlib.closing(endpoint(DBT).connect()) as connection:
        for result in results.failed:
            lines.append(describe(result))
            for row in example_rows(connection, result):
                lines.append("  " + ", ".join(f"{name} {value}" for name, value in row.items()))
    data_at_fault = any(result.status == "fail" for result in results.failed)
    raise (AirflowFailException if data_at_fault else AirflowException)("\n".join(lines))


def report_passed(project_dir: str, **_: Any) -> None:
    """Record what dbt built and what passed, of a command whose failures are reported by other tasks.

    Args:
        project_dir: folder in which dbt ran.

    Raises:
        include.dbt.run_results.RunResultsError: dbt ended before its first node.
        MySQLdb.OperationalError: dbt ended before its first node because the database is out of reach.
    """
    from include.dbt.built import PASSED

    results = _read(project_dir)
    _record(replace(results, results=tuple(result for result in results.results if result.status in PASSED)))


def _read(project_dir: str) -> RunResults:
    from include.dbt.run_results import RunResultsError, read_results

    try:
        return read_results(Path(project_dir) / "target")
    except RunResultsError:
        endpoint(DBT).connect().close()
        raise


def _record(results: RunResults) -> None:
    """Record results in `ops.dbt_results`, and log the warnings among them."""
    from include.dbt.results_ledger import record_results
    from include.dbt.run_results import describe

    if results.target_date:
        with contextlib.closing(endpoint(LOADER).connect()) as connection:
            record_results(connection, date.fromisoformat(results.target_date), results)
    for result in results.warned:
        log.warning(describe(result))
