"""Planned values held to AWS's own service models: lengths, patterns, enums and ranges, as botocore carries them.

Neither Terraform's provider nor moto looks at most of them; AWS does, in the middle of an apply. Each type of resource
names the call that makes it. An attribute is held to the member of that call that bears its name (`kms_key_id` and
`KmsKeyId`), or to the one that `names` gives. Limits that only AWS's documents state are in `documented_limits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from infra.check.plan_rules import Resource

# Characters of a value that a sentence shows.
SHOWN = 60
# What the provider leaves out of a call; in a map or a list it is sent. An alarm on an expression reads back as 0.
NOT_SENT: tuple[Any, ...] = (None, "", [], 0)


@dataclass(frozen=True)
class Call:
    """The call of AWS's API that takes a resource's values.

    Attributes:
        service: botocore's name of the service.
        operation: the call.
        names: attribute to member, where the member is not named like the attribute; dots lead into structures.
    """

    service: str
    operation: str
    names: Mapping[str, str] = field(default_factory=dict)


def _inside(structure: str, *attributes: str) -> dict[str, str]:
    """Return the names of attributes that AWS takes inside a structure, under their own names."""
    return {attribute: f"{structure}.{attribute}" for attribute in attributes}


CALLS: Mapping[str, Call] = {
    "aws_athena_workgroup": Call("athena", "CreateWorkGroup"),
    "aws_budgets_budget": Call(
        "budgets",
        "CreateBudget",
        {
            "name": "Budget.BudgetName",
            "limit_amount": "Budget.BudgetLimit.Amount",
            "limit_unit": "Budget.BudgetLimit.Unit",
            "notification": "NotificationsWithSubscribers.Notification",
            **_inside("Budget", "budget_type", "time_unit"),
        },
    ),
    "aws_cloudformation_stack": Call("cloudformation", "CreateStack", {"name": "StackName"}),
    "aws_cloudtrail": Call("cloudtrail", "CreateTrail"),
    "aws_cloudwatch_composite_alarm": Call("cloudwatch", "PutCompositeAlarm"),
    "aws_cloudwatch_dashboard": Call("cloudwatch", "PutDashboard"),
    "aws_cloudwatch_event_rule": Call("events", "PutRule"),
    "aws_cloudwatch_event_target": Call(
        "events",
        "PutTargets",
        {"target_id": "Targets.Id", **_inside("Targets", "arn", "input", "input_transformer", "role_arn")},
    ),
    "aws_cloudwatch_log_group": Call("logs", "CreateLogGroup", {"name": "logGroupName"}),
    "aws_cloudwatch_log_metric_filter": Call(
        "logs",
        "PutMetricFilter",
        {"name": "filterName", "pattern": "filterPattern", "metric_transformation": "metricTransformations"},
    ),
    "aws_cloudwatch_metric_alarm": Call("cloudwatch", "PutMetricAlarm", {"metric_query": "Metrics"}),
    "aws_db_subnet_group": Call(
        "rds", "CreateDBSubnetGroup", {"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"}
    ),
    "aws_flow_log": Call("ec2", "CreateFlowLogs"),
    "aws_glue_catalog_database": Call("glue", "CreateDatabase", _inside("DatabaseInput", "description", "name")),
    "aws_glue_catalog_table": Call(
        "glue",
        "CreateTable",
        _inside("TableInput", "name", "parameters", "partition_keys", "storage_descriptor", "table_type"),
    ),
    "aws_iam_instance_profile": Call("iam", "CreateInstanceProfile", {"name": "InstanceProfileName"}),
    "aws_iam_openid_connect_provider": Call("iam", "CreateOpenIDConnectProvider"),
    "aws_iam_policy": Call("iam", "CreatePolicy", {"name": "PolicyName", "policy": "PolicyDocument"}),
    "aws_iam_role": Call("iam", "CreateRole", {"name": "RoleName", "assume_role_policy": "AssumeRolePolicyDocument"}),
    "aws_iam_role_policy": Call(
        "iam", "PutRolePolicy", {"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"}
    ),
    "aws_iam_role_policy_attachment": Call("iam", "AttachRolePolicy", {"role": "RoleName"}),
    "aws_instance": Call("ec2", "RunInstances"),
    "aws_kms_alias": Call("kms", "CreateAlias", {"name": "AliasName"}),
    "aws_kms_key": Call("kms", "CreateKey"),
    "aws_mwaa_environment": Call("mwaa", "CreateEnvironment"),
    "aws_quicksight_account_subscription": Call("quicksight", "CreateAccountSubscription"),
    "aws_quicksight_data_set": Call("quicksight", "CreateDataSet", {"permissions": "Permissions"}),
    "aws_quicksight_data_source": Call(
        "quicksight", "CreateDataSource", {"parameters": "DataSourceParameters", "permission": "Permissions"}
    ),
    "aws_quicksight_folder": Call("quicksight", "CreateFolder"),
    "aws_quicksight_folder_membership": Call("quicksight", "CreateFolderMembership"),
    "aws_quicksight_group": Call("quicksight", "CreateGroup"),
    "aws_quicksight_group_membership": Call("quicksight", "CreateGroupMembership"),
    "aws_quicksight_theme": Call("quicksight", "CreateTheme"),
    "aws_quicksight_user": Call("quicksight", "RegisterUser"),
    "aws_quicksight_vpc_connection": Call("quicksight", "CreateVPCConnection"),
    "aws_rds_cluster": Call("rds", "CreateDBCluster", {"cluster_identifier": "DBClusterIdentifier"}),
    "aws_rds_cluster_instance": Call("rds", "CreateDBInstance", {"identifier": "DBInstanceIdentifier"}),
    "aws_rds_cluster_parameter_group": Call("rds", "ModifyDBClusterParameterGroup", {"parameter": "Parameters"}),
    "aws_rolesanywhere_profile": Call("rolesanywhere", "CreateProfile"),
    "aws_rolesanywhere_trust_anchor": Call("rolesanywhere", "CreateTrustAnchor"),
    "aws_s3_bucket": Call("s3", "CreateBucket"),
    "aws_s3_bucket_lifecycle_configuration": Call(
        "s3", "PutBucketLifecycleConfiguration", {"rule": "LifecycleConfiguration.Rules"}
    ),
    "aws_s3_bucket_logging": Call(
        "s3", "PutBucketLogging", {"target_prefix": "BucketLoggingStatus.LoggingEnabled.TargetPrefix"}
    ),
    "aws_s3_bucket_ownership_controls": Call("s3", "PutBucketOwnershipControls", {"rule": "OwnershipControls.Rules"}),
    "aws_s3_bucket_policy": Call("s3", "PutBucketPolicy"),
    "aws_s3_bucket_server_side_encryption_configuration": Call(
        "s3", "PutBucketEncryption", {"rule": "ServerSideEncryptionConfiguration.Rules"}
    ),
    "aws_s3_bucket_versioning": Call("s3", "PutBucketVersioning"),
    "aws_scheduler_schedule": Call("scheduler", "CreateSchedule"),
    "aws_secretsmanager_secret": Call("secretsmanager", "CreateSecret"),
    "aws_secretsmanager_secret_rotation": Call("secretsmanager", "RotateSecret"),
    "aws_serverlessapplicationrepository_cloudformation_stack": Call(
        "serverlessrepo", "CreateCloudFormationChangeSet", {"name": "StackName"}
    ),
    "aws_sns_topic": Call("sns", "CreateTopic"),
    "aws_sns_topic_subscription": Call("sns", "Subscribe"),
    "aws_ssm_document": Call("ssm", "CreateDocument"),
    "aws_ssm_parameter": Call("ssm", "PutParameter"),
    "aws_vpc_endpoint": Call("ec2", "CreateVpcEndpoint"),
}

# Types whose values AWS's models do not limit, and why.
WITHOUT_LIMITS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "aws_default_security_group",
            "aws_eip",
            "aws_internet_gateway",
            "aws_nat_gateway",
            "aws_route",
            "aws_route_table",
            "aws_route_table_association",
            "aws_subnet",
            "aws_vpc",
        ),
        "identifiers and address ranges, which Terraform's provider checks",
    ),
    "aws_ebs_encryption_by_default": "a flag",
    "aws_s3_account_public_access_block": "flags",
    "aws_s3_bucket_public_access_block": "flags",
    "aws_secretsmanager_secret_version": "the value is not in the plan",
    "aws_security_group": "EC2's model limits no text; see documented_limits",
    "aws_sns_topic_policy": "an attribute of the topic as text; see documented_limits",
    "aws_vpc_security_group_egress_rule": "EC2's model limits no text; see documented_limits",
    "aws_vpc_security_group_ingress_rule": "EC2's model limits no text; see documented_limits",
    "terraform_data": "nothing of AWS",
}


def refusals(resources: Iterable[Resource]) -> list[str]:
    """Return a sentence for each value that AWS would refuse, and for each type of resource that nobody has mapped."""
    found = []
    for resource in resources:
        if call := CALLS.get(resource.type):
            found += [f"{resource.address}.{reason}" for reason in _held(call, resource.values)]
        elif resource.type not in WITHOUT_LIMITS:
            found.append(
                f"{resource.address} is held to no model; add {resource.type} to infra/check/service_models.py"
            )
    return found


def member(call: Call, attribute: str) -> Shape | None:
    """Return the shape that an attribute is held to, or None where the call has no member of that name.

    Raises:
        KeyError: `names` leads to a member that does not exist.
    """
    shape = _input(call.service, call.operation)
    if attribute not in call.names:
        return _named(shape, attribute)
    for step in call.names[attribute].split("."):
        shape = _named(shape.member if isinstance(shape, ListShape) else shape, step)
    if shape is None:
        raise KeyError(f"{call.operation} has no {call.names[attribute]}")
    return shape


def _held(call: Call, values: Mapping[str, Any]) -> Iterator[str]:
    for attribute, value in values.items():
        if value not in NOT_SENT and (shape := member(call, attribute)):
            yield from _against(shape, value, attribute)


def _against(shape: Shape, value: Any, place: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for block in value if isinstance(value, list) else [value]:
            for name, each in (block if isinstance(block, dict) else {}).items():
                if each not in NOT_SENT and (inner := _named(shape, name)):
                    yield from _against(inner, each, f"{place}.{name}")
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, place)
    elif isinstance(shape, ListShape):
        items = value if isinstance(value, list) else [value]
        yield from _range(shape, len(items), f"{place} has {len(items)} items")
        for item in items:
            if item is not None:
                yield from _against(shape.member, item, place)
    else:
        yield from _scalar(shape, value, place)


def _map(shape: MapShape, value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):  # blocks that bear their key as an attribute
        value = {next(each for name, each in block.items() if name.endswith("_map_id")): block for block in value}
    for key, each in value.items():
        yield from _scalar(shape.key, key, f"{place}: the name {key}")
        if each is not None:
            yield from _against(shape.value, each, f"{place}[{key}]")


def _scalar(shape: Shape, value: Any, place: str) -> Iterator[str]:
    if shape.type_name in ("integer", "long", "float", "double"):
        yield from _range(shape, float(value), f"{place} = {value}")
    if shape.type_name != "string":
        return
    text = str(value)
    yield from _range(shape, len(text), f"{place} has {len(text)} characters")
    if (allowed := shape.metadata.get("enum")) and text not in allowed:
        yield f"{place} = {text[:SHOWN]!r}; AWS takes {', '.join(allowed)[:300]}"
    if (pattern := shape.metadata.get("pattern")) and not _pattern(pattern).fullmatch(text):
        yield f"{place} = {text[:SHOWN]!r}; AWS takes {pattern}"


def _range(shape: Shape, size: float, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{what}; AWS takes {least} or more"
    if most is not None and size > most:
        yield f"{what}; AWS takes {most} or fewer"


def _named(shape: Shape | None, name: str) -> Shape | None:
    """Return the member of a structure that bears a name in whichever spelling; a list's own member is one as well."""
    if not isinstance(shape, StructureShape):
        return None
    wanted = _plain(name)
    return next((each for key, each in shape.members.items() if _plain(key) in (wanted, f"{wanted}s")), None)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


@cache
def _input(service: str, operation: str) -> Shape | None:
    return _session().get_service_model(service).operation_model(operation).input_shape


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _pattern(text: str) -> regex.Pattern[str]:
    """Compile a pattern of Java's, whose hyphen after a class inside brackets stands for itself.

    Glue writes a range of characters by the two halves that each of them has in UTF-16.
    """
    whole = text.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    return regex.compile(whole, regex.DOTALL | regex.VERSION0)
