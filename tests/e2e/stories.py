"""What goes wrong on a simulated day, what people must hear of it, and how the day ends: written down beforehand."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time as time_of_day
from datetime import timedelta
from typing import Any

from include.dump.location import dump_key, manifest_key
from infra.local.aws import account
from infra.local.day import SENSOR, SETTLE_SECONDS, land_dump
from tests.e2e import day as hand
from tests.e2e.day import Day, is_
from tests.e2e.platform import Platform

LATE_SECONDS = 20
"""How long a late dump lets the sensor wait; its limit is a minute here."""

HARM_SECONDS = 20
DUMP_DUE, DASHBOARDS_DUE = time_of_day(6), time_of_day(8, 5)
"""When the watch looks, in Tokyo."""

Act = Callable[[Day], object]


@dataclass(frozen=True)
class Story:
    """One kind of day.

    Attributes:
        name: what happens.
        deliver: brings the dump, once the sensor waits for it; None: nobody does.
        late: seconds by which it is late.
        harms: what is killed, each as soon as that task runs, in this order.
        before: makes something fail before the run starts.
        after: mends it when the run has ended at first.
        alerts: classes of the alerts that must come, each once; `resolved` is the message that it is over.
        first: how the run ends before anybody acts.
        person: what only a person can decide, as the runbook says; empty when nobody is needed.
        act: does what the person decided.
        ends: how the run ends in the end; that of a gap stays failed.
    """

    name: str
    deliver: Act | None
    late: float = 0
    harms: tuple[tuple[str, Act], ...] = ()
    before: Act | None = None
    after: Act | None = None
    alerts: tuple[str, ...] = ()
    first: str = "success"
    person: str = ""
    act: Act | None = None
    ends: str = "success"

    def play(self, day: Day) -> str:
        """Let the day happen until its run ends; return how it ended."""
        if self.before:
            self.before(day)
        day.trigger()
        day.follow(until=is_("deferred", SENSOR))
        if self.late:
            day.watch(DUMP_DUE)
        time.sleep(SETTLE_SECONDS + self.late)
        if self.deliver:
            self.deliver(day)
        if not self.late:
            day.watch(DUMP_DUE)
        for task, harm in self.harms:
            day.follow(until=is_("running", task))
            time.sleep(random.Random(day.target.toordinal()).uniform(0.5, 3))
            _insist(harm, day)
        outcome = day.follow()
        if self.after:
            self.after(day)
        day.watch(DASHBOARDS_DUE)
        return outcome


def _insist(harm: Act, day: Day) -> None:
    """Do harm; the process may not be there yet."""
    give_up = time.monotonic() + HARM_SECONDS
    while not harm(day):
        assert time.monotonic() < give_up, "there was nothing to kill"
        time.sleep(0.2)


def _deliver(day: Day) -> None:
    land_dump(day.s3, day.source, day.target)


def _put(day: Day, content: bytes, manifest: dict[str, Any] | None = None, suffix: str = "") -> None:
    if manifest is not None:
        whole = {"dump_sha256": hashlib.sha256(content).hexdigest(), "dump_size_bytes": len(content)}
        body = json.dumps(manifest | whole).encode()
        day.s3.put_object(Bucket=account.BUCKET, Key=manifest_key(day.target), Body=body)
    day.s3.put_object(Bucket=account.BUCKET, Key=dump_key(day.target) + suffix, Body=content)


def _dump(day: Day) -> bytes:
    return (day.source / dump_key(day.target)).read_bytes()


def _manifest(day: Day) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((day.source / manifest_key(day.target)).read_text())
    return found


def _cut_off(day: Day) -> None:
    _put(day, _dump(day)[: len(_dump(day)) * 2 // 3])


def _old_content(day: Day) -> None:
    """A fresh file with the content of days ago, and a manifest made for exactly this file (I-08)."""
    old = day.target - timedelta(days=9)
    folder = day.state.directory / "source" / "old"
    hand.generate(hand.Request(old, folder, hand.SCALES["small"], snapshot_days=0))
    content = (folder / dump_key(old)).read_bytes()
    text = re.sub(rb"-- Dump completed on \S+", f"-- Dump completed on {day.target}".encode(), content)
    newest = json.loads((folder / manifest_key(old)).read_text())["max_updated_at_by_table"]
    tables = {"max_updated_at_by_table": newest, "source_table_max_updated_at": newest}
    _put(day, text, _manifest(day) | tables)


def _twice(day: Day) -> None:
    _put(day, gzip.compress(_dump(day), 1), suffix=".gz")
    _deliver(day)


def _new_column(day: Day) -> None:
    """The vendor adds a column to `rooms`."""
    before, rest = _dump(day).split(b"CREATE TABLE `rooms` (", 1)
    table, after = rest.split(b"UNLOCK TABLES;", 1)
    table = table.replace(
        b"  `updated_at` timestamp NULL DEFAULT NULL,\n",
        b"  `updated_at` timestamp NULL DEFAULT NULL,\n  `smart_lock` tinyint DEFAULT NULL,\n",
    )
    table = re.sub(rb"\),\((?=\d+,)", b",1),(", table).replace(b");\n/*!40000", b",1);\n/*!40000")
    _put(day, before + b"CREATE TABLE `rooms` (" + table + b"UNLOCK TABLES;" + after, _manifest(day))


def _quicksight_is_mended(day: Day) -> None:
    hand.fail_data_sets(day.state)
    day.clear_failed()


def _deliver_and_clear(day: Day) -> None:
    for item in day.s3.list_objects_v2(Bucket=account.BUCKET, Prefix=dump_key(day.target)).get("Contents", []):
        day.s3.delete_object(Bucket=account.BUCKET, Key=item["Key"])
    _deliver(day)
    day.clear(SENSOR)


def _declare_gap(day: Day) -> None:
    words = ("recover", "date", "--date", str(day.target), "--verdict", "gap", "--reason", "no dump was taken", "--yes")
    done = Platform(day.state).command(*words)
    assert done.returncode == 0, done.stdout + done.stderr


def _delete_topic(day: Day) -> None:
    account.client(account.endpoint_url(day.state), "sns").delete_topic(TopicArn=account.TOPIC_ARN)


def _rejected(name: str, deliver: Act, **more: Any) -> Story:
    """A dump that is refused, until the vendor has delivered another one."""
    return Story(
        name,
        deliver,
        alerts=("dump-rejected", "resolved"),
        first="failed",
        person="has the vendor deliver it again, clears wait_for_dump with everything after",
        act=_deliver_and_clear,
        **more,
    )


WORKER_KILLED = ("load_staging", lambda day: hand.kill(hand.task_processes(day.state)))
DATABASE_KILLED = ("build_models", lambda day: hand.kill_database(day.state))

LATE_ALERTS = ("dump-missing", "resolved")

CLEAN = Story("clean", _deliver)
QUIET = (
    Story("late dump", _deliver, late=LATE_SECONDS, alerts=LATE_ALERTS),
    Story("new column", _new_column),
    Story("worker killed", _deliver, harms=(WORKER_KILLED,)),
    Story("database killed", _deliver, harms=(DATABASE_KILLED,)),
)
"""Faults for which nobody has to do anything."""
ROUGH = Story(
    "late, new column, both killed",
    _new_column,
    late=LATE_SECONDS,
    harms=(WORKER_KILLED, DATABASE_KILLED),
    alerts=LATE_ALERTS,
)
"""All of them on one day."""
LOUD = (
    _rejected("cut-off dump", _cut_off),
    _rejected("content of another day", _old_content),
    _rejected("dump twice", _twice),
    _rejected(
        "cut-off dump, SNS down",
        _cut_off,
        before=_delete_topic,
        after=lambda day: account.make_mail(account.endpoint_url(day.state)),
    ),
    Story(
        "QuickSight fails",
        _deliver,
        before=lambda day: hand.fail_data_sets(day.state, "moveout-analysis"),
        alerts=("quicksight", "resolved"),
        first="failed",
        person="mends the data set, clears the red task",
        act=_quicksight_is_mended,
    ),
    Story(
        "missing dump",
        None,
        alerts=("dump-missing",),
        first="failed",
        person="declares the date a gap",
        act=_declare_gap,
        ends="failed",
    ),
)


def schedule(days: int, seed: int) -> list[Story]:
    """Return the stories of so many days.

    The first day is clean, then each fault has its day, in an order drawn by the seed. Days that are left are clean or
    repeat a fault. When the days are too few, those that nobody has to hear of share one, and the first.
    """
    chance = random.Random(seed)
    faults = [*QUIET, *LOUD]
    if days <= len(faults):
        return [ROUGH, *chance.sample(LOUD, len(LOUD))][:days]
    filled = chance.sample(faults, len(faults))
    while len(filled) < days - 1:
        filled.insert(chance.randrange(len(filled) + 1), CLEAN if chance.random() < 0.6 else chance.choice(faults))
    return [CLEAN, *filled]
