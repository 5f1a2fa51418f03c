"""Text that collations disagree about is grouped exactly, and alike on every server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import rules

TODAY = date(2026, 3, 2)
BLANK = "\u3000 \u00a0\t\r\n"
KANA = "ハバパﾊﾞﾟヨョｮｰ"
ALPHABET = f"{BLANK}{KANA}はょ\u3099\u200b\u0301eéEｅssßⅢI①1１🏠🏡吉𠮷-\\'"
ASSET_ALPHABET = f"{BLANK}{KANA}\u3099\u200bjJｊ1１é🏠-－＼'"
"""Without what NFKC turns into something else and the macro `nfkc` says that it leaves alone."""
NAMES = st.one_of(
    st.text(ALPHABET, max_size=3),
    st.tuples(st.text(BLANK, max_size=2), st.text(ALPHABET, max_size=2), st.text(BLANK, max_size=2)).map("".join),
    st.sampled_from(["NULL", "nULL\u3000", "--", "ＮＵＬＬ", "Unknown", "uNKNOWN\t", "ﾚｿﾄ", "レソト\u3000"]),
)
ASSETS = st.one_of(st.text(ASSET_ALPHABET, max_size=2), st.sampled_from(["J1", "ｊ１", "\u3000J1", "Ｊ1", "j1\u00a0"]))
TABLES = (
    "property_churn_weekly",
    "municipality_churn_weekly",
    "funnel_application_to_movein_daily",
    "moveout_summary",
    "occupancy_property_daily",
)


class House(NamedTuple):
    """A building out of which its one tenant has moved."""

    asset: str
    name: str
    prefecture: str
    municipality: str
    nationality: str


def houses() -> list[House]:
    """Return the rows of 300 buildings, the same in each session; one run of dbt takes all of them."""
    found: list[House] = []

    # A busy machine generates slowly; that is no fault of the strategies.
    @settings(max_examples=300, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.builds(House, ASSETS, NAMES, NAMES, NAMES, NAMES))
    def collect(house: House) -> None:
        found.append(house)

    collect()
    return found


HOUSES: dict[int, House] = {}
"""By number; made by the fixture, because every process that collects the tests imports this file."""


@pytest.fixture(scope="module")
def town(project: Any) -> Iterator[Any]:
    """The project with those buildings, and the tables built that group by their texts."""
    project.clear()
    HOUSES.update(enumerate(houses(), 1))
    for number, house in HOUSES.items():
        project.execute(
            "insert into staging.apartments (id, unique_number, apartment_name, prefecture, municipality, full_address)"
            " values (%s, %s, %s, %s, %s, null)",
            [number, house.asset, house.name, house.prefecture, house.municipality],
        )
        project.execute("insert into staging.rooms (id, apartment_id) values (%s, %s)", [number, number])
        project.execute(
            "insert into staging.tenants (id, nationality, status, moving_id) values (%s, %s, 17, %s)",
            [number, house.nationality, number],
        )
        project.execute(
            "insert into staging.movings (id, tenant_id, apartment_id, room_id, is_moveout, moveout_plans_date)"
            " values (%s, %s, %s, %s, 1, '2026-02-18')",
            [number, number, number, number],
        )
        project.execute("insert into staging.inquiries (id, tenant_id) values (%s, %s)", [number, number])
    # one room stays occupied: a date without any occupied room has no figures
    project.execute("insert into staging.tenants (id, status, moving_id) values (9999, 9, 9999)")
    project.execute("insert into staging.movings (id, tenant_id) values (9999, 9999)")
    selection = [f"+{table}" for table in TABLES]
    project.dbt("run", str(TODAY), "--select", *selection, "--exclude", "config.materialized:view")
    yield project
    project.clear()


def municipality(house: House, unknown: str) -> str:
    return rules.municipality(house.municipality) or unknown


def nationality(house: House) -> str:
    name = rules.text(house.nationality)
    return "その他" if name is None or name in rules.PLACEHOLDERS else name


def test_cleaned_text_is_what_python_makes_of_it(town: Any) -> None:
    found = town.execute("select apartment_id, asset_id_hj, apartment_name, prefecture from silver.stg_apartments")
    assert {number: tuple(texts) for number, *texts in found} == {
        number: (rules.asset_id(house.asset), rules.text(house.name), rules.text(house.prefecture))
        for number, house in HOUSES.items()
    }


@pytest.mark.parametrize(
    ("table", "columns", "key"),
    [
        (
            "property_churn_weekly",
            "week_start, asset_id_hj, apartment_name",
            lambda house: (rules.asset_id(house.asset) or "Unknown", rules.text(house.name) or "Unknown"),
        ),
        ("municipality_churn_weekly", "week_start, municipality", lambda house: (municipality(house, "Unknown"),)),
        (
            "funnel_application_to_movein_daily",
            "activity_date, municipality, nationality",
            lambda house: (municipality(house, "unknown"), nationality(house)),
        ),
        (
            "moveout_summary",
            "rent_range, prefecture",  # all of them moved out on one day
            lambda house: (rules.text(house.prefecture) or "Unknown",),
        ),
    ],
)
def test_groups_are_those_of_the_exact_text(town: Any, table: str, columns: str, key: Any) -> None:
    rows = town.execute(f"select {columns} from gold_next.{table}")
    assert len(rows) == len(set(rows)), "one group is several rows"
    days = {row[0] for row in rows}
    assert set(rows) == {(day, *key(house)) for day in days for house in HOUSES.values()}


def test_every_building_keeps_its_own_names(town: Any) -> None:
    found = town.execute(
        "select apartment_id, asset_id_hj, apartment_name, municipality from gold_next.occupancy_property_daily"
    )
    assert {number: tuple(texts) for number, *texts in found} == {
        number: (rules.asset_id(house.asset), rules.text(house.name), rules.municipality(house.municipality))
        for number, house in HOUSES.items()
    }
    assert len(found) == len(HOUSES)
