"""Terraform's minutes are spent only when asked for: `pytest -m infra`."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "infra" in (config.getoption("markexpr") or ""):
        return
    for item in items:
        if item.get_closest_marker("infra"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with -m infra"))
