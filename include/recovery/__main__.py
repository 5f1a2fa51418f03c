"""Recoveries on any server: `python -m include.recovery --help`."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

import boto3

from include.recovery import commands
from include.recovery.airflow_runs import AirflowRuns
from include.recovery.recovery import RecoveryContext
from include.settings import Settings
from include.warehouse.server_options import add_restore_options, add_server_options, restore_login, server

# The platform's own database users (infra/database/grants.sql).
USERS = ("loader", "restore", "dbt", "bi")


def main(arguments: list[str] | None = None) -> int:
    """Run one recovery; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    return commands.run(options.recovery, options, lambda: recovery_context(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m include.recovery",
        description="Plan and apply recoveries. Settings come from AIRFLOW__GGHOUSE__*, the AWS login from where boto3 "
        "looks for it.",
    )
    login = argparse.ArgumentParser(add_help=False)
    add_server_options(login)
    add_restore_options(login)
    commands.add(parser.add_subparsers(dest="recovery", required=True), [login])
    return parser


def recovery_context(options: argparse.Namespace) -> RecoveryContext:
    """Return the context of a recovery on the named server."""
    login = server(options)
    return RecoveryContext(
        settings=Settings.from_environment(),
        loader=login,
        restore=restore_login(options, login),
        dbt=login,
        aws=boto3.client,
        requested_by=getpass.getuser(),
        now=datetime.now(UTC),
        users=frozenset((*USERS, login.user)),
        runs=AirflowRuns(options.airflow) if "airflow" in options else None,
    )


if __name__ == "__main__":
    sys.exit(main())
