"""Write the status page: `python -m include.status_page --help`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3

from include.settings import Settings
from include.status_page.facts import collect
from include.status_page.render import render
from include.status_page.words import moment
from include.warehouse.server_options import add_server_options, server

EXAMPLES = """
examples:
  %(prog)s --out status.html --host db.example --user dbt
  %(prog)s --out status.html --at 2026-03-02T08:10 --base-url https://airflow.example
"""


def main(arguments: list[str] | None = None) -> int:
    """Write the page; when the file cannot be written, that is one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    facts = collect(boto3.client("s3"), Settings.from_environment(), server(options), options.at or datetime.now(UTC))
    try:
        options.out.write_text(render(facts, options.base_url), encoding="utf-8")
    except OSError as error:
        print(f"{options.out} cannot be written ({error.strerror}); name another file", file=sys.stderr)
        return 1
    print(f"{options.out}: {facts.headline.word}. {facts.headline.sentence}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m include.status_page",
        description="Write the status page as one HTML file that needs neither Airflow nor a network.\n"
        "The bucket is the one in AIRFLOW__GGHOUSE__BUCKET. What cannot be read leaves a sentence in the page.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="judge as of this moment, of Tokyo unless it says otherwise; now"
    )
    parser.add_argument("--base-url", default="", metavar="URL", help="of Airflow's UI, for the links; default: none")
    add_server_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
