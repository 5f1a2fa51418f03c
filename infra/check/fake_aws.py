"""Apply an environment to a stand-in for AWS (moto), look at it again, and take it down.

moto knows no MWAA, no serverless repository, no composite alarms and no budgets, and its QuickSight gives timestamps
the provider cannot read. Those resources are planned and held to the policy, but not applied. The stacks of the
dashboards are applied by themselves (STACKS): moto takes the templates and makes no dashboards of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.check.terraform import FAKE_LOGIN, Workspace

START_SECONDS = 30
STATE_BUCKET = "state"
# The dashboards' stacks without the rest of QuickSight.
STACKS = "modules/quicksight/dashboards/tests/stacks"

NOT_IN_MOTO = frozenset(
    {
        "aws_budgets_budget",
        "aws_cloudwatch_composite_alarm",
        "aws_mwaa_environment",
        "aws_quicksight_account_subscription",
        "aws_s3_account_public_access_block",  # its SDK puts the account before the host name of the stand-in
        "aws_secretsmanager_secret_rotation",  # needs the function that the serverless repository would make
        "aws_serverlessapplicationrepository_cloudformation_stack",
    }
)
KNOWN_FALSE_DIFFERENCES = {  # what a second plan against moto wants to change, and AWS would not
    ("aws_rds_cluster", "scaling_configuration"): "moto answers with that of serverless v1, which nobody asked for",
    ("aws_rds_cluster_instance", "performance_insights_enabled"): "moto does not keep it",
    ("aws_rds_cluster_instance", "performance_insights_retention_period"): "moto does not keep it",
    ("aws_vpc_security_group_egress_rule", "description"): "moto keeps it only from the second time on",
    ("aws_vpc_security_group_ingress_rule", "description"): "moto keeps it only from the second time on",
}


class DriftError(AssertionError):
    """A second plan wants to change what the first apply has just made; the message names the attributes."""


@contextlib.contextmanager
def fake_aws(directory: Path, port: int) -> Iterator[dict[str, str]]:
    """Run a moto server and yield the environment variables that lead the provider to it.

    Args:
        directory: where its log goes.
        port: free TCP port on loopback.
    """
    url = f"http://127.0.0.1:{port}"
    program = Path(sys.executable).with_name("moto_server")
    environment = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    with (directory / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            [str(program), "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log, env=environment
        )
    try:
        _wait(url, server)
        _make_state_bucket(url)
        # Two attempts: what moto does not know answers with 500, which the provider would try 25 times.
        yield {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "2"}
    finally:
        server.kill()  # it keeps nothing, and on a busy machine it took longer to end than the wait for it
        server.wait()


def applicable(plan: dict[str, Any]) -> list[str]:
    """Return `-target` options for everything in a plan that moto knows."""
    return [
        f"-target={change['address']}"
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
        and change["type"] not in NOT_IN_MOTO
        # Whole: a stack there waits for the data sets, and a target brings along what it waits for.
        and ".module.quicksight" not in change["address"]
    ]


def up_and_down(workspace: Workspace, where: str, targets: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Apply, plan again, destroy; return the state of what stood in between, and the plan of the rest on it.

    Args:
        workspace: copy of the source, leading to the stand-in.
        where: folder of the environment, initialised.
        targets: see `applicable`.

    Raises:
        DriftError: the second plan would change what stands, or something is left in the end.
        infra.check.terraform.TerraformError: Terraform refused.
    """
    values = ("-no-color", "-input=false", "-var-file=example.tfvars")
    workspace.run(where, "apply", "-auto-approve", *values, *targets)
    state: dict[str, Any] = json.loads(workspace.run(where, "state", "pull"))
    plan = workspace.plan(where)
    if drift := _drift(plan, targets):
        raise DriftError(f"{where} is not at rest after its apply: {'; '.join(drift)}")
    workspace.run(where, "destroy", "-auto-approve", *values)
    if left := workspace.run(where, "state", "list"):
        raise DriftError(f"{where} still holds {left.split()} after its destroy")
    return state, plan


def _drift(plan: dict[str, Any], targets: list[str]) -> list[str]:
    found = []
    for each in plan["resource_changes"]:
        change = each["change"]
        if f"-target={each['address']}" not in targets or change["actions"] == ["no-op"]:
            continue
        if change["actions"] != ["update"]:
            found.append(f"{each['address']} would be {'/'.join(change['actions'])}d")
            continue
        unknown = change["after_unknown"] or {}
        changed = {key for key, value in change["after"].items() if value != change["before"].get(key)} | unknown.keys()
        found += [
            f"{each['address']}.{name}" for name in changed if (each["type"], name) not in KNOWN_FALSE_DIFFERENCES
        ]
    return found


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/moto-api/", timeout=2):  # noqa: S310
            return
        time.sleep(0.2)
    raise RuntimeError(f"the stand-in for AWS did not answer at {url}; see moto.log")


def _make_state_bucket(url: str) -> None:
    """Make the bucket of the state; it is not the bootstrap module's, whose TLS-only policy moto takes literally."""
    import boto3

    s3 = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="ap-northeast-1",
        aws_access_key_id=FAKE_LOGIN["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_LOGIN["AWS_SECRET_ACCESS_KEY"],
    )
    s3.create_bucket(Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
