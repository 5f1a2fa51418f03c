"""No list of one date is made of another date's dump."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.dbt.runner import DbtFailed
from include.forms import Refused
from include.reports.corrections.guard import held_by_staging
from include.reports.report import ReportContext
from tests.include.reports.conftest import execute, list_corrections

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 1)


def load(connection: Any, day: date, state: str = "published") -> None:
    execute(
        connection,
        "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, dump_bytes) "
        f"VALUES ('staging', '{day}', '{state}', 'loader', '2026-03-01 22:00:00', 's3://x', 5)",
    )


def fail(connection: Any) -> None:
    """Do as dbt when the next date is published meanwhile."""
    load(connection, date(2026, 3, 3))
    raise DbtFailed("a table is gone")


def dates(connection: Any, table: str) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT snapshot_date FROM {table} ORDER BY 1")
        return [day for (day,) in cursor.fetchall()]


@pytest.fixture
def lists(kinds: Any) -> Any:
    """Lists of two dates; staging holds the later one."""
    for day in (SUNDAY, MONDAY):
        load(kinds, day)
        list_corrections(kinds, day, {"kind": "missing_nationality", "entry_key": "1", "found": ""})
    return kinds


def test_what_staging_holds_is_made_and_stays(context: ReportContext, lists: Any) -> None:
    with held_by_staging(context.dbt, MONDAY):
        pass
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY, MONDAY]
    assert dates(lists, "reports.correction_counts") == [SUNDAY, MONDAY]


def test_another_date_is_refused_before_dbt_begins(context: ReportContext, lists: Any) -> None:
    message = r"list of 2026-03-01 is not made: staging holds 2026-03-02; run recover_range for 2026-03-01"
    with pytest.raises(Refused, match=message), held_by_staging(context.dbt, SUNDAY):
        pytest.fail("nothing may be made")
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY, MONDAY]


def test_what_was_made_while_staging_moved_on_is_removed(context: ReportContext, lists: Any) -> None:
    message = r"list of 2026-03-02 is not made: staging holds 2026-03-03"
    with pytest.raises(Refused, match=message), held_by_staging(context.dbt, MONDAY):
        load(lists, date(2026, 3, 3))
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY]
    assert dates(lists, "reports.correction_counts") == [SUNDAY]


def test_half_of_what_was_made_is_removed_too(context: ReportContext, lists: Any) -> None:
    with pytest.raises(Refused, match="staging holds 2026-03-03"), held_by_staging(context.dbt, MONDAY):
        fail(lists)
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY]


def test_a_failure_of_dbt_stays_one(context: ReportContext, lists: Any) -> None:
    with pytest.raises(DbtFailed), held_by_staging(context.dbt, MONDAY):
        raise DbtFailed("a test failed")
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY, MONDAY]


def test_while_staging_is_published_nothing_is_certain(context: ReportContext, lists: Any) -> None:
    with pytest.raises(Refused, match="staging holds no certain date"), held_by_staging(context.dbt, MONDAY):
        load(lists, MONDAY, "publishing")
    assert dates(lists, "silver.correction_entries_daily") == [SUNDAY]


def test_tables_that_were_never_built_hold_nothing_to_remove(context: ReportContext, lists: Any) -> None:
    execute(lists, "DROP DATABASE reports")
    with pytest.raises(Refused), held_by_staging(context.dbt, MONDAY):
        load(lists, date(2026, 3, 3))
