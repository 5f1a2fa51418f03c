"""The manifest that the dump host publishes once a dump is verified (include/dump/README.md#manifest, I-06)."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from include.dump.errors import AuditFailed, DumpChanged, ManifestRejected
from include.dump.location import DumpObject, manifest_key
from include.plain_text import hidden_character
from include.schedule import JST, format_jst
from include.settings import PREFIX, Settings
from include.warehouse.schema import OWN_SCHEMAS

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

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
# The name of the map of newest changes, and its older one.
NEWEST = ("max_updated_at_by_table", "source_table_max_updated_at")
# Real ones have about a thousand bytes.
LARGEST_BYTES = 1024 * 1024
# Characters; the longest key in S3 has as many, the longest host name 253.
LONGEST_TEXT = 1024


@dataclass(frozen=True)
class Manifest:
    """What the dump host says about a dump.

    Attributes:
        dump_date: business date, `YYYY-MM-DD`.
        dump_sha256: of the object's bytes as they lie in the bucket, lower-case hexadecimal.
        dump_size_bytes: of the same bytes.
        reason: why the dump is marked invalid, if it is, in one line.
        max_updated_at: newest `updated_at` in the source, with time zone, of the tables for which it was recorded.
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
    max_updated_at: Mapping[str, datetime] = field(default_factory=dict)

    def verify(
        self,
        dump: DumpObject,
        target: date,
        own_host: str,
        source_host: str = "",
        source_database: str = "",
        where: str = "",
    ) -> None:
        """Check everything that can be known before the dump is read.

        Args:
            dump: the object in the bucket.
            target: business date that is to be loaded.
            own_host: host of our own database, which can never be the source (I-06).
            source_host: host that must be the source; empty means any but our own.
            source_database: database that must be the source; empty means any but our own.
            where: what messages call the manifest; empty means by its address in the bucket.

        Raises:
            ManifestRejected: another date, object or source, marked invalid, or taken from our own database.
            DumpChanged: the object's size is not the manifest's.
        """
        where = where or _address(dump, target)
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
        for what, said, wanted in (
            ("host", self.source_host, source_host),
            ("database", self.source_database, source_database),
        ):
            if wanted and said.lower() != wanted.lower():
                raise ManifestRejected(
                    f"{where} says that the dump was taken from {what} {said}, not {wanted}; {again}, or set "
                    f"{PREFIX}SOURCE_{what.upper()} if the source has moved"
                )
        if self.dump_size_bytes != dump.size:
            raise DumpChanged(f"{dump} has {dump.size:,} bytes, its manifest says {self.dump_size_bytes:,}; {again}")

    def verify_sha256(self, dump: object, sha256: str) -> None:
        """Compare the checksum of the bytes that were read.

        Raises:
            DumpChanged: they are not the bytes that the dump host verified.
        """
        if self.dump_sha256.lower() != sha256:
            raise DumpChanged(
                f"{dump} has the sha256 {sha256[:12]}…, its manifest says {self.dump_sha256[:12]}…; have the dump of "
                f"{self.dump_date} delivered again"
            )

    def verify_newest(self, newest: Mapping[str, datetime | None]) -> None:
        """Compare what was loaded with how far the source was (incidents I-06 and I-08).

        Args:
            newest: newest `updated_at` of each loaded table, UTC without time zone as the database gives it; None for
                a table without one. Tables of which the manifest does not speak do not matter, nor do those that were
                not loaded.

        Raises:
            AuditFailed: a table is older than the manifest says.
        """
        for table, wanted in self.max_updated_at.items():
            if table not in newest:
                continue
            found = newest[table]
            if found is None or found.replace(tzinfo=UTC) < wanted:
                raise AuditFailed(
                    f"the newest change in {table} is of {_tokyo(found.replace(tzinfo=UTC)) if found else 'no time'}, "
                    f"but the manifest says {_tokyo(wanted)} (Tokyo), so the dump of {self.dump_date} holds old rows; "
                    "have it taken again"
                )


def verify_databases(
    address: object, databases: Collection[str], manifest: Manifest | None, source_database: str = ""
) -> list[str]:
    """Compare the names in a dump's USE and CREATE DATABASE with what is known of its source.

    Args:
        address: the dump, for messages.
        databases: the names that the scanner saw; none if the dump was taken without `--databases`.
        manifest: of this dump, if there is one.
        source_database: name that the database should have; empty means any.

    Returns:
        A note for each name that is not `source_database`.

    Raises:
        ManifestRejected: the dump is of another database than its manifest says.
    """
    notes = []
    for name in sorted({database.lower() for database in databases}):
        if manifest and name != manifest.source_database.lower():
            raise ManifestRejected(
                f"{address} is of database {name}, its manifest says {manifest.source_database}; have the dump of "
                f"{manifest.dump_date} taken again from the property-management system"
            )
        if source_database and name != source_database.lower():
            notes.append(f"the dump is of database {name}, not {source_database}")
    return notes


