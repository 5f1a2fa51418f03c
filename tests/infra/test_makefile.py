"""`make help` lists every command, those that are needed first at the top, one short line each."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HELP = subprocess.run(
    ["make", "--no-print-directory", "help"], cwd=PROJECT, capture_output=True, text=True, check=True
).stdout


def test_every_target_is_listed_in_a_group() -> None:
    targets = set(re.findall(r"^([a-z0-9][a-z0-9.-]*):(?!=)", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    groups = [group.splitlines() for group in HELP.strip().split("\n\n")]
    listed = [line.split()[0] for group in groups for line in group[1:]]
    assert sorted(listed) == sorted(targets)
    assert [line.split()[0] for line in groups[0][1:]] == ["run", "test", "up", "down", "page", "help"]


def test_lines_are_short_and_aligned() -> None:
    lines = [line for line in HELP.splitlines() if line.startswith("  ")]
    assert [line for line in lines if len(line) > 100] == []
    assert {len(re.match(r"  \S+ +", line)[0]) for line in lines} == {20}  # type: ignore[index]
