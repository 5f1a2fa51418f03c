"""Which date is run when, whatever fails or is killed in between."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.forms import Refused
from include.recovery.recover_range import Reruns, RerunsFailed, Step, run_all
from tests.include.dump.dumps import classic, day
from tests.include.recovery.conftest import Recoveries

DAYS = tuple(date(2026, 3, number) for number in (1, 2, 3))
NEWEST = date(2026, 3, 5)


class Runs:
    """Airflow's runs: those of `failing` dates fail."""

    def __init__(self, *failing: date) -> None:
        self.failing = set(failing)
        self.states: dict[str, str] = {}
        self.started: list[str] = []
        self.confs: list[dict[str, str]] = []

    def start(self, run_id: str, conf: dict[str, str]) -> None:
        step = Step.of_run(run_id)
        self.started.append(f"{step.day:%d}{'again' * step.closing}")
        self.confs.append(conf)
        self.states[run_id] = "failed" if step.day in self.failing else "success"

    def state(self, run_id: str) -> str | None:
        return self.states.get(run_id)


def run(reruns: Reruns, runs: Any) -> list[str]:
    return run_all(reruns, runs, "by_me", sleep=lambda _: None)


def test_i08_any_date_can_be_run_again_oldest_first_and_the_newest_once_more_at_the_end() -> None:
    runs = Runs()
    run(Reruns(DAYS, NEWEST, keep_going=False), runs)
    assert runs.started == ["01", "02", "03", "05again"]
    assert runs.confs[1] == {"target_date": "2026-03-02", "asked_for_by": "by_me"}


def test_the_newest_date_is_not_run_twice() -> None:
    runs = Runs()
    run(Reruns(DAYS, DAYS[-1], keep_going=False), runs)
    assert runs.started == ["01", "02", "03"]


def test_it_stops_at_a_failure_and_readers_get_the_newest_date_back() -> None:
    runs = Runs(DAYS[1])
    with pytest.raises(RerunsFailed, match="gghouse_daily failed for 2026-03-02"):
        run(Reruns(DAYS, DAYS[-1], keep_going=False), runs)
    assert runs.started == ["01", "02", "03again"]


def test_it_goes_on_if_told() -> None:
    runs = Runs(DAYS[1])
    with pytest.raises(RerunsFailed, match="failed for 2026-03-02"):
        run(Reruns(DAYS, NEWEST, keep_going=True), runs)
    assert runs.started == ["01", "02", "03", "05again"]


def test_after_mending_it_goes_on_with_what_did_not_succeed() -> None:
    runs = Runs(DAYS[1])
    with pytest.raises(RerunsFailed):
        run(Reruns(DAYS, NEWEST, keep_going=False), runs)
    runs.failing.clear()
    runs.started.clear()
    run(Reruns(DAYS, NEWEST, keep_going=False), runs)
    assert runs.started == ["02", "03", "05again"]


def test_after_a_kill_it_waits_for_the_run_that_is_under_way() -> None:
    runs = Runs()
    first = Step(DAYS[0]).run_id("by_me", 1)
    answers = iter(["running", "running", "success"])
    runs.states[first] = "running"
    usual = runs.state
    runs.state = lambda run_id: next(answers, "success") if run_id == first else usual(run_id)  # type: ignore[method-assign]
    run(Reruns(DAYS[:1], None, keep_going=False), runs)
    assert runs.started == []


def test_a_run_names_its_step_and_text_keeps_the_request() -> None:
    for step in (Step(DAYS[0]), Step(NEWEST, closing=True)):
        assert Step.of_run(step.run_id("manual__2026-03-05T00:00:00+00:00", 2)) == step
    for reruns in (Reruns(DAYS, NEWEST, keep_going=True), Reruns(DAYS[:1], None, keep_going=False)):
        assert Reruns.from_text(reruns.to_text()) == reruns


def test_the_plan_names_every_date_and_why_some_are_left_out(recoveries: Recoveries) -> None:
    for target in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)):
        recoveries.platform.put(classic(day(target)), target)
    recoveries.platform.load(date(2026, 3, 4))
    plan = recoveries.plan("range", first="2026-03-01", last="2026-03-03", exclude="2026-03-01")
    assert "  1. 2026-03-02" in plan.lines
    assert "  excluded: 2026-03-01" in plan.lines
    assert any("no dump in the bucket: 2026-03-03" in line for line in plan.lines)
    assert any(line.startswith("Then 2026-03-04 once more") for line in plan.lines)
    assert Reruns.from_text(plan.snapshot) == Reruns((date(2026, 3, 2),), date(2026, 3, 4), keep_going=False)
    with pytest.raises(Refused, match="no date from 2026-03-03 to 2026-03-03"):
        recoveries.plan("range", first="2026-03-03")
    with pytest.raises(Refused, match="29 days; at most 28"):
        recoveries.plan("range", first="2026-02-01", last="2026-03-01")
