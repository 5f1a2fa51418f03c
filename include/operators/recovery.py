"""Operators that plan a recovery, and that carry it out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.operators.base import RESTORE, PlatformOperator, endpoint
from include.recovery.forms import PLANNING, RecoveryRefused, read
from include.recovery.recovery import Plan, Tools, carry_out, make_plan
from include.schedule import DAILY, business_date

# Key of the XCom with the state from which the plan was made.
SEEN = "seen"


class RecoveryOperator(PlatformOperator):
    """A task of one recovery.

    Args:
        recovery: its name.
        restore_conn_id: MySQL connection that sends what a dump says (templated).
    """

    template_fields = (*PlatformOperator.template_fields, "restore_conn_id")

    def __init__(self, *, recovery: str, restore_conn_id: str = RESTORE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recovery = recovery
        self.restore_conn_id = restore_conn_id

    def tools(self, context: Any) -> Tools:
        """Return what a recovery works with inside a task."""

        def daily_runs() -> int:
            return int(context["ti"].get_dr_count(dag_id=DAILY, states=["running", "queued"]))

        loader, restore, dbt = self.loader, endpoint(self.restore_conn_id), self.dbt
        return Tools(
            settings=self.settings,
            loader=loader,
            restore=restore,
            dbt=dbt,
            aws=self.aws,
            who=str(getattr(context["dag_run"], "triggering_user_name", None) or "somebody in Airflow"),
            now=datetime.now(UTC),
            daily_runs=daily_runs,
            users=frozenset(login.user for login in (loader, restore, dbt)),
            say=self.log.info,
        )


class PlanRecoveryOperator(RecoveryOperator):
    """Say what a recovery would do in the present state; nothing is changed."""

    def execute(self, context: Any) -> str:
        """Return the plan as text.

        Raises:
            AirflowFailException: the recovery is refused; a retry would be refused too.
        """
        try:
            wish = read(self.recovery, context["params"], business_date(datetime.now(UTC)))
            plan = make_plan(self.recovery, self.tools(context), wish)
        except RecoveryRefused as error:
            raise AirflowFailException(str(error)) from error
        for line in plan.lines:
            self.log.info("%s", line)
        context["ti"].xcom_push(key=SEEN, value=plan.seen)
        return str(plan)


class ExecuteRecoveryOperator(RecoveryOperator):
    """Carry out the plan of this run, unless it is a dry run."""

    def execute(self, context: Any) -> str:
        """Return in words what was done.

        Raises:
            AirflowSkipException: a dry run.
            AirflowFailException: the recovery is refused, or the state has changed since the plan.
        """
        skip_dry_run(context)
        tools = self.tools(context)
        try:
            wish = read(self.recovery, context["params"], tools.today)
            now = make_plan(self.recovery, tools, wish)
            pulled = context["ti"].xcom_pull(task_ids=PLANNING, key=SEEN)
            done = carry_out(self.recovery, tools, wish, Plan(now.lines, pulled or now.seen, now.empty))
        except RecoveryRefused as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%s", done)
        return done


def skip_dry_run(context: Any) -> None:
    """Skip the task unless the form's `dry_run` is off."""
    if context["params"]["dry_run"]:
        raise AirflowSkipException("A dry run: the task `plan` says what would be done; nothing was changed")
