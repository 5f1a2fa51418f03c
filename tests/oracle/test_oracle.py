"""Every figure agrees with one that was computed another way, on every day, through gaps and repairs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle.play import CLEAN, FLASH, NASTY, SHORT, WHOLE, Play, Window

WINDOWS = [
    pytest.param(SHORT, id="two weeks"),
    pytest.param(WHOLE, id="two months", marks=pytest.mark.full),
    pytest.param(CLEAN, id="sixty days without edges", marks=pytest.mark.full),
    pytest.param(NASTY, id="thirty days of edges", marks=pytest.mark.full),
    pytest.param(FLASH, id="forty days around ends of months", marks=pytest.mark.full),
]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_warehouse_says_what_the_oracle_says(project: Any, window: Window) -> None:
    comparison = Play(project, window, print).run()
    print(comparison.report())
    assert not comparison.mismatches, comparison.report()
    assert comparison.cells.keys() <= project.relations.keys(), "a model that is gone"
