"""How fresh the data are: `python -m include.freshness --help`."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any

from include.freshness import command
from include.settings import Settings

EXAMPLES = """
examples:
  MYSQL_PWD=... %(prog)s --host db.example --user dbt --bucket gghouse-prod-data
  %(prog)s --date 2026-03-02 --host db.example --user dbt
"""


def main(arguments: list[str] | None = None) -> int:
    """Look and print; the exit code is the verdict."""
    try:
        from include.warehouse.server_options import add_server_options, server
    except ImportError as error:
        print(f"watch: {error.name} is not installed, so nothing could be checked; run make setup", file=sys.stderr)
        return command.HARD_FAILURE
    parser = argparse.ArgumentParser(
        prog="python -m include.freshness",
        description=command.DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_options(parser)
    parser.add_argument("--bucket", help="bucket with the dumps (default: AIRFLOW__GGHOUSE__BUCKET)")
    add_server_options(parser)
    options = parser.parse_args(arguments)

    def connect() -> tuple[Any, Settings, Any]:
        import boto3

        settings = Settings.from_environment()
        if options.bucket:
            settings = dataclasses.replace(settings, bucket=options.bucket)
        return boto3.client("s3"), settings, server(options)

    return command.run(options.date, connect)


if __name__ == "__main__":
    sys.exit(main())
