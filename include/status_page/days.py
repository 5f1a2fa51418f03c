"""The state of each of the last business dates, judged from what is recorded about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from include.schedule import DEADLINES, RUN_LIMIT, START, business_date, clock, format_jst, moment
from include.status_page.sources import Gap, Load
from include.warehouse.publications import LAYER_DASHBOARDS, LAYER_GOLD, Publication


class State(StrEnum):
    """The state of a business date, as the page shows it."""

    PUBLISHED = "published"
    RUNNING = "running"
    WAITING = "waiting"
    LATE = "late"
    FAILED = "failed"
    GAP = "gap"
    MISSING = "missing"


@dataclass(frozen=True)
class Day:
    """One business date.

    Attributes:
        business_date: the date.
        state: its state.
        note: the state in a sentence, empty when there is nothing to add.
        load: the load that readers saw, else the newest attempt.
        gold: when the figures were first published, with time zone.
        dashboards: when all data sets were first refreshed, with time zone.
    """

    business_date: date
    state: State
    note: str = ""
    load: Load | None = None
    gold: datetime | None = None
    dashboards: datetime | None = None

    @property
    def gold_early(self) -> int | None:
        """Minutes between publishing and its deadline; negative when it was late."""
        return _minutes_early(self.gold, due(self.business_date, LAYER_GOLD))

    @property
    def dashboards_early(self) -> int | None:
        """Minutes between the last refresh and its deadline; negative when it was late."""
        return _minutes_early(self.dashboards, due(self.business_date, LAYER_DASHBOARDS))


def judge_days(
    today: date,
    number: int,
    now: datetime,
    loads: Sequence[Load],
    published: Sequence[Publication],
    gaps: Sequence[Gap],
    failures: Mapping[date, str],
    began: date | None,
) -> list[Day]:
    """Judge the last `number` business dates, today's included; the newest is first.

    Dates before the platform's first one are left out.

    Args:
        today: the Tokyo day of `now`.
        number: how many.
        now: the present, with time zone.
        loads: attempts to load, in their order.
        published: what was shown, in its order.
        gaps: dates without facts.
        failures: what dbt failed at, by date.
        began: the first date that was ever tried; None leaves no date out.
    """
    dates = [today - timedelta(days=back) for back in range(number)]
    days = [day for day in dates if began is None or began <= day or day == today]
    gap_of = {gap.business_date: gap for gap in gaps if gap.is_gap}
    return [
        _judge(
            day,
            now,
            [load for load in loads if load.business_date == day],
            {layer: _first(published, day, layer) for layer in (LAYER_GOLD, LAYER_DASHBOARDS)},
            gap_of.get(day),
            failures.get(day, ""),
        )
        for day in days
    ]


def due(day: date, layer: str) -> datetime:
    """Return the instant at which `gold` or `dashboards` of a business date is due."""
    return moment(day, START) + DEADLINES[layer]


def _judge(
    day: date,
    now: datetime,
    loads: Sequence[Load],
    published: Mapping[str, datetime | None],
    gap: Gap | None,
    failure: str,
) -> Day:
    gold, dashboards = published[LAYER_GOLD], published[LAYER_DASHBOARDS]
    shown = [load for load in loads if load.was_shown]
    load = (shown or loads or (None,))[-1]
    if gap:
        state, note = State.GAP, gap.reason
    elif gold:
        state, note = _of_published(day, now, gold, dashboards, shown)
    else:
        state, note = _of_unpublished(day, now, loads, failure)
    return Day(day, state, note, load, gold, dashboards)


def _of_published(
    day: date, now: datetime, gold: datetime, dashboards: datetime | None, shown: Sequence[Load]
) -> tuple[State, str]:
    gold_due, all_due = due(day, LAYER_GOLD), due(day, LAYER_DASHBOARDS)
    if dashboards is None:
        if now <= all_due:
            return State.RUNNING, "Figures are published; the dashboards are being refreshed."
        return State.LATE, "Figures are published, but the dashboards were not all refreshed."
    if gold > gold_due or dashboards > all_due:
        return State.LATE, _why_late(day, shown[0].started_at if shown else None, gold_due)
    return State.PUBLISHED, ""


def _why_late(day: date, began: datetime | None, gold_due: datetime) -> str:
    """Return why a date was late as far as that is known: its first load began after the figures were due."""
    if began is None or began <= gold_due:
        return ""
    at = format_jst(began, "%H:%M JST" if business_date(began) == day else "%Y-%m-%d %H:%M JST")
    return f"Its dump was loaded at {at}; the figures were due at {gold_due:%H:%M}."


def _of_unpublished(day: date, now: datetime, loads: Sequence[Load], failure: str) -> tuple[State, str]:
    newest = loads[-1] if loads else None
    if newest is None:
        return _of_untouched(day, now)
    if newest.state in ("failed", "rolled_back"):
        return State.FAILED, newest.reason or "The load was rolled back."
    if failure and newest.was_shown:
        return State.FAILED, failure
    if now - newest.started_at > RUN_LIMIT:
        return State.FAILED, "The run ended before the figures were published."
    if now > due(day, LAYER_GOLD):
        return State.LATE, f"Still running; the figures were due at {due(day, LAYER_GOLD):%H:%M} JST."
    return State.RUNNING, "Loaded; the figures are being built." if newest.was_shown else "The dump is being loaded."


def _of_untouched(day: date, now: datetime) -> tuple[State, str]:
    starts = moment(day, START)
    if now < starts:
        return State.WAITING, f"The run starts at {clock(START)} JST."
    if now <= due(day, LAYER_GOLD):
        return State.WAITING, "Nothing is loaded yet."
    if now < starts + timedelta(days=1):
        return State.LATE, f"Nothing was loaded; the figures were due at {due(day, LAYER_GOLD):%H:%M} JST."
    return State.MISSING, ""


def _first(published: Sequence[Publication], day: date, layer: str) -> datetime | None:
    """Return when a layer was first shown, so that a re-run does not make its date late."""
    return min(
        (shown.published_at for shown in published if (shown.business_date, shown.layer) == (day, layer)), default=None
    )


def _minutes_early(at: datetime | None, limit: datetime) -> int | None:
    return None if at is None else round((limit - at).total_seconds() / 60)
