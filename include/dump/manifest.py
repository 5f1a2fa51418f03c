"""The manifest that the dump host publishes once a dump is verified (domain 1.1, since incident I-06)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from include.dump.errors import DumpChanged, ManifestRejected
from include.dump.location import DumpObject, manifest_key
from include.warehouse.schema import OWN_SCHEMAS

FIELDS = {
    "dump_date": str,
    "dump_key": str,
    "dump_sha256": str,
    "dump_size_bytes": int,
    "source_host": str,
    "source_database": str,
    "source_valid": bool,
    "valid_for_etl": bool,
}


@dataclass(frozen=True)
class Manifest:
    """What the dump host says about a dump.

    Attributes:
        dump_date: business date, `YYYY-MM-DD`.
        dump_sha256: of the object's bytes as they lie in the bucket, lower-case hexadecimal.
        dump_size_bytes: of the same bytes.
        reason: why the dump is marked invalid, if it is.
    """

    dump_date: str
    dump_key: str
    dump_sha256: str
    dump_size_bytes: int
    source_host: str
    source_database: str
    source_valid: bool
    valid_for_etl: bool
    reason: str = ""

    def verify(self, dump: DumpObject, target: date, own_host: str) -> None:
        """Check everything that can be known before the dump is read.

        Args:
            dump: the object in the bucket.
            target: business date that is to be loaded.
            own_host: host of our own database, which can never be the source (I-06).

        Raises:
            ManifestRejected: another date or object, marked invalid, or taken from our own database.
            DumpChanged: the object's size is not the manifest's.
        """
        where = f"s3://{dump.bucket}/{manifest_key(target)}"
        again = f"have the dump of {target} taken again from the property-management system"
        if self.dump_date != target.isoformat():
            raise ManifestRejected(f"{where} is about {self.dump_date}, not {target}; {again}")
        if self.dump_key != dump.key:
            raise ManifestRejected(f"{where} is about {self.dump_key}, not {dump.key}; {again}")
        if not (self.valid_for_etl and self.source_valid):
            raise ManifestRejected(
                f"{where} marks the dump as not valid for loading ({self.reason or 'no reason given'}); {again}"
            )
        if self.source_database.lower() in OWN_SCHEMAS or self.source_host.lower() == own_host.lower():
            raise ManifestRejected(
                f"{where} says that the dump was taken from our own database "
                f"({self.source_database} on {self.source_host}); {again}"
            )
        if self.dump_size_bytes != dump.size:
            raise DumpChanged(f"{dump} has {dump.size:,} bytes, its manifest says {self.dump_size_bytes:,}; {again}")

    def verify_sha256(self, dump: DumpObject, sha256: str) -> None:
        """Compare the checksum of the bytes that were read.

        Raises:
            DumpChanged: they are not the bytes that the dump host verified.
        """
        if self.dump_sha256.lower() != sha256:
            raise DumpChanged(
                f"{dump} has the sha256 {sha256[:12]}…, its manifest says {self.dump_sha256[:12]}…; have the dump of "
                f"{self.dump_date} delivered again"
            )


def read_manifest(s3: Any, dump: DumpObject, target: date) -> Manifest | None:
    """Return the manifest of a dump, or None when none was published.

    Raises:
        ManifestRejected: it cannot be read, or lacks a field.
    """
    key = manifest_key(target)
    try:
        body = s3.get_object(Bucket=dump.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    where = f"s3://{dump.bucket}/{key}"
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise ManifestRejected(f"{where} is not JSON ({error}); have it published again") from error
    if not isinstance(fields, dict):
        raise ManifestRejected(f"{where} is not a JSON object; have it published again")
    for name, kind in FIELDS.items():
        if type(fields.get(name)) is not kind:
            raise ManifestRejected(f"{where} has no {name} ({kind.__name__}); have it published again")
    return Manifest(**{name: fields[name] for name in FIELDS}, reason=str(fields.get("reason") or ""))
