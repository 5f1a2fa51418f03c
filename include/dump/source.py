"""The bytes of a dump, read once from S3 or from a file and decompressed on the way; never a copy on disk."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import queue
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import zstandard
from botocore import exceptions as aws
from urllib3.exceptions import HTTPError

from include.dump.errors import DumpChanged, DumpError, DumpMissing, TruncatedDump
from include.dump.location import DumpObject

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
# Pieces of at most `CHUNK_BYTES` that wait for the consumer, the one in the reader's hand included.
READ_AHEAD = 4

# Answers in a row that bring not one byte more, before a dropped connection is given up: about 15 s of pauses.
TRIES = 6
FIRST_PAUSE_SECONDS = 0.5
# What botocore, urllib3 and the socket raise when a connection is lost, cut short, or silent for too long.
DROPPED = (aws.ConnectionError, aws.HTTPClientError, aws.IncompleteReadError, HTTPError, OSError)
REPLACED = ("PreconditionFailed", "412", "NoSuchKey", "NoSuchVersion", "404", "InvalidRange", "416")

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# Bytes 2 to 4 of a frame without data; `pzstd` begins with one.
ZSTD_SKIPPABLE_MAGIC = b"\x2a\x4d\x18"
# Four bytes of zstd can become 128 KiB; feeding this little at a time keeps what comes out of a bomb below 8 MiB.
ZSTD_FEED_BYTES = 256
ZSTD_WINDOW_BYTES = 32 * 1024 * 1024
FREE_BYTES = 64 * 1024 * 1024
# SQL becomes 5 to 30 times smaller. Beyond `FREE_BYTES`, more than this many bytes for each stored one are a bomb.
EXPANSION_LIMIT = 200

CLOSE_SECONDS = 5.0

Pause = Callable[[float], object]


class SourceUnreachable(ConnectionError):
    """The dump may be good, but could not be read to its end; worth another try."""


class DumpTooDense(DumpError):
    """The compressed data unpack to far more than any dump does."""


class Dump(Protocol):
    """One exact sequence of stored bytes, compressed or not, that can be read repeatedly.

    `str(dump)` is its address for messages.
    """

    @property
    def size(self) -> int:
        """Bytes as stored."""
        ...

    def read(self, start: int = 0, stop: int | None = None, pause: Pause = time.sleep) -> Iterator[bytes]:
        """Yield the stored bytes from offset `start` up to `stop`, or to the end, in pieces of at most 1 MiB.

        Args:
            pause: waits the given seconds before a dropped connection is tried again; a true result ends the reading.

        Raises:
            DumpChanged: they are no longer the bytes that were found.
            TruncatedDump: there are fewer bytes than `size`.
            SourceUnreachable: the connection is lost and does not come back.
        """
        ...


class S3Dump:
    """An object in S3, pinned by entity tag and version; a dropped connection is resumed where it broke off.

    Args:
        s3: boto3 S3 client.
        found: the object, as `find_dumps` saw it.
    """

    def __init__(self, s3: S3Client, found: DumpObject) -> None:
        self._s3 = s3
        self.found = found

    @property
    def size(self) -> int:
        """Bytes in the bucket."""
        return self.found.size

    def __str__(self) -> str:
        """Return the object's address."""
        return str(self.found)

    def read(self, start: int = 0, stop: int | None = None, pause: Pause = time.sleep) -> Iterator[bytes]:
        """See `Dump.read`."""
        position = start
        end = self.size if stop is None else min(stop, self.size)
        failures = 0
        while position < end:
            problem: Exception | str = "the answer ended early"
            answer: Any = None
            try:
                answer = self._get(position, end)
                while piece := answer.read(min(CHUNK_BYTES, end - position)):
                    position += len(piece)
                    failures = 0
                    yield piece
            except DROPPED as error:
                problem = error
            finally:
                if answer is not None:
                    answer.close()
            if position < end:
                failures += 1
                if failures == TRIES:
                    raise SourceUnreachable(
                        f"{self} broke off at byte {position:,} of {self.size:,} and {TRIES} tries brought no more "
                        f"({problem}); clear the task when S3 can be reached again"
                    )
                if pause(FIRST_PAUSE_SECONDS * 2 ** (failures - 1)):
                    return

    def _get(self, position: int, end: int) -> Any:
        """Return the open answer for these bytes of exactly this version."""
        options: dict[str, Any] = {"Range": f"bytes={position}-{end - 1}"} if position or end < self.size else {}
        if self.found.version_id:
            options["VersionId"] = self.found.version_id
        try:
            answer = self._s3.get_object(
                Bucket=self.found.bucket, Key=self.found.key, IfMatch=self.found.etag, **options
            )
        except aws.ClientError as error:
            if error.response["Error"]["Code"] in REPLACED:
                raise DumpChanged(f"{self} was replaced or deleted after it was found; clear the task") from error
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                raise ConnectionError(str(error)) from error
            raise
        # The socket's own stream: botocore's wrapper would only count again, and sum up again, what is checked here.
        body = answer["Body"].__enter__()
        given = answer.get("ContentRange", f"bytes 0-{answer['ContentLength'] - 1}/{answer['ContentLength']}")
        if given != f"bytes {position}-{end - 1}/{self.size}":
            body.close()
            raise DumpChanged(
                f"{self} had {self.size:,} bytes when it was found, and now S3 offers {given} in place of "
                f"{position}-{end - 1}; clear the task"
            )
        return body


