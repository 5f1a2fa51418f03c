"""Airflow's options and the rights of roles, rendered by Terraform for a laptop: infra/local/aws/environment.json.

`python -m infra.check.local_environment` writes the file, and `make check-infra` holds it up to date. The local
platform runs Airflow with these options and the execution role's rights, and a test deploys with the deploy role's, so
that a wrong or missing one is met there and not on AWS.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.check.fake_aws import fake_aws
from infra.check.plan_rules import policy_documents, resources
from infra.check.terraform import Workspace
from infra.local.aws.account import ENVIRONMENT
from infra.local.database import free_port

ROOT = "modules/mwaa/tests/local"
ENVIRONMENT_ADDRESS = "module.mwaa.aws_mwaa_environment.this"
WITH_MORE = "module.mwaa_with_more.data.aws_iam_policy_document.execution"
# The statement that history as Parquet adds; the language model adds the others.
HISTORY = "HistoryAsParquet"
# Where a role's policy is in the plan, by the role's name in the file.
POLICIES = {
    "execution_role": "module.mwaa.data.aws_iam_policy_document.execution",
    "deploy_role": "module.deploy_role.data.aws_iam_policy_document.deploy",
}


def rendered() -> str:
    """Plan the environment of a laptop against a stand-in for AWS and return options and rights as JSON.

    Raises:
        infra.check.terraform.TerraformError: Terraform refused.
    """
    with TemporaryDirectory() as text, fake_aws(Path(text), free_port()) as login:
        workspace = Workspace.copy(Path(text), login)
        workspace.init(ROOT)
        plan = workspace.plan(ROOT)
    documents = {address: values.get("json") for address, values in policy_documents(plan)}
    (environment,) = (each.values for each in resources(plan) if each.address == ENVIRONMENT_ADDRESS)
    found = {"options": environment["airflow_configuration_options"]}
    found |= {role: json.loads(documents[address] or "") for role, address in POLICIES.items()}
    known = {each["Sid"] for each in found["execution_role"]["Statement"]}
    more = [each for each in json.loads(documents[WITH_MORE] or "")["Statement"] if each["Sid"] not in known]
    found["language_model_rights"] = [each for each in more if each["Sid"] != HISTORY]
    found["history_rights"] = [each for each in more if each["Sid"] == HISTORY]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    ENVIRONMENT.write_text(rendered(), encoding="utf-8")
    print(ENVIRONMENT)


if __name__ == "__main__":
    main()
