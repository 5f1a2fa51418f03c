"""The data sets of QuickSight: of each table that readers see only the columns that a visual uses.

The file lies beside the Terraform module that reads it and is written by `python -m infra dashboards write`. A column
that no visual shows does not leave the database, and one that could name a person never does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from include.dbt.personal_data import stays_in_gold
from infra.dashboards import MODULE, DashboardError
from infra.dashboards.references import columns_used
from infra.dashboards.tables import DESCRIPTION_LETTERS, Column, Tables

DATA_SETS = MODULE / "data_sets.json"
# Without these roles a map finds no points.
ROLES = {"latitude": "LATITUDE", "longitude": "LONGITUDE"}

DataSets = dict[str, dict[str, Any]]


def from_definitions(definitions: dict[str, dict[str, Any]], tables: Tables) -> DataSets:
    """Return the data sets that the dashboards need together.

    Args:
        definitions: by id of the dashboard.
        tables: every table that readers see.

    Raises:
        DashboardError: a dashboard shows a column that must not leave the database.
    """
    used: dict[str, set[str]] = defaultdict(set)
    for definition in definitions.values():
        for table, column in columns_used(definition):
            used[table].add(column)
    if denied := sorted(f"{table}.{name}" for table, names in used.items() for name in names if stays_in_gold(name)):
        raise DashboardError(f"a dashboard shows {', '.join(denied)}; personal data must not reach QuickSight")
    return {
        table: {
            "schema": tables[table].schema,
            "columns": [_described(column) for name, column in tables[table].columns.items() if name in used[table]],
            "geo": {name: role for name, role in ROLES.items() if name in used[table]},
        }
        for table in sorted(used)
    }


def _described(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.type, "description": column.description[:DESCRIPTION_LETTERS]}


def render(data_sets: DataSets) -> str:
    """Return the file's text: one line for each column, so that a change reads well."""
    rendered = []
    for table, parts in data_sets.items():
        lines = ",\n".join(f"      {json.dumps(column, ensure_ascii=False)}" for column in parts["columns"])
        head = f'"schema": {json.dumps(parts["schema"])},\n    "geo": {json.dumps(parts["geo"])}'
        rendered.append(f'  {json.dumps(table)}: {{\n    {head},\n    "columns": [\n{lines}\n    ]\n  }}')
    return "{\n" + ",\n".join(rendered) + "\n}\n"
