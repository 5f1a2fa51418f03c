"""The columns of the QuickSight data sets, generated from the gold models' YAML.

QuickSight wants every column of a data set named and typed beforehand. The list lies beside the Terraform module that
reads it and is written by `python -m infra data-sets`; a gold column that was renamed since makes the check red
instead of a dashboard empty.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

from include.dbt.personal_data import stays_in_silver

PROJECT = Path(__file__).resolve().parents[2]
DATA_SETS = PROJECT / "infra" / "modules" / "quicksight" / "data_sets.json"
GOLD = PROJECT / "dbt" / "models" / "gold"

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

Columns = dict[str, list[dict[str, str]]]


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


def from_models(gold: Path = GOLD) -> Columns:
    """Return the columns of each data set as the gold models declare them.

    Raises:
        DataSetError: a model has no YAML, or declares a column with personal data.
    """
    columns: Columns = {}
    for model in MODELS:
        file = next(gold.rglob(f"{model}.yml"), None)
        if file is None:
            raise DataSetError(
                f"{gold}/**/{model}.yml is missing; describe the model there or take it out of the data sets"
            )
        described = {each["name"]: each for each in yaml.safe_load(file.read_text())["models"]}
        names = [column["name"] for column in described[model]["columns"]]
        if personal := [name for name in names if stays_in_silver(name)]:
            raise DataSetError(f"{model} declares {', '.join(personal)}; personal data must not reach gold")
        columns[model] = [
            {"name": column["name"], "type": column_type(column["data_type"])} for column in described[model]["columns"]
        ]
    return columns


def differences(data_sets: Path = DATA_SETS, gold: Path = GOLD) -> list[str]:
    """Return one sentence for each difference between the data sets and the gold models."""
    declared: Columns = json.loads(data_sets.read_text())
    expected = from_models(gold)
    found = []
    for model in sorted(declared.keys() | expected.keys()):
        ours = {column["name"]: column["type"] for column in declared.get(model, [])}
        theirs = {column["name"]: column["type"] for column in expected.get(model, [])}
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


def render(columns: Columns) -> str:
    """Return the file's text: one line for each column, so that a change reads well."""
    models = []
    for model, listed in columns.items():
        lines = ",\n".join(f"    {json.dumps(column)}" for column in listed)
        models.append(f"  {json.dumps(model)}: [\n{lines}\n  ]")
    return "{\n" + ",\n".join(models) + "\n}\n"


def main() -> int:
    """Write the file."""
    DATA_SETS.write_text(render(from_models()))
    print(f"{DATA_SETS.relative_to(PROJECT)}: {', '.join(MODELS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
