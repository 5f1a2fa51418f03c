"""dbt as a command, with a program in its place that leaves what dbt leaves."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.dbt.runner import DbtFailed, dbt_command
from include.settings import Settings
from include.warehouse.endpoint import Endpoint


def test_dbt_leaves_nothing_where_airflow_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, worker = tmp_path / "project", tmp_path / "worker"
    project.mkdir()
    worker.mkdir()
    (project / "start.py").write_text("import os\nos.mkdir('dbt_packages')\nprint('no such profile')\n")
    monkeypatch.chdir(worker)
    monkeypatch.setattr(Settings, "dbt_project_dir", project)
    settings = replace(Settings.from_environment({}), dbt_executable=sys.executable)
    with (
        dbt_command(settings, Endpoint("127.0.0.1", 1, "dbt", "")) as dbt,
        pytest.raises(DbtFailed, match="dbt ended before its first node: no such profile"),
    ):
        dbt.run(date(2026, 3, 2), "run")
    assert list(worker.iterdir()) == []


def test_dbt_is_told_the_date_and_the_rooms_of_the_portfolio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = ("DBT_ENV_CUSTOM_ENV_TARGET_DATE", "DBT_ENV_CUSTOM_ENV_PORTFOLIO_ROOMS")
    (tmp_path / "start.py").write_text(f"import os\nprint(*(os.environ[name] for name in {variables}))\n")
    monkeypatch.setattr(Settings, "dbt_project_dir", tmp_path)
    settings = replace(Settings.from_environment({}), dbt_executable=sys.executable, portfolio_rooms=322)
    with (
        dbt_command(settings, Endpoint("127.0.0.1", 1, "dbt", "")) as dbt,
        pytest.raises(DbtFailed, match=r"dbt ended before its first node: 2026-03-02 322$"),
    ):
        dbt.run(date(2026, 3, 2), "run")
