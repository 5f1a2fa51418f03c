"""The columns of the QuickSight data sets, generated from the gold models' YAML.

QuickSight wants every column of a data set named and typed beforehand. The list lies beside the Terraform module that
reads it and is written by `python -m infra data-sets`; a gold column that was renamed since makes the check red
instead of a dashboard empty.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from include.dbt.personal_data import stays_in_gold, stays_in_silver

PROJECT = Path(__file__).resolve().parents[2]
DATA_SETS = PROJECT / "infra" / "modules" / "quicksight" / "data_sets.json"
GOLD = PROJECT / "dbt" / "models" / "gold"
DOCS = PROJECT / "dbt" / "models" / "docs.md"

# The gold models that readers see in QuickSight, as dbt/models/exposures.yml lists them.
MODELS = ("moveout_analysis", "new_contracts", "occupancy_daily_metrics", "occupancy_property_map_latest")

# QuickSight's type of each kind of column in gold.
TYPES = {
    "int": "INTEGER",
    "bigint": "INTEGER",
    "decimal": "DECIMAL",
    "date": "DATETIME",
    "datetime": "DATETIME",
    "varchar": "STRING",
}

# Columns by which a map finds its points, and what QuickSight calls them.
GEOGRAPHIC = {"latitude": "LATITUDE", "longitude": "LONGITUDE"}
# The longest description of a column that QuickSight keeps.
DESCRIPTION_LETTERS = 500

# For each gold table its columns, each with name, type and description, and the roles of those that are places.
DataSets = dict[str, dict[str, Any]]


class DataSetError(ValueError):
    """A data set cannot be described; the message names the model and what to do."""


def column_type(data_type: str) -> str:
    """Return QuickSight's type of a `data_type` of a gold model.

    Raises:
        DataSetError: the type is not one of `TYPES`.
    """
    kind = data_type.partition("(")[0].split()[0]
    if kind not in TYPES:
        raise DataSetError(f"QuickSight's type of {data_type!r} is not known; add {kind} to TYPES")
    return TYPES[kind]


def from_models(gold: Path = GOLD) -> DataSets:
    """Return each data set as the gold models declare it, without what readers must not see.

    Raises:
        DataSetError: a model has no YAML, or declares a column with personal data.
    """
    return {model: _from_model(model, gold) for model in MODELS}


def differences(data_sets: Path = DATA_SETS, gold: Path = GOLD) -> list[str]:
    """Return one sentence for each difference between the data sets and the gold models."""
    declared: DataSets = json.loads(data_sets.read_text(encoding="utf-8"))
    expected = from_models(gold)
    found = []
    for model in sorted(declared.keys() | expected.keys()):
        ours, theirs = _types(declared.get(model)), _types(expected.get(model))
        found += [f"data set {model} has column {name}, which gold does not have" for name in ours.keys() - theirs]
        found += [f"data set {model} lacks column {name} of gold" for name in theirs.keys() - ours]
        found += [
            f"data set {model} has column {name} as {ours[name]} instead of {theirs[name]}"
            for name in ours.keys() & theirs
            if ours[name] != theirs[name]
        ]
    if found:
        found = [*sorted(found), "write the columns again with `python -m infra data-sets`"]
    return found


def render(data_sets: DataSets) -> str:
    """Return the file's text: one line for each column, so that a change reads well."""
    models = []
    for model, data_set in data_sets.items():
        lines = ",\n".join(f"      {json.dumps(column, ensure_ascii=False)}" for column in data_set["columns"])
        parts = [f'    "columns": [\n{lines}\n    ]', f'    "geo": {json.dumps(data_set["geo"])}']
        models.append(f"  {json.dumps(model)}: {{\n" + ",\n".join(parts) + "\n  }")
    return "{\n" + ",\n".join(models) + "\n}\n"


def _from_model(model: str, gold: Path) -> dict[str, Any]:
    file = next(gold.rglob(f"{model}.yml"), None)
    if file is None:
        raise DataSetError(
            f"{gold}/**/{model}.yml is missing; describe the model there or take it out of the data sets"
        )
    described = {each["name"]: each["columns"] for each in yaml.safe_load(file.read_text())["models"]}[model]
    if personal := [column["name"] for column in described if stays_in_silver(column["name"])]:
        raise DataSetError(f"{model} declares {', '.join(personal)}; personal data must not reach gold")
    shown = [column for column in described if not stays_in_gold(column["name"])]
    columns = [
        {"name": each["name"], "type": column_type(each["data_type"]), "description": _text(each["description"])}
        for each in shown
    ]
    return {
        "columns": columns,
        "geo": {each["name"]: GEOGRAPHIC[each["name"]] for each in shown if each["name"] in GEOGRAPHIC},
    }


def _text(description: str) -> str:
    """Return a description as QuickSight keeps it: its doc blocks resolved, in one line."""
    docs = dict(re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", DOCS.read_text(encoding="utf-8"), re.DOTALL))
    resolved = re.sub(r"""{{ *doc\(['"](\w+)['"]\) *}}""", lambda match: docs[match[1]], description)
    return " ".join(resolved.split())[:DESCRIPTION_LETTERS]


def _types(data_set: dict[str, Any] | None) -> dict[str, str]:
    return {column["name"]: column["type"] for column in data_set["columns"]} if data_set else {}


def main() -> int:
    """Write the file."""
    DATA_SETS.write_text(render(from_models()), encoding="utf-8")
    print(f"{DATA_SETS.relative_to(PROJECT)}: {', '.join(MODELS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
