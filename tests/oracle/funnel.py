"""From an inquiry to the move-in it led to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle import rules
from tests.oracle.contracts import nationality
from tests.oracle.rules import Row
from tests.oracle.source import Bronze

Counts = dict[tuple[Any, ...], Counter[str]]


def daily(today: date, bronze: Bronze, known: Iterable[Row], predictions: Mapping[int, str]) -> list[Row]:
    """Count inquiries and those that led to a move-in by date, municipality, nationality and tenant type."""
    by_tenant: dict[int, list[Row]] = {}
    for row in known:
        if row["is_valid_contract"]:
            by_tenant.setdefault(row["tenant_id"], []).append(row)
    counts: Counts = {}
    for inquiry in bronze["inquiries"].values():
        asked = rules.moment(inquiry["created_at"])
        assert asked
        number = rules.whole(inquiry["tenant_id"])
        tenant = bronze["tenants"].get(number or 0)
        contract = _matched(by_tenant.get(number or 0, ()), asked.date())
        where = (contract["municipality"] if contract else None) or "unknown"
        who = nationality(tenant, bronze["m_nationalities"], predictions.get(number or 0)) if tenant else "unknown"
        key = (asked.date(), where, who, contract["tenant_type"] if contract else "unknown")
        came = contract["effective_movein_date"] if contract else None
        counts.setdefault(key, Counter()).update(
            inquiries=1, moveins=int(came is not None and asked.date() <= came <= today)
        )
    return [
        {"activity_date": key[0], "municipality": key[1], "nationality": key[2], "tenant_type": key[3]}
        | measures(count)
        | {"as_of_date": today}
        for key, count in counts.items()
    ]


def _matched(contracts: Iterable[Row], asked: date) -> Row | None:
    """Return the contract that starts next after the inquiry, else the nearest before it."""

    def rank(row: Row) -> tuple[Any, ...]:
        begin = row["effective_movein_date"]
        if begin is None:
            return (2, 0, row["contract_id"])
        return (int(begin < asked), abs((begin - asked).days), row["contract_id"])

    return min(contracts, key=rank, default=None)


def measures(count: Counter[str]) -> Row:
    return {
        "inquiry_count": count["inquiries"],
        "inquiry_to_movein_count": count["moveins"],
        "inquiry_to_movein_rate": _share(count["moveins"], count["inquiries"]),
    }


def _share(part: int, whole: int) -> Decimal:
    return rules.rounded(Fraction(part, whole) if whole else Fraction(), 4)


def periodized(today: date, rows: Iterable[Row]) -> list[Row]:
    """Add the days up by day, week and month."""
    counts: Counts = {}
    for row in rows:
        day = row["activity_date"]
        for grain, begin in (("daily", day), ("weekly", rules.monday(day)), ("monthly", day.replace(day=1))):
            key = (grain, begin, row["municipality"], row["nationality"], row["tenant_type"])
            counts.setdefault(key, Counter()).update(_amount(row))
    names = ("period_grain", "period_start", "municipality", "nationality", "tenant_type")
    return [
        dict(zip(names, key, strict=True)) | measures(count) | {"as_of_date": today} for key, count in counts.items()
    ]


def _amount(row: Row) -> dict[str, int]:
    return {"inquiries": row["inquiry_count"], "moveins": row["inquiry_to_movein_count"]}


def segment_share(today: date, rows: Iterable[Row]) -> list[Row]:
    """Share out each period's inquiries to municipalities, and to nationalities."""
    parts: Counts = {}
    totals: Counts = {}
    for row in rows:
        for segment in ("municipality", "nationality"):
            total = (row["period_grain"], row["period_start"], row["tenant_type"], segment)
            parts.setdefault((*total, row[segment]), Counter()).update(_amount(row))
            totals.setdefault(total, Counter()).update(_amount(row))
    names = ("period_grain", "period_start", "tenant_type", "segment_type", "segment_value")
    found = []
    for key, count in parts.items():
        whole = totals[key[:4]]
        rivals = [(-other["inquiries"], -other["moveins"], name[4])
                  for name, other in parts.items() if name[:4] == key[:4]]  # fmt: skip
        found.append(
            dict(zip(names, key, strict=True))
            | measures(count)
            | {
                "inquiry_share": _share(count["inquiries"], whole["inquiries"]),
                "inquiry_to_movein_share": _share(count["moveins"], whole["moveins"]),
                "segment_rank": sorted(rivals).index((-count["inquiries"], -count["moveins"], key[4])) + 1,
                "as_of_date": today,
            }
        )
    return found
