"""Operators that say what a recovery would do, and that do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.operators.connections import DBT, LOADER, RESTORE, endpoint
from include.recovery.forms import PLANNING, RecoveryRefused, read
from include.recovery.recovery import Plan, Tools, carry_out, make_plan
from include.schedule import DAILY, business_date
from include.settings import Settings

SEEN = "seen"
"""Key of the XCom with the state that the plan was made from."""


def tools(context: Any, say: Any) -> Tools:
    """Return what a recovery works with inside a task."""
    import boto3

    def daily_runs() -> int:
        return int(context["ti"].get_dr_count(dag_id=DAILY, states=["running", "queued"]))

    logins = {conn_id: endpoint(conn_id) for conn_id in (LOADER, RESTORE, DBT)}
    return Tools(
        settings=Settings.from_environment(),
        loader=logins[LOADER],
        restore=logins[RESTORE],
        dbt=logins[DBT],
        aws=boto3.client,
        who=str(getattr(context["dag_run"], "triggering_user_name", None) or "somebody in Airflow"),
        now=datetime.now(UTC),
        daily_runs=daily_runs,
        users=frozenset(login.user for login in logins.values()),
        say=say,
    )


class RecoveryOperator(BaseOperator):
    """A task about one recovery.

    Args:
        recovery: its name.
    """

    def __init__(self, *, recovery: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recovery = recovery


class PlanRecoveryOperator(RecoveryOperator):
    """Say what a recovery would do, as the state is now; nothing is changed."""

    def execute(self, context: Any) -> str:
        """Return the plan as text.

        Raises:
            AirflowFailException: it cannot be done; another try would find the same.
        """
        try:
            wish = read(self.recovery, context["params"], business_date(datetime.now(UTC)))
            plan = make_plan(self.recovery, tools(context, self.log.info), wish)
        except RecoveryRefused as error:
            raise AirflowFailException(str(error)) from error
        for line in plan.lines:
            self.log.info("%s", line)
        context["ti"].xcom_push(key=SEEN, value=plan.seen)
        return str(plan)


class ExecuteRecoveryOperator(RecoveryOperator):
    """Do what the plan of this run says, unless it is a dry run."""

    def execute(self, context: Any) -> str:
        """Return in words what was done.

        Raises:
            AirflowSkipException: a dry run.
            AirflowFailException: it cannot be done, or not any more.
        """
        refuse_dry_run(context)
        given = tools(context, self.log.info)
        try:
            wish = read(self.recovery, context["params"], given.today)
            now = make_plan(self.recovery, given, wish)
            pulled = context["ti"].xcom_pull(task_ids=PLANNING, key=SEEN)
            done = carry_out(self.recovery, given, wish, Plan(now.lines, pulled or now.seen, now.empty))
        except RecoveryRefused as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%s", done)
        return done


def refuse_dry_run(context: Any) -> None:
    """Skip the task unless the form says that the plan is to be carried out."""
    if context["params"]["dry_run"]:
        raise AirflowSkipException("A dry run: the task `plan` says what would be done; nothing was changed")
