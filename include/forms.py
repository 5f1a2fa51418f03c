"""Forms that people fill in, in the Airflow UI or on the command line: their fields, and the values, checked."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from include.schedule import FIRST_DATE

LONGEST_TEXT = 191
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Refused(ValueError):
    """What is asked for cannot be done; the message is one sentence with the remedy, and nothing was changed."""


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
    """A form.

    Attributes:
        name: of what it asks for.
        summary: one line.
        fields: in their order.
    """

    name: str
    summary: str
    fields: tuple[Field, ...]


def read(form: Form, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the values of a form, checked.

    Args:
        form: the form.
        given: what was typed; text or what JSON has.
        today: today in Tokyo, the last date that can be named.

    Raises:
        Refused: a value is missing, malformed or out of bounds.
    """
    return {field.name: _value(field, given.get(field.name), today) for field in form.fields}


def _value(field: Field, given: Any, today: date) -> Any:
    text = ", ".join(map(str, given)) if isinstance(given, (list, tuple)) else str("" if given is None else given)
    text = text.strip()
    if not text:
        if field.required:
            raise Refused(f"{field.name} is empty; give it, for example {field.example}")
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
        raise Refused(f"{field.name} must be a whole number from 1, not {text[:40]!r}")
    return int(text)


def _word(field: Field, text: str) -> str | bool:
    choices = ("true", "false") if field.kind is Kind.FLAG else field.choices
    word = text.lower() if field.kind is Kind.FLAG else text
    if choices and word not in choices:
        raise Refused(f"{field.name} must be one of {', '.join(choices)}, not {text[:40]!r}")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise Refused(f"{field.name} must be one line of at most {LONGEST_TEXT} characters; shorten it")
    return word == "true" if field.kind is Kind.FLAG else text


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text) if part]


def _day(name: str, text: str, today: date) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} {text!r} is not a calendar date; write it as YYYY-MM-DD") from None
    if not FIRST_DATE <= day <= today:
        raise Refused(f"{name} {day} is out of bounds: choose one from {FIRST_DATE} (first dump) to {today}")
    return day


def _name(field: str, text: str) -> str:
    if not NAME.fullmatch(text):
        raise Refused(f"{field}: {text[:70]!r} cannot be the name of a table; use letters, digits and _")
    return text


def _instant(field: Field, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{field.name} {text!r} is not a time; write it as {field.example}") from None
    if instant.tzinfo is None:
        raise Refused(f"{field.name} {text!r} has no time zone; write it as {field.example}")
    return instant.astimezone(UTC)


def add_options(parser: argparse.ArgumentParser, form: Form) -> None:
    """Add the fields of a form to a command as options."""
    for field in form.fields:
        option, text = "--" + field.name.replace("_", "-"), field.help.replace("%", "%%")
        if field.kind is Kind.FLAG:
            parser.add_argument(option, action="store_const", const="true", help=text)
        else:
            example = str(field.example).replace("%", "%%")
            parser.add_argument(
                option, required=field.required, metavar=field.kind.upper(), help=f"{text}. For example {example}"
            )
