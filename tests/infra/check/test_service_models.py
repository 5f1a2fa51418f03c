"""Values are held to AWS's own models, and a type of resource that nobody has mapped is named."""

from __future__ import annotations

from typing import Any

import pytest

from infra.check import service_models
from infra.check.plan_rules import Resource


def refused(kind: str, **values: Any) -> list[str]:
    return service_models.refusals([Resource(f"{kind}.it", kind, values, {})])


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("aws_mwaa_environment", {"airflow_configuration_options": {"gghouse.it": ""}}, "has 0 characters"),
        ("aws_mwaa_environment", {"airflow_configuration_options": {"gghouse.it": "値"}}, "AWS takes [ -~]+"),
        ("aws_mwaa_environment", {"airflow_configuration_options": {"g" * 65: "1"}}, "AWS takes 64 or fewer"),
        ("aws_mwaa_environment", {"airflow_configuration_options": {"gghouse.It": "1"}}, "the name gghouse.It"),
        ("aws_mwaa_environment", {"webserver_access_mode": "OPEN"}, "AWS takes PRIVATE_ONLY, PUBLIC_ONLY"),
        ("aws_mwaa_environment", {"weekly_maintenance_window_start": "MON:05:15"}, "'MON:05:15'; AWS takes"),
        ("aws_mwaa_environment", {"schedulers": 6}, "schedulers = 6; AWS takes 5 or fewer"),
        (
            "aws_mwaa_environment",
            {"logging_configuration": [{"task_logs": [{"enabled": True, "log_level": "NOTICE"}]}]},
            "logging_configuration.task_logs.log_level = 'NOTICE'",
        ),
        (
            "aws_mwaa_environment",
            {"network_configuration": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}]},
            "subnet_ids has 1 items; AWS takes 2 or more",
        ),
        ("aws_iam_role", {"name": "a" * 65}, "name has 65 characters"),
        ("aws_iam_role", {"description": "記述"}, "description = '記述'"),
        ("aws_cloudwatch_metric_alarm", {"alarm_description": "a" * 1025}, "1025 characters; AWS takes 1024"),
        ("aws_cloudwatch_metric_alarm", {"alarm_actions": ["arn"] * 6}, "has 6 items; AWS takes 5"),
        ("aws_cloudwatch_metric_alarm", {"statistic": "Median"}, "'Median'"),
        ("aws_cloudwatch_log_group", {"name": "logs of it"}, "'logs of it'"),
        (
            "aws_secretsmanager_secret_rotation",
            {"rotation_rules": [{"duration": "120m"}]},
            "rotation_rules.duration",
        ),
        (
            "aws_secretsmanager_secret_rotation",
            {"rotation_rules": [{"schedule_expression": "every month!"}]},
            "rotation_rules.schedule_expression",
        ),
        ("aws_budgets_budget", {"name": "a:b"}, "name = 'a:b'"),
        ("aws_kms_alias", {"name": "alias/a b"}, "'alias/a b'"),
        ("aws_cloudwatch_event_rule", {"name": "daily reminder"}, "'daily reminder'"),
        ("aws_scheduler_schedule", {"name": "daily reminder"}, "'daily reminder'"),
        (
            "aws_s3_bucket_lifecycle_configuration",
            {"rule": [{"status": "On", "transition": [{"storage_class": "GLACIER"}]}]},
            "rule.status = 'On'",
        ),
        ("aws_quicksight_data_set", {"data_set_id": "a", "name": "a" * 129}, "name has 129 characters"),
        (
            "aws_quicksight_data_set",
            {"physical_table_map": [{"physical_table_map_id": "a b", "relational_table": []}]},
            "the name a b",
        ),
    ],
)
def test_what_aws_would_refuse_is_named(kind: str, values: dict[str, Any], says: str) -> None:
    assert any(says in sentence for sentence in refused(kind, **values))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_mwaa_environment", {"name": "gghouse-prod", "airflow_configuration_options": {"gghouse.it": "1"}}),
        ("aws_mwaa_environment", {"plugins_s3_path": "", "airflow_configuration_options": None}),
        ("aws_quicksight_data_set", {"column_groups": []}),
        ("aws_cloudwatch_metric_alarm", {"period": 0, "metric_query": [{"id": "clock", "period": 0}]}),
        ("aws_vpc", {"cidr_block": "10.0.0.0/16"}),
    ],
)
def test_what_aws_takes_passes(kind: str, values: dict[str, Any]) -> None:
    assert refused(kind, **values) == []


def test_a_type_that_nobody_has_mapped_is_named() -> None:
    assert refused("aws_wafv2_web_acl") == [
        "aws_wafv2_web_acl.it is held to no model; add aws_wafv2_web_acl to infra/check/service_models.py"
    ]


@pytest.mark.parametrize("kind", sorted(service_models.CALLS))
def test_every_name_leads_to_a_member(kind: str) -> None:
    call = service_models.CALLS[kind]
    assert all(service_models.member(call, attribute) for attribute in call.names)
    assert kind not in service_models.WITHOUT_LIMITS
