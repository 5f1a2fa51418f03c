"""What the page says about guessed nationalities, read from a real server."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.enrichment.records import Source
from include.settings import Settings
from include.status_page.facts import Part, collect
from include.status_page.guesses import LABELS, Guesses, GuessSource, Measured
from include.status_page.render import render
from include.warehouse.endpoint import Endpoint
from tests.include.status_page.scenes import at

TODAY = date(2026, 3, 2)
NOW = at(TODAY, 8, 5)
SUNDAY, BEFORE, FIRST = date(2026, 3, 1), date(2026, 2, 22), date(2026, 2, 15)
# 00:00 in Tokyo
MIDNIGHT, YESTERDAY = "2026-03-01 15:00:00", "2026-03-01 14:59:59"


def run(connection: Any, statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def kept(
    connection: Any, name: str, source: str, at: str, nationality: str | None = "ベトナム", version: str = "1"
) -> None:
    row = (name, source, version, nationality, at)
    run(connection, "INSERT INTO ops.nationality_predictions VALUES (%s, %s, %s, %s, 0.9, '2026-02-01', %s)", *row)


def measured(
    connection: Any, day: date, source: str, counts: tuple[int, ...], is_used: int | None, part: str = "all"
) -> None:
    row = (day, source, part, *counts, is_used)
    statement = "INSERT INTO ops.nationality_evaluation VALUES (%s, %s, '1', %s, '', %s, %s, %s, 0.95, %s)"
    run(connection, statement, *row)


@pytest.fixture
def read(s3: Any, settings: Settings, dbt: Endpoint) -> Any:
    return lambda: collect(s3, settings, dbt, NOW).guesses


def test_every_source_that_answers_has_a_line() -> None:
    assert list(LABELS) == [source for source in Source if source != Source.FORGOTTEN]


def test_nothing_is_said_before_anything_is_kept_or_the_tables_are_there(read: Any, warehouse: Any) -> None:
    assert read() == Part(None)
    run(warehouse, "DROP TABLE ops.nationality_evaluation")
    assert read() == Part(None)


def test_answers_by_source_are_counted_once_a_name_and_those_of_today_in_tokyo(read: Any, warehouse: Any) -> None:
    kept(warehouse, "a", "name_model", YESTERDAY)
    kept(warehouse, "b", "name_model", MIDNIGHT)
    kept(warehouse, "b", "name_model", MIDNIGHT, version="2")
    kept(warehouse, "c", "name_model", MIDNIGHT, nationality=None)
    kept(warehouse, "d", "forgotten", MIDNIGHT, nationality=None)
    kept(warehouse, "e", "not_a_person", YESTERDAY)
    assert read().value == Guesses(
        (GuessSource(LABELS["not_a_person"], 1, 0, None), GuessSource(LABELS["name_model"], 2, 1, None)), 0, 0
    )


@pytest.mark.parametrize(
    ("used", "since"),
    [((1, 1, 1), FIRST), ((0, 1, 1), BEFORE), ((1, 1, 0), SUNDAY), ((1, 0, 0), BEFORE), ((None, None, None), FIRST)],
)
def test_the_newest_measurement_and_since_when_a_source_is_used_or_not(
    read: Any, warehouse: Any, used: tuple[int | None, ...], since: date
) -> None:
    for day, is_used in zip((FIRST, BEFORE, SUNDAY), used, strict=True):
        measured(warehouse, day, "llm", (200, 150 + day.day, 140), is_used)
    measured(warehouse, date(2026, 3, 2), "llm", (9, 9, 9), None, part="certainty")
    (source,) = read().value.sources
    assert source == GuessSource(LABELS["llm"], 0, 0, Measured(SUNDAY, 200, 151, 140, used[-1] != 0, since))


def test_a_source_without_an_answer_has_no_accuracy(read: Any, warehouse: Any) -> None:
    measured(warehouse, SUNDAY, "llm", (200, 0, 0), 1)
    assert read().value.sources[0].measured.accuracy is None


def test_the_calls_of_today(read: Any, warehouse: Any) -> None:
    kept(warehouse, "a", "llm", MIDNIGHT)
    for day, version in (("2026-03-01", "1"), ("2026-03-02", "1"), ("2026-03-02", "2")):
        run(warehouse, "INSERT INTO ops.nationality_calls VALUES (%s, %s, 3, 120, 9.5)", day, version)
    assert (read().value.calls, read().value.names) == (6, 240)


def test_the_page_shows_it(s3: Any, settings: Settings, dbt: Endpoint, warehouse: Any) -> None:
    kept(warehouse, "a", "llm", MIDNIGHT)
    assert "言語モデル - Language model" in render(collect(s3, settings, dbt, NOW))
