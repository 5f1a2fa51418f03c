"""Whatever is killed, whenever: readers see one whole generation, and the next run ends where a clean one ends.

Fifty kills: of the loading process, of one of its sessions, of the server, on both transports, in every stretch of a
load, and at moments drawn by chance. Where a moment would be too short to be met, somebody else's lock makes it last,
as another user of the server could. `make test` runs ten of them, `make test-kills` all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from include.dump.sending import TRANSPORTS
from infra.local.database import Database
from tests.include.conftest import fresh_loader
from tests.include.dump.killing import BY_CHANCE, WHAT, Kill, Running, Stage, strike, write_dump

STRETCHES = ("scan", "rows", "keys", "audit", "ledger", "rename", "renamed")


def all_kills() -> list[Kill]:
    planned = [
        (what, transport, stretch)
        for stretch, transport, what in itertools.product(STRETCHES, TRANSPORTS, WHAT)
        if stretch != "keys" or transport == "connections"  # the program makes no keys of its own
    ]
    chances = zip(itertools.cycle(WHAT), itertools.cycle(TRANSPORTS), itertools.repeat(BY_CHANCE))
    return [Kill(number, *one) for number, one in enumerate([*planned, *itertools.islice(chances, 50 - len(planned))])]


KILLS = all_kills()
OFTEN = {
    ("loader", "connections", "rows"),
    ("session", "connections", "rows"),
    ("server", "program", "rows"),
    ("loader", "connections", "keys"),
    ("server", "connections", "keys"),
    ("loader", "program", "audit"),
    ("server", "connections", "ledger"),
    ("loader", "connections", "rename"),
    ("server", "connections", "rename"),
    ("loader", "connections", "renamed"),
}


@pytest.fixture(scope="module")
def stage(make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Both days loaded once without any trouble, and measured."""
    database = make_database()
    directory = tmp_path_factory.mktemp("dumps")
    stage = Stage(database, fresh_loader(database), tuple(write_dump(directory, number) for number in (0, 1)))
    stage.load(0, "connections")
    stage.clean.append(stage.content())
    for transport in TRANSPORTS:
        stage.load(0, transport)
        running = Running(stage.order(1, transport))
        assert running.end() == 0, running.complaints
        began = running.said[0][1]
        stage.seconds[transport] = {word: moment - began for word, moment in running.said}
        stage.live = 1
    stage.clean.append(stage.content())
    assert stage.clean[0].keys() == stage.clean[1].keys()
    assert {name for name in stage.clean[0] if stage.clean[0][name] != stage.clean[1][name]} >= {
        "big_history",
        "big_other",
        "movings",
    }
    return stage


@pytest.mark.parametrize(
    "kill", [pytest.param(kill, id=str(kill), marks=() if kill.key in OFTEN else pytest.mark.full) for kill in KILLS]
)
def test_after_a_kill_readers_see_a_whole_generation_and_the_next_run_ends_as_a_clean_one(
    stage: Stage, kill: Kill
) -> None:
    if stage.content() != stage.clean[stage.live]:  # an earlier kill went wrong; this one is not to suffer from it
        stage.load(stage.live, "connections")
    old, new = stage.live, 1 - stage.live
    status, seen, children = strike(stage, kill)
    if seen == stage.clean[new]:
        assert status == 0 or kill.stretch in ("audit", "rename", "renamed", BY_CHANCE)
    else:
        assert seen == stage.clean[old]
        assert status != 0
        assert kill.stretch != "renamed"

    stage.load(new, kill.transport)
    stage.check_end(old, new)
    stage.wait_until(lambda: not [child for child in children if child.is_running()], "the client program is left")


def test_there_are_fifty_of_them() -> None:
    assert len(KILLS) == 50
    assert len([kill for kill in KILLS if kill.key in OFTEN]) == len(OFTEN) == 10
    assert {(kill.what, kill.transport) for kill in KILLS} == set(itertools.product(WHAT, TRANSPORTS))
