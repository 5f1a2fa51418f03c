"""Terraform's minutes are spent only when asked for: `pytest -m infra`; what else bears the mark always runs."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "infra" in (config.getoption("markexpr") or ""):
        return
    for item in items:
        # Whoever needs Terraform asks whether there is any.
        if item.get_closest_marker("infra") and hasattr(item.getparent(pytest.Module).obj, "unavailable"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with -m infra"))
