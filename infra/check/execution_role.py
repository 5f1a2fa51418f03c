"""The rights of the execution role, rendered by Terraform for the local platform: infra/local/aws/execution_role.json.

`python -m infra.check.execution_role` writes the file, and `make check-infra` holds it up to date. Airflow on a laptop
runs with these rights (infra/local/aws/iam.py), so that a missing one is met there and not on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.check.fake_aws import fake_aws
from infra.check.terraform import Workspace
from infra.local.aws.iam import EXECUTION_ROLE
from infra.local.database import free_port

ROOT = "modules/mwaa/tests/local"
DOCUMENT = "module.mwaa.data.aws_iam_policy_document.execution"


def rendered() -> str:
    """Plan the environment of a laptop against a stand-in for AWS and return its role's policy as JSON.

    Raises:
        infra.check.terraform.TerraformError: Terraform refused.
    """
    with TemporaryDirectory() as text, fake_aws(Path(text), free_port()) as login:
        workspace = Workspace.copy(Path(text), login)
        workspace.init(ROOT)
        plan = workspace.plan(ROOT)
    (document,) = (values for address, values in _read(plan) if address == DOCUMENT)
    return json.dumps(json.loads(document["json"]), indent=1) + "\n"


def _read(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield address and values of each data source that could be read before an apply."""
    modules = [plan["prior_state"]["values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        yield from ((each["address"], each["values"]) for each in module.get("resources", []))


def main() -> None:
    """Write the file."""
    EXECUTION_ROLE.write_text(rendered(), encoding="utf-8")
    print(EXECUTION_ROLE)


if __name__ == "__main__":
    main()
