"""The bytes of a dump arrive whole, whatever the compression, or the load stops."""

from __future__ import annotations

import gzip
import hashlib
import random
import tracemalloc
import zlib
from datetime import date
from typing import Any

import pytest
import zstandard

from include.dump.errors import DumpChanged, DumpError, TruncatedDump
from include.dump.location import find_dump
from include.dump.source import CHUNK_BYTES, DumpStream
from include.settings import Settings

TARGET = date(2026, 3, 2)
KEY = "dumps/gghouse_20260302.sql"
TEXT = random.Random(1).randbytes(300_000) + b"INSERT INTO `t` VALUES (1);\n" * 100_000


def stream(s3: Any, settings: Settings, body: bytes) -> DumpStream:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=body)
    return DumpStream(s3, find_dump(s3, settings, TARGET))


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)  # as the zstd program does


@pytest.mark.parametrize(
    "body",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
        zstd(TEXT),
        zstd(TEXT[:1000]) + zstd(TEXT[1000:]),
    ],
    ids=["plain", "gzip", "two gzip members", "zstd", "two zstd frames"],
)
def test_the_same_text_comes_out_of_every_compression(s3: Any, settings: Settings, body: bytes) -> None:
    source = stream(s3, settings, body)
    assert b"".join(source) == TEXT
    assert source.read_bytes == len(body)
    assert source.sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("compress", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("lost", [1, 5, 10_000])
def test_hazard_20_compressed_data_that_are_cut_off_are_noticed(
    s3: Any, settings: Settings, compress: Any, lost: int
) -> None:
    with pytest.raises(TruncatedDump, match=r"gghouse_20260302\.sql is cut off.*have it delivered again"):
        list(stream(s3, settings, compress(TEXT)[:-lost]))


@pytest.mark.parametrize("compress", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_damaged_compressed_data_are_noticed(s3: Any, settings: Settings, compress: Any) -> None:
    body = bytearray(compress(TEXT))
    body[len(body) // 2] ^= 0xFF
    with pytest.raises(DumpError, match="have it delivered again"):
        list(stream(s3, settings, bytes(body)))


def test_an_object_that_was_replaced_meanwhile_is_not_read(s3: Any, settings: Settings) -> None:
    source = stream(s3, settings, TEXT)
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"other" * 1000)
    with pytest.raises(DumpChanged, match="was replaced or deleted after it was found; clear the task"):
        list(source)


def test_an_object_that_was_deleted_meanwhile_is_not_read(s3: Any, settings: Settings) -> None:
    source = stream(s3, settings, TEXT)
    s3.delete_object(Bucket=settings.bucket, Key=KEY)
    with pytest.raises(DumpChanged, match="was replaced or deleted"):
        list(source)


def test_a_pinned_version_is_read_although_a_newer_one_exists(s3: Any, settings: Settings) -> None:
    s3.put_bucket_versioning(Bucket=settings.bucket, VersioningConfiguration={"Status": "Enabled"})
    source = stream(s3, settings, TEXT)
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=b"other" * 1000)
    assert b"".join(source) == TEXT


@pytest.mark.parametrize("bomb", ["gzip", "zstd"])
def test_a_bomb_is_unpacked_in_bounded_pieces(s3: Any, settings: Settings, bomb: str) -> None:
    size = 256 * 1024 * 1024
    zeros = bytes(1024 * 1024)
    if bomb == "gzip":
        packer: Any = zlib.compressobj(9, wbits=31)
    else:
        packer = zstandard.ZstdCompressor(level=3).compressobj()
    body = b"".join(packer.compress(zeros) for _ in range(size // len(zeros))) + packer.flush()
    source = stream(s3, settings, body)
    tracemalloc.start()
    assert sum(len(piece) for piece in source) == size
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * CHUNK_BYTES
