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
from include.settings import Settings
from infra.local import airflow_home, own_server, stack, warehouse
from infra.local.aws import account
from infra.local.state import State


def add(commands_: Any) -> None:
    """Add `report` to a command line."""
    parser = commands_.add_parser("report", help="make a report; see report --help")
    commands.add(parser.add_subparsers(required=True, metavar="NAME"))


def report(options: argparse.Namespace, state: State, say: Callable[[str], None]) -> int:
    """Make one report with the platform's settings, logins and bucket; return the exit code.

    Without a running platform the bucket is the folder that keeps it meanwhile.
    """

    def context() -> ReportContext:
        os.environ.update(airflow_home.environment(state))
        own_server.endpoint(state, say)
        settings, url = Settings.from_environment(), account.endpoint_url(state)
        store: Store = FolderStore(options.folder or state.s3)
        if not options.folder and stack.aws_server(state).leader():
            store = S3Store(account.client(url, "s3"), settings)
        return ReportContext(
            settings=settings,
            loader=warehouse.login(state, "loader"),
            dbt=warehouse.login(state, "dbt"),
            aws=lambda service: account.client(url, service),
            store=store,
            requested_by=getpass.getuser(),
            now=datetime.now(UTC),
        )

    return commands.run(options, context)
