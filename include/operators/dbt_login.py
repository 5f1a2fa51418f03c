"""The login of dbt, as Cosmos makes it of an Airflow connection."""

from __future__ import annotations

from cosmos.profiles.mysql.user_pass import (  # noqa: TID253 - imported only where a DAG asks for it
    MysqlUserPasswordProfileMapping,
)

CA_VARIABLE = "DBT_SSL_CA"
"""Read by dbt/connection.py."""


class DbtLogin(MysqlUserPasswordProfileMapping):  # type: ignore[misc]
    """The mapping of Cosmos, with the certificate authority, which a profile of dbt-mysql cannot hold."""

    @property
    def env_vars(self) -> dict[str, str]:
        """Return the environment of dbt: the password, and the file that the connection's `ssl_ca` names."""
        authority = self.conn.extra_dejson.get("ssl_ca")
        variables: dict[str, str] = super().env_vars
        return variables | ({CA_VARIABLE: str(authority)} if authority else {})
