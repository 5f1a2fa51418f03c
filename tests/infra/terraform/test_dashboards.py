"""The stacks of the dashboards and profiles are what CloudFormation's own schemas know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra.check import plan_rules
from infra.check.fake_aws import STACKS, fake_aws
from infra.check.terraform import INFRA, Workspace, unavailable
from infra.local.database import free_port

REGION = "ap-northeast-1"
MODULE = INFRA / "modules" / "quicksight"


def denied(profile: str) -> set[str]:
    """Return the capabilities that a profile denies."""
    (listed,) = re.findall(
        rf"^    {profile} = \[(.*?)\]", (MODULE / "dashboards.tf").read_text(), re.MULTILINE | re.DOTALL
    )
    return set(re.findall(r'"(\w+)"', listed))


def test_who_may_only_look_is_denied_every_export_that_quicksight_knows() -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, "AWS::QuickSight::CustomPermissions").schema
    known = set(schema["definitions"]["Capabilities"]["properties"])
    ways_out = {name for name in known if name.startswith(("Export", "Print")) or "ScheduledReports" in name}
    assert len(ways_out) >= 8
    assert denied("look") == ways_out
    assert denied("export") < known - ways_out


@pytest.mark.infra
def test_cloudformation_knows_every_property(tmp_path: Path) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    with fake_aws(tmp_path, free_port()) as login:
        workspace = Workspace.copy(tmp_path, login)
        workspace.init(STACKS)
        stacks = plan_rules.resources(workspace.plan(STACKS))
    assert stacks
    for stack in stacks:
        found = lint(stack.values["template_body"], config=ManualArgs(regions=[REGION]))
        assert [str(match) for match in found] == [], stack.address
        (dashboard,) = yaml.safe_load(stack.values["template_body"])["Resources"].values()
        (name,) = re.findall(r'\["(\w+)/', stack.address)
        (definition,) = (MODULE / "dashboards").rglob(f"{name}.json")
        assert dashboard["Properties"]["Definition"]["Sheets"] == json.loads(definition.read_text())["Sheets"]
