"""Fixtures for code that works on S3 and the warehouse."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from infra.database import grants
from infra.local.database import Database
from tests import cheap_aws as cheap_aws

BUCKET = "gghouse-test"
SETTINGS = Settings(
    bucket=BUCKET, alert_topic_arn="", quicksight_datasets=(), dbt_executable="", minimum_dump_bytes=1000
)


@pytest.fixture
def s3() -> Iterator[Any]:
    """A client on an in-memory S3 with the platform's bucket."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def settings() -> Settings:
    return SETTINGS


PASSWORD = "p\"a'#s\\s; wörd"
LOGINS = ("loader", "restore")


def fresh_loader(database: Database) -> Endpoint:
    """Empty the server, make the logins of a load with the rights of production, and return the loader's."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in ("staging", "staging_next", "staging_prev", "history", "ops"):
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
    fresh_login(database, "restore")
    return fresh_login(database, "loader")


def fresh_login(database: Database, user: str) -> Endpoint:
    """Make a login anew with exactly the rights of production."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP USER IF EXISTS {user}@localhost")
        cursor.execute(f"CREATE USER {user}@localhost IDENTIFIED BY %s", (PASSWORD,))
        for line in grants():
            if line.endswith(f" TO '{user}'@'%';"):
                cursor.execute(line.replace("'@'%';", "'@'localhost'"))
    return Endpoint(host="127.0.0.1", port=database.port, user=user, password=PASSWORD)


def restore_login(loader: Endpoint) -> Endpoint:
    """Return the login that sends what a dump says, which `fresh_loader` makes too; an administrator does both."""
    return replace(loader, user="restore") if loader.user == "loader" else loader


@pytest.fixture
def loader(database: Database) -> Endpoint:
    """The loader's login on a server that holds nothing yet."""
    return fresh_loader(database)