def accept_manifest(s3: S3Client, settings: Settings, dump: DumpObject, target: date, own_host: str) -> Manifest | None:
    """Return the manifest of a dump once all that can be known before the dump is read has been checked.

    Args:
        s3: boto3 S3 client.
        settings: says whether there must be one, and what it must name as the source.
        dump: the object in the bucket.
        target: business date that is to be loaded.
        own_host: host of our own database, which can never be the source (I-06).

    Returns:
        None when none was published and none is required.

    Raises:
        ManifestRejected: it is missing although required, cannot be read, or does not fit.
        DumpChanged: the object's size is not the manifest's.
    """
    manifest = read_manifest(s3, dump, target)
    if manifest:
        manifest.verify(dump, target, own_host, settings.source_host, settings.source_database)
    elif settings.require_manifest:
        raise ManifestRejected(
            f"{_address(dump, target)} is not there, and {PREFIX}REQUIRE_MANIFEST asks for it; have the manifest of "
            f"{dump} published"
        )
    return manifest


def read_manifest(s3: S3Client, dump: DumpObject, target: date) -> Manifest | None:
    """Return the manifest of a dump, or None when none was published.

    Raises:
        ManifestRejected: it cannot be read, lacks a field, or holds text that cannot be shown.
    """
    where = _address(dump, target)
    try:
        body = s3.get_object(Bucket=dump.bucket, Key=_key(dump, target))["Body"].read(LARGEST_BYTES + 1)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    return parse_manifest(body, where)


def parse_manifest(body: bytes, where: str) -> Manifest:
    """Return what a manifest says.

    Args:
        body: its bytes.
        where: what messages call it.

    Raises:
        ManifestRejected: it cannot be read, lacks a field, or holds text that cannot be shown.
    """
    if len(body) > LARGEST_BYTES:
        raise ManifestRejected(f"{where} has more than {LARGEST_BYTES:,} bytes; have it published again")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ManifestRejected(f"{where} is not JSON ({error}); have it published again") from error
    if not isinstance(fields, dict):
        raise ManifestRejected(f"{where} is not a JSON object; have it published again")
    for name, kind in FIELDS.items():
        if type(fields.get(name)) is not kind:
            raise ManifestRejected(f"{where} has no {name} ({kind.__name__}); have it published again")
        _check_text(str(fields[name]), name, where)
    return Manifest(
        **{name: fields[name] for name in FIELDS},
        reason=_reason(fields, where),
        max_updated_at=_newest(fields, where),
    )


def _check_text(text: str, name: str, where: str) -> None:
    """Refuse what a message about the manifest could not carry to people, line breaks included."""
    found = "a line break or tab" if set("\t\r\n") & set(text) else hidden_character(text)
    if found:
        raise ManifestRejected(f"{where}: {name} holds {found}, which a message cannot show; have it published again")
    if len(text) > LONGEST_TEXT:
        raise ManifestRejected(
            f"{where}: {name} has {len(text):,} characters, more than the {LONGEST_TEXT:,} allowed; have it published "
            "again"
        )


def _reason(fields: dict[str, Any], where: str) -> str:
    """Return why the dump is marked invalid: what a program said, so in one line, and cut when it is long."""
    said = fields.get("reason") or ""
    reason = re.sub(r"[ \t\r\n]+", " ", said if isinstance(said, str) else reprlib.repr(said)).strip(" ")
    _check_text(reason[:LONGEST_TEXT], "reason", where)
    return reason if len(reason) <= LONGEST_TEXT else reason[: LONGEST_TEXT - 1] + "…"


def _newest(fields: dict[str, Any], where: str) -> dict[str, datetime]:
    name = next((name for name in NEWEST if name in fields), "")
    times = fields.get(name, {})
    if not isinstance(times, dict):
        raise ManifestRejected(f"{where}: {name} is not a map of tables; have it published again")
    newest = {}
    for table, text in times.items():
        _check_text(table, f"a table of {name}", where)
        instant = _instant(text)
        if not instant:
            raise ManifestRejected(
                f"{where}: {name} of {table} is {reprlib.repr(text)}, not a time like 2026-03-02T05:12:03+09:00; have "
                "it published again"
            )
        newest[table] = instant
    return newest


def _instant(text: Any) -> datetime | None:
    """Return an ISO time with its zone, in Tokyo; None for anything else, and for times that Tokyo will not see."""
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(JST) if instant.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _key(dump: DumpObject, target: date) -> str:
    return manifest_key(target, dump.key.rpartition("/")[2].partition("_")[0])


def _address(dump: DumpObject, target: date) -> str:
    return f"s3://{dump.bucket}/{_key(dump, target)}"


def _tokyo(instant: datetime) -> str:
    return format_jst(instant, "%Y-%m-%d %H:%M:%S")
