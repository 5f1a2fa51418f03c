"""Each kind of visual as QuickSight's definition.

The shapes are those of `DashboardVersionDefinition`:
https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardVersionDefinition.html
"""

from __future__ import annotations

from typing import Any

from infra.dashboards import colors
from infra.dashboards.fields import Fields, Json, number
from infra.dashboards.spec import (
    Bar,
    Combo,
    Dimension,
    Heat,
    Kpi,
    Line,
    Map,
    Measure,
    Pivot,
    Scatter,
    Table,
    TableColumn,
    Text,
    Visual,
)

ARRANGEMENTS = {"clustered": "CLUSTERED", "stacked": "STACKED", "stacked_100": "STACKED_PERCENT"}


def visual(spec: Visual, fields: Fields) -> Json:
    """Return a visual of any kind."""
    kind, configuration, rest = _CONFIGURE[spec.type](spec, fields)
    body: Json = {"VisualId": spec.id, "Title": _text(spec.title)}
    if spec.note:
        body["Subtitle"] = _text(spec.note)
    body |= {"ChartConfiguration": configuration, **rest}
    if spec.filters_others:
        body["Actions"] = [_filter_others(spec.id)]
    return {kind: body}


def _kpi(spec: Kpi, fields: Fields) -> tuple[str, Json, Json]:
    wells: Json = {"Values": [fields.measure(spec.value)]}
    options: Json = {}
    if spec.target:
        wells["TargetValues"] = [fields.measure(spec.target)]
    if spec.trend:
        wells["TrendGroups"] = [fields.dimension(spec.trend)]
        options["Sparkline"] = {"Visibility": "VISIBLE", "Type": "LINE"}
    if spec.target or spec.trend:
        options["PrimaryValueDisplayType"] = "ACTUAL"
        options["Comparison"] = {
            "ComparisonMethod": "DIFFERENCE",
            "ComparisonFormat": number(spec.value.format, difference=True),
        }
    configuration = {"FieldWells": wells, "KPIOptions": options} if options else {"FieldWells": wells}
    if not (spec.signed and spec.target):
        return "KPIVisual", configuration, {}
    more = f"SUM({{{spec.value.column}}}) - SUM({{{spec.target.column}}})"
    shades = [
        {"ComparisonValue": {"TextColor": {"Solid": {"Expression": f"{more} {sign} 0", "Color": color}}}}
        for sign, color in ((">", colors.BLUE), ("<", colors.VERMILION))
    ]
    return "KPIVisual", configuration, {"ConditionalFormatting": {"ConditionalFormattingOptions": shades}}


def _line(spec: Line, fields: Fields) -> tuple[str, Json, Json]:
    configuration: Json = {
        "Type": "LINE",
        "FieldWells": {
            "LineChartAggregatedFieldWells": {
                "Category": [fields.dimension(spec.x, drill=True)],
                "Values": _measures(fields, spec.values),
                **_color(fields, spec.color),
            }
        },
        "SortConfiguration": {
            "CategorySort": [{"FieldSort": {"FieldId": fields.id(spec.x.column), "Direction": "ASC"}}]
        },
        "PrimaryYAxisDisplayOptions": {
            "AxisOptions": {"DataOptions": {"NumericAxisOptions": {"Range": {"DataDriven": {}}}}},
            # nothing counted is none; a figure of a gap is unknown
            "MissingDataConfigurations": [
                {"TreatmentOption": "SHOW_AS_ZERO" if _counts(spec.values) else "SHOW_AS_BLANK"}
            ],
        },
        "PrimaryYAxisLabelOptions": _labels(fields, spec.values),
        "XAxisLabelOptions": _axis(fields, spec.x),
    }
    if spec.top_colors:
        limit = {"ItemsLimit": spec.top_colors, "OtherCategories": "INCLUDE"}
        configuration["SortConfiguration"]["ColorItemsLimitConfiguration"] = limit
    if spec.dashed:
        configuration["Series"] = [
            {
                "DataFieldSeriesItem": {
                    "FieldId": fields.id(spec.values[0].column),
                    "FieldValue": value,
                    "AxisBinding": "PRIMARY_YAXIS",
                    "Settings": {"LineStyleSettings": {"LineStyle": "DASHED"}},
                }
            }
            for value in spec.dashed
        ]
    configuration |= _palette(fields, spec.color)
    return "LineChartVisual", configuration, _hierarchies(fields, spec.x)


