"""Fixtures for the watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.database import Database
from tests.include.conftest import BUCKET
from tests.include.freshness.warehouse import TODAY, Warehouse
from tests.include.freshness.watched import Watched


@pytest.fixture(scope="session")
def database(make_database: Callable[[], Database]) -> Database:
    """A server of these tests' own: they make schemas that others look at."""
    return make_database()


@pytest.fixture
def warehouse(database: Database) -> Iterator[Warehouse]:
    """A warehouse whose tables are there and empty."""
    warehouse = Warehouse(database.admin)
    warehouse.create()
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def account() -> Iterator[Any]:
    """A client on an in-memory S3, which takes longer to start than a test to run."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def watched(account: Any, warehouse: Warehouse) -> Watched:
    """Nothing was delivered and nothing has run."""
    for item in account.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        account.delete_object(Bucket=BUCKET, Key=item["Key"])
    return Watched(account, warehouse)


@pytest.fixture
def healthy(watched: Watched) -> Watched:
    """Three days have run well, today's as well."""
    for back in (2, 1, 0):
        watched.run_day(TODAY - timedelta(days=back))
    return watched
