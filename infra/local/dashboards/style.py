"""Colours and fonts of the preview: safe for colour-blind readers, without red against green."""

from __future__ import annotations

from typing import Any

from infra.dashboards import colors

FONTS = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK JP', 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic UI', "
    "Meiryo, sans-serif"
)
# vl-convert measures text with the fonts of this machine.
PICTURE_FONTS = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic UI, Meiryo, sans-serif"
# The theme's colours.
PALETTE = list(colors.CATEGORIES)
GREY = colors.GREY
SEQUENTIAL = ["#EEF4FB", "#9CC3E6", "#0072B2", "#0B3C66"]
VIRIDIS = ["#440154", "#414487", "#2A788E", "#22A884", "#7AD151", "#FDE725"]
INK = "#26323F"
MUTED = "#5F6C7B"
CONFIG: dict[str, Any] = {
    "font": FONTS,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "titleColor": MUTED,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": "#EDF0F4",
        "domainColor": "#C5CDD6",
        "tickColor": "#C5CDD6",
    },
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "labelColor": INK,
        "labelFontSize": 11,
        "symbolSize": 90,
        "symbolType": "square",
        "labelLimit": 180,
        "padding": 0,
        "offset": 8,
    },
    "bar": {"discreteBandSize": {"band": 0.82}},
}
