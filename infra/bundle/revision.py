"""Which commit a bundle was built from."""

from __future__ import annotations

import subprocess
from pathlib import Path


def revision(project: Path) -> str:
    """Return the checkout's full commit id; with `-dirty` when it holds anything else, `unknown` without git.

    Args:
        project: the checkout.
    """
    try:
        commit = _git(project, "rev-parse", "--verify", "HEAD")
        changes = _git(project, "status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}-dirty" if changes else commit


def _git(project: Path, *arguments: str) -> str:
    result = subprocess.run(["git", "-C", project, *arguments], capture_output=True, text=True, check=True)
    return result.stdout.strip()
