"""The figures of a tenth of the company, times ten, against those of the company in February 2026."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from infra.local.vendor import SCALES, quirks
from infra.local.vendor.clock import DAY_SECONDS, REFERENCE
from infra.local.vendor.simulation import Simulation

PRESENT = {7, 9, 10, 11, 12, 13, 14, 15}
PIPELINE = PRESENT | {4, 5, 6}
MOVEOUT = {14, 15, 16, 17}
WALK = {
    (0, 3), (2, 3), (3, 4), (4, 5), (5, 6), (5, 7), (5, 8), (5, 9), (6, 7), (6, 9), (7, 9), (9, 10), (10, 9), (9, 11),
    (10, 11), (11, 9), (11, 12), (12, 13), (13, 9), (9, 14), (10, 14), (14, 9), (14, 15), (14, 16), (15, 16), (9, 16),
    (16, 17), (0, 1), (2, 1), (3, 1), (4, 1),
}  # fmt: skip


def snapshot(simulation):
    """Rows of the tenant-room snapshot."""
    return [
        tenant
        for tenant in simulation.tenants
        if tenant.status in PIPELINE
        and tenant.moving
        and quirks.current_moving_id(tenant) == tenant.moving.id
        and quirks.is_moveout(tenant.moving) != "1"
        and not tenant.moving.cancelled
    ]


def occupied(simulation):
    return {tenant.moving.room.id for tenant in snapshot(simulation) if tenant.status in PRESENT}


def effective_moveout(moving):
    final, actual, integrated = quirks.moveout_dates(moving)
    return next((day for day in (actual, integrated, final) if day and day < date(2101, 1, 1).toordinal()), None)


@pytest.fixture(scope="module")
def days():
    """Occupied rooms, arrivals and departures of the last 200 days, and every change of status in them."""
    simulation = Simulation(SCALES["medium"], seed=20260205)
    facts, steps, last = [], Counter(), {}

    def at_dump(day):
        for tenant in simulation.changed:
            before = last.get(tenant.id, tenant.status)
            if before != tenant.status and day > REFERENCE - 200:
                steps[before, tenant.status] += 1
            last[tenant.id] = tenant.status
        simulation.changed.clear()
        if day <= REFERENCE - 200:
            return
        arrivals = {t.moving.room.id for t in snapshot(simulation) if t.moving.original_movein == day}
        departures = {
            moving.room.id
            for moving in simulation.movings
            if moving.tenant.status in MOVEOUT and not moving.cancelled and effective_moveout(moving) == day
        }
        facts.append((len(occupied(simulation)), len(arrivals), len(departures)))

    simulation.run(REFERENCE, at_dump)
    return facts, steps


def test_rows_and_ids(medium):
    assert len(medium.tenants) * 10 == pytest.approx(50_297, rel=0.002)
    assert len(medium.movings) * 10 == pytest.approx(62_280, rel=0.02)
    assert medium.tenants[-1].id * 10 == pytest.approx(100_400, rel=0.02)
    assert medium.movings[-1].id * 10 == pytest.approx(92_500, rel=0.02)


def test_occupancy_is_about_70_percent(medium):
    assert len(occupied(medium)) * 10 == pytest.approx(11_300, rel=0.03)
    assert len(snapshot(medium)) * 10 == pytest.approx(12_100, rel=0.03)


def test_occupancy_of_the_small_source_is_about_70_percent_too():
    simulation = Simulation(SCALES["small"], seed=20260205)
    simulation.run(date(2026, 3, 2).toordinal())
    assert len(occupied(simulation)) * 50 == pytest.approx(11_300, rel=0.06)


def test_mean_rent_of_occupied_rooms(medium):
    rents = [quirks.rent(tenant.moving) for tenant in snapshot(medium) if tenant.status in PRESENT]
    positive = [rent for rent in rents if rent > 0]
    assert sum(positive) / len(positive) == pytest.approx(56_195, abs=1_000)
    assert 0.02 < 1 - len(positive) / len(rents) < 0.05


@pytest.mark.parametrize(
    ("status", "tenants", "tolerance"),
    [(17, 29_167, 0.03), (9, 10_543, 0.04), (8, 5_292, 0.06), (16, 3_510, 0.12), (14, 732, 0.25), (10, 454, 0.3)],
)
def test_status_mix(medium, status, tenants, tolerance):
    assert sum(tenant.status == status for tenant in medium.tenants) * 10 == pytest.approx(tenants, rel=tolerance)


def test_companies_live_in_a_third_of_the_occupied_rooms(medium):
    companies = [tenant for tenant in medium.tenants if tenant.corporate]
    assert {tenant.agreement_type for tenant in companies} == {2, 3}
    assert not {tenant.agreement_type for tenant in medium.tenants if not tenant.corporate} & {2, 3}
    assert sum(tenant.status == 9 for tenant in companies) * 10 == pytest.approx(3_235, rel=0.06)
    assert sum(tenant.status == 17 for tenant in companies) * 10 == pytest.approx(1_550, rel=0.15)


def test_daily_arrivals_and_departures(days):
    facts, _ = days
    arrivals, departures = (sum(fact[part] for fact in facts) / len(facts) * 10 for part in (1, 2))
    assert 10 <= arrivals <= 18
    assert 10 <= departures <= 18


def test_what_the_records_do_not_explain_is_small_but_not_nothing(days):
    facts, _ = days
    unexplained = [today[0] - before[0] - today[1] + today[2] for before, today in pairwise(facts)]
    assert sum(value == 0 for value in unexplained) > 0.4 * len(unexplained)
    assert any(unexplained)
    assert abs(sum(unexplained)) < 0.4 * len(unexplained)
    assert max(map(abs, unexplained)) <= 4


def test_only_known_transitions_happen_and_the_common_ones_do(days):
    _, steps = days
    assert set(steps) <= WALK
    order = [steps[step] for step in ((9, 14), (14, 16), (9, 16), (14, 9))]
    assert order == sorted(order, reverse=True)
    assert steps[16, 17] > 1.2 * steps[14, 9]


def test_departures_flip_on_their_day_in_the_night_batch(medium):
    today = [
        moving.tenant.status
        for moving in medium.movings
        if moving.plans == REFERENCE and moving.tenant.status in MOVEOUT
    ]
    assert set(today) == {16}


def test_nobody_waits_in_a_room_that_another_future_tenant_holds(medium):
    for room in medium.portfolio.rooms:
        assert room.holders >= 0
        assert room.status == 1 or not room.holders


def test_a_longer_run_begins_like_a_shorter_one(medium):
    later = Simulation(SCALES["medium"], seed=20260205)
    seen = {}
    later.run(REFERENCE + 5, lambda day: seen.update({day: [(t.id, t.status) for t in later.tenants]}))
    assert seen[REFERENCE] == [(tenant.id, tenant.status) for tenant in medium.tenants]


def test_movings_start_in_2018(medium):
    assert min(moving.created_at for moving in medium.movings) >= date(2018, 1, 1).toordinal() * DAY_SECONDS
