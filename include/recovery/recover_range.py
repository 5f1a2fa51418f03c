"""Run a business date or a range of dates again: oldest first, one after the other (I-08, I-29).

Each date is an ordinary run of gghouse_daily. Contract tables and staging are those of the dump that was loaded last.
So the newest date is run once more after older ones, also when a date failed: readers never keep an old day.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from include.forms import Refused
from include.recovery.forms import FORMS, MOST_DATES, days_between
from include.recovery.recovery import Plan, RecoveryContext, Request, Runs
from include.schedule import DAILY

log = logging.getLogger(__name__)

POLL_SECONDS = 10


class RerunsFailed(RuntimeError):
    """A date could not be run; the message says which, and how to go on."""


@dataclass(frozen=True)
class Reruns:
    """What is to be run.

    Attributes:
        dates: oldest first.
        newest: newest date that was ever published, or None when there is none.
        keep_going: the next date is run although one failed.
    """

    dates: tuple[date, ...]
    newest: date | None
    keep_going: bool

    def next_step(self, last: Step | None, last_succeeded: bool, done: Callable[[Step], bool]) -> Step | None:
        """Return what is run now, None at the end.

        Args:
            last: what was run before in this attempt, or None.
            last_succeeded: how that ended.
            done: whether a date has succeeded already, in an attempt before this one.
        """
        if last and last.closing:
            return None
        closing = None
        if last_succeeded or self.keep_going or last is None:
            for day in self.dates:
                step = Step(day)
                if (last is None or day > last.day) and not done(step):
                    return step
            if self.newest and self.newest > self.dates[-1]:
                closing = Step(self.newest, closing=True)
        elif self.newest and last.day < self.newest:
            closing = Step(self.newest, closing=True)
        return closing

    def to_text(self) -> str:
        """Return it as text that `from_text` reads."""
        newest = self.newest.isoformat() if self.newest else None
        return json.dumps([[day.isoformat() for day in self.dates], newest, self.keep_going])

    @classmethod
    def from_text(cls, text: str) -> Reruns:
        """Read what `to_text` wrote."""
        dates, newest, keep_going = json.loads(text)
        return cls(tuple(map(date.fromisoformat, dates)), date.fromisoformat(newest) if newest else None, keep_going)


@dataclass(frozen=True)
class Step:
    """One run of gghouse_daily; `closing`: the newest date once more at the end."""

    day: date
    closing: bool = False

    def run_id(self, request: str, attempt: int) -> str:
        """Return the id of the run: the same date has the same one in every attempt, the closing one does not."""
        return f"{self.day}__{f'again{attempt}__' if self.closing else ''}{request}"

    @classmethod
    def of_run(cls, run_id: str) -> Step:
        """Return the step that a run's id names."""
        day, _, rest = run_id.partition("__")
        return cls(date.fromisoformat(day), rest.startswith("again"))


