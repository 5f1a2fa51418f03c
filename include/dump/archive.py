"""The archive: a copy of every processed dump. The platform never reads it, and no decision rests on it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from include.dump.location import DumpObject, find_dumps, processed_key
from include.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CopySourceTypeDef

# S3 copies by itself, and one request for up to 5 GB would do. boto3's own parts of 8 MB would be 119 requests for a
# dump of 945 MB; a bigger dump goes in a few parts side by side.
ONE_COPY_BYTES, PART_BYTES = 1024**3, 256 * 1024**2


class ArchiveError(Exception):
    """The copy in the archive is not the dump."""


def archive_dump(s3: S3Client, settings: Settings, target: date) -> tuple[str, ...]:
    """Copy the dump of a business date to `processed/` inside S3 and return the copies' keys; nothing is ever deleted.

    Doing it again replaces the copies. Tags are not copied: they would need rights of their own (incident I-07).

    Raises:
        DumpError: the dump is not there.
        ArchiveError: a copy has another size.
    """
    return tuple(_copy(s3, dump) for dump in find_dumps(s3, settings, target))


def _copy(s3: S3Client, dump: DumpObject) -> str:
    key = processed_key(dump.key)
    source: CopySourceTypeDef = {"Bucket": dump.bucket, "Key": dump.key}
    if dump.version_id:
        source["VersionId"] = dump.version_id
    s3.copy(
        source,
        dump.bucket,
        key,
        ExtraArgs={"TaggingDirective": "REPLACE", "CopySourceIfMatch": dump.etag},
        Config=TransferConfig(multipart_threshold=ONE_COPY_BYTES, multipart_chunksize=PART_BYTES),
    )
    copied = s3.head_object(Bucket=dump.bucket, Key=key)["ContentLength"]
    if copied != dump.size:
        raise ArchiveError(
            f"s3://{dump.bucket}/{key} has {copied:,} bytes, {dump} has {dump.size:,}; clear archive_dump"
        )
    return key
