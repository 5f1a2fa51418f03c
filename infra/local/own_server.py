"""The server on which `make load` works: the local platform's, started when it does not run."""

from __future__ import annotations

from collections.abc import Callable

from include.warehouse.endpoint import Endpoint
from infra.local import warehouse
from infra.local.state import State


def endpoint(state: State, say: Callable[[str], None]) -> Endpoint:
    """Return the login that may make any schema on the platform's server, or on the one that the user names.

    Args:
        state: the platform; of it nothing but the database is started, and left running.
        say: prints a line.

    Raises:
        infra.local.state.LocalError: the port that the user chose is taken.
        infra.local.database.DatabaseError: the private server cannot be started.
    """
    if not warehouse.named_server(state) and not warehouse.private_server(state).pid():
        state.claim_port("mysql")
        say("Starting the local platform's database; `make down` stops it")
        warehouse.private_server(state).start()
    return warehouse.admin(state)
