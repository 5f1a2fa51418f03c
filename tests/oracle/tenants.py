"""The status history of tenants, and the activity figures that ask it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.oracle import rules
from tests.oracle.rules import Row
from tests.oracle.source import Bronze, Raw

ONE_DAY = timedelta(days=1)
State = tuple[int, int]
"""Status and contract type of a tenant on a date."""


def snapshot(bronze: Bronze) -> dict[int, tuple[int, int, str | None]]:
    """Return the tenants of a date as the platform keeps them: status, contract type, name."""
    return {
        number: (int(tenant["status"] or 0), int(tenant["contract_type"] or 0), tenant["full_name"])
        for number, tenant in bronze["tenants"].items()
    }


def status_history(snapshots: Mapping[date, Mapping[int, Any]]) -> list[Row]:
    """Return one row for each tenant and unbroken period in one state.

    A date without a snapshot prolongs what was; a tenant whom a later snapshot lacks has left the day before it.
    """
    dates = sorted(snapshots)
    current: dict[int, tuple[State, date]] = {}
    rows = []
    for today in dates:
        now = {tenant: (state[0], state[1]) for tenant, state in snapshots[today].items()}
        for tenant, (state, since) in list(current.items()):
            if now.get(tenant) != state:
                rows.append(_period(tenant, state, since, today - ONE_DAY, dates[-1]))
                del current[tenant]
        for tenant, state in now.items():
            current.setdefault(tenant, (state, today))
    return rows + [_period(tenant, state, since, None, dates[-1]) for tenant, (state, since) in current.items()]


def _period(tenant: int, state: State, since: date, until: date | None, newest: date) -> Row:
    status, kind = state
    return {
        "tenant_id": tenant,
        "tenant_status_code": status,
        "contract_type_code": kind,
        "tenant_type": rules.tenant_type(kind),
        "valid_from": since,
        "valid_to": until,
        "is_current": int(until is None),
        "days_in_status": ((until or newest) - since).days + 1,
        "is_active_lease": int(status in rules.ACTIVE_LEASE),
        "is_physically_present": int(status in rules.PRESENT),
    }


def tenant_type_of(tenant: Raw | None, bronze: Bronze) -> str:
    """Return a tenant's type by the current contract, unknown without one."""
    moving = bronze["movings"].get(rules.whole(tenant["moving_id"]) or 0) if tenant else None
    return rules.tenant_type(rules.whole(moving["moving_agreement_type"]) if moving else None)


CONTRACT_TYPE_EN = {code: labels[1] for code, labels in rules.CONTRACT_TYPES.items()}


def transitions(history: Iterable[Row], as_of: date) -> list[Row]:
    """tenant_status_transitions: every period with the status before it; `as_of` is the newest date with figures."""
    before: dict[int, int] = {}
    rows = []
    for period in sorted(history, key=lambda row: row["valid_from"]):
        status, previous = period["tenant_status_code"], before.get(period["tenant_id"])
        before[period["tenant_id"]] = status
        changed = previous is not None and previous != status
        label, label_before = _label(rules.STATUS_EN, status), _label(rules.STATUS_EN, previous)
        rows.append(
            {
                "tenant_id": period["tenant_id"],
                "status_code": status,
                "status_label": label,
                "previous_status_code": previous,
                "previous_status_label": label_before,
                "is_status_change": int(changed),
                "status_transition": f"{label_before} → {label}" if changed else None,
                "contract_type": period["contract_type_code"],
                "contract_type_label": _label(CONTRACT_TYPE_EN, period["contract_type_code"]),
                "event_date": period["valid_from"],
                "end_date": period["valid_to"],
                "days_in_status": period["days_in_status"],
                "is_current": period["is_current"],
                "as_of_date": as_of,
            }
        )
    return rows


def _label(labels: Mapping[int, str], code: int | None) -> str | None:
    return None if code is None else labels.get(code, f"Unknown ({code})")


def applications(history: Iterable[Row], begin: date, is_gap: Callable[[date], bool]) -> dict[int, date]:
    """Return the date on which each tenant applied, by tenant id.

    Args:
        history: what `status_history` returns.
        begin: first date of the history; a tenant who is in status 4 or 5 on it never applies.
        is_gap: whether a date shows no figures; the next date that shows some takes its applications.
    """
    return {row["tenant_id"]: row["application_date"] for row in tenant_applications(history, begin, is_gap)}


