"""The committed definitions and data sets: written from the YAML, read by Terraform and the preview, and checked."""

from __future__ import annotations

import json
from pathlib import Path

from infra.dashboards import DASHBOARDS, data_sets, references, schemas
from infra.dashboards.compiler import compile_all, render
from infra.dashboards.fields import Json
from infra.dashboards.tables import read_tables


def committed(directory: Path = DASHBOARDS) -> dict[str, Json]:
    """Return the committed definition of each dashboard, by id."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(directory.glob("*.json"))}


def write() -> list[str]:
    """Write the definitions and the data sets that they need; return the names of the files."""
    definitions = compile_all()
    for name, definition in definitions.items():
        (DASHBOARDS / f"{name}.json").write_text(render(definition), encoding="utf-8")
    needed = data_sets.from_definitions(definitions, read_tables())
    data_sets.DATA_SETS.write_text(data_sets.render(needed), encoding="utf-8")
    return [*(f"{name}.json" for name in definitions), data_sets.DATA_SETS.name]


def faults() -> list[str]:
    """Return one sentence for each fault of what is committed: differences from the YAML, and what AWS would refuse."""
    tables = read_tables()
    found = []
    definitions = compile_all()
    for name, definition in definitions.items():
        file = DASHBOARDS / f"{name}.json"
        if not file.exists() or file.read_text(encoding="utf-8") != render(definition):
            found.append(f"{name}.json is not what {name}.yml says; write it with `python -m infra dashboards write`")
        used = sorted({table for table, _ in references.columns_used(definition)})
        found += [f"{name}: {fault}" for fault in references.faults(definition, tables)]
        found += [f"{name}: {fault}" for fault in schemas.faults(schemas.with_declarations(definition, used))]
    needed = data_sets.render(data_sets.from_definitions(definitions, tables))
    if data_sets.DATA_SETS.read_text(encoding="utf-8") != needed:
        found.append("data_sets.json is not what the dashboards use; write it with `python -m infra dashboards write`")
    return found
