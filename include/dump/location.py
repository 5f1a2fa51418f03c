"""Where the dump of a business date lies in the bucket, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from include.dump.errors import DumpAmbiguous, DumpMissing, DumpTooSmall
from include.settings import Settings

SUFFIXES = (".sql", ".sql.gz", ".sql.zst")


@dataclass(frozen=True)
class DumpObject:
    """One exact version of one S3 object; whoever reads it later gets these bytes or an error.

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


def dump_key(target: date) -> str:
    """Return the key of the uncompressed dump of a business date (domain 1.1)."""
    return f"dumps/gghouse_{target:%Y%m%d}.sql"


def dump_key_pattern(target: date) -> str:
    """Return the wildcard that matches the dump of a business date in every compression."""
    return dump_key(target) + "*"


def manifest_key(target: date) -> str:
    """Return the key of the manifest of a business date's dump (domain 1.1)."""
    return f"dumps-manifest/gghouse_{target:%Y%m%d}.json"


def processed_key(key: str) -> str:
    """Return the archive's key for a dump's key."""
    return "processed/" + key.rpartition("/")[2]


def find_dump(s3: Any, settings: Settings, target: date) -> DumpObject:
    """Return the dump of exactly `target`; never another date's, however new (incident I-34).

    Args:
        s3: boto3 S3 client.
        settings: names the bucket and the smallest plausible size in bytes.
        target: business date.

    Raises:
        DumpMissing: nothing of that date is there.
        DumpAmbiguous: it is there in more than one compression.
        DumpTooSmall: it is smaller than any real dump.
    """
    bucket = settings.require("bucket")
    expected = [f"dumps/gghouse_{target:%Y%m%d}{suffix}" for suffix in SUFFIXES]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=dump_key(target))
    found = [item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"] in expected]
    where = f"s3://{bucket}/{dump_key(target)}"
    if not found:
        raise DumpMissing(
            f"{where}[.gz|.zst] is not there; have the property-management side deliver the dump of {target}"
        )
    if len(found) > 1:
        raise DumpAmbiguous(
            f"{where} is there more than once ({', '.join(sorted(found))}); delete all but the right one"
        )
    head = s3.head_object(Bucket=bucket, Key=found[0])
    version = head.get("VersionId")
    dump = DumpObject(
        bucket=bucket,
        key=found[0],
        size=head["ContentLength"],
        etag=head["ETag"],
        version_id=None if version in (None, "null") else version,
    )
    if dump.size < settings.minimum_dump_bytes:
        raise DumpTooSmall(
            f"{dump} has {dump.size:,} bytes, less than the {settings.minimum_dump_bytes:,} of the smallest plausible "
            f"dump; have the dump of {target} taken again"
        )
    return dump
