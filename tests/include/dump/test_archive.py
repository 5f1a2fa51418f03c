"""The archive keeps a copy of every dump."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from include.dump.archive import ArchiveError, archive_dump
from include.dump.errors import DumpMissing
from include.settings import Settings

TARGET = date(2026, 3, 2)
KEY = "dumps/gghouse_20260302.sql.gz"


def test_the_dump_is_copied_and_stays_where_it_was(s3: Any, settings: Settings) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"x" * 2000, Tagging="valid_for_etl=true")
    assert archive_dump(s3, settings, TARGET) == ("processed/gghouse_20260302.sql.gz",)
    assert archive_dump(s3, settings, TARGET) == ("processed/gghouse_20260302.sql.gz",)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=settings.bucket)["Contents"]]
    assert keys == [KEY, "processed/gghouse_20260302.sql.gz"]
    assert s3.get_object(Bucket=settings.bucket, Key=keys[1])["Body"].read() == b"x" * 2000


def test_every_file_of_a_dump_in_four_is_copied(s3: Any, settings: Settings) -> None:
    for table in ("movings", "tenants", "rooms", "inquiries"):
        s3.put_object(Bucket=settings.bucket, Key=f"dumps/{table}_20260302.sql", Body=table.encode())
    keys = archive_dump(s3, replace(settings, dump_layout="per_table"), TARGET)
    assert keys == tuple(f"processed/{table}_20260302.sql" for table in ("movings", "tenants", "rooms", "inquiries"))
    assert s3.get_object(Bucket=settings.bucket, Key=keys[2])["Body"].read() == b"rooms"


def test_i07_no_rights_on_tags_are_needed(s3: Any, settings: Settings) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"x" * 2000, Tagging="valid_for_etl=true")
    calls: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    (key,) = archive_dump(s3, settings, TARGET)
    assert not [call for call in calls if "Tagging" in call]
    assert s3.get_object_tagging(Bucket=settings.bucket, Key=key)["TagSet"] == []


def test_s3_copies_a_big_dump_by_itself_in_one_request(s3: Any, settings: Settings) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"x" * 20_000_000)
    calls: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    archive_dump(s3, settings, TARGET)
    assert [call for call in calls if "Copy" in call] == ["CopyObject"]
    assert not {"GetObject", "PutObject", "UploadPart"} & set(calls)


def test_a_date_without_a_dump_says_so(s3: Any, settings: Settings) -> None:
    with pytest.raises(DumpMissing, match="gghouse_20260302"):
        archive_dump(s3, settings, TARGET)


def test_a_copy_of_another_size_is_not_an_archive(s3: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"x" * 2000)
    monkeypatch.setattr(
        s3, "copy", lambda source, bucket, key, **_: s3.put_object(Bucket=bucket, Key=key, Body=b"short")
    )
    with pytest.raises(ArchiveError, match=r"has 5 bytes, .* has 2,000; clear archive_dump"):
        archive_dump(s3, settings, TARGET)
