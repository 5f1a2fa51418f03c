"""Results of dbt's models and tests by business date, in `ops.dbt_results`."""

from __future__ import annotations

from datetime import date

import MySQLdb

from include.dbt.run_results import RunResults, describe
from include.warehouse.schema import OPS

TABLE = f"{OPS}.dbt_results"
COLUMNS = ("unique_id", "name", "kind", "about", "status", "failures", "seconds", "sentence", "finished_at")


def record_results(connection: MySQLdb.Connection, target: date, results: RunResults) -> None:
    """Record the result of each node of a run; it replaces an earlier result of the node on this date.

    Args:
        connection: connection of the loader.
        target: business date.
        results: results of one dbt command.
    """
    rows = [
        (
            target,
            result.unique_id,
            result.name,
            result.kind,
            ", ".join(result.models),
            result.status,
            result.failures,
            round(result.seconds, 3),
            describe(result),
            results.finished_at.replace(tzinfo=None),
        )
        for result in results.results
    ]
    places = ", ".join(["%s"] * (len(COLUMNS) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(f"REPLACE INTO {TABLE} (business_date, {', '.join(COLUMNS)}) VALUES ({places})", rows)


def warnings_of(connection: MySQLdb.Connection, target: date) -> list[str]:
    """Return one sentence for each test whose last result for a business date is a warning."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sentence FROM {TABLE} WHERE business_date = %s AND status = 'warn' ORDER BY name", (target,)
        )
        return [sentence for (sentence,) in cursor.fetchall()]
