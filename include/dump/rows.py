"""What the rows of an INSERT may look like, proven by RE2 in one pass over their bytes, and how many there are.

RE2 needs the same time for each byte whatever it is, and cannot be made slow by a hostile dump
(https://github.com/google/re2/wiki/WhyRE2). Patterns, from the strictest to the widest:

* clean: rows that mean the same to LOAD DATA as to INSERT, in strings that look like the joint of two rows nowhere but
  where a glance at the bytes before tells that it is none, so that counting rows is counting joints;
* loadable: the same without the second condition;
* literal: rows of literals of any kind and spelling that mysqldump uses, which only INSERT understands;
* spaced: the same with blanks between, as people and other programs write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

import re2

# Letters after a backslash that mean the same in LOAD DATA and in INSERT; with the quote and 0 these are all that
# mysqldump writes. In LOAD DATA `\N` would be NULL and `\%` lose its backslash. Two quotes in a row mean one in both,
# but mysqldump does not write them, so they make rows literal.
_ESCAPES = rb"btnrZ\\\""
_LOADABLE_STRING = rb"'(?:[^'\\]|\\['0" + _ESCAPES + rb"])*'"

# In a clean string a `),(` never follows what ends the last value of a row: a digit, a point, the L of NULL, the
# opening quote of the string itself. After another quote it may: the backslash before it tells that it ends nothing.
_END = rb"(?:[0-9L.]|\\0)"
_ENDS = _END + rb"+(?:\),?" + _END + rb"+)*"
_FIRST_ENDS = _END + rb"*(?:\),?" + _END + rb"+)*"


def _other(without: bytes = b"") -> bytes:
    return rb"(?:[^'\\\n0-9L." + without + rb"]|\\['" + _ESCAPES + rb"])"


_AWAY = rb"(?:" + _other(rb")") + rb"|\)" + _other(rb",") + rb"|\)," + _other(rb"(") + rb")"
_CLEAN_STRING = (
    rb"'" + _FIRST_ENDS + rb"(?:" + _AWAY + rb"(?:" + _other() + rb"|" + _ENDS + _AWAY + rb")*(?:" + _ENDS
    + rb"(?:\),?)?)?|(?:\),?)?)'"
)  # fmt: skip
_JOINT = b"),("
# What mysqldump writes, and mariadb-dump, on Windows too; a clean string holds no line feed.
_JOINTS_OF_LINES = (b"),\n(", b"),\r\n(")
_JOINT_AFTER_TEXT = re.compile(rb"\),\((?<=[^0-9'L.]\),\()")
_JOINT_AFTER_ESCAPE = re.compile(rb"\\'\),\(")
_BACKSLASH = ord("\\")

_NUMBER = rb"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_ANY_STRING = rb"'(?:[^'\\]|\\.|'')*'"
_LITERAL = (
    rb"(?:NULL|" + _NUMBER + rb"|(?:_binary ?)?" + _ANY_STRING + rb"|0x[0-9A-Fa-f]+|0b[01]+|[xXbB]'[0-9A-Fa-f]*')"
)

# InnoDB has no more; the pattern of a wider table needs too much memory, so its rows go as INSERT.
MAX_COLUMNS = 1017
BLOCK_BYTES = 256 * 1024
# Memory that RE2 may use for the states of one pattern; a table of 114 columns needs a few hundred KiB.
PATTERN_BYTES = 32 * 1024 * 1024


class Form(Enum):
    """How the rows of a statement are written; see the module."""

    CLEAN = "clean"
    LOADABLE = "loadable"
    LITERAL = "literal"
    SPACED = "spaced"


@lru_cache(maxsize=2)
def typed_rows(form: Form, unquoted: tuple[bytes, ...]) -> Any:
    """Return the pattern of rows, one or more, of a table.

    Args:
        form: clean or loadable.
        unquoted: for every column what may stand there without quotes beside NULL, as a regular expression, or nothing.
    """
    string = _CLEAN_STRING if form is Form.CLEAN else _LOADABLE_STRING
    values = (b"(?:" + b"|".join(filter(None, (b"NULL", string, literal))) + b")" for literal in unquoted)
    return _rows(b",".join(values))


@lru_cache(maxsize=1)
def literal_rows() -> Any:
    """Return the pattern of rows of literals, whatever their types and number."""
    return _rows(_LITERAL + rb"(?:," + _LITERAL + rb")*")


@lru_cache(maxsize=2)
def _spaced_rows(go_on: bool) -> Any:
    value = rb"\s*" + _LITERAL + rb"\s*"
    row = rb"\(" + value + rb"(?:," + value + rb")*\)"
    joint = rb"\s*,\s*"
    return _compiled(rb"(?:" + joint + row + rb")*" if go_on else row + rb"(?:" + joint + row + rb")*")


def match_rows(data: bytes, start: int, go_on: bool = False) -> int:
    """Return where rows end, with whatever blanks there are between their parts.

    The data may end before the rows do; then this is the end of the last row that is whole, or `start`.

    Args:
        data: what holds the rows.
        start: where the first row begins; or, to go on, where an earlier one ended.
        go_on: the next row comes behind a comma.
    """
    match = _spaced_rows(go_on).match(data, start)
    return int(match.end()) if match else start


def _rows(values: bytes) -> Any:
    return _compiled(rb"\(" + values + rb"(?:\),(?:\r?\n)?\(" + values + rb")*\)")


def _compiled(pattern: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes, not characters
    options.dot_nl = True
    options.max_mem = PATTERN_BYTES
    options.log_errors = False
    compiled = re2.compile(pattern, options)
    re2.purge()  # the library would keep the last 128, of up to `PATTERN_BYTES` each
    return compiled


def form_of(data: bytes, start: int, stop: int, unquoted: Sequence[bytes] | None) -> Form | None:
    """Return the strictest form that the bytes from `start` to `stop` have, or None when they are not rows.

    Args:
        data: a statement or what surrounds it.
        start: of the first row's `(`.
        stop: after the last row's `)`.
        unquoted: as for `typed_rows`, or None when the columns' types allow no LOAD DATA.
    """
    for form in (Form.CLEAN, Form.LOADABLE) if unquoted is not None and len(unquoted) <= MAX_COLUMNS else ():
        if typed_rows(form, tuple(unquoted or ())).fullmatch(data, start, stop):
            return form
    return Form.LITERAL if literal_rows().fullmatch(data, start, stop) else None


def count_rows(data: bytes, start: int, form: Form) -> int:
    """Return the number of rows in a statement from `start` to its end, whose form is proven."""
    if form is Form.CLEAN:
        joints = data.count(_JOINT, start)
        if data.find(b"\n", start) >= 0:
            joints += sum(data.count(joint, start) for joint in _JOINTS_OF_LINES)
        in_strings = sum(1 for _ in _JOINT_AFTER_TEXT.finditer(data, start))
        return 1 + joints - in_strings - _escaped_quotes_before_joints(data, start)
    return sum(_ends_of_rows(data, start))


def _ends_of_rows(data: bytes, start: int) -> Iterator[int]:
    """Yield how many rows end in each block of the data; in blocks, so that memory does not grow with the data."""
    in_string = 0
    while start < len(data):
        stop = min(start + BLOCK_BYTES, len(data))
        while stop < len(data) and data[stop - 1] == _BACKSLASH:  # an escape is not cut in two
            stop += 1
        block = data[start:stop]
        if b"\\" in block:
            block = block.replace(b"\\\\", b"").replace(b"\\'", b"")
        *pieces, rest = block.split(b")")
        count = 0
        for piece in pieces:
            in_string ^= piece.count(b"'") & 1
            count += not in_string
        in_string ^= rest.count(b"'") & 1
        yield count
        start = stop


def _escaped_quotes_before_joints(data: bytes, start: int) -> int:
    """Count the `'),(` whose quote is escaped, that is, has an odd number of backslashes before it."""
    count = 0
    for joint in _JOINT_AFTER_ESCAPE.finditer(data, start):
        first = joint.start()
        while data[first - 1] == _BACKSLASH:
            first -= 1
        count += (joint.start() - first + 1) & 1
    return count
