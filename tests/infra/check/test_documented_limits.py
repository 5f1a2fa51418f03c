"""Values are held to the limits that only AWS's documents state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.check import documented_limits
from infra.check.plan_rules import Resource

ALARM = {"period": 300, "evaluation_periods": 2, "datapoints_to_alarm": 2}


def exceeded(kind: str, **values: Any) -> list[str]:
    return documented_limits.excesses([Resource(f"{kind}.it", kind, values, {})])


def policy(characters: int) -> str:
    return json.dumps({"Statement": "a" * (characters - len('{"Statement":""}'))})


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("aws_security_group", {"description": "A person's shell"}, "AWS takes up to 255 of"),
        ("aws_security_group", {"description": "a" * 256}, "AWS takes up to 255 of"),
        ("aws_vpc_security_group_ingress_rule", {"description": "Operators' browsers"}, "description"),
        ("aws_vpc_security_group_egress_rule", {"description": "データベース"}, "description"),
        ("aws_rds_cluster", {"cluster_identifier": "gghouse--prod"}, "single hyphens"),
        ("aws_rds_cluster_instance", {"identifier": "1-gghouse"}, "a letter first"),
        ("aws_sns_topic", {"name": "alerts.prod"}, "underscores"),
        ("aws_s3_bucket", {"bucket": "GGHouse"}, "3 to 63"),
        ("aws_iam_role", {"assume_role_policy": policy(2_049)}, "2,048"),
        ("aws_iam_policy", {"policy": policy(6_145)}, "6,144"),
        ("aws_iam_role_policy", {"policy": policy(10_241), "role": "mwaa"}, "of mwaa have 10,241 characters"),
        ("aws_s3_bucket_policy", {"policy": policy(20_481)}, "20 KB"),
        ("aws_kms_key", {"policy": policy(32_769)}, "32 KB"),
        ("aws_instance", {"user_data": "a" * 16_385}, "16 KB"),
        ("aws_cloudwatch_metric_alarm", ALARM | {"period": 90}, "a period of 90 s"),
        ("aws_cloudwatch_metric_alarm", ALARM | {"evaluation_periods": 289}, "looks back 86,700 s"),
        ("aws_cloudwatch_metric_alarm", ALARM | {"period": 3600, "evaluation_periods": 169}, "looks back 608,400 s"),
        ("aws_cloudwatch_metric_alarm", ALARM | {"datapoints_to_alarm": 3}, "more breaches than it has periods"),
        (
            "aws_s3_bucket_lifecycle_configuration",
            {"rule": [{"id": "it", "expiration": [{"days": 30}], "transition": [{"days": 30}]}]},
            "expire after 30 days and moves it after 30",
        ),
        ("aws_vpc", {"tags_all": {"Owner": "a & b"}}, "'a & b'"),
        ("aws_vpc", {"tags_all": {f"T{number}": "a" for number in range(51)}}, "51 tags"),
    ],
)
def test_what_aws_would_refuse_is_named(kind: str, values: dict[str, Any], says: str) -> None:
    (sentence,) = exceeded(kind, **values)
    assert says in sentence


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_security_group", {"description": "Shell of a person in the VPC, for example CloudShell"}),
        ("aws_security_group", {"description": None}),
        ("aws_rds_cluster", {"cluster_identifier": "gghouse-prod"}),
        ("aws_iam_role_policy", {"policy": json.dumps({"Statement": "a" * 10_224}, indent=9), "role": "mwaa"}),
        ("aws_cloudwatch_metric_alarm", ALARM | {"period": 3600, "evaluation_periods": 25}),
        (
            "aws_s3_bucket_lifecycle_configuration",
            {"rule": [{"id": "it", "expiration": [{"days": 730}], "transition": [{"days": 30}]}]},
        ),
        ("aws_vpc", {"tags_all": {"Name": "東京 gghouse-prod_1"}}),
    ],
)
def test_what_aws_takes_passes(kind: str, values: dict[str, Any]) -> None:
    assert exceeded(kind, **values) == []


def test_inline_policies_of_a_role_are_counted_together() -> None:
    halves = [Resource(f"it{n}", "aws_iam_role_policy", {"policy": policy(5_200), "role": "mwaa"}, {}) for n in (1, 2)]
    assert len(documented_limits.excesses(halves)) == 1