def _bar(spec: Bar, fields: Fields) -> tuple[str, Json, Json]:
    configuration: Json = {
        "FieldWells": {
            "BarChartAggregatedFieldWells": {
                "Category": [fields.dimension(spec.x, drill=True)],
                "Values": _measures(fields, spec.values),
                **_color(fields, spec.color),
            }
        },
        "Orientation": "HORIZONTAL" if spec.horizontal else "VERTICAL",
        "BarsArrangement": ARRANGEMENTS[spec.arrangement],
        "SortConfiguration": _bar_sort(spec, fields),
        "ValueLabelOptions": _labels(fields, spec.values),
        "CategoryLabelOptions": _axis(fields, spec.x),
    }
    configuration |= _palette(fields, spec.color)
    return "BarChartVisual", configuration, _hierarchies(fields, spec.x)


def _bar_sort(spec: Bar, fields: Fields) -> Json:
    if spec.top:
        direction = "ASC" if spec.bottom else "DESC"
        category: Json = {"FieldSort": {"FieldId": fields.id(spec.values[0].column), "Direction": direction}}
        limit = {"ItemsLimit": spec.top, "OtherCategories": "INCLUDE" if spec.other else "EXCLUDE"}
        sort: Json = {"CategorySort": [category], "CategoryItemsLimit": limit}
    else:
        sort = {"CategorySort": [fields.by_order(spec.x.column)]}
    if spec.color and (order := fields.order(spec.color)):
        sort["ColorSort"] = [{"ColumnSort": fields.column_sort(order, "min")}]
    return sort


def _combo(spec: Combo, fields: Fields) -> tuple[str, Json, Json]:
    configuration = {
        "FieldWells": {
            "ComboChartAggregatedFieldWells": {
                "Category": [fields.dimension(spec.x, drill=True)],
                "BarValues": _measures(fields, spec.bars),
                "LineValues": _measures(fields, spec.lines),
            }
        },
        "BarsArrangement": "CLUSTERED",
        "SortConfiguration": {
            "CategorySort": [{"FieldSort": {"FieldId": fields.id(spec.x.column), "Direction": "ASC"}}]
        },
        "PrimaryYAxisLabelOptions": _labels(fields, spec.bars),
        "SecondaryYAxisLabelOptions": _labels(fields, spec.lines),
        "CategoryLabelOptions": _axis(fields, spec.x),
        # bars and line are counted in the same rooms and share an axis
        "SingleAxisOptions": {
            "YAxisOptions": {"YAxis": "PRIMARY_Y_AXIS"},
        },
    }
    return "ComboChartVisual", configuration, _hierarchies(fields, spec.x)


def _pivot(spec: Pivot, fields: Fields) -> tuple[str, Json, Json]:
    sorts = [
        {"FieldId": fields.id(each.column), "SortBy": _pivot_order(fields, each)}
        for each in (*spec.rows, *spec.columns)
    ]
    named: list[Dimension | Measure] = [*spec.rows, *spec.columns, *spec.values]
    shown = [(each.column, each.title) for each in named if each.title]
    configuration = {
        "FieldWells": {
            "PivotTableAggregatedFieldWells": {
                "Rows": [fields.dimension(each) for each in spec.rows],
                "Columns": [fields.dimension(each) for each in spec.columns],
                "Values": _measures(fields, spec.values),
            }
        },
        "SortConfiguration": {"FieldSortOptions": sorts},
        "FieldOptions": {
            "SelectedFieldOptions": [
                {"FieldId": fields.id(column), "CustomLabel": title.short} for column, title in shown
            ]
        },
        "TableOptions": {"ColumnNamesVisibility": "VISIBLE"},
    }
    if spec.shade != "change":
        return "PivotTableVisual", configuration, {}
    each = spec.values[-1]
    cells = [
        {
            "Cell": {
                "FieldId": fields.id(each.column),
                "TextFormat": {
                    "BackgroundColor": _change(f"{(each.aggregate or 'sum').upper()}({{{each.column}}})", sign, color)
                },
            }
        }
        for sign, color in _CHANGES
    ]
    return "PivotTableVisual", configuration, {"ConditionalFormatting": {"ConditionalFormattingOptions": cells}}


