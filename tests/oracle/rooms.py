"""Who holds which room, day by day, and the figures made of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle import rules
from tests.oracle.rules import Row
from tests.oracle.source import Bronze, Raw

ONE_DAY = timedelta(days=1)


def contract(moving: Raw) -> Row:
    """Return what the rules look at in a row of `movings`."""
    plans = rules.day(moving["moveout_plans_date"])
    started = rules.day(moving["movein_date"])
    return {
        "moving_id": rules.whole(moving["id"]),
        "tenant_id": rules.whole(moving["tenant_id"]),
        "apartment_id": rules.whole(moving["apartment_id"]),
        "room_id": rules.whole(moving["room_id"]),
        "contract_type_code": rules.whole(moving["moving_agreement_type"]),
        "movein_date": started,
        "effective_movein_date": rules.first(rules.day(moving["original_movein_date"]), started),
        "moveout_plans_date": plans,
        "effective_moveout_date": rules.first(
            plans, rules.day(moving["moveout_date_integrated"]), rules.day(moving["moveout_date"])
        ),
        "is_renewal": int(rules.is_set(moving["move_renew_flag"])),
        "monthly_rent": rules.number(moving["rent"]),
        "cancelled": rules.is_set(moving["cancel_flag"]),
        "completed": rules.is_set(moving["is_moveout"]),
        "updated_at": rules.moment(moving["updated_at"]),
    }


def order(row: Row) -> Any:
    """Rank contracts: the latest start, then the latest change, then the highest id."""
    return rules.newest(row["movein_date"], row["updated_at"], row["moving_id"])


def the_room(row: Row) -> tuple[int, int]:
    return row["apartment_id"], row["room_id"]


def room_snapshot(today: date, bronze: Bronze) -> list[Row]:
    """Return who holds or has reserved which room: `tenant_room_snapshot_daily`."""
    rows = []
    for tenant in bronze["tenants"].values():
        status = rules.whole(tenant["status"])
        moving = bronze["movings"].get(rules.whole(tenant["moving_id"]) or 0)
        if status not in rules.PIPELINE_ACTIVE or moving is None:
            continue
        row = contract(moving)
        if not row["cancelled"] and not row["completed"]:
            rows.append(
                row
                | {
                    "snapshot_date": today,
                    "tenant_id": rules.whole(tenant["id"]),
                    "tenant_status_code": status,
                    "is_room_primary": 0,
                }
            )
    rows = list(rules.best_of(rows, lambda row: (row["tenant_id"], *the_room(row)), order).values())
    present = [row for row in rows if row["tenant_status_code"] in rules.PRESENT]
    for row in rules.best_of(
        present, the_room, lambda row: (-rules.PRIORITY[row["tenant_status_code"]], order(row), row["tenant_id"])
    ).values():
        row["is_room_primary"] = 1
    return rows


def departures(today: date, bronze: Bronze) -> list[Row]:
    """Return the rooms that were left on the date: `room_departures_daily`."""
    rows = []
    for moving in bronze["movings"].values():
        tenant = bronze["tenants"].get(rules.whole(moving["tenant_id"]) or 0)
        if tenant is None or rules.whole(tenant["status"]) not in rules.MOVEOUT:
            continue
        row = contract(moving)
        if not row["cancelled"] and row["effective_moveout_date"] == today:
            rows.append(row | {"snapshot_date": today, "tenant_status_code": rules.whole(tenant["status"])})
    return list(rules.best_of(rows, the_room, order).values())


def at_midnight(held: list[Row], left: list[Row]) -> dict[tuple[int, int], Row]:
    """Return the rooms that count at 00:00, each with its primary row, else with its departure."""
    primary = [row for row in held if row["is_room_primary"]]
    return {
        the_room(row): row
        for row in (*left, *primary)  # of both the primary row is kept
        if row["effective_movein_date"] is None or row["effective_movein_date"] < row["snapshot_date"]
    }


def moved_in_today(held: list[Row], left: list[Row]) -> set[tuple[int, int]]:
    """Return the rooms into which somebody moved who stands for the room or has left it again."""
    return {
        the_room(row)
        for row in (*left, *(row for row in held if row["is_room_primary"]))
        if row["effective_movein_date"] == row["snapshot_date"]
    }


def building_occupancy(today: date, held: list[Row], left: list[Row]) -> list[Row]:
    """Return the figures of one date by building."""
    rows = []
    for apartment in {row["apartment_id"] for row in (*held, *left)}:
        inside = [row for row in held if row["apartment_id"] == apartment]
        gone = [row for row in left if row["apartment_id"] == apartment]
        midnight = at_midnight(inside, gone)
        rents = [row["monthly_rent"] for row in midnight.values() if (row["monthly_rent"] or 0) > 0]
        primary = sum(row["is_room_primary"] for row in inside)
        came = len(moved_in_today(inside, gone))
        rows.append(
            {
                "snapshot_date": today,
                "apartment_id": apartment,
                "primary_rooms": primary,
                "rooms_at_0000": len(midnight),
                "rent_rooms_at_0000": len(rents),
                "rent_sum_at_0000": sum(rents, rules.decimal(0, 2)),
                "new_moveins": len({the_room(row) for row in inside if row["effective_movein_date"] == today}),
                "new_moveouts": len(gone),
                "same_day_moveins": came,
                "late_status_rooms": primary - (len(midnight) + came - len(gone)),
            }
        )
    return rows


class Rooms:
    """All dates that were ever run.

    Args:
        declared: dates that somebody declared a gap (True) or none (False).
    """

    def __init__(self, declared: Mapping[date, bool]) -> None:
        self._declared = declared
        self.held: dict[date, list[Row]] = {}
        self.left: dict[date, list[Row]] = {}

    def run(self, today: date, bronze: Bronze) -> None:
        """Take a date's rows, in place of those it had."""
        self.held[today] = room_snapshot(today, bronze)
        self.left[today] = departures(today, bronze)

    @property
    def as_of(self) -> date:
        """The newest date with facts."""
        return self.facts()[-1]

    def is_gap(self, day: date) -> bool:
        return day not in self.held or self._declared.get(day, False)

    def facts(self) -> list[date]:
        """Return the dates that have figures."""
        return [day for day in sorted(self.held) if not self.is_gap(day)]

    def calendar(self) -> list[Row]:
        days = rules.sequence(min(self.held), max(self.held))
        return [
            {
                "business_date": day,
                "is_gap": int(self.is_gap(day)),
                "is_bridge_day": int(not self.is_gap(day) and day != days[0] and self.is_gap(day - ONE_DAY)),
                "dump_status": "invalid_or_missing" if self.is_gap(day) else "valid",
            }
            for day in days
        ]

    def quality(self) -> list[Row]:
        """data_quality_calendar: the calendar for readers."""
        return [
            {"snapshot_date": day, "as_of_date": self.as_of, "month_start": day.replace(day=1), "day_of_month": day.day}
            | rules.named("day_status", "gap" if row["is_gap"] else "bridge" if row["is_bridge_day"] else "valid")
            | row
            for row in self.calendar()
            for day in (row.pop("business_date"),)
        ]

    def occupancy(self, applications: Mapping[int, date]) -> list[Row]:
        """occupancy_daily_metrics.

        Args:
            applications: date of each tenant's application.
        """
        applied = Counter(applications.values())
        rows: list[Row] = []
        end: dict[date, int] = {}
        for day in self.facts():
            end[day] = sum(row["is_room_primary"] for row in self.held[day])
            rows.append(
                self._movements(
                    day,
                    applied[day],
                    {the_room(row) for row in self.held[day] if row["effective_movein_date"] == day},
                    {the_room(row) for row in self.left[day]},
                    start=end.get(day - ONE_DAY),
                    end=end[day],
                )
            )
        level = rows[-1]["period_end_rooms"]
        newest = self.held[self.as_of]
        for step in range(1, rules.OUTLOOK_DAYS + 1):
            day = self.as_of + step * ONE_DAY
            moving_in = {the_room(row) for row in newest if row["effective_movein_date"] == day}
            moving_out = {the_room(row) for row in newest if row["effective_moveout_date"] == day}
            row = self._movements(
                day, 0, moving_in, moving_out, start=level, end=level + len(moving_in) - len(moving_out)
            )
            level = row["period_end_rooms"]
            rows.append(row)
        rates = {row["snapshot_date"]: row["occupancy_rate"] for row in rows if not row["is_projection"]}
        for row in rows:
            row["occupancy_rate_prev_year"] = rates.get(rules.earlier(row["snapshot_date"], 12))
        return rows

    def _movements(
        self, day: date, applications: int, moving_in: set[Any], moving_out: set[Any], start: int | None, end: int
    ) -> Row:
        delta = len(moving_in) - len(moving_out)
        return {
            "snapshot_date": day,
            "as_of_date": self.as_of,
            "is_projection": int(day > self.as_of),
            "days_from_as_of": (day - self.as_of).days,
            "days_before_as_of": (self.as_of - day).days,
            **rules.named("phase", "outlook" if day > self.as_of else "fact"),
            "applications": applications,
            "new_moveins": len(moving_in),
            "new_moveouts": len(moving_out),
            "occupancy_delta": delta,
            "period_start_rooms": start,
            "period_end_rooms": end,
            "unexplained_delta": None if start is None else end - start - delta,
            "occupancy_rate": rules.rounded(Fraction(end, rules.PHYSICAL_ROOMS), 4),
        }

    def money(self) -> list[Row]:
        """kpi_month_end_metrics."""
        rows = []
        for day in self.facts():
            held, gone = self.held[day], self.left[day]
            midnight = at_midnight(held, gone)
            rents = [Fraction(row["monthly_rent"]) for row in midnight.values() if (row["monthly_rent"] or 0) > 0]
            rent = sum(rents, Fraction()) / len(rents) if rents else None
            came = len(moved_in_today(held, gone))
            primary = sum(row["is_room_primary"] for row in held)
            end = len(midnight) + came - len(gone)
            rate = Fraction(end, rules.PHYSICAL_ROOMS)
            rows.append(
                {
                    "snapshot_date": day,
                    "as_of_date": self.as_of,
                    "is_month_end": int((day + ONE_DAY).day == 1),
                    "months_before_as_of": rules.months_between(day, self.as_of),
                    "total_physical_rooms": rules.PHYSICAL_ROOMS,
                    "occupancy_room_count_0000": len(midnight),
                    "same_day_moveins": came,
                    "same_day_moveouts": len(gone),
                    "occupancy_room_count_eod": end,
                    "period_end_rooms": primary,
                    "late_status_rooms": primary - end,
                    "occupancy_rate": rules.rounded(rate, 6),
                    "rent_jpy": None if rent is None else rules.rounded(rent),
                    "revpar_jpy": None if rent is None else rules.rounded(rent * rate),
                    "recpar_cash_jpy": None if rent is None else rules.rounded(rent * rate * rules.CASH_RATE),
                    "cash_realization_rate": rules.decimal("0.952", 3),
                    "same_day_moveout_policy": rules.SAME_DAY_POLICY,
                    "kpi_definition_version": rules.KPI_VERSION,
                }
            )
        return rows

    def by_property(self, properties: Mapping[int, Row], bronze: Bronze) -> list[Row]:
        """occupancy_property_daily: the buildings of today on every date."""
        counted = Counter(rules.whole(room["apartment_id"]) for room in bronze["rooms"].values())
        rows = []
        for day in self.facts():
            occupied: defaultdict[int, int] = defaultdict(int)
            for row in self.held[day]:
                occupied[row["apartment_id"]] += row["is_room_primary"]
            for apartment, known in properties.items():
                total = max(counted[apartment], known["room_count"] or 0)
                if total:
                    rows.append(
                        {
                            "snapshot_date": day,
                            "as_of_date": self.as_of,
                            "apartment_id": apartment,
                            "total_rooms": total,
                            "occupied_rooms": occupied[apartment],
                            "occupancy_rate": rules.rounded(min(Fraction(occupied[apartment], total), Fraction(1)), 6),
                        }
                        | {
                            name: known[name]
                            for name in (
                                "asset_id_hj",
                                "apartment_name",
                                "prefecture",
                                "municipality",
                                "latitude",
                                "longitude",
                            )
                        }
                    )
        return rows

    def on_the_map(self, by_property: list[Row]) -> list[Row]:
        """occupancy_property_map_latest: the newest date beside the one a week before."""
        before = {row["apartment_id"]: row for row in by_property if row["snapshot_date"] == self.as_of - 7 * ONE_DAY}
        rents: defaultdict[int, list[Decimal]] = defaultdict(list)
        for held in self.held[self.as_of]:
            if held["is_room_primary"] and (held["monthly_rent"] or 0) > 0:
                rents[held["apartment_id"]].append(held["monthly_rent"])
        return [
            row | _change(row, before.get(row["apartment_id"])) | _bands(row, rents[row["apartment_id"]])
            for row in by_property
            if row["snapshot_date"] == self.as_of and row["latitude"] is not None
        ]

    def trace(self, today: date) -> dict[str, Row]:
        """The tables of one row that say what the figures know about."""
        last = self.as_of + rules.OUTLOOK_DAYS * ONE_DAY
        return {
            "occupancy_kpi_meta": {
                "as_of_date": self.as_of,
                "business_date": today,
                "lag_days": (today - self.as_of).days,
                "gold_occupancy_max_snapshot_date": last,
                "total_physical_rooms": rules.PHYSICAL_ROOMS,
            },
            "kpi_reference_trace": {
                "as_of_date": self.as_of,
                "kpi_definition_version": rules.KPI_VERSION,
                "same_day_moveout_policy": rules.SAME_DAY_POLICY,
                "occupancy_as_of_date": self.as_of,
                "business_date": today,
                "freshness_lag_days": (today - self.as_of).days,
                "silver_snapshot_max_date": max(self.held),
                "gold_occupancy_max_snapshot_date": last,
            },
        }


def _bands(row: Row, rents: list[Decimal]) -> Row:
    rent = rules.mean(rents, 0)
    return {
        "counted_rooms": min(row["occupied_rooms"], row["total_rooms"]),
        "mean_rent_jpy": rent,
        **rules.step("rate_band", row["occupancy_rate"]),
        **rules.step("rent_band", rent),
    }


def _change(row: Row, before: Row | None) -> Row:
    rate, rooms = (before["occupancy_rate"], before["occupied_rooms"]) if before else (None, None)
    return {
        "occupancy_rate_7d_ago": rate,
        "occupancy_rate_delta_7d": None if rate is None else row["occupancy_rate"] - rate,
        "occupied_rooms_7d_ago": rooms,
        "occupied_rooms_delta_7d": None if rooms is None else row["occupied_rooms"] - rooms,
    }
