"""Fixtures for loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from infra.local.database import Database
from tests.include.conftest import BUCKET, SETTINGS, fresh_loader
from tests.include.dump.dumps import YESTERDAY, classic, day
from tests.include.dump.platform import Platform


@pytest.fixture
def platform(s3: Any, settings: Settings, loader: Endpoint) -> Platform:
    """Nothing loaded yet."""
    return Platform(s3, settings, loader)


@pytest.fixture
def published(platform: Platform) -> Platform:
    """The day before is already published."""
    platform.put(classic(day(YESTERDAY)), YESTERDAY)
    platform.load(YESTERDAY)
    return platform


@pytest.fixture(scope="module")
def unharmed(database: Database) -> Iterator[Platform]:
    """The day before, published once for tests that must not change it."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        platform = Platform(client, SETTINGS, fresh_loader(database))
        platform.put(classic(day(YESTERDAY)), YESTERDAY)
        platform.load(YESTERDAY)
        yield platform
