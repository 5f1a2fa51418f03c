"""A password is rotated as Secrets Manager does it, in four steps, while the platform is at work.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html has the protocol. The
function that AWS publishes for MySQL with a single user is no part of the project; the same tests run it where
GGHOUSE_ROTATION_FUNCTION names its file `lambda_function.py`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import random
import re
import string
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import MySQLdb
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager import models as secrets_manager

from include.operators.base import endpoint
from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from infra.database import PASSWORD, apply, statements
from infra.local.aws.account import planned
from tests.infra.aurora.aurora_like import MASTER, AuroraLike
from tests.infra.aurora.conftest import PASSWORDS

FUNCTION = "GGHOUSE_ROTATION_FUNCTION"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
SECRET = "airflow/connections/aurora_loader"
REGION = "ap-northeast-1"
MODULE = (PROJECT_DIR / "infra" / "modules" / "secrets" / "main.tf").read_text()
# The authorities that Lambda's runtime knows, where the published function looks for them.
LAMBDA_CERTIFICATES = "/etc/pki/tls/cert.pem"

Step = Callable[[str, str], None]


class Protocol:
    """The four steps, in our own words."""

    def __init__(self, secrets: Any, certificate: str) -> None:
        self.secrets = secrets
        self.certificate = certificate

    def __call__(self, token: str, step: str) -> None:
        getattr(self, step)(token)

    def createSecret(self, token: str) -> None:
        new = self.secrets.get_random_password(ExcludePunctuation=True, RequireEachIncludedType=False)["RandomPassword"]
        text = json.dumps(self._value("AWSCURRENT") | {"password": new})
        self.secrets.put_secret_value(
            SecretId=SECRET, ClientRequestToken=token, SecretString=text, VersionStages=["AWSPENDING"]
        )

    def setSecret(self, _token: str) -> None:
        with contextlib.closing(self._login("AWSCURRENT").connect()) as connection, connection.cursor() as cursor:
            cursor.execute("ALTER USER USER() IDENTIFIED BY %s", (self._value("AWSPENDING")["password"],))

    def testSecret(self, _token: str) -> None:
        self._login("AWSPENDING").connect().close()

    def finishSecret(self, token: str) -> None:
        current = self.secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["VersionId"]
        self.secrets.update_secret_version_stage(
            SecretId=SECRET, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )

    def _value(self, stage: str) -> dict[str, Any]:
        return dict(json.loads(self.secrets.get_secret_value(SecretId=SECRET, VersionStage=stage)["SecretString"]))

    def _login(self, stage: str) -> Endpoint:
        value = self._value(stage)
        return Endpoint(value["host"], value["port"], value["username"], value["password"], self.certificate)


def published(monkeypatch: pytest.MonkeyPatch, certificate: str) -> Step:
    """Return AWS's function, as its template configures it; Lambda's authorities are ours, and MySQL 9 passes for 8."""
    if not (file := os.environ.get(FUNCTION)):
        pytest.skip(f"{FUNCTION} names no file; aws-samples/aws-secrets-manager-rotation-lambdas has it")
    pymysql: Any = pytest.importorskip("pymysql")
    spec = importlib.util.spec_from_file_location("rotation", file)
    assert spec
    assert spec.loader
    function = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(function)
    connect = pymysql.connect

    def with_our_authority(*, ssl: dict[str, str] | None, **options: Any) -> Any:
        assert ssl in (None, {"ca": LAMBDA_CERTIFICATES})
        return connect(ssl=ssl and {"ca": certificate}, **options)

    excluded = re.search(r'excludeCharacters +=( "(?:[^"\\]|\\.)*")', MODULE)
    assert excluded
    monkeypatch.setattr(pymysql, "connect", with_our_authority)
    monkeypatch.setattr(secrets_manager, "random_password", random_password)
    monkeypatch.setattr(function, "get_password_option", lambda version: "%s")
    monkeypatch.setenv("SECRETS_MANAGER_ENDPOINT", f"https://secretsmanager.{REGION}.amazonaws.com")
    monkeypatch.setenv("EXCLUDE_CHARACTERS", json.loads(excluded[1]))
    return lambda token, step: function.lambda_handler(
        {"SecretId": SECRET, "ClientRequestToken": token, "Step": step}, None
    )


def random_password(length: int, excluded: str, *_more: bool) -> str:
    """Stand in for that of moto, which cannot leave out a whole class of characters."""
    assert set(string.punctuation) <= set(excluded)
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


@pytest.fixture
def secrets(with_users: AuroraLike, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Secrets Manager with the loader's secret, as Terraform makes it, and Airflow's backend before it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", planned()["options"]["secrets.backend"])
    kwargs = {
        "connections_prefix": "airflow/connections",
        "connections_lookup_pattern": "^aurora_",
        "region_name": REGION,
    }
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps(kwargs))
    value = {
        "engine": "mysql",
        "host": "127.0.0.1",
        "port": with_users.writer.port,
        "username": "loader",
        "password": PASSWORDS["loader"],
        "extra": {"ssl_ca": str(with_users.certificate)},
    }
    keys = re.findall(r"^    (\w+) +=", MODULE.split("jsonencode({")[1].split("})")[0], re.MULTILINE)
    assert keys == list(value)
    with mock_aws():
        client = boto3.client("secretsmanager", REGION)
        client.create_secret(Name=SECRET, SecretString=json.dumps(value))
        yield client
    apply("127.0.0.1", with_users.writer.port, MASTER, statements(PASSWORDS), with_users.certificate)


@pytest.fixture(params=("protocol", "published"))
def rotate(
    request: pytest.FixtureRequest, secrets: Any, with_users: AuroraLike, monkeypatch: pytest.MonkeyPatch
) -> Step:
    certificate = str(with_users.certificate)
    return published(monkeypatch, certificate) if request.param == "published" else Protocol(secrets, certificate)


def begin(secrets: Any, immediately: bool = True) -> str:
    """Make the version that Secrets Manager makes before the first step, and return its token.

    It has no value yet. To test a new schedule it is a copy of the current one.
    """
    token = str(uuid.uuid4())
    held = secrets_manager.secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets[SECRET]
    held.rotation_requested = held.rotation_enabled = True
    pending = {"createdate": int(time.time()), "version_id": token, "version_stages": ["AWSPENDING"]}
    if not immediately:
        pending["secret_string"] = secrets.get_secret_value(SecretId=SECRET)["SecretString"]
    held.versions[token] = pending
    return token


def rotated() -> Endpoint:
    """Return the login that the next task gets; moto answers with the first version where AWS does with the current."""
    held = secrets_manager.secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets[SECRET]
    current = next(token for token, version in held.versions.items() if "AWSCURRENT" in version["version_stages"])
    held.set_default_version_id(current)
    return endpoint("aurora_loader")


def rights(login: Endpoint) -> list[str]:
    with contextlib.closing(login.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW GRANTS")
        return [line for (line,) in cursor.fetchall()]


def test_a_rotation_disturbs_neither_a_running_load_nor_the_next(
    secrets: Any, rotate: Step, with_users: AuroraLike
) -> None:
    before = endpoint("aurora_loader")
    granted = rights(before)
    with contextlib.closing(before.connect()) as running:
        running.query("CREATE DATABASE IF NOT EXISTS staging_next")
        token = begin(secrets)
        for step in STEPS:
            rotate(token, step)
            running.query(f"CREATE TABLE staging_next.during_{step} (id INT)")
        running.query("DROP DATABASE staging_next")
    after = rotated()
    assert after == replace(before, password=after.password)
    assert after.password != before.password
    assert PASSWORD.fullmatch(after.password), "the command that makes the users would refuse it"
    assert rights(after) == granted
    with pytest.raises(MySQLdb.OperationalError, match="Access denied"):
        before.connect()
    with pytest.raises(MySQLdb.OperationalError):
        replace(after, ssl_ca=None).connect(ssl_mode="DISABLED")
    # the users can be made again with the password of the rotation
    apply(
        *("127.0.0.1", with_users.writer.port, MASTER, statements(PASSWORDS | {"loader": after.password})),
        with_users.certificate,
    )
    assert rights(rotated()) == granted


def test_each_step_may_be_repeated(secrets: Any, rotate: Step) -> None:
    if isinstance(rotate, Protocol):
        pytest.skip("our words of the protocol do each step once")
    token = begin(secrets)
    for step in STEPS:
        rotate(token, step)
        rotate(token, step)
    rotated().connect().close()


def test_to_set_up_a_rotation_the_user_must_exist(secrets: Any, rotate: Step, with_users: AuroraLike) -> None:
    """Without rotating at once, Secrets Manager tests a copy of the current value; before step 3 nobody can log in."""
    rotate(begin(secrets, immediately=False), "testSecret")
    master = with_users.login(MASTER["username"], MASTER["password"])
    with contextlib.closing(master.connect()) as connection:
        connection.query("DROP USER loader")
    token = begin(secrets, immediately=False)
    with pytest.raises((ValueError, MySQLdb.OperationalError), match=r"Unable to log into database|Access denied"):
        rotate(token, "testSecret")