def _pivot_order(fields: Fields, dimension: Dimension) -> Json:
    if ordered := fields.order(dimension.column):
        return {"Column": fields.column_sort(ordered, "min")}
    return {"Field": {"FieldId": fields.id(dimension.column), "Direction": "ASC"}}


def _heat(spec: Heat, fields: Fields) -> tuple[str, Json, Json]:
    amount = [{"Color": colors.PALE}, {"Color": colors.BLUE}]
    status = [{"Color": color} for color in colors.STATUS]
    configuration = {
        "FieldWells": {
            "HeatMapAggregatedFieldWells": {
                "Rows": [fields.dimension(spec.rows)],
                "Columns": [fields.dimension(spec.columns)],
                "Values": [fields.measure(spec.value)],
            }
        },
        "SortConfiguration": {
            "HeatMapRowSort": [fields.by_order(spec.rows.column)],
            "HeatMapColumnSort": [fields.by_order(spec.columns.column)],
            "HeatMapRowItemsLimitConfiguration": {"ItemsLimit": 40, "OtherCategories": "EXCLUDE"},
            "HeatMapColumnItemsLimitConfiguration": {"ItemsLimit": 40, "OtherCategories": "EXCLUDE"},
        },
        "RowLabelOptions": _axis(fields, spec.rows),
        "ColumnLabelOptions": _axis(fields, spec.columns),
        "ColorScale": {
            "Colors": status if spec.scale == "status" else amount,
            "ColorFillType": "DISCRETE" if spec.scale == "status" else "GRADIENT",
            "NullValueColor": {"Color": colors.WHITE},
        },
    }
    return "HeatMapVisual", configuration, {}


def _map(spec: Map, fields: Fields) -> tuple[str, Json, Json]:
    items: list[Json] = [
        {
            "ColumnTooltipItem": {
                "Column": fields.column(each.column),
                "Label": each.title.short,
                "Visibility": "VISIBLE",
            }
        }
        for each in spec.tooltip
    ]
    items.append(
        {
            "FieldTooltipItem": {
                "FieldId": fields.id(spec.size.column),
                "Label": spec.size.title.short,
                "Visibility": "VISIBLE",
            }
        }
    )
    configuration: Json = {
        "FieldWells": {
            "GeospatialMapAggregatedFieldWells": {
                "Geospatial": [
                    {"NumericalDimensionField": {"FieldId": fields.id(name), "Column": fields.column(name)}}
                    for name in (spec.latitude, spec.longitude)
                ],
                "Values": [fields.measure(spec.size)],
                **_color(fields, spec.color),
            }
        },
        "MapStyleOptions": {"BaseMapStyle": "LIGHT_GRAY"},
        "PointStyleOptions": {"SelectedPointStyle": "POINT" if spec.style == "points" else "HEATMAP"},
        "WindowOptions": {"MapZoomMode": "AUTO"},
        "Tooltip": {
            "TooltipVisibility": "VISIBLE",
            "SelectedTooltipType": "DETAILED",
            "FieldBasedTooltip": {
                "AggregationVisibility": "HIDDEN",
                "TooltipTitleType": "NONE",
                "TooltipFields": items,
            },
        },
    }
    configuration |= _palette(fields, spec.color)
    return "GeospatialMapVisual", configuration, {}


def _scatter(spec: Scatter, fields: Fields) -> tuple[str, Json, Json]:
    configuration = {
        "FieldWells": {
            "ScatterPlotCategoricallyAggregatedFieldWells": {
                "XAxis": [fields.measure(spec.x)],
                "YAxis": [fields.measure(spec.y)],
                "Category": [fields.dimension(spec.detail)],
                "Size": [fields.measure(spec.size)],
            }
        },
        "XAxisLabelOptions": _labels(fields, [spec.x]),
        "YAxisLabelOptions": _labels(fields, [spec.y]),
        "XAxisDisplayOptions": {"DataOptions": {"NumericAxisOptions": {"Range": {"DataDriven": {}}}}},
        "YAxisDisplayOptions": {"DataOptions": {"NumericAxisOptions": {"Range": {"DataDriven": {}}}}},
    }
    return "ScatterPlotVisual", configuration, {}


