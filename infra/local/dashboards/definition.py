"""QuickSight's DashboardVersionDefinition as the preview reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
# The format of a column by data set and name, for fields without one of their own.
Formats = dict[tuple[str, str], Json]

DIMENSIONS = ("CategoricalDimensionField", "DateDimensionField", "NumericalDimensionField")
MEASURES = ("NumericalMeasureField", "CategoricalMeasureField", "DateMeasureField", "CalculatedMeasureField")


class Unsupported(ValueError):
    """The preview cannot show a part of a definition; the message says which."""


@dataclass(frozen=True)
class Format:
    """How a figure is written.

    Attributes:
        kind: `number`, `percent`, `yen`, `date` or `text`.
        decimals: digits behind the point.
        prefix: text before the figure.
        suffix: text behind the figure.
    """

    kind: str
    decimals: int = 0
    prefix: str = ""
    suffix: str = ""

    def write(self, value: Any, sign: bool = False) -> str:
        """Return the value as text, `–` for none."""
        if value is None:
            return "–"
        if self.kind in ("date", "text") or isinstance(value, str):
            return str(value)
        plus = "+" if sign else ""
        if self.kind == "percent":
            return f"{value:{plus},.{self.decimals}%}"
        written = f"{abs(value):,.{self.decimals}f}"
        before = "-" if value < 0 and float(written.replace(",", "")) else plus if sign and value > 0 else ""
        return f"{before}{self.prefix}{written}{self.suffix}"

    def difference(self, value: float) -> str:
        """Return a difference of two such figures: that of two rates in points, never in percent."""
        if self.kind == "percent":
            return Format("number", self.decimals, suffix=" pt").write(value * 100, sign=True)
        return self.write(value, sign=True)


@dataclass(frozen=True)
class Field:
    """A field in a well of a visual.

    Attributes:
        id: its FieldId.
        column: column of the data set, or name of a calculated field; empty for an expression of its own.
        measure: whether it is aggregated.
        aggregate: SUM, MAX and so on; empty for a calculated field.
        grain: DAY, WEEK or MONTH of a date dimension, else empty.
        format: how its values are written.
        label: what readers see.
        hierarchy: id of its drill-down.
        expression: of a CalculatedMeasureField.
    """

    id: str
    column: str
    measure: bool
    aggregate: str
    grain: str
    format: Format
    label: str
    hierarchy: str = ""
    expression: str = ""


@dataclass(frozen=True)
class Visual:
    """One visual with the field wells that hold something."""

    id: str
    kind: str
    data_set: str
    title: str
    subtitle: str
    wells: dict[str, tuple[Field, ...]]
    well_kind: str
    chart: Json = field(repr=False)
    body: Json = field(repr=False)

    def fields(self) -> Iterator[Field]:
        """Yield the fields of all wells."""
        for fields in self.wells.values():
            yield from fields

    def well(self, *names: str) -> tuple[Field, ...]:
        """Return the fields of these wells in this order."""
        return tuple(one for name in names for one in self.wells.get(name, ()))


@dataclass(frozen=True)
class Filter:
    """One filter and the visuals for which it holds.

    Attributes:
        id: its FilterId.
        kind: CategoryFilter and so on.
        data_set: data set of its column.
        column: what it looks at.
        body: the filter as defined.
        all_data_sets: whether it holds for each data set that has such a column.
        scope: sheet id to visual ids, None for all of the sheet; empty for all sheets.
    """

    id: str
    kind: str
    data_set: str
    column: str
    body: Json
    all_data_sets: bool
    scope: dict[str, frozenset[str] | None]

    def holds_for(self, sheet: str, visual: Visual) -> bool:
        """Whether it filters this visual, if its data set has the column."""
        if self.data_set != visual.data_set and not self.all_data_sets:
            return False
        if not self.scope:
            return True
        visuals = self.scope.get(sheet, frozenset())
        return visuals is None or visual.id in visuals


@dataclass(frozen=True)
class Control:
    """A control that readers set: of a filter, or of the parameter that filters name.

    Attributes:
        source: FilterId or name of the parameter.
        of_parameter: whether it sets a parameter.
        title: what it says.
        multiple: whether several values can be chosen.
        values: what can be chosen, when the definition lists it.
    """

    source: str
    of_parameter: bool
    title: str
    multiple: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Element:
    """A place in the grid of 36 columns."""

    id: str
    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True)
class Sheet:
    """One tab."""

    id: str
    name: str
    elements: tuple[Element, ...]
    visuals: dict[str, Visual]
    texts: dict[str, str]
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Dashboard:
    """One definition."""

    id: str
    sheets: tuple[Sheet, ...]
    calculated: dict[tuple[str, str], str]
    filters: tuple[Filter, ...]
    parameters: dict[str, Any]

    @property
    def data_sets(self) -> list[str]:
        """The data sets that its visuals read."""
        return sorted({visual.data_set for sheet in self.sheets for visual in sheet.visuals.values()})


def read(identifier: str, definition: Json) -> Dashboard:
    """Return a definition, with or without its DataSetIdentifierDeclarations."""
    parameters = {}
    for declaration in definition.get("ParameterDeclarations", ()):
        (body,) = declaration.values()
        values = body.get("DefaultValues", {}).get("StaticValues", ())
        parameters[body["Name"]] = values[0] if values else None
    formats = {
        _column(one): one["FormatConfiguration"]
        for one in definition.get("ColumnConfigurations", ())
        if "FormatConfiguration" in one
    }
    return Dashboard(
        id=identifier,
        sheets=tuple(_sheet(sheet, formats) for sheet in definition["Sheets"]),
        calculated={
            (one["DataSetIdentifier"], one["Name"]): one["Expression"] for one in definition.get("CalculatedFields", ())
        },
        filters=tuple(one for group in definition.get("FilterGroups", ()) for one in _filters(group)),
        parameters=parameters,
    )


def walk(node: Any) -> Iterator[Json]:
    """Yield each object inside a part of a definition, the outer one first."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def _column(item: Json) -> tuple[str, str]:
    column = item.get("Column", {})
    return column.get("DataSetIdentifier", ""), column.get("ColumnName", "")


