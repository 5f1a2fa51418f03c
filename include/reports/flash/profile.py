"""The cell map of a template: a small JSON file that says which figure goes into which cell.

{
  "sheet": "Flash Report（*月）",                     one sheet; * and ? as in file names, {month}, {day} of the date
  "cells": {"moveins_completed": {"individual": "D11", "corporate": "E11"}},
  "fixed": {"D14": 0},                               numbers that are always written
  "protected": ["E5", "H9:H15"],                     cells that are never written
  "about": "..."                                     for people
}
"""

from __future__ import annotations

import fnmatch
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from include.forms import Refused
from include.reports.flash.words import METRICS, TENANT_TYPES

SHIPPED = Path(__file__).with_name("profiles")
KEYS = ("sheet", "cells", "fixed", "protected", "about")
LONGEST = 100_000
CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
FARTHEST = 1000


@dataclass(frozen=True)
class Target:
    """A cell and what goes into it: a figure, or a fixed number.

    Attributes:
        cell: for example `D11`.
        metric: name of the figure, empty for a fixed number.
        tenant_type: of the figure.
        fixed: the number.
    """

    cell: str
    metric: str = ""
    tenant_type: str = ""
    fixed: int = 0


@dataclass(frozen=True)
class Profile:
    """A cell map.

    Attributes:
        name: file that it comes from, for messages.
        sheet: pattern of the sheet's name.
        targets: cells to write.
        protected: cells never to write.
    """

    name: str
    sheet: str
    targets: Sequence[Target]
    protected: frozenset[str]

    def sheet_in(self, titles: Sequence[str], as_of: date) -> str:
        """Return the name of the one sheet that the pattern fits.

        Raises:
            Refused: none fits, or more than one.
        """
        pattern = self.sheet.replace("{month}", str(as_of.month)).replace("{day}", str(as_of.day))
        fitting = [title for title in titles if fnmatch.fnmatchcase(_folded(title), _folded(pattern))]
        if len(fitting) == 1:
            return fitting[0]
        found = f"fits {len(fitting)} sheets ({', '.join(fitting)})" if fitting else "fits no sheet"
        among = "" if fitting else f" among {', '.join(titles)}"
        raise Refused(
            f"the pattern {pattern!r} of {self.name} {found}{among}; correct `sheet` there, or rename the sheet"
        )


def shipped(name: str) -> bytes | None:
    """Return the profile of that name that comes with the project, None when there is none."""
    file = SHIPPED / f"{name}.json"
    return file.read_bytes() if name in {each.stem for each in SHIPPED.glob("*.json")} else None


def parse(name: str, text: bytes) -> Profile:
    """Return a cell map.

    Args:
        name: of the file, for messages.
        text: JSON in UTF-8.

    Raises:
        Refused: it is malformed, or contradicts itself; the message says where.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError(f"it has more than {LONGEST:,} bytes")
        content = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_unique)
        targets = [*_figures(_object(content, "cells")), *_fixed(_object(content, "fixed", {}))]
        made = Profile(name, _sheet(content), targets, frozenset(_protected(content)))
        _check(content, made)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the cell map {name} cannot be used: {error}; correct the file") from None
    return made


def cells_of(area: str) -> Iterator[str]:
    """Return the cells of `A1` or `A1:B2`.

    Raises:
        ValueError: it is neither, or reaches beyond 1,000 rows or columns.
    """
    from openpyxl.utils import get_column_letter
    from openpyxl.utils.cell import coordinate_to_tuple

    first, _, last = area.partition(":")
    if not all(CELL.fullmatch(corner) for corner in (first, last or first)):
        raise ValueError(f"{area!r} is neither a cell like D11 nor an area like H9:H15")
    (top, left), (bottom, right) = map(coordinate_to_tuple, (first, last or first))
    if left > right or top > bottom or right > FARTHEST or bottom > FARTHEST:
        raise ValueError(f"{area!r} does not lie within the first {FARTHEST:,} rows and columns")
    return (f"{get_column_letter(x)}{y}" for y in range(top, bottom + 1) for x in range(left, right + 1))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"{key!r} is named twice")
        content[key] = value
    return content


def _object(content: Any, key: str, default: Any = None) -> dict[str, Any]:
    found = content.get(key, default) if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise ValueError(f"{key!r} must be an object")
    return found


def _sheet(content: dict[str, Any]) -> str:
    sheet = content.get("sheet")
    if not isinstance(sheet, str) or not sheet.strip():
        raise ValueError("'sheet' must be the pattern of a sheet's name")
    return sheet


def _one(cell: Any) -> str:
    if not isinstance(cell, str) or not CELL.fullmatch(cell):
        raise ValueError(f"{cell!r} is no cell like D11")
    next(cells_of(cell))
    return cell


def _figures(cells: dict[str, Any]) -> Iterator[Target]:
    for metric, by_type in cells.items():
        if metric not in METRICS:
            raise ValueError(f"{metric!r} is no figure of the report, which are {', '.join(METRICS)}")
        if not isinstance(by_type, dict):
            raise ValueError(f"{metric!r} must be an object of tenant types")
        for tenant_type, cell in by_type.items():
            if tenant_type not in TENANT_TYPES:
                raise ValueError(f"{tenant_type!r} is no tenant type, which are {', '.join(TENANT_TYPES)}")
            yield Target(_one(cell), metric, tenant_type)


def _fixed(cells: dict[str, Any]) -> Iterator[Target]:
    for cell, value in cells.items():
        if type(value) is not int or abs(value) >= 10**9:
            raise ValueError(f"the fixed value of {cell} must be a whole number below 1,000,000,000")
        yield Target(_one(cell), fixed=value)


def _protected(content: dict[str, Any]) -> Iterator[str]:
    areas = content.get("protected", [])
    if not isinstance(areas, list) or not all(isinstance(area, str) for area in areas):
        raise ValueError("'protected' must be a list of cells and areas")
    for area in areas:
        yield from cells_of(area)


def _check(content: dict[str, Any], profile: Profile) -> None:
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no part of a cell map, which are {', '.join(KEYS)}")
    cells = [target.cell for target in profile.targets]
    if not any(target.metric for target in profile.targets):
        raise ValueError("it maps no figure")
    for cell in cells:
        if cells.count(cell) > 1:
            raise ValueError(f"{cell} is named for more than one value")
        if cell in profile.protected:
            raise ValueError(f"{cell} is both written and protected")
