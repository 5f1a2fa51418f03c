"""What people type: taken when it is right, and else answered in one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from include.forms import Kind, Refused, read
from include.recovery.forms import FORMS, days_between

TODAY = date(2026, 3, 5)

RANGE = FORMS["range"]


def test_a_form_may_be_filled_in_with_text_or_with_what_json_has() -> None:
    text = read(
        FORMS["range"], {"first": "2026-03-01", "exclude": "2026-03-02, 2026-03-03", "keep_going": "true"}, TODAY
    )
    json = read(
        FORMS["range"], {"first": "2026-03-01", "exclude": ["2026-03-02", "2026-03-03"], "keep_going": True}, TODAY
    )
    assert text == json
    assert text["exclude"] == (date(2026, 3, 2), date(2026, 3, 3))
    assert (text["last"], text["keep_going"]) == (None, True)


def test_a_time_is_an_instant() -> None:
    time = read(FORMS["cluster"], {"time": "2026-03-02T06:50+09:00"}, TODAY)["time"]
    assert time == datetime(2026, 3, 1, 21, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("range", {}, "first is empty; give it, for example 2026-03-02"),
        ("range", {"first": "2026-02-30"}, "first '2026-02-30' is not a calendar date; write it as YYYY-MM-DD"),
        ("range", {"first": "2026-03-06"}, "out of bounds: choose one from 2025-05-11"),
        ("range", {"first": "2025-05-10"}, "out of bounds: choose one from 2025-05-11"),
        ("tables", {"date": "2026-03-02", "tables": "movings; DROP"}, "cannot be the name of a table"),
        ("tables", {"date": "2026-03-02", "tables": "staging.movings"}, "cannot be the name of a table"),
        ("generation", {"layer": "silver"}, "layer must be one of gold, staging, not 'silver'"),
        ("cluster", {"time": "yesterday"}, "time 'yesterday' is not a time"),
        ("cluster", {"time": "2026-03-02T06:50"}, "has no time zone"),
        ("locks", {"end_session": "1 OR 1"}, "end_session must be a whole number from 1"),
        ("locks", {"end_session": "０"}, "end_session must be a whole number from 1"),
        ("date", {"date": "2026-03-02", "verdict": "gap"}, "reason is empty"),
        ("date", {"date": "2026-03-02", "verdict": "gap", "reason": "a\nb"}, "one line of at most 191 characters"),
        ("date", {"date": "2026-03-02", "verdict": "gap", "reason": "x" * 192}, "one line of at most 191 characters"),
        ("range", {"first": "2026-03-02", "keep_going": "perhaps"}, "keep_going must be one of true, false"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(name: str, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        read(FORMS[name], given, TODAY)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_range_has_bounds() -> None:
    assert len(days_between(date(2026, 2, 27), date(2026, 3, 2), 28)) == 4
    with pytest.raises(Refused, match="exchange them"):
        days_between(TODAY, date(2026, 3, 1), 28)
    with pytest.raises(Refused, match="29 days; at most 28"):
        days_between(date(2026, 2, 5), TODAY, 28)


def test_every_example_could_be_typed() -> None:
    for name, form in FORMS.items():
        given = {field.name: field.example for field in form.fields}
        assert all(value is not None for value in read(FORMS[name], given, date(2026, 4, 1)).values()), name


def test_nothing_that_changes_anything_is_the_default() -> None:
    flags = [field for form in FORMS.values() for field in form.fields if field.kind is Kind.FLAG]
    assert flags
    assert not any(field.default for field in flags)
