"""The database users: exactly the rights of the file, TLS only, passwords nowhere to be seen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import MySQLdb
import pytest

from include.warehouse.endpoint import Endpoint
from infra.database import DatabaseUsersError, apply, statements
from infra.local.database import Database, free_port
from tests.authority import Authority, served

PASSWORDS = {"loader": "L" * 32, "restore": "R" * 32, "dbt": "D" * 32, "bi": "B" * 32}
MASTER = {"username": "admin", "password": "it's a \\ test #1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A server of its own with a master like RDS's, the schemas, and the users applied twice."""
    database = Database(directory=tmp_path_factory.mktemp("mysql"), port=free_port(), buffer_pool_mb=64)
    database.start()
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP USER IF EXISTS ''@'localhost'")
        cursor.execute("CREATE USER 'admin'@'%%' IDENTIFIED BY %s", [MASTER["password"]])
        cursor.execute("GRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION")
        for schema in ("staging", "silver", "gold", "gold_prev", "gold_next", "reports", "ops"):
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS {schema}")
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {schema}.rights_probe (id INT)")
    # The test server has no certificate, so TLS is asked for in the statements and left out here.
    sql = [line.replace(" REQUIRE SSL", "") for line in statements(PASSWORDS)]
    for _ in range(2):
        apply("127.0.0.1", database.port, MASTER, sql, ssl_ca=None)
    yield database
    database.stop()


def login(server: Database, user: str) -> MySQLdb.Connection:
    return Endpoint("127.0.0.1", server.port, user, PASSWORDS[user]).connect()


@pytest.mark.parametrize(
    ("user", "allowed"),
    [
        ("bi", "SELECT * FROM gold.rights_probe"),
        ("bi", "SELECT * FROM reports.rights_probe"),
        ("dbt", "SELECT * FROM staging.rights_probe"),
        ("dbt", "CREATE TABLE gold.made_by_dbt (id INT)"),
        ("dbt", "CREATE TABLE reports.made_by_dbt (id INT)"),
        ("loader", "CREATE DATABASE IF NOT EXISTS staging_next"),
        ("loader", "INSERT INTO ops.rights_probe VALUES (1)"),
    ],
)
def test_each_user_can_do_its_work(server: Database, user: str, allowed: str) -> None:
    with contextlib.closing(login(server, user)) as connection, connection.cursor() as cursor:
        cursor.execute(allowed)


@pytest.mark.parametrize(
    ("user", "forbidden"),
    [
        ("bi", "SELECT * FROM silver.rights_probe"),
        ("bi", "SELECT * FROM staging.rights_probe"),
        ("bi", "INSERT INTO gold.rights_probe VALUES (1)"),
        ("bi", "INSERT INTO reports.rights_probe VALUES (1)"),
        ("dbt", "DROP TABLE staging.rights_probe"),
        ("loader", "SELECT * FROM gold.rights_probe"),
        ("loader", "SELECT * FROM reports.rights_probe"),
        ("loader", "CREATE DATABASE stagingXnext"),
        ("loader", "CREATE USER intruder"),
        ("restore", "SELECT * FROM staging.rights_probe"),
        ("restore", "INSERT INTO ops.rights_probe VALUES (1)"),
    ],
)
def test_and_nothing_else(server: Database, user: str, forbidden: str) -> None:
    connection = login(server, user)
    with contextlib.closing(connection), pytest.raises(MySQLdb.OperationalError, match="denied"):
        connection.cursor().execute(forbidden)


@pytest.mark.parametrize("schema", ["gold_prev", "gold_next"])
def test_i33_readers_see_one_generation(server: Database, schema: str) -> None:
    with contextlib.closing(login(server, "bi")) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        assert schema not in {name for (name,) in cursor.fetchall()}
        with pytest.raises(MySQLdb.OperationalError, match="denied"):
            cursor.execute(f"SELECT * FROM {schema}.rights_probe")


def test_i11_i13_whoever_makes_figures_cannot_add_a_column_to_a_table_of_the_dump(server: Database) -> None:
    connection = login(server, "dbt")
    with contextlib.closing(connection), pytest.raises(MySQLdb.OperationalError, match="denied"):
        connection.cursor().execute("ALTER TABLE staging.rights_probe ADD COLUMN llm_nationality TEXT")


def test_a_right_given_by_hand_is_taken_away_again(server: Database) -> None:
    with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON silver.* TO 'bi'@'%'")
    apply("127.0.0.1", server.port, MASTER, [s.replace(" REQUIRE SSL", "") for s in statements(PASSWORDS)], ssl_ca=None)
    connection = login(server, "bi")
    with contextlib.closing(connection), pytest.raises(MySQLdb.OperationalError, match="denied"):
        connection.cursor().execute("SELECT * FROM silver.rights_probe")


def test_every_login_requires_tls() -> None:
    logins = [line for line in statements(PASSWORDS) if line.startswith(("CREATE USER", "ALTER USER"))]
    assert len(logins) == 8
    assert all(line.endswith("REQUIRE SSL;") for line in logins)


def test_a_password_that_could_break_out_is_refused() -> None:
    with pytest.raises(DatabaseUsersError, match="secret of bi"):
        statements({**PASSWORDS, "bi": "x'; DROP DATABASE gold; --"})


def test_an_error_does_not_show_a_password(server: Database) -> None:
    with pytest.raises(DatabaseUsersError) as error:
        apply("127.0.0.1", server.port, MASTER, ["CREATE USERR 'x' IDENTIFIED BY 'hunter2';"], ssl_ca=None)
    assert "hunter2" not in str(error.value)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ours").make()


@pytest.fixture(scope="module")
def aurora(make_database: Callable[[], Database], ours: Authority) -> Database:
    """A server whose certificate bears Aurora's name, so at 127.0.0.1 it looks like the near end of a tunnel."""
    server = served(make_database, ours.sign("aurora", "DNS:gghouse.cluster-x.rds.example"))
    with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP USER IF EXISTS ''@'localhost'")
        cursor.execute("CREATE USER 'admin'@'%%' IDENTIFIED BY %s REQUIRE SSL", [MASTER["password"]])
    return server


def test_through_a_tunnel_the_authority_counts_and_not_the_name(aurora: Database, ours: Authority) -> None:
    apply("127.0.0.1", aurora.port, MASTER, ["SELECT 1;"], ours.certificate, tunnel=True)


def test_without_a_tunnel_the_name_counts(aurora: Database, ours: Authority) -> None:
    with pytest.raises(DatabaseUsersError, match=r"(?i)ssl|tls|certificate"):
        apply("127.0.0.1", aurora.port, MASTER, ["SELECT 1;"], ours.certificate)


@pytest.mark.parametrize("tunnel", [True, False])
def test_a_server_of_another_authority_never_gets_the_password(aurora: Database, tmp_path: Path, tunnel: bool) -> None:
    foreign = Authority(tmp_path / "foreign").make()
    with pytest.raises(DatabaseUsersError, match=r"(?i)ssl|tls|certificate"):
        apply("127.0.0.1", aurora.port, MASTER, ["SELECT 1;"], foreign.certificate, tunnel=tunnel)


@pytest.mark.parametrize("tunnel", [True, False])
def test_nor_does_one_without_tls(make_database: Callable[..., Database], ours: Authority, tunnel: bool) -> None:
    plain = make_database("--loose-skip-ssl", "--loose-tls-version=")
    with pytest.raises(DatabaseUsersError, match=r"(?i)ssl|tls"):
        apply("127.0.0.1", plain.port, MASTER, ["SELECT 1;"], ours.certificate, tunnel=tunnel)
