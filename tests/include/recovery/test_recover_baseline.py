"""A dump with far fewer rows than the day before is accepted on purpose, with the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from include.dump.errors import AuditFailed
from include.forms import Refused
from tests.include.dump.dumps import TARGET, YESTERDAY, classic, day
from tests.include.recovery.conftest import Recoveries

REASON = "old movings archived, confirmed by the vendor"
ASKED = {"date": str(TARGET), "reason": REASON}
STATES = "SELECT state FROM ops.load_ledger ORDER BY load_id"


@pytest.fixture
def rejected(recoveries: Recoveries) -> Recoveries:
    """Yesterday is published; today's dump lost a third of its movings and was rejected."""
    recoveries.platform.put(classic(day(YESTERDAY, movings=1800)), YESTERDAY)
    recoveries.platform.load(YESTERDAY)
    recoveries.platform.put(classic(day(movings=1200)))
    with pytest.raises(AuditFailed, match="accept it with recover_baseline"):
        recoveries.platform.load()
    return recoveries


def test_the_plan_shows_the_rows_of_both_and_changes_nothing(rejected: Recoveries) -> None:
    lines = [line.split() for line in rejected.plan("baseline", **ASKED).lines]
    assert ["movings", "1,800", "1,200", "66.7%,", "below", "the", "floor"] in lines
    assert rejected.platform.query(STATES) == [("published",), ("failed",)]
    with pytest.raises(AuditFailed):
        rejected.platform.load()


def test_the_next_load_of_the_date_passes_and_the_reason_is_recorded(rejected: Recoveries) -> None:
    assert REASON in rejected.execute("baseline", **ASKED)
    rejected.platform.load()
    assert rejected.platform.query("SELECT COUNT(*) FROM staging.movings") == [(1200,)]
    assert rejected.platform.query(STATES) == [("superseded",), ("failed",), ("published",)]
    ((name, requested, who),) = rejected.platform.query("SELECT name, requested, requested_by FROM ops.recoveries")
    assert (name, who) == ("baseline", "operator")
    assert REASON in requested


def test_the_day_after_is_compared_again(rejected: Recoveries) -> None:
    rejected.execute("baseline", **ASKED)
    rejected.platform.load()
    tomorrow = TARGET + timedelta(days=1)
    rejected.platform.put(classic(day(tomorrow, movings=850)), tomorrow)
    with pytest.raises(AuditFailed, match="movings has 850 rows, less than 80% of the 1,200"):
        rejected.platform.load(tomorrow)


def test_another_dump_or_a_second_time_needs_a_new_plan(rejected: Recoveries) -> None:
    plan = rejected.plan("baseline", **ASKED)
    rejected.platform.put(classic(day(movings=1100)))
    with pytest.raises(Refused, match="make a new plan"):
        rejected.execute("baseline", plan, **ASKED)
    rejected.execute("baseline", **ASKED)
    with pytest.raises(Refused, match="superseded already"):
        rejected.plan("baseline", **ASKED)


def test_without_lost_rows_or_a_load_before_there_is_nothing_to_accept(rejected: Recoveries) -> None:
    rejected.platform.put(classic(day(movings=1800)))
    with pytest.raises(Refused, match="has fewer rows than load 1"):
        rejected.plan("baseline", **ASKED)
    with pytest.raises(Refused, match="is compared with no load before it"):
        rejected.plan("baseline", **ASKED | {"date": str(YESTERDAY)})
