"""Run one business day for real and follow it: `make run`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from include.dump.location import dump_key, manifest_key
from include.reports.forms import DAGS
from include.schedule import DAILY
from include.settings import PROJECT_DIR
from infra.local import airflow_home, page_command, run_report
from infra.local.airflow_api import FINISHED, AirflowApi, TaskInstance
from infra.local.aws import account
from infra.local.dashboards.build import write_dashboards
from infra.local.stack import Say, down, is_up, up
from infra.local.state import LocalError, State

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SENSOR = "wait_for_dump"
# When this task has succeeded, readers see the figures.
PUBLISHED = "all_clear"
# The reports that the publication of gold starts.
REPORTS = tuple(f"{DAGS}{name}" for name in ("corrections", "flash", "rent_roll"))
REPORT_SECONDS = 600
DEFER_SECONDS = 300
# How long the sensor waits before the dump lands. A busy scheduler hears some seconds late that a task has deferred;
# if the task runs again by then, the scheduler takes it for lost and spends one of its retries.
SETTLE_SECONDS = 5
RUN_SECONDS = 3 * 3600
SNAPSHOTS = Path("snapshots", "tenant_status")
# Task states that are worth a line.
REPORTED = ("running", "deferred", "up_for_retry", "success", "failed", "skipped", "removed")


def run_day(state: State, say: Say, requested: date | None, scale: str, today: date) -> int:
    """Run a business date from the vendor's dump to the figures; return 0 when it ended well.

    Args:
        state: the platform; it is started when needed and left running.
        say: prints a line.
        requested: business date, or None for the one that `next_date` chooses.
        scale: size of the source, `small` or `full`.
        today: today in Tokyo.

    Raises:
        LocalError: the platform, the source or the run did not get going; says what to do.
    """
    last = last_date(state)
    target = requested or next_date(last, today)
    say(f"Business date {target}{'' if requested else _why(target, last, today)}; {scale} source")
    if scale != state.scale:
        if is_up(state):
            down(state, say)  # Airflow learns at its start how many rooms the company has
        state.keep_scale(scale)
    source = state.directory / "source" / scale
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(up, state, say)
        _generate(source, target, scale)
        api = starting.result()
    s3 = account.client(account.endpoint_url(state), "s3")
    if unfinished := api.unfinished_runs(DAILY):
        raise LocalError(
            f"run {unfinished[0]} has not ended; wait for it, or mark it failed in {airflow_home.ui_url(state)}"
        )
    withdraw_dump(s3, target)
    say(f"Snapshot history: {put_snapshots(s3, source, target)} files put into the bucket")
    run_id = api.trigger(DAILY, {"target_date": target.isoformat()})
    say(f"Triggered {DAILY} as {run_id}")
    follower = Follower(state, api, run_id, say)
    drawn: list[Future[Path]] = []
    try:
        follower.follow(until_deferred=True)
        time.sleep(SETTLE_SECONDS)
        land_dump(s3, source, target)
        say(f"{follower.clock()}  dump landed: s3://{account.BUCKET}/{dump_key(target)}")
        with ThreadPoolExecutor() as pool:

            def draw() -> Path:
                follow_reports(api, target, say)
                return write_dashboards(state, say)

            # while dbt_docs still runs
            follower.at_success[PUBLISHED] = lambda: drawn.append(pool.submit(draw))
            outcome = follower.follow()
    except KeyboardInterrupt:
        api.mark_failed(DAILY, run_id)
        raise
    if outcome == "success":
        _last_file(state).write_text(target.isoformat())
    say(run_report.page(state, api, run_id, target, outcome, follower.seconds()))
    page_command.write_page(state, say, datetime.now(UTC))
    account.save_bucket(account.endpoint_url(state), state.s3)  # minutes for a full-scale dump
    if outcome == "success":
        say(f"Dashboards: {drawn[0].result() if drawn else write_dashboards(state, say)}")
    return 0 if outcome == "success" else 1


def last_date(state: State) -> date | None:
    """Return the last business date that `make run` completed, None before the first."""
    try:
        return date.fromisoformat(_last_file(state).read_text().strip())
    except FileNotFoundError:
        return None


def next_date(last: date | None, today: date) -> date:
    """Return the date of a run for which none was named: the day after the last one, at first and at most today.

    Args:
        last: the last business date that `make run` completed, None before the first.
        today: today in Tokyo, after which no date can be run.
    """
    return today if last is None else min(last + timedelta(days=1), today)


def withdraw_dump(s3: S3Client, target: date) -> None:
    """Take the date's dump out of the bucket: when the run starts, the night has not delivered yet."""
    for item in s3.list_objects_v2(Bucket=account.BUCKET, Prefix=dump_key(target)).get("Contents", []):
        s3.delete_object(Bucket=account.BUCKET, Key=item["Key"])


