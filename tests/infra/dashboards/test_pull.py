from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import Stubber

from infra.dashboards import DASHBOARDS, DashboardError
from infra.dashboards.pull import dashboard_id, difference, pulled

NAME = "tokyo_map"


@pytest.fixture
def quicksight():
    return boto3.client("quicksight", region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")


def answer(quicksight, response):
    stub = Stubber(quicksight)
    stub.add_response(
        "describe_dashboard_definition",
        response,
        {"AwsAccountId": "123456789012", "DashboardId": "gghouse-dev-tokyo-map"},
    )
    stub.activate()
    return pulled(quicksight, "123456789012", dashboard_id("dev", NAME))


def deployed() -> dict:
    definition = json.loads((DASHBOARDS / f"{NAME}.json").read_text())
    declared = [{"Identifier": "executive_kpis", "DataSetArn": "arn:aws:quicksight:ap-northeast-1:1:dataset/x"}]
    return {"DataSetIdentifierDeclarations": declared, **definition}


def test_what_was_deployed_is_no_difference(quicksight):
    # QuickSight answers with empty lists where nothing was said
    definition = deployed() | {"StaticFiles": []}
    assert difference(NAME, answer(quicksight, {"Definition": definition})) == []


def test_a_title_changed_in_the_console_is_a_difference_of_one_line(quicksight):
    definition = deployed()
    definition["Sheets"][0]["Name"] = "稼働 by hand"
    changed = difference(NAME, answer(quicksight, {"Definition": definition}))
    assert [line for line in changed if line.startswith(("+ ", "- "))] == [
        '-   "Name": "稼働率 Occupancy",',
        '+   "Name": "稼働 by hand",',
    ]


def test_a_definition_that_quicksight_cannot_give_says_why(quicksight):
    errors = [{"Type": "DATA_SET_NOT_FOUND", "Message": "data set new_contracts is gone"}]
    with pytest.raises(DashboardError, match="new_contracts is gone"):
        answer(quicksight, {"Errors": errors})


def test_ids_are_those_of_terraform():
    assert dashboard_id("prod", "executive_summary", "export") == "gghouse-prod-executive-summary-export"
