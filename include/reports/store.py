"""Where reports are put, and where templates and rent rolls are taken from: the data bucket, or a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from include.forms import Refused
from include.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Item:
    """A stored file.

    Attributes:
        key: its key in the bucket, or its path below the folder, with slashes.
        size: in bytes.
        etag: changes with the content.
    """

    key: str
    size: int
    etag: str


class Store(Protocol):
    """Files by key."""

    def put(self, key: str, body: bytes, content_type: str) -> str:
        """Store a file, replacing one of the same key, and return its address."""

    def get(self, key: str) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: there is none.
        """

    def keys(self, prefix: str) -> list[Item]:
        """Return the files whose keys begin with `prefix`, in order of their keys."""


@dataclass(frozen=True)
class S3Store:
    """The data bucket.

    Attributes:
        s3: boto3 S3 client.
        settings: names the bucket.
    """

    s3: S3Client
    settings: Settings

    def put(self, key: str, body: bytes, content_type: str) -> str:
        """Store a file, replacing one of the same key, and return its address."""
        bucket = self.settings.require("bucket")
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        return f"s3://{bucket}/{key}"

    def get(self, key: str) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: there is none.
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
        """
        from botocore.exceptions import ClientError

        bucket = self.settings.require("bucket")
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
            raise Refused(f"s3://{bucket}/{key} is not there; upload it, or correct the key") from error

    def keys(self, prefix: str) -> list[Item]:
        """Return the files whose keys begin with `prefix`, in order of their keys."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.settings.require("bucket"), Prefix=prefix)
        return [
            Item(item["Key"], item["Size"], item["ETag"].strip('"'))
            for page in pages
            for item in page.get("Contents", [])
        ]


@dataclass(frozen=True)
class FolderStore:
    """A folder of this machine.

    Attributes:
        folder: below which the files lie.
    """

    folder: Path

    def put(self, key: str, body: bytes, content_type: str) -> str:
        """Store a file, replacing one of the same key, and return its path."""
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        return str(file)

    def get(self, key: str) -> bytes:
        """Return the content of a file.

        Raises:
            Refused: there is none.
        """
        file = self.folder / key
        try:
            return file.read_bytes()
        except OSError as error:
            raise Refused(f"{file} cannot be read ({error.strerror}); name a file that is there") from error

    def keys(self, prefix: str) -> list[Item]:
        """Return the files whose keys begin with `prefix`, in order of their keys."""
        found = []
        for file in sorted(self.folder.rglob("*")):
            key = file.relative_to(self.folder).as_posix()
            if file.is_file() and key.startswith(prefix):
                body = file.read_bytes()
                found.append(Item(key, len(body), hashlib.sha256(body).hexdigest()))
        return found