def put_snapshots(s3: S3Client, source: Path, target: date) -> int:
    """Put the snapshot history before `target` into the bucket, as far as it is not there; return how many files."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=account.BUCKET, Prefix=f"{SNAPSHOTS}/")
    there = {item["Key"] for page in pages for item in page.get("Contents", [])}
    missing = [
        file
        for file in sorted((source / SNAPSHOTS).glob("*.csv"))
        if file.stem < f"{target:%Y%m%d}" and f"{SNAPSHOTS}/{file.name}" not in there
    ]
    for file in missing:
        s3.upload_file(str(file), account.BUCKET, f"{SNAPSHOTS}/{file.name}")
    return len(missing)


def land_dump(s3: S3Client, source: Path, target: date) -> None:
    """Deliver the dump and its manifest, the manifest first, as the vendor does."""
    for key in (manifest_key(target), dump_key(target)):
        s3.upload_file(str(source / key), account.BUCKET, key)


def follow_reports(api: AirflowApi, target: date, say: Say) -> None:
    """Wait for the reports that gold of a business date has started, and say how each ended.

    Raises:
        LocalError: one did not start, or not end, in time.
    """
    waited_for, give_up = list(REPORTS), time.monotonic() + REPORT_SECONDS
    while waited_for:
        for dag_id in [*waited_for]:
            states = api.states_by_event(dag_id, target.isoformat())
            if states and states[0] in FINISHED:
                say(f"{dag_id} {states[0]}")
                waited_for.remove(dag_id)
        if time.monotonic() > give_up:
            raise LocalError(f"{waited_for[0]} did not end within {REPORT_SECONDS} s; look at it in Airflow's UI")
        time.sleep(1)


class Follower:
    """Tells how a run goes, one line whenever a task changes its state.

    Args:
        state: the platform.
        api: its Airflow.
        run_id: the run.
        say: prints a line.

    Attributes:
        at_success: called when the task of this label has succeeded.
    """

    def __init__(self, state: State, api: AirflowApi, run_id: str, say: Say) -> None:
        self._state = state
        self._api = api
        self._run_id = run_id
        self._say = say
        self._began = time.monotonic()
        self._seen: dict[str, str] = {}
        self.at_success: dict[str, Callable[[], object]] = {}

    def seconds(self) -> float:
        """Return the time since the run was triggered, in seconds."""
        return time.monotonic() - self._began

    def clock(self) -> str:
        """Return the time since the run was triggered, as text for the start of a line."""
        return f"{self.seconds():6.0f} s"

    def follow(self, until_deferred: bool = False) -> str:
        """Follow the run to its end, or only until the sensor waits in the triggerer; return the run's state.

        Raises:
            LocalError: that took too long.
        """
        limit = DEFER_SECONDS if until_deferred else RUN_SECONDS
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up:
            outcome = self._api.run_state(DAILY, self._run_id)
            for task in self._api.task_instances(DAILY, self._run_id):
                self._tell(task)
            if outcome in FINISHED or (until_deferred and self._seen.get(SENSOR) == "deferred"):
                return outcome
            time.sleep(0.5)
        what = f"task {SENSOR} did not begin to wait" if until_deferred else f"run {self._run_id} did not end"
        raise LocalError(f"{what} within {limit} s; look at {airflow_home.ui_url(self._state)}")

    def _tell(self, task: TaskInstance) -> None:
        if task.state == self._seen.get(task.label) or task.state not in REPORTED:
            return
        self._seen[task.label] = task.state
        if task.state == "success" and task.label in self.at_success:
            self.at_success[task.label]()
        took = f" in {task.seconds:.1f} s" if task.state in FINISHED and task.seconds else ""
        reason = ""
        if task.state in ("failed", "up_for_retry"):
            log = run_report.task_log(self._state, self._run_id, task)
            reason = f": {run_report.last_error(log)}\n{'':10}log: {log}"
        self._say(f"{self.clock()}  {task.label} {task.state}{took}{reason}")


def _why(target: date, last: date | None, today: date) -> str:
    if target < today:
        return f", the day after the last run (DATE={today} runs today's)"
    return ", today in Tokyo" + (", once more: tomorrow's dump is not there yet" if last and last >= today else "")


def _generate(source: Path, target: date, scale: str) -> None:
    shutil.rmtree(source / "dumps", ignore_errors=True)  # one full dump is nearly a gigabyte
    command = [sys.executable, "-m", "infra.local.vendor", "--scale", scale, "--date", target.isoformat()]
    if subprocess.run([*command, "--out", source], cwd=PROJECT_DIR, check=False).returncode:
        raise LocalError(f"the source of {target} could not be generated; see above")


def _last_file(state: State) -> Path:
    return state.directory / "last-date"
