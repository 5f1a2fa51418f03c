"""What gold offers to dashboards: tables, columns, types and descriptions, as the YAML beside the models declares."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from infra.dashboards import PROJECT, DashboardError

MODELS = PROJECT / "dbt" / "models"
# QuickSight's type of each kind of column in gold.
TYPES = {
    "int": "INTEGER",
    "bigint": "INTEGER",
    "decimal": "DECIMAL",
    "date": "DATETIME",
    "datetime": "DATETIME",
    "varchar": "STRING",
}
# The longest description of a column that QuickSight keeps.
DESCRIPTION_LETTERS = 500


@dataclass(frozen=True)
class Column:
    """A column of a gold table.

    Attributes:
        name: as in gold.
        type: QuickSight's type: INTEGER, DECIMAL, DATETIME or STRING.
        description: text of the model's YAML, Japanese name first, in one line.
    """

    name: str
    type: str
    description: str

    @property
    def meaning(self) -> str:
        """What the column is: the first sentence of the description, without its asides, at most 120 letters."""
        sentence = re.split(r"(?<=[.。;]) ", self.description, maxsplit=1)[0].rstrip(";.")
        return textwrap.shorten(sentence, 120, placeholder=" …")


Gold = dict[str, dict[str, Column]]


def column_type(data_type: str) -> str:
    """Return QuickSight's type of a `data_type` of a gold model.

    Raises:
        DashboardError: the type is not one of `TYPES`.
    """
    kind = data_type.partition("(")[0].split()[0]
    if kind not in TYPES:
        raise DashboardError(f"QuickSight's type of {data_type!r} is not known; add {kind} to TYPES in {__name__}")
    return TYPES[kind]


@cache
def read_gold(models: Path = MODELS) -> Gold:
    """Return the columns of every gold table, in the order of the models' YAML."""
    docs = _docs(models / "docs.md")
    gold: Gold = {}
    for file in sorted((models / "gold").rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            gold[model["name"]] = {
                each["name"]: Column(each["name"], column_type(each["data_type"]), _text(each["description"], docs))
                for each in model["columns"]
            }
    return gold


def _docs(file: Path) -> dict[str, str]:
    blocks = re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", file.read_text(encoding="utf-8"), re.S)
    return dict(blocks)


def _text(description: str, docs: dict[str, str]) -> str:
    resolved = re.sub(r"""{{ *doc\(['"](\w+)['"]\) *}}""", lambda match: docs[match[1]], description)
    return " ".join(resolved.split())
