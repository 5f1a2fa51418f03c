"""The manifest is believed only when it is about this dump and names a source that is not ourselves."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from include.dump.errors import DumpChanged, ManifestRejected
from include.dump.location import DumpObject
from include.dump.manifest import read_manifest
from include.settings import Settings

TARGET = date(2026, 3, 2)
GOOD = {
    "run_id": "r1",
    "generated_at": "2026-03-02T05:44:30+09:00",
    "dump_date": "2026-03-02",
    "dump_key": "dumps/gghouse_20260302.sql",
    "dump_sha256": "AB" * 32,
    "dump_size_bytes": 2000,
    "source_host": "pms.example",
    "source_database": "basis",
    "source_port": 3306,
    "source_valid": True,
    "valid_for_etl": True,
    "max_updated_at_by_table": {},
}


def dump(settings: Settings) -> DumpObject:
    return DumpObject(settings.bucket, "dumps/gghouse_20260302.sql", 2000, '"etag"')


def put(s3: Any, settings: Settings, body: bytes) -> None:
    s3.put_object(Bucket=settings.bucket, Key="dumps-manifest/gghouse_20260302.json", Body=body)


def test_a_dump_without_manifest_has_none(s3: Any, settings: Settings) -> None:
    assert read_manifest(s3, dump(settings), TARGET) is None


def test_a_good_manifest_is_accepted(s3: Any, settings: Settings) -> None:
    put(s3, settings, json.dumps(GOOD).encode())
    manifest = read_manifest(s3, dump(settings), TARGET)
    assert manifest
    manifest.verify(dump(settings), TARGET, "aurora.example")
    manifest.verify_sha256(dump(settings), "ab" * 32)
    with pytest.raises(DumpChanged, match="has the sha256 000000000000…, its manifest says ABABABABABAB…"):
        manifest.verify_sha256(dump(settings), "0" * 64)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"dump_date": "2026-03-01"}, ManifestRejected, "is about 2026-03-01, not 2026-03-02"),
        ({"dump_key": "dumps/gghouse_20260302.sql.gz"}, ManifestRejected, r"is about dumps/gghouse_20260302\.sql\.gz"),
        ({"valid_for_etl": False, "reason": "source unreachable"}, ManifestRejected, r"not valid .*source unreachable"),
        ({"source_valid": False}, ManifestRejected, "no reason given"),
        ({"source_database": "Staging"}, ManifestRejected, "taken from our own database"),
        ({"source_host": "AURORA.example"}, ManifestRejected, "taken from our own database"),
        ({"dump_size_bytes": 1999}, DumpChanged, "has 2,000 bytes, its manifest says 1,999"),
    ],
)
def test_i06_a_manifest_that_does_not_fit_is_refused(
    s3: Any, settings: Settings, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    put(s3, settings, json.dumps(GOOD | change).encode())
    manifest = read_manifest(s3, dump(settings), TARGET)
    assert manifest
    with pytest.raises(error, match=message):
        manifest.verify(dump(settings), TARGET, "aurora.example")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (json.dumps(GOOD | {"valid_for_etl": "true"}).encode(), "has no valid_for_etl \\(bool\\)"),
        (json.dumps(GOOD | {"dump_size_bytes": True}).encode(), "has no dump_size_bytes \\(int\\)"),
        (b"{}", "has no dump_date"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(s3: Any, settings: Settings, body: bytes, message: str) -> None:
    put(s3, settings, body)
    with pytest.raises(ManifestRejected, match=message):
        read_manifest(s3, dump(settings), TARGET)
