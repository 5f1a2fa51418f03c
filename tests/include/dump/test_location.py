"""The dump of exactly one date is found, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.dump.errors import DumpAmbiguous, DumpMissing, DumpTooSmall
from include.dump.location import dump_key_pattern, find_dump, manifest_key, processed_key
from include.settings import Settings

TARGET = date(2026, 3, 2)


def put(s3: Any, settings: Settings, *keys: str, size: int = 2000) -> None:
    for key in keys:
        s3.put_object(Bucket=settings.bucket, Key=key, Body=b"x" * size)


def test_keys() -> None:
    assert dump_key_pattern(TARGET) == "dumps/gghouse_20260302.sql*"
    assert manifest_key(TARGET) == "dumps-manifest/gghouse_20260302.json"
    assert processed_key("dumps/gghouse_20260302.sql.gz") == "processed/gghouse_20260302.sql.gz"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_every_compression_is_found(s3: Any, settings: Settings, suffix: str) -> None:
    put(s3, settings, f"dumps/gghouse_20260302.sql{suffix}")
    dump = find_dump(s3, settings, TARGET)
    assert (dump.key, dump.size, dump.version_id) == (f"dumps/gghouse_20260302.sql{suffix}", 2000, None)
    assert str(dump) == f"s3://{settings.bucket}/{dump.key}"


def test_i34_another_dates_dump_is_never_taken(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260301.sql", "dumps/gghouse_20260303.sql", "dumps/gghouse_20260302.sql.bak")
    with pytest.raises(DumpMissing) as caught:
        find_dump(s3, settings, TARGET)
    assert str(caught.value) == (
        f"s3://{settings.bucket}/dumps/gghouse_20260302.sql[.gz|.zst] is not there; have the property-management side "
        "deliver the dump of 2026-03-02"
    )


def test_two_compressions_of_one_date_are_not_chosen_between(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260302.sql", "dumps/gghouse_20260302.sql.zst")
    with pytest.raises(DumpAmbiguous, match=r"sql, dumps/gghouse_20260302.sql.zst\); delete all but the right one"):
        find_dump(s3, settings, TARGET)


def test_a_dump_below_the_smallest_plausible_size_is_refused(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260302.sql", size=999)
    with pytest.raises(DumpTooSmall, match="has 999 bytes, less than the 1,000 of the smallest plausible dump"):
        find_dump(s3, settings, TARGET)


def test_the_version_is_pinned_in_a_versioned_bucket(s3: Any, settings: Settings) -> None:
    s3.put_bucket_versioning(Bucket=settings.bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, settings, "dumps/gghouse_20260302.sql")
    first = find_dump(s3, settings, TARGET)
    put(s3, settings, "dumps/gghouse_20260302.sql", size=3000)
    second = find_dump(s3, settings, TARGET)
    assert first.version_id
    assert second.version_id
    assert first.version_id != second.version_id


def test_more_keys_than_one_page(s3: Any, settings: Settings) -> None:
    put(s3, settings, *(f"dumps/gghouse_20260302.sql.{number:04d}" for number in range(1001)), size=1)
    put(s3, settings, "dumps/gghouse_20260302.sql.zst")
    assert find_dump(s3, settings, TARGET).key.endswith(".zst")
