"""The alerts are pure: sentences, incidents and routes, without Airflow and without the rooms above them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import include.alerts

FOLDER = Path(include.alerts.__file__).parent
# Rooms of `include/` below the alerts.
BELOW = {"alerts", "dump", "history", "plain_text", "schedule", "settings", "warehouse"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_alerts_import_neither_airflow_nor_a_room_above_them(file: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    rooms = {name.split(".")[1] for name in names if name.startswith("include.")}
    assert rooms <= BELOW
    above = {"airflow", "late_notice", "model_built", "operations", "infra"}
    assert not {name for name in names if name.split(".")[0] in above}