def _table(spec: Table, fields: Fields) -> tuple[str, Json, Json]:
    values = [{"FieldId": fields.id(each.column), "Column": fields.column(each.column)} for each in spec.columns]
    shown = {each.column for each in spec.columns}
    configuration = {
        "FieldWells": {"TableUnaggregatedFieldWells": {"Values": values}},
        "SortConfiguration": {
            "RowSort": [
                {"FieldSort": {"FieldId": fields.id(column), "Direction": direction.upper()}}
                if column in shown
                else {"ColumnSort": {"SortBy": fields.column(column), "Direction": direction.upper()}}
                for column, direction in spec.sort.items()
            ]
        },
        "FieldOptions": {
            "SelectedFieldOptions": [
                {"FieldId": fields.id(each.column), "CustomLabel": each.title.short} for each in spec.columns
            ]
        },
    }
    cells = [cell for each in spec.columns for cell in _cells(each, fields)]
    rest = {"ConditionalFormatting": {"ConditionalFormattingOptions": cells}} if cells else {}
    return "TableVisual", configuration, rest


_CHANGES = ((">", "#CFE3F4"), ("<", "#FBE3C4"))


def _cells(column: TableColumn, fields: Fields) -> list[Json]:
    name = f"{{{column.column}}}"
    match column.shade:
        case "change":
            backgrounds = [_change(name, sign, color) for sign, color in _CHANGES]
        case "severity":
            backgrounds = [
                {"Solid": {"Expression": f"{name} = '{label}'", "Color": color}}
                for label, color in colors.SEVERITY.items()
            ]
        case "rate":
            stops = [
                {"GradientOffset": float(place), "DataValue": value, "Color": color}
                for place, (value, color) in enumerate(((0.0, colors.WHITE), (1.0, "#8FBCE0")))
            ]
            backgrounds = [{"Gradient": {"Expression": name, "Color": {"Stops": stops}}}]
        case _:
            backgrounds = []
    field = fields.id(column.column)
    return [{"Cell": {"FieldId": field, "TextFormat": {"BackgroundColor": each}}} for each in backgrounds]


def _change(figure: str, sign: str, color: str) -> Json:
    return {"Solid": {"Expression": f"{figure} {sign} 0", "Color": color}}


def _counts(measures: list[Measure]) -> bool:
    return all(each.aggregate in ("count", "distinct_count") for each in measures)


def _measures(fields: Fields, measures: list[Measure]) -> list[Json]:
    return [fields.measure(each) for each in measures]


def _labels(fields: Fields, measures: list[Measure]) -> Json:
    return {"AxisLabelOptions": [fields.label(each.column, each.title.short) for each in measures]}


def _axis(fields: Fields, dimension: Dimension) -> Json:
    if not dimension.title:
        return {"Visibility": "HIDDEN"}
    return {"AxisLabelOptions": [fields.label(dimension.column, dimension.title.short)]}


def _color(fields: Fields, column: str | None) -> Json:
    return {"Colors": [fields.dimension(Dimension(column=column))]} if column else {}


def _palette(fields: Fields, column: str | None) -> Json:
    if not column or not (palette := colors.labels(column.removesuffix("_label"))):
        return {}
    field = fields.id(column)
    return {
        "VisualPalette": {
            "ColorMap": [
                {"Element": {"FieldId": field, "FieldValue": label}, "Color": color} for label, color in palette.items()
            ]
        }
    }


def _hierarchies(fields: Fields, dimension: Dimension) -> Json:
    steps = fields.hierarchies(dimension)
    return {"ColumnHierarchies": steps} if steps else {}


def _text(text: Text) -> Json:
    return {"FormatText": {"PlainText": str(text)}}


def _filter_others(name: str) -> Json:
    return {
        "CustomActionId": f"{name}-filter-others",
        "Name": "絞り込み Filter",
        "Status": "ENABLED",
        "Trigger": "DATA_POINT_CLICK",
        "ActionOperations": [
            {
                "FilterOperation": {
                    "SelectedFieldsConfiguration": {"SelectedFieldOptions": "ALL_FIELDS"},
                    "TargetVisualsConfiguration": {
                        "SameSheetTargetVisualConfiguration": {"TargetVisualOptions": "ALL_VISUALS"}
                    },
                }
            }
        ],
    }


_CONFIGURE: dict[str, Any] = {
    "kpi": _kpi,
    "line": _line,
    "bar": _bar,
    "combo": _combo,
    "pivot": _pivot,
    "heat": _heat,
    "map": _map,
    "scatter": _scatter,
    "table": _table,
}
