"""The guard around dbt: the list of a date is made from `staging`, which must hold the dump of that very date.

Staging may move on while dbt works, when the next date's run publishes, or an operator rolls back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import MySQLdb

from include.forms import Refused
from include.reports.corrections.listed import COUNTS, ENTRIES
from include.warehouse.readers import staging_date
from include.warehouse.server_errors import ABSENT, error_code

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint


@contextlib.contextmanager
def held_by_staging(login: Endpoint, target: date) -> Iterator[None]:
    """Make sure that staging holds the dump of a business date, before and after what is done meanwhile.

    When it has moved on, or dbt failed because it did, what was made of that date is removed.

    Args:
        login: dbt's, which reads `staging` and `ops`, and owns `silver` and `reports`.
        target: the date.

    Raises:
        Refused: staging holds another date, or which one is not certain; the date has no list.
        MySQLdb.Error: the server cannot be reached or refuses.
    """
    _check(login, target)
    try:
        yield
    finally:
        try:
            _check(login, target)
        except Refused:
            _discard(login, target)
            raise


def _check(login: Endpoint, target: date) -> None:
    with contextlib.closing(login.connect()) as connection:
        shown = staging_date(connection)
    if shown != target:
        raise Refused(
            f"the correction list of {target} is not made: staging holds {shown or 'no certain date'}; run "
            f"recover_range for {target}, which makes it after publishing"
        )


def _discard(login: Endpoint, target: date) -> None:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        for table in (ENTRIES, COUNTS):
            try:
                cursor.execute(f"DELETE FROM {table} WHERE snapshot_date = %s", (target,))
            except MySQLdb.Error as error:
                if error_code(error) not in ABSENT:
                    raise
