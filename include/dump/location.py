"""Where the dump of a business date lies in the bucket, and whether it is there.

It is one file with all tables, or, by a setting, one file for each of four tables
(include/dump/README.md#per-table-dumps).
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from include.dump.errors import DumpAmbiguous, DumpMissing, DumpTooSmall
from include.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SUFFIXES = (".sql", ".sql.gz", ".sql.zst")
# What the names of the files begin with in each layout; in the second one it is also the table.
SINGLE = ("gghouse",)
PER_TABLE = ("movings", "tenants", "rooms", "inquiries")


@dataclass(frozen=True)
class DumpObject:
    """One exact version of one S3 object; a later read gets these bytes or an error.

    Attributes:
        size: bytes in the bucket, compressed or not.
        etag: entity tag, with its quotes, as S3 gives it.
        version_id: version in a versioned bucket, else None.
    """

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None = None

    def __str__(self) -> str:
        """Return the object's address."""
        return f"s3://{self.bucket}/{self.key}"


def dump_key(target: date, name: str = "gghouse") -> str:
    """Return the key of the uncompressed dump of a business date; the date in the name is that of Tokyo."""
    return f"dumps/{name}_{target:%Y%m%d}.sql"


def dump_names(settings: Settings) -> tuple[str, ...]:
    """Return what the names of the needed files begin with."""
    return PER_TABLE if settings.dump_layout == "per_table" else SINGLE


def arrival_pattern(target: date, name: str = "gghouse") -> str:
    """Return a wildcard for a file of a business date that matches as little else as a wildcard can.

    It must end as one of `SUFFIXES` does, letter by letter, so that a checksum, a signature or a half copy that lies
    beside the dump is not taken for it.
    """
    return dump_key(target, name).removesuffix("sql") + "*[s.z][qgs][lzt]"


def manifest_key(target: date, name: str = "gghouse") -> str:
    """Return the key of the manifest of a business date's dump; every file has one of its own."""
    return f"dumps-manifest/{name}_{target:%Y%m%d}.json"


def processed_key(key: str) -> str:
    """Return the archive's key for a dump's key."""
    return "processed/" + key.rpartition("/")[2]


def missing_dumps(s3: S3Client, settings: Settings, target: date) -> tuple[str, ...]:
    """Return the addresses of the needed files that are not there, whichever the compression."""
    return _missing(settings, target, _keys(s3, settings, target))


def dump_dates(s3: S3Client, settings: Settings) -> set[date]:
    """Return the dates of which all needed files are in the bucket, whatever they hold."""
    found = []
    for name in dump_names(settings):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=settings.require("bucket"), Prefix=f"dumps/{name}_")
        keys = (item["Key"] for page in pages for item in page.get("Contents", ()))
        dates = set()
        for key in keys:
            if match := re.fullmatch(rf"dumps/{name}_(\d{{4}})(\d\d)(\d\d)\.sql(\.gz|\.zst)?", key, re.ASCII):
                with contextlib.suppress(ValueError):  # a name may hold anything
                    dates.add(date(*map(int, match.group(1, 2, 3))))
        found.append(dates)
    return set.intersection(*found)


def find_dumps(s3: S3Client, settings: Settings, target: date) -> tuple[DumpObject, ...]:
    """Return the files of exactly `target`; never another date's, however new (incident I-34).

    Args:
        s3: boto3 S3 client.
        settings: names the bucket, the layout and the smallest plausible size in bytes of the single dump.
        target: business date.

    Returns:
        One file, or one for each of `PER_TABLE`, in that order.

    Raises:
        DumpMissing: one or more of them are not there.
        DumpAmbiguous: one is there in more than one compression.
        DumpTooSmall: the single dump is smaller than any real one, or a table's file is empty.
    """
    keys = _keys(s3, settings, target)
    if missing := _missing(settings, target, keys):
        are = "are" if len(missing) > 1 else "is"
        raise DumpMissing(
            f"{' and '.join(missing)} {are} not there; have the property-management side deliver the dump of {target}"
        )
    for name, found in keys.items():
        if len(found) > 1:
            raise DumpAmbiguous(
                f"s3://{settings.bucket}/{dump_key(target, name)} is there more than once "
                f"({', '.join(sorted(found))}); delete all but the right one"
            )
    least = settings.minimum_dump_bytes if len(keys) == 1 else 1
    return tuple(_pin(s3, settings.bucket, key, least, target) for (key,) in keys.values())


def _keys(s3: S3Client, settings: Settings, target: date) -> dict[str, list[str]]:
    """Return, for each needed file, the keys under which it is there."""
    bucket = settings.require("bucket")
    keys = {}
    for name in dump_names(settings):
        key = dump_key(target, name)
        expected = [key.removesuffix(".sql") + suffix for suffix in SUFFIXES]
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        keys[name] = [item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"] in expected]
    return keys


def _missing(settings: Settings, target: date, keys: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(
        f"s3://{settings.bucket}/{dump_key(target, name)}[.gz|.zst]" for name, found in keys.items() if not found
    )


def _pin(s3: S3Client, bucket: str, key: str, least: int, target: date) -> DumpObject:
    head = s3.head_object(Bucket=bucket, Key=key)
    version = head.get("VersionId")
    dump = DumpObject(
        bucket=bucket,
        key=key,
        size=head["ContentLength"],
        etag=head["ETag"],
        version_id=None if version in (None, "null") else version,
    )
    if not dump.size:
        raise DumpTooSmall(f"{dump} is empty; have the dump of {target} taken again")
    if dump.size < least:
        raise DumpTooSmall(
            f"{dump} has {dump.size:,} bytes, less than the {least:,} of the smallest plausible dump; have the dump of "
            f"{target} taken again"
        )
    return dump
