"""Times and figures as people read them."""

from __future__ import annotations

import argparse
import re
from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from include.schedule import JST, format_jst


def jst(instant: datetime) -> str:
    """Return date and time in Tokyo."""
    return format_jst(instant, "%Y-%m-%d %H:%M")


def clock(instant: datetime | None, day: date | None = None) -> str | None:
    """Return the time in Tokyo, with the date when it is not `day`."""
    if instant is None:
        return None
    local = instant.astimezone(JST)
    return f"{local:%H:%M}" if day in (None, local.date()) else f"{local:%m-%d %H:%M}"


def weekday(day: date) -> str:
    """Return the day of the week."""
    return f"{day:%a}"


def number(value: float | None, digits: int = 0) -> str | None:
    """Return a number with separators."""
    return None if value is None else f"{value:,.{digits}f}"


def signed(value: int | None) -> str | None:
    """Return a difference with its sign and separators."""
    return None if value is None else f"{value:+,}" if value else "0"


def early(minutes: int | None) -> str | None:
    """Return by how much something was early or late."""
    if minutes is None:
        return None
    if minutes == 0:
        return "on time"
    return f"{span(timedelta(minutes=abs(minutes)))} {'early' if minutes > 0 else 'late'}"


def ago(instant: datetime, now: datetime) -> str:
    """Return how long ago something was."""
    return f"{span(now - instant)} ago"


def span(length: timedelta) -> str:
    """Return a length of time, rounded for people."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes < 48 * 60 else f"{minutes // 1440} days"


def whole_dates(text: str) -> Markup:
    """Return a text as HTML in which no line ends within a date."""
    return Markup(re.sub(r"\b(\d{4}-\d{2}-\d{2})\b", r"<time>\1</time>", str(escape(text))))  # noqa: S704 - escaped


def moment(text: str) -> datetime:
    """Read date and time of a command line, JST unless it names a zone.

    Raises:
        argparse.ArgumentTypeError: the text is not a time.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it as 2026-03-02T08:10") from None
    return at if at.tzinfo else at.replace(tzinfo=JST)
