"""The alarms wait for exactly what the platform sends: a name that differs would be an alarm that is always red."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from include.dump.restore import LoadReport
from include.freshness import metrics
from include.freshness.expectations import CRITICAL_DAYS, MONITORED
from infra.check.terraform import INFRA

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LOAD = LoadReport(1, 1, 1, 1.0, 0, {}, NOW.date(), (), ())
MONITORING = INFRA / "modules" / "monitoring"


def test_names_and_dimensions_are_those_that_are_sent() -> None:
    alarms = (MONITORING / "main.tf").read_text()
    waited_for = dict(
        re.findall(r'namespace = var\.metric_namespace, metric = "(\w+)", dimensions = \{ (.*) \}', alarms)
    )
    ages = {one.table: 0.1 for one in MONITORED}
    sent = {
        one["MetricName"]: {dimension["Name"]: dimension["Value"] for dimension in one["Dimensions"]}
        for one in metrics.publish_metrics(1, 1, "test", NOW)
        + metrics.age_metrics(ages, "test", NOW)
        + metrics.load_metrics(LOAD, "test", NOW)
    }
    assert waited_for == {
        "published": "Environment = var.name",
        "data_age_days": "Environment = var.name, Table = table",
        "load_undeclared_rejects": "Environment = var.name",
    }
    assert sent["load_undeclared_rejects"] == {"Environment": "gghouse-test"}
    assert sent["published"] == {"Environment": "gghouse-test"}
    assert sent["data_age_days"] == {"Environment": "gghouse-test", "Table": MONITORED[-1].table}


def test_names_are_made_of_the_same_parts() -> None:
    platform = (INFRA / "modules" / "platform" / "main.tf").read_text()
    assert re.search(r'name += "gghouse-\$\{var\.environment\}"', platform)
    assert f'metric_namespace = "{metrics.NAMESPACE}"' in platform


def test_i31_every_living_table_has_an_alarm_and_no_dead_one() -> None:
    variables = (MONITORING / "variables.tf").read_text()
    listed = re.findall(r'^    "(\w+\.\w+)",$', variables, re.MULTILINE)
    assert listed == [one.table for one in MONITORED]
    assert not [one.table for one in MONITORED if one.dead]


def test_the_alarm_and_the_watch_have_the_same_limit() -> None:
    variables = (MONITORING / "variables.tf").read_text()
    (limit,) = re.findall(r'variable "data_age_limit_days" \{.*?default += (\d+)', variables, re.DOTALL)
    assert float(limit) == CRITICAL_DAYS
