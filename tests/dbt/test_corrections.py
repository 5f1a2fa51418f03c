"""What the simulated vendor's faults call for is on the list of corrections, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.generator import DEFAULT_SEED
from infra.local.vendor.scale import SCALES
from infra.local.vendor.schema import tables
from infra.local.vendor.simulation import Simulation
from tests.oracle.corrections import Entries, entries
from tests.oracle.source import TABLES

DAY = date(2026, 3, 2)
SCALE = SCALES["medium"]
SELECT = ["--select", "path:models/reports/corrections"]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    simulation = Simulation(SCALE, DEFAULT_SEED)
    simulation.run(DAY.toordinal())
    return simulation


def fill(project: Any, simulation: Simulation) -> None:
    """Write the simulated tables into staging, as far as dbt reads them."""
    core = CoreRows(simulation)
    project.clear()
    project.execute("set session sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'")
    for name in TABLES:
        wanted = {
            column
            for (column,) in project.execute(
                "select column_name from information_schema.columns where table_schema = 'staging' and table_name = %s",
                [name],
            )
        }
        shape = tables()[name]
        columns = tuple(column for column in shape.columns if column.name in wanted)
        narrow = type(shape)(name, columns, "")
        rows = list(core.rows(narrow, 0, core.count(name)))
        names = ", ".join(column.name for column in columns)
        for first in range(0, len(rows), 1000):
            # literals, of which no % is a place for an argument
            project.execute(f"insert into staging.{name} ({names}) values {', '.join(rows[first : first + 1000])}")
    project.connection.commit()


def found(project: Any) -> Entries:
    lists: Entries = {}
    for kind, key, since in project.execute("select kind, entry_key, since_date from silver.correction_entries_daily"):
        lists.setdefault(kind, {})[key] = since.toordinal() if since else None
    return lists


def test_every_planted_correction_is_found_and_nothing_else(project: Any, simulation: Simulation) -> None:
    fill(project, simulation)
    project.dbt("build", DAY.isoformat(), *SELECT)
    planted, listed = entries(simulation, DAY.toordinal()), found(project)
    kinds = [kind for (kind,) in project.execute("select kind from seeds.code_correction_kind order by sort_order")]
    print("\n".join(table(kinds, planted, listed)))
    assert set(planted) == set(kinds), "each kind has entries, or the faults are too tame"
    for kind in kinds:
        assert listed.get(kind, {}) == planted[kind], kind


def table(kinds: list[str], planted: Entries, listed: Entries) -> Iterator[str]:
    yield f"{'kind':28}{'planted':>9}{'found':>9}{'both':>9}"
    for kind in kinds:
        right, given = planted.get(kind, {}), listed.get(kind, {})
        both = len(right.items() & given.items())
        yield f"{kind:28}{len(right):9}{len(given):9}{both:9}"
