"""A MySQL that differs from a local one in the ways in which Aurora MySQL 3 does.

TLS is demanded, performance_schema is off, the master has just the privileges that AWS lists, by way of a role, and a
read-only replica follows the writer:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from include.warehouse.endpoint import Endpoint
from infra.local.database import Database, find_server
from tests.authority import Authority

MASTER = {"username": "gghouse_admin", "password": "Master0123456789"}
# Of version 3.09 and later. Its SET_USER_ID was divided by MySQL 8.2 into the last two here; without it, a user whose
# views are there cannot be made again.
PRIVILEGES = (
    "ALTER, ALTER ROUTINE, CREATE, CREATE ROLE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE USER, CREATE VIEW, "
    "DELETE, DROP, DROP ROLE, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, PROCESS, REFERENCES, RELOAD, "
    "REPLICATION CLIENT, REPLICATION SLAVE, SELECT, SHOW DATABASES, SHOW VIEW, TRIGGER, UPDATE, "
    "APPLICATION_PASSWORD_ADMIN, CONNECTION_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN, SHOW_ROUTINE, FLUSH_OPTIMIZER_COSTS, "
    "FLUSH_STATUS, FLUSH_TABLES, FLUSH_USER_RESOURCES, SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER"
)
REPLICATED = ("--log-bin=binlog", "--gtid-mode=ON", "--enforce-gtid-consistency=ON")
LIKE_AURORA = ("--performance-schema=OFF", "--activate-all-roles-on-login=ON")


@dataclass(frozen=True)
class AuroraLike:
    """A writer and its reader; no administrator can log in any more.

    Attributes:
        certificate: file with the authority that signed both servers' certificates.
    """

    writer: Database
    reader: Database
    certificate: Path

    def login(self, user: str, password: str, server: Database | None = None) -> Endpoint:
        """Return a login on the writer or another server, which verifies who answers."""
        return Endpoint("127.0.0.1", (server or self.writer).port, user, password, str(self.certificate))

    def replication(self, action: str) -> None:
        """Let the reader fall behind (`STOP`) or follow again (`START`)."""
        _execute(self._keeper, f"{action} REPLICA")

    @property
    def _keeper(self) -> Endpoint:
        return replace(self.reader.admin, ssl_ca=str(self.certificate))


def start(make_database: Callable[..., Database], folder: Path) -> AuroraLike:
    """Start both servers; skips the test where the server program is MariaDB's."""
    if "mariadb" in find_server().name:
        pytest.skip("needs MySQL (GGHOUSE_MYSQLD)")
    authority = Authority(folder / "ca").make()
    certificate = authority.sign("aurora", "IP:127.0.0.1,DNS:localhost")
    writer, reader = (
        make_database(*certificate, *LIKE_AURORA, *REPLICATED, f"--server-id={number}") for number in (1, 2)
    )
    _execute(
        writer.admin,
        "CREATE USER 'replica'@'%' IDENTIFIED BY 'replica'",
        "GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%'",
        "CREATE ROLE 'rds_superuser_role'@'%'",
        f"GRANT {PRIVILEGES} ON *.* TO 'rds_superuser_role'@'%' WITH GRANT OPTION",
        f"CREATE USER '{MASTER['username']}'@'%' IDENTIFIED BY '{MASTER['password']}'",
        f"GRANT 'rds_superuser_role'@'%' TO '{MASTER['username']}'@'%' WITH ADMIN OPTION",
        "SET GLOBAL require_secure_transport = ON",
        "SET SESSION sql_log_bin = 0",  # the reader's stays, to stop the replication
        "ALTER USER root@localhost ACCOUNT LOCK",
    )
    _execute(
        reader.admin,
        f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {writer.port}, "
        "SOURCE_USER = 'replica', SOURCE_PASSWORD = 'replica', SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1",
        "START REPLICA",
        "SET GLOBAL super_read_only = ON",
        "SET GLOBAL require_secure_transport = ON",
    )
    return AuroraLike(writer, reader, authority.certificate)


def _execute(login: Endpoint, *statements: str) -> None:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
