from __future__ import annotations

import contextlib

import MySQLdb
import pytest

from include.warehouse import load_lock
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive
from include.warehouse.schema import GOLD, ensure_platform_tables
from include.warehouse.sessions import server_sessions
from infra.local.state import LocalError, State
from infra.local.warehouse import grant_logins, login, named_server

PASSWORDS = {"loader": "l", "restore": "r", "dbt": "d", "bi": "b"}
KILL_DENIED = 1095
SCHEMAS = ("staging", "staging_next", "staging_prev", "stagingXnext", "history", "ops", "gold", "tokyobeta")


@pytest.fixture
def connect(database):
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in SCHEMAS:
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        for user in ("loader", "restore"):  # other tests' logins, which the server would prefer
            cursor.execute(f"DROP USER IF EXISTS {user}@localhost")
        grant_logins(connection, PASSWORDS)
        grant_logins(connection, PASSWORDS)  # safe to repeat
    opened = []

    def connect(user):
        opened.append(Endpoint("127.0.0.1", database.port, user, PASSWORDS[user]).connect())
        return opened[-1].cursor()

    yield connect
    for connection in opened:
        connection.close()


def refused(cursor, statement):
    with pytest.raises(MySQLdb.Error) as error:
        cursor.execute(statement)
    return error.value.args[0] in (1044, 1142, 1227)


def test_each_login_has_its_own_schemas_and_no_more(connect):
    loader, dbt, bi = connect("loader"), connect("dbt"), connect("bi")
    loader.execute("CREATE DATABASE staging")
    loader.execute("CREATE DATABASE staging_next")
    loader.execute("CREATE TABLE staging_next.rooms (id INT)")
    loader.execute("RENAME TABLE staging_next.rooms TO staging.rooms")
    dbt.execute("SELECT * FROM staging.rooms")
    dbt.execute("CREATE DATABASE gold")
    dbt.execute("CREATE TABLE gold.moveouts AS SELECT * FROM staging.rooms")
    dbt.execute("CREATE DATABASE IF NOT EXISTS tokyobeta")
    bi.execute("SELECT * FROM gold.moveouts")
    assert refused(loader, "SELECT * FROM gold.moveouts")
    assert refused(dbt, "INSERT INTO staging.rooms VALUES (1)")
    assert refused(dbt, "CREATE DATABASE staging_next2")
    assert refused(bi, "SELECT * FROM staging.rooms")
    assert refused(bi, "DELETE FROM gold.moveouts")


HOSTILE = (
    "SELECT * FROM {foreign}.victim",
    "CREATE TABLE staging_next.u SELECT * FROM {foreign}.victim",
    "CREATE TABLE staging_next.u LIKE {foreign}.victim",
    "INSERT INTO staging_next.rooms SELECT * FROM {foreign}.victim",
    "INSERT INTO {foreign}.victim VALUES (1)",
    "DELETE FROM {foreign}.victim",
    "DROP TABLE {foreign}.victim",
    "DROP DATABASE {foreign}",
    "ALTER TABLE {foreign}.victim ADD COLUMN c INT",
    "ALTER TABLE staging_next.rooms ADD FOREIGN KEY (id) REFERENCES {foreign}.victim (id)",
    "RENAME TABLE staging_next.rooms TO {foreign}.rooms",
    "RENAME TABLE {foreign}.victim TO staging_next.victim",
    "CREATE TABLE staging_next.m (id INT) ENGINE=MERGE UNION=({foreign}.victim)",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE staging_next.rooms",
    "SELECT id FROM staging_next.rooms INTO OUTFILE '/tmp/gghouse_pwned'",
    "CREATE VIEW staging_next.v AS SELECT 1",
    "CREATE FUNCTION staging_next.f() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE TRIGGER staging_next.t BEFORE INSERT ON staging_next.rooms FOR EACH ROW SET NEW.id = 1",
    "CREATE EVENT staging_next.e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    "CREATE DATABASE other",
    "CREATE DATABASE stagingXnext",
    "CREATE USER intruder",
    "GRANT SELECT ON staging_next.* TO bi",
    "SET GLOBAL general_log = 0",
)
DENIED = frozenset((1044, 1045, 1142, 1227, 1410, 1419, 1370, 1403))


