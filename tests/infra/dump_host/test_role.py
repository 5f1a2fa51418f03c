"""The role that Terraform makes for the dump host is enough for a delivery, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from infra.check.fake_aws import fake_aws
from infra.check.terraform import FAKE_LOGIN, Workspace, unavailable
from infra.dump_host import write_dump
from infra.local.database import free_port
from tests.infra.dump_host.host import BUCKET, TODAY, Host

pytestmark = pytest.mark.infra
VARIABLES = (
    "-var=name=gghouse-test",
    f"-var=data_bucket={BUCKET}",
    "-var=kms_key_arn=arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000",
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An account in which Terraform made the role; whatever is allowed to nobody is refused."""
    if reason := unavailable():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("moto")
    with fake_aws(folder, free_port()) as variables:
        workspace = Workspace.copy(folder, variables)
        workspace.init("modules/dump_host")
        workspace.run("modules/dump_host", "apply", "-auto-approve", "-no-color", "-input=false", *VARIABLES)
        yield variables | FAKE_LOGIN


def client(account: dict[str, str], service: str, login: dict[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=account["AWS_ENDPOINT_URL"],
        region_name="ap-northeast-1",
        aws_access_key_id=login["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=login["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=login.get("AWS_SESSION_TOKEN"),
    )


@pytest.fixture
def s3(account: dict[str, str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The role's client, to whose login the environment leads as well; the test may take an action from the role."""
    requests.post(f"{account['AWS_ENDPOINT_URL']}/moto-api/reset-auth", data=b"100000", timeout=5)
    iam = client(account, "iam", account)
    owner = client(account, "s3", account)
    owner.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    names = {"RoleName": "gghouse-test-dump-host", "PolicyName": "deliver"}
    policy = iam.get_role_policy(**names)["PolicyDocument"]
    iam.put_role_policy(**names, PolicyDocument=json.dumps(without(policy, getattr(request, "param", ""))))
    answer = client(account, "sts", account).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/gghouse-test-dump-host", RoleSessionName="host"
    )["Credentials"]
    login = {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }
    for name, value in (login | {"AWS_ENDPOINT_URL": account["AWS_ENDPOINT_URL"]}).items():
        monkeypatch.setenv(name, value)
    requests.post(f"{account['AWS_ENDPOINT_URL']}/moto-api/reset-auth", data=b"0", timeout=5)
    yield client(account, "s3", login)
    requests.post(f"{account['AWS_ENDPOINT_URL']}/moto-api/reset-auth", data=b"100000", timeout=5)
    iam.put_role_policy(**names, PolicyDocument=json.dumps(policy))
    for item in owner.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        owner.delete_object(Bucket=BUCKET, Key=item["Key"])
    owner.delete_bucket(Bucket=BUCKET)


def without(policy: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return the policy without a resource, given by its end."""
    statements = [
        each | {"Resource": [arn for arn in each["Resource"] if not resource or not arn.endswith(resource)]}
        if isinstance(each["Resource"], list)
        else each
        for each in policy["Statement"]
    ]
    return policy | {"Statement": statements}


def test_it_is_enough_for_a_delivery(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert host.run() == write_dump.DELIVERED, capsys.readouterr().err


@pytest.mark.parametrize("s3", ["/dumps/*", "/dumps-manifest/*"], indirect=True)
def test_each_right_is_needed(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert host.run() == write_dump.FAILED
    assert "AccessDenied" in capsys.readouterr().err


def test_it_can_neither_read_nor_delete_nor_write_elsewhere(s3: Any) -> None:
    key = f"dumps/gghouse_{TODAY:%Y%m%d}.sql"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    for refused in (
        lambda: s3.get_object(Bucket=BUCKET, Key=key),
        lambda: s3.delete_object(Bucket=BUCKET, Key=key),
        lambda: s3.list_objects_v2(Bucket=BUCKET),
        lambda: s3.put_object(Bucket=BUCKET, Key="snapshots/x", Body=b"x"),
        lambda: s3.put_object(Bucket=BUCKET, Key="processed/x", Body=b"x"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()
