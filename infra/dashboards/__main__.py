"""Command line: `python -m infra dashboards write|check|pull`."""

from __future__ import annotations

import argparse
import sys

from infra.dashboards import DashboardError
from infra.dashboards.committed import faults, write


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
