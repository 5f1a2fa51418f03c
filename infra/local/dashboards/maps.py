"""Maps: buildings as points or as a grid of densities over the outlines of the prefectures."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from infra.local.dashboards.answers import Answer, Row
from infra.local.dashboards.definition import Json, Unsupported, walk
from infra.local.dashboards.flow import controls, domain, unknown, values
from infra.local.dashboards.style import GREY, PALETTE, VIRIDIS

OUTLINES = Path(__file__).with_name("kanto.json")
# Names of municipalities that are not written over each other, in degrees of longitude and latitude.
APART = (0.05, 0.018)
MOST_NAMES = 24
CELLS_ACROSS = 40


@functools.cache
def outlines() -> list[Json]:
    """Return the prefectures as GeoJSON features."""
    features: list[Json] = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    return features


def points(answer: Answer) -> Json:
    """Return a map of points, coloured by a dimension and sized by the first measure, or of densities."""
    visual = answer.plan.visual
    by_column = {one.column: answer.plan.dimensions[one.id] for one in visual.well("Geospatial")}
    if set(by_column) != {"latitude", "longitude"}:
        raise Unsupported(f"map {visual.id} without latitude and longitude")
    latitude, longitude = by_column["latitude"], by_column["longitude"]
    rows = [row for row in answer.rows if row[latitude] is not None and row[longitude] is not None]
    params, transform = controls(answer)
    measures = [answer.plan.measures[one.id] for one in visual.well("Values")]
    place = {
        "longitude": {"field": longitude, "type": "quantitative"},
        "latitude": {"field": latitude, "type": "quantitative"},
    }
    box = _box(rows, latitude, longitude)
    heat = visual.chart.get("PointStyleOptions", {}).get("SelectedPointStyle") == "HEATMAP"
    marks = _densities(rows, latitude, longitude, answer) if heat else _dots(answer, place)
    land = {"type": "geoshape", "fill": "#F1EFEA", "stroke": "#C8CDD3", "strokeWidth": 0.8, "clip": True}
    return {
        "params": params,
        "projection": {"type": "mercator", "fit": box, "size": {"expr": "[width, height]"}},
        "layer": [
            {"data": {"values": outlines()}, "mark": land},
            {"data": {"values": rows}, "transform": transform + values(measures), **marks},
            _names(rows, latitude, longitude, answer.plan.tooltips.get("municipality", "")),
        ],
    }


def _dots(answer: Answer, place: Json) -> Json:
    visual = answer.plan.visual
    encoding: Json = {**place, "tooltip": _tooltip(answer)}
    if visual.well("Values"):
        size = {"field": "v0", "type": "quantitative", "legend": None, "scale": {"range": [12, 160]}}
        encoding["size"] = size
    if color := visual.well("Colors"):
        field = color[0]
        names = domain(answer, field, "Colors")
        legend = {"title": None, "orient": "bottom", "symbolType": "circle", "columns": 3}
        scale = {"domain": names, "range": _colors(answer, names)}
        encoding["color"] = {"field": answer.plan.dimensions[field.id], "scale": scale, "legend": legend}
    mark = {"type": "circle", "opacity": 0.85, "stroke": "white", "strokeWidth": 0.4, "clip": True, "color": PALETTE[0]}
    return {"mark": mark, "encoding": encoding}


def _densities(rows: list[Row], latitude: str, longitude: str, answer: Answer) -> Json:
    """Return squares of about a kilometre or two, coloured by the sum of the first measure of their buildings."""
    measure = answer.plan.measures[answer.plan.visual.well("Values")[0].id]
    if len(measure.parts) > 1:
        raise Unsupported(f"density by a quotient on {answer.plan.visual.id}")
    step = (_range(rows, longitude) or 1) / CELLS_ACROSS
    tall = step * 0.81
    alias = measure.parts[0]
    return {
        "transform": [
            *controls(answer)[1],
            {"calculate": f"floor(datum.{longitude} / {step}) * {step}", "as": "_w"},
            {"calculate": f"floor(datum.{latitude} / {tall}) * {tall}", "as": "_s"},
            {"aggregate": [{"op": "sum", "field": alias, "as": alias}], "groupby": ["_w", "_s"]},
            {"calculate": f"datum._w + {step}", "as": "_e"},
            {"calculate": f"datum._s + {tall}", "as": "_n"},
            *values([measure]),
        ],
        "mark": {"type": "rect", "opacity": 0.85, "clip": True},
        "encoding": {
            "longitude": {"field": "_w", "type": "quantitative"},
            "longitude2": {"field": "_e"},
            "latitude": {"field": "_s", "type": "quantitative"},
            "latitude2": {"field": "_n"},
            "color": {
                "field": "v0",
                "type": "quantitative",
                "scale": {"range": VIRIDIS[::-1]},
                "legend": {
                    "title": None,
                    "orient": "bottom",
                    "gradientLength": 140,
                    "gradientThickness": 8,
                    "format": ",d",
                },
            },
            "tooltip": [{"field": "f0", "title": measure.field.label}],
        },
    }


def _range(rows: list[Row], alias: str) -> float:
    found = [float(row[alias]) for row in rows]
    return max(found) - min(found) if found else 0.0


def _colors(answer: Answer, names: list[str]) -> list[str]:
    given = {
        one["Element"].get("FieldValue"): one["Color"]
        for one in walk(answer.plan.visual.chart)
        if "Element" in one and "Color" in one
    }
    known = [name for name in names if not unknown(name)]
    steps = {name: VIRIDIS[round(n * (len(VIRIDIS) - 1) / max(len(known) - 1, 1))] for n, name in enumerate(known)}
    return [given.get(name) or steps.get(name, GREY) for name in names]


def _tooltip(answer: Answer) -> list[Json]:
    visual = answer.plan.visual
    numbers = {one.id: number for number, one in enumerate(visual.well("Values"))}
    shown: list[Json] = []
    for one in walk(visual.chart.get("Tooltip", {})):
        if item := one.get("ColumnTooltipItem"):
            name = item["Column"]["ColumnName"]
            shown.append({"field": answer.plan.tooltips[name], "title": item.get("Label", name)})
        elif (item := one.get("FieldTooltipItem")) and item["FieldId"] in numbers:
            title = item.get("Label") or answer.plan.measures[item["FieldId"]].field.label
            shown.append({"field": f"f{numbers[item['FieldId']]}", "title": title})
        elif item and item["FieldId"] in answer.plan.dimensions:
            shown.append({"field": answer.plan.dimensions[item["FieldId"]], "title": item.get("Label", "")})
    if shown:
        return shown
    return [{"field": f"f{numbers[one.id]}", "title": one.label} for one in visual.well("Values")]


def _box(rows: list[Row], latitude: str, longitude: str) -> Json:
    """Return the rectangle around the buildings; its ring is clockwise, else it would be the rest of the world."""
    west, east = _ends(rows, longitude, (139.5, 140.0), 0.02)
    south, north = _ends(rows, latitude, (35.5, 35.85), 0.015)
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _ends(rows: list[Row], alias: str, nothing: tuple[float, float], margin: float) -> tuple[float, float]:
    found = [float(row[alias]) for row in rows]
    if not found:
        return nothing
    return round(min(found) - margin, 4), round(max(found) + margin, 4)


def _names(rows: list[Row], latitude: str, longitude: str, alias: str) -> Json:
    places: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if alias and row[alias]:
            places.setdefault(row[alias], []).append((float(row[longitude]), float(row[latitude])))
    chosen: list[dict[str, Any]] = []
    for name, found in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        x, y = (round(sum(each) / len(found), 4) for each in zip(*found, strict=True))
        if len(chosen) < MOST_NAMES and all(abs(x - o["x"]) > APART[0] or abs(y - o["y"]) > APART[1] for o in chosen):
            chosen.append({"name": name, "x": x, "y": y})
    place = {"longitude": {"field": "x", "type": "quantitative"}, "latitude": {"field": "y", "type": "quantitative"}}
    halo = {"type": "text", "fontSize": 10.5, "fontWeight": 600, "dy": -11, "clip": True}
    over = halo | {"color": "#26323F"}
    under = halo | {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round", "color": "white", "opacity": 0.85}
    text = {"text": {"field": "name"}}
    layers = [{"mark": mark, "encoding": {**place, **text}} for mark in (under, over)]
    return {"data": {"values": chosen}, "layer": layers}
