"""What of the workflow and the commit hooks can be checked without GitHub: they name what is there."""

from __future__ import annotations

import os
import re
import subprocess
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


def test_only_plan_and_deploy_get_credentials_and_only_as_their_roles_trust() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs().items() if "permissions" in job] == ["plan", "deploy"]
    assert [name for name, job in jobs().items() if "environment" in job] == ["deploy"]
    assert jobs()["deploy"]["environment"] == "${{ inputs.environment }}"
    trust = (PROJECT / "infra" / "modules" / "deploy_role" / "main.tf").read_text()
    assert '["repo:${var.repository}:environment:${var.environment}"]' in trust


def test_it_plans_what_was_merged_as_a_role_that_terraform_makes() -> None:
    plan = jobs()["plan"]
    assert plan["if"] == "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'"
    assert plan["strategy"]["matrix"]["environment"] == ENVIRONMENTS
    role = (PROJECT / "infra" / "modules" / "deploy_role" / "plan.tf").read_text()
    assert '["repo:${var.repository}:ref:refs/heads/main"]' in role
    [login] = [step for step in plan["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert 'name                 = "${var.name}-plan"' in role
    assert login["with"]["role-to-assume"].endswith(":role/gghouse-${{ matrix.environment }}-plan")
    [terraform] = [run for run in runs("plan") if "terraform plan" in run]
    assert "gghouse-tfstate-$ACCOUNT" in terraform
    assert 'state_bucket = "gghouse-tfstate-${local.account}"' in role
    bootstrap = (PROJECT / "infra" / "modules" / "bootstrap" / "main.tf").read_text()
    assert 'bucket = "${var.name}-tfstate-${data.aws_caller_identity.current.account_id}"' in bootstrap
    assert 'name = "gghouse"' in (PROJECT / "infra" / "environments" / "bootstrap" / "main.tf").read_text()


def test_a_plan_neither_refreshes_nor_locks_for_its_role_may_neither() -> None:
    [terraform] = [run for run in runs("plan") if "terraform plan" in run]
    assert {"-refresh=false", "-lock=false", "-input=false"} <= set(terraform.split())
    assert "apply" not in " ".join(runs("plan"))


@pytest.mark.parametrize(
    ("values", "account"),
    [('account_id            = "123456789012" # ours\n', "id=123456789012\n"), ("", "id=\n"), (None, "")],
)
def test_it_finds_the_account_in_the_committed_values(tmp_path: Path, values: str | None, account: str) -> None:
    folder = tmp_path / "infra" / "environments" / "dev"
    folder.mkdir(parents=True)
    if values is not None:
        (folder / "terraform.tfvars").write_text(values)
    [step] = [step for step in jobs()["plan"]["steps"] if step.get("id") == "account"]
    output = tmp_path / "output"
    output.touch()
    environment = {**os.environ, "ENV": "dev", "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=environment, check=True)
    assert output.read_text() == account


def test_every_job_ends_and_no_checkout_leaves_a_token_behind() -> None:
    for job in jobs().values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_its_terraform_is_one_that_the_modules_take() -> None:
    for job in ("infrastructure", "plan"):
        [setup] = [step for step in jobs()[job]["steps"] if "setup-terraform" in step.get("uses", "")]
        assert tuple(map(int, setup["with"]["terraform_version"].split("."))) >= (1, 11)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_program_of_the_locked_environment(hook: dict[str, Any]) -> None:
    assert hook["language"] in ("system", "pygrep")  # others fetch what no lock holds
    if program := re.match(r"\.venv/bin/(\S+)", hook["entry"]):
        assert Path(sys.executable).with_name(program[1]).exists()
