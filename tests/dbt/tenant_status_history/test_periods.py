"""The history of statuses after many runs in any order is the one that a full refresh gives, and the one by hand."""

from __future__ import annotations

import random
import threading
import time
from datetime import date, timedelta
from typing import Any

import pytest

from include.history.retention import DEFINITION
from include.warehouse.sessions import server_sessions

SNAPSHOTS = "history.tenant_daily_snapshots"
TABLE = "silver.tenant_status_history"
COLUMNS = "tenant_id, tenant_status_code, contract_type_code, valid_from, valid_to, is_current, days_in_status"
FIRST = date(2026, 1, 1)
STATUSES = (4, 5, 9, 14, 16, 17)
State = tuple[int, int]
History = dict[date, dict[int, State]]


def by_hand(history: History) -> list[tuple[Any, ...]]:
    """The periods as a person would write them: tenant by tenant, date by date."""
    dates = sorted(history)
    rows: list[tuple[Any, ...]] = []
    for tenant in sorted({tenant for states in history.values() for tenant in states}):
        state: State | None = None
        begin = FIRST
        for day in dates:
            now = history[day].get(tenant)
            if now != state:
                if state:
                    rows.append((tenant, *state, begin, day - timedelta(days=1), 0, (day - begin).days))
                state, begin = now, day
        if state:
            rows.append((tenant, *state, begin, None, 1, (dates[-1] - begin).days + 1))
    return rows


def write(project: Any, history: History, days: list[date]) -> None:
    for day in days:
        project.execute(f"delete from {SNAPSHOTS} where snapshot_date = %s", [day])
        for tenant, (status, kind) in history.get(day, {}).items():
            project.execute(f"insert into {SNAPSHOTS} values (%s, %s, %s, null, %s)", [tenant, status, kind, day])


def run(project: Any, day: date, *arguments: str) -> None:
    project.dbt("run", day.isoformat(), "--select", "tenant_status_history", *arguments)


def rows(project: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = project.execute(f"select {COLUMNS} from {TABLE} order by tenant_id, valid_from")
    return found


def bytes_of(project: Any) -> Any:
    # a column that may be NULL in one and not in the other would make other bytes of the same rows
    return project.execute(f"checksum table {TABLE}"), project.execute(f"describe {TABLE}")


def next_states(chance: random.Random, states: dict[int, State]) -> dict[int, State]:
    """Some tenants change, some vanish, some come or come back."""
    after = {}
    for tenant in range(1, 9):
        state = states.get(tenant)
        if state is None and chance.random() < 0.3:
            state = (chance.choice(STATUSES), chance.choice((1, 2)))
        elif state and chance.random() < 0.15:
            state = None
        elif state and chance.random() < 0.3:
            state = (chance.choice(STATUSES), state[1] if chance.random() < 0.8 else 3 - state[1])
        if state:
            after[tenant] = state
    return after


def change(chance: random.Random, history: History) -> tuple[date, list[date]]:
    """Change the history as a day of operation does; return the business date of the run and the dates that changed."""
    newest = max(history)
    step = chance.choice(("next", "next", "next", "after a gap", "repair", "repair", "lose", "backfill", "nothing"))
    gaps = [
        day for number in range(-3, (newest - FIRST).days) if (day := FIRST + timedelta(days=number)) not in history
    ]
    if step == "repair":
        day = chance.choice(sorted(history))
        history[day] = next_states(chance, history[day])
    elif step == "lose" and len(history) > 2:
        day = chance.choice(sorted(history))
        del history[day]
    elif step == "backfill":
        day = chance.choice(gaps)
        earlier = [known for known in history if known < day]
        history[day] = next_states(chance, history[max(earlier)] if earlier else {})
    elif step == "nothing":
        return newest, []
    else:
        day = newest + timedelta(days=chance.choice((2, 4)) if step == "after a gap" else 1)
        history[day] = next_states(chance, history[newest])
    if not history.get(day):
        history.pop(day, None)  # a date on which nobody is known cannot be told from a missing one
    return chance.choice((day, max(history))), [day]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 12))])
