"""The fifty kills again, of loads that bring copies up to date, and of what makes the copies.

A kill leaves copies that nobody trusts, or none: the next run ends where a clean one ends. `make test` runs five of
them, `make test-kills` all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from infra.local.database import Database
from tests.include.conftest import fresh_loader
from tests.include.dump.killing import BY_CHANCE, WHAT, Kill, Running, Stage, strike, write_dump
from tests.include.dump.loading_process import PREPARING

CONNECTIONS = "connections"
STRETCHES = ("scan", "changes", "deletes", "audit", "ledger", "rename", "renamed")


def all_kills() -> list[Kill]:
    planned = [(what, CONNECTIONS, stretch) for stretch, what in itertools.product(STRETCHES, WHAT)]
    planned += [(what, PREPARING, "preparing") for what in WHAT for _ in range(3)]
    chances = zip(itertools.cycle(WHAT), itertools.repeat(CONNECTIONS), itertools.repeat(BY_CHANCE))
    return [Kill(number, *one) for number, one in enumerate([*planned, *itertools.islice(chances, 50 - len(planned))])]


KILLS = all_kills()
OFTEN = {("loader", CONNECTIONS, "changes"), ("server", CONNECTIONS, "deletes"), ("loader", CONNECTIONS, "renamed")}


@pytest.fixture(scope="module")
def stage(make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Both days loaded once without any trouble, the second by its changed rows, and measured."""
    database = make_database()
    directory = tmp_path_factory.mktemp("dumps")
    stage = Stage(database, fresh_loader(database), tuple(write_dump(directory, number, few=True) for number in (0, 1)))
    for number in (1, 0):
        stage.load(number, CONNECTIONS)
        stage.clean.insert(0, stage.content())
    for order in (stage.order(0, PREPARING), stage.order(1, CONNECTIONS)):
        running = Running(order)
        assert running.end() == 0, running.complaints
        began = running.said[0][1]
        stage.seconds[order.transport] = {word: moment - began for word, moment in running.said}
    assert "Bringing" in stage.seconds[CONNECTIONS]
    stage.live = 1
    assert stage.content() == stage.clean[1]
    return stage


@pytest.mark.parametrize(
    "kill",
    [pytest.param(kill, id=str(kill), marks=() if kill.key in OFTEN else pytest.mark.full) for kill in KILLS],
)
def test_after_a_kill_the_next_run_ends_as_a_clean_one(stage: Stage, kill: Kill) -> None:
    if stage.content() != stage.clean[stage.live]:
        stage.load(stage.live, CONNECTIONS)
    old, new = stage.live, 1 - stage.live
    if kill.transport == PREPARING:
        stage.query("DROP TABLE IF EXISTS staging_next._generation")
    else:
        stage.prepare()
    _, seen, _ = strike(stage, kill)
    assert seen in (stage.clean[old], stage.clean[new])
    assert kill.transport != PREPARING or seen == stage.clean[old]
    stage.load(new, CONNECTIONS)
    stage.check_end(old, new)


def test_there_are_fifty_of_them() -> None:
    assert len(KILLS) == 50
    assert len({kill.key for kill in KILLS if kill.key in OFTEN}) == len(OFTEN)
