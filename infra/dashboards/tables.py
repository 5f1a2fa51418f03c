"""What gold and the reports offer to dashboards, as the YAML beside the models declares: tables, columns, descriptions.

A data set is called like its table, so a name stands in one of the two schemas only.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from include.warehouse.schema import GOLD, REPORTS
from infra.dashboards import PROJECT, DashboardError

MODELS = PROJECT / "dbt" / "models"
# Schemas that readers see; each is called like its folder of models.
SCHEMAS = (GOLD.live, REPORTS)
# QuickSight's type of each kind of column.
TYPES = {
    "int": "INTEGER",
    "bigint": "INTEGER",
    "decimal": "DECIMAL",
    "date": "DATETIME",
    "datetime": "DATETIME",
    "varchar": "STRING",
}
# What a helper says for itself that the schema of its folder is not for.
IN_SILVER = re.compile(r"""schema\s*=\s*['"]silver""")
# The longest description of a column that QuickSight keeps.
DESCRIPTION_LETTERS = 500


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: as in the database.
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


@dataclass(frozen=True)
class Table:
    """A table that readers may see.

    Attributes:
        schema: one of `SCHEMAS`.
        columns: by name, in the order of the model's YAML.
    """

    schema: str
    columns: dict[str, Column]


Tables = dict[str, Table]


def column_type(data_type: str) -> str:
    """Return QuickSight's type of a `data_type` of a model.

    Raises:
        DashboardError: the type is not one of `TYPES`.
    """
    kind = data_type.partition("(")[0].split()[0]
    if kind not in TYPES:
        raise DashboardError(f"QuickSight's type of {data_type!r} is not known; add {kind} to TYPES in {__name__}")
    return TYPES[kind]


@cache
def read_tables(models: Path = MODELS) -> Tables:
    """Return every table of `SCHEMAS`, by name."""
    docs = _docs(models / "docs.md")
    return {
        model["name"]: Table(schema, {each["name"]: _column(each, docs) for each in model["columns"]})
        for schema in SCHEMAS
        for file in sorted((models / schema).rglob("*.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
        if _is_shown(model, file)
    }


def _is_shown(model: dict[str, Any], file: Path) -> bool:
    """Whether readers see a model of `SCHEMAS`; helpers of the reports stay in silver."""
    sql = file.with_name(f"{model['name']}.sql").read_text(encoding="utf-8")
    return model.get("config", {}).get("schema") != "silver" and not IN_SILVER.search(sql)


def _column(declared: dict[str, str], docs: dict[str, str]) -> Column:
    kind = column_type(declared["data_type"])
    return Column(declared["name"], kind, _text(declared["description"], docs))


def _docs(file: Path) -> dict[str, str]:
    blocks = re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", file.read_text(encoding="utf-8"), re.S)
    return dict(blocks)


def _text(description: str, docs: dict[str, str]) -> str:
    resolved = re.sub(r"""{{ *doc\(['"](\w+)['"]\) *}}""", lambda match: docs[match[1]], description)
    return " ".join(resolved.split())