class LocalDump:
    """A file on this machine; it is noticed when it changes between or during two readings.

    Raises:
        DumpMissing: there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._seen = _identity(path.stat())
        except OSError as error:
            raise DumpMissing(f"{path} cannot be read ({error.strerror}); name a dump file") from error
        if not path.is_file():
            raise DumpMissing(f"{path} is not a file; name a dump file")

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._seen[0]

    def __str__(self) -> str:
        """Return the file's path."""
        return str(self.path)

    def read(self, start: int = 0, stop: int | None = None, pause: Pause = time.sleep) -> Iterator[bytes]:
        """See `Dump.read`; a file has no connection to wait for."""
        position = start
        end = self.size if stop is None else min(stop, self.size)
        try:
            file = self.path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise DumpChanged(f"{self} was deleted after it was found; put it back and start again") from error
        with file:
            self._check(file.fileno())
            file.seek(position)
            while position < end and (piece := file.read(min(CHUNK_BYTES, end - position))):
                position += len(piece)
                yield piece
            self._check(file.fileno())
        if position < end:
            raise TruncatedDump(f"{self} gave {position:,} of its {self.size:,} bytes; check the disk and start again")

    def _check(self, file: int) -> None:
        if _identity(os.fstat(file)) != self._seen:
            raise DumpChanged(f"{self} was changed after it was found; start again when nobody writes to it")


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


