"""Columns that the earlier system calls by another name, or has and we do not: dbt/renamed_columns.csv."""

from __future__ import annotations

import csv
from functools import cache

from include.settings import PROJECT_DIR
from infra.migration.gold_schema import Table

LIST = "dbt/renamed_columns.csv"


@cache
def _lines() -> tuple[dict[str, str], ...]:
    with (PROJECT_DIR / LIST).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def new_names(model: str) -> dict[str, str]:
    """Return the renamed columns of a model, old name to new name."""
    return {line["old"]: line["new"] for line in _lines() if line["model"] == model and line["new"]}


def dropped(model: str, column: str) -> str | None:
    """Return why the model has this column no more, None when the list does not say so."""
    found = (line["reason"] for line in _lines() if (line["model"], line["old"], line["new"]) == (model, column, ""))
    return next(found, None)


def under_new_names(name: str, table: Table) -> Table:
    """Return the earlier system's table with its columns under their new names; a new name that it has stays."""
    names = {old: new for old, new in new_names(name).items() if old in table.columns and new not in table.columns}
    return Table(
        columns={names.get(column, column): declared for column, declared in table.columns.items()},
        key=[names.get(column, column) for column in table.key],
        indexed=[names.get(column, column) for column in table.indexed],
        names={new: old for old, new in names.items()},
    )
