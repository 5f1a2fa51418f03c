from __future__ import annotations

import os
import signal
import sys
import time

import psutil
import pytest

from infra.local import processes
from infra.local.processes import Background, stop

SLEEPER = "import time; time.sleep(300)"
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}])
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}], start_new_session=True)
print("ready", flush=True)
time.sleep(300)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(300)"


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LEADER_SECONDS", 0.5)
    started = []

    def start(code, name="component"):
        component = Background(name, [sys.executable, "-c", code], os.environ, tmp_path / "run", tmp_path / "log")
        component.start()
        started.append(component)
        give_up = time.monotonic() + 20
        while "ready" in code and "ready" not in component.log.read_text() and time.monotonic() < give_up:
            time.sleep(0.05)
        return component

    yield start
    stop(started)


def alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_stop_ends_children_too_even_those_in_a_session_of_their_own(start):
    component = start(PARENT)
    family = component.family()
    assert len(family) == 3
    stop([component])
    assert not [process for process in family if alive(process)]
    assert component.leader() is None
    assert not component.has_died()


def test_stop_finds_children_whose_leader_was_killed(start):
    component = start(PARENT)
    (child,) = [process for process in component.family() if os.getsid(process.pid) == component.leader().pid][1:]
    os.kill(component.leader().pid, signal.SIGKILL)
    os.waitpid(int(component._pid_file.read_text().split()[0]), 0)
    assert component.has_died()
    stop([component])
    assert not alive(child)
    for process in psutil.process_iter(["cmdline"]):  # the one that left the session is out of reach by then
        if process.info["cmdline"] == [sys.executable, "-c", SLEEPER]:
            process.kill()


def test_what_does_not_listen_is_killed(start, monkeypatch):
    monkeypatch.setattr(processes, "LEADER_SECONDS", 0.2)
    monkeypatch.setattr(processes, "TERM_SECONDS", 0.5)
    component = start(DEAF)
    leader = component.leader()
    stop([component])
    assert not alive(leader)


def test_a_second_start_is_harmless(start):
    component = start(SLEEPER)
    pid = component.leader().pid
    component.start()
    assert component.leader().pid == pid


def test_a_recycled_process_id_is_not_taken_for_the_component(start):
    component = start(SLEEPER)
    written = component._pid_file.read_text()
    component._pid_file.write_text(f"{os.getpid()} 1.0\n")
    assert component.leader() is None
    component._pid_file.write_text(written)  # so that it is stopped in the end


def test_stopping_nothing_is_harmless(tmp_path):
    stop([Background("never", ["true"], {}, tmp_path, tmp_path / "log")])
    stop([])
