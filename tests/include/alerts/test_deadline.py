"""The fingerprint that keeps deadlines alive across deploys."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from include.alerts.deadline import fingerprint
from include.settings import Settings

SETTINGS = Settings(bucket="b", alert_topic_arn="t", quicksight_datasets=(), dbt_executable="dbt")


@pytest.fixture
def shapers(tmp_path: Path) -> list[Path]:
    (tmp_path / "include" / "room").mkdir(parents=True)
    files = [tmp_path / "dag.py", tmp_path / "manifest.json", tmp_path / "include" / "room" / "a.py"]
    for file in files:
        file.write_text("1")
    return [files[0], files[1], tmp_path / "include"]


def test_the_same_code_has_the_same_fingerprint(shapers: list[Path]) -> None:
    assert fingerprint(SETTINGS, *shapers) == fingerprint(SETTINGS, *shapers)


@pytest.mark.parametrize("changed", ["dag.py", "manifest.json", "include/room/a.py", "include/new.py"])
def test_any_change_of_code_changes_it(shapers: list[Path], tmp_path: Path, changed: str) -> None:
    before = fingerprint(SETTINGS, *shapers)
    (tmp_path / changed).write_text("2")
    assert fingerprint(SETTINGS, *shapers) != before


def test_a_changed_setting_changes_it(shapers: list[Path]) -> None:
    other = dataclasses.replace(SETTINGS, quicksight_datasets=("new",))
    assert fingerprint(other, *shapers) != fingerprint(SETTINGS, *shapers)
