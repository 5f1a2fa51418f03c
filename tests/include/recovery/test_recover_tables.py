"""Chosen tables of a dump, loaded again while the others stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from include.forms import Refused
from tests.include.dump.dumps import TARGET, YESTERDAY, classic, day
from tests.include.recovery.conftest import Recoveries


@pytest.fixture
def damaged(recoveries: Recoveries) -> Recoveries:
    """Staging of today, of which somebody emptied a table."""
    for target in (YESTERDAY, TARGET):
        recoveries.platform.put(classic(day(target)), target)
    recoveries.platform.load(TARGET)
    recoveries.platform.query("DELETE FROM staging.rooms")
    return recoveries


def count(recoveries: Recoveries, schema: str, table: str) -> int:
    return int(recoveries.platform.query(f"SELECT COUNT(*) FROM {schema}.{table}")[0][0])


def test_only_the_chosen_tables_are_replaced_and_the_old_ones_are_kept(damaged: Recoveries) -> None:
    before = damaged.platform.checksums()
    plan = damaged.plan("tables", date=str(TARGET), tables="rooms")
    assert f"Staging holds {TARGET}" in plan.lines
    assert damaged.platform.checksums() == before, "a plan changes nothing"
    done = damaged.execute("tables", date=str(TARGET), tables="rooms")
    assert f"published as staging of {TARGET}" in done
    after = damaged.platform.checksums()
    assert {name for name in after if after[name] != before[name]} == {"rooms"}
    assert count(damaged, "staging", "rooms") > 0
    assert damaged.platform.checksums("staging_prev") == {"rooms": before["rooms"]}


def test_it_gives_what_a_clean_load_gives_and_can_be_taken_back(damaged: Recoveries) -> None:
    damaged.execute("tables", date=str(TARGET), tables="rooms, apartments")
    mended = damaged.platform.checksums()
    damaged.platform.load(TARGET, carry_over_unchanged=False)
    assert damaged.platform.checksums() == mended
    damaged.execute("generation", layer="staging")
    assert damaged.platform.checksums() == mended


def test_another_table_that_is_damaged_as_well_is_named(damaged: Recoveries) -> None:
    damaged.platform.query("DELETE FROM staging.apartments")
    with pytest.raises(Refused, match="apartments has 0 rows"):
        damaged.execute("tables", date=str(TARGET), tables="rooms")
    assert count(damaged, "staging", "rooms") == 0


def test_another_date_must_be_asked_for_and_keeps_the_date_of_staging(damaged: Recoveries) -> None:
    with pytest.raises(Refused, match=f"staging holds {TARGET}, not {YESTERDAY}"):
        damaged.plan("tables", date=str(YESTERDAY), tables="rooms")
    damaged.execute("tables", date=str(YESTERDAY), tables="rooms", other_date="true")
    assert damaged.platform.last_load()[:2] == (TARGET, "published")
    assert count(damaged, "staging", "rooms") > 0


def test_i08_old_rows_of_a_busy_table_are_refused_and_nothing_is_lost(damaged: Recoveries) -> None:
    damaged.platform.put(classic(day(TARGET - timedelta(days=5))), YESTERDAY)
    before = damaged.platform.checksums()
    with pytest.raises(Refused, match="the newest change in movings is of"):
        damaged.execute("tables", date=str(YESTERDAY), tables="movings, rooms", other_date="true")
    assert damaged.platform.checksums() == before


def test_nothing_is_replaced_beside_tables_of_which_nobody_knows_what_they_hold(damaged: Recoveries) -> None:
    damaged.platform.query("UPDATE ops.table_ledger SET checksum = REVERSE(checksum) LIMIT 1")
    with pytest.raises(Refused, match="are not those that this load wrote, so no single table can be replaced"):
        damaged.plan("tables", date=str(TARGET), tables="tenants")


def test_what_cannot_be_done_is_said_before(damaged: Recoveries) -> None:
    with pytest.raises(Refused, match="staging has no table tenantz"):
        damaged.plan("tables", date=str(TARGET), tables="tenantz")
    busy = damaged.with_tools(daily_runs=lambda: 1)
    with pytest.raises(Refused, match="gghouse_daily is running"):
        busy.execute("tables", date=str(TARGET), tables="rooms")
