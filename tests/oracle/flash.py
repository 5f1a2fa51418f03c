"""The monthly flash report as of each date, and room by room why it differs from the figures of gold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from tests.oracle import rules
from tests.oracle.rooms import ONE_DAY, Rooms, at_midnight, contract, order, the_room
from tests.oracle.rules import Row
from tests.oracle.source import Bronze, Raw

Place = tuple[int, int]


class Window(NamedTuple):
    """Which dates a metric counts, both included; `old` is the first one by the earlier system's rule."""

    metric: str
    kind: str
    done: bool
    month: date
    first: date
    last: date
    old: date


def windows(today: date) -> list[Window]:
    """Return the six metrics of movements."""
    begin = today.replace(day=1)
    following = rules.earlier(begin, -1)
    after = rules.earlier(begin, -2)
    tomorrow = today + ONE_DAY
    return [
        window
        for kind in ("movein", "moveout")
        for window in (
            Window(f"{kind}s_completed", kind, True, begin, begin, today, begin),
            Window(f"{kind}s_planned", kind, False, begin, tomorrow, following - ONE_DAY, tomorrow),
            Window(f"{kind}s_planned_next", kind, False, following, following, after - ONE_DAY, tomorrow),
        )
    ]


def signed(moving: Raw, tenants: Mapping[int, Raw]) -> Row:
    """Return a contract with what the report looks at, and the status of its tenant (None without one)."""
    row = contract(moving)
    tenant = tenants.get(row["tenant_id"])
    return row | {
        "original": rules.day(moving["original_movein_date"]),
        "final": rules.day(moving["moveout_date"]),
        "created_at": rules.moment(moving["created_at"]),
        "tenant": tenant,
        "status": None if tenant is None else rules.whole(tenant["status"]),
    }


def is_reported(row: Row, window: Window, today: date, since: date) -> bool:
    """Whether a contract counts as a movement of a metric on a date from `since` on."""
    when = row["original"] if window.kind == "movein" else row["final"]
    if row["tenant"] is None or row["cancelled"] or when is None or not since <= when <= window.last:
        return False
    if window.kind == "moveout":
        return row["status"] in rules.MOVEOUT
    if row["is_renewal"]:
        return False
    if window.done:
        return row["movein_date"] is not None and row["movein_date"] <= today
    return row["status"] in rules.PIPELINE_ACTIVE


def latest(rows: Iterable[Row]) -> list[Row]:
    """Return the latest contract of each tenant and room."""
    return list(rules.best_of(rows, lambda row: (row["tenant_id"], the_room(row)), order).values())


def moves_in(row: Row, begin: date) -> bool:
    return row["status"] == 7 and row["movein_date"] is not None and row["movein_date"] >= begin


def rooms_of_the_first(today: date, rooms: Rooms) -> list[Row] | None:
    """Return who stands for a room at 00:00 of the 1st by the report's rule; None when it is a gap."""
    begin = today.replace(day=1)
    if rooms.is_gap(begin):
        return None
    primary = [row | {"status": row["tenant_status_code"]} for row in rooms.held[begin] if row["is_room_primary"]]
    return [row for row in primary if not moves_in(row, begin)]


def rooms_of_today(today: date, contracts: Iterable[Row]) -> list[Row]:
    """Return who stands for a room as of today, which the earlier system took for the 1st."""
    present = [
        row
        for row in contracts
        if row["status"] in rules.PRESENT
        and not row["cancelled"]
        and not row["completed"]
        and not moves_in(row, today.replace(day=1))
    ]
    return list(rules.best_of(present, the_room, lambda row: (-rules.PRIORITY[row["status"]], order(row))).values())


def by_type(rows: Iterable[Row]) -> dict[str, int]:
    """Return distinct rooms by type of tenant, and their total."""
    places: defaultdict[str, set[Place]] = defaultdict(set)
    for row in rows:
        for kind in (rules.tenant_type(row["contract_type_code"]), "total"):
            places[kind].add(the_room(row))
    return {kind: len(places[kind]) for kind in (*rules.TENANT_TYPES, "total")}


