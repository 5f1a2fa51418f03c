"""The records to correct that the simulated vendor's faults make, told from the simulation, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from infra.local.vendor import quirks
from infra.local.vendor.simulation import Moving, Simulation, Tenant

PRESENT = {7, 9, 10, 11, 12, 13, 14, 15}
PIPELINE = {4, 5, 6} | PRESENT
LEFT = {14, 15, 16, 17}
APPLICANT = {4, 5}
YEAR_2101 = date(2101, 1, 1).toordinal()

Entries = dict[str, dict[str, int | None]]
"""For each kind the entries by key, with the day since which each is wrong."""


@dataclass(frozen=True)
class Contract:
    """A contract as the vendor's database shows it; days are ordinals."""

    moving: Moving
    tenant: Tenant
    place: tuple[int, int]
    ends: int | None
    is_cancelled: bool
    is_completed: bool
    is_current: bool

    @property
    def number(self) -> int:
        return self.moving.id

    @property
    def is_held(self) -> bool:
        return self.is_current and not self.is_completed and self.tenant.status in PIPELINE

    @property
    def is_present(self) -> bool:
        return self.is_held and self.tenant.status in PRESENT

    def is_begun(self, today: int) -> bool:
        return not (self.is_cancelled or self.is_completed) and self.moving.movein <= today

    def is_running(self, today: int) -> bool:
        over = self.is_completed or (self.ends is not None and self.ends < today)
        return self.is_held or (not over and self.tenant.status in PIPELINE)


def shown(moving: Moving) -> Contract:
    final, actual, integrated = quirks.moveout_dates(moving)
    return Contract(
        moving,
        moving.tenant,
        quirks.place(moving),
        next((day for day in (actual, integrated, final) if day and day < YEAR_2101), None),
        quirks.cancel_flag(moving) == "1",
        quirks.is_moveout(moving) == "1",
        quirks.current_moving_id(moving.tenant) == moving.id,
    )


def entries(simulation: Simulation, today: int) -> Entries:
    """Return what the list must hold on a day, to the entry."""
    contracts = {moving.id: shown(moving) for moving in simulation.movings}
    stays: dict[tuple[int, tuple[int, int]], Contract] = {}
    for contract in contracts.values():
        key = contract.tenant.id, contract.place
        if not contract.is_cancelled and (key not in stays or _newness(contract) > _newness(stays[key])):
            stays[key] = contract
    found: Entries = defaultdict(dict)
    for kind, key, since in (
        *_of_tenants(simulation, contracts, list(stays.values()), today),
        *_of_contracts(simulation, contracts, list(stays.values()), today),
        *_of_rooms(contracts),
        *_of_successions(list(stays.values())),
    ):
        assert key not in found[kind], f"{key} twice among {kind}"
        found[kind][key] = since
    return found


def _newness(contract: Contract) -> tuple[bool, int, int, int]:
    return contract.is_current, contract.moving.movein, contract.moving.updated_at, contract.number


Entry = tuple[str, str, int | None]


def _of_tenants(
    simulation: Simulation, contracts: dict[int, Contract], stays: list[Contract], today: int
) -> Iterator[Entry]:
    open_ones = {stay.tenant.id for stay in stays if not stay.is_completed}
    for tenant in simulation.tenants:
        pointer = quirks.current_moving_id(tenant)
        contract = contracts.get(pointer or 0)
        unknown = quirks.lacks_nationality(tenant) and quirks.master_nationality_id(tenant, 1) is None
        if tenant.status in PRESENT and (quirks.is_lesotho(tenant) or unknown):
            yield "missing_nationality", str(tenant.id), tenant.created_at // quirks.DAY_SECONDS
        if tenant.status in PRESENT and contract and not contract.is_cancelled:
            past = contract.ends is not None and contract.ends < today
            if past or contract.is_completed:
                yield "past_moveout_present", f"{tenant.id}-{contract.number}", contract.ends if past else None
        usable = contract and not contract.is_cancelled
        if tenant.status in PIPELINE:
            nowhere = pointer is not None and contract is None
            if nowhere or (not usable and (tenant.status not in APPLICANT or tenant.id in open_ones)):
                yield "dangling_contract", str(tenant.id), None
        elif tenant.status not in LEFT and contract and contract.is_begun(today):
            yield "dangling_contract", str(tenant.id), contract.moving.movein


def _of_contracts(
    simulation: Simulation, contracts: dict[int, Contract], stays: list[Contract], today: int
) -> Iterator[Entry]:
    building_of = {room.id: room.apartment.id for room in simulation.portfolio.rooms}
    for stay in stays:
        if stay.is_running(today):
            if building_of.get(stay.place[1]) != stay.place[0]:
                yield "contract_without_room", str(stay.number), stay.moving.movein
            if quirks.rent(stay.moving) <= 0:
                yield "rent_not_positive", str(stay.number), stay.moving.movein
        expiry, signed = quirks.expiration(stay.moving), quirks.decided(stay.moving)
        if (
            (stay.ends is not None and stay.ends < stay.moving.original_movein)
            or (expiry is not None and expiry < stay.moving.movein)
            or (signed is not None and signed > today)
            or (stay.is_held and quirks.born_today(stay.tenant))
        ):
            yield "contradicting_dates", str(stay.number), None
    for contract in contracts.values():
        if contract.is_cancelled and contract.is_completed:
            yield "contradicting_dates", str(contract.number), None


def _of_rooms(contracts: dict[int, Contract]) -> Iterator[Entry]:
    present: dict[tuple[int, int], list[int]] = defaultdict(list)
    for contract in contracts.values():
        if contract.is_present and not contract.is_cancelled:
            present[contract.place].append(contract.moving.original_movein)
    for place, arrivals in present.items():
        if len(arrivals) > 1:
            yield "several_present_tenants", f"{place[0]}-{place[1]}", sorted(arrivals)[1]


def _of_successions(stays: list[Contract]) -> Iterator[Entry]:
    by_room: dict[tuple[int, int], list[Contract]] = defaultdict(list)
    for stay in stays:
        by_room[stay.place].append(stay)
    for (_, room), others in by_room.items():
        next_begins: dict[int, int] = {}
        for earlier, later in product(others, others):
            if not _succeeds(later, earlier):
                continue
            begins = later.moving.original_movein
            if earlier.ends is None:
                next_begins[earlier.tenant.id] = min(begins, next_begins.get(earlier.tenant.id, begins))
            elif earlier.ends > begins:
                yield "succession_overlap", f"{room}-{earlier.tenant.id}-{later.tenant.id}", begins
        for tenant, begins in next_begins.items():
            yield "succession_gap", f"{room}-{tenant}", begins


def _succeeds(later: Contract, earlier: Contract) -> bool:
    return (
        later.is_held
        and later.tenant is not earlier.tenant
        and earlier.tenant.status in PIPELINE | LEFT
        and not (later.is_present and earlier.is_present)
        and (earlier.moving.original_movein, earlier.number) < (later.moving.original_movein, later.number)
    )
