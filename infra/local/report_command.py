"""`make report`: the reports on the local platform."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from include.reports import commands
from include.reports.report import ReportContext
from include.reports.store import FolderStore, S3Store, Store
from include.settings import PREFIX, Settings
from infra.local import airflow_home, own_server, stack, warehouse
from infra.local.aws import account
from infra.local.state import State


def add(commands_: Any) -> None:
    """Add `report` to a command line."""
    parser = commands_.add_parser("report", help="make a report; see report --help")
    commands.add(parser.add_subparsers(required=True, metavar="NAME"))


def bucket(state: State) -> Store:
    """Return the data bucket of the local platform; while that does not run, the folder that keeps its content."""
    if not stack.aws_server(state).leader():
        return FolderStore(state.s3)
    settings = Settings.from_environment({f"{PREFIX}BUCKET": account.BUCKET})
    return S3Store(account.client(account.endpoint_url(state), "s3"), settings)


def report(options: argparse.Namespace, state: State, say: Callable[[str], None]) -> int:
    """Make one report with the platform's settings, logins and bucket; return the exit code."""

    def context() -> ReportContext:
        os.environ.update(airflow_home.environment(state))
        own_server.endpoint(state, say)
        return ReportContext(
            settings=Settings.from_environment(),
            loader=warehouse.login(state, "loader"),
            dbt=warehouse.login(state, "dbt"),
            aws=lambda service: account.client(account.endpoint_url(state), service),
            store=FolderStore(options.folder) if options.folder else bucket(state),
            requested_by=getpass.getuser(),
            now=datetime.now(UTC),
        )

    return commands.run(options, context)
