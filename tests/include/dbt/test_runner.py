"""dbt's runner, with programs in the place of dbt."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.dbt.runner import DbtFailed, dbt_runner
from include.settings import DATE_VARIABLE, PROJECT_DIR, ROOMS_VARIABLE, Settings
from include.warehouse.endpoint import Endpoint

LOGIN = Endpoint("127.0.0.1", 1, "dbt", "")


@pytest.fixture
def dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """Settings whose dbt is the real launcher with a `start.py` of its own, in a project of its own."""
    monkeypatch.setattr(Settings, "dbt_project_dir", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    program = shutil.copy(PROJECT_DIR / "dbt" / "gghouse-dbt", tmp_path / "bin")

    def start(code: str) -> Settings:
        (tmp_path / "start.py").write_text(code)
        return replace(Settings.from_environment({}), dbt_executable=str(program), portfolio_rooms=322)

    return start


def test_dbt_leaves_nothing_where_airflow_stands(
    dbt: Callable[[str], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker"
    worker.mkdir()
    monkeypatch.chdir(worker)
    settings = dbt("import os\nos.mkdir('dbt_packages')\nprint('no such profile')\n")
    with (
        dbt_runner(settings, LOGIN) as runner,
        pytest.raises(DbtFailed, match="dbt ended before its first node: no such profile"),
    ):
        runner.run(date(2026, 3, 2), "run")
    assert list(worker.iterdir()) == []


def test_dbt_gets_the_command_the_date_and_the_rooms_of_the_portfolio(dbt: Callable[[str], Settings]) -> None:
    names = (DATE_VARIABLE, ROOMS_VARIABLE)
    settings = dbt(f"import os, sys\nprint(*sys.argv[1:], *(os.environ[name] for name in {names}))\n")
    said = "--no-use-colors --quiet build --select gold 2026-03-02 322"
    with (
        dbt_runner(settings, LOGIN) as runner,
        pytest.raises(DbtFailed, match=f"dbt ended before its first node: {said}$"),
    ):
        runner.run(date(2026, 3, 2), "build", "--select", "gold")
