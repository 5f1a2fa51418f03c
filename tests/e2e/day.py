"""One business day under the real scheduler, with a hand on it: who waits is hurried, and somebody may do harm."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import httpx
import psutil

from include.freshness.notices import notify_findings
from include.freshness.watch import look_at
from include.schedule import DAILY, JST
from include.settings import Settings
from infra.local import airflow_home
from infra.local.airflow_api import FINISHED, TaskInstance
from infra.local.aws import account
from infra.local.aws.moto_server import DAYS_AHEAD_FILE, FAILING_FILE
from infra.local.day import put_snapshots, withdraw_dump
from infra.local.processes import Background
from infra.local.stack import up
from infra.local.state import LocalError, State
from infra.local.vendor import SCALES, Request, generate
from infra.local.warehouse import login, private_server

FIRST_TARGET = date(2026, 3, 2)
"""The business date on which the tests' platforms begin."""
DAY_SECONDS = 1800
POLL_SECONDS = 1.0

States = dict[str, TaskInstance]
Look = Callable[[States], None]


class Day:
    """A run of the daily DAG for one business date.

    Args:
        state: the platform; it is started when needed.
        target: business date.
    """

    def __init__(self, state: State, target: date) -> None:
        self.state = state
        self.target = target
        self.api = up(state, lambda line: None)
        self.s3: Any = account.client(account.endpoint_url(state), "s3")
        self.source = state.directory / "source" / "small"
        self.run_id = ""

    def make_dump(self, history_days: int) -> None:
        """Have the vendor write the date's files, and put so many days of history before it into the bucket."""
        shutil.rmtree(self.source, ignore_errors=True)
        generate(Request(self.target, self.source, SCALES["small"], snapshot_days=history_days))
        self.withdraw()
        put_snapshots(self.s3, self.source, self.target)

    def withdraw(self) -> None:
        """Take the dump out of the bucket: the night has not delivered yet."""
        withdraw_dump(self.s3, self.target)

    def trigger(self) -> None:
        """Start the run."""
        self.run_id = self.api.trigger(DAILY, {"target_date": self.target.isoformat()})

    def watch(self, at: time_of_day) -> None:
        """Have the watch look at the platform, and tell people, at a time in Tokyo on the business date."""
        settings = Settings.from_environment(airflow_home.environment(self.state))

        def tell(message: Any) -> None:
            sns = account.client(account.endpoint_url(self.state), "sns")
            sns.publish(TopicArn=account.TOPIC_ARN, Subject=message.subject, Message=message.body)

        now = datetime.combine(self.target, at, tzinfo=JST)
        findings = look_at(self.s3, settings, login(self.state, "dbt"), self.target, now)
        notify_findings(self.s3, settings, findings, self.target, now, tell)

    def clear(self, *task_ids: str, only_failed: bool = False) -> None:
        """Clear tasks with everything after them, as an operator does in the UI."""
        body = {"dry_run": False, "dag_run_id": self.run_id, "task_ids": task_ids, "include_downstream": True}
        self.api._call(
            "POST", f"/dags/{DAILY}/clearTaskInstances", body | {"only_failed": only_failed, "reset_dag_runs": True}
        )

    def clear_failed(self) -> None:
        """Clear what failed with everything after it; what went well stays."""
        failed = {task.task_id for task in self.states().values() if task.state == "failed"}
        self.clear(*sorted(failed), only_failed=True)

    def states(self) -> States:
        """Return the run's tasks by their label."""
        return {task.label: task for task in self.api.task_instances(DAILY, self.run_id)}

    def follow(self, look: Look = lambda states: None, until: Callable[[States], bool] = lambda states: False) -> str:
        """Follow the run to its end, or until something holds; return its state.

        Whoever waits to be tried again is hurried: the clock is compressed.

        Raises:
            LocalError: it took too long.
        """
        give_up = time.monotonic() + DAY_SECONDS
        while time.monotonic() < give_up:
            with contextlib.suppress(LocalError, httpx.HTTPError):  # a busy API server may not answer in time
                states = self.states()
                look(states)
                outcome = self.api.run_state(DAILY, self.run_id)
                if until(states) or outcome in FINISHED:
                    return outcome
                if any(task.state == "up_for_retry" for task in states.values()):
                    hurry(self.state)
            time.sleep(POLL_SECONDS)
        waiting = {name: task.state for name, task in self.states().items() if task.state not in ("success", "none")}
        raise LocalError(f"the run of {self.target} did not end: {waiting}")


