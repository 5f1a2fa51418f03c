"""Nothing outlives the test process that started it, not even when that is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

OWNER = """
import os, signal, subprocess, sys
from pathlib import Path
from tests.watchdog import Watchdog

directory = sys.argv[1]
Watchdog(Path(directory))
started = [
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", *arguments], env=os.environ | variables,
                     stdout=subprocess.DEVNULL, start_new_session=True)
    for arguments, variables in (([directory + "/data"], {}), ([], {"HOME": directory + "/home"}), ([], {}))
]
print(*(process.pid for process in started), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_has_started_is_killed_and_nothing_else(tmp_path: Path) -> None:
    project = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", OWNER, str(tmp_path / "watched")]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, text=True, check=False)
    *mine, other = (psutil.Process(int(pid)) for pid in done.stdout.split())
    try:
        gone, _ = psutil.wait_procs(mine, timeout=30)
        assert set(gone) == set(mine)
        assert other.is_running()
    finally:
        other.kill()
