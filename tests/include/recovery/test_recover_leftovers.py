"""What killed runs left: found by exact names, never touched while it is being built, dropped only when told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from include.forms import Refused
from include.settings import Settings
from include.warehouse.generations import exclusive
from include.warehouse.schema import ensure_platform_tables
from include.warehouse.sessions import server_sessions
from tests.include.recovery.conftest import Recoveries

SCHEMAS = ("silver", "gold", "gold_next", "reports", "seeds", "test_results", "scratch", "scratchpad")
HOSTILE = "m__dbt_tmp`; DROP TABLE silver.kept; --"


@pytest.fixture
def littered(recoveries: Recoveries, project: Callable[..., Settings]) -> Iterator[Recoveries]:
    """Something of every kind, beside what must stay."""
    with contextlib.closing(recoveries.context.loader.connect()) as connection:
        ensure_platform_tables(connection)
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        for schema in (*SCHEMAS, "gold_prev"):
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS {schema}")
        for table in (
            "staging.movings",
            "silver.kept",
            "silver.kept__dbt_tmp",
            "silver.kept__dbt_backup",
            "silver.kept_backup_20260207",
            "gold.shown",
            "gold_next.half",
            "gold_next.half__dbt_tmp",
            "reports.kept",
            "reports.kept__dbt_backup",
            "test_results.unique_kept_id",
            "staging_next.movings",
            "scratch.movings",
            "scratchpad.mine",
        ):
            cursor.execute(f"CREATE TABLE {table} (id INT)")
        escaped = HOSTILE.replace("`", "``")
        cursor.execute(f"CREATE TABLE silver.`{escaped}` (id INT)")
    yield recoveries.with_tools(settings=project(recoveries.context.settings, ["shown"], ["kept"]))
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE scratchpad")


def tables(recoveries: Recoveries) -> set[str]:
    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN %s",
            [(*SCHEMAS, "staging_next")],
        )
        return {name for (name,) in cursor.fetchall()}


KEPT = {
    "silver.kept",
    "silver.kept_backup_20260207",
    f"silver.{HOSTILE}",
    "gold.shown",
    "reports.kept",
    "scratchpad.mine",
}


def test_i10_what_a_killed_dbt_left_is_listed_first_and_dropped_when_told(littered: Recoveries) -> None:
    before = tables(littered)
    plan = littered.plan("leftovers")
    assert "  left by a dbt that was killed: silver.kept__dbt_tmp" in plan.lines
    assert plan.lines[0] == "8 leftovers"
    assert tables(littered) == before
    staging = littered.platform.checksums()
    littered.execute("leftovers")
    assert tables(littered) == KEPT
    assert littered.platform.checksums() == staging
    again = littered.plan("leftovers")
    assert again.lines[0] == "No leftovers"
    assert littered.execute("leftovers") == "There was nothing to do"


def test_i10_a_name_is_never_taken_for_a_statement(littered: Recoveries) -> None:
    """The earlier clean-up put names of tables into statements as they were."""
    littered.execute("leftovers", strays="true")
    assert tables(littered) == KEPT - {"silver.kept_backup_20260207"}


def test_i33_dated_copies_in_silver_are_named_and_dropped_only_if_asked(littered: Recoveries) -> None:
    assert any("No model builds silver.kept_backup_20260207" in line for line in littered.plan("leftovers").lines)
    littered.execute("leftovers", strays="true")
    assert "silver.kept_backup_20260207" not in tables(littered)


def test_what_is_being_built_is_left_alone(littered: Recoveries) -> None:
    with contextlib.closing(littered.context.loader.connect()) as connection, exclusive(connection):
        plan = littered.plan("leftovers")
        assert any("staging_next is being built by session" in line for line in plan.lines)
        littered.execute("leftovers")
        assert "staging_next.movings" in tables(littered)
    littered.execute("leftovers")
    assert "staging_next.movings" not in tables(littered)


def test_what_a_killed_load_still_sends_is_not_dropped_under_it(littered: Recoveries) -> None:
    with contextlib.closing(littered.context.restore.connect("staging_next")) as sender:
        number = sender.thread_id()
        assert f"staging_next is being built by session {number}, so" in str(littered.plan("leftovers"))
    while f"session {number}" in str(littered.plan("leftovers")):
        time.sleep(0.05)
    littered.execute("leftovers")
    assert "staging_next.movings" not in tables(littered)


def await_end_of_sessions(littered: Recoveries, schema: str) -> None:
    """Wait until the server has noticed that the sessions in a schema are closed."""
    with contextlib.closing(littered.context.dbt.connect()) as connection:
        for _ in range(100):
            if not any(one.schema == schema for one in server_sessions(connection)):
                return
            time.sleep(0.05)
    raise AssertionError(f"a session in {schema} stays")


def test_while_dbt_is_at_work_its_tables_stay(littered: Recoveries) -> None:
    with contextlib.closing(littered.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS tokyobeta")
        cursor.execute("USE tokyobeta")
        littered.execute("leftovers")
        assert {"silver.kept__dbt_tmp", "gold_next.half"} <= tables(littered)
    await_end_of_sessions(littered, "tokyobeta")
    with pytest.raises(Refused, match="gghouse_daily is running"):
        littered.with_tools(daily_runs=lambda: 1).execute("leftovers")
