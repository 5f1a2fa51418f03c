"""The bytes of a dump, streamed from S3 and decompressed on the way; never a copy on disk."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import Any

import zstandard
from botocore.exceptions import ClientError

from include.dump.errors import DumpChanged, DumpError, TruncatedDump
from include.dump.location import DumpObject

CHUNK_BYTES = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_FEED_BYTES = 256
"""Four bytes of zstd can become 128 KiB; feeding this little at a time keeps a bomb's pieces below 8 MiB."""
ZSTD_WINDOW_BYTES = 32 * 1024 * 1024


class DumpStream:
    """Iterates over the decompressed bytes of one exact object version, once.

    Attributes:
        read_bytes: bytes received from S3 so far.
    """

    def __init__(self, s3: Any, dump: DumpObject) -> None:
        self._s3 = s3
        self._dump = dump
        self._digest = hashlib.sha256()
        self.read_bytes = 0

    @property
    def sha256(self) -> str:
        """Checksum of the bytes received so far, as they lie in the bucket."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of at most a few MiB.

        Raises:
            DumpChanged: the object is no longer the one that was found.
            TruncatedDump: S3 sent fewer bytes than the object has, or the compressed data are cut off.
            DumpError: the compressed data are damaged.
        """
        raw = self._raw()
        first = next(raw, b"")
        try:
            if first.startswith(GZIP_MAGIC):
                yield from self._gzip(first, raw)
            elif first.startswith(ZSTD_MAGIC):
                yield from self._zstd(first, raw)
            else:
                yield first
                yield from raw
        except (zlib.error, zstandard.ZstdError) as error:
            raise DumpError(f"{self._dump} is damaged ({error}); have it delivered again") from error

    def _raw(self) -> Iterator[bytes]:
        version = {"VersionId": self._dump.version_id} if self._dump.version_id else {}
        try:
            answer = self._s3.get_object(
                Bucket=self._dump.bucket, Key=self._dump.key, IfMatch=self._dump.etag, **version
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "NoSuchKey", "NoSuchVersion"):
                raise DumpChanged(f"{self._dump} was replaced or deleted after it was found; clear the task") from error
            raise
        with answer["Body"] as body:
            while chunk := body.read(CHUNK_BYTES):
                self._digest.update(chunk)
                self.read_bytes += len(chunk)
                yield chunk
        if self.read_bytes != self._dump.size:
            raise TruncatedDump(
                f"{self._dump} gave {self.read_bytes:,} of its {self._dump.size:,} bytes; clear the task"
            )

    def _gzip(self, first: bytes, raw: Iterator[bytes]) -> Iterator[bytes]:
        member = zlib.decompressobj(wbits=31)
        for chunk in _chain(first, raw):
            rest, full = chunk, False
            while rest or full:
                if member.eof:  # the next of several members
                    member = zlib.decompressobj(wbits=31)
                piece = member.decompress(rest, CHUNK_BYTES)
                yield piece
                full = len(piece) == CHUNK_BYTES and not member.eof
                rest = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            raise TruncatedDump(f"{self._dump} is cut off: its gzip data have no end; have it delivered again")

    def _zstd(self, first: bytes, raw: Iterator[bytes]) -> Iterator[bytes]:
        reader = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        frame = reader.decompressobj()
        for chunk in _chain(first, raw):
            pieces: list[bytes] = []
            held = 0
            for start in range(0, len(chunk), ZSTD_FEED_BYTES):
                rest = chunk[start : start + ZSTD_FEED_BYTES]
                while rest:
                    if frame.eof:  # the next of several frames
                        frame = reader.decompressobj()
                    pieces.append(frame.decompress(rest))
                    held += len(pieces[-1])
                    rest = frame.unused_data if frame.eof else b""
                if held >= CHUNK_BYTES:
                    yield b"".join(pieces)
                    pieces, held = [], 0
            yield b"".join(pieces)
        if not frame.eof:
            raise TruncatedDump(f"{self._dump} is cut off: its zstd data have no end; have it delivered again")


def _chain(first: bytes, raw: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from raw
