"""A bucket and a server together, as a load sees them."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

from include.dump.restore import LoadReport, load_dump
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import MARK
from tests.include.conftest import restore_login
from tests.include.dump.dumps import TARGET


def manifest_fields(body: bytes, target: date, key: str) -> dict[str, Any]:
    """What the dump host says about a good dump."""
    return {
        "dump_date": target.isoformat(),
        "dump_key": key,
        "dump_sha256": hashlib.sha256(body).hexdigest(),
        "dump_size_bytes": len(body),
        "source_host": "pms.example",
        "source_database": "basis",
        "source_valid": True,
        "valid_for_etl": True,
    }


class Platform:
    """Puts dumps, loads them, looks at what came of it."""

    def __init__(self, s3: Any, settings: Settings, endpoint: Endpoint) -> None:
        self.s3 = s3
        self.settings = settings
        self.endpoint = endpoint
        self.lines: list[str] = []

    def put(self, body: bytes, target: date = TARGET, suffix: str = "", manifest: dict[str, Any] | None = None) -> None:
        key = f"dumps/gghouse_{target:%Y%m%d}.sql{suffix}"
        self.s3.put_object(Bucket=self.settings.bucket, Key=key, Body=body)
        if manifest is not None:
            fields = manifest_fields(body, target, key) | manifest
            self.s3.put_object(
                Bucket=self.settings.bucket,
                Key=f"dumps-manifest/gghouse_{target:%Y%m%d}.json",
                Body=json.dumps(fields).encode(),
            )

    def load(self, target: date = TARGET, **settings: Any) -> LoadReport:
        chosen = replace(self.settings, **settings)
        return load_dump(
            self.s3, chosen, self.endpoint, target, self.lines.append, restore_login=restore_login(self.endpoint)
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.endpoint.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def checksums(self, schema: str = "staging") -> dict[str, int]:
        """What the tables of a dump hold; the mark of a generation is of no account."""
        tables = self.query(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'")
        names = ", ".join(f"`{schema}`.`{name}`" for (name,) in tables if name != MARK)
        return {name.partition(".")[2]: value for name, value in self.query(f"CHECKSUM TABLE {names}")} if names else {}

    def last_load(self) -> tuple[Any, ...]:
        return self.query("SELECT target_date, state, reason FROM ops.load_ledger ORDER BY load_id DESC LIMIT 1")[0]
