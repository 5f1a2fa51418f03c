"""Airflow connections as the plain arguments that `include` works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

LOADER = "aurora_loader"
RESTORE = "aurora_restore"
"""What a dump says is sent with this login, which reaches nothing but the schema that is being built."""
DBT = "aurora_dbt"


def endpoint(conn_id: str) -> Endpoint:
    """Return the database login kept under `conn_id` in the secrets backend.

    The connection's extra may name `ssl_ca`, the file with the server's certificate authority.

    Raises:
        airflow.sdk.exceptions.AirflowNotFoundException: there is no such connection.
    """
    from airflow.sdk import BaseHook

    from include.warehouse.endpoint import Endpoint

    connection = BaseHook.get_connection(conn_id)
    return Endpoint(
        host=connection.host or "",
        port=connection.port or 3306,
        user=connection.login or "",
        password=connection.password or "",
        ssl_ca=connection.extra_dejson.get("ssl_ca"),
    )
