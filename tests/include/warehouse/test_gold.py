"""Readers of gold see one whole day, whatever was built, failed, cleared or killed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import MySQLdb
import pytest

from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, exclusive
from include.warehouse.gold import (
    GoldIncomplete,
    ReadersElsewhere,
    await_readers,
    model_names,
    publish_gold,
)
from include.warehouse.readers import gold_date
from include.warehouse.rollback import NothingToRollBack, apply_rollback, plan_rollback
from include.warehouse.schema import GOLD, create_schema, table_names
from infra.local.database import Database
from tests.include.warehouse.reader import Reader

MODELS = [f"model_{number:02}" for number in range(26)]
MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)


class Gold:
    """Does what dbt does: builds tables in `gold_next`, with the business date in their comment."""

    def __init__(self, connection: MySQLdb.Connection) -> None:
        self.connection = connection

    def build(self, target: date, models: list[str] = MODELS) -> None:
        create_schema(self.connection, GOLD.next)
        with self.connection.cursor() as cursor:
            for name in models:
                cursor.execute(f"DROP TABLE IF EXISTS gold_next.{name}")
                cursor.execute(
                    f"CREATE TABLE gold_next.{name} COMMENT = 'Business date {target}' AS SELECT {target:%Y%m%d} AS day"
                )

    def publish(self, target: date) -> None:
        self.build(target)
        publish_gold(self.connection, MODELS, target)

    def roll_back(self) -> date | None:
        return apply_rollback(self.connection, plan_rollback(self.connection, GOLD).snapshot, GOLD)

    def days(self, schema: str = "gold") -> dict[str, str]:
        found = {}
        with self.connection.cursor() as cursor:
            for name in table_names(self.connection, schema):
                cursor.execute(f"SELECT day FROM {schema}.{name}")
                found[name] = str(cursor.fetchall()[0][0])
        return found


@pytest.fixture
def endpoint(database: Database) -> Endpoint:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in (GOLD.live, GOLD.next, GOLD.previous):
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
    return database.admin


@pytest.fixture
def gold(endpoint: Endpoint) -> Iterator[Gold]:
    with contextlib.closing(endpoint.connect()) as connection:
        yield Gold(connection)


def of(target: date, models: list[str] = MODELS) -> dict[str, str]:
    return dict.fromkeys(models, f"{target:%Y%m%d}")


def test_a_day_is_shown_whole_and_the_one_before_is_kept(gold: Gold) -> None:
    assert gold_date(gold.connection) is None or gold.days() == {}
    gold.publish(MONDAY)
    gold.build(TUESDAY)
    assert gold.days() == of(MONDAY)
    published = publish_gold(gold.connection, MODELS, TUESDAY)
    assert (published.target, published.replaced, published.stayed) == (TUESDAY, tuple(MODELS), ())
    assert (gold.days(), gold.days("gold_prev"), gold.days("gold_next")) == (of(TUESDAY), of(MONDAY), {})
    assert gold_date(gold.connection) == TUESDAY


def test_i15_readers_of_another_server_are_noticed(gold: Gold, endpoint: Endpoint) -> None:
    gold.publish(MONDAY)
    waited: list[float] = []
    await_readers(endpoint, MONDAY, waited.append)
    assert waited == []
    with pytest.raises(ReadersElsewhere, match=f"{TUESDAY} was published, but {endpoint.host}.* shows {MONDAY}"):
        await_readers(endpoint, TUESDAY, waited.append)
    assert sum(waited) == 60


def test_i15_a_replica_may_follow_a_little_later(gold: Gold, endpoint: Endpoint) -> None:
    gold.publish(MONDAY)
    await_readers(endpoint, TUESDAY, lambda seconds: gold.publish(TUESDAY))


def test_one_model_that_was_cleared_joins_the_rest_of_its_day(gold: Gold) -> None:
    gold.publish(MONDAY)
    gold.build(MONDAY, MODELS[3:5])
    published = publish_gold(gold.connection, MODELS, MONDAY)
    assert published.replaced == tuple(MODELS[3:5])
    assert gold.days() == of(MONDAY)
    assert publish_gold(gold.connection, MODELS, MONDAY).replaced == ()


def test_two_days_are_never_shown_beside_each_other(gold: Gold) -> None:
    gold.publish(TUESDAY)
    gold.build(MONDAY, MODELS[:1])
    with pytest.raises(
        GoldIncomplete, match=r"would show 2026-03-02 beside model_01 and 24 more of 2026-03-03; clear all gold tasks"
    ):
        publish_gold(gold.connection, MODELS, MONDAY)
    assert gold.days() == of(TUESDAY)


def test_a_model_that_was_not_built_is_named(gold: Gold) -> None:
    gold.build(MONDAY, MODELS[:-2])
    with pytest.raises(GoldIncomplete, match=r"^model_24, model_25 of gold were not built; clear"):
        publish_gold(gold.connection, MODELS, MONDAY)
    assert gold.days() == {}


def test_what_a_failed_run_of_another_day_left_is_not_shown(gold: Gold) -> None:
    gold.publish(MONDAY)
    gold.build(MONDAY - timedelta(days=3), MODELS[:1])
    gold.build(TUESDAY, MODELS[1:])
    with pytest.raises(GoldIncomplete, match="beside model_00 of 2026-02-27"):
        publish_gold(gold.connection, MODELS, TUESDAY)
    assert gold.days() == of(MONDAY)


def test_i10_what_a_killed_dbt_left_and_former_models_go(gold: Gold) -> None:
    gold.publish(MONDAY)
    gold.build(TUESDAY, [*MODELS, "model_07__dbt_tmp", "former"])
    publish_gold(gold.connection, MODELS, TUESDAY)
    assert gold.days() == of(TUESDAY)
    publish_gold(gold.connection, MODELS[1:], TUESDAY)  # nothing was built, so nothing is touched
    gold.build(TUESDAY, MODELS[1:2])
    publish_gold(gold.connection, MODELS[1:], TUESDAY)
    assert gold.days() == of(TUESDAY, MODELS[1:])


def test_a_table_whose_day_is_unknown_is_not_shown(gold: Gold) -> None:
    gold.build(MONDAY)
    with gold.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gold_next.model_00 COMMENT = 'made by hand'")
    with pytest.raises(GoldIncomplete, match="beside model_00 of an unknown date"):
        publish_gold(gold.connection, MODELS, MONDAY)


def test_only_one_publishes_at_a_time(gold: Gold, endpoint: Endpoint) -> None:
    gold.build(MONDAY)
    with (
        contextlib.closing(endpoint.connect()) as other,
        exclusive(other, GOLD),
        pytest.raises(LoadBusy, match="another load of gold is running"),
    ):
        publish_gold(gold.connection, MODELS, MONDAY)


def test_a_rollback_exchanges_the_generations(gold: Gold) -> None:
    gold.publish(MONDAY)
    gold.publish(TUESDAY)
    assert gold.roll_back() == MONDAY
    assert (gold.days(), gold.days("gold_prev")) == (of(MONDAY), of(TUESDAY))
    assert gold.roll_back() == TUESDAY
    assert (gold.days(), gold.days("gold_prev")) == (of(TUESDAY), of(MONDAY))


def test_a_rollback_to_a_part_of_another_day_is_refused(gold: Gold) -> None:
    with pytest.raises(NothingToRollBack, match="gold_prev does not hold"):
        gold.roll_back()
    gold.publish(MONDAY)
    gold.publish(TUESDAY)
    with gold.connection.cursor() as cursor:
        cursor.execute("DROP TABLE gold_prev.model_00")
    with pytest.raises(NothingToRollBack, match=r"model_00 of 2026-03-03; model_01 and 24 more of 2026-03-02\), so no"):
        gold.roll_back()
    assert gold.days() == of(TUESDAY)


@pytest.mark.parametrize("publishes", [20, pytest.param(200, marks=pytest.mark.full)])
def test_a_reader_of_all_tables_never_fails_and_never_meets_two_days(
    gold: Gold, endpoint: Endpoint, publishes: int
) -> None:
    everything = " UNION ALL ".join(f"SELECT day FROM gold.{name}" for name in MODELS)

    def read(connection: MySQLdb.Connection) -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(everything)
            return tuple(day for (day,) in cursor.fetchall())

    gold.publish(MONDAY)
    reader = Reader(endpoint, read)
    for number in range(1, publishes + 1):
        gold.publish(MONDAY + timedelta(days=number))
    reader.stop()
    assert all(len(days) == len(MODELS) and len(set(days)) == 1 for days in reader.seen)
    assert len(set(reader.seen)) > publishes / 2
    print(f"{publishes} publishes, {len(reader.seen)} reads of {len(MODELS)} tables, {len(set(reader.seen))} days seen")


def test_gold_consists_of_the_models_of_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        """{"nodes": {
          "model.a": {"name": "a", "resource_type": "model", "schema": "gold"},
          "model.b": {"name": "b", "resource_type": "model", "schema": "silver"},
          "test.c": {"name": "c", "resource_type": "test", "schema": "gold"}
        }}"""
    )
    assert model_names(tmp_path / "manifest.json") == {"a"}
