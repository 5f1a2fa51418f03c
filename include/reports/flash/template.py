"""Fill the readers' own Excel template: only the mapped cells change, or the template is refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from include.forms import Refused
from include.reports.flash import package
from include.reports.flash.profile import Profile, Target
from include.reports.workbook import reproducible

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.cell_range import CellRange
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = ("number_format", "font", "fill", "border", "alignment", "protection")
HEADERS_AND_FOOTERS = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")


@dataclass(frozen=True)
class Filled:
    """A filled template.

    Attributes:
        xlsx: the file.
        sheet: the sheet that was written.
        cells: the cell that each figure went into, by metric and tenant type.
    """

    xlsx: bytes
    sheet: str
    cells: dict[tuple[str, str], str]


def fill(
    name: str, template: bytes, profile: Profile, rooms_of: Callable[[str, str], int | None], as_of: date
) -> Filled:
    """Return a template filled with figures; Excel and LibreOffice compute its formulas when they open it.

    Args:
        name: of the template, for messages.
        template: an xlsx file.
        profile: which figure goes into which cell.
        rooms_of: returns the rooms of a metric and tenant type; None leaves the cell empty.
        as_of: date of the figures, and of the file's own times.

    Raises:
        Refused: it cannot be filled without harm; the message says why and what to do.
    """
    parts = package.parts(name, template)
    book = _opened(name, template)
    title = profile.sheet_in(book.sheetnames, as_of)
    sheet = book[title]
    homes = {target: _home(sheet, target.cell) for target in profile.targets}
    formulas = _formula_areas(sheet)
    for home in dict.fromkeys(homes.values()):
        _check_cell(name, sheet[home], formulas, profile)
        values = [_value(target, rooms_of) for target, cell in homes.items() if cell == home]
        sheet[home].value = None if None in values else sum(value or 0 for value in values)
    made = reproducible(_saved(book), as_of)
    _check_copy(name, template, made, title, set(homes.values()))
    lost = package.lost(package.elements(parts), package.elements(package.parts(name, made)))
    if lost:
        raise _harmed(name, f"losing {', '.join(lost)}")
    return Filled(made, title, {(t.metric, t.tenant_type): home for t, home in homes.items() if t.metric})


def _value(target: Target, rooms_of: Callable[[str, str], int | None]) -> int | None:
    return rooms_of(target.metric, target.tenant_type) if target.metric else target.fixed


def _opened(name: str, body: bytes) -> Workbook:
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(body), rich_text=True)
    except package.DAMAGED as error:
        raise package.no_workbook(name) from error


def _saved(book: Workbook) -> bytes:
    # the file's readers learn nothing from who made the template
    book.properties.creator = book.properties.lastModifiedBy = None
    # openpyxl keeps formulas without their results
    book.calculation.fullCalcOnLoad = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _home(sheet: Worksheet, cell: str) -> str:
    """Return the cell that holds the value of a cell: in a merged range its top left one."""
    return next((each.start_cell.coordinate for each in sheet.merged_cells.ranges if cell in each), cell)


def _check_cell(name: str, cell: Any, formulas: Sequence[CellRange], profile: Profile) -> None:
    where = f"{cell.coordinate} on sheet {cell.parent.title} of {name}"
    remedy = f"correct the cell map {profile.name}, or the template"
    if cell.coordinate in profile.protected:
        raise Refused(f"{where} is protected, and a cell joined with it is to be written; {remedy}")
    if any(cell.coordinate in area for area in formulas):
        raise Refused(f"{where} holds a formula, which is never written; {remedy}")
    placeholder = not any(char.isalnum() for char in str(cell.value or ""))
    if not placeholder and not isinstance(cell.value, int | float):
        raise Refused(f"{where} holds a text or a date where the cell map has a figure; {remedy}")


def _formula_areas(sheet: Worksheet) -> list[CellRange]:
    from openpyxl.worksheet.cell_range import CellRange

    cells = (cell for cell in _cells(sheet) if cell.data_type == "f")
    return [CellRange(getattr(cell.value, "ref", None) or cell.coordinate) for cell in cells]


def _check_copy(name: str, template: bytes, made: bytes, title: str, written: set[str]) -> None:
    before, after = (dict(_described(_opened(name, body), title, written)) for body in (template, made))
    for what, state in before.items():
        if after.get(what) != state:
            raise _harmed(name, f"changing {what}")


def _harmed(name: str, how: str) -> Refused:
    return Refused(f"{name} cannot be filled without {how}; make that simpler in the template and upload it again")


def _described(book: Workbook, title: str, written: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield everything that must not change, as text that can be compared."""
    yield "its sheets", [(sheet.title, sheet.sheet_state) for sheet in book.worksheets]
    yield "its defined names", {each.name: each.attr_text for each in book.defined_names.values()}
    yield "its protection", repr(book.security)
    for sheet in book.worksheets:
        for what, state in _sheet_described(sheet, written if sheet.title == title else set()):
            yield f"{what} of sheet {sheet.title}", state


