"""A definition held to AWS's own models: botocore's parameters and CloudFormation's schema of the resource."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator

Json = dict[str, Any]
REGION = "ap-northeast-1"
RESOURCE = "AWS::QuickSight::Dashboard"
ARN = "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/gghouse-dev-"


def with_declarations(definition: Json, tables: list[str]) -> Json:
    """Return the definition as Terraform deploys it, with an example ARN for each data set."""
    declared = [{"Identifier": table, "DataSetArn": f"{ARN}{table}"} for table in tables]
    return {"DataSetIdentifierDeclarations": declared, **definition}


def faults(definition: Json) -> list[str]:
    """Return what botocore and CloudFormation say against a complete definition."""
    return [*_botocore(definition), *_cloudformation(definition)]


def _botocore(definition: Json) -> list[str]:
    model = botocore.session.get_session().get_service_model("quicksight")
    report = ParamValidator().validate(definition, model.shape_for("DashboardVersionDefinition"))
    return [f"botocore: {line}" for line in report.generate_report().splitlines()]


def _cloudformation(definition: Json) -> list[str]:
    properties = {
        "AwsAccountId": "123456789012",
        "DashboardId": "gghouse-dev-example",
        "Name": "Example",
        "Definition": definition,
    }
    found = []
    for error in _validator().iter_errors(properties):
        place = ".".join(str(part) for part in error.absolute_path)
        found.append(f"CloudFormation: {place}: {error.message[:300]}")
    return found


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, RESOURCE).schema)
