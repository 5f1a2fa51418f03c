"""A first deploy, a second and a rollback live on the rights of the deploy role, as Terraform renders it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from infra.deploy.environment import Environment
from infra.deploy.ship import deploy, rollback
from infra.local.aws import account
from infra.local.aws.iam import Wish, is_allowed
from tests.infra.deploy.world import NAME, World

RENDERED = json.dumps(account.planned()["deploy_role"])
POLICY = json.loads(RENDERED.replace("gghouse-local-mwaa", NAME).replace("gghouse-local", "gghouse-dev"))
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/gghouse-dev"
# What S3 asks for, where the operation is called otherwise.
PERMISSIONS = {
    "CopyObject": "PutObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
}
# Granted for what AWS does with the caller's rights, https://docs.aws.amazon.com/mwaa/latest/userguide/access-policies.html.
ON_BEHALF = {"iam:PassRole", "s3:GetEncryptionConfiguration", "s3:GetObjectVersion"}


@dataclass
class Asked:
    """Collects what the deploy asks of AWS."""

    wishes: set[Wish] = field(default_factory=set)

    def of_s3(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        name = PERMISSIONS.get(model.name, model.name)
        if params.get("VersionId"):
            name += "Version"
        arn = f"arn:aws:s3:::{params['Bucket']}"
        key = f"/{params['Key']}" if "Key" in params else ""
        self.wishes.add(Wish(f"s3:{name}", arn + key))
        if copied := params.get("CopySource"):
            self.wishes.add(Wish("s3:GetObject", f"arn:aws:s3:::{copied['Bucket']}/{copied['Key']}"))
        uses = {"GetObject": ["Decrypt"], "PutObject": ["GenerateDataKey", "Decrypt"]}.get(name, [])
        via = (("kms:ViaService", "s3.ap-northeast-1.amazonaws.com"),)
        self.wishes |= {Wish(f"kms:{use}", KEY, via) for use in uses}

    def of_mwaa(self, operation: str) -> None:
        where = "role/gghouse-dev/Op" if operation == "invoke_rest_api" else "environment/gghouse-dev"
        action = "".join(word.title() for word in operation.split("_"))
        self.wishes.add(Wish(f"airflow:{action}", f"arn:aws:airflow:ap-northeast-1:123456789012:{where}"))


@dataclass
class Watched:
    """The fake MWAA, each call of which is noted."""

    mwaa: Any
    asked: Asked

    def __getattr__(self, name: str) -> Any:
        if name in ("get_environment", "update_environment", "invoke_rest_api"):
            self.asked.of_mwaa(name)
        return getattr(self.mwaa, name)


@pytest.fixture
def asked(world: World) -> Iterator[Asked]:
    asked = Asked()
    world.target = replace(
        world.target, environment=Environment(Watched(world.mwaa, asked), "gghouse-dev", world.mwaa.sleep)
    )
    world.s3.meta.events.register("provide-client-params.s3", asked.of_s3)
    yield asked
    world.s3.meta.events.unregister("provide-client-params.s3", asked.of_s3)


@pytest.fixture
def wishes(world: World, asked: Asked) -> set[Wish]:
    deploy(world.target, world.bundle(1), apply=True)
    deploy(world.target, world.bundle(2, {"plugins.zip": "two", "dags/gghouse_watch.py": None}), apply=True)
    rollback(world.target, apply=True)
    return asked.wishes


def test_the_rights_are_enough_and_each_of_them_is_needed(wishes: set[Wish]) -> None:
    assert {wish for wish in wishes if not is_allowed(POLICY, wish)} == set()
    listed = [each["Action"] for each in POLICY["Statement"]]
    granted = {action for each in listed for action in ([each] if isinstance(each, str) else each)}
    assert granted - {wish.action for wish in wishes} <= ON_BEHALF


def test_a_missing_right_is_seen(wishes: set[Wish]) -> None:
    for action in {wish.action for wish in wishes}:
        without = {"Statement": [*POLICY["Statement"], {"Effect": "Deny", "Action": action, "Resource": "*"}]}
        assert any(not is_allowed(without, wish) for wish in wishes), action
