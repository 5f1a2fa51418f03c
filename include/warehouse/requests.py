"""The record of what people had done: one row in `ops` for each request, with who asked and how it ended."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import MySQLdb

from include.warehouse.endpoint import Endpoint
from include.warehouse.fitting import fit
from include.warehouse.masking import mask_error
from include.warehouse.schema import OPS, ensure_platform_tables

log = logging.getLogger(__name__)

RECOVERIES = "recoveries"
REPORTS = "reports"
# The tables of requests with their keys.
KEYS = {RECOVERIES: "recovery_id", REPORTS: "report_id"}


class Record:
    """One request while it is carried out.

    Attributes:
        outcome: what was done, in words; to be set before the end.
    """

    outcome = ""


@contextlib.contextmanager
def recorded(login: Endpoint, table: str, name: str, requested: Mapping[str, Any], by: str) -> Iterator[Record]:
    """Record a request for as long as it is carried out, and how it ended.

    Without a database nothing is recorded, and the request is carried out all the same.

    Args:
        login: the loader's, which owns `ops`.
        table: `RECOVERIES` or `REPORTS`.
        name: of the recovery or the report.
        requested: the form's values.
        by: who asked.
    """
    number, record = _begin(login, table, name, requested, by), Record()
    try:
        yield record
    except BaseException as error:
        _end(login, table, number, f"failed: {mask_error(error) or type(error).__name__}")
        raise
    _end(login, table, number, record.outcome)


def _begin(login: Endpoint, table: str, name: str, requested: Mapping[str, Any], by: str) -> int | None:
    try:
        with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
            ensure_platform_tables(connection)
            cursor.execute(
                f"INSERT INTO {OPS}.{table} (name, requested, requested_by, started_at) "
                "VALUES (%s, %s, %s, UTC_TIMESTAMP(3))",
                (name, json.dumps(dict(requested), default=str, ensure_ascii=False), by[:191]),
            )
            return int(cursor.lastrowid)
    except MySQLdb.Error as error:
        log.warning("This request is not recorded in %s.%s (%s)", OPS, table, error)
        return None


def _end(login: Endpoint, table: str, number: int | None, outcome: str) -> None:
    if number is None:
        return
    with (
        contextlib.suppress(MySQLdb.Error),
        contextlib.closing(login.connect()) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE {OPS}.{table} SET finished_at = UTC_TIMESTAMP(3), outcome = %s WHERE {KEYS[table]} = %s",
            (fit(outcome), number),
        )
