"""`make recover`: the recoveries on the local platform."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from include.recovery import commands
from include.recovery.airflow_runs import AirflowRuns
from include.recovery.recovery import RecoveryContext, Runs
from include.settings import Settings
from infra.database import USERS
from infra.local import airflow_home, own_server, warehouse
from infra.local.aws import account
from infra.local.state import State


def add(commands_: Any) -> None:
    """Add `recover` to a command line."""
    parser = commands_.add_parser("recover", help="run a recovery; see recover --help")
    commands.add(parser.add_subparsers(dest="recovery", required=True, metavar="NAME"))


def recover(options: argparse.Namespace, state: State, say: Callable[[str], None]) -> int:
    """Run one recovery with the platform's settings, logins and AWS account; return the exit code."""
    if getattr(options, "airflow", None) == commands.AIRFLOW:
        options.airflow = airflow_home.ui_url(state)
    runs = AirflowRuns(options.airflow) if "airflow" in options else None
    return commands.run(options.recovery, options, lambda: context(state, say, runs))


def context(state: State, say: Callable[[str], None], runs: Runs | None = None) -> RecoveryContext:
    """Return what a recovery works with: the platform's settings, logins and AWS account.

    Args:
        state: the platform; its database server is started when it does not run.
        say: prints a line.
        runs: runs of gghouse_daily, for the recovery that starts them.
    """
    os.environ.update(airflow_home.environment(state))
    own_server.endpoint(state, say)
    return RecoveryContext(
        settings=Settings.from_environment(),
        loader=warehouse.login(state, "loader"),
        restore=warehouse.login(state, "restore"),
        dbt=warehouse.login(state, "dbt"),
        aws=lambda service: account.client(account.endpoint_url(state), service),
        requested_by=getpass.getuser(),
        now=datetime.now(UTC),
        users=frozenset(USERS),
        runs=runs,
    )
