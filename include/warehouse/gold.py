"""Gold: dbt builds and tests a day's tables in `gold_next`, one RENAME shows them, `gold_prev` keeps the day before.

The comment of each table holds the business date that it was built for, and moves with it. So a generation in which
one table is of another date than the rest is rejected before readers see it, also after a build by hand.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import MySQLdb

from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive, publish
from include.warehouse.readers import TableDates, gold_date, gold_table_dates
from include.warehouse.schema import GOLD, create_schema, table_names, table_rows

LEFT_BY_DBT = ("__dbt_tmp", "__dbt_backup")

# A replica of Aurora follows its writer within a second; this one has a minute.
READERS_SECONDS = 60


class GoldIncomplete(RuntimeError):
    """What was built is no whole generation of one day, so nothing was published; the message says what to build."""


class ReadersElsewhere(RuntimeError):
    """What was published does not arrive where readers read; the message names both."""


@dataclass(frozen=True)
class Published:
    """What readers were given.

    Attributes:
        target: business date of every table.
        replaced: tables that are new.
        stayed: tables that were of that date already.
    """

    target: date
    replaced: tuple[str, ...]
    stayed: tuple[str, ...]


def model_names(manifest: Path) -> set[str]:
    """Return the tables that gold consists of, by the manifest of the dbt project."""
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return {str(node["name"]) for node in nodes if node["resource_type"] == "model" and node["schema"] == GOLD.live}


def publish_gold(connection: MySQLdb.Connection, models: Collection[str], target: date) -> Published:
    """Show readers what was built for a business date, all of it at once, and keep what it replaces.

    Tables that were not built again stay, when they are of that date. Tables that are no models any more leave.

    Args:
        connection: login that owns gold's schemas.
        models: tables that gold consists of.
        target: business date.

    Raises:
        GoldIncomplete: a table is missing or of another date.
        include.warehouse.generations.LoadBusy: another publish is running.
        include.warehouse.generations.PublishBlocked: readers hold a table for longer than two minutes.
    """
    for schema in (GOLD.live, GOLD.next):
        create_schema(connection, schema)
    with exclusive(connection, GOLD):
        _drop_unknown(connection, models)
        built = gold_table_dates(connection, GOLD.next)
        live = gold_table_dates(connection, GOLD.live)
        stayed = {name: made_for for name, made_for in live.items() if name in models and name not in built}
        if missing := sorted(set(models) - built.keys() - stayed.keys()):
            raise GoldIncomplete(
                f"{', '.join(missing)} of gold {'was' if len(missing) == 1 else 'were'} not built; clear the gold "
                "tasks of this run with everything after them"
            )
        if wrong := {name: made_for for name, made_for in (stayed | built).items() if made_for != target}:
            raise GoldIncomplete(
                f"gold would show {target} beside {list_dates(wrong)}; clear all gold tasks of the run of {target}, so "
                "that readers see one day"
            )
        if built:
            publish(connection, GOLD, staying=stayed.keys())
    return Published(target, tuple(sorted(built)), tuple(sorted(stayed)))


def await_readers(readers: Endpoint, target: date, pause: Callable[[float], None] = time.sleep) -> None:
    """Read back what was published, where readers read it, and wait until it is there (I-15).

    Args:
        readers: login on the server from which the dashboards are filled.
        target: business date that was published.
        pause: waits the given seconds.

    Raises:
        ReadersElsewhere: after a minute it is not there.
        MySQLdb.OperationalError: that server cannot be reached.
    """
    with contextlib.closing(readers.connect()) as connection:
        for _ in range(READERS_SECONDS):
            if (shown := gold_date(connection)) == target:
                return
            pause(1)
    raise ReadersElsewhere(
        f"gold of {target} was published, but {readers.host}, from which the dashboards are filled, shows "
        f"{shown or 'no gold'}; see that it belongs to the cluster that is written (gghouse.readers_host)"
    )


def row_count(connection: MySQLdb.Connection) -> int:
    """Return the rows of all tables that readers of gold see."""
    return sum(table_rows(connection, GOLD.live, name) for name in table_names(connection, GOLD.live))


def _drop_unknown(connection: MySQLdb.Connection, models: Collection[str]) -> None:
    """Drop what a killed dbt left, and models that are none any more, from the schema that is being built."""
    with connection.cursor() as cursor:
        for name in table_names(connection, GOLD.next):
            if name not in models or name.endswith(LEFT_BY_DBT):
                cursor.execute(f"DROP TABLE `{GOLD.next}`.`{name}`")


def list_dates(dates: TableDates) -> str:
    """Return in words which tables are made for which date."""
    by_date: dict[date | None, list[str]] = {}
    for name, made_for in dates.items():
        by_date.setdefault(made_for, []).append(name)
    return "; ".join(f"{_some(names)} of {made_for or 'an unknown date'}" for made_for, names in by_date.items())


def _some(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    return f"{first} and {len(others)} more" if others else first
