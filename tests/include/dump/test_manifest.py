"""The manifest is believed only when it is about this dump and names a source that is not ourselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from include.dump.errors import AuditFailed, DumpChanged, ManifestRejected
from include.dump.location import DumpObject
from include.dump.manifest import Manifest, accept_manifest, read_manifest, verify_databases
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


def good(**change: Any) -> Manifest:
    names = ("dump_date", "dump_key", "dump_sha256", "dump_size_bytes", "source_host", "source_database")
    return Manifest(**({name: GOOD[name] for name in names} | {"source_valid": True, "valid_for_etl": True} | change))


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
        (b"[" * 100_000, "is not JSON"),
        (b" " * 1_048_577, "has more than 1,048,576 bytes"),
        (json.dumps(GOOD | {"max_updated_at_by_table": []}).encode(), "max_updated_at_by_table is not a map of tables"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(s3: Any, settings: Settings, body: bytes, message: str) -> None:
    put(s3, settings, body)
    with pytest.raises(ManifestRejected, match=message):
        read_manifest(s3, dump(settings), TARGET)


TEXTS = ["dump_date", "dump_key", "dump_sha256", "source_host", "source_database", "reason"]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bad \ud800 surrogate", "U+D800"),
        ("nul \0", "U+0000"),
        ("\x1b[2J", "U+001B"),
        ("\x85", "U+0085"),
        ("turned \u202e round", "U+202E"),
        ("two\u2028lines", "U+2028"),
        ("no \uffff character", "U+FFFF"),
    ],
)
@pytest.mark.parametrize("valid", [True, False])
def test_a_text_that_would_silence_the_alert_is_refused(
    s3: Any, settings: Settings, name: str, text: str, found: str, valid: bool
) -> None:
    put(s3, settings, json.dumps(GOOD | {"valid_for_etl": valid, name: text}).encode())
    with pytest.raises(ManifestRejected) as caught:
        accept_manifest(s3, settings, dump(settings), TARGET, "aurora.example")
    assert str(caught.value) == (
        f"s3://{settings.bucket}/dumps-manifest/gghouse_20260302.json: {name} holds {found}, which a message cannot "
        "show; have it published again"
    )


def test_a_table_whose_name_cannot_be_shown_is_refused(s3: Any, settings: Settings) -> None:
    put(s3, settings, json.dumps(GOOD | {"max_updated_at_by_table": {"a\ud800": "2026-03-02"}}).encode())
    with pytest.raises(ManifestRejected, match=r"a table of max_updated_at_by_table holds U\+D800"):
        read_manifest(s3, dump(settings), TARGET)


@pytest.mark.parametrize("name", TEXTS[:-1])
@pytest.mark.parametrize(
    ("text", "message"), [("a\nb", "holds a line break or tab"), ("h" * 1025, "1,025 characters, more than the 1,024")]
)
def test_a_name_is_one_short_line(s3: Any, settings: Settings, name: str, text: str, message: str) -> None:
    put(s3, settings, json.dumps(GOOD | {name: text}).encode())
    with pytest.raises(ManifestRejected, match=rf"\.json: {name} .*{message}"):
        read_manifest(s3, dump(settings), TARGET)


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("mysqldump: error 2013\r\n\twhen dumping\n", "mysqldump: error 2013 when dumping"),
        ("文字 全角\u3000空白", "文字 全角\u3000空白"),
        ("x" * 100_000, "x" * 1023 + "…"),
        (["a", 1], "['a', 1]"),
        (None, ""),
        ("a" * 2000 + "\0", "a" * 1023 + "…"),
    ],
)
def test_a_reason_becomes_one_short_line(s3: Any, settings: Settings, reason: Any, kept: str) -> None:
    put(s3, settings, json.dumps(GOOD | {"reason": reason}).encode())
    manifest = read_manifest(s3, dump(settings), TARGET)
    assert manifest
    assert manifest.reason == kept


@pytest.mark.parametrize("name", ["max_updated_at_by_table", "source_table_max_updated_at"])
def test_the_newest_changes_are_read_under_both_names(s3: Any, settings: Settings, name: str) -> None:
    fields = {key: value for key, value in GOOD.items() if key != "max_updated_at_by_table"}
    put(s3, settings, json.dumps(fields | {name: {"movings": "2026-03-02T05:12:03+09:00"}}).encode())
    manifest = read_manifest(s3, dump(settings), TARGET)
    assert manifest
    assert manifest.max_updated_at == {"movings": datetime(2026, 3, 1, 20, 12, 3, tzinfo=UTC)}


def test_a_manifest_without_newest_changes_has_none(s3: Any, settings: Settings) -> None:
    fields = {key: value for key, value in GOOD.items() if key != "max_updated_at_by_table"}
    put(s3, settings, json.dumps(fields).encode())
    manifest = read_manifest(s3, dump(settings), TARGET)
    assert manifest
    assert manifest.max_updated_at == {}


@pytest.mark.parametrize(
    "text", ["2026-03-02T05:12:03", "2026-03-02", "yesterday", "", None, 1772395923, "9999-12-31T23:59:59+00:00"]
)
def test_a_newest_change_that_is_no_time_with_its_zone_is_refused(s3: Any, settings: Settings, text: Any) -> None:
    put(s3, settings, json.dumps(GOOD | {"max_updated_at_by_table": {"rooms": text}}).encode())
    with pytest.raises(ManifestRejected, match=r"max_updated_at_by_table of rooms is .*not a time like 2026-03-02T05"):
        read_manifest(s3, dump(settings), TARGET)


FIVE_IN_TOKYO = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def stored(text: str) -> datetime:
    """UTC without saying so, as the database gives it."""
    return datetime.fromisoformat(text)


def test_i06_i08_a_table_that_is_older_than_the_manifest_says_is_not_shown() -> None:
    manifest = good(max_updated_at={"movings": FIVE_IN_TOKYO, "tenants": FIVE_IN_TOKYO})
    with pytest.raises(AuditFailed) as caught:
        manifest.verify_newest({"movings": stored("2026-03-01 20:00:00"), "tenants": stored("2026-02-09 19:59:59")})
    assert str(caught.value) == (
        "the newest change in tenants is of 2026-02-10 04:59:59, but the manifest says 2026-03-02 05:00:00 (Tokyo), "
        "so the dump of 2026-03-02 holds old rows; have it taken again"
    )


def test_i08_a_table_without_any_change_is_older_than_every_manifest() -> None:
    with pytest.raises(AuditFailed, match="the newest change in rooms is of no time, but the manifest says"):
        good(max_updated_at={"rooms": FIVE_IN_TOKYO}).verify_newest({"rooms": None})


def test_a_table_as_new_as_the_manifest_says_or_of_which_it_does_not_speak_is_shown() -> None:
    manifest = good(max_updated_at={"movings": FIVE_IN_TOKYO, "apartments": FIVE_IN_TOKYO})
    manifest.verify_newest({"movings": stored("2026-03-01 20:00:01"), "rooms": stored("2020-01-01")})
    good().verify_newest({"movings": None})


def test_a_manifest_may_be_required(s3: Any, settings: Settings) -> None:
    assert accept_manifest(s3, settings, dump(settings), TARGET, "aurora.example") is None
    with pytest.raises(ManifestRejected) as caught:
        accept_manifest(s3, replace(settings, require_manifest=True), dump(settings), TARGET, "aurora.example")
    assert str(caught.value) == (
        f"s3://{settings.bucket}/dumps-manifest/gghouse_20260302.json is not there, and "
        "AIRFLOW__GGHOUSE__REQUIRE_MANIFEST asks for it; have the manifest of "
        f"s3://{settings.bucket}/dumps/gghouse_20260302.sql published"
    )


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            {"source_host": "new.example"},
            r"from host pms\.example, not new\.example; .* or set AIRFLOW__GGHOUSE__SOURCE_HOST",
        ),
        ({"source_database": "core"}, "from database basis, not core; .* or set AIRFLOW__GGHOUSE__SOURCE_DATABASE"),
    ],
)
def test_i06_a_manifest_of_another_source_is_refused(
    s3: Any, settings: Settings, wanted: dict[str, Any], message: str
) -> None:
    put(s3, settings, json.dumps(GOOD).encode())
    with pytest.raises(ManifestRejected, match=message):
        accept_manifest(s3, replace(settings, **wanted), dump(settings), TARGET, "aurora.example")


def test_a_manifest_of_the_configured_source_is_accepted(s3: Any, settings: Settings) -> None:
    put(s3, settings, json.dumps(GOOD).encode())
    known = replace(settings, require_manifest=True, source_host="PMS.example", source_database="Basis")
    assert accept_manifest(s3, known, dump(settings), TARGET, "aurora.example")


def test_every_file_of_four_has_a_manifest_of_its_own(s3: Any, settings: Settings) -> None:
    key = "dumps/rooms_20260302.sql.gz"
    rooms = DumpObject(settings.bucket, key, 2000, '"etag"')
    assert read_manifest(s3, rooms, TARGET) is None
    body = json.dumps(GOOD | {"dump_key": key}).encode()
    s3.put_object(Bucket=settings.bucket, Key="dumps-manifest/rooms_20260302.json", Body=body)
    assert accept_manifest(s3, settings, rooms, TARGET, "aurora.example")


def test_hazard_07_a_dump_of_another_database_than_its_manifest_says_is_refused() -> None:
    with pytest.raises(
        ManifestRejected, match=r"^s3://b/k is of database other, its manifest says basis; have the dump"
    ):
        verify_databases("s3://b/k", {"other"}, good())
    assert verify_databases("s3://b/k", {"BASIS"}, good(), "Basis") == []
    assert verify_databases("s3://b/k", set(), good(), "basis") == []


def test_hazard_07_a_dump_of_another_database_than_is_configured_is_noted() -> None:
    assert verify_databases("s3://b/k", {"gghouse"}, None) == []
    assert verify_databases("s3://b/k", {"gghouse"}, None, "basis") == ["the dump is of database gghouse, not basis"]
