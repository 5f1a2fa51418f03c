"""What neither botocore nor CloudFormation's schema finds in a definition: references that lead nowhere, and clocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from infra.dashboards.tables import Tables

Json = dict[str, Any]
# CloudFormation refuses templates above 51,200 bytes. Around the definition a template has permissions and ARNs, about
# 2,500 bytes, and a dashboard should still be able to grow.
TEMPLATE_BYTES = 42_400
GRID_COLUMNS = 36
TITLE_LETTERS = 512
MOST_BARS = 12
CLOCK = re.compile(r"\b(now|truncDate\s*\(\s*'\w+'\s*,\s*now|epochDate)\s*\(", re.I)
# The age of the data is the one figure that needs a clock.
CLOCK_ALLOWED = frozenset({"days_old"})
REFERENCE = re.compile(r"\{(\w+)\}")


def faults(definition: Json, tables: Tables) -> list[str]:
    """Return one sentence for each fault of a definition.

    Args:
        definition: without `DataSetIdentifierDeclarations`.
        tables: every table that readers see.
    """
    found = [
        *_columns(definition, tables),
        *_calculated(definition, tables),
        *_clocks(definition),
        *_parameters(definition),
    ]
    visuals = {visual_id for visual_id, _ in all_visuals(definition)}
    for sheet in definition["Sheets"]:
        found += _sheet(sheet)
    found += [
        f"filter {group['FilterGroupId']} is for {name}, which is no visual"
        for group in definition.get("FilterGroups", [])
        for name in _scoped(group)
        if name not in visuals
    ]
    found += [fault for name, body in all_visuals(definition) for fault in _visual(name, body)]
    if (size := template_bytes(definition)) > TEMPLATE_BYTES:
        found.append(f"the definition has {size:,} bytes, more than the {TEMPLATE_BYTES:,} that a stack can take")
    return found


def template_bytes(definition: Json) -> int:
    """Return the size of a definition in a template, where <, >, & and letters beyond ASCII are six bytes each."""
    text = json.dumps(definition, separators=(",", ":"))
    return len(text) + 5 * sum(text.count(letter) for letter in "<>&")


def columns_used(definition: Json) -> set[tuple[str, str]]:
    """Return table and column of everything that a definition reads, calculated fields resolved."""
    calculated = {(each["DataSetIdentifier"], each["Name"]): each["Expression"] for each in _calculations(definition)}
    used = set()
    for each in _walk(definition):
        if "ColumnName" in each and "DataSetIdentifier" in each:
            used.add((each["DataSetIdentifier"], each["ColumnName"]))
    for table, name in list(used):
        if expression := calculated.get((table, name)):
            used |= {(table, column) for column in REFERENCE.findall(expression)}
    for _, body in all_visuals(definition):
        tables = _tables(body)
        for expression in _expressions(body):
            used |= {(table, column) for table in tables for column in REFERENCE.findall(expression)}
    return used - calculated.keys()


def all_visuals(definition: Json) -> Iterator[tuple[str, Json]]:
    """Yield the id and the body of every visual, whatever its kind."""
    for sheet in definition["Sheets"]:
        for visual in sheet.get("Visuals", []):
            for body in visual.values():
                yield body["VisualId"], body


def _calculations(definition: Json) -> list[Json]:
    found: list[Json] = definition.get("CalculatedFields", [])
    return found


def _walk(part: Any) -> Iterator[Json]:
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from _walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from _walk(value)


def _expressions(part: Any) -> Iterator[str]:
    for each in _walk(part):
        if isinstance(each.get("Expression"), str):
            yield each["Expression"]


def _tables(body: Json) -> set[str]:
    return {each["DataSetIdentifier"] for each in _walk(body) if "DataSetIdentifier" in each}


def _columns(definition: Json, tables: Tables) -> Iterator[str]:
    for table, column in sorted(columns_used(definition)):
        if table not in tables:
            yield f"readers see no table {table}"
        elif column not in tables[table].columns:
            yield f"{tables[table].schema}.{table} has no column {column}"


def _calculated(definition: Json, tables: Tables) -> Iterator[str]:
    for each in _calculations(definition):
        table = each["DataSetIdentifier"]
        for column in REFERENCE.findall(each["Expression"]):
            if table in tables and column not in tables[table].columns:
                yield f"calculated field {each['Name']} reads {column}, which {tables[table].schema}.{table} has not"
        if each["Name"] not in CLOCK_ALLOWED and not _is_ratio(each["Expression"]):
            yield f"calculated field {each['Name']} is no ratio of sums; figures belong in gold"


def _is_ratio(expression: str) -> bool:
    return bool(re.fullmatch(r"sum\(\{\w+\}\) / sum\(\{\w+\}\)", expression))


def _clocks(definition: Json) -> Iterator[str]:
    for each in _calculations(definition):
        if CLOCK.search(each["Expression"]) and each["Name"] not in CLOCK_ALLOWED:
            yield f"calculated field {each['Name']} reads the clock"
    for name, body in all_visuals(definition):
        if any(CLOCK.search(expression) for expression in _expressions(body)):
            yield f"{name} reads the clock"
    for group in definition.get("FilterGroups", []):
        text = json.dumps(group)
        if "RelativeDatesFilter" in text or "RollingDate" in text or CLOCK.search(text):
            yield f"filter {group['FilterGroupId']} reads the clock; use a column such as days_before_as_of"
    for each in definition.get("ParameterDeclarations", []):
        if "RollingDate" in json.dumps(each):
            yield f"parameter {next(iter(each.values()))['Name']} reads the clock"


def _parameters(definition: Json) -> Iterator[str]:
    declared = {next(iter(each.values()))["Name"] for each in definition.get("ParameterDeclarations", [])}
    for each in _walk(definition):
        for key in ("Parameter", "SourceParameterName"):
            if isinstance(each.get(key), str) and each[key] not in declared:
                yield f"parameter {each[key]} is not declared"
    filters = {
        body["FilterId"]
        for group in definition.get("FilterGroups", [])
        for each in group["Filters"]
        for body in each.values()
    }
    for each in _walk(definition["Sheets"]):
        if "SourceFilterId" in each and each["SourceFilterId"] not in filters:
            yield f"control {each['FilterControlId']} is for the filter {each['SourceFilterId']}, which there is not"


def _scoped(group: Json) -> Iterator[str]:
    for each in _walk(group["ScopeConfiguration"]):
        yield from each.get("VisualIds", [])


def _sheet(sheet: Json) -> Iterator[str]:
    names = [body["VisualId"] for visual in sheet.get("Visuals", []) for body in visual.values()]
    names += [box["SheetTextBoxId"] for box in sheet.get("TextBoxes", [])]
    for visual in sheet.get("Visuals", []):
        if len(visual) != 1:
            yield f"sheet {sheet['SheetId']}: a visual has the kinds {', '.join(visual)}; it can have one"
    elements = [
        each
        for layout in sheet.get("Layouts", [])
        for each in layout["Configuration"].get("GridLayout", {}).get("Elements", [])
    ]
    placed = [each["ElementId"] for each in elements]
    yield from (
        f"sheet {sheet['SheetId']}: the layout places {name}, which there is not"
        for name in placed
        if name not in names
    )
    yield from (f"sheet {sheet['SheetId']}: {name} has no place in the layout" for name in names if name not in placed)
    yield from (
        f"sheet {sheet['SheetId']}: {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})
    )
    for each in elements:
        if each["ColumnIndex"] + each["ColumnSpan"] > GRID_COLUMNS:
            yield f"sheet {sheet['SheetId']}: {each['ElementId']} leaves the grid of {GRID_COLUMNS} columns"
    for one, other in combinations(elements, 2):
        if _overlap(one, other):
            yield f"sheet {sheet['SheetId']}: {one['ElementId']} and {other['ElementId']} overlap"


def _overlap(one: Json, other: Json) -> bool:
    return all(
        one[f"{axis}Index"] < other[f"{axis}Index"] + other[f"{axis}Span"]
        and other[f"{axis}Index"] < one[f"{axis}Index"] + one[f"{axis}Span"]
        for axis in ("Column", "Row")
    )


def _visual(name: str, body: Json) -> Iterator[str]:
    tables = _tables(body)
    if len(tables) > 1:
        yield f"{name} reads the data sets {', '.join(sorted(tables))}; a visual has one"
    configuration = body.get("ChartConfiguration", {})
    wells = configuration.get("FieldWells", {})
    known = [each["FieldId"] for each in _walk(wells) if "FieldId" in each]
    yield from (f"{name}: field {field} stands twice" for field in sorted({f for f in known if known.count(f) > 1}))
    rest = [
        {key: value for key, value in configuration.items() if key != "FieldWells"},
        body.get("ConditionalFormatting"),
    ]
    for each in _walk(rest):
        if "FieldId" in each and each["FieldId"] not in known:
            yield f"{name} refers to the field {each['FieldId']}, which it does not have"
    for well in (each for each in wells.values() if isinstance(each, dict)):
        if well.get("Colors") and len(well.get("Values", [])) > 1 and "Geospatial" not in well:
            yield f"{name} has colours and {len(well['Values'])} figures; QuickSight takes one figure or no colours"
    hierarchies = {part["HierarchyId"] for each in body.get("ColumnHierarchies", []) for part in each.values()}
    for each in _walk(wells):
        if "HierarchyId" in each and each["HierarchyId"] not in hierarchies:
            yield f"{name} refers to the hierarchy {each['HierarchyId']}, which it does not have"
    yield from _sizes(name, body)


def _sizes(name: str, body: Json) -> Iterator[str]:
    for part in ("Title", "Subtitle"):
        text = body.get(part, {}).get("FormatText", {}).get("PlainText", "")
        if len(text) > TITLE_LETTERS:
            yield f"{name}: its {part.lower()} has {len(text)} letters, more than {TITLE_LETTERS}"
    limit = (
        body.get("ChartConfiguration", {})
        .get("SortConfiguration", {})
        .get("CategoryItemsLimit", {})
        .get("ItemsLimit", 0)
    )
    if limit > MOST_BARS:
        yield f"{name} shows {limit} bars, more than {MOST_BARS}"
