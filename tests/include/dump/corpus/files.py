"""Files that are broken as files: empty, cut, packed wrongly, packed too well, not what their manifest says."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import zstandard

from include.dump.errors import (
    DumpError,
    DumpTooSmall,
    ManifestRejected,
    TruncatedDump,
    UnexpectedStatement,
)
from tests.include.dump.corpus.case import CREATE_U, at_the_end, loaded, refused
from tests.include.dump.dumps import CLASSIC_FOOTER, CLASSIC_HEADER, classic, compact, day

GZ = {"suffix": ".gz"}
ZST = {"suffix": ".zst"}


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def packed_bomb(pattern: bytes, size: int, head: bytes, packer: Any) -> bytes:
    """Pack `head` and `size` bytes of a repeated pattern, a MiB at a time."""
    block = pattern * ((1 << 20) // len(pattern))
    parts = [packer.compress(head)]
    parts += [packer.compress(block) for _ in range(size // len(block))]
    return b"".join([*parts, packer.flush()])


@refused("is empty", error=DumpTooSmall, noted=False)
def an_empty_file() -> bytes:
    return b""


@refused("nothing proves", error=TruncatedDump)
def only_blanks() -> bytes:
    return b"\n" * 100_000


@refused("nothing proves", error=TruncatedDump)
def only_comments() -> bytes:
    return b"-- nothing\n" * 10_000


@refused("has no table", error=DumpError)
def only_header_and_footer() -> bytes:
    return CLASSIC_HEADER + b"-- filling\n" * 1000 + CLASSIC_FOOTER


@refused("has no table", error=DumpError, manifest={})
def only_comments_with_a_manifest() -> bytes:
    return b"-- nothing\n" * 10_000


@refused("is 1,000 rows|has 0 rows|a real dump", error=DumpError)
def definitions_without_rows() -> bytes:
    return b"\n".join(line for line in classic(day()).split(b"\n") if not line.startswith(b"INSERT"))


@refused(r"line 1 \(byte 0\): ", error=UnexpectedStatement)
def a_page_of_the_web() -> bytes:
    return b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>\n" * 100


@refused(r"line 1 \(byte 0\): ", error=UnexpectedStatement)
def an_error_of_mysqldump() -> bytes:
    return b"mysqldump: [Warning] Using a password on the command line interface can be insecure.\n" + classic(day())


@refused(r"line \d+ \(byte \d+\): ", error=DumpError)
def an_error_of_mysqldump_at_the_end() -> bytes:
    return classic(day(), footer=b"mysqldump: Error 2013: Lost connection to MySQL server during query\n")


@refused(r"line \d+", error=DumpError)
def a_hole_of_zeros() -> bytes:
    body = classic(day())
    return body[:20_000] + bytes(4096) + body[24_096:]


@refused(r"line \d+|have a key", error=DumpError)
def a_block_twice() -> bytes:
    body = classic(day())
    return body[:20_000] + body[12_000:]


@refused("cut off: its gzip data have no end", error=TruncatedDump, **GZ)
def a_cut_gzip_file() -> bytes:
    return gzip.compress(classic(day()))[:-100]


@refused("cut off: its gzip data have no end", error=TruncatedDump, **GZ)
def a_gzip_file_without_its_last_byte() -> bytes:
    return gzip.compress(classic(day()))[:-1]


@refused("cut off: its zstd data have no end", error=TruncatedDump, **ZST)
def a_cut_zstd_file() -> bytes:
    return zstd(classic(day()))[:-1]


@refused("is damaged", error=DumpError, **GZ)
def a_gzip_file_with_a_wrong_checksum() -> bytes:
    body = bytearray(gzip.compress(classic(day())))
    body[-8] ^= 1
    return bytes(body)


@refused("is damaged", error=DumpError, **ZST)
def a_zstd_file_with_a_wrong_checksum() -> bytes:
    body = bytearray(zstd(classic(day())))
    body[-1] ^= 1
    return bytes(body)


@refused("is damaged|cut off", error=DumpError, **GZ)
def garbage_behind_gzip() -> bytes:
    return gzip.compress(classic(day())) + b"garbage"


@refused("is damaged|cut off", error=DumpError, **ZST)
def garbage_behind_zstd() -> bytes:
    return zstd(classic(day())) + b"garbage"


@refused(r"line \d+ \(byte \d+\): ", error=UnexpectedStatement, **GZ)
def a_statement_in_a_second_gzip_member() -> bytes:
    return gzip.compress(classic(day())) + gzip.compress(b"DROP TABLE `movings`;\n")


@refused(r"line \d+ \(byte \d+\): ", error=UnexpectedStatement, **ZST)
def a_statement_in_a_second_zstd_frame() -> bytes:
    return zstd(classic(day())) + zstd(b"DROP TABLE `movings`;\n")


@refused(r"line 1 \(byte 0\): ", error=UnexpectedStatement, **GZ)
def gzip_in_gzip() -> bytes:
    return gzip.compress(gzip.compress(classic(day())))


@loaded(**GZ)
def a_plain_file_that_is_called_gz() -> bytes:
    return classic(day())


@loaded()
def a_gzip_file_that_is_called_plain() -> bytes:
    return gzip.compress(classic(day()))


@loaded(**GZ)
def a_zstd_file_that_is_called_gz() -> bytes:
    return zstd(classic(day()))


@refused("a statement of more than|times as many", error=DumpError, **GZ)
def a_gzip_bomb_in_a_string() -> bytes:
    head = classic(day()) + CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1,'"
    return packed_bomb(b"x", 128 << 20, head, zlib.compressobj(9, wbits=31))


@refused("a statement of more than|times as many", error=DumpError, **ZST)
def a_zstd_bomb_in_a_comment() -> bytes:
    head = classic(day()) + b"/* "
    return packed_bomb(b"x", 128 << 20, head, zstandard.ZstdCompressor().compressobj())


@refused("nothing proves|times as many", error=DumpError, **ZST)
def a_zstd_bomb_of_blanks() -> bytes:
    return packed_bomb(b"\n", 64 << 20, classic(day()), zstandard.ZstdCompressor().compressobj())


@refused("is 9 bytes|another size|says", error=DumpError, noted=False, manifest={"dump_size_bytes": 9})
def another_size_than_the_manifest_says() -> bytes:
    return classic(day())


@refused("its manifest says", error=DumpError, manifest={"dump_sha256": "0" * 64})
def another_checksum_than_the_manifest_says() -> bytes:
    return classic(day())


@refused("", error=ManifestRejected, noted=False, manifest={"valid_for_etl": False})
def a_manifest_that_calls_its_dump_invalid() -> bytes:
    return classic(day())


@refused("ends inside", error=TruncatedDump, manifest={})
def a_cut_dump_with_a_manifest_of_the_cut_file() -> bytes:
    return compact(day())[:-300]


@refused("nothing proves", error=TruncatedDump)
def a_compact_dump_without_a_manifest() -> bytes:
    return compact(day())


@refused("nothing proves", error=TruncatedDump)
def a_footer_inside_a_string() -> bytes:
    return at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1,'\n-- Dump completed\n');\n").replace(
        CLASSIC_FOOTER, b""
    )
