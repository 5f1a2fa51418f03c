"""Kill -9 at random moments of real days: `make kill-days` (KILLS=50 SEED=1).

A day is run once undisturbed and its checksums are taken: of staging, silver, gold and history. Then the same day is
run again and again, and in each run, one after the other, the processes of the platform are killed at moments drawn
by the seed: the tasks that load, guess nationalities and publish, dbt, a dbt task, what watches a task, scheduler,
triggerer, the database server. Supervisors start again what is theirs; everything else is the automatic retry, and
where retries are spent the operator's clear. After each run the checksums must be those of the undisturbed one.
Tables that did not change are loaded all the same, so that each run has everything to do. Meanwhile readers of
staging and gold must never see anything but the whole day.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import MySQLdb
import psutil

from include.settings import PREFIX, PROJECT_DIR
from infra.local.day import SENSOR, land_dump
from infra.local.stack import clean, down
from infra.local.state import DIRECTORY_VARIABLE, State
from infra.local.warehouse import admin
from tests.e2e import day as hand
from tests.e2e.day import FIRST_TARGET, Day, States
from tests.e2e.platform import Platform

HISTORY_DAYS = 40
READ_SECONDS = 0.02
LOST = (2002, 2003, 2006, 2013, 1053)
"""The server was killed; a reader connects again."""
CLEARS = 3


@dataclass(frozen=True)
class Kill:
    """One kill.

    Attributes:
        what: which process.
        stage: task, or group of tasks, that must be at work, or wait.
        after: seconds that it has been at work, drawn by chance.
        skip: how many tasks of the group have ended before.
    """

    what: str
    stage: str
    after: float
    skip: int = 0

    def __str__(self) -> str:
        return f"{self.what} in {self.stage}"


def plan(chance: random.Random) -> list[Kill]:
    """Return the kills of one run in the order of the day; no task is killed more often than it is tried again."""
    gold = sorted(chance.sample(range(20), 3))
    return [
        Kill("triggerer", SENSOR, chance.uniform(0, 2)),
        Kill(chance.choice(["task", "worker"]), "load_staging", chance.uniform(0.5, 6)),
        Kill(chance.choice(["database", "scheduler"]), "load_staging", chance.uniform(0.5, 6)),
        Kill(chance.choice(["task", "database"]), "capture_snapshot", chance.uniform(0, 2)),
        Kill("task", "enrich", chance.uniform(0, 2)),
        # It is tried once more, and then the models' own tasks, of which some are left, go on.
        Kill(chance.choice(["task", "worker", "scheduler"]), "build_models", chance.uniform(0, 8)),
        Kill(chance.choice(["dbt", "database"]), "build_models", chance.uniform(4, 12)),
        Kill(chance.choice(["database", "scheduler"]), "silver", chance.uniform(0, 3), chance.randrange(6)),
        Kill("dbt", "gold", chance.uniform(0, 3), gold[0]),
        Kill(chance.choice(["scheduler", "database"]), "gold", chance.uniform(0, 3), gold[1]),
        Kill("task", "gold", chance.uniform(0, 3), gold[2]),
        Kill("task", "publish_gold", chance.uniform(0, 3)),
        Kill("database", "publish_gold", chance.uniform(0, 3)),
    ]


class Reaper:
    """Watches a run and strikes when a planned kill's moment has come."""

    def __init__(self, day: Day, kills: list[Kill], say: Callable[[str], None]) -> None:
        self._day = day
        self._left = list(kills)
        self._say = say
        self._since = 0.0
        self.done: list[Kill] = []
        self.missed: list[Kill] = []
        self.orphans: set[psutil.Process] = set()

    def look(self, states: States) -> None:
        """Kill, if the next one's moment has come; give up those whose stage is over."""
        while self._left and self._is_over(self._left[0], states):
            self.missed.append(self._left.pop(0))
            self._since = 0.0
        if not self._left:
            return
        kill = self._left[0]
        at_work = [label for label, task in states.items() if self._is_at_work(kill, label, task.state)]
        ended = [1 for label, task in states.items() if label.startswith(kill.stage + ".") and task.state == "success"]
        if not at_work or len(ended) < kill.skip:
            self._since = 0.0
            return
        self._since = self._since or time.monotonic()
        time.sleep(max(0.0, self._since + kill.after - time.monotonic()))
        if self._strike(kill, at_work[0]):
            self._say(f"  killed: {kill} ({at_work[0]}, {kill.after:.1f} s)")
            self.done.append(self._left.pop(0))
            self._since = 0.0

    def _is_at_work(self, kill: Kill, label: str, state: str) -> bool:
        if kill.what == "triggerer":
            return label == SENSOR and state == "deferred"
        return state == "running" and (label == kill.stage or label.startswith(kill.stage + "."))

    def _is_over(self, kill: Kill, states: States) -> bool:
        mine = [
            task.state for label, task in states.items() if label == kill.stage or label.startswith(kill.stage + ".")
        ]
        return bool(mine) and all(state in ("success", "skipped") for state in mine)

    def _strike(self, kill: Kill, label: str) -> bool:
        state = self._day.state
        match kill.what:
            case "database":
                hand.kill_database(state)
            case "scheduler" | "triggerer":
                self.orphans |= hand.kill_leader(state, kill.what)
            case "dbt":
                return hand.kill(hand.dbt_processes(state))
            case "task":
                return hand.kill(hand.task_processes(state))
            case "worker":
                tasks = hand.task_processes(state)
                if not hand.kill([*(task.parent() for task in tasks), *tasks]):
                    return False
                hand.miss(state, label)
        return True


