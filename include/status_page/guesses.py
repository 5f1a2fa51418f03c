"""The queries behind the part `Guessed nationalities` of the status page: counts and measurements, never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

import MySQLdb

from include.schedule import as_stored, moment
from include.status_page.sources import fetch
from include.warehouse.schema import NATIONALITY_CALLS as CALLS
from include.warehouse.schema import NATIONALITY_EVALUATION as EVALUATION
from include.warehouse.schema import NATIONALITY_PREDICTIONS as PREDICTIONS
from include.warehouse.server_errors import ABSENT, error_code

# Sources in the order in which silver asks them.
LABELS = {
    "not_a_person": "法人 - Companies, never guessed",
    "same_person": "同一人物 - The same person elsewhere",
    "name_model": "氏名の分類 - Classifier of names",
    "llm": "言語モデル - Language model",
}


@dataclass(frozen=True)
class Measured:
    """How right a source was on tenants whose nationality is recorded.

    Attributes:
        evaluated_on: business date of the measurement.
        asked, answered, correct: tenants; those answered are at or above the threshold.
        is_used: whether its answers count.
        since: business date since which that is so.
    """

    evaluated_on: date
    asked: int
    answered: int
    correct: int
    is_used: bool
    since: date

    @property
    def accuracy(self) -> float | None:
        """Share of right ones among the answered, None without an answer."""
        return self.correct / self.answered if self.answered else None


@dataclass(frozen=True)
class GuessSource:
    """One source of nationalities.

    Attributes:
        label: in Japanese and English.
        answers: names, or persons, with an answer that is kept.
        today: of these, kept today.
        measured: the newest measurement, None before the first, and of what is no guess.
    """

    label: str
    answers: int
    today: int
    measured: Measured | None


@dataclass(frozen=True)
class Guesses:
    """What is kept about guessed nationalities.

    Attributes:
        sources: those with an answer or a measurement, best first.
        calls, names: of the language model, today.
    """

    sources: tuple[GuessSource, ...]
    calls: int
    names: int


def guesses(connection: MySQLdb.Connection, today: date) -> Guesses | None:
    """Return what is kept, None when that is nothing or its tables are not there yet.

    Args:
        connection: may read `ops`.
        today: the Tokyo day.
    """
    try:
        answers = _answers(connection, today)
        measured = _measured(connection)
        ((calls, names),) = fetch(
            connection,
            f"SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(names), 0) FROM {CALLS} WHERE called_on = %s",
            (today,),
        )
    except MySQLdb.Error as error:
        if error_code(error) in ABSENT:
            return None
        raise
    sources = tuple(
        GuessSource(label, *answers.get(source, (0, 0)), measured.get(source))
        for source, label in LABELS.items()
        if source in answers or source in measured
    )
    return Guesses(sources, int(calls), int(names)) if sources else None


def _answers(connection: MySQLdb.Connection, today: date) -> dict[str, tuple[int, int]]:
    midnight = moment(today, time())
    rows = fetch(
        connection,
        "SELECT source, COUNT(DISTINCT name_hash), "
        "COUNT(DISTINCT CASE WHEN predicted_at >= %s AND predicted_at < %s THEN name_hash END) "
        f"FROM {PREDICTIONS} WHERE nationality IS NOT NULL GROUP BY source",
        (as_stored(midnight), as_stored(midnight + timedelta(days=1))),
    )
    return {source: (number, new) for source, number, new in rows}


def _measured(connection: MySQLdb.Connection) -> dict[str, Measured]:
    """Return the newest measurement of each source; since when it is used, or not, goes back to the last change."""
    found: dict[str, Measured] = {}
    rows = fetch(
        connection,
        f"SELECT source, evaluated_on, asked, answered, correct, is_used FROM {EVALUATION} WHERE part = 'all' "
        "ORDER BY evaluated_on, model_version",
    )
    for source, day, asked, answered, correct, is_used in rows:
        before = found.get(source)
        used = is_used != 0
        since = before.since if before and before.is_used == used else day
        found[source] = Measured(day, asked, answered, correct, used, since)
    return found
