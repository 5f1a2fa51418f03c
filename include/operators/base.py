"""What all operators share: settings, connections and the business date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from include.operators import lineage
from include.operators.assets import date_events
from include.settings import Settings

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint

# Owns staging, history and ops.
LOADER = "aurora_loader"
# Sends what a dump says; it reaches only the schema that is being built.
RESTORE = "aurora_restore"
# Builds silver and gold, and reads what readers see.
DBT = "aurora_dbt"

# No Airflow connection: boto3's own chain, which finds the execution role on MWAA and the environment's variables on a
# laptop. Alerts, the status page and the command line run outside tasks and use that chain, so tasks do the same:
# with "aws_default" an entry made in the Airflow UI would send tasks, but not alerts, to another account.
AWS: str | None = None


def endpoint(conn_id: str) -> Endpoint:
    """Return the database login of an Airflow connection of the type `mysql`.

    The hook only looks the connection up: a load streams through a driver connection of its own.

    Args:
        conn_id: connection in the secrets backend; its extra may name `ssl_ca`, the file with the server's
            certificate authority.

    Raises:
        airflow.sdk.exceptions.AirflowNotFoundException: there is no such connection.
    """
    from airflow.providers.mysql.hooks.mysql import MySqlHook

    from include.warehouse.endpoint import Endpoint

    connection = MySqlHook(mysql_conn_id=conn_id).get_connection(conn_id)
    return Endpoint(
        host=connection.host or "",
        port=connection.port or 3306,
        user=connection.login or "",
        password=connection.password or "",
        ssl_ca=connection.extra_dejson.get("ssl_ca"),
    )


class Configured:
    """Settings and AWS clients of a task, for operators and sensors alike.

    Attributes:
        aws_conn_id: Airflow connection for AWS, None for boto3's own chain.
    """

    aws_conn_id: str | None

    @cached_property
    def settings(self) -> Settings:
        """The platform's settings, read when the task first needs them."""
        return Settings.from_environment()

    def aws(self, service: str, **config: Any) -> Any:
        """Return a boto3 client.

        Args:
            service: name of the AWS service, for example `cloudwatch`.
            config: options of `botocore.config.Config`.
        """
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        return AwsBaseHook(aws_conn_id=self.aws_conn_id, client_type=service, config=config or None).get_conn()

    def s3(self, **config: Any) -> Any:
        """Return a boto3 client for S3; for `config` see `aws`."""
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook(aws_conn_id=self.aws_conn_id, config=config or None).get_conn()


class PlatformOperator(Configured, BaseOperator):
    """An operator that knows the platform's settings and connections.

    Args:
        loader_conn_id: MySQL connection of the loader, which owns `staging`, `history` and `ops` (templated).
        dbt_conn_id: MySQL connection of dbt, which owns `silver` and `gold` (templated).
        aws_conn_id: AWS connection, None for boto3's own chain (templated).

    Attributes:
        server: server of the tables that follow, as OpenLineage names it.
        reads: tables that the task has read, each as `schema.table`.
        writes: tables that it has written.
    """

    server = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    template_fields: Sequence[str] = ("loader_conn_id", "dbt_conn_id", "aws_conn_id")

    def __init__(
        self,
        *,
        loader_conn_id: str = LOADER,
        dbt_conn_id: str = DBT,
        aws_conn_id: str | None = AWS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.loader_conn_id = loader_conn_id
        self.dbt_conn_id = dbt_conn_id
        self.aws_conn_id = aws_conn_id

    @property
    def loader(self) -> Endpoint:
        """The loader's login."""
        return endpoint(self.loader_conn_id)

    @property
    def dbt(self) -> Endpoint:
        """The login of dbt."""
        return endpoint(self.dbt_conn_id)

    def trace(self, server: Endpoint, *, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> None:
        """Remember what the task has read and written, for OpenLineage."""
        self.server = lineage.namespace(server.host, server.port)
        self.reads, self.writes = tuple(reads), tuple(writes)

    def get_openlineage_facets_on_complete(self, _: Any) -> Any:
        """Return what the task has read and written; OpenLineage asks after a task that succeeded."""
        return lineage.facets(self, done=True)

    def get_openlineage_facets_on_failure(self, _: Any) -> Any:
        """Return what the task has read; OpenLineage asks after a task that failed."""
        return lineage.facets(self, done=False)


class DatedOperator(PlatformOperator):
    """An operator whose work is about one business date, which the events of its outlets carry.

    Args:
        target_date: business date, `YYYY-MM-DD` (templated).
    """

    template_fields: Sequence[str] = (*PlatformOperator.template_fields, "target_date")

    def __init__(self, *, target_date: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_date = target_date

    @property
    def target(self) -> date:
        """The business date, once the template is rendered."""
        return date.fromisoformat(self.target_date)

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Date the events of the outlets; Airflow calls this when `execute` has succeeded."""
        date_events(context, self.outlets, self.target_date)
