"""The rows of a spreadsheet that comes from outside: CSV or XLSX, one row at a time, and never more than a limit."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

from include.forms import Refused

Cells = Sequence[Any]
T = TypeVar("T")

MEGABYTE = 1024 * 1024
# A month of 17,000 rooms has 30 MB when unpacked, nearly all of it cells.
UNPACKED_LIMIT = 512 * MEGABYTE
OTHER_PARTS_LIMIT = 64 * MEGABYTE  # texts and styles are held in memory
# The last row that Excel has; an export that needs more ends there without a word.
LAST_ROW = 1_048_576
CUT = f"the export was cut off by Excel at {LAST_ROW:,} rows; export one month, or CSV without Excel in between"
STRANGE = "the workbook has parts that Excel would not write; open and save it with Excel"
BROKEN = "the file is damaged or was cut off on its way; upload it again"
LAST_ROW_IN_USE = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+%d"' % LAST_ROW)
# A formula whose result was never stored.
UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]{1,3})\d+"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)


@dataclass(frozen=True)
class Table:
    """One sheet.

    Attributes:
        name: of the sheet; empty for CSV.
        rows: its rows from the first on, each with its cells.
        uncomputed: how many formulas without a stored result there are, by number of the column from 0.
    """

    name: str
    rows: Iterator[Cells]
    uncomputed: Counter[int] = field(default_factory=Counter)


def tables(body: bytes) -> Iterator[Table]:
    """Return the sheets of a spreadsheet one after the other; read the rows of each before the next.

    Args:
        body: the file.

    Raises:
        Refused: it is none, or one that must not or cannot be read.
    """
    if not body:
        raise Refused("the file is empty; export and upload it again")
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("the file is encrypted or an old .xls; save it as .xlsx without a password, or as CSV")
    return _guarded(_sheets(body)) if body.startswith(b"PK") else iter([Table("", _guarded(_lines(body)))])


def _guarded(items: Iterable[T]) -> Iterator[T]:
    try:
        yield from items
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ParseError, csv.Error) as error:
        raise Refused(BROKEN) from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise Refused(STRANGE) from error


def _sheets(body: bytes) -> Iterator[Table]:
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        _check(parts)
        book: Any = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # programs write wrong ones
            rows = _guarded(sheet.iter_rows(values_only=True))
            yield Table(sheet.title, rows, _uncomputed(parts, sheet._worksheet_path))
        book.close()


def _check(parts: zipfile.ZipFile) -> None:
    entries = parts.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("the file is encrypted; save it without a password")
    if "xl/workbook.xml" not in parts.namelist():
        raise Refused("the file is no .xlsx; save the list as .xlsx or CSV")
    sheets = {entry.filename for entry in entries if entry.filename.startswith("xl/worksheets/")}
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with parts.open(entry) as part:
                begin = part.read(4096)
            if b"<!DOCTYPE" in begin:
                raise Refused(STRANGE)
            if entry.filename in sheets and LAST_ROW_IN_USE.search(begin):
                raise Refused(CUT)
    size = sum(entry.file_size for entry in entries)
    others = sum(entry.file_size for entry in entries if entry.filename not in sheets)
    if size > UNPACKED_LIMIT or others > OTHER_PARTS_LIMIT:
        raise Refused(f"the file unpacks to {size // MEGABYTE:,} MB, more than is read; export one month, or CSV")


def _uncomputed(parts: zipfile.ZipFile, path: str) -> Counter[int]:
    from openpyxl.utils import column_index_from_string

    found: Counter[bytes] = Counter()
    with parts.open(path) as part:
        rest = b""
        while chunk := part.read(MEGABYTE):
            text = rest + chunk
            found.update(match[1] for match in UNCOMPUTED.finditer(text))
            rest = text[max(text.rfind(b"<c "), len(text) - MEGABYTE) :]
    return Counter({column_index_from_string(letters.decode()) - 1: cells for letters, cells in found.items()})


def _lines(body: bytes) -> Iterator[Cells]:
    if b"\0" in body[:4096] or body.startswith(b"%PDF"):
        raise Refused("the file is no spreadsheet; save the list as .xlsx, or as CSV in UTF-8")
    if body.count(b"\n") + (not body.endswith(b"\n")) == LAST_ROW:
        raise Refused(CUT)
    text = io.TextIOWrapper(io.BytesIO(body), _encoding(body), newline="")
    begin = text.readline()
    text.seek(0)
    width = 0
    for row in csv.reader(text, delimiter="\t" if begin.count("\t") > begin.count(",") else ",", strict=True):
        width = width or len(row)
        if row and len(row) != width:
            raise Refused(BROKEN)
        yield row


def _encoding(body: bytes) -> str:
    for name in ("utf-8-sig", "cp932"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            for start in range(0, len(body), MEGABYTE):
                decoder.decode(body[start : start + MEGABYTE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise Refused("the text is neither UTF-8 nor CP932 (Shift_JIS); save it as CSV UTF-8")
