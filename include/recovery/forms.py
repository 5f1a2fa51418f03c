"""The forms of all recoveries, for the Airflow UI and for the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from include.schedule import FIRST_DATE

# Id of the task that says what a recovery would do.
PLANNING = "plan"
# A range has at most this many days: each refreshes every data set once, and QuickSight accepts 32 refreshes a day.
MOST_DATES = 28
MOST_BACKFILLED = 400
LONGEST_TEXT = 191
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class RecoveryRefused(ValueError):
    """A recovery cannot be done as asked for; the message is one sentence with the remedy, and nothing was changed."""


class Kind(StrEnum):
    """What a field holds."""

    DATE = "date"
    DATES = "dates"
    NAMES = "names"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    TEXT = "text"
    TIME = "time"


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes:
        name: as on the command line, with `_` for `-`.
        kind: what it holds.
        help: what it is for.
        example: a value that could be typed.
        required: it must not be empty.
        default: when it is empty.
        choices: of a choice.
    """

    name: str
    kind: Kind
    help: str
    example: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """The form of one recovery.

    Attributes:
        name: of the recovery; its DAG and its module are `recover_<name>`.
        summary: one line.
        fields: in their order.
    """

    name: str
    summary: str
    fields: tuple[Field, ...]


def _date(name: str, what: str, required: bool = False, example: str = "2026-03-02") -> Field:
    return Field(name, Kind.DATE, what, example, required)


CONFIRM = Field(
    "confirm", Kind.TEXT, "To restore, type the id of the **original** cluster again", "gghouse-prod-aurora"
)

FORMS = {
    form.name: form
    for form in (
        Form(
            "range",
            "Run a business date or a range of dates again, oldest first",
            (
                _date("first", f"First date to run again, from {FIRST_DATE} on", required=True),
                _date(
                    "last", f"Last date, at most {MOST_DATES} days in all; empty: only the first", example="2026-03-05"
                ),
                Field("exclude", Kind.DATES, "Dates to leave out, separated by commas", "2026-03-03, 2026-03-04"),
                Field("keep_going", Kind.FLAG, "Continue with the next date when one fails", "true"),
            ),
        ),
        Form(
            "tables",
            "Load chosen tables of one date's dump into staging again",
            (
                _date("date", "Date of the dump to take the tables from", required=True),
                Field("tables", Kind.NAMES, "Tables, separated by commas", "movings, tenants, rooms", required=True),
                Field("other_date", Kind.FLAG, "Do it although staging holds another date; it keeps that date", "true"),
            ),
        ),
        Form(
            "generation",
            "Roll back the published tables to the previous generation",
            (Field("layer", Kind.CHOICE, "What to roll back", "gold", default="gold", choices=("gold", "staging")),),
        ),
        Form(
            "baseline",
            "Accept a dump with far fewer rows than the load before",
            (
                _date("date", "Business date of the dump that the audit rejected", required=True),
                Field(
                    "reason",
                    Kind.TEXT,
                    "Why the rows are fewer, and who confirmed it; it is recorded",
                    "old inquiries archived, confirmed by the vendor on 2 March",
                    required=True,
                ),
            ),
        ),
        Form(
            "history",
            "Backfill missing tenant snapshots from dumps, or missing room snapshots from the tenants' history",
            (
                Field(
                    "what",
                    Kind.CHOICE,
                    "tenants: the daily files in S3 and `history`; rooms: the partitions of `silver`",
                    "tenants",
                    default="tenants",
                    choices=("tenants", "rooms"),
                ),
                _date("first", "First date", required=True),
                _date("last", f"Last date, at most {MOST_BACKFILLED} days in all", required=True, example="2026-03-31"),
                Field("overwrite", Kind.FLAG, "Replace snapshots that exist, instead of skipping them", "true"),
            ),
        ),
        Form(
            "kpi",
            "Rebuild the KPIs from a given date onward",
            (_date("first", "First date whose counts are rebuilt from the room snapshots", required=True),),
        ),
        Form(
            "cluster",
            "Restore the Aurora cluster to a point in time, as a new cluster beside it",
            (
                Field(
                    "time", Kind.TIME, "With time zone; empty: only show what can be restored", "2026-03-02T06:50+09:00"
                ),
                CONFIRM,
            ),
        ),
        Form(
            "locks",
            "Show sessions, transactions and locks of the database; end one session on request",
            (
                Field("seconds", Kind.NUMBER, "From how many seconds a statement is long", "60", default=60),
                Field("end_session", Kind.NUMBER, "Number of the one session to end; empty: only show", "4711"),
            ),
        ),
        Form(
            "date",
            "Declare a date a gap or valid, or withdraw that, with the reason",
            (
                _date("date", "The business date", required=True),
                Field(
                    "verdict",
                    Kind.CHOICE,
                    "gap: show no facts of it; valid: its dump is good; withdraw: remove the declaration",
                    "gap",
                    required=True,
                    choices=("gap", "valid", "withdraw"),
                ),
                Field("reason", Kind.TEXT, "Why, in a few words; recorded", "content of another day", required=True),
            ),
        ),
        Form(
            "leftovers",
            "Find and drop what killed runs left in the database",
            (Field("strays", Kind.FLAG, "Also drop tables of silver that no model builds", "true"),),
        ),
    )
}


