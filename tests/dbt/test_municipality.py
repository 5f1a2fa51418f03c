"""The municipality of every simulated building is found, and what is left or doubtful is warned of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.generator import DEFAULT_SEED
from infra.local.vendor.scale import SCALES
from infra.local.vendor.schema import Table, tables
from infra.local.vendor.simulation import Simulation
from tests.infra.local.vendor.conftest import values

TODAY = "2026-03-02"
READ = ("id", "prefecture", "municipality", "address", "full_address")
KNOWN = "stg_apartments_municipality_is_known"
LISTED = "stg_apartments_municipality_is_on_the_list"
PREFECTURE = "stg_apartments_prefecture_is_on_the_list"
NEEDED = "stg_apartments_municipality_overrides_are_needed"
OF_A_BUILDING = "municipality_overrides_are_of_known_buildings"
NAMES = "municipality_overrides_name_a_municipality"
WARNINGS = (KNOWN, LISTED, PREFECTURE, NEEDED, OF_A_BUILDING)


@pytest.fixture
def town(project: Any) -> Iterator[Any]:
    """The project without any building."""
    project.clear()
    yield project
    project.clear()


@pytest.fixture
def lists(town: Any) -> Any:
    """The project with both lists filled."""
    town.execute("insert into staging.apartment_prefectures values ('東京都'), ('千葉県')")
    town.execute("insert into staging.apartment_municipalities values ('大田区　'), (null), ('町田市')")
    return town


def building(project: Any, number: int, **columns: Any) -> None:
    columns = {"municipality": None, "full_address": None, **columns}
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    project.execute(f"insert into staging.apartments (id, {names}) values (%s, {places})", [number, *columns.values()])


def override(project: Any, number: int, municipality: str) -> None:
    project.execute("insert into seeds.municipality_overrides values (%s, %s, 'test')", [number, municipality])


def verdicts(project: Any, *names: str) -> dict[str, str]:
    """Run tests of the dbt project and return what came out of each."""
    nodes = project.dbt("test", TODAY, "--select", *names, check=False)["nodes"]
    assert set(nodes) == set(names)
    return {name: nodes[name][0] for name in names}


@pytest.mark.parametrize("scale", ["small", "full"])
def test_the_municipality_of_every_simulated_building_is_found(town: Any, scale: str) -> None:
    simulation = Simulation(SCALES[scale], DEFAULT_SEED)
    rows = CoreRows(simulation)
    shape = Table("apartments", tuple(column for column in tables()["apartments"].columns if column.name in READ), "")
    assert [column.name for column in shape.columns] == list(READ)
    with town.connection.cursor() as cursor:
        cursor.executemany(
            f"insert into staging.apartments ({', '.join(READ)}) values (%s, %s, %s, %s, %s)",
            [values(row) for row in rows.rows(shape, 0, rows.count("apartments"))],
        )
    found = town.execute("select apartment_id, municipality, municipality_data_source from silver.stg_apartments")
    truth = {building.id: building.place[1] for building in simulation.portfolio.apartments}
    assert {number: name for number, name, _ in found} == truth
    before = sum(source != "original" for _, _, source in found)
    after = sum(name is None for _, name, _ in found)
    print(f"{scale}: {len(found)} buildings, {before} without a municipality in the source, {after} in the platform")
    assert before >= 14
    assert town.dbt("test", TODAY, "--select", KNOWN)["nodes"][KNOWN][0] == "pass"


def test_nothing_is_warned_of_when_every_building_is_in_order(lists: Any) -> None:
    building(lists, 1, municipality="大田区")
    building(lists, 2, full_address="町田市原町田1")
    building(lists, 3)
    override(lists, 3, "町田市")
    assert verdicts(lists, *WARNINGS, NAMES) == dict.fromkeys((*WARNINGS, NAMES), "pass")


def test_each_doubt_is_warned_of(lists: Any) -> None:
    building(lists, 1, prefecture="埼玉県", municipality="川口市")
    building(lists, 2, full_address="東京都新宿区西新宿1")
    building(lists, 3, full_address="本町1")
    building(lists, 4, municipality="大田区")
    override(lists, 4, "大田区")
    override(lists, 5, "大田区")
    assert verdicts(lists, *WARNINGS) == dict.fromkeys(WARNINGS, "warn")
    found = lists.dbt("test", TODAY, "--select", LISTED)
    assert found["nodes"][LISTED][0] == "warn"


def test_the_municipality_of_the_source_need_not_be_on_the_list(lists: Any) -> None:
    building(lists, 1, municipality="川口市")
    assert verdicts(lists, LISTED) == {LISTED: "pass"}


def test_an_override_must_be_a_municipality(town: Any) -> None:
    override(town, 1, "八王子")
    assert verdicts(town, NAMES) == {NAMES: "fail"}


@pytest.mark.parametrize("content", ["", "(null), ('  '), ('--')"])
def test_i03_an_empty_list_warns_of_nothing(town: Any, content: str) -> None:
    if content:
        town.execute(f"insert into staging.apartment_municipalities values {content}")
        town.execute(f"insert into staging.apartment_prefectures values {content}")
    building(town, 1, full_address="東京都新宿区西新宿1")
    assert verdicts(town, LISTED, PREFECTURE) == {LISTED: "pass", PREFECTURE: "pass"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ("rename column municipality_name to label, add column id int first", "warn"),
        ("modify municipality_name int", "pass"),
        ("rename to staging.gone", "pass"),
    ],
)
def test_i03_a_list_of_another_shape_does_not_stop_the_day(lists: Any, change: str, verdict: str) -> None:
    building(lists, 1, full_address="東京都新宿区西新宿1")
    ((_, made),) = lists.execute("show create table staging.apartment_municipalities")
    lists.execute("truncate table staging.apartment_municipalities")
    lists.execute(f"alter table staging.apartment_municipalities {change}")
    try:
        if "label" in change:
            lists.execute("insert into staging.apartment_municipalities values (1, '大田区')")
        assert verdicts(lists, LISTED) == {LISTED: verdict}
    finally:
        lists.execute("drop table if exists staging.apartment_municipalities, staging.gone")
        lists.execute(made.replace("CREATE TABLE ", "CREATE TABLE staging.", 1))
