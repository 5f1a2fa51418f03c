"""From the YAML of a dashboard to QuickSight's definition: sheets, grid, filters, controls, and the sheet About.

What every dashboard has in common is added here: on top of the first sheet the notices, the date of the figures and
their age; at the end a sheet that says what each figure means and how new each data set is.
"""

from __future__ import annotations

import json
from functools import partial
from html import escape as escape_all
from typing import Any

from include.warehouse.schema import REPORTS
from infra.dashboards import DASHBOARDS, DashboardError, colors
from infra.dashboards.fields import Fields, Json, column_format
from infra.dashboards.references import GRID_COLUMNS
from infra.dashboards.spec import (
    CalculatedField,
    Control,
    Dashboard,
    Dimension,
    Format,
    Kpi,
    Measure,
    Period,
    Range,
    Sheet,
    Table,
    TableColumn,
    Text,
    Visual,
    read,
)
from infra.dashboards.tables import Tables, read_tables
from infra.dashboards.visuals import visual

escape = partial(escape_all, quote=False)

HEADER_ROWS = 4
CARD_ROWS, CARD_COLUMNS = 4, 6
ABOUT = "about"
# The only clock of a dashboard. Dates of gold are days of Tokyo without a zone, and now() is UTC.
DAYS_OLD = CalculatedField(
    name="days_old",
    data_set="kpi_reference_trace",
    expression="dateDiff(max({as_of_date}), addDateTime(9, 'HH', now()), 'DD')",
)
HEADER: tuple[Visual, ...] = (
    Table(
        id="notices",
        type="table",
        data_set="reader_notice",
        title=Text(ja="お知らせ", en="Notices"),
        columns=[
            TableColumn(column="severity_label", title=Text(ja="区分", en="Kind"), shade="severity"),
            TableColumn(column="notice_text", title=Text(ja="内容", en="Text")),
            TableColumn(column="from_date", format="date", title=Text(ja="から", en="From")),
            TableColumn(column="to_date", format="date", title=Text(ja="まで", en="To")),
        ],
        sort={"notice_order": "asc"},
        at=[0, 0, 24, HEADER_ROWS],
    ),
    Kpi(
        id="as_of",
        type="kpi",
        data_set="kpi_reference_trace",
        title=Text(ja="基準日", en="As of"),
        value=Measure(column="as_of_date", aggregate="max", format="date", title=Text(ja="基準日", en="As of")),
        at=[24, 0, 6, HEADER_ROWS],
    ),
    Kpi(
        id="age",
        type="kpi",
        data_set="kpi_reference_trace",
        title=Text(ja="データの経過日数", en="Days old"),
        value=Measure(column=DAYS_OLD.name, format="age", title=Text(ja="経過日数", en="Days old")),
        at=[30, 0, 6, HEADER_ROWS],
    ),
)
# Each is shown when the figures are older than so many days, the later winning.
AGE_COLORS = ((1, colors.ORANGE), (2, colors.VERMILION))


def compile_dashboard(dashboard: Dashboard, tables: Tables) -> Json:
    """Return the definition, without the declarations of data sets, which Terraform adds with their ARNs.

    Raises:
        DashboardError: a visual names what no table has, or does not fit into the grid.
    """
    calculated = [DAYS_OLD, *dashboard.fields]
    compiler = _Compiler(tables, calculated)
    first, *others = dashboard.sheets
    sheets = [compiler.sheet(first, HEADER), *(compiler.sheet(each) for each in others)]
    sheets.append(compiler.about(dashboard))
    return {
        "Sheets": sheets,
        "CalculatedFields": [
            {"DataSetIdentifier": each.data_set, "Name": each.name, "Expression": each.expression}
            for each in calculated
        ],
        "ColumnConfigurations": compiler.column_formats(),
        "ParameterDeclarations": [_parameter(each) for each in _periods(dashboard)],
        "FilterGroups": compiler.filter_groups,
        "Options": {"WeekStart": "MONDAY"},
    }


def render(definition: Json) -> str:
    """Return the text of the committed file, with a line for each key, so that a change reads well."""
    return json.dumps(definition, ensure_ascii=False, indent=1) + "\n"


def compile_all() -> dict[str, Json]:
    """Return the definition of every YAML in the module, by id."""
    tables = read_tables()
    return {file.stem: compile_dashboard(read(file), tables) for file in sorted(DASHBOARDS.glob("*.yml"))}


