"""The simulated days and the kills, without living through them: what is planned, and what is called wrong."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from infra.local.aws.inbox import Mail
from tests.e2e.days import Outcome, kind
from tests.e2e.kills import plan
from tests.e2e.stories import CLEAN, LOUD, QUIET, ROUGH, schedule

DAY = date(2026, 3, 2)
REJECTED = next(story for story in LOUD if story.name == "cut-off dump")
RIGHT = Outcome(DAY, REJECTED, "failed", "success", 200.0, str(DAY), ["dump-rejected", "resolved"])


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_has_its_day_and_thirty_days_are_thirty(seed: int) -> None:
    names = Counter(story.name for story in schedule(30, seed))
    assert names.total() == 30
    assert set(names) == {story.name for story in (CLEAN, *QUIET, *LOUD)}
    assert schedule(30, seed) == schedule(30, seed)


def test_in_a_week_the_quiet_faults_share_a_day() -> None:
    assert {story.name for story in schedule(7, 1)} == {ROUGH.name, *(story.name for story in LOUD)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(RIGHT, mails=["resolved"]), ["1 x dump-rejected too few"]),
        (replace(RIGHT, mails=[*RIGHT.mails, "dump-rejected"]), ["1 x dump-rejected too many"]),
        (replace(RIGHT, mails=[*RIGHT.mails, "stale-data"]), ["1 x stale-data too many"]),
        (replace(RIGHT, first="success"), ["the run ended success at first"]),
        (replace(RIGHT, ended="failed"), ["the run ended failed"]),
        (replace(RIGHT, shown="2026-03-01"), ["gold shows 2026-03-01"]),
        (RIGHT, []),
    ],
)
def test_what_is_not_as_written_is_named(wrong: Outcome, says: list[str]) -> None:
    assert wrong.wrong == says


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("[local] 2026-03-02 dump rejected", "see http://x/gghouse/runbooks/dump-rejected", "dump-rejected"),
        ("[local] 2026-03-02 resolved", "", "resolved"),
        ("[local] 2026-03-02 warning, archive_dump: permissions", "runbooks/permissions", "warning permissions"),
        ("[local] something else", "", "[local] something else"),
    ],
)
def test_a_message_is_known_by_its_class(subject: str, body: str, expected: str) -> None:
    assert kind(Mail(datetime(2026, 3, 2, tzinfo=UTC), subject, body)) == expected


def test_a_run_of_kills_meets_every_layer_and_every_process() -> None:
    planned = [kill for seed in range(8) for kill in plan(random.Random(seed))]
    assert {kill.what for kill in planned} == {"triggerer", "task", "worker", "database", "scheduler", "dbt"}
    stages = {"wait_for_dump", "load_staging", "capture_snapshot", "enrich", "build_models", "silver", "gold"}
    assert {kill.stage for kill in planned} == stages | {"publish_gold"}
