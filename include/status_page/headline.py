"""The state of the platform in one sentence: what readers see now, and whether that is what they should see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from include.schedule import JST
from include.status_page.days import Day, State, due
from include.status_page.words import span
from include.warehouse.publications import LAYER_DASHBOARDS, LAYER_GOLD, Publication


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Headline:
    """The first sentence of the page.

    Attributes:
        level: how bad it is.
        word: the state in a word or two.
        sentence: what readers see now.
    """

    level: Level
    word: str
    sentence: str


def headline(today: date, now: datetime, shown: date | None, newest: Day, published: Sequence[Publication]) -> Headline:
    """Return the headline.

    Args:
        today: the Tokyo day of `now`.
        now: the present, with time zone.
        shown: business date of the figures in gold, None when that is unknown or there are none.
        newest: today's state.
        published: what was shown of the last dates.
    """
    if shown is None:
        return Headline(Level.BAD, "No figures", "No figures were published yet, or what is published is unknown.")
    seen = f"Readers see the figures of {shown:%Y-%m-%d}{_published(shown, published)}"
    gold_due, all_due = due(today, LAYER_GOLD), due(today, LAYER_DASHBOARDS)
    if newest.state == State.GAP and shown < today:
        return Headline(Level.WARN, "Gap", f"{seen}; {today} is a gap: {newest.note.rstrip('.')}.")
    if shown >= today:
        if newest.dashboards is None and now > all_due:
            overdue = span(now - all_due)
            return Headline(Level.BAD, "Dashboards late", f"{seen}; the dashboards were due {overdue} ago.")
        if newest.state == State.LATE:
            return Headline(Level.WARN, "Published late", f"{seen}, after the deadline. {newest.note}".rstrip())
        return Headline(Level.GOOD, "On time", f"{seen}.")
    age = (today - shown).days
    if now <= gold_due and age == 1 and newest.state != State.FAILED:
        return Headline(Level.GOOD, "On time", f"{seen}; those of {today} are due at {gold_due:%H:%M} JST.")
    overdue = f"those of {today} were due {span(now - gold_due)} ago"
    if newest.state == State.FAILED:
        overdue = f"the run of {today} failed"
    elif now <= gold_due:
        overdue = f"those of {today - timedelta(days=1)} are missing"
    old = "a day old" if age == 1 else f"{age} days old"
    return Headline(Level.BAD, "Failed" if newest.state == State.FAILED else "Late", f"{seen}, {old}; {overdue}.")


def _published(shown: date, published: Sequence[Publication]) -> str:
    at = {
        publication.layer: publication.published_at.astimezone(JST)
        for publication in published
        if publication.business_date == shown
    }
    gold, dashboards = at.get(LAYER_GOLD), at.get(LAYER_DASHBOARDS)
    if gold is None:
        return ""
    when = f"at {gold:%H:%M}" if gold.date() == shown else f"{gold:%Y-%m-%d %H:%M}"
    words = f", published {when} JST"
    return f"{words}, on the dashboards since {dashboards:%H:%M}" if dashboards else words