class DumpStream:
    """Iterates once over the decompressed bytes of a dump, in pieces of at most 1 MiB.

    A thread of its own reads ahead and sums up. It ends with the iteration, or with `close`, which a consumer that
    stops early owes (the stream is its own context manager).

    Args:
        dump: what to read.
        start: offset of the first byte; only for plain data, whatever they begin with.
        stop: offset behind the last byte; only for plain data.

    Attributes:
        read_bytes: stored bytes given out so far.
        compression: `none`, `gzip` or `zstd`; None until the first piece is there.
    """

    def __init__(self, dump: Dump, start: int = 0, stop: int | None = None) -> None:
        self._dump = dump
        self._start = start
        self._stop = stop
        self._digest = hashlib.sha256()
        self._stopped = threading.Event()
        self._queue: queue.Queue[bytes | BaseException | None] = queue.Queue(READ_AHEAD - 1)
        self._thread: threading.Thread | None = None
        self.read_bytes = 0
        self.compression: str | None = None

    def __enter__(self) -> Self:
        """Return itself; the reading starts with the iteration."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the reading."""
        self.close()

    @property
    def sha256(self) -> str:
        """Checksum of the stored bytes, meaningful after the iteration has come to its end."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces, none of them empty.

        Raises:
            DumpChanged: the stored bytes are no longer those that were found.
            TruncatedDump: there are fewer than there should be, or the compressed data are cut off.
            DumpTooDense: the compressed data are a bomb.
            DumpError: the compressed data are damaged.
            SourceUnreachable: the connection is lost and does not come back.
        """
        if self._thread:
            raise RuntimeError(f"{self._dump} is read once by each stream; make another one")
        self._thread = threading.Thread(target=self._read_ahead, name=f"read {self._dump}", daemon=True)
        self._thread.start()
        try:
            yield from self._unpacked(self._stored())
        except (zlib.error, zstandard.ZstdError) as error:
            if "too much memory" in str(error):
                raise DumpError(
                    f"{self._dump} needs more than {ZSTD_WINDOW_BYTES // 1024**2} MiB to be unpacked; have it "
                    "delivered again, compressed without zstd's options --long and --ultra"
                ) from error
            raise DumpError(f"{self._dump} is damaged ({error}); have it delivered again") from error
        finally:
            self.close()

    def close(self) -> None:
        """End the thread that reads ahead, at any time and as often as you like.

        One that hangs in the network is left to end by itself with the socket's time limit.
        """
        self._stopped.set()
        if self._thread:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._queue.get_nowait()
            self._thread.join(CLOSE_SECONDS)

    def _read_ahead(self) -> None:
        end: BaseException | None = None
        try:
            for piece in self._dump.read(self._start, self._stop, self._stopped.wait):
                self._digest.update(piece)
                self._queue.put(piece)
                # `close` has made room for exactly the piece that this thread may have been waiting to hand over.
                if self._stopped.is_set():
                    break
        except BaseException as error:  # it belongs to the consumer
            end = error
        self._queue.put(end)

    def _stored(self) -> Iterator[bytes]:
        while not self._stopped.is_set():
            piece = self._queue.get()
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise piece
            self.read_bytes += len(piece)
            yield piece
        raise RuntimeError(f"{self._dump} was closed before its end was read")

    def _unpacked(self, stored: Iterator[bytes]) -> Iterator[bytes]:
        first: list[bytes] = []
        if self._start == 0 and self._stop is None:
            while sum(map(len, first)) < len(ZSTD_MAGIC) and (piece := next(stored, None)):
                first.append(piece)
        magic = b"".join(first)[: len(ZSTD_MAGIC)]
        pieces = itertools.chain(first, stored)
        if magic.startswith(GZIP_MAGIC):
            self.compression = "gzip"
            return self._bounded(self._gunzip(pieces))
        if magic == ZSTD_MAGIC or magic[1:] == ZSTD_SKIPPABLE_MAGIC:
            self.compression = "zstd"
            return self._bounded(self._unzstd(pieces))
        self.compression = "none"
        return pieces

    def _bounded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Cut to size, and stop a bomb."""
        given = 0
        for piece in pieces:
            given += len(piece)
            if given > FREE_BYTES and given > self.read_bytes * EXPANSION_LIMIT:
                raise DumpTooDense(
                    f"{self._dump} holds more than {given:,} bytes in {self.read_bytes:,} compressed ones, over "
                    f"{EXPANSION_LIMIT} times as many, which no dump does; have it delivered again"
                )
            for start in range(0, len(piece), CHUNK_BYTES):
                yield piece[start : start + CHUNK_BYTES]

    def _gunzip(self, stored: Iterable[bytes]) -> Iterator[bytes]:
        member = zlib.decompressobj(wbits=31)
        for chunk in stored:
            rest, full = chunk, False
            while rest or full:
                if member.eof:  # the next of several members
                    member = zlib.decompressobj(wbits=31)
                piece = member.decompress(rest, CHUNK_BYTES)
                yield piece
                full = len(piece) == CHUNK_BYTES and not member.eof
                rest = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            raise self._cut_off()

    def _unzstd(self, stored: Iterable[bytes]) -> Iterator[bytes]:
        reader = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        frame = reader.decompressobj()
        pieces: list[bytes] = []
        held = 0
        for chunk in stored:
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
            raise self._cut_off()

    def _cut_off(self) -> TruncatedDump:
        return TruncatedDump(
            f"{self._dump} is cut off: its {self.compression} data have no end; have it delivered again"
        )
