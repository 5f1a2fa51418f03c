"""What of the workflow and the commit hooks can be checked without GitHub: they name what is there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.deploy.__main__ import ENVIRONMENTS

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOW = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text())
HOOKS = [
    hook
    for repo in yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repo["hooks"]
]


def jobs() -> dict[str, Any]:
    return WORKFLOW["jobs"]


def runs(job: str) -> list[str]:
    return [step["run"] for step in jobs()[job]["steps"] if "run" in step]


def test_its_commands_are_those_of_the_makefile_and_of_ci() -> None:
    targets = set(re.findall(r"^([a-z0-9.-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {name for job in jobs() for run in runs(job) for name in re.findall(r"\bmake ([a-z-]+)", run)}
    assert named == {"bundle", "check-infra", "deploy"}
    assert named <= targets
    assert ".ci/run" in runs("test")
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)


def test_it_deploys_only_by_hand_from_main_after_everything_else() -> None:
    condition = jobs()["deploy"]["if"]
    assert "github.event_name == 'workflow_dispatch'" in condition
    assert "github.ref == 'refs/heads/main'" in condition
    assert set(jobs()["deploy"]["needs"]) == set(jobs()) - {"deploy"}
    assert (
        WORKFLOW[True]["workflow_dispatch"]["inputs"]["environment"]["options"] == ENVIRONMENTS
    )  # YAML reads on: true


def test_only_the_deploy_gets_credentials_and_through_the_environment_that_the_role_trusts() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs().items() if "permissions" in job or "environment" in job] == ["deploy"]
    assert jobs()["deploy"]["environment"] == "${{ inputs.environment }}"
    trust = (PROJECT / "infra" / "modules" / "deploy_role" / "main.tf").read_text()
    assert '["repo:${var.repository}:environment:${var.environment}"]' in trust


def test_every_job_ends_and_no_checkout_leaves_a_token_behind() -> None:
    for job in jobs().values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_its_terraform_is_one_that_the_modules_take() -> None:
    [setup] = [step for step in jobs()["infrastructure"]["steps"] if "setup-terraform" in step.get("uses", "")]
    assert tuple(map(int, setup["with"]["terraform_version"].split("."))) >= (1, 11)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_program_of_the_locked_environment(hook: dict[str, Any]) -> None:
    assert hook["language"] in ("system", "pygrep")  # others fetch what no lock holds
    if program := re.match(r"\.venv/bin/(\S+)", hook["entry"]):
        assert Path(sys.executable).with_name(program[1]).exists()
