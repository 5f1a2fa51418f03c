"""Small dumps, loaded into a schema of their own by either transport."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

from include.dump.generation import LoadOptions
from include.dump.progress import Progress
from include.dump.restore import LoadReport, restore
from include.dump.source import LocalDump
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import SchemaSet

SCRATCH = SchemaSet("scratch")
DAY = date(2026, 3, 2)


def load_small(endpoint: Endpoint, folder: Path, body: str | bytes, **options: Any) -> LoadReport:
    """Load what stands between the first and the last line of a dump; everything is loaded, nothing is carried over."""
    file = folder / "small.sql"
    content = body.encode() if isinstance(body, str) else body
    file.write_bytes(b"-- MySQL dump 10.13\n" + content + b"\n-- Dump completed on 2026-03-02  5:31:07\n")
    wanted = LoadOptions(schemas=SCRATCH, contract=False, carry_over=False, **options)
    return restore([LocalDump(file)], DAY, endpoint, wanted, Progress(lambda line: None))


def rows(endpoint: Endpoint, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