def figures(today: date, contracts: list[Row], rooms: Rooms) -> list[Row]:
    """flash_report_daily of one date."""
    stock = rooms_of_the_first(today, rooms)
    counted = {
        ("occupied_0000", today.replace(day=1)): (
            dict.fromkeys((*rules.TENANT_TYPES, "total")) if stock is None else by_type(stock),
            by_type(rooms_of_today(today, contracts)),
        )
    }
    for window in windows(today):
        counted[window.metric, window.month] = (
            by_type(latest(row for row in contracts if is_reported(row, window, today, window.first))),
            by_type(latest(row for row in contracts if is_reported(row, window, today, window.old))),
        )
    return [
        {
            "snapshot_date": today,
            "metric": metric,
            "month": month,
            "tenant_type": kind,
            "rooms": now[kind],
            "rooms_by_old_rule": old[kind],
        }
        for (metric, month), (now, old) in counted.items()
        for kind in now
    ]


class Flash:
    """What the report said as of each date.

    Args:
        rooms: the rooms by date; it has run a date before this does.
        states: tenants by date, each with the status first.
    """

    def __init__(self, rooms: Rooms, states: Mapping[date, Mapping[int, Any]]) -> None:
        self._rooms, self._states = rooms, states
        self.figures: dict[date, list[Row]] = {}
        self.compared: dict[date, list[Row]] = {}

    def run(self, today: date, bronze: Bronze) -> None:
        """Make a date's report from its dump and from the partitions as they are now."""
        contracts = [signed(moving, bronze["tenants"]) for moving in bronze["movings"].values()]
        self.figures[today] = figures(today, contracts, self._rooms)
        rows = [*self._midnight(today)]
        known = {row["moving_id"]: row for row in contracts}
        for window in windows(today):
            rows += self._side_by_side(today, window, contracts, known)
        self.compared[today] = [row | {"snapshot_date": today} for row in rows]

    # --- rooms at 00:00 ----------------------------------------------------------------------------------------------

    def _midnight(self, today: date) -> Iterable[Row]:
        begin = today.replace(day=1)
        reported = rooms_of_the_first(today, self._rooms)
        if reported is None:
            return
        ours = {the_room(row): row for row in reported}
        gold = at_midnight(self._rooms.held[begin], self._rooms.left[begin])
        for place in ours.keys() ^ gold.keys():
            row = ours.get(place) or gold[place]
            if place in ours:
                reason = "moved_in_on_the_1st" if row["effective_movein_date"] == begin else "present_before_movein"
            else:
                reason = "renewal_in_status_7" if row.get("is_room_primary") else "left_on_the_1st"
            yield _line(
                "occupied_0000",
                place,
                1,
                row,
                begin if place in ours else None,
                begin if place in gold else None,
                reason,
            )

    # --- movements ---------------------------------------------------------------------------------------------------

    def _side_by_side(
        self, today: date, window: Window, contracts: list[Row], known: Mapping[int, Row]
    ) -> Iterable[Row]:
        ours: defaultdict[Place, list[Row]] = defaultdict(list)
        for row in latest(row for row in contracts if is_reported(row, window, today, window.first)):
            ours[the_room(row)].append(row)
        golds: defaultdict[Place, list[tuple[date, Row, str | None]]] = defaultdict(list)
        for (place, day), rows in self._gold(today, window).items():
            reasons = [(row, self._why_not_reported(row, known, window, today)) for row in rows]
            row, reason = max(reasons, key=lambda pair: (pair[1] is None, pair[0]["moving_id"], pair[0]["tenant_id"]))
            golds[place].append((day, row, reason))
        for place in ours.keys() | golds.keys():
            yield from self._room(today, window, place, ours.get(place, []), golds.get(place, []))

    def _room(
        self, today: date, window: Window, place: Place, ours: list[Row], gold: list[tuple[date, Row, str | None]]
    ) -> Iterable[Row]:
        gold = sorted(gold, key=lambda item: (item[2] is not None, item[0]))
        rows: list[Row] = []
        if ours:
            best = max(ours, key=order)
            reason = None if gold else self._why_not_in_gold(best, window, today)
            rows.append(
                _line(window.metric, place, 0, best, _day_of(best, window), gold[0][0] if gold else None, reason)
            )
        for day, row, reason in sorted(gold[1:] if ours else gold, key=lambda item: item[0]):
            rows.append(_line(window.metric, place, 0, row, None, day, reason or "second_room_of_window"))
        for kind in sorted({_kind(row) for row in ours} - {_kind(max(ours, key=order))} if ours else ()):
            other = max((row for row in ours if _kind(row) == kind), key=order)
            rows.append(
                _line(window.metric, place, 0, other, _day_of(other, window), None, "second_type_of_room")
                | {"is_in_report": 0}
            )
        for number, row in enumerate(rows, 1):
            yield row | {"room_row": number}

    def _gold(self, today: date, window: Window) -> dict[tuple[Place, date], list[Row]]:
        found: defaultdict[tuple[Place, date], list[Row]] = defaultdict(list)
        for day in rules.sequence(window.first, window.last) if window.first <= window.last else ():
            if not window.done:
                source, when = self._rooms.held[today], f"effective_{window.kind}_date"
            elif self._rooms.is_gap(day):
                continue
            elif window.kind == "movein":
                source, when = self._rooms.held[day], "effective_movein_date"
            else:
                source, when = self._rooms.left[day], "snapshot_date"
            for row in source:
                if row[when] == day:
                    found[the_room(row), day].append(row)
        return found

    def _why_not_reported(self, claim: Row, known: Mapping[int, Row], window: Window, today: date) -> str | None:
        row = known.get(claim["moving_id"])
        if row is None:
            return "record_deleted"
        if row["cancelled"]:
            return "cancelled_later"
        if row["tenant"] is None:
            return "tenant_missing"
        if the_room(row) != the_room(claim):
            return "room_changed_later"
        if is_reported(row, window, today, window.first):
            return None
        borrowed = row["tenant_id"] != claim["tenant_id"]
        if window.kind == "movein":
            return _why_no_movein(row, window)
        if row["status"] not in rules.MOVEOUT:
            return "status_left_moveout" if window.done else "contract_of_another_tenant" if borrowed else "no_notice"
        return "final_rent_date_missing" if row["final"] is None else "final_rent_vs_effective_date"

    def _why_not_in_gold(self, row: Row, window: Window, today: date) -> str:
        when = row["original"] if window.kind == "movein" else row["effective_moveout_date"]
        if not window.first <= when <= window.last:
            return "final_rent_vs_effective_date"
        if not window.done:
            return _why_not_planned(row)
        if self._rooms.is_gap(when):
            return "gap_day"
        if window.kind == "movein":
            held = next((other for other in self._rooms.held[when] if other["tenant_id"] == row["tenant_id"]), None)
            if held:
                return _why_held_otherwise(held, row)
        midnight = datetime.combine(when, time())
        if row["created_at"] is not None and row["created_at"] >= midnight:
            return "entered_later"
        wanted = rules.PIPELINE_ACTIVE if window.kind == "movein" else rules.MOVEOUT
        if self._states[when].get(row["tenant_id"], (None,))[0] not in wanted:
            return "status_of_that_date"
        if window.kind == "movein":
            return _why_not_current(row)
        return "date_changed_later" if row["updated_at"] and row["updated_at"] >= midnight else "unexplained"


