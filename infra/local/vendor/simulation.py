"""The lives of tenants and their contracts, day by day.

Each tenant is a coroutine that changes the tenant's state and yields the moment at which it wants to go on: an office
day or a night batch. The walk along the status codes and the numbers are those of the real company. A dump
of day d sees all office days before d and the night batch of d, in which the system itself moves people in and out
whose date has come; what the office enters late shows up later, and that is what `unexplained_delta` will find.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from infra.local.vendor.clock import DAY_SECONDS, NIGHT_BATCH, OFFICE_SECONDS, REFERENCE, START
from infra.local.vendor.portfolio import Portfolio, Room, build
from infra.local.vendor.scale import Scale

# Rows of `tenants` on the reference day.
TENANTS = 50_297
CORPORATE_SHARE = 0.0975
# Companies that hold a room together with the employee who lives there: two contracts, one room.
SHARED_SHARE = 0.15
# Mean stay of individuals and of companies.
STAY_MONTHS = {False: 19.9, True: 102.0}
# Contracts are renewed every two years.
TERM_DAYS = 730
# Since then a renewal writes a new row of `movings`; before, it only moved the expiration date.
RENEWAL_ROWS_FROM = date(2022, 4, 1).toordinal()
# In November 2025 rooms that had waited longest for maintenance were closed (peak of moves into status 17).
STOCKTAKING = date(2025, 11, 4).toordinal()

# Demand by month: the Japanese year begins in April.
SEASON = (0.9, 1.0, 1.35, 1.2, 0.95, 0.9, 0.95, 0.9, 1.1, 1.1, 0.9, 0.75)
# Demand by day of the week, Monday first.
WEEK = (1.1, 1.0, 1.0, 1.0, 1.1, 1.2, 0.6)

OPENINGS: tuple[tuple[tuple[int, ...], float], ...] = (
    # the statuses a tenant passes before 5 (initial rent), and how often
    ((), 0.84),
    ((4,), 0.10),
    ((3, 4), 0.04),
    ((2, 3, 4), 0.01),
    ((0, 3, 4), 0.01),
)
# Shortest and longest time in an early status, in days.
DWELL_BEFORE_5 = {0: (5, 25), 2: (2, 10), 3: (8, 45), 4: (3, 25)}

# Twice the day, plus one for its office hours; the even half is the night batch.
Moment = int
Life = Generator[Moment, None, None]


@dataclass(slots=True)
class Tenant:
    """One row of `tenants`, as far as it changes."""

    number: int
    id: int
    corporate: bool
    agreement_type: int | None
    status: int
    created_at: int
    updated_at: int
    moving: Moving | None = None
    reason_moveout: int | None = None
    first_movein: int | None = None


@dataclass(slots=True)
class Moving:
    """One row of `movings`, as far as it changes. Dates are ordinals."""

    number: int
    id: int
    tenant: Tenant
    room: Room
    movein: int
    original_movein: int
    decided: int
    rent: int
    renewal: bool
    created_at: int
    updated_at: int
    expiration: int
    notice: int | None = None
    moveout: int | None = None
    plans: int | None = None
    closed: bool = False
    cancelled: bool = False


class Simulation:
    """A company with a clock; `run` lets it live up to a day.

    Attributes:
        tenants: every tenant ever entered, in the order of entry.
        movings: every contract ever entered, in the order of entry.
        changed: tenants whose status or contract changed since somebody last cleared this list.
    """

    def __init__(self, scale: Scale, seed: int) -> None:
        self.scale = scale
        self.portfolio: Portfolio = build(scale, opened=START * DAY_SECONDS)
        self.tenants: list[Tenant] = []
        self.movings: list[Moving] = []
        self.changed: list[Tenant] = []
        self._random = Random(seed)  # noqa: S311 - a simulation, not a secret
        self._agenda: defaultdict[Moment, list[Life]] = defaultdict(list)
        self._vacant = list(self.portfolio.marketed)
        self._hasty: list[Room] = []  # free in fact, not in the books: the next tenant moves in all the same
        self._employees: list[tuple[Room, int, int]] = []  # room, move-in, departure of a company's employee to come
        self._stays = {False: 0.5, True: 0.25}
        self._companies = 0.0
        self._demand = _cumulated_demand(REFERENCE)
        self.day = START
        self.now = START * DAY_SECONDS

    def run(self, until: int, at_dump: Callable[[int], None] = lambda day: None) -> None:
        """Live up to 05:30 JST of day `until`; `at_dump` is called for each day at the hour of its dump."""
        for day in range(START, until + 1):
            self.day = day
            self._wake(2 * day)
            at_dump(day)
            if day < until:
                self._wake(2 * day + 1)
                self._newcomers()
                self._clerical_edits()

    def created_before(self, day: int) -> int:
        """Return how many tenants had been entered when `day` began."""
        return bisect_left(self.tenants, day * DAY_SECONDS, key=lambda tenant: tenant.created_at)

    # --- the clock -------------------------------------------------------------------------------------------------

    def _wake(self, moment: Moment) -> None:
        for life in self._agenda.pop(moment, ()):
            self._tick(night=moment % 2 == 0)
            self._resume(life, moment)

    def _resume(self, life: Life, moment: Moment) -> None:
        next_moment = next(life, None)
        if next_moment is not None:
            self._agenda[max(next_moment, moment + 1)].append(life)

    def _tick(self, night: bool = False) -> None:
        if night:
            self.now = (self.day - 1) * DAY_SECONDS + NIGHT_BATCH + self._random.randrange(240)
        else:
            self.now = self.day * DAY_SECONDS + self._random.randrange(OFFICE_SECONDS)

    def _days(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def _happens(self, probability: float) -> bool:
        return self._random.random() < probability

    # --- what happens each day -------------------------------------------------------------------------------------

    def _newcomers(self) -> None:
        """Enter the day's new tenants: as many as bring the total to the reference count on the reference day."""
        total = int(self._demand(self.day) * self.scale.of(TENANTS))
        while len(self.tenants) < total:
            self._tick()
            previous = self.tenants[-1].id if self.tenants else 0
            employee = self._employees.pop(0) if self._employees else None
            corporate = employee is not None
            if not corporate:
                self._companies += CORPORATE_SHARE
                corporate = self._companies >= 1
                self._companies -= corporate
            tenant = Tenant(
                number=len(self.tenants),
                id=previous + self._random.choice((1, 1, 2, 2, 3, 3)),
                corporate=corporate,
                agreement_type=self._agreement_type(corporate, employee is not None),
                status=5,
                created_at=self.now,
                updated_at=self.now,
            )
            self.tenants.append(tenant)
            self._resume(self._life(tenant, employee), 2 * self.day + 1)

    def _clerical_edits(self) -> None:
        """Touch a few rows without a visible change, as an office does every day (so no day is without an update)."""
        for _ in range(self.scale.of(60)):
            self._tick()
            if self.tenants:
                self._random.choice(self.tenants).updated_at = self.now
            if self.movings:
                self._random.choice(self.movings).updated_at = self.now
            self._random.choice(self.portfolio.rooms).updated_at = self.now
            apartment = self._random.choice(self.portfolio.apartments)
            apartment.vacancies = sum(room.status == 1 and not room.holders for room in apartment.rooms)
            apartment.updated_at = self.now

    def _agreement_type(self, corporate: bool, employee: bool) -> int | None:
        if corporate:
            return 3 if employee or self._happens(0.3) else 2
        kinds: tuple[int | None, ...] = (7, 1, 9, 6, 0, 4, 5, 8, None)
        return self._random.choices(kinds, (55, 23, 12, 7, 0.8, 0.4, 0.4, 0.2, 1.2))[0]

    # --- rooms and contracts ---------------------------------------------------------------------------------------

    def _take_room(self) -> Room:
        if self._hasty:
            room = self._hasty.pop()
        else:
            index = self._random.randrange(len(self._vacant))
            self._vacant[index], self._vacant[-1] = self._vacant[-1], self._vacant[index]
            room = self._vacant.pop()
        return room

    def _hold(self, room: Room, moving: Moving) -> None:
        room.holders += 1
        room.lease = moving
        room.updated_at = self.now

    def _release(self, room: Room) -> None:
        room.holders -= 1
        room.updated_at = self.now
        if room in self._hasty:
            self._hasty.remove(room)
        if not room.holders:
            self._vacant.append(room)

    def _sign(self, tenant: Tenant, room: Room, movein: int, renewal_of: Moving | None = None) -> Moving:
        """Enter a contract; it is not yet the tenant's current one."""
        previous = self.movings[-1].id if self.movings else 0
        rent = renewal_of.rent if renewal_of else room.rent + self._random.choice((0, 0, 0, 0, -1000, -2000, 1000))
        moving = Moving(
            number=len(self.movings),
            id=previous + self._random.choice((1, 1, 1, 2, 2, 2)),
            tenant=tenant,
            room=room,
            movein=movein,
            original_movein=renewal_of.original_movein if renewal_of else movein,
            decided=self.day if not renewal_of else movein - self._days(1, 20),
            rent=rent,
            renewal=renewal_of is not None,
            created_at=self.now,
            updated_at=self.now,
            expiration=movein + TERM_DAYS - 1,
        )
        self.movings.append(moving)
        return moving

    def _show(self, tenant: Tenant, status: int | None = None, moving: Moving | None = None) -> None:
        """Write the tenant's (and the contract's) change of this moment."""
        if status is not None:
            tenant.status = status
        if moving is not None:
            tenant.moving = moving
        tenant.updated_at = self.now
        if tenant.moving:
            tenant.moving.updated_at = self.now
        self.changed.append(tenant)

    # --- a life ----------------------------------------------------------------------------------------------------

    def _life(self, tenant: Tenant, employee: tuple[Room, int, int] | None) -> Life:
        opening, _ = self._random.choices(OPENINGS, [share for _, share in OPENINGS])[0]
        for status in () if employee else opening:
            self._show(tenant, status)
            if self._happens(0.0006):
                self._show(tenant, 1)  # changed their mind before any contract
                return
            yield _office(self.day + self._days(*DWELL_BEFORE_5[status]))
        signed = yield from self._apply(tenant, employee)
        if not signed:
            return
        leaves = employee[2] if employee else self.day + self._stay(tenant.corporate)
        if tenant.corporate and not employee and self._happens(SHARED_SHARE):
            self._employees.append((_current(tenant).room, self.day + self._days(1, 10), leaves))
        yield from self._reside(tenant, leaves)

    def _stay(self, corporate: bool) -> int:
        """Return a length of stay in days: exponential, drawn evenly so that small companies do not wobble."""
        self._stays[corporate] = (self._stays[corporate] + 0.6180339887498949) % 1
        return max(35, int(-STAY_MONTHS[corporate] * 30.44 * math.log(1 - self._stays[corporate])))

    def _apply(self, tenant: Tenant, employee: tuple[Room, int, int] | None) -> Generator[Moment, None, bool]:
        """Walk from 5 to 9; return False when the application was cancelled."""
        lead = min(180, 4 + int(self._random.expovariate(1 / 14)))
        if self._happens(0.012):
            lead = self._days(60, 180)
        if employee:
            room, movein = employee[0], max(employee[1], self.day + 1)
        else:
            room, movein = self._take_room(), self.day + lead
        moving = self._sign(tenant, room, movein)
        if tenant.corporate and self._happens(0.95):
            moving.moveout = movein + 364  # end of the first term; nobody moves it when the contract goes on
        self._hold(room, moving)
        self._show(tenant, 5, moving)
        if not employee and self._happens(0.025 if tenant.corporate else 0.117):
            yield _office(self.day + self._days(2, max(3, min(lead - 1, 40))))
            moving.cancelled = True
            self._release(room)
            self._show(tenant, 8)
            return False
        explained = self._happens(0.4) and movein - self.day > 17
        if explained:
            yield _office(movein - self._days(6, 16))
            self._show(tenant, 6)
        yield _night(movein + (self._days(1, 3) if self._happens(0.03) else 0))
        tenant.first_movein = movein
        room.updated_at = self.now
        if explained and self._happens(0.5):
            self._show(tenant, 7)
            yield _office(self.day + self._days(0, 3))
        self._show(tenant, 9)
        return True

    def _reside(self, tenant: Tenant, leaves: int) -> Life:
        anniversary = _current(tenant).movein + TERM_DAYS
        wish = self.day + self._days(60, 900) if not tenant.corporate and self._happens(0.3) else leaves
        while True:
            notice = min(self._days(32, 104), max(2, leaves - self.day - 1))
            if wish < min(leaves - notice - 115, anniversary - 120):
                yield _office(wish)
                wish, room = leaves, _current(tenant).room
                yield from self._transfer(tenant)
                if _current(tenant).room is not room:
                    anniversary = _current(tenant).movein + TERM_DAYS
            elif anniversary + 65 < leaves - notice:
                yield from self._renew(tenant, anniversary)
                anniversary += TERM_DAYS
            elif (yield from self._leave(tenant, leaves, notice)):
                return
            else:
                leaves = self.day + self._stay(tenant.corporate)
                while anniversary < self.day + 36:
                    anniversary += TERM_DAYS

    def _renew(self, tenant: Tenant, anniversary: int) -> Life:
        yield _office(anniversary - self._days(10, 35))
        self._show(tenant, 10)
        yield _office(anniversary + self._days(5, 60))
        old = _current(tenant)
        if self.day < RENEWAL_ROWS_FROM:
            old.expiration = anniversary + TERM_DAYS - 1
            self._show(tenant, 9)
            return
        new = self._sign(tenant, old.room, anniversary, renewal_of=old)
        if tenant.corporate:
            # The stale end comes along, but no contract ends before it begins.
            new.moveout = old.moveout and max(old.moveout, anniversary)
        if not self._happens(0.86 if tenant.corporate else 0.03):  # else the old row stays open for ever
            old.moveout = old.plans = anniversary - 1
            old.closed = True
        old.updated_at = self.now
        old.room.lease = new
        self._show(tenant, 9, new)

    def _transfer(self, tenant: Tenant) -> Life:
        """Wish for another room (11); one in four gets it (12, 13)."""
        self._show(tenant, 11)
        yield _office(self.day + self._days(40, 75))
        if not self._happens(0.25):
            self._show(tenant, 9)
            return
        self._show(tenant, 12)
        room = self._take_room()
        old = _current(tenant)
        new = self._sign(tenant, room, self.day + self._days(15, 40))
        self._hold(room, new)
        yield _night(new.movein)
        old.moveout = old.plans = new.movein
        old.closed = True
        self._release(old.room)
        self._show(tenant, 13, new)
        yield _office(self.day)
        self._show(tenant, 9)

    def _leave(self, tenant: Tenant, leaves: int, notice: int) -> Generator[Moment, None, bool]:
        """Walk from 9 to 17; return False when the notice was withdrawn."""
        if self._happens(0.24):
            yield from self._leave_unannounced(tenant, leaves)
            return True
        yield _office(leaves - notice)
        leaves = max(leaves, self.day + 1)
        moving = _current(tenant)
        late = self._happens(0.12)
        moving.notice = self.day
        moving.moveout = leaves + (self._days(1, 14) if self._happens(0.25) and not late else 0)
        tenant.reason_moveout = self._random.choices(range(8), (12, 14, 18, 12, 4, 8, 12, 20))[0]
        self._show(tenant, 14)
        if not tenant.corporate and self._happens(0.075):
            yield _office(self.day + self._days(3, max(4, leaves - self.day - 3)))
            moving.notice = moving.moveout = None
            tenant.reason_moveout = None
            self._show(tenant, 9)
            return False
        if self._happens(0.15) and leaves - self.day > 12:
            yield _office(leaves - self._days(10, min(45, leaves - self.day - 1)))
            self._show(tenant, 15)
        yield _night(leaves)
        if late:
            yield from self._closed_late(moving)
        yield from self._moved_out(tenant, leaves)
        return True

    def _leave_unannounced(self, tenant: Tenant, leaves: int) -> Life:
        """Go from 9 straight to 16; one in nine is only found out days later."""
        late = self._happens(0.11)
        yield _office(leaves + self._days(0, 4) if late else leaves - 1)
        moving = _current(tenant)
        leaves = max(leaves, moving.movein + 1) if late else max(leaves, self.day + 1)
        moving.notice = leaves - self._days(0, 10)
        moving.moveout = leaves
        tenant.reason_moveout = self._random.randrange(8)
        if not late:
            self._show(tenant)
            yield _night(leaves)
        yield from self._moved_out(tenant, leaves)

    def _closed_late(self, moving: Moving) -> Life:
        """Forget to close a contract: for a few days, or so long that the next tenant already lives there."""
        if self._happens(0.4):
            yield _office(self.day + self._days(0, 2))
        else:
            if moving.room.holders == 1:
                self._hasty.append(moving.room)
            yield _office(self.day + self._days(90, 240))

    def _moved_out(self, tenant: Tenant, left: int) -> Life:
        moving = _current(tenant)
        moving.plans = left
        moving.closed = True
        self._release(moving.room)
        self._show(tenant, 16)
        closing = left + self._days(60, 460)
        if left + 250 < STOCKTAKING < closing:
            closing = STOCKTAKING + self._days(0, 24)
        yield _office(max(closing, self.day + 20))
        self._show(tenant, 17)


def _office(day: int) -> Moment:
    return 2 * day + 1


def _night(day: int) -> Moment:
    return 2 * day


def _current(tenant: Tenant) -> Moving:
    if tenant.moving is None:
        raise AssertionError(f"tenant {tenant.id} has no contract")
    return tenant.moving


def _cumulated_demand(reference: int) -> Callable[[int], float]:
    """Return the share of the reference day's tenants that has been entered at the end of a day."""
    noise = Random(0)  # noqa: S311 - a simulation, not a secret

    def weights() -> Iterator[float]:
        day = START
        while True:
            calendar = date.fromordinal(day)
            yield SEASON[calendar.month - 1] * WEEK[calendar.weekday()] * noise.uniform(0.6, 1.4)
            day += 1

    totals = [0.0]
    source = weights()

    def upto(day: int) -> float:
        while len(totals) <= day - START + 1:
            totals.append(totals[-1] + next(source))
        return totals[day - START + 1]

    whole = upto(reference - 1)
    return lambda day: upto(day) / whole
