"""The way back to the generation before, and never a step further."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from include.forms import Refused
from include.warehouse.generations import exclusive
from include.warehouse.gold import publish_gold
from include.warehouse.readers import gold_date
from include.warehouse.schema import GOLD, create_schema
from tests.include.dump.dumps import TARGET, YESTERDAY, classic, day
from tests.include.recovery.conftest import Recoveries

MODELS = ["moveouts", "new_contracts"]


@pytest.fixture
def gold_of_two_days(recoveries: Recoveries) -> Recoveries:
    """Gold of yesterday and today."""
    for target in (YESTERDAY, TARGET):
        with contextlib.closing(recoveries.context.dbt.connect()) as connection, connection.cursor() as cursor:
            create_schema(connection, GOLD.next)
            for name in MODELS:
                cursor.execute(f"CREATE TABLE gold_next.{name} (day DATE) COMMENT = 'Business date {target}'")
                cursor.execute(f"INSERT INTO gold_next.{name} VALUES ('{target}')")
            publish_gold(connection, MODELS, target)
    return recoveries


@pytest.fixture
def two_days(gold_of_two_days: Recoveries) -> Recoveries:
    """Staging and gold of yesterday and today."""
    for target in (YESTERDAY, TARGET):
        gold_of_two_days.platform.put(classic(day(target)), target)
        gold_of_two_days.platform.load(target)
    return gold_of_two_days


def gold_day(recoveries: Recoveries) -> str:
    with contextlib.closing(recoveries.context.dbt.connect()) as connection:
        return str(gold_date(connection))


def test_the_plan_shows_both_dates_and_it_goes_back_once_only(two_days: Recoveries) -> None:
    plans = {layer: two_days.plan("generation", layer=layer) for layer in ("gold", "staging")}
    assert f"Readers of gold see {TARGET}; after the rollback they see {YESTERDAY}" in plans["gold"].lines
    assert f"Readers of staging see {TARGET}; after the rollback they see {YESTERDAY}" in plans["staging"].lines
    assert "Load 2 is undone, load 1 is shown again" in plans["staging"].lines
    assert gold_day(two_days) == str(TARGET), "a plan changes nothing"
    for layer, plan in plans.items():
        assert f"Readers of {layer} see {YESTERDAY}" in two_days.execute("generation", plan, layer=layer)
        # a task that was killed after the rename is tried again with the same plan
        with pytest.raises(Refused, match="make a new plan"):
            two_days.execute("generation", plan, layer=layer)
        assert gold_day(two_days) == str(YESTERDAY)


def test_nothing_to_go_back_to_is_said(recoveries: Recoveries) -> None:
    for layer in ("gold", "staging"):
        with pytest.raises(Refused):
            recoveries.plan("generation", layer=layer)


def test_while_a_load_is_being_published_the_plan_is_not_certain(two_days: Recoveries) -> None:
    two_days.platform.query(
        "INSERT INTO ops.load_ledger (schema_name, target_date, state, loaded_by, started_at, dump_object, "
        "dump_bytes) VALUES ('staging', '2026-03-03', 'publishing', '', UTC_TIMESTAMP(), '', 0)"
    )
    with pytest.raises(Refused, match="a load of staging is being published, or was killed while publishing"):
        two_days.plan("generation", layer="staging")


def test_who_publishes_is_not_disturbed(gold_of_two_days: Recoveries) -> None:
    plan = gold_of_two_days.plan("generation", layer="gold")
    with (
        contextlib.closing(gold_of_two_days.context.dbt.connect()) as connection,
        exclusive(connection, GOLD),
        pytest.raises(Refused, match="another load of gold is running"),
    ):
        gold_of_two_days.execute("generation", plan, layer="gold")


def test_what_was_asked_for_and_done_is_kept(gold_of_two_days: Recoveries) -> None:
    two_days = gold_of_two_days
    two_days.execute("generation", layer="gold")
    ((name, requested, who, outcome),) = two_days.platform.query(
        "SELECT name, requested, requested_by, outcome FROM ops.recoveries WHERE finished_at IS NOT NULL"
    )
    assert (name, requested, who) == ("generation", '{"layer": "gold"}', "operator")
    assert f"see {TARGET - timedelta(days=1)}" in outcome
