"""The rooms that dbt makes of the synthetic dump are those that the synthetic rent roll was planted in (a minute)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from include.reports.rent_roll.compare import compare
from include.reports.rent_roll.reader import read
from include.reports.rent_roll.stock import date_to_compare, read_stock
from include.reports.rent_roll.verdict import figures
from infra.local.database import Database
from infra.local.vendor.rent_roll import Planted, write
from tests.dbt.project import DbtProject
from tests.dbt.test_synthetic_source import load_days
from tests.include.reports.rent_roll.conftest import AS_OF
from tests.include.reports.rent_roll.lists import COLUMNS, PERIOD
from tests.include.reports.rent_roll.test_planted import shown

pytestmark = pytest.mark.full
EARLIER_DEPARTURES = """
    INSERT IGNORE INTO silver.room_departures_daily
        (snapshot_date, apartment_id, room_id, tenant_id, moving_id, tenant_status_code)
    SELECT effective_moveout_date, apartment_id, room_id, tenant_id, moving_id, tenant_status_code
    FROM silver.stg_movings JOIN silver.stg_tenants USING (tenant_id)
    WHERE
        is_valid_contract AND tenant_status_code IN (14, 15, 16, 17)
        AND effective_moveout_date BETWEEN %s - INTERVAL 31 DAY AND %s - INTERVAL 1 DAY
"""


def test_dbts_rooms_are_those_of_the_rent_roll(
    make_database: Callable[[], Database], planted: Planted, tmp_path: Path
) -> None:
    server = make_database()
    dbt = DbtProject(server, tmp_path, sources=False)
    try:
        for day in load_days(server, [AS_OF], tmp_path / "source"):
            models = ("+tenant_room_snapshot_daily", "+room_departures_daily", "+business_calendar", "stg_apartments")
            dbt.dbt("seed")
            dbt.dbt("run", str(day), "--select", *models, "stg_rooms", "+stg_tenants")
        dbt.execute(EARLIER_DEPARTURES, [AS_OF, AS_OF])  # a platform that had run on those days has them
        assert date_to_compare(dbt.connection, PERIOD, None) == AS_OF
        stock = read_stock(dbt.connection, AS_OF)
    finally:
        dbt.close()
    assert planted.strays
    assert {replace(room, left=tuple(sorted(set(room.left)))) for room in shown(planted).rooms} == set(stock.rooms)
    for file in write(planted, tmp_path, AS_OF):
        found = figures(compare(read(file.read_bytes(), COLUMNS, PERIOD), stock))
        assert (found.classes, found.differences) == (planted.classes, planted.differences)
