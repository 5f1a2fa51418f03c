"""Run a program and measure it and the server that works for it. Linux only: memory is read from /proc."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05
IDLE_PERCENT = 5.0
IDLE_WAIT_SECONDS = 90.0
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class BenchmarkError(RuntimeError):
    """The benchmark cannot go on; one sentence that says why."""


@dataclass(frozen=True)
class Measurement:
    """What one run took.

    Attributes:
        wall: seconds from the program's start to its end, its own start included.
        server_cpu: seconds of processor time that the server used meanwhile.
        peak: largest resident memory of the program in bytes, with that of programs that it started.
    """

    wall: float
    server_cpu: float
    peak: int


def measure(
    command: Sequence[str | Path], environment: Mapping[str, str], server: psutil.Process, stdin: Path | None = None
) -> Measurement:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        environment: its environment variables.
        server: the server that works for it.
        stdin: file that it reads, if any.

    Raises:
        BenchmarkError: it failed.
    """
    over = threading.Event()
    peaks: dict[int, int] = {}
    with contextlib.ExitStack() as stack:
        given = stack.enter_context(stdin.open("rb")) if stdin else subprocess.DEVNULL
        said = stack.enter_context(tempfile.TemporaryFile("w+"))
        before = _cpu(server)
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, stderr=said, env=dict(environment))
        sampler = threading.Thread(target=_sample, args=(process.pid, peaks, over), daemon=True)
        sampler.start()
        status = process.wait()
        wall = time.monotonic() - began
        over.set()
        sampler.join()
        if status:
            said.seek(0)
            last = (said.read().strip() or "it said nothing").splitlines()[-1]
            raise BenchmarkError(f"{Path(command[0]).name} ended with status {status}: {last}")
    return Measurement(wall, _cpu(server) - before, sum(peaks.values()))


def settle(server: psutil.Process) -> None:
    """Wait until the server has done what earlier runs left it to do, but no longer than a minute and a half."""
    give_up = time.monotonic() + IDLE_WAIT_SECONDS
    while server.cpu_percent(interval=1.0) > IDLE_PERCENT and time.monotonic() < give_up:
        pass


def _sample(pid: int, peaks: dict[int, int], over: threading.Event) -> None:
    while True:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in [pid, *(process.pid for process in psutil.Process(pid).children(recursive=True))]:
                with contextlib.suppress(OSError):
                    if peak := PEAK.search(Path(f"/proc/{child}/status").read_text()):
                        peaks[child] = int(peak[1]) * 1024
        if over.wait(SAMPLE_SECONDS):
            return


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
