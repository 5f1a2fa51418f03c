"""Every folder tests/dbt/<model>/<case>/ is one test: given these inputs, dbt makes exactly these rows.

A case holds `expect.csv` (the columns that matter; an empty cell is NULL) and one CSV for each table that has rows:
source tables, or the tables that the model reads, which are then not built. `case.yml` may say `target_date` (default
2026-03-02), `vars`, others of the project's, and `types`, columns of source tables that have another one:
`{inquiries: {created_at: datetime}}`. Folders inside a case are runs that come first, in order of their
names, which end with their date: `1_2026-03-01`. A run sees the case's own files; a file of the same name in its folder
replaces them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
CASES = sorted(file.parent for file in HERE.glob("*/*/expect.csv"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(project: Any, case: Path) -> None:
    project.clear()
    settings = yaml.safe_load((case / "case.yml").read_text()) if (case / "case.yml").exists() else {}
    with project.retyped(settings.get("types", {})):
        run_case(project, case, settings)


def run_case(project: Any, case: Path, settings: Mapping[str, Any]) -> None:
    """Run dbt on a case and compare."""
    own = {file.stem: file for file in case.glob("*.csv") if file.stem != "expect"}
    earlier = [
        (folder.name[-10:], {**own, **{file.stem: file for file in folder.glob("*.csv")}})
        for folder in sorted(case.iterdir())
        if folder.is_dir()
    ]
    model = case.parent.name
    for target_date, inputs in [*earlier, (settings.get("target_date", "2026-03-02"), own)]:
        for table in {table for _, files in earlier for table in files} | set(inputs):
            project.execute(f"truncate table {project.relations[table]}.{table}")
        for table, file in inputs.items():
            project.fill(table, file)
        # bronze is there already, but for what it makes of predictions; what is given is not built over
        there = [] if "nationality_predictions" in inputs else ["path:models/bronze"]
        selection = ["--select", f"+{model}", "--exclude", *there, *inputs]
        project.dbt("run", str(target_date), *selection, variables=settings.get("vars"))

    with (case / "expect.csv").open(encoding="utf-8", newline="") as lines:
        header, *expected = list(csv.reader(lines))
    assert project.rows(model, header) == sorted(tuple(row) for row in expected)
