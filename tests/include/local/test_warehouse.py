from __future__ import annotations

import contextlib

import MySQLdb
import pytest

from include.local.state import LocalError, State
from include.local.warehouse import RIGHTS_FILE, grant_logins, login, named_server
from include.warehouse.endpoint import Endpoint
from include.warehouse.sessions import server_sessions

PASSWORDS = {"loader": "l", "dbt": "d", "bi": "b"}
KILL_DENIED = 1095
SCHEMAS = ("staging", "staging_next", "stagingXnext", "gold", "tokyobeta")


@pytest.fixture
def connect(database):
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in SCHEMAS:
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        cursor.execute("DROP USER IF EXISTS loader@localhost")  # other tests' login, which the server would prefer
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


def test_rights_come_from_the_file_that_astro_uses():
    assert RIGHTS_FILE.is_file()


def test_a_named_server_is_used_and_its_password_decoded(tmp_path):
    state = State(tmp_path, {"GGHOUSE_MYSQL_URL": "mysql://root:a%40b@db.example:3307"})
    assert named_server(state) == Endpoint("db.example", 3307, "root", "a@b")
    assert login(state, "bi").host == "db.example"
    assert login(state, "bi").password == state.passwords["bi"]


@pytest.mark.parametrize("url", ["localhost", "postgres://a@b", "mysql://host"])
def test_a_server_that_cannot_be_read_is_explained(tmp_path, url):
    with pytest.raises(LocalError, match="GGHOUSE_MYSQL_URL must look like mysql://user:password@host:3306"):
        named_server(State(tmp_path, {"GGHOUSE_MYSQL_URL": url}))
