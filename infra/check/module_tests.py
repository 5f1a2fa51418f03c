"""The modules' own tests: what they assert, and AWS's models over what each of them plans or makes.

A test gives a module literal values, so that what a plan of the whole platform leaves open is known here, with settings
that no environment has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from infra.check import documented_limits, service_models
from infra.check.plan_rules import Resource, resources, resources_of_state
from infra.check.terraform import Workspace

# What a mocked provider answers for a text that it would compute.
MOCKED = re.compile(r"[a-z0-9]{8}")


def run(workspace: Workspace, module: str) -> tuple[int, set[str]]:
    """Run a module's tests; return how many there are, and what AWS would refuse of what they make.

    Raises:
        infra.check.terraform.TerraformError: a test failed.
    """
    messages = workspace.test(f"modules/{module}")
    runs = sum(each.get("test_run", {}).get("progress") == "complete" for each in messages)
    made = [resource for message in messages for resource in _made(message)]
    return runs, {*service_models.refusals(made), *documented_limits.excesses(made)}


def _made(message: dict[str, Any]) -> Iterator[Resource]:
    """Yield the resources of one test, without the texts that stand for what only AWS knows."""
    found = resources_of_state(message.get("test_state", {}).get("root_module", {}))
    for each in (*found, *resources(message.get("test_plan", {}))):
        yield Resource(each.address, each.type, _without_mocks(each.values), each.unknown)


def _without_mocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_mocks(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_mocks(each) for each in value]
    return None if isinstance(value, str) and MOCKED.fullmatch(value) else value
