"""Recognise files that are not a dump in plain SQL by their first bytes, and say what helps."""

from __future__ import annotations

import re

HEAD_BYTES = 512
# Of bytes at random, one in nine is none of text, so that 64 without one are 1 in 1,600.
OPENING_BYTES = 64
_AGAIN = "deliver it as plain SQL, gzip or zstd"
_MYSQLDUMP = "have the dump taken with mysqldump"

_MAGIC = (
    (b"PK\x03\x04", "a zip archive", f"unpack it, then {_AGAIN}"),
    (b"\xfd7zXZ\x00", "an xz file", f"unpack it, then {_AGAIN}"),
    (b"BZh", "a bzip2 file", f"unpack it, then {_AGAIN}"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", f"unpack it, then {_AGAIN}"),
    (b"Rar!", "a RAR archive", f"unpack it, then {_AGAIN}"),
    (b"\x04\x22\x4d\x18", "an lz4 file", f"unpack it, then {_AGAIN}"),
    (b"\x1f\x9d", "a file of compress (.Z)", f"unpack it, then {_AGAIN}"),
    (b"\x89LZO", "an lzop file", f"unpack it, then {_AGAIN}"),
    (b"\x1f\x8b", "a gzip file inside a compressed file", "compress it once"),
    (b"\x28\xb5\x2f\xfd", "a zstd file inside a compressed file", "compress it once"),
    (b"Salted__", "an encrypted file (openssl)", f"decrypt it, then {_AGAIN}"),
    (b"-----BEGIN PGP", "an encrypted file (PGP)", f"decrypt it, then {_AGAIN}"),
    (b"age-encryption.org", "an encrypted file (age)", f"decrypt it, then {_AGAIN}"),
    (b"PGDMP", "a dump of PostgreSQL", _MYSQLDUMP),
    (b"SQLite format 3", "a database of SQLite", _MYSQLDUMP),
    (b"XBSTCK", "a backup of Percona XtraBackup", _MYSQLDUMP),
    (b"<?xml", "an XML file (mysqldump --xml, or an error page)", "have the dump taken without --xml"),
    (b"<", "an HTML or XML file, for example an error page", "look into it, and have the dump delivered again"),
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def foreign_kind(head: bytes) -> tuple[str, str] | None:
    """Return what a file is, and what to do, when its first bytes are not those of plain SQL.

    Args:
        head: the first `HEAD_BYTES` of the decompressed file, or all of a smaller one.
    """
    if encoding := _utf_16_or_32(head):
        return (
            f"a file in {encoding}, as PowerShell writes when output is redirected with >",
            "have the dump written by mysqldump itself, with --result-file=FILE, which gives UTF-8",
        )
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            return what, remedy
    if head[257:262] == b"ustar":
        return "a tar archive", f"unpack it, then {_AGAIN}"
    # A dump of a few rows may hold a binary value within these bytes, but none begins with one.
    if _BINARY.search(head, 0, OPENING_BYTES) and len(_BINARY.findall(head)) > len(head) // 16:
        what = "bytes that are no text: an encrypted file, or one compressed in another way"
        return what, f"decrypt or unpack it, then {_AGAIN}"
    return None


def _utf_16_or_32(head: bytes) -> str:
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    half = len(head) // 2
    if half > 4 and (head[::2].count(0) > half * 3 // 4 or head[1::2].count(0) > half * 3 // 4):
        return "UTF-16"
    return ""