def test_increments_in_any_order_give_what_a_full_refresh_gives(project: Any, seed: int) -> None:
    chance = random.Random(seed)
    project.clear()
    history: History = {}
    states = next_states(chance, dict.fromkeys(range(1, 5), (9, 1)))
    for number in range(8):
        states = next_states(chance, states)
        if chance.random() < 0.8 or not number:
            history[FIRST + timedelta(days=number)] = states
    write(project, history, list(history))
    run(project, max(history))
    assert rows(project) == by_hand(history)
    for _ in range(8):
        target = FIRST
        changed: list[date] = []
        for _ in range(chance.choice((1, 1, 2, 3))):
            target, days = change(chance, history)
            changed += days
        write(project, history, changed)
        run(project, target)
        assert rows(project) == by_hand(history), f"after {changed}, run for {target}"
    increments = bytes_of(project)
    run(project, max(history))
    assert bytes_of(project) == increments, "the same date again"
    run(project, max(history), "--full-refresh")
    assert bytes_of(project) == increments


@pytest.fixture
def four_days(project: Any) -> History:
    """Two tenants on four dates, and their periods."""
    project.clear()
    days = [FIRST + timedelta(days=number) for number in range(4)]
    history: History = {day: {1: (5 if day < days[2] else 9, 1), 2: (9, 2)} for day in days}
    write(project, history, days)
    run(project, days[-1], "--full-refresh")
    return history


@pytest.mark.parametrize(
    "damage",
    [
        f"delete from {TABLE} where tenant_id = 1 and valid_to is not null",
        f"update {TABLE} set tenant_status_code = 4 where tenant_id = 1 and valid_to is not null",
        f"update {TABLE} set valid_to = valid_to - interval 1 day where valid_to is not null",
        f"update {TABLE} set valid_from = valid_from - interval 2 day where tenant_id = 2",
        f"truncate table {TABLE}",
        f"drop table {TABLE}",
    ],
)
def test_a_damaged_table_heals(project: Any, four_days: History, damage: str) -> None:
    before = bytes_of(project)
    project.execute(damage)
    run(project, max(four_days))
    assert rows(project) == by_hand(four_days)
    assert bytes_of(project) == before


def test_states_that_two_tenants_exchange_are_noticed(project: Any, four_days: History) -> None:
    # as many tenants in every status as before, so that counts alone would not tell
    day = FIRST + timedelta(days=1)
    four_days[day] = {1: (9, 2), 2: (5, 1)}
    write(project, four_days, [day])
    run(project, max(four_days))
    assert rows(project) == by_hand(four_days)


def test_a_run_that_is_killed_leaves_the_periods_as_they_were(project: Any, four_days: History) -> None:
    before = rows(project)
    four_days[FIRST] = {1: (4, 1)}
    write(project, four_days, [FIRST])
    failed: list[bool] = []

    def build() -> None:
        outcome = project.dbt("run", "2026-01-04", "--select", "tenant_status_history", check=False)
        failed.append(not outcome["success"])

    project.execute(f"lock tables {TABLE} read")  # all is built then, but the new table cannot take its place
    thread = threading.Thread(target=build)
    try:
        thread.start()
        while not (
            waiting := [
                session.number
                for session in server_sessions(project.connection)
                if "rename table" in session.statement.lower() and session.state.startswith("Wait")
            ]
        ):
            time.sleep(0.05)
        project.execute(f"kill {waiting[0]}")
        thread.join()
    finally:
        project.execute("unlock tables")
    assert failed == [True]
    assert rows(project) == before
    run(project, max(four_days))
    assert rows(project) == by_hand(four_days)


FAULTS = {
    "tenant_status_history_no_overlap": "update {0} set valid_to = valid_to + interval 1 day where is_current = 0",
    "tenant_status_history_period_ends_after_it_begins": "update {0} set valid_to = valid_from - interval 1 day",
    "tenant_status_history_one_current_row_per_tenant": "update {0} set is_current = 1",
    "tenant_status_history_current_is_open": "update {0} set is_current = 0",
    "tenant_status_history_neighbours_differ": "update {0} set tenant_status_code = 9",
    "tenant_status_history_no_gap_inside": "delete from {0} where tenant_id = 1 and valid_to is null",
    "tenant_status_history_days_are_positive": "update {0} set days_in_status = 0",
    "tenant_status_history_agrees_with_snapshots": "update {0} set contract_type_code = 3 where tenant_id = 2",
}


