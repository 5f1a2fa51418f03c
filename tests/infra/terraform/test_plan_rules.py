"""Each rule of the plan's policy is green on what is right and red on what is wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.check import plan_rules
from infra.check.terraform import INFRA

TAGS = {"Project": "gghouse", "Environment": "prod", "Owner": "data-platform", "ManagedBy": "terraform"}


def plan(kind: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    change = {"after": {"tags_all": TAGS, **values}, "after_unknown": {}}
    return {"resource_changes": [{"address": f"{kind}.it", "mode": mode, "type": kind, "change": change}]}


def document(**statement: Any) -> dict[str, Any]:
    return plan("aws_iam_policy_document", {"statement": [statement]}, mode="data")


PROFILE_KEY = "bedrock:InferenceProfileArn"


def asks(resource: str, *conditions: str) -> dict[str, Any]:
    condition = [{"variable": name} for name in conditions]
    return document(actions=["bedrock:InvokeModel"], resources=[resource], condition=condition)


def dashboard(
    option: str = "DISABLED", folder: str = "view", mode: str = "STRICT", ascii_only: bool = True, **more: Any
) -> dict[str, Any]:
    properties = {
        "DashboardPublishOptions": {"ExportToCSVOption": {"AvailabilityStatus": option}},
        "FolderArns": [f"arn:aws:quicksight:ap-northeast-1:123456789012:folder/gghouse-prod-{folder}"],
        "ValidationStrategy": {"Mode": mode},
        **more,
    }
    body = {"Resources": {"Dashboard": {"Type": "AWS::QuickSight::Dashboard", "Properties": properties}}}
    return plan("aws_cloudformation_stack", {"template_body": "---\n" + json.dumps(body, ensure_ascii=ascii_only)})


def data_set(*columns: str) -> dict[str, Any]:
    table = {"relational_table": [{"input_columns": [{"name": name, "type": "STRING"} for name in columns]}]}
    return plan("aws_quicksight_data_set", {"physical_table_map": [table]})


ALARM = {"treat_missing_data": "breaching", "metric_name": "published", "alarm_actions": ["topic"]}
CLUSTER = {
    "storage_encrypted": True,
    "kms_key_id": "key",
    "deletion_protection": True,
    "skip_final_snapshot": False,
    "backup_retention_period": 7,
}


LTS = "8.0.mysql_aurora.3.10.3"


def instance(version: str, upgrades: bool | None) -> dict[str, Any]:
    values = {"publicly_accessible": False, "engine_version": version, "auto_minor_version_upgrade": upgrades}
    return plan("aws_rds_cluster_instance", values)


def rotation(**rules: Any) -> dict[str, Any]:
    return plan("aws_secretsmanager_secret_rotation", {"rotation_rules": [rules]})


def reads(*prefixes: str | None, environment: str = "PRIVATE_ONLY", asked: str | None = None) -> dict[str, Any]:
    """An Airflow environment without logs, whose role reads some prefixes of the data bucket."""
    resources = [prefix and f"arn:aws:s3:::data/{prefix}/*" for prefix in prefixes]
    read = {"statement": [{"actions": ["s3:GetObject"], "resources": resources}]}
    values = {
        "webserver_access_mode": environment,
        "kms_key": "key",
        "logging_configuration": [{block: [{"enabled": False}] for block in plan_rules.MWAA_LOGS}],
        "tags_all": TAGS,
    }
    return {
        "variables": {"webserver_access_mode": {"value": asked}} if asked else {},
        "resource_changes": [
            {
                "address": "module.platform.module.mwaa.aws_mwaa_environment.this",
                "mode": "managed",
                "type": "aws_mwaa_environment",
                "change": {"after": values, "after_unknown": {}},
            },
            {
                "address": "module.platform.module.mwaa.data.aws_iam_policy_document.execution",
                "mode": "data",
                "type": "aws_iam_policy_document",
                "change": {"after": read, "after_unknown": {}},
            },
        ],
    }


def mwaa_that_logs() -> dict[str, Any]:
    logging = [{block: [{"enabled": block == "task_logs"}] for block in plan_rules.MWAA_LOGS}]
    values = {"name": "it", "webserver_access_mode": "PRIVATE_ONLY", "kms_key": "k", "logging_configuration": logging}
    return plan("aws_mwaa_environment", values)


READS = sorted(plan_rules.READ_PREFIXES)
KEYED = {"kms_key_id": "key"}


@pytest.mark.parametrize(
    "right",
    [
        document(actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"]),
        document(actions=["cloudwatch:PutMetricData"], resources=["*"]),
        document(actions=["s3:*"], effect="Deny", resources=["*"], principals=[{"identifiers": ["*"]}]),
        document(actions=["kms:*"], resources=["*"], principals=[{"identifiers": ["arn:aws:iam::1:root"]}]),
        asks("arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/jp.anthropic.it-v1:0"),
        asks("arn:aws:bedrock:ap-northeast-3::foundation-model/anthropic.it-v1:0", PROFILE_KEY),
        plan("aws_cloudwatch_metric_alarm", ALARM),
        plan(
            "aws_cloudwatch_metric_alarm", ALARM | {"metric_name": "DAGDurationFailed", "treat_missing_data": "missing"}
        ),
        plan("aws_rds_cluster", CLUSTER),
        plan("aws_rds_cluster_instance", {"publicly_accessible": False}),
        plan("aws_route", {"tags_all": None}),
        dashboard(),
        dashboard(Name="稼働"),
        dashboard("ENABLED", "export"),
        plan("aws_cloudformation_stack", {"template_body": '{"Resources": {}}'}),
        data_set("apartment_name", "municipality", "occupied_rooms"),
        instance(LTS, upgrades=False),
        instance("8.0.mysql_aurora.3.09.1", upgrades=True),
        rotation(schedule_expression="cron(0 4 1 * ? *)", duration="2h"),
        reads(*READS),
        reads(*READS, environment="PUBLIC_ONLY", asked="PUBLIC_ONLY"),
        reads("docs", None),
        plan("aws_cloudwatch_log_group", KEYED | {"name": "it", "retention_in_days": 30}),
        plan("aws_vpc_endpoint", {"policy": '{"Statement":{"Effect":"Allow","Action":"*","Principal":"*"}}'}),
    ],
)
def test_what_is_right_passes(right: dict[str, Any]) -> None:
    assert plan_rules.violations(right) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (document(actions=["*"], resources=["arn:aws:s3:::b"]), "allows *;"),
        (document(actions=["s3:*"], resources=["arn:aws:s3:::b"]), "allows s3:*"),
        (document(actions=["kms:*"], resources=["*"]), "allows kms:*"),
        (document(actions=["s3:GetObject"], resources=["*"]), "on every resource"),
        (document(actions=["s3:GetObject"], resources=["a"], principals=[{"identifiers": ["*"]}]), "everybody"),
        (plan("aws_iam_role_policy", {"policy": '{"Statement":{"Effect":"Allow","Action":"*"}}'}), "allows *;"),
        (plan("aws_rds_cluster_instance", {"publicly_accessible": True}), "is public"),
        (reads(*READS, environment="PUBLIC_ONLY"), "public web server"),
        (reads(*READS, environment="PUBLIC_ONLY", asked="PRIVATE_ONLY"), "public web server"),
        (instance(LTS, upgrades=True), "out of long-term support"),
        (instance("8.0.mysql_aurora.3.04.4", upgrades=None), "out of long-term support"),
        (rotation(automatically_after_days=30), "rotates at any hour"),
        (rotation(schedule_expression="rate(30 days)", duration="2h"), "rotates at any hour"),
        (rotation(schedule_expression="cron(0 4 1 * ? *)"), "rotates at any hour"),
        (rotation(schedule_expression="cron(0 22 1 * ? *)", duration="1h"), "rotates in the morning"),
        (rotation(schedule_expression="cron(30 16 1 * ? *)", duration="4h"), "rotates in the morning"),
        (rotation(schedule_expression="cron(0 4 1 * ? *)", duration="24h"), "rotates in the morning"),
        (reads(*READS[1:]), f"cannot read {READS[0]}/*"),
        (reads(*(prefix for prefix in READS if prefix != "docs")), "cannot read docs/*"),
        (plan("aws_cloudwatch_log_group", KEYED | {"retention_in_days": 0}), "keeps its logs for ever"),
        (mwaa_that_logs(), "would make the log group airflow-it-Task itself"),
        (
            plan(
                "aws_rds_cluster", CLUSTER | {"cluster_identifier": "it", "enabled_cloudwatch_logs_exports": ["error"]}
            ),
            "would make the log group /aws/rds/cluster/it/error itself",
        ),
        (
            plan(
                "aws_serverlessapplicationrepository_cloudformation_stack",
                {"parameters": {"functionName": "it-rotation"}},
            ),
            "would make the log group /aws/lambda/it-rotation itself",
        ),
        (plan("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0"}), "whole internet"),
        (plan("aws_subnet", {"map_public_ip_on_launch": True}), "public addresses"),
        (plan("aws_s3_bucket", {}), "each needs its own"),
        (plan("aws_sns_topic", {}), "no key of ours"),
        (plan("aws_rds_cluster", CLUSTER | {"storage_encrypted": False}), "is not encrypted"),
        (plan("aws_rds_cluster", CLUSTER | {"deletion_protection": False}), "can be deleted"),
        (plan("aws_rds_cluster", CLUSTER | {"backup_retention_period": 1}), "less than 7 days"),
        (plan("aws_rds_cluster_parameter_group", {"parameter": []}), "require_secure_transport"),
        (plan("aws_quicksight_data_source", {"ssl_properties": [{"disable_ssl": True}]}), "without TLS"),
        (plan("aws_cloudwatch_metric_alarm", ALARM | {"treat_missing_data": "missing"}), "ignores missing data"),
        (plan("aws_cloudwatch_metric_alarm", ALARM | {"alarm_actions": []}), "has no action"),
        (plan("aws_secretsmanager_secret", {"kms_key_id": "k", "recovery_window_in_days": 0}), "gone at once"),
        (dashboard("ENABLED"), "lets readers export who may only look"),
        (dashboard("ENABLED", "export", FolderArns=[]), "lets readers export who may only look"),
        (dashboard(DashboardPublishOptions={}), "lets readers export who may only look"),
        (dashboard(mode="LENIENT"), "is not validated"),
        (dashboard(Name="稼働", ascii_only=False), "would not give back"),
        (dashboard(Name="室" * 7_500), "bytes; stay below 45,000"),
        (plan("aws_cloudformation_stack", {"template_body": None}), "hides its template"),
        (asks("arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/global.it"), "lets names leave Japan by"),
        (asks("arn:aws:bedrock:us-east-1::foundation-model/it", PROFILE_KEY), "lets names leave Japan by"),
        (asks("arn:aws:bedrock:ap-northeast-3::foundation-model/*", PROFILE_KEY), "lets names leave Japan by"),
        (asks("arn:aws:bedrock:ap-northeast-3::foundation-model/it"), "past its profile; add bedrock:Inference"),
        (data_set("contract_id", "room_number"), "has the column room_number"),
        (plan("aws_eip", {"tags_all": {"Project": "gghouse"}}), "lacks the tag Environment, ManagedBy, Owner"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], says: str) -> None:
    assert any(says in sentence for sentence in plan_rules.violations(wrong))


def test_what_is_not_known_yet_is_no_violation() -> None:
    waiting = plan("aws_sns_topic", {})
    waiting["resource_changes"][0]["change"]["after_unknown"] = {"kms_master_key_id": True}
    assert plan_rules.encrypted(waiting) == []


def test_the_exceptions_for_missing_data_are_those_of_the_alarms() -> None:
    alarms = (INFRA / "modules" / "monitoring" / "main.tf").read_text()
    excepted = re.findall(r'metric = "(\w+)"[^\n]*\n[^\n]*missing = "(?!breaching)', alarms)
    assert set(excepted) == plan_rules.SILENCE_IS_GOOD.keys()
