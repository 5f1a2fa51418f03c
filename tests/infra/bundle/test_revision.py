"""The commit that a bundle names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.bundle.revision import revision


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("one")
    (tmp_path / ".gitignore").write_text("build\n")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "test: one"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    return tmp_path


def test_a_clean_checkout_is_its_commit(checkout: Path) -> None:
    (checkout / "build").write_text("what git ignores is in no bundle")
    head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert revision(checkout) == head.stdout.strip()
    assert len(revision(checkout)) == 40


@pytest.mark.parametrize("name", ["file", "new"])
def test_anything_else_in_it_makes_it_dirty(checkout: Path, name: str) -> None:
    (checkout / name).write_text("two")
    assert revision(checkout).endswith("-dirty")


def test_without_git_it_is_unknown(tmp_path: Path) -> None:
    assert revision(tmp_path) == "unknown"
