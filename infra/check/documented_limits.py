"""Limits that AWS's documents state and its service models do not carry."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.check.plan_rules import Resource

DAY, HOUR = 86_400, 3_600
IAM_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
INLINE_POLICIES = 10_240


@dataclass(frozen=True)
class Limit:
    """A limit of one attribute of some types of resource.

    Attributes:
        types: types of resource.
        attribute: what is limited; an unknown or empty value passes.
        allows: whether AWS takes a value.
        says: what AWS takes.
        url: where it says so.
    """

    types: tuple[str, ...]
    attribute: str
    allows: Callable[[Any], bool]
    says: str
    url: str


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: bool(re.fullmatch(pattern, value))


def _policy(most: int) -> Callable[[Any], bool]:
    return lambda value: _size(value) <= most


def _size(policy: str) -> int:
    """Return the characters of a policy as AWS counts them, without white space between its parts."""
    return len(json.dumps(json.loads(policy), separators=(",", ":"), ensure_ascii=False))


GROUP_TEXT = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"
GROUP_SAYS = "up to 255 of a-z, A-Z, 0-9, space and ._-:/()#,@[]+=&;{}!$*"
IDENTIFIER = r"[a-z](-?[a-z0-9]){0,62}"
IDENTIFIER_SAYS = "up to 63 small letters, digits and single hyphens, a letter first"

LIMITS = (
    Limit(
        ("aws_security_group",),
        "description",
        _text(GROUP_TEXT),
        GROUP_SAYS,
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
    ),
    Limit(("aws_security_group",), "name", _text(GROUP_TEXT), GROUP_SAYS, "as above"),
    Limit(
        ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"),
        "description",
        _text(GROUP_TEXT),
        GROUP_SAYS,
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html",
    ),
    Limit(
        ("aws_rds_cluster",),
        "cluster_identifier",
        _text(IDENTIFIER),
        IDENTIFIER_SAYS,
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html",
    ),
    Limit(
        ("aws_rds_cluster_instance",),
        "identifier",
        _text(IDENTIFIER),
        IDENTIFIER_SAYS,
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
    ),
    Limit(
        ("aws_sns_topic",),
        "name",
        _text(r"[a-zA-Z0-9_-]{1,256}"),
        "up to 256 letters, digits, hyphens and underscores",
        "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
    ),
    Limit(
        ("aws_s3_bucket",),
        "bucket",
        _text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
        "3 to 63 small letters, digits, dots and hyphens",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    ),
    Limit(("aws_iam_role",), "assume_role_policy", _policy(2_048), "2,048 characters", IAM_QUOTAS),
    Limit(("aws_iam_policy",), "policy", _policy(6_144), "6,144 characters", IAM_QUOTAS),
    Limit(
        ("aws_s3_bucket_policy",),
        "policy",
        _policy(20_480),
        "20 KB",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
    ),
    Limit(
        ("aws_kms_key",),
        "policy",
        _policy(32_768),
        "32 KB",
        "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
    ),
    Limit(
        ("aws_instance",),
        "user_data",
        lambda value: len(value.encode()) <= 16_384,
        "16 KB",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
    ),
)


def excesses(resources: Iterable[Resource]) -> list[str]:
    """Return a sentence for each value beyond a documented limit."""
    found, inline = [], defaultdict[str, int](int)
    for each in resources:
        found += [
            f"{each.address}.{limit.attribute} = {str(value)[:60]!r}; AWS takes {limit.says}"
            for limit in LIMITS
            if each.type in limit.types and (value := each.values.get(limit.attribute)) and not limit.allows(value)
        ]
        if each.type == "aws_cloudwatch_metric_alarm":
            found += [f"{each.address} {reason}" for reason in _alarm(each.values)]
        if each.type == "aws_s3_bucket_lifecycle_configuration":
            found += [f"{each.address} {reason}" for reason in _lifecycle(each.values)]
        if each.type == "aws_iam_role_policy" and each.values.get("policy"):
            inline[each.values.get("role") or each.address] += _size(each.values["policy"])
        found += [f"{each.address} {reason}" for reason in _tags(each.values.get("tags_all") or {})]
    return found + [
        f"the inline policies of {role} have {size:,} characters; AWS takes {INLINE_POLICIES:,}"
        for role, size in inline.items()
        if size > INLINE_POLICIES
    ]


def _alarm(values: Mapping[str, Any]) -> list[str]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, Period."""
    period, periods = values.get("period"), values.get("evaluation_periods")
    found = []
    if period and period not in (10, 20, 30) and period % 60:
        found.append(f"has a period of {period} s; AWS takes 10, 20, 30 and multiples of 60")
    if period and periods and period * periods > (most := 7 * DAY if period >= HOUR else DAY):
        found.append(f"looks back {period * periods:,} s; AWS takes {most:,}")
    if (values.get("datapoints_to_alarm") or 1) > (periods or 1):
        found.append("asks for more breaches than it has periods")
    return found


def _lifecycle(values: Mapping[str, Any]) -> list[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html."""
    found = []
    for rule in values.get("rule") or []:
        gone = max([each.get("days") or 0 for each in rule.get("expiration") or []], default=0)
        moved = max([each.get("days") or 0 for each in rule.get("transition") or []], default=0)
        if gone and gone <= moved:
            found.append(f"lets {rule['id']} expire after {gone} days and moves it after {moved}; expire it later")
    return found


def _tags(tags: Mapping[str, str]) -> list[str]:
    """https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html."""
    found = [f"has {len(tags)} tags; AWS takes 50"] if len(tags) > 50 else []
    for name, value in tags.items():
        for text, most in ((name, 128), (value, 256)):
            if not re.fullmatch(rf"[\w\s.:/=+\-@]{{0,{most}}}", text or ""):
                found.append(f"has the tag {text[:60]!r}; AWS takes up to {most} letters, digits, spaces and _.:/=+-@")
    return found