def _why_no_movein(row: Row, window: Window) -> str:
    if row["is_renewal"]:
        return "renewal_flag"
    if row["original"] is None:
        return "original_date_missing"
    if not window.first <= row["original"] <= window.last:
        return "date_changed_later"
    return "start_after_as_of" if window.done else "contract_of_another_tenant"


def _why_held_otherwise(held: Row, row: Row) -> str:
    if held["moving_id"] != row["moving_id"]:
        return "not_the_current_contract"
    return "date_changed_later" if the_room(held) == the_room(row) else "room_changed_later"


def _why_not_planned(row: Row) -> str:
    return "already_left" if row["status"] not in rules.PIPELINE_ACTIVE else _why_not_current(row)


def _why_not_current(row: Row) -> str:
    if row["completed"]:
        return "flagged_as_moved_out"
    return "unexplained" if rules.whole(row["tenant"]["moving_id"]) == row["moving_id"] else "not_the_current_contract"


def _kind(row: Row) -> str:
    return rules.tenant_type(row["contract_type_code"])


def _day_of(row: Row, window: Window) -> date:
    when: date = row["original"] if window.kind == "movein" else row["final"]
    return when


def _line(
    metric: str, place: Place, number: int, row: Row, reported: date | None, gold: date | None, reason: str | None
) -> Row:
    return {
        "metric": metric,
        "apartment_id": place[0],
        "room_id": place[1],
        "room_row": number,
        "moving_id": row["moving_id"],
        "tenant_type": _kind(row),
        "report_date": reported,
        "gold_date": gold,
        "is_in_report": int(reported is not None),
        "is_in_gold": int(gold is not None),
        "difference_class": reason,
    }
