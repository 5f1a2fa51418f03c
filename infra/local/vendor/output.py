"""Bytes on disk: plain, gzip or zstd, with their checksum, always the same for the same input."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from types import TracebackType
from typing import IO

import zstandard

SUFFIXES = {"none": "", "gz": ".gz", "zst": ".zst"}
GZIP_LEVEL = 3
ZSTD_LEVEL = 3


class _Hashing:
    """A file that counts and hashes what is written to it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.sha256.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Output:
    """A file that appears under its name only when it is complete.

    Attributes:
        path: the finished file.
        size: its size in bytes, after `with` has ended.
        sha256: its checksum in hexadecimal, after `with` has ended.
    """

    def __init__(self, path: Path, compression: str) -> None:
        self.path = path.with_name(path.name + SUFFIXES[compression])
        self._compression = compression

    def __enter__(self) -> Output:
        """Open the file under a provisional name."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._part = self.path.with_name(self.path.name + ".part")
        self._raw = _Hashing(self._part)
        self._stream = self._compressor()
        return self

    def _compressor(self) -> IO[bytes]:
        if self._compression == "gz":
            return gzip.GzipFile("", "wb", GZIP_LEVEL, self._raw, mtime=0)  # type: ignore[return-value]
        if self._compression == "zst":
            return zstandard.ZstdCompressor(level=ZSTD_LEVEL).stream_writer(self._raw, closefd=False)  # type: ignore[arg-type]
        return self._raw  # type: ignore[return-value]

    def write(self, data: bytes) -> None:
        """Append uncompressed bytes."""
        self._stream.write(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the file its name, or remove it after an error."""
        self._stream.close()
        self._raw.close()
        self.size, self.sha256 = self._raw.size, self._raw.sha256.hexdigest()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink()