class RecoverRange:
    """Run `gghouse_daily` again for a date or a range of dates."""

    form = FORMS["range"]

    def plan(self, context: RecoveryContext, request: Request) -> Plan:
        """Say which dates are run, in which order, which are skipped and why.

        Raises:
            Refused: the range is out of bounds, or nothing of it can be run.
        """
        from include.dump.location import dump_dates

        wanted = days_between(request["first"], request["last"] or request["first"], MOST_DATES)
        there = dump_dates(context.aws("s3"), context.settings)
        excluded = [day for day in wanted if day in request["exclude"]]
        absent = [day for day in wanted if day not in excluded and day not in there]
        dates = tuple(day for day in wanted if day not in excluded and day in there)
        if not dates:
            raise Refused(
                f"no date from {wanted[0]} to {wanted[-1]} that is not excluded has a dump; have one delivered"
            )
        reruns = Reruns(dates, newest_published(context), request["keep_going"])
        failing = "the next date is run" if reruns.keep_going else "no further date is run"
        return Plan(
            (
                f"Runs {DAILY} for {len(dates)} date{'s' * (len(dates) > 1)}, one after the other, oldest first:",
                *(f"  {number}. {day}" for number, day in enumerate(dates, 1)),
                *(f"  excluded: {day}" for day in excluded),
                *(f"  skipped, no dump in the bucket: {day} (recover_date declares it a gap)" for day in absent),
                *_closing(reruns),
                f"If a date fails, {failing}; readers get {reruns.newest or 'the last good date'} again in any case",
                "Meanwhile dashboards show each of these dates in turn; a scheduled run is queued in between",
                "To stop: mark the task `execute` failed. To go on: clear it; dates that succeeded are not run again",
            ),
            reruns.to_text(),
        )

    def apply(self, context: RecoveryContext, request: Request, plan: Plan) -> list[str]:
        """Run the dates of the plan and wait for each; for the command line, inside Airflow an operator does it.

        Raises:
            RerunsFailed: a date failed.
        """
        if context.runs is None:
            raise Refused("no Airflow is named in which the dates could be run; name its address")
        name = f"by_{context.requested_by}__{request['first']}__{context.today}"
        return run_all(Reruns.from_text(plan.snapshot), context.runs, name)


def _closing(reruns: Reruns) -> tuple[str, ...]:
    if reruns.newest and reruns.newest > reruns.dates[-1]:
        return (f"Then {reruns.newest} once more, so that contract tables and staging are of the newest date again",)
    return ()


def newest_published(context: RecoveryContext) -> date | None:
    """Return the newest date that was ever published as staging, and not rolled back."""
    import contextlib

    from include.warehouse.ledger import SHOWN
    from include.warehouse.schema import OPS, STAGING, ensure_platform_tables

    with contextlib.closing(context.loader.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute(
            f"SELECT MAX(target_date) FROM {OPS}.load_ledger WHERE schema_name = %s AND state IN %s", (STAGING, SHOWN)
        )
        newest: date | None = cursor.fetchone()[0]
        return newest


def failure(failed: list[date]) -> str:
    """Say in one sentence which dates failed and how to go on."""
    names = ", ".join(map(str, failed))
    return (
        f"{DAILY} failed for {names}; its own mail says why. After the fix, clear this task: dates that succeeded are "
        "not run again"
    )


def run_all(
    reruns: Reruns,
    runs: Runs,
    request: str,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Run all dates and wait for each; outside Airflow, where no operator triggers them.

    Args:
        reruns: what to run.
        runs: where.
        request: identifies this request; the same again continues where it stopped.
        sleep: waits so many seconds.

    Raises:
        RerunsFailed: a date failed.
    """
    attempt = 1
    while runs.state(Step(reruns.newest or reruns.dates[-1], closing=True).run_id(request, attempt)):
        attempt += 1

    def has_succeeded(step: Step) -> bool:
        return runs.state(step.run_id(request, attempt)) == "success"

    last, succeeded = None, True
    failed: list[date] = []
    done: list[date] = []
    while step := reruns.next_step(last, succeeded, has_succeeded):
        run_id = step.run_id(request, attempt)
        if runs.state(run_id) not in ("queued", "running"):
            runs.start(run_id, conf(step, request))
        while (state := runs.state(run_id)) not in ("success", "failed"):
            sleep(POLL_SECONDS)
        log.info("%s%s: %s", step.day, " once more" * step.closing, state)
        last, succeeded = step, state == "success"
        (done if succeeded else failed).append(step.day)
    if failed:
        raise RerunsFailed(failure(failed))
    return [f"Ran {', '.join(map(str, done)) or 'nothing, all dates had succeeded already'}"]


def conf(step: Step, request: str) -> dict[str, str]:
    """Return the configuration of the run, which keeps who asked for it (I-29)."""
    return {"target_date": step.day.isoformat(), "asked_for_by": request}
