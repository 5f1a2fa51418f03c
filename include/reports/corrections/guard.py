"""The guard around dbt: the list of a date is made from `staging`, which must hold the dump of that very date.

Staging may move on while dbt works, when the next date's run publishes, or an operator rolls back.
"""

from __future__ import annotations

import contextlib
from datetime import date
from typing import TYPE_CHECKING

import MySQLdb

from include.forms import Refused
from include.reports.corrections.listed import COUNTS, ENTRIES
from include.warehouse.readers import staging_date
from include.warehouse.server_errors import ABSENT, error_code

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint


def require_staging(login: Endpoint, target: date) -> None:
    """Check, before dbt begins, that staging holds the dump of a business date.

    Args:
        login: dbt's, which reads `staging` and `ops`.
        target: the date.

    Raises:
        Refused: it holds another one, or which one is not certain.
        MySQLdb.Error: the server cannot be reached or refuses.
    """
    with contextlib.closing(login.connect()) as connection:
        _check(connection, target)


def discard_unless_staging(login: Endpoint, target: date) -> None:
    """Check the same when dbt is through; else what it made of another date's dump is removed.

    Args:
        login: dbt's, which owns `silver` and `reports`.
        target: the date.

    Raises:
        Refused: staging no longer holds that date, and its list is removed.
        MySQLdb.Error: the server cannot be reached or refuses.
    """
    with contextlib.closing(login.connect()) as connection:
        try:
            _check(connection, target)
        except Refused:
            for table in (ENTRIES, COUNTS):
                _discard(connection, table, target)
            raise


def _check(connection: MySQLdb.Connection, target: date) -> None:
    shown = staging_date(connection)
    if shown != target:
        raise Refused(
            f"the correction list of {target} is not made: staging holds {shown or 'no certain date'}; run "
            f"recover_range for {target}, which makes it after publishing"
        )


def _discard(connection: MySQLdb.Connection, table: str, target: date) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE snapshot_date = %s", (target,))
    except MySQLdb.Error as error:
        if error_code(error) not in ABSENT:
            raise
