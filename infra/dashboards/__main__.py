"""Command line: `python -m infra dashboards write|check|pull`."""

from __future__ import annotations

import argparse
import sys

from infra.dashboards import DashboardError, exposures
from infra.dashboards.committed import committed, faults, write
from infra.dashboards.pull import dashboard_id, difference, pulled


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m infra dashboards", description="QuickSight dashboards as code.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write", help="write definitions, data sets and dbt's exposures from the YAML")
    commands.add_parser("check", help="hold definitions to their YAML, to gold and to AWS's models")
    pulling = commands.add_parser("pull", help="show what was changed on a dashboard in QuickSight's console")
    pulling.add_argument("name", choices=sorted(committed()), help="the dashboard")
    pulling.add_argument("--env", required=True, choices=("dev", "prod"), help="environment")
    pulling.add_argument("--folder", default="view", choices=("view", "export"), help="which publication")
    options = parser.parse_args(arguments)
    try:
        if options.command == "write":
            print("\n".join([*write(), exposures.write()]))
            return 0
        found = [*faults(), *exposures.faults()] if options.command == "check" else _pull(options)
    except DashboardError as error:
        print(f"dashboards: {error}", file=sys.stderr)
        return 1
    print("\n".join(found) or "ok")
    return 1 if found else 0


def _pull(options: argparse.Namespace) -> list[str]:
    import boto3

    account = boto3.client("sts").get_caller_identity()["Account"]
    dashboard = dashboard_id(options.env, options.name, options.folder)
    return difference(options.name, pulled(boto3.client("quicksight"), account, dashboard))


if __name__ == "__main__":
    sys.exit(main())
