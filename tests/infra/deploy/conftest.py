"""The world of the deploy's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.s3.models import s3_backends

from infra.deploy.bucket import Bucket
from infra.deploy.environment import Environment
from infra.deploy.ship import Target
from tests.infra.deploy.fake_mwaa import FakeMwaa
from tests.infra.deploy.world import NAME, REGION, World, read_dags


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """One client for all tests of a file, because making one takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield boto3.client("s3", region_name=REGION)


@pytest.fixture
def world(s3: Any, tmp_path: Path) -> Iterator[World]:
    s3_backends.reset()
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    mwaa = FakeMwaa(read_dags)
    environment = Environment(mwaa, "gghouse-dev", mwaa.sleep)
    target = Target(Bucket(s3, NAME), environment, "ci", lambda: mwaa.clock, "go back", "unlock")
    world = World(s3, mwaa, target, tmp_path)

    def count(params: dict[str, Any], model: Any, **_: Any) -> None:
        world.calls.append((model.name, params.get("Key", "")))

    s3.meta.events.register("provide-client-params.s3", count)
    yield world
    s3.meta.events.unregister("provide-client-params.s3", count)
