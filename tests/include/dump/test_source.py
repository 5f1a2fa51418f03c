"""The bytes of a dump arrive whole, whatever the compression, or the load stops."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zstandard

from include.dump.errors import DumpChanged, DumpError, DumpMissing, TruncatedDump
from include.dump.location import find_dumps
from include.dump.source import (
    CHUNK_BYTES,
    FREE_BYTES,
    READ_AHEAD,
    TRIES,
    DumpStream,
    DumpTooDense,
    LocalDump,
    Pause,
    S3Dump,
    SourceUnreachable,
)
from include.settings import Settings
from tests.include.dump.unsteady_s3 import Cut, unsteady_s3

TARGET = date(2026, 3, 2)
KEY = "dumps/gghouse_20260302.sql"
TEXT = random.Random(1).randbytes(300_000) + b"INSERT INTO `t` VALUES (1);\n" * 100_000
NOISE = random.Random(3).randbytes(5 * CHUNK_BYTES + 321)


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("read ")]


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    yield
    assert readers() == []


def stream(s3: Any, settings: Settings, body: bytes) -> DumpStream:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=body)
    return DumpStream(S3Dump(s3, find_dumps(s3, settings, TARGET)[0]))


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)  # as the zstd program does


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("none", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("zstd", zstd(TEXT)),
        ("zstd", zstd(TEXT[:1000]) + zstd(TEXT[1000:])),
        ("zstd", b"\x50\x2a\x4d\x18\x04\0\0\0pzst" + zstd(TEXT)),
    ],
    ids=["plain", "gzip", "two gzip members", "zstd", "two zstd frames", "zstd after a frame without data"],
)
def test_the_same_text_comes_out_of_every_compression(s3: Any, settings: Settings, kind: str, body: bytes) -> None:
    source = stream(s3, settings, body)
    assert source.compression is None
    assert b"".join(source) == TEXT
    assert source.compression == kind
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


def test_zstd_that_needs_too_much_memory_says_how_to_compress(s3: Any, settings: Settings) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()  # as the zstd program with --long=27
    with pytest.raises(DumpError, match=r"needs more than 32 MiB to be unpacked; .* without zstd's options --long"):
        list(stream(s3, settings, packer.compress(TEXT) + packer.flush()))


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


def packed(kind: str, pieces: Iterable[bytes]) -> bytes:
    if kind == "gzip":
        packer: Any = zlib.compressobj(9, wbits=31)
    else:
        packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join(packer.compress(piece) for piece in pieces) + packer.flush()


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_hazard_20_a_bomb_is_stopped_in_bounded_memory(s3: Any, settings: Settings, kind: str) -> None:
    source = stream(s3, settings, packed(kind, (bytes(CHUNK_BYTES) for _ in range(256))))
    sizes: list[int] = []
    tracemalloc.start()
    with pytest.raises(DumpTooDense, match=r"gghouse_20260302\.sql holds more than .* over 200 times as many"):
        sizes.extend(len(piece) for piece in source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) <= FREE_BYTES
    assert max(sizes) <= CHUNK_BYTES
    assert peak < 32 * CHUNK_BYTES


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_dense_dump_is_no_bomb(s3: Any, settings: Settings, kind: str) -> None:
    noise = random.Random(2)
    pieces = [noise.randbytes(CHUNK_BYTES // 100) + bytes(CHUNK_BYTES) for _ in range(80)]
    assert sum(map(len, stream(s3, settings, packed(kind, pieces)))) == sum(map(len, pieces)) > FREE_BYTES


@pytest.mark.parametrize("how", ["close", "silence"])
def test_a_dropped_connection_is_resumed_where_it_broke_off(how: str) -> None:
    pauses: list[float] = []
    with unsteady_s3(NOISE, [Cut(1_500_000, how), Cut(0, how), Cut(2_000_000, how)]) as s3:
        assert b"".join(S3Dump(s3.client, s3.found).read(pause=pauses.append)) == NOISE
        offsets = [int(asked.removeprefix("bytes=").partition("-")[0]) for asked in s3.ranges[1:] if asked]
    assert s3.ranges[0] is None
    assert 0 < offsets[0] <= 1_500_000
    assert offsets[1] == offsets[0], "the second answer brought nothing"
    assert offsets[1] < offsets[2] <= offsets[1] + 2_000_000
    assert {request["If-Match"] for request in s3.requests} == {'"first"'}
    assert {request["path"].partition("?versionId=")[2] for request in s3.requests} == {"version-1"}
    assert pauses == [0.5, 1.0, 0.5]


def test_a_reset_connection_is_resumed_whatever_it_took_along() -> None:
    with unsteady_s3(NOISE, [Cut(1_500_000, "reset"), Cut(3_000_000, "reset")]) as s3:
        assert b"".join(S3Dump(s3.client, s3.found).read(pause=lambda _seconds: None)) == NOISE
    assert len(s3.requests) == 3


def test_the_checksum_of_a_resumed_dump_is_that_of_its_bytes() -> None:
    body = gzip.compress(NOISE)
    with unsteady_s3(body, [Cut(2_000_000), Cut(3)]) as s3:
        source = DumpStream(S3Dump(s3.client, s3.found))
        assert b"".join(source) == NOISE
    assert source.sha256 == hashlib.sha256(body).hexdigest()
    assert source.read_bytes == len(body)


def test_a_line_that_always_breaks_but_brings_bytes_is_not_given_up() -> None:
    with unsteady_s3(NOISE, [Cut(200_000)] * 20) as s3:
        assert b"".join(S3Dump(s3.client, s3.found).read(pause=lambda _seconds: None)) == NOISE
    assert len(s3.requests) == 21


@pytest.mark.parametrize("cut", [Cut(0), Cut(0, "reset"), Cut(0, "503")], ids=["close", "reset", "503"])
def test_a_connection_that_does_not_come_back_is_worth_another_try(cut: Cut) -> None:
    pauses: list[float] = []
    with (
        unsteady_s3(NOISE, [Cut(CHUNK_BYTES)] + [cut] * 99) as s3,
        pytest.raises(SourceUnreachable, match=r"broke off at byte 1,048,576 of 5,243,201 and 6 tries") as caught,
    ):
        list(S3Dump(s3.client, s3.found).read(pause=pauses.append))
    assert not isinstance(caught.value, DumpError), "those are never tried again"
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert len(s3.requests) == TRIES


def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with unsteady_s3(NOISE) as s3:
        dump = S3Dump(s3.client, s3.found)
    with pytest.raises(SourceUnreachable, match=r"broke off at byte 0 of 5,243,201"):
        list(dump.read(pause=lambda _seconds: None))


def test_an_object_replaced_between_two_connections_is_not_mixed_with_the_old_one() -> None:
    with unsteady_s3(NOISE, [Cut(2_000_000)]) as s3:

        def replace(_seconds: float) -> None:
            s3.etag = '"second"'

        with pytest.raises(DumpChanged, match="was replaced or deleted after it was found; clear the task"):
            list(S3Dump(s3.client, s3.found).read(pause=replace))


def test_an_object_of_another_size_is_not_read() -> None:
    with unsteady_s3(NOISE) as s3:
        dump = S3Dump(s3.client, s3.found)
        s3.body = NOISE[:-1]
        with pytest.raises(
            DumpChanged, match=r"had 5,243,201 bytes when it was found, and now S3 offers bytes 0-5243199"
        ):
            list(dump.read())
        with pytest.raises(DumpChanged, match="in place of 7-5243200; clear the task"):
            list(dump.read(7))


def test_a_right_that_is_missing_is_told_as_it_is(s3: Any, settings: Settings) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=TEXT)
    dump = S3Dump(s3, find_dumps(s3, settings, TARGET)[0])
    s3.delete_object(Bucket=settings.bucket, Key=KEY)
    s3.delete_bucket(Bucket=settings.bucket)
    with pytest.raises(s3.exceptions.NoSuchBucket):
        list(dump.read())


def local(tmp_path: Path, body: bytes) -> LocalDump:
    path = tmp_path / "dump.sql"
    path.write_bytes(body)
    return LocalDump(path)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, None), (0, 10), (7, None), (CHUNK_BYTES, 3 * CHUNK_BYTES + 1), (9, 9), (0, 10**9)]
)
def test_any_part_of_a_dump_can_be_read_again(
    s3: Any, settings: Settings, tmp_path: Path, start: int, stop: int | None
) -> None:
    s3.put_object(Bucket=settings.bucket, Key=KEY, Body=NOISE)
    for dump in (S3Dump(s3, find_dumps(s3, settings, TARGET)[0]), local(tmp_path, NOISE)):
        pieces = list(dump.read(start, stop))
        assert b"".join(pieces) == NOISE[start:stop]
        assert all(0 < len(piece) <= CHUNK_BYTES for piece in pieces)
        assert b"".join(DumpStream(dump, start, stop)) == NOISE[start:stop]


def test_a_part_is_taken_as_it_is_whatever_it_begins_with(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT)
    dump = local(tmp_path, b"INSERT" + packed)
    assert b"".join(DumpStream(dump, 6)) == packed


@pytest.mark.parametrize("body", [b"", b"-", b"\x1f", b"--"])
def test_a_dump_of_hardly_a_byte_is_plain(tmp_path: Path, body: bytes) -> None:
    source = DumpStream(local(tmp_path, body))
    assert b"".join(source) == body
    assert source.compression == "none"


def rewrite(path: Path) -> None:
    path.write_bytes(NOISE[::-1])
    os.utime(path, ns=(1, 1))


def replace(path: Path) -> None:
    other = path.with_name("other.sql")
    other.write_bytes(NOISE)
    before = path.stat()
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


@pytest.mark.parametrize("change", [rewrite, replace, append, Path.unlink, lambda path: os.truncate(path, 7)])
def test_a_file_that_was_changed_after_it_was_found_is_not_read(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    dump = local(tmp_path, NOISE)
    change(dump.path)
    with pytest.raises(DumpChanged, match=r"dump\.sql was (changed|deleted) after it was found"):
        list(dump.read())


@pytest.mark.parametrize("change", [rewrite, append, lambda path: os.truncate(path, CHUNK_BYTES)])
def test_a_file_that_is_changed_while_it_is_read_is_noticed(tmp_path: Path, change: Callable[[Path], object]) -> None:
    dump = local(tmp_path, NOISE)
    pieces = dump.read()
    next(pieces)
    change(dump.path)
    with pytest.raises(DumpChanged, match="was changed after it was found"):
        list(pieces)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DumpMissing, match=r"dump\.sql cannot be read \(No such file or directory\); name a dump file"):
        LocalDump(tmp_path / "dump.sql")
    with pytest.raises(DumpMissing, match="is not a file"):
        LocalDump(tmp_path)


class Endless:
    """A dump without end, and how far it was read."""

    size = 10**12

    def __init__(self) -> None:
        self.given = 0

    def read(self, start: int = 0, stop: int | None = None, pause: Pause = time.sleep) -> Iterator[bytes]:
        while True:
            self.given += 1
            yield bytes(CHUNK_BYTES)


def test_no_more_than_a_few_pieces_are_read_ahead() -> None:
    dump = Endless()
    with DumpStream(dump) as source:
        pieces = iter(source)
        for taken in range(1, 4):
            next(pieces)
            time.sleep(0.2)
            assert dump.given == taken + READ_AHEAD
            assert source.read_bytes == taken * CHUNK_BYTES


def test_the_reading_ends_when_the_consumer_stops_early() -> None:
    for _ in DumpStream(Endless()):
        break
    assert readers() == []


def test_the_reading_ends_when_the_consumer_fails() -> None:
    def consume() -> None:
        with DumpStream(Endless()) as source:
            for _ in source:
                raise ValueError("not mine")

    with pytest.raises(ValueError, match="not mine") as caught:
        consume()
    assert readers() == [], f"although {caught.value} still holds the frames"


def test_a_stream_can_be_closed_at_any_time_and_then_gives_nothing() -> None:
    DumpStream(Endless()).close()
    source = DumpStream(Endless())
    pieces = iter(source)
    next(pieces)
    source.close()
    source.close()
    assert readers() == []
    with pytest.raises(RuntimeError, match="was closed before its end was read"):
        next(pieces)


def test_a_stream_is_read_once(tmp_path: Path) -> None:
    source = DumpStream(local(tmp_path, TEXT))
    list(source)
    with pytest.raises(RuntimeError, match="is read once"):
        list(source)


def test_closing_does_not_wait_for_a_connection_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with unsteady_s3(NOISE, [Cut(2 * CHUNK_BYTES)] + [Cut(0)] * 99) as s3:
        source = DumpStream(S3Dump(s3.client, s3.found))
        pieces = iter(source)
        next(pieces)
        while len(s3.requests) < 2:
            time.sleep(0.01)
        monkeypatch.setattr("include.dump.source.FIRST_PAUSE_SECONDS", 3600)  # the pause that comes next
        source.close()
        assert f"read {s3.found}" not in {thread.name for thread in threading.enumerate()}