def _sheet(sheet: Json, formats: Formats) -> Sheet:
    visuals = [_visual(kind, body, formats) for one in sheet.get("Visuals", ()) for kind, body in one.items()]
    grids = [
        layout["Configuration"]["GridLayout"]["Elements"]
        for layout in sheet.get("Layouts", ())
        if "GridLayout" in layout["Configuration"]
    ]
    return Sheet(
        id=sheet["SheetId"],
        name=str(sheet.get("Name") or sheet["SheetId"]),
        elements=tuple(
            Element(
                one["ElementId"], one.get("ColumnIndex", 0), one.get("RowIndex", 0), one["ColumnSpan"], one["RowSpan"]
            )
            for elements in grids
            for one in elements
        ),
        visuals={visual.id: visual for visual in visuals},
        texts={one["SheetTextBoxId"]: one.get("Content", "") for one in sheet.get("TextBoxes", ())},
        controls=tuple(
            _control(one, key)
            for key, source in (("FilterControls", "SourceFilterId"), ("ParameterControls", "SourceParameterName"))
            for one in sheet.get(key, ())
            if any(source in body for body in one.values())
        ),
    )


def _control(control: Json, group: str) -> Control:
    (body,) = control.values()
    of_parameter = group == "ParameterControls"
    values = body.get("SelectableValues", {}).get("Values", ())
    if "MaximumValue" in body:
        step = int(body.get("StepSize", 1)) or 1
        values = range(int(body["MinimumValue"]), int(body["MaximumValue"]) + 1, step)
    return Control(
        source=body["SourceParameterName" if of_parameter else "SourceFilterId"],
        of_parameter=of_parameter,
        title=body.get("Title", ""),
        multiple=body.get("Type", "MULTI_SELECT") == "MULTI_SELECT",
        values=tuple(str(value) for value in values),
    )


