"""What a day does to its database, on a server that is like Aurora: users, load, publish, readers, dbt, locks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import MySQLdb
import pytest
from moto import mock_aws

from include.dump.restore import load_dump
from include.preflight import checks
from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from include.warehouse.gold import ReadersElsewhere, await_readers, publish_gold
from include.warehouse.lock_waits import OFF, lock_waits
from include.warehouse.server_errors import READ_ONLY, trouble_of
from infra.database import USERS
from tests.dbt.project import DBT_PYTHON
from tests.include.conftest import SETTINGS
from tests.include.dump.dumps import TARGET, classic, day
from tests.infra.aurora.aurora_like import AuroraLike

PROBE = "CREATE TABLE gold_next.{name} COMMENT 'Business date {day}' AS SELECT 1 AS id"
YESTERDAY = TARGET.replace(day=1)
# All seeds, views of bronze and a table of silver.
MODELS = ("--select", "resource_type:seed", "+int_contracts", "--exclude", "resource_type:test")


@pytest.fixture(scope="module")
def published(with_users: AuroraLike, login: Callable[..., Endpoint]) -> Iterator[Callable[[str, Any], None]]:
    """Build and publish a gold of one table."""
    with contextlib.closing(login("dbt").connect()) as connection:

        def publish(name: str, target: Any) -> None:
            connection.query("CREATE DATABASE IF NOT EXISTS gold_next")
            connection.query(PROBE.format(name=name, day=target))
            publish_gold(connection, [name], target)

        yield publish


def test_a_login_without_tls_is_refused(login: Callable[..., Endpoint]) -> None:
    with pytest.raises(MySQLdb.OperationalError, match=r"insecure transport|Access denied"):
        replace(login("loader"), ssl_ca=None).connect(ssl_mode="DISABLED")


@pytest.mark.parametrize("user", USERS)
def test_every_user_passes_the_preflight(login: Callable[..., Endpoint], user: str) -> None:
    check = checks.restore_login if user == "restore" else checks.database
    assert "TLS_" in check(lambda: login(user))


@mock_aws
def test_a_dump_is_loaded_and_published(login: Callable[..., Endpoint]) -> None:
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket=SETTINGS.bucket)
    s3.put_object(Bucket=SETTINGS.bucket, Key=f"dumps/gghouse_{TARGET:%Y%m%d}.sql", Body=classic(day()))
    for transport in ("connections", "program"):
        chosen = replace(SETTINGS, load_transport=transport, carry_over_unchanged=False)
        load_dump(s3, chosen, login("loader"), TARGET, lambda line: None, restore_login=login("restore"))
    with contextlib.closing(login("dbt").connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM staging.movings")
        assert cursor.fetchone() == (1100,)


def test_what_is_published_reaches_the_reader(
    with_users: AuroraLike, login: Callable[..., Endpoint], published: Callable[..., None]
) -> None:
    reader = login("dbt", with_users.reader)
    published("rooms", YESTERDAY)
    await_readers(reader, YESTERDAY)
    with_users.replication("STOP")
    published("rooms", TARGET)
    with pytest.raises(ReadersElsewhere, match=f"gold of {TARGET} was published, but .* shows {YESTERDAY}"):
        await_readers(reader, TARGET, lambda seconds: None)
    await_readers(reader, TARGET, lambda seconds: with_users.replication("START") or time.sleep(1))
    with contextlib.closing(login("bi", with_users.reader).connect("gold")) as connection:
        connection.query("SELECT * FROM rooms")


@pytest.mark.parametrize(("user", "schema"), [("loader", "staging"), ("dbt", "gold")])
def test_the_reader_refuses_to_be_written(
    with_users: AuroraLike, login: Callable[..., Endpoint], user: str, schema: str
) -> None:
    with contextlib.closing(login(user, with_users.reader).connect()) as connection:
        with pytest.raises(MySQLdb.Error) as refused:
            connection.query(f"CREATE TABLE {schema}.x (id INT)")
        assert trouble_of(refused.value) is READ_ONLY


def test_locks_are_told_to_be_unseen(login: Callable[..., Endpoint]) -> None:
    with contextlib.closing(login("dbt").connect()) as connection:
        assert lock_waits(connection).unseen == OFF


def test_dbt_builds_with_its_own_rights(login: Callable[..., Endpoint], tmp_path: Path) -> None:
    dbt, folder = login("dbt"), PROJECT_DIR / "dbt"
    if (parsed := folder / "target" / "partial_parse.msgpack").is_file():
        shutil.copy(parsed, tmp_path)
    done = subprocess.run(
        [DBT_PYTHON.with_name("gghouse-dbt"), "build", *MODELS],
        env={**os.environ, "DBT_PROJECT_DIR": str(folder), "DBT_PROFILES_DIR": str(folder)}
        | {
            "DBT_HOST": dbt.host,
            "DBT_PORT": str(dbt.port),
            "DBT_USER": dbt.user,
            "DBT_ENV_SECRET_PASSWORD": dbt.password,
        }
        | {"DBT_SSL_CA": dbt.ssl_ca or "", "DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
        | {"DBT_ENV_CUSTOM_ENV_TARGET_DATE": f"{TARGET}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
