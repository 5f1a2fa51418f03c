"""The dump of exactly one date is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fnmatch import fnmatch
from typing import Any

import pytest

from include.dump.errors import DumpAmbiguous, DumpMissing, DumpTooSmall
from include.dump.location import (
    arrival_pattern,
    find_dumps,
    manifest_key,
    missing_dumps,
    processed_key,
)
from include.settings import Settings

TARGET = date(2026, 3, 2)


def put(s3: Any, settings: Settings, *keys: str, size: int = 2000) -> None:
    for key in keys:
        s3.put_object(Bucket=settings.bucket, Key=key, Body=b"x" * size)


def test_keys() -> None:
    assert manifest_key(TARGET) == "dumps-manifest/gghouse_20260302.json"
    assert processed_key("dumps/gghouse_20260302.sql.gz") == "processed/gghouse_20260302.sql.gz"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_every_compression_is_found(s3: Any, settings: Settings, suffix: str) -> None:
    put(s3, settings, f"dumps/gghouse_20260302.sql{suffix}")
    (dump,) = find_dumps(s3, settings, TARGET)
    assert (dump.key, dump.size, dump.version_id) == (f"dumps/gghouse_20260302.sql{suffix}", 2000, None)
    assert str(dump) == f"s3://{settings.bucket}/{dump.key}"


def test_i34_another_dates_dump_is_never_taken(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260301.sql", "dumps/gghouse_20260303.sql", "dumps/gghouse_20260302.sql.bak")
    with pytest.raises(DumpMissing) as caught:
        find_dumps(s3, settings, TARGET)
    assert str(caught.value) == (
        f"s3://{settings.bucket}/dumps/gghouse_20260302.sql[.gz|.zst] is not there; have the property-management side "
        "deliver the dump of 2026-03-02"
    )


def test_two_compressions_of_one_date_are_not_chosen_between(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260302.sql", "dumps/gghouse_20260302.sql.zst")
    with pytest.raises(DumpAmbiguous, match=r"sql, dumps/gghouse_20260302.sql.zst\); delete all but the right one"):
        find_dumps(s3, settings, TARGET)


def test_a_dump_below_the_smallest_plausible_size_is_refused(s3: Any, settings: Settings) -> None:
    put(s3, settings, "dumps/gghouse_20260302.sql", size=999)
    with pytest.raises(DumpTooSmall, match="has 999 bytes, less than the 1,000 of the smallest plausible dump"):
        find_dumps(s3, settings, TARGET)


def test_the_version_is_pinned_in_a_versioned_bucket(s3: Any, settings: Settings) -> None:
    s3.put_bucket_versioning(Bucket=settings.bucket, VersioningConfiguration={"Status": "Enabled"})
    put(s3, settings, "dumps/gghouse_20260302.sql")
    (first,) = find_dumps(s3, settings, TARGET)
    put(s3, settings, "dumps/gghouse_20260302.sql", size=3000)
    (second,) = find_dumps(s3, settings, TARGET)
    assert first.version_id
    assert second.version_id
    assert first.version_id != second.version_id


def test_more_keys_than_one_page(s3: Any, settings: Settings) -> None:
    put(s3, settings, *(f"dumps/gghouse_20260302.sql.{number:04d}" for number in range(1001)), size=1)
    put(s3, settings, "dumps/gghouse_20260302.sql.zst")
    assert find_dumps(s3, settings, TARGET)[0].key.endswith(".zst")


@pytest.fixture
def four(settings: Settings) -> Settings:
    """The layout of one file for each of four tables."""
    return replace(settings, dump_layout="per_table")


def test_the_four_files_are_found_in_any_compression_and_size(s3: Any, four: Settings) -> None:
    keys = ["movings_20260302.sql", "tenants_20260302.sql.gz", "rooms_20260302.sql.zst", "inquiries_20260302.sql"]
    put(s3, four, *(f"dumps/{key}" for key in keys), size=1)
    assert missing_dumps(s3, four, TARGET) == ()
    assert [dump.key for dump in find_dumps(s3, four, TARGET)] == [f"dumps/{key}" for key in keys]


def test_i34_each_file_that_is_missing_is_named(s3: Any, four: Settings) -> None:
    put(s3, four, "dumps/gghouse_20260302.sql", "dumps/movings_20260302.sql", "dumps/rooms_20260301.sql")
    put(s3, four, "dumps/inquiries_20260302.sql.gz", "dumps/tenants_20260302.sql.md5")
    with pytest.raises(DumpMissing) as caught:
        find_dumps(s3, four, TARGET)
    at = f"s3://{four.bucket}/dumps/"
    assert missing_dumps(s3, four, TARGET) == (
        f"{at}tenants_20260302.sql[.gz|.zst]",
        f"{at}rooms_20260302.sql[.gz|.zst]",
    )
    assert str(caught.value) == (
        f"{at}tenants_20260302.sql[.gz|.zst] and {at}rooms_20260302.sql[.gz|.zst] are not there; have the "
        "property-management side deliver the dump of 2026-03-02"
    )


def test_of_four_files_none_is_empty_or_there_twice(s3: Any, four: Settings) -> None:
    put(s3, four, *(f"dumps/{table}_20260302.sql" for table in ("movings", "tenants", "inquiries")))
    put(s3, four, "dumps/rooms_20260302.sql", size=0)
    with pytest.raises(DumpTooSmall, match=r"rooms_20260302\.sql is empty; have the dump of 2026-03-02 taken again"):
        find_dumps(s3, four, TARGET)
    put(s3, four, "dumps/rooms_20260302.sql.gz")
    with pytest.raises(DumpAmbiguous, match=r"rooms_20260302\.sql is there more than once"):
        find_dumps(s3, four, TARGET)


@pytest.mark.parametrize(
    ("suffix", "matches"),
    [
        (".sql", True),
        (".sql.gz", True),
        (".sql.zst", True),
        (".sql.md5", False),
        (".sql.gz.sha256", False),
        (".sql.zst.part", False),
        (".sql.tmp", False),
        (".sql.bak", False),
        (".sql.txt", False),
        (".sql.xz", False),
        (".sql.asc", False),
        (".json", False),
    ],
)
def test_the_file_that_is_waited_for_is_not_one_that_lies_beside_it(suffix: str, matches: bool) -> None:
    for name in ("gghouse", "rooms"):
        assert fnmatch(f"dumps/{name}_20260302{suffix}", arrival_pattern(TARGET, name)) is matches
        assert not fnmatch(f"dumps/{name}_20260301{suffix}", arrival_pattern(TARGET, name))
