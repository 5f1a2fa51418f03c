"""Operator that runs business dates again, one after the other, and occupies no worker while it waits."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from include.operators.recovery import SNAPSHOT, skip_dry_run
from include.recovery.forms import PLANNING
from include.recovery.recover_range import POLL_SECONDS, Reruns, Step, conf, failure
from include.schedule import DAILY

DONE, FAILED, UNDER_WAY = ["success"], ["failed"], ["queued", "running"]


class RerunDaysOperator(BaseOperator):
    """Trigger gghouse_daily for the dates of the plan; a date that succeeded in an earlier try is not run again.

    The task keeps no state: the triggered runs show its progress, so it can be killed and cleared.
    """

    def execute(self, context: Any) -> None:
        """Trigger the first date and wait for it."""
        skip_dry_run(context)
        self._go_on(context, None, last_succeeded=True)

    def execute_complete(self, context: Any, event: tuple[str, dict[str, Any]]) -> str | None:
        """Continue after a date has ended.

        Raises:
            AirflowFailException: a date failed, and no date is left to run.
        """
        (run_id,) = event[1]["run_ids"]
        succeeded = event[1].get(run_id) in DONE
        self.log.info("%s: %s", run_id, event[1].get(run_id))
        return self._go_on(context, Step.of_run(run_id), last_succeeded=succeeded)

    def _go_on(self, context: Any, last: Step | None, *, last_succeeded: bool) -> str:
        ti = context["ti"]
        reruns = Reruns.from_text(ti.xcom_pull(task_ids=PLANNING, key=SNAPSHOT))

        def is_in(step: Step, states: list[str]) -> bool:
            return bool(ti.get_dr_count(dag_id=DAILY, run_ids=[self._run_id(context, step)], states=states))

        step = reruns.next_step(last, last_succeeded, lambda one: is_in(one, DONE))
        if step:
            self._wait_for(context, step, under_way=is_in(step, UNDER_WAY))
        # A date that is still to be retried counts as failed here, but then there is a next step.
        failed: list[date] = [day for day in reruns.dates if is_in(Step(day), FAILED)]
        if last and last.closing and not last_succeeded:
            failed.append(last.day)
        if failed:
            raise AirflowFailException(failure(failed))
        return f"Ran {', '.join(map(str, reruns.dates))}"

    def _wait_for(self, context: Any, step: Step, *, under_way: bool) -> None:
        """Trigger a date, or clear its run when there is one, and defer until it has ended."""
        from airflow.providers.common.compat.sdk import DagRunTriggerException

        run_id = self._run_id(context, step)
        # This task was killed while it waited.
        if under_way:
            from airflow.providers.standard.triggers.external_task import DagStateTrigger

            trigger = DagStateTrigger(DAILY, [*DONE, *FAILED], run_ids=[run_id], poll_interval=POLL_SECONDS)  # type: ignore[list-item]
            self.defer(trigger=trigger, method_name="execute_complete")
        self.log.info("Runs %s%s as %s", step.day, " once more" * step.closing, run_id)
        raise DagRunTriggerException(
            trigger_dag_id=DAILY,
            dag_run_id=run_id,
            conf=conf(step, context["dag_run"].run_id),
            logical_date=None,
            reset_dag_run=True,
            skip_when_already_exists=False,
            wait_for_completion=True,
            allowed_states=DONE,
            failed_states=FAILED,
            poke_interval=POLL_SECONDS,
            deferrable=True,
        )

    def _run_id(self, context: Any, step: Step) -> str:
        return step.run_id(context["dag_run"].run_id, context["ti"].try_number)