def _visual(kind: str, body: Json, formats: Formats) -> Visual:
    chart = body.get("ChartConfiguration", {})
    wells: Json = chart.get("FieldWells", {})
    well_kind = next((key for key in wells if key.endswith("FieldWells")), "")
    labels = _labels(body)
    fields = {
        name: tuple(_field(item, labels, formats) for item in items)
        for name, items in (wells[well_kind] if well_kind else wells).items()
        if items
    }
    data_sets = [
        one["DataSetIdentifier"]
        for one in walk(body)
        if isinstance(one.get("DataSetIdentifier"), str) and "ColumnName" in one
    ]
    return Visual(
        id=body["VisualId"],
        kind=kind,
        data_set=data_sets[0] if data_sets else body.get("DataSetIdentifier", ""),
        title=_text(body.get("Title", {})),
        subtitle=_text(body.get("Subtitle", {})),
        wells=fields,
        well_kind=well_kind,
        chart=chart,
        body=body,
    )


def _text(title: Json) -> str:
    if title.get("Visibility") == "HIDDEN":
        return ""
    text: str = title.get("FormatText", {}).get("PlainText") or title.get("FormatText", {}).get("RichText", "")
    return re.sub(r"<[^>]+>", "", text)


def _labels(body: Json) -> dict[str, str]:
    """Return the names that a visual gives its fields, those of axes and tables before those of tooltips."""
    labels: dict[str, str] = {}
    for one in walk(body):
        if "CustomLabel" in one and "FieldId" in one.get("ApplyTo", one):
            labels[one.get("ApplyTo", one)["FieldId"]] = one["CustomLabel"]
    for one in walk(body):
        if "FieldTooltipItem" in one and "Label" in one["FieldTooltipItem"]:
            labels.setdefault(one["FieldTooltipItem"]["FieldId"], one["FieldTooltipItem"]["Label"])
    return labels


def _field(item: Json, labels: Mapping[str, str], formats: Formats) -> Field:
    kind, body = next(iter(item.items())) if "FieldId" not in item else ("", item)
    column = body.get("Column", {}).get("ColumnName", "")
    aggregation = body.get("AggregationFunction", "")
    if isinstance(aggregation, dict):
        aggregation = aggregation.get("SimpleNumericalAggregation", next(iter(aggregation), ""))
    measure = kind in MEASURES
    date = kind in ("DateDimensionField", "DateMeasureField")
    grain = body.get("DateGranularity", "DAY") if kind == "DateDimensionField" else ""
    return Field(
        id=body["FieldId"],
        column=column,
        measure=measure,
        aggregate=aggregation,
        grain=grain,
        format=_format(
            body.get("FormatConfiguration") or formats.get(_column(body), {}),
            "date" if date else "number" if measure else "text",
        ),
        label=labels.get(body["FieldId"]) or column.replace("_", " "),
        hierarchy=body.get("HierarchyId", ""),
        expression=body.get("Expression", ""),
    )


def _format(configuration: Json, default: str) -> Format:
    for one in walk(configuration):
        for key, kind in (
            ("PercentageDisplayFormatConfiguration", "percent"),
            ("CurrencyDisplayFormatConfiguration", "yen"),
            ("NumberDisplayFormatConfiguration", "number"),
        ):
            if key in one:
                body = one[key]
                decimals = body.get("DecimalPlacesConfiguration", {}).get("DecimalPlaces", 0)
                prefix = body.get("Prefix") or ("¥" if kind == "yen" else "")
                return Format(kind, decimals, prefix, body.get("Suffix") or "")
    if any("DateTimeFormat" in one for one in walk(configuration)):
        return Format("date")
    return Format(default)


def _filters(group: Json) -> Iterator[Filter]:
    if group.get("Status", "ENABLED") != "ENABLED":
        return
    selected = group.get("ScopeConfiguration", {}).get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", ())
    scope = {
        one["SheetId"]: None if one["Scope"] == "ALL_VISUALS" else frozenset(one.get("VisualIds", ()))
        for one in selected
    }
    for one in group["Filters"]:
        ((kind, body),) = one.items()
        yield Filter(
            id=body["FilterId"],
            kind=kind,
            data_set=body["Column"]["DataSetIdentifier"],
            column=body["Column"]["ColumnName"],
            body=body,
            all_data_sets=group.get("CrossDataset") == "ALL_DATASETS",
            scope=scope,
        )