def _sheet_described(sheet: Worksheet, written: set[str]) -> Iterator[tuple[str, Any]]:
    cells = _cells(sheet)
    yield "merged cells", sorted(str(each) for each in sheet.merged_cells.ranges)
    yield "formulas", {cell.coordinate: _formula(cell.value) for cell in cells if cell.data_type == "f"}
    yield (
        "contents",
        {
            cell.coordinate: repr(cell.value)
            for cell in cells
            if cell.data_type != "f" and cell.value is not None and cell.coordinate not in written
        },
    )
    for what in FORMATS:
        # cells share their formats, so each is written out once
        known: dict[int, str] = {}
        yield (
            f"{what.replace('_', ' ')}s",
            {cell.coordinate: _format(cell, what, known) for cell in cells if cell.has_style},
        )
    yield "column widths", {key: (each.min, each.max, each.width, each.hidden) for key, each in _columns(sheet)}
    yield "row heights", {key: (each.ht, each.hidden) for key, each in _rows(sheet)}
    yield "data validations", [repr(each) for each in sheet.data_validations.dataValidation]
    yield (
        "conditional formats",
        [(str(area.sqref), [repr(rule) for rule in area.rules]) for area in sheet.conditional_formatting],
    )
    yield "defined names", {each.name: each.attr_text for each in sheet.defined_names.values()}
    yield "print area and titles", (sheet.print_area, sheet.print_title_rows, sheet.print_title_cols)
    yield "print settings", [repr(each) for each in (sheet.page_setup, sheet.page_margins, sheet.print_options)]
    yield "header and footer", [str(getattr(sheet.HeaderFooter, each)) for each in HEADERS_AND_FOOTERS]
    yield "page breaks", [repr(each) for each in (sheet.row_breaks, sheet.col_breaks)]
    yield "view", [repr(each) for each in (sheet.views, sheet.sheet_properties, sheet.auto_filter, sheet.protection)]
    yield (
        "links",
        {cell.coordinate: (cell.hyperlink.target, cell.hyperlink.location) for cell in cells if cell.hyperlink},
    )


def _cells(sheet: Worksheet) -> list[Any]:
    """Return the cells that the file names; the area around them can be as large as a sheet."""
    return [cell for _, cell in sorted(sheet._cells.items())]


def _formula(value: Any) -> str:
    return value if isinstance(value, str) else repr(vars(value))


def _format(cell: Any, what: str, known: dict[int, str]) -> str:
    if cell._style not in known:
        known[cell._style] = repr(getattr(cell, what))
        if what in ("font", "alignment"):  # whose flags are off when they are not written
            known[cell._style] = known[cell._style].replace("=False", "=None")
    return known[cell._style]


def _rows(sheet: Worksheet) -> list[tuple[int, Any]]:
    return sorted((key, each) for key, each in sheet.row_dimensions.items() if each.ht or each.hidden)


def _columns(sheet: Worksheet) -> list[tuple[str, Any]]:
    return sorted(sheet.column_dimensions.items())
