"""The order in which rooms of past dates are made and shown, and what `make run` says when that fails."""

from __future__ import annotations

from datetime import date

import pytest

from include.recovery.forms import RecoveryRefused
from include.recovery.recovery import Plan
from infra.local import room_history

TARGET = date(2026, 11, 29)


class Recovery:
    """Notes what it is asked for."""

    def __init__(self, done: list[tuple[str, dict]], name: str, empty: bool, error: str) -> None:
        self.done, self.name, self.empty, self.error = done, name, empty, error

    def plan(self, context, request):
        return Plan((), empty=self.empty)

    def apply(self, context, request, plan):
        if self.error:
            raise RecoveryRefused(self.error)
        self.done.append((self.name, dict(request)))
        return [f"{self.name} done"]


class Context:
    today = TARGET


@pytest.fixture
def fill(monkeypatch):
    """Return a function that fills in and returns what was done, what was said, and whether it went well."""

    def run(empty: bool = False, error: str = "") -> tuple[list[tuple[str, dict]], list[str], bool]:
        done: list[tuple[str, dict]] = []
        said: list[str] = []
        recoveries = {"history": Recovery(done, "history", empty, ""), "kpi": Recovery(done, "kpi", False, error)}
        monkeypatch.setattr(room_history, "RECOVERIES", recoveries)
        monkeypatch.setattr(
            room_history,
            "apply_plan",
            lambda recovery, context, request, plan: recovery.apply(context, request, plan)[0],
        )
        monkeypatch.setattr(room_history, "_refresh", lambda context, target: done.append(("refresh", {"on": target})))
        context = Context()
        context.settings = type("Settings", (), {"quicksight_datasets": ("a", "b")})
        well = room_history.fill(context, TARGET, said.append)
        return done, said, well

    return run


def test_rooms_come_before_figures_and_figures_before_the_data_sets(fill) -> None:
    done, said, well = fill()
    rooms = {"what": "rooms", "first": date(2025, 10, 26), "last": TARGET, "overwrite": False}
    assert done == [("history", rooms), ("kpi", {"first": TARGET}), ("refresh", {"on": TARGET})]
    assert [line.split("s  ")[-1] for line in said[1:]] == [
        "history done",
        "Rebuilt the figures with them",
        "Refreshed 2 data sets",
    ]
    assert well


def test_the_day_after_finds_nothing_to_do_and_says_nothing(fill) -> None:
    assert fill(empty=True) == ([], [], True)


def test_a_failure_is_said_with_what_is_complete_all_the_same(fill) -> None:
    done, said, well = fill(error="a test failed; readers see no change")
    assert [name for name, _ in done] == ["history"]
    assert said[-1].startswith("Room history: a test failed; readers see no change. The figures of 2026-11-29 are")
    assert not well
