"""A file's rows reach the server as they are, or written anew, and mean the same either way."""

from __future__ import annotations

import csv
import io
import random
from datetime import date

import pytest

from include.history.snapshot_file import HEADER, SnapshotError, SnapshotFile, literals

DAY = date(2026, 3, 1)
HEAD = ",".join(HEADER) + "\n"
NAMES = [
    "山田",
    "a b",
    "",
    "  ",
    "NULL",
    r"\N",
    r"\\",
    "a,b",
    'say "hi"',
    "two\nlines",
    "it's",
    "\0",
    "x" * 191,
    "漢" * 191,
]


def snapshot(rows: str | bytes, head: str = HEAD) -> SnapshotFile:
    return SnapshotFile("f.csv", head.encode() + (rows if isinstance(rows, bytes) else rows.encode()), DAY)


def stream(file: SnapshotFile, one_by_one: bool = False) -> bytes:
    return b"".join(file.pieces(one_by_one))


def test_plain_lines_are_given_away_as_they_are_in_one_piece() -> None:
    rows = "".join(f"{number},9,-1,名前 {number},2026-03-01\n" for number in range(1, 1000))
    file = snapshot(rows)
    (piece,) = file.pieces()
    assert isinstance(piece, memoryview)
    assert (bytes(piece), file.rows, file.skipped) == (rows.encode(), 999, 0)


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ('1,9,1,"a,b",2026-03-01\n', b"1,9,1,a\\,b,2026-03-01\n"),
        ('1,9,1,"a ""b""\nc",2026-03-01\n', b'1,9,1,a "b"\\nc,2026-03-01\n'),
        ("1,9,1,\\N,2026-03-01\n", b"1,9,1,\\\\N,2026-03-01\n"),
        ("1,9,,a,2026-03-01\n", b"1,9,0,a,2026-03-01\n"),
        (" 1,+9,1_0,a,2026-03-01\n", b"1,9,10,a,2026-03-01\n"),
        ("1,9,1,a,2026-03-01", b"1,9,1,a,2026-03-01\n"),
        ("1,2147483647,-2147483648,a,2026-03-01\n", b"1,2147483647,-2147483648,a,2026-03-01\n"),
        ("1,9,1,a,2026-03-01\r\n", b"1,9,1,a,2026-03-01\n"),
        ('1,9,1,"a\r\nb",2026-03-01\r\n', b"1,9,1,a\\r\\nb,2026-03-01\n"),
    ],
)
def test_other_lines_are_written_anew(line: str, sent: bytes) -> None:
    assert stream(snapshot("7,9,1,b,2026-03-01\n" + line)) == b"7,9,1,b,2026-03-01\n" + sent


def test_both_ways_of_reading_give_the_same() -> None:
    chance = random.Random(1)
    for _ in range(50):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator=chance.choice(["\n", "\r\n"]))
        for number in range(100):
            day = chance.choice(["2026-03-01"] * 9 + ["2026-03-02"])
            writer.writerow([number, chance.choice([9, 9, "x"]), chance.choice([1, ""]), chance.choice(NAMES), day])
        file = snapshot(text.getvalue())
        fast = stream(file), file.rows, file.skipped
        assert (stream(file, one_by_one=True), file.rows, file.skipped) == fast
        assert file.rows + file.skipped == 100


def test_of_two_rows_of_a_tenant_the_first_counts_when_read_one_by_one() -> None:
    file = snapshot("1,9,1,a,2026-03-01\n2,9,1,a,2026-03-01\n1,9,1,b,2026-03-01\n")
    assert stream(file).count(b"\n") == 3
    assert stream(file, one_by_one=True) == b"1,9,1,a,2026-03-01\n2,9,1,a,2026-03-01\n"
    assert (file.rows, file.skipped) == (2, 1)


def test_an_insert_gets_the_same_rows_with_nothing_foreign_in_them() -> None:
    rows = "1,9,1,,2026-03-01\n2,9,-1,'); DROP TABLE x; -- ,2026-03-01\n" + '3,9,1,"a,\\\n",2026-03-01\n'
    found = [row for piece in snapshot(rows).pieces() for row in literals(piece)]
    assert found == [
        b"(1,9,1,NULL,'2026-03-01')",
        b"(2,9,-1,'\\'); DROP TABLE x; -- ','2026-03-01')",
        b"(3,9,1,'a\\,\\\\\\n','2026-03-01')",
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (f"1,9,1,a,2026-03-01\n2,9,1,{'漢' * 192},2026-03-01\n", "line 3: full_name has more than 191 letters"),
        (b"1,9,1,a,2026-03-01\n2,9,1,\xff,2026-03-01\n", "line 3, is not UTF-8"),
        ("1,9,1,a,2026-03-01\n" + f'2,9,1,"{"x" * 200_000}",2026-03-01\n', "line 3: field larger than field limit"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(rows: str | bytes, says: str) -> None:
    for one_by_one in (False, True):
        with pytest.raises(SnapshotError, match=rf"f\.csv, {says}.*; restore the right file"):
            stream(snapshot(rows), one_by_one)


@pytest.mark.parametrize("head", ["", "<html>\n", "tenant_id\n", '"', "\ufeff\ufeff" + HEAD])
def test_another_header_is_no_snapshot(head: str) -> None:
    with pytest.raises(SnapshotError, match=r"f\.csv does not begin with tenant_id,status"):
        snapshot("", head)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert stream(snapshot("1,9,1,a,2026-03-01\n", "\ufeff" + HEAD)) == b"1,9,1,a,2026-03-01\n"
