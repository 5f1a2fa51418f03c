"""The source of a dashboard: what its YAML may say, in QuickSight's own words. Unknown keys are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from infra.dashboards import DashboardError

Aggregate = Literal["sum", "max", "min", "average", "count", "distinct_count"]
Format = Literal["rooms", "count", "age", "yen", "percent", "points", "decimal", "months", "days", "date"]
Granularity = Literal["day", "week", "month"]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Text(_Part):
    """A text in both languages. Quote it in YAML when it holds a comma: `en: "Rooms, fact and outlook"`."""

    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __str__(self) -> str:
        """Return both, as titles show them."""
        return self.ja if self.ja == self.en else f"{self.ja}  {self.en}"

    @property
    def short(self) -> str:
        """Both with one blank, as labels show them."""
        return self.ja if self.ja == self.en else f"{self.ja} {self.en}"


class Dimension(_Part):
    """A column by which a visual groups: a date by day, week or month, or a category.

    Attributes:
        drill: columns below the category, from coarse to fine, into which a reader can go down. A date always has its
            own steps.
    """

    column: str
    by: Granularity | None = None
    title: Text | None = None
    drill: list[str] = []


class Measure(_Part):
    """A figure: a column of gold and how it is put together, or a calculated field, which has no aggregate."""

    column: str
    aggregate: Aggregate | None = None
    format: Format = "count"
    title: Text


class TableColumn(_Part):
    """A column of a table, row by row. `shade` colours its cells."""

    column: str
    format: Format | None = None
    title: Text
    shade: Literal["rate", "change", "severity"] | None = None


class Range(_Part):
    """Numbers from `min` to `max`, both included; `max` may be a parameter of the dashboard."""

    min: float | None = None
    max: float | None = None
    below_parameter: str | None = None


Only = dict[str, int | str | list[str] | Range]


class _Visual(_Part):
    id: Identifier
    data_set: str
    title: Text
    note: Text | None = None
    only: Only = {}
    # column, row, columns, rows of a grid of 36 columns
    at: Annotated[list[int], Field(min_length=4, max_length=4)]
    # whether a click filters the other visuals of the sheet
    filters_others: bool = False


class Kpi(_Visual):
    """Shows one figure, its comparison and its trend."""

    type: Literal["kpi"]
    value: Measure
    target: Measure | None = None
    trend: Dimension | None = None
    # colours of a difference, for the few figures of which more is plainly better
    signed: bool = False


class Line(_Visual):
    """Lines over dates. `dashed` names the values of `color` that are no facts."""

    type: Literal["line"]
    x: Dimension
    values: Annotated[list[Measure], Field(min_length=1)]
    color: str | None = None
    # the largest so many lines, the rest as one
    top_colors: Annotated[int, Field(ge=1, le=6)] | None = None
    dashed: list[str] = []


class Bar(_Visual):
    """Bars, at most twelve categories unless they are dates."""

    type: Literal["bar"]
    x: Dimension
    values: Annotated[list[Measure], Field(min_length=1)]
    color: str | None = None
    horizontal: bool = False
    arrangement: Literal["clustered", "stacked", "stacked_100"] = "clustered"
    # the largest or smallest so many categories
    top: Annotated[int, Field(ge=1, le=12)] | None = None
    bottom: bool = False
    other: bool = True


class Combo(_Visual):
    """Bars and lines over the same dates."""

    type: Literal["combo"]
    x: Dimension
    bars: Annotated[list[Measure], Field(min_length=1)]
    lines: Annotated[list[Measure], Field(min_length=1)]


class Pivot(_Visual):
    """Figures by rows and columns. `shade: change` colours the last figure below and above zero."""

    type: Literal["pivot"]
    rows: Annotated[list[Dimension], Field(min_length=1)]
    columns: list[Dimension] = []
    values: Annotated[list[Measure], Field(min_length=1)]
    shade: Literal["change"] | None = None


class Heat(_Visual):
    """One figure by rows and columns, as colour."""

    type: Literal["heat"]
    rows: Dimension
    columns: Dimension
    value: Measure
    # `status`: 1 good, 2 to look at, 3 missing
    scale: Literal["amount", "status"] = "amount"


class Map(_Visual):
    """Buildings on a map: points by size and colour, or their density."""

    type: Literal["map"]
    latitude: str
    longitude: str
    size: Measure
    color: str | None = None
    style: Literal["points", "density"] = "points"
    # columns of the building that the tooltip shows, with their titles
    tooltip: list[TableColumn] = []


class Scatter(_Visual):
    """One point for each value of `detail`."""

    type: Literal["scatter"]
    x: Measure
    y: Measure
    size: Measure
    detail: Dimension


class Table(_Visual):
    """Rows as they are in gold."""

    type: Literal["table"]
    columns: Annotated[list[TableColumn], Field(min_length=1)]
    sort: dict[str, Literal["asc", "desc"]] = {}


Visual = Annotated[
    Kpi | Line | Bar | Combo | Pivot | Heat | Map | Scatter | Table,
    Field(discriminator="type"),
]


class Control(_Part):
    """A list of a column's values above a sheet, by which a reader filters every visual of the data set.

    Attributes:
        all_data_sets: filter also the other data sets of the sheet that have the column.
    """

    column: str
    data_set: str
    title: Text
    all_data_sets: bool = False


class Period(_Part):
    """A choice of numbers above a sheet, the parameter of a `below_parameter`."""

    parameter: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+$")]
    title: Text
    choices: Annotated[list[int], Field(min_length=2)]
    default: int


class Sheet(_Part):
    """One page of a dashboard."""

    id: Identifier
    title: Text
    controls: list[Control] = []
    periods: list[Period] = []
    visuals: Annotated[list[Visual], Field(min_length=1)]


class CalculatedField(_Part):
    """A ratio of sums; every other figure belongs in gold."""

    name: Identifier
    data_set: str
    expression: str


class Dashboard(_Part):
    """A dashboard as its YAML says it."""

    id: Identifier
    title: Text
    description: Text
    fields: list[CalculatedField] = []
    sheets: Annotated[list[Sheet], Field(min_length=1)]

    @field_validator("sheets")
    @classmethod
    def _unique(cls, sheets: list[Sheet]) -> list[Sheet]:
        ids = [sheet.id for sheet in sheets] + [visual.id for sheet in sheets for visual in sheet.visuals]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"{', '.join(twice)} is used twice; ids are unique within a dashboard")
        return sheets


class _UniqueKeys(yaml.SafeLoader):  # type: ignore[misc]  # types-PyYAML is not in the locks
    """YAML that refuses a key that stands twice in a mapping, of which the last would win silently."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    keys = [key.value for key, _ in node.value]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise yaml.constructor.ConstructorError(None, None, f"key {twice.pop()!r} stands twice", node.start_mark)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read(file: Path) -> Dashboard:
    """Return the dashboard of a YAML file.

    Raises:
        DashboardError: the file is not as this module describes; names each place.
    """
    try:
        dashboard = Dashboard.model_validate(yaml.load(file.read_text(encoding="utf-8"), _UniqueKeys))  # noqa: S506
    except yaml.YAMLError as error:
        raise DashboardError(f"{file.name} is no YAML: {error}") from error
    except ValidationError as error:
        places = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise DashboardError(f"{file.name}: {'; '.join(places)}") from error
    if dashboard.id != file.stem:
        raise DashboardError(f"{file.name} has the id {dashboard.id}; name the file after the id")
    return dashboard
