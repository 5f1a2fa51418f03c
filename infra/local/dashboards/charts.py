"""Charts of a definition as Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.local.dashboards import maps
from infra.local.dashboards.answers import Answer, Measure, drills
from infra.local.dashboards.definition import Field, Format, Json, Unsupported, Visual, walk
from infra.local.dashboards.flow import GRAIN, OTHER, controls, domain, flow, unknown, values
from infra.local.dashboards.sorting import limit
from infra.local.dashboards.style import CONFIG, GREY, INK, PALETTE, SEQUENTIAL

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def chart(answer: Answer, width: int | str = "container", height: int | str = "container") -> Json:
    """Return the Vega-Lite specification of a visual.

    Args:
        answer: its rows.
        width: in pixels; by default that of its place in the page.
        height: in pixels, as well.

    Raises:
        Unsupported: the preview does not draw this.
    """
    drawn = DRAWN.get(answer.plan.visual.kind)
    if not drawn:
        raise Unsupported(f"{answer.plan.visual.kind} is not drawn")
    spec = drawn(answer)
    if isinstance(width, int):
        for one in walk(spec):
            if "columns" in one:
                one["columns"] = max(1, one["columns"] * width // LEGEND_WIDTH)
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "config": CONFIG,
        **spec,
    }


def line(answer: Answer) -> Json:
    """Return a line chart."""
    series = _Series(answer, "Values")
    by_day = series.category.grain and (series.category.grain == "DAY" or drills(answer.plan.visual, series.category))
    transform = series.flow["transform"] + series.fold()
    x = _category(answer, series.category)
    if by_day:
        transform.append({"calculate": "utcParse(datum._x, '%Y-%m-%d')", "as": "_t"})
        axis = {"title": None, "grid": False, "tickCount": "month", "format": "%Y-%m", "labelOverlap": "greedy"}
        x = {"field": "_t", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}
    encoding = {"x": x, "y": _value(answer, series), "color": series.color(), "tooltip": series.tooltip()}
    dashes = series.dashes()
    mark: Json = {"type": "line", "strokeWidth": 2, "invalid": "break-paths-show-domains"}
    stroke = {"strokeDash": {"field": "_k", "scale": dashes, "legend": None}} if dashes else {}
    few = len({row[answer.plan.dimensions[series.category.id]] for row in answer.rows}) <= FEW_POINTS
    points = {
        "mark": {"type": "point", "filled": True, "size": 36, "invalid": "filter"},
        "encoding": {"opacity": {"condition": {"param": "hover", "empty": few, "value": 1}, "value": 1 if few else 0}},
        "params": [
            {"name": "hover", "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}}
        ],
    }
    return {
        **series.flow,
        "transform": transform,
        "encoding": encoding,
        "layer": [{"mark": mark, "encoding": stroke}, points, *_reference_lines(answer.plan.visual)],
    }


def bar(answer: Answer) -> Json:
    """Return a bar chart."""
    visual = answer.plan.visual
    series = _Series(answer, "Values")
    arrangement = visual.chart.get("BarsArrangement", "CLUSTERED")
    lying = visual.chart.get("Orientation", "VERTICAL") == "HORIZONTAL"
    along, across, offset = ("y", "x", "yOffset") if lying else ("x", "y", "xOffset")
    value = _value(answer, series)
    stack = {"STACKED": "zero", "STACKED_PERCENT": "normalize"}.get(arrangement)
    value["stack"] = stack
    transform = series.flow["transform"] + series.fold()
    tooltip = series.tooltip()
    if stack == "normalize":
        value["axis"] |= {"format": ".0%", "labelExpr": "datum.label"}
        transform += [
            {"joinaggregate": [{"op": "sum", "field": "_v", "as": "_all"}], "groupby": ["_x"]},
            {"calculate": "datum._all ? format(datum._v / datum._all, '.1%') : '–'", "as": "_share"},
        ]
        tooltip.append({"field": "_share", "title": "割合 Share"})
    encoding: Json = {along: _category(answer, series.category, lying), across: value, "tooltip": tooltip}
    if series.names:
        encoding["color"] = series.color()
        encoding["order"] = {"field": "_n"}
        if not stack:
            encoding[offset] = {"field": "_k", "sort": series.names}
    mark = {"type": "bar", "color": _own_color(visual), "cornerRadiusEnd": 0 if stack else 2}
    return {
        **series.flow,
        "transform": transform,
        "encoding": encoding,
        "layer": [{"mark": mark}, *_reference_lines(visual)],
    }


def combo(answer: Answer) -> Json:
    """Return bars and lines over one category."""
    visual = answer.plan.visual
    bars, lines = _Series(answer, "BarValues"), _Series(answer, "LineValues", among=("BarValues", "LineValues"))
    shared = bars.all_flow(("BarValues", "LineValues"))
    names = bars.names + [one for one in lines.names if one not in bars.names]
    scale = {"domain": names, "range": [*bars.range(), *lines.range(start=len(bars.names))]}
    color = {"field": "_k", "type": "nominal", "scale": scale, "legend": _legend(names)}
    stacked = visual.chart.get("BarsArrangement", "CLUSTERED") != "CLUSTERED"
    bar_encoding: Json = {"y": _value(answer, bars) | {"stack": "zero" if stacked else None}, "color": color}
    if not stacked and len(bars.names) > 1:
        bar_encoding["xOffset"] = {"field": "_k", "sort": bars.names}
    line_value = _value(answer, lines)
    line_value["axis"] = line_value["axis"] | ({} if "SingleAxisOptions" in visual.chart else {"grid": False})
    tooltip = bars.tooltip(("BarValues", "LineValues"))
    return {
        **shared,
        "encoding": {"x": _category(answer, bars.category), "tooltip": tooltip},
        "layer": [
            {"mark": {"type": "bar"}, "transform": bars.fold(), "encoding": bar_encoding},
            {
                "mark": {
                    "type": "line",
                    "point": {"size": 20},
                    "strokeWidth": 2,
                    "invalid": "break-paths-show-domains",
                },
                "transform": lines.fold(),
                "encoding": {"y": line_value, "color": color},
            },
            *_reference_lines(visual),
        ],
        "resolve": {"scale": {"y": "shared" if "SingleAxisOptions" in visual.chart else "independent"}},
    }


def heat(answer: Answer) -> Json:
    """Return a heat map."""
    visual = answer.plan.visual
    (row,), (column,) = visual.well("Rows"), visual.well("Columns")
    measure = answer.plan.measures[visual.well("Values")[0].id]
    params, transform = controls(answer)
    for name, one in (("_r", row), ("_x", column)):
        alias = answer.plan.dimensions[one.id]
        transform.append({"calculate": f"isValid(datum.{alias}) ? toString(datum.{alias}) : '–'", "as": name})
    parts = [{"op": "sum", "field": part, "as": part} for part in measure.parts]
    transform += [{"aggregate": parts, "groupby": ["_r", "_x"]}, *values([measure])]
    colors = [one["Color"] for one in visual.chart.get("ColorScale", {}).get("Colors", ()) if "Color" in one]
    encoding = {
        "y": _named("_r", domain(answer, row, "Rows"), row),
        "x": _named("_x", domain(answer, column, "Columns"), column),
        "tooltip": [
            {"field": "_r", "title": row.label},
            {"field": "_x", "title": column.label},
            {"field": "f0", "title": measure.field.label},
        ],
    }
    scale = _cell_scale(answer, measure, colors or SEQUENTIAL)
    legend = {
        "title": None,
        "gradientLength": 140,
        "gradientThickness": 8,
        "format": _axis_format(measure.field.format)["format"],
    }
    # Bounds of steps say nothing about codes.
    steps = scale.get("type") == "quantize"
    fill = {"field": "v0", "type": "quantitative", "scale": scale, "legend": None if steps else legend}
    dark = {"condition": {"test": DARK_CELL, "value": "white"}, "value": INK}
    text = {"mark": {"type": "text", "fontSize": 10}, "encoding": {"text": {"field": "f0"}, "color": dark}}
    cells = {"mark": {"type": "rect", "stroke": "white"}, "encoding": {"color": fill}}
    layer = [cells, text] if len(answer.rows) <= MOST_CELL_TEXTS else [cells]
    return {
        "data": {"values": answer.rows},
        "params": params,
        "transform": transform,
        "encoding": encoding,
        "layer": layer,
    }


def _cell_scale(answer: Answer, measure: Measure, colors: list[str]) -> Json:
    """Return the scale of a heat map: a gradient, or for discrete colours steps from the lowest value on."""
    if answer.plan.visual.chart.get("ColorScale", {}).get("ColorFillType") != "DISCRETE":
        return {"range": colors, "interpolate": "rgb", "zero": measure.field.format.kind != "percent"}
    values = [value for value in map(measure.value, answer.rows) if value is not None] or [0]
    return {"type": "quantize", "range": colors, "domain": [min(values), max(*values, min(values) + len(colors) - 1)]}


def scatter(answer: Answer) -> Json:
    """Return a scatter plot."""
    visual = answer.plan.visual
    fields = visual.well("XAxis", "YAxis", "Size")
    measures = [answer.plan.measures[one.id] for one in fields if one.id in answer.plan.measures]
    dimensions = visual.well("Category", "Label", "Color")
    if len(measures) < len(fields) or not dimensions:
        raise Unsupported(f"scatter plot {visual.id} without categories")
    params, transform = controls(answer)
    keys = [answer.plan.dimensions[one.id] for one in dimensions]
    operations = [
        {"op": one.operation, "field": one.alias, "as": one.alias} for one in answer.plan.columns if one.operation
    ]
    transform += [{"aggregate": operations, "groupby": keys}, *values(measures)]
    encoding: Json = {
        axis: {
            "field": f"v{number}",
            "type": "quantitative",
            "scale": {"zero": False, "nice": True},
            "axis": {"title": measures[number].field.label, **_axis_format(measures[number].field.format)},
        }
        for number, axis in enumerate(("x", "y"))
    }
    if len(measures) > 2:
        encoding["size"] = {"field": "v2", "type": "quantitative", "legend": None, "scale": {"range": [30, 700]}}
    if color := visual.well("Color"):
        encoding["color"] = {"field": answer.plan.dimensions[color[0].id], "scale": {"range": PALETTE}}
    encoding["tooltip"] = [{"field": key, "title": one.label} for key, one in zip(keys, dimensions, strict=True)] + [
        {"field": f"f{number}", "title": one.field.label} for number, one in enumerate(measures)
    ]
    mark = {"type": "circle", "opacity": 0.65, "color": _own_color(visual), "stroke": "white", "strokeWidth": 0.5}
    return {
        "data": {"values": answer.rows},
        "params": params,
        "transform": transform,
        "layer": [{"mark": mark}],
        "encoding": encoding,
    }


DRAWN: dict[str, Callable[[Answer], Json]] = {
    "LineChartVisual": line,
    "BarChartVisual": bar,
    "ComboChartVisual": combo,
    "HeatMapVisual": heat,
    "ScatterPlotVisual": scatter,
    "GeospatialMapVisual": maps.points,
}
# Lines with at most so many dates show each as a point.
FEW_POINTS = 40
MOST_CELL_TEXTS = 300
DARK_CELL = "isValid(datum.v0) && luminance(scale('color', datum.v0)) < 0.4"
# Legends break their lines so that they fit on a phone; pictures and page.js widen them.
LEGEND_WIDTH = 330
LATIN = 0x2E80


class _Series:
    """What one chart draws: by the values of a colour dimension, or one series a measure."""

    def __init__(self, answer: Answer, well: str, among: tuple[str, ...] = ()) -> None:
        visual = answer.plan.visual
        if not visual.well("Category"):
            raise Unsupported(f"{visual.kind} {visual.id} without a category")
        self._answer = answer
        self._visual = visual
        self.category = visual.well("Category")[0]
        self._color = next(iter(visual.well("Colors")), None)
        fields = visual.well(*(among or (well,)))
        self._measures = [answer.plan.measures[one.id] for one in fields]
        self.own = [number for number, one in enumerate(fields) if one in visual.well(well)]
        self.names = self._names()

    @property
    def format(self) -> Format:
        return self._measures[self.own[0]].field.format

    @property
    def flow(self) -> Json:
        return flow(self._answer, self.category, self._color, self._measures, self.names)

    def all_flow(self, wells: tuple[str, ...]) -> Json:
        measures = [self._answer.plan.measures[one.id] for one in self._visual.well(*wells)]
        return flow(self._answer, self.category, self._color, measures, self.names)

    def fold(self) -> list[Json]:
        """Return the transforms that give each series its rows: `_k` its name, `_v` its value, `_n` its place."""
        if self._color:
            return [
                {"calculate": f"datum.v{self.own[0]}", "as": "_v"},
                {"calculate": f"indexof({self.names!r}, datum._k)", "as": "_n"},
            ]
        if len(self.own) == 1:
            label = self._measures[self.own[0]].field.label
            return [
                {"calculate": f"datum.v{self.own[0]}", "as": "_v"},
                {"calculate": f"'{_quoted(label)}'", "as": "_k"},
                {"calculate": "0", "as": "_n"},
            ]
        columns = [f"v{number}" for number in self.own]
        labels = (
            "{"
            + ", ".join(f"'v{number}': '{_quoted(self._measures[number].field.label)}'" for number in self.own)
            + "}"
        )
        return [
            {"fold": columns, "as": ["_c", "_v"]},
            {"calculate": f"{labels}[datum._c]", "as": "_k"},
            {"calculate": f"indexof({columns!r}, datum._c)", "as": "_n"},
        ]

    def color(self) -> Json:
        """Return the encoding of colours with a legend, when there is more than one."""
        legend = _legend(self.names) if len(self.names) > 1 else None
        return {
            "field": "_k",
            "type": "nominal",
            "scale": {"domain": self.names, "range": self.range()},
            "legend": legend,
        }

    def range(self, start: int = 0) -> list[str]:
        """Return the colour of each series: the definition's, else grey for the unknown, else of the palette."""
        chosen = self._chosen("Color")
        return [
            chosen.get(name) or (GREY if unknown(name) else PALETTE[(start + number) % len(PALETTE)])
            for number, name in enumerate(self.names)
        ]

    def dashes(self) -> Json:
        """Return the scale of dashes, empty when all lines are solid."""
        styles = self._chosen("LineStyle")
        if not styles:
            return {}
        ranges = {"DASHED": [6, 4], "DOTTED": [2, 3]}
        return {"domain": self.names, "range": [ranges.get(styles.get(name, ""), [1, 0]) for name in self.names]}

    def tooltip(self, wells: tuple[str, ...] = ()) -> list[Json]:
        """Return what a tooltip says: category, colour and each measure."""
        measures = (
            [self._answer.plan.measures[one.id] for one in self._visual.well(*wells)] if wells else self._measures
        )
        shown = [{"field": "_x", "type": "nominal", "title": self.category.label}]
        if self._color:
            shown.append({"field": "_k", "type": "nominal", "title": self._color.label})
        return shown + [
            {"field": f"f{number}", "type": "nominal", "title": one.field.label} for number, one in enumerate(measures)
        ]

    def _names(self) -> list[str]:
        if not self._color:
            return [self._measures[number].field.label for number in self.own]
        names = domain(self._answer, self._color, "Colors")
        cut = limit(self._visual, "Colors")
        if not cut or len(names) <= cut[0]:
            return names
        alias = self._answer.plan.dimensions[self._color.id]
        sizes = dict.fromkeys(names, 0)
        for row in self._answer.rows:
            sizes["–" if row[alias] is None else str(row[alias])] += self._measures[0].value(row) or 0
        largest = sorted(names, key=lambda name: -sizes[name])[: cut[0]]
        return [name for name in names if name in largest] + ([OTHER] if cut[1] else [])

    def _chosen(self, key: str) -> dict[str, str]:
        """Return a setting of each series by its name, where the definition makes one."""
        found: dict[str, str] = {}
        labels = {one.field.id: one.field.label for one in self._measures}
        for one in walk(self._visual.chart):
            item = one.get("FieldSeriesItem") or one.get("DataFieldSeriesItem") or one.get("Element")
            if not item or "FieldId" not in item:
                continue
            name = item.get("FieldValue") or labels.get(item["FieldId"], "")
            text = _setting(one if "Element" in one else item.get("Settings", {}), key)
            if text:
                found[name] = text
        return found