@dataclass
class Reader:
    """Somebody who keeps reading staging and gold, and wants to see the whole day each time."""

    state: State
    expected: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    reads: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._statements = {}
        with contextlib.closing(admin(self.state).connect()) as connection, connection.cursor() as cursor:
            for schema in ("staging", "gold"):
                cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema])
                names = sorted(name for (name,) in cursor.fetchall())
                self._statements[schema] = " UNION ALL ".join(
                    f"SELECT '{name}', COUNT(*) FROM {schema}.`{name}`" for name in names
                )
                cursor.execute(self._statements[schema])
                self.expected[schema] = tuple(cursor.fetchall())

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                with contextlib.closing(admin(self.state).connect()) as connection, connection.cursor() as cursor:
                    while not self._end.is_set():
                        for schema, statement in self._statements.items():
                            cursor.execute(statement)
                            self._compare(schema, tuple(cursor.fetchall()))
                        time.sleep(READ_SECONDS)
            except MySQLdb.Error as error:
                if error.args[0] not in LOST:
                    self.wrong.append(str(error))
                time.sleep(0.2)

    def _compare(self, schema: str, found: tuple[tuple[str, int], ...]) -> None:
        self.reads += 1
        if found != self.expected[schema]:
            self.wrong.append(f"{schema}: {sorted(set(found) ^ set(self.expected[schema]))[:6]}")


def run(day: Day, look: Callable[[States], None] = lambda states: None) -> tuple[str, int]:
    """Run the day to its good end; return its state and how often an operator had to clear."""
    day.trigger()
    delivered = False

    def also(states: States) -> None:
        nonlocal delivered
        look(states)
        if not delivered and states.get(SENSOR) and states[SENSOR].state == "deferred":
            land_dump(day.s3, day.source, day.target)
            delivered = True

    outcome, clears = day.follow(also), 0
    while outcome != "success" and clears < CLEARS:
        day.clear_failed()
        clears += 1
        outcome = day.follow(also)
    return outcome, clears


def main() -> int:
    """Kill, compare, print; 0 when every run ended as the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="least number of kills (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="draws the moments (default: 1)")
    parser.add_argument("--minutes", type=float, default=120, help="begin no further run after so long (default: 120)")
    arguments = parser.parse_args()
    home = Path(os.environ.get(DIRECTORY_VARIABLE) or PROJECT_DIR / ".local") / "kills"
    state = State(home, {**os.environ, PREFIX + "CARRY_OVER_UNCHANGED": "false", PREFIX + "DUMP_POLL_SECONDS": "2"})
    clean(state, lambda line: None)
    chance, began = random.Random(arguments.seed), time.monotonic()
    done: Counter[str] = Counter()
    bad = runs = reads = 0
    try:
        day = Day(state, FIRST_TARGET)
        day.make_dump(HISTORY_DAYS)
        outcome, _ = run(day)
        print(f"undisturbed: {outcome} after {time.monotonic() - began:.0f} s", flush=True)
        undisturbed = Platform(state).checksums()
        while done.total() < arguments.kills and time.monotonic() - began < arguments.minutes * 60:
            runs += 1
            day = Day(state, FIRST_TARGET)
            day.withdraw()
            reaper = Reaper(day, plan(chance), lambda line: print(line, flush=True))
            with Reader(state) as reader:
                try:
                    outcome, clears = run(day, reaper.look)
                finally:
                    hand.kill(reaper.orphans)  # nobody else would end what lost its parent
            found = Platform(state).checksums()
            differ = [name for name in {**undisturbed, **found} if undisturbed.get(name) != found.get(name)]
            done.update(str(kill) for kill in reaper.done)
            reads += reader.reads
            bad += bool(outcome != "success" or differ or reader.wrong)
            print(
                f"run {runs}: {outcome}, {len(reaper.done)} kills, {len(reaper.missed)} missed their moment, "
                f"{clears} clears; {reader.reads} reads, half states: {reader.wrong[:3] or 'none'}; "
                f"tables that differ: {differ or 'none'}",
                flush=True,
            )
    finally:
        down(state, print)
    print(*(f"{count:>4} x {name}" for name, count in sorted(done.items())), sep="\n")
    print(f"{done.total()} kills in {runs} runs, {reads} reads; {bad} runs not as the undisturbed one")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
