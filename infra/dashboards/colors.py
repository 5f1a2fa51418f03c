"""Colours that readers with any kind of colour vision can tell apart, from a file that Terraform reads for the theme.

Categories have the colours of Okabe and Ito (https://jfly.uni-koeln.de/color/) and two more, for a theme has eight.
Ordered bands have those of viridis, and what is unknown is grey. No meaning rests on red against green.
"""

from __future__ import annotations

import csv
import json
from functools import cache

from infra.dashboards import MODULE, PROJECT

BUCKETS = PROJECT / "dbt" / "seeds" / "code_bucket.csv"

PALETTE = json.loads((MODULE / "colors.json").read_text(encoding="utf-8"))
CATEGORIES: tuple[str, ...] = tuple(PALETTE["categories"])
BANDS: tuple[str, ...] = tuple(PALETTE["bands"])
BLUE, ORANGE, VERMILION = CATEGORIES[0], CATEGORIES[1], CATEGORIES[5]
GREY: str = PALETTE["unknown"]
PALE: str = PALETTE["pale"]
WHITE = "#FFFFFF"
STATUS = (PALE, ORANGE, GREY)
SEVERITY = {"重大 Critical": "#F6C7B6", "注意 Warning": "#FBE7B5", "お知らせ Notice": PALE}

_UNKNOWN = ("Unknown", "unknown")
_BANDS = ("rate_band", "rent_band")


@cache
def labels(dimension: str) -> dict[str, str]:
    """Return the colour of each label of a dimension of the seed `code_bucket`, in its order; empty for others."""
    with BUCKETS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dimension"] == dimension]
    rows.sort(key=lambda row: int(row["sort_order"]))
    palette = BANDS if dimension in _BANDS else CATEGORIES
    return {
        row["label"]: GREY if row["value"] in _UNKNOWN else palette[place % len(palette)]
        for place, row in enumerate(rows)
    }
