"""Command line: `python -m infra dashboards write|check|pull`."""

from __future__ import annotations

import argparse
import sys

from infra.dashboards import DASHBOARDS, DashboardError, data_sets, references, schemas
from infra.dashboards.compiler import compile_all, render
from infra.dashboards.gold import read_gold


def write() -> list[str]:
    """Write the definitions and the data sets that they need; return the names of the files."""
    definitions = compile_all()
    for name, definition in definitions.items():
        (DASHBOARDS / f"{name}.json").write_text(render(definition), encoding="utf-8")
    needed = data_sets.from_definitions(definitions, read_gold())
    data_sets.DATA_SETS.write_text(data_sets.render(needed), encoding="utf-8")
    return [*(f"{name}.json" for name in definitions), data_sets.DATA_SETS.name]


def faults() -> list[str]:
    """Return one sentence for each fault of what is committed: differences from the YAML, and what AWS would refuse."""
    gold = read_gold()
    found = []
    definitions = compile_all()
    for name, definition in definitions.items():
        file = DASHBOARDS / f"{name}.json"
        if not file.exists() or file.read_text(encoding="utf-8") != render(definition):
            found.append(f"{name}.json is not what {name}.yml says; write it with `python -m infra dashboards write`")
        tables = sorted({table for table, _ in references.columns_used(definition)})
        found += [f"{name}: {fault}" for fault in references.faults(definition, gold)]
        found += [f"{name}: {fault}" for fault in schemas.faults(schemas.with_declarations(definition, tables))]
    needed = data_sets.render(data_sets.from_definitions(definitions, gold))
    if data_sets.DATA_SETS.read_text(encoding="utf-8") != needed:
        found.append("data_sets.json is not what the dashboards use; write it with `python -m infra dashboards write`")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra dashboards", description="QuickSight dashboards as code.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write", help="write definitions and data sets from the YAML")
    commands.add_parser("check", help="hold definitions to their YAML, to gold and to AWS's models")
    options = parser.parse_args(arguments)
    try:
        if options.command == "write":
            print("\n".join(write()))
            return 0
        found = faults()
    except DashboardError as error:
        print(f"dashboards: {error}", file=sys.stderr)
        return 1
    print("\n".join(found) or "ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
