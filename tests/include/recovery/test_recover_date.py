"""What an operator declares about a date: kept with the reason, and what has to be run then."""

from __future__ import annotations

import pytest

from include.forms import Refused
from tests.include.dump.dumps import TARGET, classic, day
from tests.include.recovery.conftest import Recoveries

GAP = {"date": str(TARGET), "verdict": "gap", "reason": "dump of another day"}
OVERRIDES = "SELECT business_date, is_gap, reason, declared_by FROM ops.date_overrides"


def test_i29_an_override_is_recorded_with_its_reason_and_its_person(recoveries: Recoveries) -> None:
    plan = recoveries.plan("date", **GAP)
    assert f"Declares {TARGET} gap: dump of another day (operator)" in plan.lines
    assert recoveries.platform.query(OVERRIDES) == [] if plan.empty else True
    recoveries.execute("date", **GAP)
    assert recoveries.platform.query(OVERRIDES) == [(TARGET, 1, "dump of another day", "operator")]
    ((name, requested, outcome),) = recoveries.platform.query("SELECT name, requested, outcome FROM ops.recoveries")
    assert name == "date"
    assert "dump of another day" in requested
    assert f"{TARGET} is declared gap" in outcome


def test_a_later_word_counts_and_withdrawing_keeps_the_reason_too(recoveries: Recoveries) -> None:
    recoveries.execute("date", **GAP)
    recoveries.execute("date", **GAP | {"verdict": "valid", "reason": "delivered anew"})
    assert recoveries.platform.query(OVERRIDES) == [(TARGET, 0, "delivered anew", "operator")]
    assert any("valid: delivered anew (operator" in line for line in recoveries.plan("date", **GAP).lines)
    recoveries.execute("date", **GAP | {"verdict": "withdraw", "reason": "was a mistake"})
    assert recoveries.platform.query(OVERRIDES) == []
    assert "was a mistake" in str(recoveries.platform.query("SELECT requested FROM ops.recoveries")[-1])
    with pytest.raises(Refused, match="nothing was declared"):
        recoveries.plan("date", **GAP | {"verdict": "withdraw"})


def test_the_plan_says_what_has_to_be_run(recoveries: Recoveries) -> None:
    valid = GAP | {"verdict": "valid"}
    assert (
        f"Have the dump of {TARGET} delivered, then run recover_range with {TARGET}"
        in recoveries.plan("date", **valid).lines
    )
    recoveries.platform.put(classic(day(TARGET)))
    assert f"Run recover_range with {TARGET}" in recoveries.plan("date", **valid).lines
    with_calendar(recoveries)
    lines = recoveries.plan("date", **valid).lines
    assert f"{TARGET} now: valid" in lines
    assert "Its facts are shown again; nothing has to be loaded" in lines
    assert any("recover_kpi" in line for line in recoveries.plan("date", **GAP).lines)


def with_calendar(recoveries: Recoveries) -> None:
    """A run has judged the date."""
    import contextlib

    with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE silver")
        cursor.execute("CREATE TABLE silver.business_calendar (business_date DATE, is_gap INT, reason VARCHAR(191))")
        cursor.execute("INSERT INTO silver.business_calendar VALUES (%s, 0, NULL)", (TARGET,))
