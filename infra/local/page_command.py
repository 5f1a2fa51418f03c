"""The status page of the local platform: `make page`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from include.settings import PREFIX, Settings
from include.status_page.facts import collect
from include.status_page.render import render
from include.status_page.store import put_page
from infra.local import airflow_home, own_server, stack
from infra.local.aws import account
from infra.local.state import State


def write_page(state: State, say: Callable[[str], None], at: datetime) -> Path:
    """Write the page to a file and, while the AWS stand-in runs, into its bucket, where Airflow's UI finds it.

    Args:
        state: the platform; of it nothing but the database is started, and left running.
        say: prints a line.
        at: the moment as of which it judges, with time zone.

    Raises:
        infra.local.state.LocalError, infra.local.database.DatabaseError: see `own_server.endpoint`.
    """
    server = own_server.endpoint(state, say)
    variables = airflow_home.environment(state)
    settings = Settings.from_environment({name: text for name, text in variables.items() if name.startswith(PREFIX)})
    s3 = account.client(account.endpoint_url(state), "s3")
    facts = collect(s3, settings, server, at)
    page = render(facts, airflow_home.ui_url(state))
    file = state.directory / "status.html"
    file.write_text(page, encoding="utf-8")
    say(f"{facts.headline.word}. {facts.headline.sentence}")
    say(str(file))
    if stack.aws_server(state).leader():
        put_page(s3, settings, page)
        say(f"{airflow_home.ui_url(state)}/plugin/gghouse")
    return file
