"""A bucket and a warehouse, and what the watch says about them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from include.alerts.incident import Incident
from include.alerts.incident_store import incidents
from include.freshness.watch import Finding, Verdict, look
from include.settings import Settings
from include.warehouse.readers import note_published
from tests.include.conftest import BUCKET, SETTINGS
from tests.include.freshness.warehouse import TODAY, Warehouse, at

YESTERDAY = TODAY - timedelta(days=1)
NINE = at(9)


class Watched:
    """A bucket and a warehouse, and what the watch says about them."""

    def __init__(self, s3: Any, warehouse: Warehouse) -> None:
        self.s3 = s3
        self.warehouse = warehouse
        self.settings: Settings = replace(SETTINGS, minimum_dump_bytes=100)

    def deliver(self, day: date, body: bytes = b"", changed: datetime | None = None, **manifest: Any) -> None:
        """Put a dump and its manifest into the bucket."""
        body = body or f"{day}".encode() * 20
        key = f"dumps/gghouse_{day:%Y%m%d}.sql"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        newest = (changed or at(5, 20, day)).isoformat()
        fields = {
            "dump_date": f"{day}",
            "dump_key": key,
            "dump_sha256": hashlib.sha256(body).hexdigest(),
            "dump_size_bytes": len(body),
            "source_host": "pms.example",
            "source_database": "basis",
            "source_valid": True,
            "valid_for_etl": True,
            "max_updated_at_by_table": dict.fromkeys(("movings", "tenants", "rooms", "apartments"), newest),
        } | manifest
        self.s3.put_object(
            Bucket=BUCKET, Key=f"dumps-manifest/gghouse_{day:%Y%m%d}.json", Body=json.dumps(fields).encode()
        )

    def run_day(self, day: date, **rows: int) -> None:
        """A day from its dump to its dashboards."""
        self.deliver(day)
        self.warehouse.load(day, **rows)
        self.warehouse.publish(day)
        note_published(self.s3, self.settings, "dashboards", day, at(7, 30, day))

    def look(self, now: datetime = NINE, connection: Any = "own") -> dict[str, Finding]:
        connection = self.warehouse.connection if connection == "own" else connection
        findings = look(self.s3, self.settings, connection, now.date(), now)
        assert len({one.subject for one in findings}) == len(findings)
        return {one.subject: one for one in findings}

    def bad(self, now: datetime = NINE, connection: Any = "own") -> dict[str, Verdict]:
        return {one.subject: one.verdict for one in self.look(now, connection).values() if not one.is_well}

    def incidents(self) -> list[Incident]:
        """What people were told of."""
        return incidents(self.s3, self.settings, TODAY - timedelta(days=9))
