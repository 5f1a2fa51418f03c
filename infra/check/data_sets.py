"""The columns of the QuickSight data sets, generated from the gold models' YAML.

QuickSight wants every column of a data set named and typed beforehand. The list lies beside the Terraform module that
reads it and is written by `python -m infra.check.data_sets`; a gold column that was renamed since makes the check red
instead of a dashboard empty.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

from include.dbt.personal_data import stays_in_silver

PROJECT = Path(__file__).resolve().parents[2]
DATA_SETS = PROJECT / "infra" / "modules" / "quicksight" / "data_sets.json"
GOLD = PROJECT / "dbt" / "models" / "gold"

MODELS = ("moveout_analysis", "new_contracts", "occupancy_daily_metrics", "occupancy_property_map_latest")
"""The gold models that readers see in QuickSight, as dbt/models/exposures.yml lists them."""

INTEGERS = frozenset({"age", "apartment_id", "applications", "contract_channel", "contract_id"})
INTEGER_BEGINNINGS = ("is_", "new_")
INTEGER_ENDINGS = ("_count", "_days", "_delta", "_months", "_order", "_rooms")
DECIMALS = frozenset({"latitude", "longitude"})
DECIMAL_ENDINGS = ("_rate", "_rent", "_share")
TIME_ENDINGS = ("_at", "_date", "_start")
COMPARED = re.compile(r"_(7d_ago|delta_7d)$")
"""Ends the name of a figure of a week ago, or of what it changed since; its type is that of the figure."""

Columns = dict[str, list[dict[str, str]]]


class DataSetError(ValueError):
    """A data set cannot be described; the message names the model and what to do."""


def column_type(name: str) -> str:
    """Return QuickSight's type of a gold column, which its name tells: dates and times have no type of their own."""
    name = COMPARED.sub("", name)
    if name.endswith(TIME_ENDINGS):
        return "DATETIME"
    if name in DECIMALS or name.endswith(DECIMAL_ENDINGS):
        return "DECIMAL"
    if name in INTEGERS or name.startswith(INTEGER_BEGINNINGS) or name.endswith(INTEGER_ENDINGS):
        return "INTEGER"
    return "STRING"


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
        columns[model] = [{"name": name, "type": column_type(name)} for name in names]
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
        found = [*sorted(found), "write the columns anew with `python -m infra.check.data_sets`"]
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
