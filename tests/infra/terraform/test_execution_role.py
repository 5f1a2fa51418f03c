"""The rights that Airflow has on a laptop are those that Terraform gives it on AWS."""

from __future__ import annotations

import pytest

from infra.check.execution_role import rendered
from infra.check.terraform import unavailable
from infra.local.aws.iam import EXECUTION_ROLE

pytestmark = pytest.mark.infra


def test_the_rights_of_the_local_platform_are_rendered_from_the_module() -> None:
    if reason := unavailable():
        pytest.skip(reason)
    assert EXECUTION_ROLE.read_text(encoding="utf-8") == rendered(), "python -m infra.check.execution_role renews it"
