"""A dbt whose task was killed does not go on beside the next try."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DBT_FOLDER = Path(__file__).resolve().parents[2] / "dbt"
CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import orphan
orphan.end_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


def test_it_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD, DBT_FOLDER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    _, said = parent.communicate()  # until the child, which has the same output, has ended too
    assert "KeyboardInterrupt" in said, "it ended by itself"
