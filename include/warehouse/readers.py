"""What readers see: the business date of staging, gold and the dashboards, and where that is known.

- staging (`staging_date`): the newest load in `ops.load_ledger`, if the mark in the schema itself names that load.
- gold (`gold_date`): the comment of its tables, which moves with them in every RENAME.
- dashboards (`last_published`): the note in S3, written when all data sets are refreshed; QuickSight keeps a copy.

Precedence: what the database says of staging and gold wins, because a publish and a rollback change it in the same
RENAME. The notes in S3 (`status/published/<layer>.json`) hold the newest date that was ever published, need no database
and do not go back with a rollback. So the note of gold is read only where the database does not answer or holds no gold
yet (`gold_date_or_note`), and in mails, which have to go out while the database is down. `ops.publications` is the
history of publishing and decides nothing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import MySQLdb
from botocore.exceptions import ClientError

from include.settings import Settings
from include.warehouse import ledger
from include.warehouse.schema import BRONZE, GOLD, OPS, SchemaSet

log = logging.getLogger(__name__)

# Written by dbt/macros/materializations/swapped_table.sql.
DATE_IN_COMMENT = re.compile(r"^Business date (\d{4}-\d{2}-\d{2})$")

Noted = Literal["gold", "dashboards"]
TableDates = dict[str, date | None]


@dataclass(frozen=True)
class LastPublished:
    """The newest business date of a layer, and when it was last published, with time zone."""

    business_date: date
    published_at: datetime


def staging_date(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> date | None:
    """Return the business date of the load that readers of `staging` see, None while that is not certain.

    It is not certain while a load is being published, when the schema's own mark names another load than the ledger's
    newest, and before the first load.

    Args:
        connection: login that may read `ops` and the schema.
        schemas: the generations.

    Raises:
        MySQLdb.Error: the platform's tables do not exist yet, or the connection broke.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT target_date, state, load_id FROM {OPS}.load_ledger WHERE schema_name = %s "
            "AND state IN ('published', 'superseded', 'publishing', 'rolling_back') ORDER BY load_id DESC LIMIT 1",
            (schemas.live,),
        )
        row = cursor.fetchone()
    if row is None or row[1] not in ledger.SHOWN:
        return None
    made = ledger.mark_of(connection, schemas.live)
    if made is not None and made.load_id != row[2]:
        return None
    target: date = row[0]
    return target


def gold_date(connection: MySQLdb.Connection) -> date | None:
    """Return the business date that readers of gold see, None when nothing was published yet.

    Raises:
        MySQLdb.Error: the connection broke.
    """
    return next(iter(gold_table_dates(connection, GOLD.live).values()), None)


def gold_date_or_note(connection: MySQLdb.Connection | None, s3: Any, settings: Settings) -> date | None:
    """Return the business date that readers of gold see; without a database, the newest that was published.

    Args:
        connection: login that may read gold, None while the database cannot be reached.
        s3: boto3 S3 client.
        settings: names the bucket.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    if connection is not None:
        try:
            if shown := gold_date(connection):
                return shown
        except MySQLdb.Error:
            log.warning("Which date gold shows cannot be read from the database", exc_info=True)
    noted = last_published(s3, settings, "gold")
    return noted.business_date if noted else None


def gold_table_dates(connection: MySQLdb.Connection, schema: str) -> TableDates:
    """Return the business date for which each table of gold in `schema` was made, None where no comment says so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, table_comment FROM information_schema.tables "
            "WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY table_name",
            (schema,),
        )
        found = ((name, DATE_IN_COMMENT.match(comment)) for name, comment in cursor.fetchall())
        return {name: date.fromisoformat(match[1]) if match else None for name, match in found}


def note_published(s3: Any, settings: Settings, layer: Noted, target: date, now: datetime) -> None:
    """Note in S3 that a layer shows a business date; a replay of an older date does not replace a newer one.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        layer: what was published.
        target: business date.
        now: when, with time zone.
    """
    last = last_published(s3, settings, layer)
    if last and last.business_date > target:
        return
    note = {"business_date": target.isoformat(), "published_at": now.astimezone(UTC).isoformat(timespec="seconds")}
    s3.put_object(
        Bucket=settings.require("bucket"),
        Key=note_key(layer),
        Body=json.dumps(note).encode(),
        ContentType="application/json",
    )


def last_published(s3: Any, settings: Settings, layer: Noted) -> LastPublished | None:
    """Return the newest business date of a layer; None when none was noted, or the note cannot be read."""
    try:
        body = s3.get_object(Bucket=settings.require("bucket"), Key=note_key(layer))["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    try:
        return _parse(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return None


def note_key(layer: Noted) -> str:
    """Return the key of a layer's note."""
    return f"status/published/{layer}.json"


def _parse(note: Mapping[str, Any]) -> LastPublished:
    at = datetime.fromisoformat(note["published_at"])
    if at.tzinfo is None:
        raise ValueError
    return LastPublished(date.fromisoformat(note["business_date"]), at)