def read(name: str, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the values of a form, checked.

    Args:
        name: of the recovery.
        given: what was typed; text or what JSON has.
        today: today in Tokyo, the last date that can be named.

    Raises:
        RecoveryRefused: a value is missing, malformed or out of bounds.
    """
    return {field.name: _value(field, given.get(field.name), today) for field in FORMS[name].fields}


def _value(field: Field, given: Any, today: date) -> Any:
    text = ", ".join(map(str, given)) if isinstance(given, (list, tuple)) else str("" if given is None else given)
    text = text.strip()
    if not text:
        if field.required:
            raise RecoveryRefused(f"{field.name} is empty; give it, for example {field.example}")
        return {Kind.DATES: (), Kind.NAMES: (), Kind.FLAG: False}.get(field.kind, field.default)
    match field.kind:
        case Kind.DATE:
            return _day(field.name, text, today)
        case Kind.DATES:
            return tuple(_day(field.name, part, today) for part in _parts(text))
        case Kind.NAMES:
            return tuple(dict.fromkeys(_name(field.name, part) for part in _parts(text)))
        case Kind.TIME:
            return _instant(field, text)
        case Kind.NUMBER:
            return _number(field, text)
        case _:
            return _word(field, text)


def _number(field: Field, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**63:
        raise RecoveryRefused(f"{field.name} must be a whole number from 1, not {text[:40]!r}")
    return int(text)


def _word(field: Field, text: str) -> str | bool:
    choices = ("true", "false") if field.kind is Kind.FLAG else field.choices
    word = text.lower() if field.kind is Kind.FLAG else text
    if choices and word not in choices:
        raise RecoveryRefused(f"{field.name} must be one of {', '.join(choices)}, not {text[:40]!r}")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise RecoveryRefused(f"{field.name} must be one line of at most {LONGEST_TEXT} characters; shorten it")
    return word == "true" if field.kind is Kind.FLAG else text


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text) if part]


def _day(name: str, text: str, today: date) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise RecoveryRefused(f"{name} {text!r} is not a calendar date; write it as YYYY-MM-DD") from None
    if not FIRST_DATE <= day <= today:
        raise RecoveryRefused(f"{name} {day} is out of bounds: choose one from {FIRST_DATE} (first dump) to {today}")
    return day


def _name(field: str, text: str) -> str:
    if not NAME.fullmatch(text):
        raise RecoveryRefused(f"{field}: {text[:70]!r} cannot be the name of a table; use letters, digits and _")
    return text


def _instant(field: Field, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RecoveryRefused(f"{field.name} {text!r} is not a time; write it as {field.example}") from None
    if instant.tzinfo is None:
        raise RecoveryRefused(f"{field.name} {text!r} has no time zone; write it as {field.example}")
    return instant.astimezone(UTC)


def days_between(first: date, last: date, most: int) -> list[date]:
    """Return all dates from `first` to `last`, both included.

    Raises:
        RecoveryRefused: they are in the wrong order, or more than `most`.
    """
    count = last.toordinal() - first.toordinal() + 1
    if count < 1:
        raise RecoveryRefused(f"last {last} is before first {first}; exchange them")
    if count > most:
        raise RecoveryRefused(f"{first} to {last} are {count} days; at most {most} can be done at once")
    return [date.fromordinal(first.toordinal() + number) for number in range(count)]
