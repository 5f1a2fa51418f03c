"""The figures that dashboards show as they are: cards with their comparisons, mix, outlook against fact, cohorts."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle import rules
from tests.oracle.rooms import the_room
from tests.oracle.rules import Row

ONE_DAY = timedelta(days=1)
HORIZONS = (30, 60, 90)
COHORTS = 24


def last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def mix(as_of: date, held: Iterable[Row]) -> list[Row]:
    """occupancy_mix_latest.

    Args:
        as_of: the newest date with facts.
        held: who holds or has reserved which room on it.
    """
    held_by = Counter(
        (rules.tenant_type(row["contract_type_code"]), row["monthly_rent"]) for row in held if row["is_room_primary"]
    )
    rows: dict[tuple[Any, ...], Row] = {}
    for (kind, rent), rooms in held_by.items():
        row = {
            "snapshot_date": as_of,
            **rules.named("tenant_type", kind),
            **rules.step("rent_range", rent),
            "occupied_rooms": 0,
            "as_of_date": as_of,
        }
        rows.setdefault((kind, row["rent_range"]), row)["occupied_rooms"] += rooms
    return list(rows.values())


def kpis(today: date, occupancy: Iterable[Row], contracts: Iterable[Row], by_property: Iterable[Row]) -> Row:
    """executive_kpis.

    Args:
        today: the business date.
        occupancy: rows of occupancy_daily_metrics.
        contracts: rows of int_contracts.
        by_property: rows of occupancy_property_daily.
    """
    facts = {row["snapshot_date"]: row for row in occupancy if not row["is_projection"]}
    as_of = max(facts)
    located = [row for row in contracts if row["is_valid_contract"] and row["latitude"] is not None]
    buildings = [row for row in by_property if row["snapshot_date"] == as_of]
    rooms = facts[as_of]["period_end_rooms"]
    return {
        "as_of_date": as_of,
        "total_physical_rooms": rules.PHYSICAL_ROOMS,
        "vacant_rooms": rules.PHYSICAL_ROOMS - rooms,
        **_beside(facts, as_of, "", "_mtd", whole=False),
        **_beside(facts, rules.earlier(as_of, 1), "_prev_month", "_prev_month"),
        **_beside(facts, rules.earlier(as_of, 12), "_prev_year", "_prev_year"),
        **_contracts(today, located, "30d", 0),
        **_contracts(today, located, "prev_30d", 30),
        "buildings": len(buildings),
        "buildings_without_coordinates": sum(row["latitude"] is None for row in buildings),
    }


def _beside(facts: Mapping[date, Row], day: date, of_day: str, of_period: str, whole: bool = True) -> Row:
    """Return the rooms of a day and what happened since the first of its month; a hole leaves nothing to compare."""
    period = rules.sequence(day.replace(day=1), day)
    known = [facts[each] for each in period if each in facts]
    complete = bool(known) and (len(known) == len(period) or not whole)
    came, left = (sum(row[name] for row in known) if complete else None for name in ("new_moveins", "new_moveouts"))
    there = facts.get(day, {})
    return {
        f"occupied_rooms{of_day}": there.get("period_end_rooms"),
        f"occupancy_rate{of_day}": there.get("occupancy_rate"),
        f"moveins{of_period}": came,
        f"moveouts{of_period}": left,
        f"net{of_period}": None if came is None or left is None else came - left,
    }


def _contracts(today: date, contracts: list[Row], window: str, newest: int) -> Row:
    """Return the figures of the thirty days of which the newest lies so many days back; lists stand for their means."""

    def inside(day: date | None) -> bool:
        return day is not None and day >= rules.FIRST_DATE and newest <= (today - day).days < newest + 30

    signed = [row for row in contracts if inside(row["contract_date"])]
    gone = [row for row in contracts if row["is_completed_moveout"] and inside(row["effective_moveout_date"])]
    return {
        f"contracts_{window}": len(signed),
        f"mean_rent_{window}": [row["monthly_rent"] for row in signed if (row["monthly_rent"] or 0) > 0],
        f"lead_time_days_{window}": _known(signed, "lead_time_days"),
        f"moveouts_{window}": len(gone),
        f"mean_stay_months_{window}": _known(gone, "total_stay_months"),
        f"mean_notice_days_{window}": _known(gone, "notice_lead_time_days"),
    }


def _known(rows: Iterable[Row], name: str) -> list[int]:
    return [row[name] for row in rows if row[name] is not None]


def outlook_accuracy(held: Mapping[date, list[Row]], facts: list[date]) -> list[Row]:
    """occupancy_outlook_accuracy.

    Args:
        held: who holds or has reserved which room, by date.
        facts: dates with facts, in their order.
    """
    rows = []
    for made in facts:
        for horizon in HORIZONS:
            target = made + horizon * ONE_DAY
            if target in facts and (made == last_of_month(made) or target == facts[-1]):
                expected, found = _outlook(held[made], made, target), _occupied(held[target])
                rows.append(
                    {
                        "outlook_date": made,
                        "is_month_end": int(made == last_of_month(made)),
                        "horizon_days": horizon,
                        "horizon_label": f"{horizon}日後 {horizon} days",
                        "target_date": target,
                        "outlook_rooms": expected,
                        "fact_rooms": found,
                        "error_rooms": expected - found,
                        "as_of_date": facts[-1],
                    }
                )
    return rows


def _occupied(held: Iterable[Row]) -> int:
    return sum(row["is_room_primary"] for row in held)


def _outlook(held: list[Row], made: date, target: date) -> int:
    """Walk from the rooms of a date to a later one by what was planned on it."""
    level = _occupied(held)
    for day in rules.sequence(made + ONE_DAY, target):
        level += len({the_room(row) for row in held if row["effective_movein_date"] == day})
        level -= len({the_room(row) for row in held if row["effective_moveout_date"] == day})
    return level


def retention(today: date, contracts: Iterable[Row]) -> list[Row]:
    """cohort_retention; `contracts` are rows of int_contracts."""
    cohorts: defaultdict[date, list[Row]] = defaultdict(list)
    for row in contracts:
        begin = row["effective_movein_date"]
        if row["is_valid_contract"] and row["latitude"] is not None and begin and begin >= rules.FIRST_DATE:
            cohorts[begin.replace(day=1)].append(row)
    whole = [month for month in cohorts if last_of_month(month) <= today]
    newest = (today + ONE_DAY).replace(day=1)
    return [
        _cohort(month, stayed, cohorts[month], today)
        for month in whole
        if month >= rules.earlier(newest, COHORTS)
        for stayed in range(COHORTS + 1)
        if rules.earlier(last_of_month(month), -stayed) <= today
    ]


def _cohort(month: date, months: int, newcomers: list[Row], today: date) -> Row:
    ends = [row["total_stay_months"] for row in newcomers if row["is_completed_moveout"]]
    stayed = len(newcomers) - sum(end is not None and end < months for end in ends)
    return {
        "cohort_month": month,
        "months_stayed": months,
        "cohort_size": len(newcomers),
        "stayed": stayed,
        "retention_rate": rules.rounded(Fraction(stayed, len(newcomers)), 6),
        "months_before_as_of": (today.year - month.year) * 12 + today.month - month.month,
        "as_of_date": today,
    }
