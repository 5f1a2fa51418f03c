"""Move-ins and move-outs one below the other, and their sums by week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.oracle import rules
from tests.oracle.rules import Row

CARRIED = (
    "asset_id_hj",
    "apartment_name",
    "latitude",
    "longitude",
    "tenant_type",
    "age",
    "age_group",
    "age_group_order",
    "nationality",
    "monthly_rent",
    "rent_range",
    "rent_range_order",
    "as_of_date",
)
IN_ONLY = ("lead_time_bucket", "lead_time_bucket_order")
OUT_ONLY = ("tenure_category", "tenure_category_order", "notice_lead_time_days")


def move_events(moveins: Iterable[Row], moveouts: Iterable[Row]) -> list[Row]:
    return [_event(row, "movein") for row in moveins] + [_event(row, "moveout") for row in moveouts]


def _event(row: Row, kind: str) -> Row:
    when, out = row[f"{kind}_date"], kind == "moveout"
    return (
        {name: row[name] for name in CARRIED}
        | {name: None if out else row[name] for name in IN_ONLY}
        | {name: row[name] if out else None for name in OUT_ONLY}
        | {
            "event_id": f"{kind}-{row['contract_id']}",
            "event_type": kind,
            "event_date": when,
            "week_start": rules.monday(when),
            "month_start": when.replace(day=1),
            "prefecture": row["prefecture"] or "Unknown",
            "municipality": row["municipality"] or "Unknown",
            "gender": row["gender"] or "Unknown",
            "moveout_reason_en": (row["moveout_reason_en"] or "Unknown") if out else None,
        }
    )


def _grouped(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return groups


def move_events_weekly(events: Iterable[Row]) -> list[Row]:
    names = ("week_start", "event_type", "tenant_type", "rent_range", "age_group")
    return [
        dict(zip(names, key, strict=True))
        | {
            "rent_range_order": rows[0]["rent_range_order"],
            "age_group_order": rows[0]["age_group_order"],
            "as_of_date": rows[0]["as_of_date"],
            "event_count": len(rows),
            "avg_monthly_rent": [row["monthly_rent"] for row in rows if row["monthly_rent"] is not None],
        }
        for key, rows in _grouped(events, *names).items()
    ]


def moveouts_reason_weekly(events: Iterable[Row]) -> list[Row]:
    names = ("week_start", "moveout_reason_en", "tenant_type", "rent_range")
    return [
        dict(zip(names, key, strict=True))
        | {
            "rent_range_order": rows[0]["rent_range_order"],
            "moveout_count": len(rows),
            "as_of_date": rows[0]["as_of_date"],
        }
        for key, rows in _grouped((row for row in events if row["event_type"] == "moveout"), *names).items()
    ]


def _churn(events: Iterable[Row], *names: str) -> list[Row]:
    found = []
    for key, rows in _grouped(events, "week_start", *names).items():
        came = sum(row["event_type"] == "movein" for row in rows)
        left = len(rows) - came
        found.append(
            dict(zip(("week_start", *names), key, strict=True))
            | {"movein_count": came, "moveout_count": left, "net_change": came - left}
            | {"as_of_date": rows[0]["as_of_date"]}
        )
    return found


def municipality_churn_weekly(events: Iterable[Row]) -> list[Row]:
    return _churn(events, "municipality")


def property_churn_weekly(events: Iterable[Row]) -> list[Row]:
    named = [row | {name: row[name] or "Unknown" for name in ("asset_id_hj", "apartment_name")} for row in events]
    return _churn(named, "asset_id_hj", "apartment_name")