def is_(state: str, *labels: str) -> Callable[[States], bool]:
    """Return a condition: one of these tasks is in that state."""
    return lambda states: any(name in states and states[name].state == state for name in labels)


def hurry(state: State) -> None:
    """Let everything that waits be due now: retries, and tasks whose process is gone and not missed yet.

    Minutes of waiting are all that this saves; who decides, and that it is tried again, stays the scheduler's.
    """
    with contextlib.closing(sqlite3.connect(airflow_home.home(state) / "airflow.db", timeout=30)) as airflow:
        earlier = "strftime('%Y-%m-%d %H:%M:%S.000000', {0}, '-1 hour')"
        airflow.execute(
            f"UPDATE task_instance SET end_date = {earlier.format('end_date')} "
            "WHERE state = 'up_for_retry' AND end_date > datetime('now', '-10 minutes')"
        )
        airflow.commit()


def miss(state: State, task_id: str) -> None:
    """Let the scheduler miss the heartbeat of a task now, whose process was killed with all that watched it."""
    with contextlib.closing(sqlite3.connect(airflow_home.home(state) / "airflow.db", timeout=30)) as airflow:
        airflow.execute(
            "UPDATE task_instance SET last_heartbeat_at = strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-1 hour') "
            "WHERE state = 'running' AND task_id = ?",
            [task_id],
        )
        airflow.commit()


def component(state: State, name: str) -> Background:
    """Return one of Airflow's processes."""
    return next(one for one in airflow_home.components(state) if one.name == name)


def kill_leader(state: State, name: str) -> set[psutil.Process]:
    """Kill one of Airflow's processes and start it again as a supervisor would, a minute later by its own clock.

    Returns:
        What it had started and what lives on, as it does where workers are machines of their own.
    """
    one = component(state, name)
    orphans = one.family()
    if process := one.leader():
        process.kill()
        psutil.wait_procs([process], timeout=10)
    with contextlib.closing(sqlite3.connect(airflow_home.home(state) / "airflow.db", timeout=30)) as airflow:
        airflow.execute(
            "UPDATE job SET latest_heartbeat = strftime('%Y-%m-%d %H:%M:%S.000000', latest_heartbeat, '-1 minute') "
            "WHERE state = 'running' AND job_type = ?",
            [f"{name.capitalize()}Job"],
        )
        airflow.commit()
    one.start()
    return {orphan for orphan in orphans if orphan.is_running()}


def kill_database(state: State) -> bool:
    """Kill the database server and start it again."""
    server = private_server(state)
    if pid := server.pid():
        process = psutil.Process(pid)
        process.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            process.wait(30)
    server.start()
    return True


def task_processes(state: State) -> list[psutil.Process]:
    """Return the processes that run the tasks' own code.

    The executor has processes that wait for work; for a task each forks one that runs it, and watches it.
    """
    return [
        process
        for process in _below_scheduler(state)
        if "airflow worker" in _command(process) and "LocalExecutor" in _command(process.parent())
    ]


def dbt_processes(state: State) -> list[psutil.Process]:
    """Return the processes of dbt that tasks have started."""
    return [process for process in _below_scheduler(state) if "start.py" in _command(process)]


def kill(processes: Iterable[psutil.Process | None]) -> bool:
    """Kill processes and wait until they are gone; return whether there was one."""
    victims = [process for process in processes if process]
    for process in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(victims, timeout=10)
    return bool(victims)


def _below_scheduler(state: State) -> list[psutil.Process]:
    return [process for process in component(state, "scheduler").family() if process.is_running()]


def _command(process: psutil.Process | None) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline()) if process else ""
    return ""


def fail_data_sets(state: State, *data_sets: str) -> None:
    """Let the ingestions of these data sets fail from now on."""
    Path(state.directory / FAILING_FILE).write_text("\n".join(data_sets))


def pass_days(state: State, days: int) -> None:
    """Let so many days be over for QuickSight, since the platform's first one."""
    Path(state.directory / DAYS_AHEAD_FILE).write_text(str(days))
