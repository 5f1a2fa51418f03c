"""Nothing that is written down for people is too long for its column."""

from __future__ import annotations

import contextlib
import json

from include.warehouse import ledger
from include.warehouse.fitting import TEXT_BYTES, fit
from include.warehouse.schema import SchemaSet, ensure_platform_tables
from infra.local.database import Database
from tests.include.dump.small import DAY, rows


def test_what_fits_stays_and_what_does_not_is_cut_between_characters() -> None:
    assert fit("名前") == "名前"
    assert fit("名" * 21845) == "名" * 21845
    cut = fit("名" * 21846)
    assert cut.endswith("名 … (cut)")
    assert TEXT_BYTES - 3 < len(cut.encode()) <= TEXT_BYTES
    assert fit(json.loads('"a\\ud800b"')) == "a?b"


def test_the_ledger_takes_any_notes_and_any_reason(database: Database) -> None:
    schemas = SchemaSet("scratch")
    with contextlib.closing(database.admin.connect()) as connection:
        ensure_platform_tables(connection, schemas)
        started = [
            ledger.start(connection, DAY, schemas=schemas, dump="x", etag=None, version=None, size=1) for _ in range(2)
        ]
        ledger.record(connection, started[0], [], schemas=schemas, sha256="", skipped={}, notes=["名" * 30_000, "b"])
        ledger.close_unfinished(connection, schemas, "失敗" * 30_000)
        connection.commit()
    kept = rows(
        database.admin, "SELECT RIGHT(notes, 5), RIGHT(reason, 5) FROM ops.load_ledger ORDER BY load_id DESC LIMIT 2"
    )[::-1]
    assert kept[0][0] == "(cut)"
    assert kept[1][1] == "(cut)"
