"""Put right what went wrong, on any server: `python -m include.recovery --help`."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

import boto3

from include.recovery import commands
from include.recovery.recovery import Tools
from include.settings import Settings
from include.warehouse.server_options import add_restore_options, add_server_options, restore_login, server

USERS = ("loader", "restore", "dbt", "bi")
"""The platform's own database users (infra/database/grants.sql)."""


def main(arguments: list[str] | None = None) -> int:
    """Run one recovery; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    return commands.run(options.recovery, options, lambda: _tools(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m include.recovery",
        description="Put right what went wrong. Settings come from AIRFLOW__GGHOUSE__*, the AWS login from where boto3 "
        "looks for it.",
    )
    login = argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    add_restore_options(login)
    commands.add(parser.add_subparsers(dest="recovery", required=True), [login])
    return parser


def _tools(options: argparse.Namespace) -> Tools:
    login = server(options)
    return Tools(
        settings=Settings.from_environment(),
        loader=login,
        restore=restore_login(options, login),
        dbt=login,
        aws=boto3.client,
        who=getpass.getuser(),
        now=datetime.now(UTC),
        users=frozenset((*USERS, login.user)),
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )


if __name__ == "__main__":
    sys.exit(main())
