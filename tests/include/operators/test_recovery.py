"""The shells of the recoveries: the plan first, then the deed, one date after the other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import create_autospec

import pytest
from airflow.providers.common.compat.sdk import DagRunTriggerException
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred

from include.forms import Refused
from include.operators.recovery import ExecuteRecoveryOperator, PlanRecoveryOperator
from include.operators.rerun_days import RerunDaysOperator
from include.recovery.recover_generation import RecoverGeneration
from include.recovery.recover_range import Reruns
from include.recovery.recovery import Plan
from include.recovery.registry import RECOVERIES

DAYS = ("2026-03-01", "2026-03-02")
REQUEST = "manual__1"


class Task:
    """A task instance that knows the runs of gghouse_daily."""

    try_number = 1

    def __init__(self, snapshot: str = "") -> None:
        self.xcoms = {"snapshot": snapshot}
        self.runs: dict[str, str] = {}

    def xcom_push(self, key: str, value: str) -> None:
        self.xcoms[key] = value

    def xcom_pull(self, task_ids: str, key: str) -> str:
        assert task_ids == "plan"
        return self.xcoms[key]

    def get_dr_count(self, dag_id: str, run_ids: list[str] | None = None, states: list[str] | None = None) -> int:
        assert dag_id == "gghouse_daily"
        return sum(
            state in (states or [state]) for name, state in self.runs.items() if run_ids is None or name in run_ids
        )


@pytest.fixture
def asked(context: dict[str, Any]) -> dict[str, Any]:
    """A context of somebody who asked for a rollback of gold."""
    context["ti"] = Task()
    context["dag_run"] = SimpleNamespace(run_id=REQUEST, triggering_user_name="tanaka")
    context["params"] = {"layer": "gold", "dry_run": False}
    return context


@pytest.fixture
def rollback(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The recovery `generation`; its plan is made up."""
    recovery = create_autospec(RecoverGeneration, instance=True)
    recovery.form = RecoverGeneration.form
    recovery.plan.return_value = Plan(("one", "two"), snapshot="state")
    monkeypatch.setitem(RECOVERIES, "generation", recovery)
    return recovery


def test_the_plan_is_the_first_output_and_its_snapshot_is_handed_on(
    asked: dict[str, Any], rollback: Any, stub: Any
) -> None:
    applied = stub("include.operators.recovery.apply_plan", "done")
    assert PlanRecoveryOperator(task_id="plan", recovery="generation").execute(asked) == "one\ntwo"
    assert ExecuteRecoveryOperator(task_id="execute", recovery="generation").execute(asked) == "done"
    (call,) = applied
    assert (call["recovery"], call["request"], call["plan"].snapshot) == (rollback, {"layer": "gold"}, "state")
    assert (call["context"].requested_by, call["context"].users) == ("tanaka", {"loader", "restore", "dbt"})
    assert call["context"].aws("rds").meta.service_model.service_name == "rds"


def test_a_dry_run_does_nothing(asked: dict[str, Any]) -> None:
    asked["params"]["dry_run"] = True
    for operator in (
        ExecuteRecoveryOperator(task_id="execute", recovery="generation"),
        RerunDaysOperator(task_id="execute"),
    ):
        with pytest.raises(AirflowSkipException, match="nothing was changed"):
            operator.execute(asked)


def test_a_refusal_is_not_tried_again(asked: dict[str, Any], rollback: Any) -> None:
    rollback.plan.side_effect = Refused("there is no way back")
    for operator in (PlanRecoveryOperator, ExecuteRecoveryOperator):
        with pytest.raises(AirflowFailException, match="there is no way back"):
            operator(task_id="t", recovery="generation").execute(asked)
    asked["params"]["layer"] = "bronze"
    with pytest.raises(AirflowFailException, match="layer must be one of gold, staging"):
        PlanRecoveryOperator(task_id="t", recovery="generation").execute(asked)


@pytest.fixture
def rerun(asked: dict[str, Any]) -> dict[str, Any]:
    """A context in which two dates are to be run, and then a newer one once more."""
    from datetime import date

    reruns = Reruns(tuple(map(date.fromisoformat, DAYS)), date(2026, 3, 5), keep_going=False)
    asked["ti"] = Task(reruns.to_text())
    return asked


def triggered(call: Any) -> DagRunTriggerException:
    with pytest.raises(DagRunTriggerException) as caught:
        call()
    return caught.value


def ended(context: dict[str, Any], run_id: str, state: str) -> Any:
    """Go on as the triggerer lets the task go on when a run has ended."""
    context["ti"].runs[run_id] = state
    operator = RerunDaysOperator(task_id="execute")
    return lambda: operator.execute_complete(context, ("path", {"run_ids": [run_id], run_id: state}))


def test_dates_are_triggered_one_after_the_other_without_a_logical_date(rerun: dict[str, Any]) -> None:
    first = triggered(lambda: RerunDaysOperator(task_id="execute").execute(rerun))
    assert first.conf == {"target_date": "2026-03-01", "asked_for_by": REQUEST}
    # a logical date would make an old day late (DeadlineAlert), and would be taken for the business date
    assert (first.logical_date, first.deferrable, first.wait_for_completion) == (None, True, True)
    second = triggered(ended(rerun, first.dag_run_id, "success"))
    third = triggered(ended(rerun, second.dag_run_id, "success"))
    assert [each.conf["target_date"] for each in (second, third)] == ["2026-03-02", "2026-03-05"]
    assert ended(rerun, third.dag_run_id, "success")() == "Ran 2026-03-01, 2026-03-02"


def test_a_failed_date_gives_readers_the_newest_back_and_then_says_so(rerun: dict[str, Any]) -> None:
    first = triggered(lambda: RerunDaysOperator(task_id="execute").execute(rerun))
    closing = triggered(ended(rerun, first.dag_run_id, "failed"))
    assert closing.conf["target_date"] == "2026-03-05"
    with pytest.raises(AirflowFailException, match="gghouse_daily failed for 2026-03-01"):
        ended(rerun, closing.dag_run_id, "success")()
    # cleared after mending, it goes on where it stopped
    rerun["ti"].try_number = 2
    again = triggered(lambda: RerunDaysOperator(task_id="execute").execute(rerun))
    assert (again.dag_run_id, again.reset_dag_run) == (first.dag_run_id, True)


def test_killed_while_it_waited_it_waits_on(rerun: dict[str, Any]) -> None:
    first = triggered(lambda: RerunDaysOperator(task_id="execute").execute(rerun))
    rerun["ti"].runs[first.dag_run_id] = "running"
    with pytest.raises(TaskDeferred) as deferred:
        RerunDaysOperator(task_id="execute").execute(rerun)
    assert deferred.value.trigger.run_ids == [first.dag_run_id]
