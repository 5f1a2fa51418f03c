"""The bucket that MWAA reads its code from, seen by content: every object carries its SHA-256."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from infra.deploy import DeployError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# At once; what botocore's connection pool holds.
CONNECTIONS = 10

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Stored:
    """What is stored under a key: SHA-256 in hex (None if it was put there by something else), and object version."""

    sha256: str | None
    version: str


@dataclass(frozen=True)
class Bucket:
    """A versioned bucket.

    Attributes:
        s3: boto3 S3 client.
        name: name of the bucket.
    """

    s3: S3Client
    name: str

    def head(self, key: str) -> Stored | None:
        """Return what is stored under `key`, or None."""
        try:
            found = self.s3.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return None
            raise
        checksum = found.get("ChecksumSHA256")
        return Stored(base64.b64decode(checksum).hex() if checksum else None, found["VersionId"])

    def heads(self, keys: Iterable[str]) -> dict[str, Stored | None]:
        """Return `head` of each key."""
        keys = list(keys)
        return dict(zip(keys, in_parallel(self.head, keys), strict=True))

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def folders(self, prefix: str) -> list[str]:
        """Return the names directly under `prefix` that have objects below them."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix, Delimiter="/")
        found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
        return [each.removeprefix(prefix).rstrip("/") for each in found]

    def read(self, key: str) -> bytes | None:
        """Return the content of `key`, or None."""
        try:
            return bytes(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def put(self, key: str, content: bytes) -> None:
        """Store `content`; S3 refuses bytes that were damaged on the way."""
        self.s3.put_object(Bucket=self.name, Key=key, Body=content, **_checksum(content))

    def put_once(self, key: str, content: bytes) -> None:
        """Store `content` unless it is there already.

        Raises:
            DeployError: other bytes are stored under `key`.
        """
        stored = self.head(key)
        if stored is None:
            self.s3.put_object(Bucket=self.name, Key=key, Body=content, IfNoneMatch="*", **_checksum(content))
        elif stored.sha256 != sha256(content):
            raise DeployError(
                f"s3://{self.name}/{key} is there already with other bytes, and is never overwritten; "
                "give the new file another name"
            )

    def copy(self, source: str, key: str) -> str:
        """Store what is under `source` under `key` as well, and return the version of the new object."""
        copied = self.s3.copy_object(
            Bucket=self.name,
            Key=key,
            CopySource={"Bucket": self.name, "Key": source},
            ChecksumAlgorithm="SHA256",
        )
        return str(copied["VersionId"])

    def delete(self, key: str) -> None:
        """Hide `key` behind a delete marker; its versions stay."""
        self.s3.delete_object(Bucket=self.name, Key=key)


def in_parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Return what `work` returns for each item, or raise the first error."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(work, items))


def sha256(content: bytes) -> str:
    """Return the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def to_json(value: Any) -> bytes:
    """Return `value` as JSON that is the same whenever the value is."""
    return json.dumps(value, indent=2, sort_keys=True).encode() + b"\n"


def _checksum(content: bytes) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest}
