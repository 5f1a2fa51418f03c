"""Every figure agrees with one that was computed another way, on every day, through gaps and repairs."""

from __future__ import annotations

from typing import Any

from tests.oracle.play import WHOLE, Play


def test_the_warehouse_says_what_the_oracle_says(project: Any) -> None:
    comparison = Play(project, WHOLE, print).run()
    print(comparison.report())
    assert not comparison.mismatches, comparison.report()
    models = {name for name, schema in project.relations.items() if schema in ("silver", "gold_next")}
    views = {name for name in models if name.startswith("stg_")}
    assert models - views == comparison.cells.keys(), "a model that the oracle does not know, or the other way round"
