"""How to reach a MySQL-protocol server, for the driver and for the `mysql` program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import MySQLdb


@dataclass(frozen=True)
class Endpoint:
    """One login on one server. The password never shows in `repr`.

    Attributes:
        host: name or address; the driver is always spoken to over TCP.
        port: TCP port.
        user: database user.
        password: its password.
        ssl_ca: file with the certificate authority of the server, or None to leave TLS to the server's wishes.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl_ca: str | None = None

    def connect(self, database: str = "", **options: Any) -> MySQLdb.Connection:
        """Open a driver connection: utf8mb4, UTC, autocommit; `options` go to the driver.

        Raises:
            MySQLdb.OperationalError: the server cannot be reached or refuses the login.
        """
        if self.ssl_ca:
            options.setdefault("ssl", {"ca": self.ssl_ca})
        connection = MySQLdb.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=10,
            multi_statements=False,
            **options,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET time_zone = '+00:00'")
        except BaseException:
            connection.close()
            raise
        return connection
