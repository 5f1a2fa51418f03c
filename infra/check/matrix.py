"""The combinations in which an environment is planned, and all that its plan is held to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from infra.check import documented_limits, plan_rules, reachability, service_models
from infra.check.terraform import Workspace

# What is applied before, so that the plans know its identifiers.
KNOWN = ("module.platform.module.networking", "module.platform.module.storage.aws_s3_bucket.this")
WRITER = "arn:aws:iam::123456789012:role/dump-host"
READERS = {"property_manager": {"principal_arns": [WRITER]}, "tenant_list": {"principal_arns": [WRITER], "mfa": False}}
SETTINGS = {
    "nationality_model": "jp.anthropic.claude-haiku-4-5-20251001-v1:0",
    "history_parquet": True,
    "history_keep_days": 400,
}
SUBSCRIPTION = {"account_name": "gghouse-example", "notification_email": "data-platform@example.com"}
AXES: tuple[dict[str, dict[str, Any]], ...] = (
    {
        "first apply": {"quicksight_enabled": False, "rotation_enabled": False, "quicksight_subscription": None},
        "complete": {
            "quicksight_enabled": True,
            "rotation_enabled": True,
            "quicksight_subscription": SUBSCRIPTION,
            "settings": SETTINGS,
        },
    },
    {
        "no writers": {"dump_writer_role_arns": [], "report_access": {}},
        "writers": {"dump_writer_role_arns": [WRITER], "report_access": READERS},
    },
    {"private": {"webserver_access_mode": "PRIVATE_ONLY"}, "public": {"webserver_access_mode": "PUBLIC_ONLY"}},
)


def plans(workspace: Workspace, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the plan of each combination of an initialised environment."""
    make_network(workspace, where)
    for names in product(*AXES):
        values = {key: each for axis, name in zip(AXES, names, strict=True) for key, each in axis[name].items()}
        options = [f"-var={name}={_hcl(value)}" for name, value in values.items()]
        yield ", ".join(names), workspace.plan(where, "-refresh=false", *options)


def make_network(workspace: Workspace, where: str) -> None:
    """Apply what every plan has to know the identifiers of."""
    targets = [f"-target={address}" for address in KNOWN]
    workspace.run(where, "apply", "-auto-approve", "-no-color", "-input=false", "-var-file=example.tfvars", *targets)


def faults(plan: dict[str, Any]) -> list[str]:
    """Return what is to be said against a plan: by our policy, AWS's models and documents, and the network's needs."""
    planned = plan_rules.resources(plan)
    return [
        *plan_rules.violations(plan),
        *service_models.refusals(planned),
        *documented_limits.excesses(planned),
        *reachability.unreachable(plan),
    ]


def _hcl(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
