"""Store and read the status page in S3, so that serving it needs no database, and read dbt's pages there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from include.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "status/index.html"
# Where the task dbt_docs puts its pages, one folder for all files.
DOCS = "docs"
CONTENT_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Stored:
    """An object as it was written last, and its entity tag for the browser's cache."""

    body: bytes
    etag: str


def put_page(s3: S3Client, settings: Settings, page: str) -> str:
    """Replace the stored page; return its address."""
    bucket = settings.require("bucket")
    s3.put_object(Bucket=bucket, Key=KEY, Body=page.encode(), ContentType=CONTENT_TYPE, CacheControl="no-cache")
    return f"s3://{bucket}/{KEY}"


def get(s3: S3Client, settings: Settings, key: str = KEY) -> Stored | None:
    """Return an object, None when it was not made yet.

    Args:
        s3: boto3 S3 client.
        settings: names the bucket.
        key: of the object; at first the status page.

    Raises:
        include.settings.SettingsError: no bucket is configured.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    try:
        found = s3.get_object(Bucket=settings.require("bucket"), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    return Stored(found["Body"].read(), found["ETag"])
