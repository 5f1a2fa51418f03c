"""Fixtures for code that works on S3 and the warehouse."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.local.database import Database
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

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


def fresh_loader(database: Database) -> Endpoint:
    """Empty the server and return the loader's login."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for schema in ("staging", "staging_next", "staging_prev", "history", "ops"):
            cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        cursor.execute("DROP USER IF EXISTS loader@localhost")
        cursor.execute("CREATE USER loader@localhost IDENTIFIED BY %s", ("p\"a'#s\\s; wörd",))
        for schema in (r"staging", r"staging\_next", r"staging\_prev", "history", "ops"):
            cursor.execute(f"GRANT ALL ON `{schema}`.* TO loader@localhost")
    return Endpoint(host="127.0.0.1", port=database.port, user="loader", password="p\"a'#s\\s; wörd")


@pytest.fixture
def loader(database: Database) -> Endpoint:
    """The loader's login on a server that holds nothing yet."""
    return fresh_loader(database)
