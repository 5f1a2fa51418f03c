"""Airflow on a laptop may do what its execution role may on AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.authorization import ActionAuthenticatorMixin
from werkzeug.serving import make_server

from infra.local.aws.account import BUCKET, TOPIC_ARN, client, make_bucket, make_mail, planned
from infra.local.aws.iam import ROLE, Gate, Wish, install, is_allowed
from infra.local.aws.moto_server import application


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of a stand-in for AWS, and the file of what was asked for."""
    folder = tmp_path_factory.mktemp("iam")
    asked, policy = folder / "asked", folder / "policy.json"
    policy.write_text(json.dumps(planned()["execution_role"]))
    before = ActionAuthenticatorMixin._authenticate_and_authorize_action
    install(Gate(policy, asked))
    server = make_server("127.0.0.1", 0, application(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}"
    make_bucket(url)
    make_mail(url)
    yield url, asked
    server.shutdown()
    ActionAuthenticatorMixin._authenticate_and_authorize_action = before  # type: ignore[method-assign]


def as_role(url: str, service: Any) -> Any:
    keys = {"aws_access_key_id": ROLE, "aws_secret_access_key": "local"}
    return boto3.client(service, endpoint_url=url, region_name="ap-northeast-1", **keys)


def refused(call: Any, **arguments: Any) -> bool:
    """moto cannot put every service's error into that service's words, so the status counts."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_role_may_what_it_may(account: tuple[str, Path]) -> None:
    url, asked = account
    s3 = as_role(url, "s3")
    s3.put_object(Bucket=BUCKET, Key="status/index.html", Body=b"x")
    assert s3.get_object(Bucket=BUCKET, Key="status/index.html")["Body"].read() == b"x"
    as_role(url, "sns").publish(TopicArn=TOPIC_ARN, Message="x")
    as_role(url, "cloudwatch").put_metric_data(Namespace="GGHouse", MetricData=[{"MetricName": "m", "Value": 1}])
    as_role(url, "sts").get_caller_identity()
    assert {action for action, *_ in map(json.loads, asked.read_text().splitlines())} >= {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:GetObject",
        "s3:PutObject",
        "sns:Publish",
    }


def test_the_role_makes_reports_and_reads_no_list_of_tenants_back(account: tuple[str, Path]) -> None:
    url, _ = account
    client(url, "s3").put_object(Bucket=BUCKET, Key="rent-roll/202602/roll.csv", Body=b"x")
    s3 = as_role(url, "s3")
    assert s3.get_object(Bucket=BUCKET, Key="rent-roll/202602/roll.csv")["Body"].read() == b"x"
    assert refused(s3.put_object, Bucket=BUCKET, Key="rent-roll/202602/roll.csv", Body=b"y")
    for key in ("reports/corrections/2026-03-02/corrections.csv", "reports/tenants/2026-03-02/tenants.xlsx"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    s3.get_object(Bucket=BUCKET, Key="reports/corrections/2026-03-02/corrections.csv")
    assert refused(s3.get_object, Bucket=BUCKET, Key="reports/tenants/2026-03-02/tenants.xlsx")


def test_the_role_may_nothing_else(account: tuple[str, Path]) -> None:
    url, asked = account
    client(url, "s3").put_object(Bucket=BUCKET, Key="reference/a.csv", Body=b"x")
    s3 = as_role(url, "s3")
    assert refused(s3.get_object, Bucket=BUCKET, Key="reference/a.csv")
    assert refused(s3.put_object, Bucket=BUCKET, Key="dumps/gghouse_20260302.sql", Body=b"x")
    assert refused(s3.delete_object, Bucket=BUCKET, Key="status/index.html")
    assert refused(as_role(url, "secretsmanager").get_secret_value, SecretId="gghouse-local/aurora_bi")
    metrics = [{"MetricName": "m", "Value": 1}]
    cloudwatch = as_role(url, "cloudwatch")
    assert refused(cloudwatch.put_metric_data, Namespace="AWS/RDS", MetricData=metrics)
    assert ["s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/status/index.html", {}, False] in [
        json.loads(line) for line in asked.read_text().splitlines()
    ]


def test_a_copy_needs_the_right_to_read_its_source(account: tuple[str, Path]) -> None:
    s3 = as_role(account[0], "s3")
    source = {"Bucket": BUCKET, "Key": "reference/a.csv"}
    assert refused(s3.copy_object, Bucket=BUCKET, Key="processed/a.csv", CopySource=source)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, True),
        ({"Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::b/dumps/?"]}, True),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/dumps/??"}, False),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}, False),
        ({"Action": "s3:PutObject", "Resource": "*"}, False),
        ({"Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": ["s3", "x"]}}}, True),
        ({"Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "x"}}}, False),
        ({"Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:other": "s3"}}}, False),
    ],
)
def test_a_statement(statement: dict[str, Any], allowed: bool) -> None:
    wish = Wish("s3:GetObject", "arn:aws:s3:::b/dumps/a", (("kms:ViaService", "s3"),))
    assert is_allowed({"Statement": [{"Effect": "Allow", **statement}]}, wish) is allowed


def test_deny_wins() -> None:
    everything = {"Action": "*", "Resource": "*"}
    both = [{"Effect": effect, **everything} for effect in ("Allow", "Deny")]
    assert not is_allowed({"Statement": both}, Wish("s3:GetObject", "x"))


@pytest.mark.parametrize("strange", [{"NotAction": "*"}, {"Condition": {"ArnLike": {"aws:SourceArn": "*"}}}])
def test_what_is_not_known_is_not_guessed(strange: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", **strange}
    with pytest.raises(NotImplementedError):
        is_allowed({"Statement": [statement]}, Wish("s3:GetObject", "x"))