def _legend(names: list[str]) -> Json:
    longest = max(sum(11 if ord(letter) > LATIN else 6.5 for letter in name) for name in names)
    return {"title": None, "columns": max(1, int(LEGEND_WIDTH // (longest + 24)))}


def _setting(settings: Json, key: str) -> str:
    return next((str(node[key]) for node in walk(settings) if isinstance(node.get(key), str)), "")


def _own_color(visual: Visual) -> str:
    palette = visual.chart.get("VisualPalette", {})
    return str(palette.get("ChartColor") or PALETTE[0])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _category(answer: Answer, field: Field, lying: bool = False) -> Json:
    sort = {"field": "_o", "op": "min"} if not field.grain else "ascending"
    axis: Json = {"title": None, "grid": False, "ticks": False}
    axis["labelLimit"] = 150
    if field.grain:
        axis |= {"labelExpr": _date_label(answer.plan.visual, field), "labelOverlap": "greedy", "labelAngle": 0}
    elif not lying:
        values = len({row[answer.plan.dimensions[field.id]] for row in answer.rows}) or 1
        axis |= {"labelAngle": 0, "labelOverlap": False, "labelLimit": {"expr": f"max(24, width / {values} - 4)"}}
    return {"field": "_x", "type": "ordinal", "sort": sort, "axis": axis}


def _date_label(visual: Visual, field: Field) -> str:
    if drills(visual, field):
        return f"{GRAIN} === 'MONTH' ? slice(datum.label, 0, 7) : slice(datum.label, 5)"
    return "slice(datum.label, 0, 7)" if field.grain == "MONTH" else "slice(datum.label, 5)"


def _named(name: str, values: list[str], field: Field) -> Json:
    axis: Json = {"title": None, "ticks": False, "domain": False, "labelLimit": 130}
    if field.grain == "MONTH":
        axis["labelExpr"] = "slice(datum.label, 0, 7)"
    if name == "_x":
        axis |= {"labelAngle": 0, "labelOverlap": "greedy"}
    return {"field": name, "type": "ordinal", "sort": values, "scale": {"domain": values}, "axis": axis}


def _value(answer: Answer, series: _Series) -> Json:
    options = answer.plan.visual.chart
    key = "ValueAxis" if "ValueAxis" in options else "PrimaryYAxisDisplayOptions"
    given: Any = next((one for one in walk(options.get(key, {})) if "DataDriven" in one or "MinMax" in one), {})
    scale: Json = {"zero": "DataDriven" not in given, "nice": True}
    for name, bound in (("domainMin", "Minimum"), ("domainMax", "Maximum")):
        if bound in given.get("MinMax", {}):
            scale[name] = given["MinMax"][bound]
    return {
        "field": "_v",
        "type": "quantitative",
        "scale": scale,
        "axis": {"title": None, "tickCount": 6, **_axis_format(series.format)},
    }


def _axis_format(form: Format) -> Json:
    # "," alone writes 1.13e+4.
    if form.kind == "percent":
        return {"format": ".1~%"}
    if form.kind == "yen":
        return {"format": ",d", "labelExpr": "'¥' + datum.label", "tickMinStep": 1}
    whole = {"format": ",d", "labelExpr": "datum.value % 1 ? '' : datum.label", "tickMinStep": 1}
    return whole if not form.decimals else {"format": f",.{form.decimals}~f"}


def _reference_lines(visual: Visual) -> list[Json]:
    layers = []
    for one in visual.chart.get("ReferenceLines", ()):
        static = one.get("DataConfiguration", {}).get("StaticConfiguration")
        if static is None or one.get("Status", "ENABLED") != "ENABLED":
            continue
        style = one.get("StyleConfiguration", {})
        text = one.get("LabelConfiguration", {}).get("CustomLabelConfiguration", {}).get("CustomLabel", "")
        axis = "x" if visual.chart.get("Orientation") == "HORIZONTAL" else "y"
        data = {"values": [{"at": static["Value"]}]}
        color = style.get("Color", "#7b8794")
        rule = {"type": "rule", "color": color, "strokeDash": [4, 4] if style.get("Pattern") != "SOLID" else [1, 0]}
        place = {axis: {"field": "at", "type": "quantitative"}}
        no_others = dict.fromkeys(("tooltip", "color", "order", "xOffset", "yOffset", "x", "y")) | place
        layers.append({"data": data, "mark": rule, "encoding": no_others})
        if text:
            mark = {"type": "text", "align": "left", "dy": -6, "x": 4, "text": text, "color": color, "fontSize": 11}
            layers.append({"data": data, "mark": mark, "encoding": no_others})
    return layers
