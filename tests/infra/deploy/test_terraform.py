"""The deploy and Terraform agree: names, paths, and what the CI's role may do."""

from __future__ import annotations

import inspect
import re
from fnmatch import fnmatch

import pytest

from include.airflow_api import MwaaAirflow
from infra.bundle import PROJECT
from infra.deploy.__main__ import REGION
from infra.deploy.environment import PARAMETERS
from infra.deploy.release import DAGS, VERSIONED
from infra.deploy.ship import deploy, rollback
from tests.infra.deploy.world import World

MODULES = PROJECT / "infra" / "modules"
ACTIONS = {
    "CopyObject": ("s3:GetObject", "s3:PutObject"),
    "DeleteObject": ("s3:DeleteObject",),
    "GetObject": ("s3:GetObject",),
    "HeadObject": ("s3:GetObject",),
    "ListObjectsV2": ("s3:ListBucket",),
    "PutObject": ("s3:PutObject",),
}
FOR_AWS_ITSELF = {
    "iam:PassRole": "an update hands the execution role over again",
    "kms:Decrypt": "S3 decrypts in the caller's name",
    "kms:GenerateDataKey": "S3 encrypts in the caller's name",
    "s3:GetEncryptionConfiguration": "MWAA looks in the caller's name",
    "s3:GetObjectVersion": "MWAA looks in the caller's name",
}
"""What no command calls, and why it is allowed."""


def read(*path: str) -> str:
    return PROJECT.joinpath("infra", *path).read_text()


def test_paths_are_those_of_the_environment() -> None:
    variables = read("modules", "mwaa", "variables.tf")
    default = re.search(r'variable "dag_s3_path" \{[^}]*default +=\s*"(\w+)"', variables)
    assert default
    assert f"{default[1]}/" == DAGS
    ignored = re.search(r"ignore_changes = \[(.*?)\]", read("modules", "mwaa", "main.tf"), re.DOTALL)
    assert ignored
    parameters = [name for pair in PARAMETERS.values() for name in pair]
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in parameters}
    assert names | {"dag_s3_path"} == set(re.findall(r"\w+", ignored[1])), "else Terraform takes a release back"
    assert tuple(PARAMETERS) == VERSIONED


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_names_are_those_of_terraform(environment: str) -> None:
    # That the commands look for gghouse-dev-mwaa-<account>, test_command_line.py shows.
    assert '"gghouse-${var.environment}"' in read("modules", "platform", "main.tf")
    assert '"${var.name}-${role}-${local.account}"' in read("modules", "storage", "main.tf")
    assert re.findall(r'region +=\s*"(.*)"', read("environments", environment, "versions.tf"))[-1] == REGION
    assert re.search(rf'environment +=\s*"{environment}"', read("environments", environment, "main.tf"))


def test_the_role_of_ci_may_do_what_the_commands_call_and_nothing_else(world: World) -> None:
    for number in (1, 2):
        deploy(world.target, world.bundle(number, {f"dags/include/new_{number}.py": "x"}), apply=True)
    rollback(world.target, apply=True)
    world.target.bucket.folders("releases/")
    called = {(action, key) for call, key in world.calls for action in ACTIONS[call]}
    source = read("deploy", "environment.py") + inspect.getsource(MwaaAirflow)
    names = re.findall(r"self\.(?:mwaa|_client)\.(\w+)\(", source)
    called |= {(f"airflow:{name.title().replace('_', '')}", "") for name in names}

    allowed: dict[str, list[str]] = {}
    policy = read("modules", "deploy_role", "main.tf").split('"deploy" {')[-1]
    for actions, resources in re.findall(r"actions +=\s*\[(.*?)\]\n +resources =\s*\[(.*?)\]", policy):
        for action in re.findall(r'"(.*?)"', actions):
            allowed.setdefault(action, []).extend(re.findall(r'mwaa_bucket\}/?(.*?)"', resources))

    assert "role/${var.name}/Op" in policy, "as viewer it could not make the pools"
    assert set(allowed) == {action for action, _ in called} | set(FOR_AWS_ITSELF)
    forbidden = {
        (action, key)
        for action, key in called
        if action.startswith("s3:") and key and not any(fnmatch(key, pattern) for pattern in allowed[action])
    }
    assert forbidden == set()
