"""Look into an Excel file before it is opened: is it one, is it safe, and does a filled copy keep all that it holds."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from xml.etree import ElementTree

from include.forms import Refused

LARGEST_FILE = 2_000_000
LARGEST_CONTENT = 4_000_000
MOST_PARTS = 500
# Areas that are kept cell by cell, and how many cells they may have on a sheet.
SPREAD = ("}mergeCell", "}hyperlink")
MOST_SPREAD = 100_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(core|app|custom)\.xml"
    r"|xl/(workbook|styles|sharedStrings|theme/theme\d+|worksheets/[^/]+)\.xml|xl/(worksheets/)?_rels/[^/]+\.rels"
)
# Left out of a filled copy, and no reader sees a difference: drivers' settings, preview, order of calculation, names of
# commentators, and what a document store writes into its files.
UNSEEN = re.compile(r"xl/(printerSettings|persons)/.*|docProps/thumbnail\..*|xl/calcChain\.xml|customXml/.*")
LOST = (
    (r"xl/vbaProject|xl/macrosheets|xl/dialogsheets|xl/vbaData", "macros"),
    (r"xl/charts|xl/chartsheets|xl/chartEx", "charts"),
    (r"xl/pivot", "pivot tables"),
    (r"xl/externalLinks", "links to other workbooks"),
    (r"xl/media", "images"),
    (r"xl/comments|xl/threadedComments|xl/drawings/.*vml", "comments or buttons"),
    (r"xl/activeX|xl/ctrlProps", "form controls"),
    (r"xl/embeddings", "embedded files"),
    (r"xl/connections|xl/queryTables|xl/model", "data connections"),
    (r"xl/slicer|xl/timeline", "slicers"),
    (r"xl/tables", "tables"),
    (r"xl/metadata|xl/richData", "dynamic arrays"),
    (r"xl/drawings", "drawings"),
)
# Elements of workbook and sheets that a filled copy writes in another way, or leaves out unseen.
REWRITTEN = frozenset(
    {
        *("row", "c", "v", "is", "t", "dimension", "cols", "col", "phoneticPr", "ignoredErrors", "ignoredError"),
        *("fileVersion", "absPath", "revisionPtr", "AlternateContent", "Choice", "calcPr", "fileRecoveryPr"),
        *("sheetFormatPr", "sheetPr", "sheetViews", "sheetView", "selection", "legacyDrawing"),
        *("headerFooter", "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"),
        *("extCalcPr", "workbookPr", "bookViews", "workbookView", "extLst", "ext", "xcalcf", "calcFeatures", "feature"),
    }
)
PHONETICS = "ph"
NAMES = {
    PHONETICS: "phonetic guides that are shown",
    "sparklineGroup": "sparklines",
    "sparklineGroups": "sparklines",
    "conditionalFormattings": "conditional formats of newer kinds",
    "dataValidations": "data validations that refer to other sheets",
}
SHEETS = re.compile(r"xl/(workbook|worksheets/[^/]+)\.xml")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
ENCRYPTED = 0x1
# What zipfile, the XML parser and openpyxl raise over a damaged file.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, OSError, RuntimeError),
    *(LookupError, TypeError, AttributeError, ValueError),
)


def parts(name: str, body: bytes) -> dict[str, bytes]:
    """Return the parts of an xlsx file that a copy would keep whole.

    Args:
        name: of the file, for messages.
        body: the file.

    Raises:
        Refused: it is no xlsx file, is encrypted or dangerous, or holds what a copy would lose.
    """
    if body.startswith(OLE):
        raise Refused(f"{name} is encrypted, or an .xls file; save it without a password as .xlsx and upload it again")
    if len(body) > LARGEST_FILE:
        raise Refused(
            f"{name} has {len(body):,} bytes; a template has at most {LARGEST_FILE:,}, so upload a smaller one"
        )
    try:
        content = _unpacked(name, body)
        _check_lost(name, content)
        _check_content(name, content)
        if "xl/workbook.xml" not in content:
            raise no_workbook(name)
    except Refused:
        raise
    except DAMAGED as error:
        raise no_workbook(name) from error
    return content


def elements(content: Mapping[str, bytes]) -> Counter[str]:
    """Return how often each element stands in workbook and sheets, but for those that a copy writes in another way."""
    found: Counter[str] = Counter()
    for part in filter(SHEETS.match, content):
        for each in _tree(content[part]).iter():
            tag = each.tag.rpartition("}")[2]
            found[tag] += tag not in REWRITTEN
            found[PHONETICS] += each.get("ph") in ("1", "true")
    return found


def lost(before: Counter[str], after: Counter[str]) -> list[str]:
    """Return what a copy lacks, in words where there are some."""
    tags = {tag for tag in before if after[tag] < before[tag]}
    return sorted({NAMES[tag] for tag in tags if tag in NAMES}) or [f"<{tag}>" for tag in sorted(tags)]


def no_workbook(name: str) -> Refused:
    """Return the refusal of a file that cannot be read."""
    return Refused(
        f"{name} is no Excel workbook, or is damaged; open it in Excel, save it as .xlsx and upload it again"
    )


def _unpacked(name: str, body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        entries = file.infolist()
        size = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_PARTS or size > LARGEST_CONTENT:
            raise Refused(
                f"{name} unpacks to {len(entries):,} parts of {size:,} bytes, more than {MOST_PARTS} or "
                f"{LARGEST_CONTENT:,}; create the template again in Excel"
            )
        if any(entry.flag_bits & ENCRYPTED for entry in entries):
            raise Refused(f"{name} is encrypted; save it without a password and upload it again")
        if len({entry.filename for entry in entries}) < len(entries):
            raise no_workbook(name)
        return {entry.filename: file.read(entry) for entry in entries if not entry.is_dir()}


def _check_lost(name: str, content: Mapping[str, bytes]) -> None:
    strange = [part for part in content if not KEPT.fullmatch(part) and not UNSEEN.fullmatch(part)]
    found = {next((words for pattern, words in LOST if re.match(pattern, part)), part) for part in strange}
    if b"macroEnabled" in content["[Content_Types].xml"]:
        found.add("macros")
    if len(found) > 1:
        found.discard("drawings")  # they only hold what is named already
    if found:
        raise Refused(
            f"{name} holds {', '.join(sorted(found))}, which a filled copy would lose; "
            "remove that from the template and upload it again"
        )


def _check_content(name: str, content: Mapping[str, bytes]) -> None:
    for part, body in content.items():
        if part.endswith((".xml", ".rels")) and any("<!DOCTYPE".encode(code) in body for code in ENCODINGS):
            raise no_workbook(name)  # no Excel file has one, and its entities can grow without end
        if part.endswith(".rels") and any(_leads_elsewhere(each.attrib) for each in _tree(body).iter()):
            raise Refused(f"{name} refers to other files; remove the links from the template and upload it again")
        if SHEETS.match(part):
            areas = [each.get("ref", "") for each in _tree(body).iter() if each.tag.endswith(SPREAD)]
            if sum(map(_size, areas)) > MOST_SPREAD:
                raise Refused(
                    f"{name} joins or links more than {MOST_SPREAD:,} cells; make the areas smaller and upload it again"
                )


def _leads_elsewhere(relation: Mapping[str, str]) -> bool:
    return relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink")


def _size(area: str) -> int:
    from openpyxl.worksheet.cell_range import CellRange

    size = CellRange(area).size
    return int(size["rows"] * size["columns"])


def _tree(body: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(body)  # noqa: S314  # has no DTD
