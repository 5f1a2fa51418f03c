"""`make watch`: how fresh the data of the local platform are."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from include.freshness import command
from include.settings import Settings
from infra.local import airflow_home, stack, warehouse
from infra.local.aws import account
from infra.local.day import last_date
from infra.local.state import LocalError, State


def watch(state: State, requested: date | None) -> int:
    """Print the watch's table and return its exit code.

    Args:
        state: the platform, which must be running.
        requested: business date, or None for the last one that `make run` completed, today in Tokyo before that.
    """
    try:
        if not stack.aws_server(state).leader():
            raise LocalError("the platform is not running, so nothing could be checked; start it with `make up`")
        return command.run(requested or last_date(state), lambda: _connect(state))
    except LocalError as error:
        print(f"watch: {error}", file=sys.stderr)
        return command.HARD_FAILURE


def _connect(state: State) -> tuple[Any, Settings, Any]:
    settings = Settings.from_environment(airflow_home.environment(state))
    return account.client(account.endpoint_url(state), "s3"), settings, warehouse.login(state, "dbt")
