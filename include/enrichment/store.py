"""What `ops` keeps of guessed nationalities: predictions by the hash of a name, measurements, and calls of the model.

No name is stored. The first answer for a name, source and version stands, and counts from the first business date whose
gold is not published yet, so that a date that is run again gives the same bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import MySQLdb

from include.enrichment.records import Evaluation, Measure, Prediction, Source
from include.schedule import as_stored
from include.warehouse import publications, schema

PREDICTIONS = schema.NATIONALITY_PREDICTIONS
EVALUATION = schema.NATIONALITY_EVALUATION
CALLS = schema.NATIONALITY_CALLS


@dataclass(frozen=True)
class Spent:
    """What a language model was asked on a day: calls, names and seconds."""

    calls: int = 0
    names: int = 0
    seconds: float = 0.0


def counts_from(connection: MySQLdb.Connection, target: date) -> date:
    """Return the business date from which an answer that is found now counts.

    Args:
        connection: login that reads `ops`.
        target: business date of the run.

    Returns:
        `target`, or the day after the newest date whose gold is published, when that is later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT MAX(business_date) FROM {publications.TABLE} WHERE layer = %s", (publications.LAYER_GOLD,)
        )
        ((newest,),) = cursor.fetchall()
    return max(target, newest + timedelta(days=1)) if newest else target


def predictions(connection: MySQLdb.Connection) -> list[Prediction]:
    """Return all answers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name_hash, source, model_version, nationality, confidence, first_business_date "
            f"FROM {PREDICTIONS} ORDER BY name_hash, source, model_version"
        )
        return [
            Prediction(key, Source(source), version, nationality, float(confidence), first)
            for key, source, version, nationality, confidence, first in cursor.fetchall()
        ]


def save_predictions(connection: MySQLdb.Connection, answers: Iterable[Prediction], now: datetime) -> None:
    """Keep answers, all or none of them; one that is there stays.

    Args:
        connection: login of the loader, which owns `ops`.
        answers: what was found.
        now: the present, with time zone.
    """
    rows = [
        (each.name_hash, each.source, each.model_version, each.nationality, each.confidence, each.first_business_date)
        for each in answers
    ]
    with _transaction(connection) as cursor:
        cursor.executemany(
            f"INSERT INTO {PREDICTIONS} (name_hash, source, model_version, nationality, confidence, "
            "first_business_date, predicted_at) VALUES (%s, %s, %s, %s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE name_hash = nationality_predictions.name_hash",
            [(*row, as_stored(now)) for row in rows],
        )


def forget(connection: MySQLdb.Connection, name_hashes: Sequence[str], keys: Sequence[str], now: datetime) -> int:
    """Delete the answers for names, and see to it that they are never asked again; return how many there were.

    Args:
        connection: login of the loader.
        name_hashes: of the names.
        keys: other keys of the same people: hashes of name and date of birth.
        now: the present, with time zone.
    """
    everything = [*name_hashes, *keys]
    if not everything:
        return 0
    with _transaction(connection) as cursor:
        cursor.execute(
            f"DELETE FROM {PREDICTIONS} WHERE name_hash IN %s AND source <> %s", (everything, Source.FORGOTTEN)
        )
        deleted = int(cursor.rowcount)
        cursor.executemany(
            f"INSERT INTO {PREDICTIONS} (name_hash, source, model_version, nationality, confidence, "
            "first_business_date, predicted_at) VALUES (%s, %s, '', NULL, 0, %s, %s) "
            "ON DUPLICATE KEY UPDATE name_hash = nationality_predictions.name_hash",
            [(key, Source.FORGOTTEN, now.date(), as_stored(now)) for key in name_hashes],
        )
    return deleted


def save_evaluation(connection: MySQLdb.Connection, found: Evaluation, counts: date) -> None:
    """Keep a measurement; one of the same date and version stays.

    Args:
        connection: login of the loader.
        found: the measurement.
        counts: business date from which it counts.
    """
    rows = [
        (
            counts,
            found.source,
            found.model_version,
            each.part,
            each.value,
            each.asked,
            each.answered,
            each.correct,
            each.mean_confidence,
            int(found.is_used) if each is found.whole else None,
        )
        for each in found.measures
    ]
    with _transaction(connection) as cursor:
        cursor.executemany(
            f"INSERT INTO {EVALUATION} (evaluated_on, source, model_version, part, value, asked, answered, correct, "
            "mean_confidence, is_used) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE part = nationality_evaluation.part",
            rows,
        )


def last_evaluation(
    connection: MySQLdb.Connection, source: Source, counts: date, version: str = ""
) -> tuple[date, Evaluation] | None:
    """Return the newest measurement of a source that counts on a date, and since when it does; None without one.

    Args:
        connection: login that reads `ops`.
        source: whose.
        counts: business date.
        version: only measurements of this version; empty takes all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT evaluated_on, model_version, part, value, asked, answered, correct, mean_confidence "
            f"FROM {EVALUATION} WHERE source = %s AND evaluated_on <= %s AND (%s = '' OR model_version = %s) "
            "ORDER BY evaluated_on DESC, model_version DESC, part, value",
            (source, counts, version, version),
        )
        rows = list(cursor.fetchall())
    newest = [row for row in rows if row[:2] == rows[0][:2]]
    if not newest:
        return None
    measures = (
        Measure(part, value, asked, answered, correct, None if mean is None else float(mean))
        for _, _, part, value, asked, answered, correct, mean in newest
    )
    return newest[0][0], Evaluation(source, newest[0][1], tuple(measures))


def spent(connection: MySQLdb.Connection, day: date, version: str) -> Spent:
    """Return what a version of a language model was asked on a day in Tokyo."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT calls, names, seconds FROM {CALLS} WHERE called_on = %s AND model_version = %s", (day, version)
        )
        row = cursor.fetchone()
    return Spent(int(row[0]), int(row[1]), float(row[2])) if row else Spent()


def spend(connection: MySQLdb.Connection, day: date, version: str, more: Spent) -> None:
    """Add to what was asked on a day in Tokyo."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {CALLS} (called_on, model_version, calls, names, seconds) VALUES (%s, %s, %s, %s, %s) "
            "ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), names = names + VALUES(names), "
            "seconds = seconds + VALUES(seconds)",
            (day, version, more.calls, more.names, more.seconds),
        )


@contextlib.contextmanager
def _transaction(connection: MySQLdb.Connection) -> Iterator[MySQLdb.cursors.Cursor]:
    with connection.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        try:
            yield cursor
        except BaseException:
            connection.rollback()
            raise
        cursor.execute("COMMIT")