@pytest.mark.parametrize("test", FAULTS)
def test_every_fault_fails_its_test(project: Any, four_days: History, test: str) -> None:
    select = ["--select", test]
    assert project.dbt("test", "2026-01-04", *select)["nodes"][test][0] == "pass"
    project.execute(FAULTS[test].format(TABLE))
    assert project.dbt("test", "2026-01-04", *select, check=False)["nodes"][test][0] == "fail"


RETIRED = "history.retired_dates"


@pytest.fixture
def retiring(project: Any) -> Any:
    """Let the database forget dates, as include/history/retention.py does."""
    project.execute(DEFINITION)

    def retire(days: list[date]) -> None:
        for day in days:
            project.execute(f"delete from {SNAPSHOTS} where snapshot_date = %s", [day])
            project.execute(f"replace into {RETIRED} values (%s, 1, '', now())", [day])

    yield retire
    project.execute(f"drop table {RETIRED}")


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, 8))])
def test_periods_are_the_same_while_the_database_forgets_their_beginning(
    project: Any, retiring: Any, seed: int
) -> None:
    chance = random.Random(seed)
    project.clear()
    days = [FIRST + timedelta(days=number) for number in range(16) if number % 5 != 3]
    history: History = {}
    states = next_states(chance, dict.fromkeys(range(1, 5), (9, 1)))
    for number, day in enumerate(days):
        history[day] = states = next_states(chance, states)
        write(project, history, [day])
        if number < 6:
            if number == 5:
                run(project, day)
            continue
        retiring(days[: number - 4])
        # a repair of a date that is kept, an older date that is run again, or everything made again
        if chance.random() < 0.4:
            repaired = chance.choice(days[number - 3 : number])
            history[repaired] = next_states(chance, history[repaired])
            write(project, history, [repaired])
        run(project, days[0] if chance.random() < 0.3 else day, *(["--full-refresh"] if chance.random() < 0.3 else []))
        assert rows(project) == by_hand(history), day
    # not those of other models, which earlier tests have left
    own = ("--select", "tenant_status_history", "--indirect-selection", "cautious")
    found = project.dbt("test", day.isoformat(), *own)["nodes"]
    assert {outcome[0] for outcome in found.values()} <= {"pass", "warn"}, found


def test_a_forgotten_date_that_is_loaded_again_changes_nothing(project: Any, four_days: History, retiring: Any) -> None:
    before = bytes_of(project)
    retiring(sorted(four_days)[:2])
    write(project, {FIRST: {1: (4, 1)}}, [FIRST])
    run(project, FIRST)
    assert rows(project) == by_hand(four_days)
    assert bytes_of(project) == before


def test_all_dates_loaded_again_are_compared_again(project: Any, four_days: History, retiring: Any) -> None:
    retiring(sorted(four_days)[:2])
    four_days[FIRST] = {1: (4, 1)}
    write(project, four_days, sorted(four_days)[:2])
    run(project, max(four_days))
    assert rows(project) == by_hand(four_days)


@pytest.mark.parametrize(
    "damage",
    [
        f"delete from {TABLE} where tenant_id = 1",
        f"update {TABLE} set tenant_status_code = 4 where tenant_id = 2",
        f"truncate table {TABLE}",
        f"drop table {TABLE}",
    ],
)
@pytest.mark.parametrize("option", [[], ["--full-refresh"]], ids=["day", "full"])
def test_what_cannot_be_made_again_is_said_and_heals_with_all_dates(
    project: Any, four_days: History, retiring: Any, damage: str, option: list[str]
) -> None:
    retiring(sorted(four_days)[:2])
    project.execute(damage)
    outcome = project.dbt("run", "2026-01-04", "--select", "tenant_status_history", *option, check=False)
    assert not outcome["success"]
    assert "does not agree with the snapshots of 2026-01-03, the oldest" in str(outcome)
    write(project, four_days, sorted(four_days))
    run(project, max(four_days), *option)
    assert rows(project) == by_hand(four_days)