def tenant_applications(history: Iterable[Row], begin: date, is_gap: Callable[[date], bool]) -> list[Row]:
    """tenant_applications: every tenant who has entered status 4 or 5, for the first time ever."""
    entered: dict[int, date] = {}
    newest = begin
    for period in history:
        newest = max(newest, period["valid_from"] + (period["days_in_status"] - 1) * ONE_DAY)
        if period["tenant_status_code"] in rules.APPLICATION:
            tenant = period["tenant_id"]
            entered[tenant] = min(period["valid_from"], entered.get(tenant, period["valid_from"]))
    rows = []
    for tenant, when in entered.items():
        shown = next((day for day in rules.sequence(when, newest) if not is_gap(day)), None)
        if when > begin and shown:
            rows.append({"tenant_id": tenant, "entered_date": when, "application_date": shown})
    return rows


Activity = dict[str, Counter[tuple[date, str]]]
COUNTS = ("inquiries", "registrations", "applications", "contracts_signed", "confirmed_moveins", "confirmed_moveouts")


def activity(
    today: date,
    bronze: Bronze,
    contracts: Iterable[Row],
    history: list[Row],
    applied: Mapping[int, date],
    begin: date,
) -> list[Row]:
    """daily_activity_summary; `applied` is what `applications` returns, `begin` the history's first date."""
    counts: Activity = {name: Counter() for name in COUNTS}
    for inquiry in bronze["inquiries"].values():
        tenant = bronze["tenants"].get(rules.whole(inquiry["tenant_id"]) or 0)
        counts["inquiries"][_date(inquiry), tenant_type_of(tenant, bronze)] += 1
    for tenant in bronze["tenants"].values():
        counts["registrations"][_date(tenant), tenant_type_of(tenant, bronze)] += 1
    for number, when in applied.items():
        counts["applications"][when, tenant_type_of(bronze["tenants"].get(number), bronze)] += 1
    _movements(counts, contracts, history, begin)
    last = today + rules.OUTLOOK_DAYS * ONE_DAY
    planned = {when for name in COUNTS[4:] for when, _ in counts[name] if today < when <= last}
    return [
        _activity_row(when, kind, today, {name: counts[name][when, kind] for name in COUNTS})
        for when in [*rules.sequence(rules.FIRST_DATE, today), *planned]
        for kind in rules.TENANT_TYPES
        if when <= today or any(counts[name][when, kind] for name in COUNTS[4:])
    ]


def _date(raw: Raw) -> date:
    """Return the day in Tokyo on which a record was made."""
    made = rules.moment(raw["created_at"])
    assert made
    return made.date()


def _activity_row(when: date, kind: str, today: date, figures: dict[str, int]) -> Row:
    if when > today:
        figures |= dict.fromkeys(COUNTS[:4], 0)  # only movements can be planned
    return (
        {"activity_date": when, "is_planned": int(when > today)}
        | rules.named("tenant_type", kind)
        | rules.distance(when, today)
        | {f"{name}_count": value for name, value in figures.items()}
        | {"net_occupancy_delta": figures["confirmed_moveins"] - figures["confirmed_moveouts"], "as_of_date": today}
    )


def _movements(counts: Activity, contracts: Iterable[Row], history: Iterable[Row], begin: date) -> None:
    entered: dict[int, set[int]] = {}
    for period in history:
        entered.setdefault(period["tenant_id"], set()).add(period["tenant_status_code"])
    for row in contracts:
        if not row["is_valid_contract"]:
            continue
        been = entered.get(row["tenant_id"], set())
        kind = row["tenant_type"]
        signed, came, left = row["contract_date"], row["effective_movein_date"], row["effective_moveout_date"]
        if signed:
            counts["contracts_signed"][signed, kind] += 1
        if came and (came < begin or been & rules.MOVEIN_DAS):
            counts["confirmed_moveins"][came, kind] += 1
        if left and (left < begin or been & rules.MOVEOUT):
            counts["confirmed_moveouts"][left, kind] += 1
