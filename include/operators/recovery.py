"""Operators that plan a recovery and apply it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.forms import Refused, read
from include.operators.base import RESTORE, PlatformOperator, endpoint
from include.recovery.forms import FORMS, PLANNING
from include.recovery.recovery import Plan, RecoveryContext, apply_plan
from include.schedule import DAILY, business_date

# Key of the XCom with the state from which the plan was made.
SNAPSHOT = "snapshot"


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

    def recovery_context(self, context: Any) -> RecoveryContext:
        """Return the context of the recovery."""

        def daily_runs() -> int:
            return int(context["ti"].get_dr_count(dag_id=DAILY, states=["running", "queued"]))

        loader, restore, dbt = self.loader, endpoint(self.restore_conn_id), self.dbt
        return RecoveryContext(
            settings=self.settings,
            loader=loader,
            restore=restore,
            dbt=dbt,
            aws=self.aws,
            requested_by=str(getattr(context["dag_run"], "triggering_user_name", None) or "unknown user of Airflow"),
            now=datetime.now(UTC),
            daily_runs=daily_runs,
            users=frozenset(login.user for login in (loader, restore, dbt)),
        )


class PlanRecoveryOperator(RecoveryOperator):
    """Say what a recovery would do in the present state; nothing is changed."""

    def execute(self, context: Any) -> str:
        """Return the plan as text.

        Raises:
            AirflowFailException: the recovery is refused; a retry would be refused too.
        """
        from include.recovery.registry import RECOVERIES

        try:
            request = read(FORMS[self.recovery], context["params"], business_date(datetime.now(UTC)))
            plan = RECOVERIES[self.recovery].plan(self.recovery_context(context), request)
        except Refused as error:
            raise AirflowFailException(str(error)) from error
        for line in plan.lines:
            self.log.info("%s", line)
        context["ti"].xcom_push(key=SNAPSHOT, value=plan.snapshot)
        return str(plan)


class ExecuteRecoveryOperator(RecoveryOperator):
    """Apply the plan of this run, unless it is a dry run."""

    def execute(self, context: Any) -> str:
        """Return in words what was done.

        Raises:
            AirflowSkipException: a dry run.
            AirflowFailException: the recovery is refused, or the state has changed since the plan.
        """
        from include.recovery.registry import RECOVERIES

        skip_dry_run(context)
        recovery, given = RECOVERIES[self.recovery], self.recovery_context(context)
        try:
            request = read(FORMS[self.recovery], context["params"], given.today)
            now = recovery.plan(given, request)
            planned = context["ti"].xcom_pull(task_ids=PLANNING, key=SNAPSHOT)
            done = apply_plan(recovery, given, request, Plan(now.lines, planned or now.snapshot, now.empty))
        except Refused as error:
            raise AirflowFailException(str(error)) from error
        self.log.info("%s", done)
        return done


def skip_dry_run(context: Any) -> None:
    """Skip the task unless the form's `dry_run` is off."""
    if context["params"]["dry_run"]:
        raise AirflowSkipException("A dry run: the task `plan` says what would be done; nothing was changed")
