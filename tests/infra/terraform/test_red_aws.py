"""The check goes red for what AWS, and neither Terraform nor moto, would have refused or let go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.check import matrix, module_tests
from infra.check.fake_aws import STATE_BUCKET, fake_aws
from infra.check.terraform import Workspace, unavailable
from infra.local.database import free_port

pytestmark = pytest.mark.infra

MWAA = "modules/mwaa/main.tf"
NETWORK = "modules/networking/main.tf"
# File, what stands there as a pattern, the mistake, and the sentence that names it.
MISTAKES = {
    "a group that forgets the admin": (
        NETWORK,
        r"\n +admin_to_endpoints += .*",
        "",
        "admin does not reach secretsmanager",
    ),
    "an apostrophe": (
        NETWORK,
        r'(admin +=) "',
        r"""\1 "The admin's """,
        'aws_security_group.this["admin"].description',
    ),
    "auto minor upgrade": (
        "modules/aurora/main.tf",
        r"(auto_minor_version_upgrade +=) false",
        r"\1 true",
        "out of long-term support",
    ),
    "a rotation without a window": (
        "modules/secrets/main.tf",
        r'\n +schedule_expression += .*\n +duration += "2h"',
        r"\n    automatically_after_days = 30",
        "rotates at any hour",
    ),
    "a log group that MWAA makes": (MWAA, '"Scheduler", "Task", ', '"Scheduler", ', "airflow-gghouse-prod-Task itself"),
    "a log group that never expires": (NETWORK, r"(retention_in_days +=) 30", r"\1 0", "flow keeps its logs for ever"),
    "a role without docs": (MWAA, r'(resources = \[for prefix in \[)"docs", "dumps"', r'\1"dumps"', "read docs/*"),
    "a window that MWAA does not know": (MWAA, '"MON:05:00"', '"MON:05:15"', "weekly_maintenance_window_start"),
    "a look too far back": ("modules/monitoring/main.tf", r"periods = 25\b", "periods = 250", "looks back 900,000 s"),
    "a public web server": (
        "modules/platform/main.tf",
        r"var\.mwaa\.webserver_access_mode",
        '"PUBLIC_ONLY"',
        "public web server",
    ),
}


def make(workspace: Workspace, file: str, right: str, wrong: str) -> None:
    source = workspace.infra / file
    text, count = re.subn(right, wrong, source.read_text())
    assert count == 1, f"{file} does not hold {right!r} exactly once"
    source.write_text(text)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A copy of the source that leads to a stand-in for AWS."""
    if reason := unavailable():
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp("aws")
    with fake_aws(directory, free_port()) as login:
        yield Workspace.copy(directory, login)


@pytest.fixture(scope="module")
def found(workspace: Workspace) -> list[str]:
    """What is found in a plan of production with all mistakes, made after its network stands."""
    where = "environments/prod"
    workspace.init(where, f"-backend-config=bucket={STATE_BUCKET}")
    matrix.make_network(workspace, where)
    for file, right, wrong, _ in MISTAKES.values():
        make(workspace, file, right, wrong)
    return matrix.faults(workspace.plan(where, "-refresh=false", "-var=rotation_enabled=true"))


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_named(found: list[str], mistake: str) -> None:
    *_, says = MISTAKES[mistake]
    assert any(says in sentence for sentence in found), found


def test_an_empty_option_is_named_although_the_module_asserts_nothing(workspace: Workspace, tmp_path: Path) -> None:
    workspace = Workspace.copy(tmp_path, workspace.environment)
    make(workspace, MWAA, r' if value != "" \}', " }")
    tests = workspace.infra / "modules/mwaa/tests/mwaa.tftest.hcl"
    head, *_ = tests.read_text().partition('\nrun "')
    tests.write_text(head + '\nrun "defaults" {\n  variables {\n    quicksight_dataset_ids = []\n  }\n}\n')
    workspace.init("modules/mwaa")
    runs, refused = module_tests.run(workspace, "mwaa")
    assert runs == 1
    option = "aws_mwaa_environment.this.airflow_configuration_options[gghouse.quicksight_datasets]"
    assert f"{option} has 0 characters; AWS takes 1 or more" in refused
