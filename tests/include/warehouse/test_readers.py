"""Which date readers see, and which source decides."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from include.schedule import JST
from include.settings import Settings
from include.warehouse.readers import LastPublished, gold_date_or_note, last_published, note_key, note_published
from infra.local.database import Database

DAY = date(2026, 3, 2)
SEVEN_TWENTY = datetime(2026, 3, 2, 7, 20, tzinfo=JST)


def test_the_database_decides_about_gold_and_the_note_only_stands_in(
    database: Database, s3: Any, settings: Settings
) -> None:
    assert gold_date_or_note(None, s3, settings) is None
    note_published(s3, settings, "gold", DAY, SEVEN_TWENTY)
    assert gold_date_or_note(None, s3, settings) == DAY
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS gold")
        assert gold_date_or_note(connection, s3, settings) == DAY, "no gold yet"
        cursor.execute("CREATE DATABASE gold")
        cursor.execute("CREATE TABLE gold.occupancy (a int) COMMENT 'Business date 2026-03-01'")
        assert gold_date_or_note(connection, s3, settings) == date(2026, 3, 1), "rolled back: older than the note"
        cursor.execute("DROP DATABASE gold")
    assert gold_date_or_note(connection, s3, settings) == DAY, "the connection is closed"


def test_the_newest_day_is_noted_and_a_replay_of_an_old_one_leaves_it(s3: Any, settings: Settings) -> None:
    assert last_published(s3, settings, "gold") is None
    note_published(s3, settings, "gold", DAY, SEVEN_TWENTY)
    note_published(s3, settings, "gold", DAY - timedelta(days=30), SEVEN_TWENTY + timedelta(hours=3))
    assert last_published(s3, settings, "gold") == LastPublished(DAY, SEVEN_TWENTY)
    assert last_published(s3, settings, "dashboards") is None
    note_published(s3, settings, "gold", DAY, SEVEN_TWENTY + timedelta(hours=4))
    note_published(s3, settings, "gold", DAY + timedelta(days=1), SEVEN_TWENTY + timedelta(days=1))
    assert last_published(s3, settings, "gold") == LastPublished(
        DAY + timedelta(days=1), datetime(2026, 3, 2, 22, 20, tzinfo=UTC)
    )


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b'{"business_date": "2026-03-02", "published_at": "2026-03-02"}'])
def test_a_note_that_cannot_be_read_counts_as_none(s3: Any, settings: Settings, note: bytes) -> None:
    s3.put_object(Bucket=settings.bucket, Key=note_key("gold"), Body=note)
    assert last_published(s3, settings, "gold") is None
    note_published(s3, settings, "gold", DAY, SEVEN_TWENTY)
    assert last_published(s3, settings, "gold") == LastPublished(DAY, SEVEN_TWENTY)


def test_a_bucket_that_is_not_there_is_an_error(s3: Any, settings: Settings) -> None:
    s3.delete_bucket(Bucket=settings.bucket)
    with pytest.raises(ClientError):
        last_published(s3, settings, "gold")