class _Compiler:
    """Compiles sheets and collects their filters."""

    def __init__(self, tables: Tables, calculated: list[CalculatedField]) -> None:
        self._tables = tables
        self._calculated = calculated
        self._formats: dict[tuple[str, str], Format] = {}
        self._filters: dict[tuple[str, str], Json] = {}

    @property
    def filter_groups(self) -> list[Json]:
        """The filters of all sheets so far."""
        return list(self._filters.values())

    def column_formats(self) -> list[Json]:
        """Return how each column is shown, the same in every visual."""
        return [
            {
                "Column": {"DataSetIdentifier": table, "ColumnName": column},
                "FormatConfiguration": column_format(shown),
            }
            for (table, column), shown in sorted(self._formats.items())
        ]

    def sheet(self, sheet: Sheet, header: tuple[Visual, ...] = ()) -> Json:
        """Return a sheet, below the header if there is one."""
        down = HEADER_ROWS if header else 0
        visuals = [*header, *sheet.visuals]
        elements = [_element(each.id, each.at, 0 if each in header else down) for each in visuals]
        _check_grid(sheet.id, elements)
        for each in visuals:
            self._visual_filters(sheet, each)
        compiled: Json = {
            "SheetId": sheet.id,
            "Name": sheet.title.short,
            "ContentType": "INTERACTIVE",
            "Visuals": [self._visual(each) for each in visuals],
            "Layouts": _layouts(elements),
        }
        if sheet.controls:
            compiled["FilterControls"] = [self._control(sheet, each) for each in sheet.controls]
        if sheet.periods:
            compiled["ParameterControls"] = [_period_control(sheet, each) for each in sheet.periods]
        return compiled

    def about(self, dashboard: Dashboard) -> Json:
        """Return the sheet that says how new each data set is and what each figure means."""
        tables = sorted({each.data_set for sheet in dashboard.sheets for each in sheet.visuals} | {"reader_notice"})
        cards: list[Visual] = []
        per_row = GRID_COLUMNS // CARD_COLUMNS
        for place, table in enumerate(tables):
            row, column = divmod(place, per_row)
            cards.append(
                Kpi(
                    id=f"about_{table}",
                    type="kpi",
                    data_set=table,
                    title=Text(ja=table, en=table),
                    value=Measure(
                        column="as_of_date", aggregate="max", format="date", title=Text(ja="基準日", en="As of")
                    ),
                    at=[column * CARD_COLUMNS, HEADER_ROWS + row * CARD_ROWS, CARD_COLUMNS, CARD_ROWS],
                )
            )
        below = HEADER_ROWS + -(-len(tables) // per_row) * CARD_ROWS
        elements = [_element("about_intro", [0, 0, GRID_COLUMNS, HEADER_ROWS], 0, "TEXT_BOX")]
        elements += [_element(card.id, card.at, 0) for card in cards]
        elements.append(_element("about_figures", [0, below, GRID_COLUMNS, 20], 0, "TEXT_BOX"))
        return {
            "SheetId": ABOUT,
            "Name": "この画面について About",
            "ContentType": "INTERACTIVE",
            "TextBoxes": [
                {"SheetTextBoxId": "about_intro", "Content": _intro(dashboard)},
                {"SheetTextBoxId": "about_figures", "Content": _figures(dashboard, self._tables)},
            ],
            "Visuals": [self._visual(card) for card in cards],
            "Layouts": _layouts(elements),
        }

    def _visual(self, spec: Visual) -> Json:
        for column, shown in _formats(spec):
            if self._formats.setdefault((spec.data_set, column), shown) != shown:
                raise DashboardError(
                    f"{spec.id} shows {spec.data_set}.{column} as {shown}; elsewhere it is another format"
                )
        compiled = visual(spec, self._fields(spec.id, spec.data_set))
        if spec.id == "age":
            compiled["KPIVisual"]["ConditionalFormatting"] = _age_colors()
        return compiled

    def _fields(self, name: str, data_set: str) -> Fields:
        calculated = frozenset(each.name for each in self._calculated if each.data_set == data_set)
        return Fields(name, data_set, self._tables, calculated)

    def _visual_filters(self, sheet: Sheet, spec: Visual) -> None:
        """Add the visual's filters; visuals of a sheet that filter a column alike share one."""
        for column, condition in spec.only.items():
            name = f"{spec.id}-{column}"
            column_id = self._fields(spec.id, spec.data_set).column(column)
            key = sheet.id, json.dumps(_filter("", column_id, condition))
            if key in self._filters:
                scope = self._filters[key]["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"][
                    0
                ]
                scope["VisualIds"].append(spec.id)
                continue
            self._filters[key] = {
                "FilterGroupId": name,
                "CrossDataset": "SINGLE_DATASET",
                "Status": "ENABLED",
                "Filters": [_filter(f"{name}-filter", column_id, condition)],
                "ScopeConfiguration": _scope(sheet.id, [spec.id]),
            }

    def _control(self, sheet: Sheet, control: Control) -> Json:
        name = f"{sheet.id}-{control.column}"
        fields = self._fields(name, control.data_set)
        configuration = {
            "FilterListConfiguration": {
                "MatchOperator": "CONTAINS",
                "SelectAllOptions": "FILTER_ALL_VALUES",
                "NullOption": "ALL_VALUES",
            }
        }
        chosen = {
            "FilterId": f"{name}-filter",
            "Column": fields.column(control.column),
            "Configuration": configuration,
        }
        self._filters[sheet.id, name] = {
            "FilterGroupId": name,
            "CrossDataset": "ALL_DATASETS" if control.all_data_sets else "SINGLE_DATASET",
            "Status": "ENABLED",
            "Filters": [{"CategoryFilter": chosen}],
            "ScopeConfiguration": _scope(sheet.id),
        }
        return {
            "Dropdown": {
                "FilterControlId": f"{name}-control",
                "SourceFilterId": f"{name}-filter",
                "Title": control.title.short,
                "Type": "MULTI_SELECT",
            }
        }


def _element(name: str, at: list[int], down: int, kind: str = "VISUAL") -> Json:
    column, row, width, height = at
    return {
        "ElementId": name,
        "ElementType": kind,
        "ColumnIndex": column,
        "RowIndex": row + down,
        "ColumnSpan": width,
        "RowSpan": height,
    }


def _check_grid(sheet: str, elements: list[Json]) -> None:
    for each in elements:
        if each["ColumnIndex"] + each["ColumnSpan"] > GRID_COLUMNS:
            raise DashboardError(f"{sheet}: {each['ElementId']} leaves the {GRID_COLUMNS} columns of the grid")


def _layouts(elements: list[Json]) -> list[Json]:
    canvas = {"ScreenCanvasSizeOptions": {"ResizeOption": "RESPONSIVE"}}
    return [{"Configuration": {"GridLayout": {"Elements": elements, "CanvasSizeOptions": canvas}}}]


def _scope(sheet: str, visuals: list[str] | None = None) -> Json:
    scope: Json = {"SheetId": sheet, "Scope": "SELECTED_VISUALS" if visuals else "ALL_VISUALS"}
    if visuals:
        scope["VisualIds"] = visuals
    return {"SelectedSheets": {"SheetVisualScopingConfigurations": [scope]}}


def _filter(name: str, column: Json, condition: int | str | list[str] | Range) -> Json:
    base: Json = {"FilterId": name, "Column": column}
    match condition:
        case Range():
            limits = {
                side: value
                for side, value in (
                    ("RangeMinimum", _limit(condition.min)),
                    ("RangeMaximum", _limit(condition.max, condition.below_parameter)),
                )
                if value
            }
            included = {"IncludeMinimum": True, "IncludeMaximum": condition.below_parameter is None}
            return {"NumericRangeFilter": base | limits | included | {"NullOption": "NON_NULLS_ONLY"}}
        case int():
            return {
                "NumericEqualityFilter": base
                | {"Value": condition, "MatchOperator": "EQUALS", "NullOption": "NON_NULLS_ONLY"}
            }
        case _:
            values = [condition] if isinstance(condition, str) else condition
            return {
                "CategoryFilter": base
                | {
                    "Configuration": {
                        "FilterListConfiguration": {"MatchOperator": "CONTAINS", "CategoryValues": values}
                    }
                }
            }


def _limit(value: float | None, parameter: str | None = None) -> Json | None:
    if parameter:
        return {"Parameter": parameter}
    return None if value is None else {"StaticValue": value}


def _periods(dashboard: Dashboard) -> list[Period]:
    return list({each.parameter: each for sheet in dashboard.sheets for each in sheet.periods}.values())


def _parameter(period: Period) -> Json:
    return {
        "IntegerParameterDeclaration": {
            "ParameterValueType": "SINGLE_VALUED",
            "Name": period.parameter,
            "DefaultValues": {"StaticValues": [period.default]},
            "ValueWhenUnset": {"ValueWhenUnsetOption": "RECOMMENDED_VALUE"},
        }
    }


def _period_control(sheet: Sheet, period: Period) -> Json:
    return {
        "Dropdown": {
            "ParameterControlId": f"{sheet.id}-{period.parameter}",
            "SourceParameterName": period.parameter,
            "Title": period.title.short,
            "Type": "SINGLE_SELECT",
            "SelectableValues": {"Values": [str(each) for each in period.choices]},
        }
    }


def _age_colors() -> Json:
    options = [
        {"PrimaryValue": {"TextColor": {"Solid": {"Expression": f"{{{DAYS_OLD.name}}} > {days}", "Color": color}}}}
        for days, color in reversed(AGE_COLORS)
    ]
    return {"ConditionalFormattingOptions": options}


def _intro(dashboard: Dashboard) -> str:
    lines = [
        f"<b>{escape(dashboard.title.short)}</b>",
        escape(dashboard.description.ja),
        escape(dashboard.description.en),
        "各データセットの基準日は下のとおり。日付がそろわないときは更新の途中。 "
        "The date of each data set stands below; while they differ, a refresh is under way.",
        "この画面はコードで管理する。変更の依頼はデータ基盤へ。 "
        "This dashboard is kept as code; ask the data platform for changes, for those made here are overwritten.",
    ]
    return _text_box(lines)


def _figures(dashboard: Dashboard, tables: Tables) -> str:
    lines = [*_made_by_reports(dashboard, tables), "<b>数字の定義 Definitions</b>"]
    said: set[tuple[str, str]] = set()
    for sheet in dashboard.sheets:
        for each in sheet.visuals:
            for measure in _measures(each):
                if _is_target(each, measure):
                    continue
                columns = tables[each.data_set].columns
                if measure.column in columns and (each.data_set, measure.column) not in said:
                    said.add((each.data_set, measure.column))
                    meaning = columns[measure.column].meaning
                    lines.append(f"<b>{escape(measure.title.short)}</b>: {escape(meaning)}")
    for field in dashboard.fields:
        lines.append(f"<b>{escape(field.name)}</b> = {escape(field.expression)}")
    return _text_box(list(dict.fromkeys(lines)))


def _made_by_reports(dashboard: Dashboard, tables: Tables) -> list[str]:
    shown = {each.data_set for sheet in dashboard.sheets for each in sheet.visuals}
    names = ", ".join(sorted(name for name in shown if tables[name].schema == REPORTS))
    if not names:
        return []
    return [f"{names}: レポートの作成時に更新される。 Refreshed when the report is made."]


def _measures(spec: Visual) -> list[Measure]:
    return [each for each in _parts(spec) if isinstance(each, Measure)]


def _parts(spec: Visual) -> list[Any]:
    values = [getattr(spec, name) for name in type(spec).model_fields]
    return [each for value in values for each in (value if isinstance(value, list) else [value])]


def _formats(spec: Visual) -> list[tuple[str, Format]]:
    shown = [each for each in _measures(spec) if not _is_target(spec, each) and each.format != "count"]
    found = [(each.column, each.format) for each in shown]
    found += [(each.column, each.format) for each in _table_columns(spec) if each.format and each.format != "count"]
    dates = [each for each in _dimensions(spec) if each.by]
    return found + [(each.column, "date") for each in dates]


def _is_target(spec: Visual, measure: Measure) -> bool:
    """Whether a figure is only compared with: it is shown as the difference from the value, in the value's format."""
    return isinstance(spec, Kpi) and measure is spec.target


def _table_columns(spec: Visual) -> list[TableColumn]:
    return [each for each in _parts(spec) if isinstance(each, TableColumn)]


def _dimensions(spec: Visual) -> list[Dimension]:
    return [each for each in _parts(spec) if isinstance(each, Dimension)]


def _text_box(lines: list[str]) -> str:
    return "<text-box>" + "<br/>".join(lines) + "</text-box>"
