"""Record what a dbt task found, and fail the task when that must stop the day."""

from __future__ import annotations

import contextlib
import logging
from datetime import date
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.operators.base import DBT, LOADER, endpoint

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
    from include.dbt.results_ledger import record_results
    from include.dbt.run_results import RunResultsError, describe, example_rows, read_results

    try:
        results = read_results(Path(project_dir) / "target")
    except RunResultsError:
        endpoint(DBT).connect().close()
        raise
    if results.target_date:
        with contextlib.closing(endpoint(LOADER).connect()) as connection:
            record_results(connection, date.fromisoformat(results.target_date), results)
    for result in results.warned:
        log.warning(describe(result))
    if not results.failed:
        return
    lines = []
    with contextlib.closing(endpoint(DBT).connect()) as connection:
        for result in results.failed:
            lines.append(describe(result))
            for row in example_rows(connection, result):
                lines.append("  " + ", ".join(f"{name} {value}" for name, value in row.items()))
    data_at_fault = any(result.status == "fail" for result in results.failed)
    raise (AirflowFailException if data_at_fault else AirflowException)("\n".join(lines))