@pytest.mark.parametrize("foreign", ["staging", "staging_prev", "history", "ops"])
def test_whatever_a_dump_makes_its_login_do_reaches_only_what_is_being_built(connect, foreign):
    loader, restore = connect("loader"), connect("restore")
    for schema in ("staging_next", foreign):
        loader.execute(f"CREATE DATABASE {schema}")
    loader.execute(f"CREATE TABLE {foreign}.victim (id INT PRIMARY KEY) ENGINE=InnoDB")
    loader.execute(f"INSERT INTO {foreign}.victim VALUES (4711)")
    restore.execute("SET SESSION foreign_key_checks = 0")
    restore.execute("CREATE TABLE staging_next.rooms (id INT PRIMARY KEY) ENGINE=InnoDB")
    for statement in HOSTILE:
        with pytest.raises(MySQLdb.Error) as error:
            restore.execute(statement.format(foreign=foreign))
        assert error.value.args[0] in DENIED, (statement, error.value)
    restore.execute("SELECT LOAD_FILE('/etc/passwd')")
    assert restore.fetchall() == ((None,),)
    loader.execute(f"SELECT * FROM {foreign}.victim")
    assert loader.fetchall() == ((4711,),)


def test_the_login_for_a_dump_can_do_what_a_restore_needs(connect):
    loader, restore = connect("loader"), connect("restore")
    loader.execute("CREATE DATABASE staging_next")
    for statement in (
        "CREATE TABLE staging_next.a (id INT NOT NULL, n INT, PRIMARY KEY (id), KEY n (n)) ENGINE=InnoDB",
        "CREATE TABLE staging_next.b (id INT, a INT, KEY a (a), FOREIGN KEY (a) REFERENCES staging_next.a (id))",
        "CREATE TABLE staging_next.p (id INT) PARTITION BY HASH (id)",
        "ALTER TABLE staging_next.a ADD UNIQUE KEY n2 (n), ADD KEY n3 (n, id)",
        "INSERT IGNORE INTO staging_next.a VALUES (1, 1), (1, 2)",
        "DROP TABLE IF EXISTS staging_next.b",
    ):
        restore.execute(statement)
    loader.execute("RENAME TABLE staging_next.a TO staging_next.moved")


def test_dbt_can_take_the_lock_of_gold_and_a_reader_cannot_know_it(connect):
    loader, dbt, bi = connect("loader"), connect("dbt"), connect("bi")
    ensure_platform_tables(loader.connection)
    with exclusive(dbt.connection, GOLD):
        assert load_lock.owner(loader.connection, GOLD) == dbt.connection.thread_id()
        assert load_lock.owner(bi.connection, GOLD) is None
    assert refused(bi, "SELECT secret FROM ops.lock_key")
    assert refused(connect("restore"), "SELECT secret FROM ops.lock_key")


def test_i09_dbt_may_see_who_reads_gold_and_end_nobody(connect):
    loader, dbt, bi = connect("loader"), connect("dbt"), connect("bi")
    number = bi.connection.thread_id()
    assert number in {one.number for one in server_sessions(dbt.connection)}
    assert number not in {one.number for one in server_sessions(loader.connection)}
    dbt.execute("SELECT COUNT(*) FROM information_schema.innodb_trx")
    with pytest.raises(MySQLdb.Error) as error:
        dbt.execute(f"KILL {number}")
    assert error.value.args[0] == KILL_DENIED


def test_the_underscore_of_a_schema_is_no_wildcard(connect):
    assert refused(connect("loader"), "CREATE DATABASE stagingXnext")


def test_a_named_server_is_used_and_its_password_decoded(tmp_path):
    state = State(tmp_path, {"GGHOUSE_MYSQL_URL": "mysql://root:a%40b@db.example:3307"})
    assert named_server(state) == Endpoint("db.example", 3307, "root", "a@b")
    assert login(state, "bi").host == "db.example"
    assert login(state, "bi").password == state.passwords["bi"]


@pytest.mark.parametrize("url", ["localhost", "postgres://a@b", "mysql://host"])
def test_a_server_that_cannot_be_read_is_explained(tmp_path, url):
    with pytest.raises(LocalError, match="GGHOUSE_MYSQL_URL must look like mysql://user:password@host:3306"):
        named_server(State(tmp_path, {"GGHOUSE_MYSQL_URL": url}))
