"""Airflow's options and rights on a laptop are those that Terraform gives it on AWS."""

from __future__ import annotations

import pytest

from infra.check.local_environment import rendered
from infra.check.terraform import unavailable
from infra.local.aws.account import ENVIRONMENT

pytestmark = pytest.mark.infra


def test_the_environment_of_a_laptop_is_rendered_from_the_module() -> None:
    if reason := unavailable():
        pytest.skip(reason)
    assert ENVIRONMENT.read_text(encoding="utf-8") == rendered(), "python -m infra.check.local_environment renews it"
