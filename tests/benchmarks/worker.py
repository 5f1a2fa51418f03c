"""What a day needs of a worker: `make bench-worker`, or `python -m tests.benchmarks.worker --help`.

The local platform's scheduler, whose executor runs every task, lives in a control group with the processors and the
memory of one worker of Amazon MWAA. Database, AWS stand-in, triggerer, DAG processor and API server stay outside, as
they do on AWS; the scheduler itself does not on AWS, so the memory is a little more than a worker's. Needs Linux, and
the right to make control groups (root). A process that the kernel kills for want of memory fails the run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil

from include.schedule import DAILY
from infra.local import airflow_home, stack
from infra.local.airflow_api import AirflowApi, TaskInstance
from infra.local.day import run_day
from infra.local.state import LocalError, State
from infra.local.vendor import SCALES

ROOT = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 100_000
SAMPLE_SECONDS = 0.5
# Tasks by the phase that they belong to; the longest prefix wins.
PHASES = {
    "preflight": "before the load",
    "plan_day": "before the load",
    "wait_for_dump": "before the load",
    "load_staging": "load",
    "capture_snapshot": "snapshot and source tests",
    "check_sources": "snapshot and source tests",
    "seeds": "silver and gold",
    "silver": "silver and gold",
    "gold": "silver and gold",
    "check_gold": "silver and gold",
    "publish_gold": "publish",
    "refresh_quicksight": "refresh",
    "": "after the figures",
}


@dataclass
class ControlGroup:
    """A group of processes with a limit of processors and memory, of version 1 or 2 of the kernel's control groups.

    Args:
        processors: how many it may use.
        memory: bytes.
    """

    processors: float
    memory: int
    name: str = f"gghouse-{os.getpid()}"

    @property
    def _second(self) -> bool:
        return (ROOT / "cgroup.controllers").exists()

    def _folder(self, controller: str) -> Path:
        return ROOT / self.name if self._second else ROOT / controller / self.name

    def make(self) -> None:
        """Make it with its limits.

        Raises:
            OSError: the caller may not.
        """
        quota = int(self.processors * PERIOD_MICROSECONDS)
        for controller in ("memory", "cpu"):
            self._folder(controller).mkdir(exist_ok=True)
        if self._second:
            (self._folder("cpu") / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
            (self._folder("memory") / "memory.max").write_text(str(self.memory))
            return
        (self._folder("cpu") / "cpu.cfs_quota_us").write_text(str(quota))
        (self._folder("memory") / "memory.limit_in_bytes").write_text(str(self.memory))

    def take(self, process: psutil.Process) -> None:
        """Move a process and its children into the group; what they start later is born there."""
        for one in [process, *process.children(recursive=True)]:
            for folder in {self._folder("memory"), self._folder("cpu")}:
                (folder / "cgroup.procs").write_text(str(one.pid))

    def used(self) -> int:
        """Return the bytes that its processes hold, without what the kernel caches for them and could drop."""
        return self._stat("memory", "anon" if self._second else "total_rss")

    def killed(self) -> int:
        """Return how many processes the kernel has ended for want of memory."""
        file = "memory.events" if self._second else "memory.oom_control"
        return self._stat("memory", "oom_kill", file)

    def _stat(self, controller: str, name: str, file: str = "memory.stat") -> int:
        lines = (self._folder(controller) / file).read_text().splitlines()
        return int(dict(line.split() for line in lines)[name])

    def remove(self) -> None:
        """Remove it, when its processes have ended."""
        for folder in {self._folder("memory"), self._folder("cpu")}:
            with contextlib.suppress(OSError):
                folder.rmdir()


@dataclass
class Samples:
    """How much memory a group held, over time."""

    group: ControlGroup
    taken: list[tuple[datetime, int]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Take samples meanwhile."""
        thread = threading.Thread(target=self._take, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _take(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.taken.append((datetime.now(UTC), self.group.used()))

    def peak(self, start: datetime, end: datetime) -> int:
        """Return the most bytes between two moments, 0 without a sample."""
        return max((held for when, held in self.taken if start <= when <= end), default=0)


def table(tasks: list[TaskInstance], samples: Samples) -> list[str]:
    """Return a line for each phase: its wall time, that of its tasks together, and the most memory meanwhile."""
    phases: dict[str, list[TaskInstance]] = {}
    for task in tasks:
        if task.times:
            prefix = max((each for each in PHASES if task.task_id.startswith(each)), key=len)
            phases.setdefault(PHASES[prefix], []).append(task)
    lines = [f"{'phase':28} {'tasks':>5} {'wall s':>8} {'of tasks':>9} {'peak MB':>8}"]
    for phase, members in phases.items():
        spans = [task.times for task in members if task.times]
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        wall = (end - start).total_seconds()
        together = sum(task.seconds or 0 for task in members)
        lines.append(f"{phase:28} {len(members):5} {wall:8.1f} {together:9.1f} {samples.peak(start, end) / 1e6:8.0f}")
    return lines


def main() -> int:
    """Run the days and print the table of each; return 1 when a run failed or a process was killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.worker", description=__doc__)
    parser.add_argument("--processors", type=float, default=1, help="of mw1.small (default: 1)")
    parser.add_argument("--gigabytes", type=float, default=2, help="memory of mw1.small (default: 2)")
    parser.add_argument("--scale", choices=sorted(SCALES), default="full", help="size of the source (default: full)")
    parser.add_argument("--date", type=date.fromisoformat, default=date(2026, 3, 2), help="first business date")
    parser.add_argument("--days", type=int, default=2, help="business days one after the other (default: 2)")
    options = parser.parse_args()
    state = State.from_environment()
    group = ControlGroup(options.processors, int(options.gigabytes * 1024**3))
    try:
        return _run(state, group, options)
    except (LocalError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        stack.down(state, print)
        time.sleep(1)
        group.remove()


def _run(state: State, group: ControlGroup, options: argparse.Namespace) -> int:
    group.make()
    state.keep_scale(options.scale)
    api = stack.up(state, print)
    scheduler = next(each for each in airflow_home.components(state) if each.name == "scheduler").leader()
    if scheduler is None:
        raise LocalError("the scheduler does not run; see its log")
    group.take(scheduler)
    worst = 0
    for day in range(options.days):
        target = options.date + timedelta(days=day)
        samples = Samples(group)
        with samples.running():
            worst |= run_day(state, print, target, options.scale, target)
        print("\n".join(_report(api, samples, group, target)), flush=True)
    return 1 if worst or group.killed() else 0


def _report(api: AirflowApi, samples: Samples, group: ControlGroup, target: date) -> list[str]:
    tasks = api.task_instances(DAILY, api.last_run(DAILY))
    most = max((held for _, held in samples.taken), default=0)
    limit = f"{group.processors:g} processors, {group.memory / 1e6:,.0f} MB"
    return [
        "",
        f"{target} within {limit}: at most {most / 1e6:,.0f} MB at once, {group.killed()} processes killed",
        *table(tasks, samples),
    ]


if __name__ == "__main__":
    sys.exit(main())
