"""The role that plans in CI can make the plan of ci.yml, and needs each of its rights for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
import requests

from infra.check.fake_aws import fake_aws
from infra.check.terraform import FAKE_LOGIN, TerraformError, Workspace, unavailable
from infra.local.database import free_port

pytestmark = pytest.mark.infra
WHERE, ROLE, BUCKET = "environments/dev", "gghouse-dev-plan", "gghouse-tfstate-123456789012"
REFUSED = r"AccessDenied|not authorized|StatusCode: 403"
PLAN = ("plan", "-input=false", "-no-color", "-lock=false", "-var-file=example.tfvars")


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """An account in which somebody has applied the role; its state lies in the bucket."""
    if reason := unavailable():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("moto")
    with fake_aws(folder, free_port()) as variables:
        workspace = Workspace.copy(folder, variables)
        s3 = client(workspace, "s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
        workspace.init(WHERE, f"-backend-config=bucket={BUCKET}")
        target = "-target=module.platform.module.deploy_role"
        workspace.run(WHERE, "apply", "-auto-approve", "-no-color", "-input=false", "-var-file=example.tfvars", target)
        yield workspace


def client(workspace: Workspace, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=workspace.environment["AWS_ENDPOINT_URL"],
        region_name="ap-northeast-1",
        aws_access_key_id=FAKE_LOGIN["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_LOGIN["AWS_SECRET_ACCESS_KEY"],
    )


def seen_by_moto(statement: dict[str, Any]) -> dict[str, Any]:
    """Return a statement as moto can judge it: of all services it knows the resources of S3 alone."""
    return statement if statement["Action"].startswith("s3:") else statement | {"Resource": "*"}


@pytest.fixture
def as_role(owner: Workspace) -> Iterator[Callable[[str], Workspace]]:
    """Log in as the role, without a right if one is named; what is allowed to nobody is refused from then on."""
    url = owner.environment["AWS_ENDPOINT_URL"]
    iam = client(owner, "iam")
    names = {"RoleName": ROLE, "PolicyName": "plan"}
    policy = iam.get_role_policy(**names)["PolicyDocument"]

    def login(missing: str) -> Workspace:
        left = [seen_by_moto(each) for each in policy["Statement"] if each["Action"] != missing]
        assert bool(missing) == (len(left) < len(policy["Statement"]))
        iam.put_role_policy(**names, PolicyDocument=json.dumps(policy | {"Statement": left}))
        answer = client(owner, "sts").assume_role(
            RoleArn=f"arn:aws:iam::123456789012:role/{ROLE}", RoleSessionName="ci"
        )["Credentials"]
        requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=5)
        variables = {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
        }
        return replace(owner, environment={**owner.environment, **variables})

    yield login
    requests.post(f"{url}/moto-api/reset-auth", data=b"100000", timeout=5)
    iam.put_role_policy(**names, PolicyDocument=json.dumps(policy))


def test_it_makes_the_plan(as_role: Callable[[str], Workspace]) -> None:
    role = as_role("")
    role.init(WHERE, "-reconfigure", f"-backend-config=bucket={BUCKET}")
    said = role.run(WHERE, *PLAN, "-refresh=false")
    assert "Plan: " in said
    assert f"aws_iam_role.plan (name={ROLE!r})" not in said  # it is there already


# s3:ListBucket is what tells a state that is missing from one that is forbidden; moto asks for it nowhere.
@pytest.mark.parametrize("right", ["s3:GetObject", "ssm:GetParameter", "secretsmanager:GetRandomPassword"])
def test_it_needs_each_right(as_role: Callable[[str], Workspace], right: str) -> None:
    with pytest.raises(TerraformError, match=REFUSED):
        as_role(right).run(WHERE, *PLAN, "-refresh=false")


def test_it_cannot_look_at_what_the_state_describes(as_role: Callable[[str], Workspace]) -> None:
    role = as_role("")
    with pytest.raises(TerraformError, match=REFUSED):
        role.run(WHERE, *PLAN)
