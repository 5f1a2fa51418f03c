"""`python -m infra`: one list of verbs, each of which is a program with its own help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.__main__ import VERBS, main

PROJECT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_help_lists_every_verb() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[2:]] == list(VERBS)


# The other one takes no arguments and writes a file.
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"pictures"}))
def test_every_verb_has_its_help_under_its_name(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, which has most of the imports already; that a program starts is shown by the others here."""
    monkeypatch.setattr(sys, "argv", ["infra", verb, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m infra {verb} ")


def test_setup_needs_no_package() -> None:
    isolated = "import runpy, sys; sys.path.insert(0, '.'); sys.argv = ['infra', 'setup', '--help']; "
    isolated += "runpy.run_module('infra', run_name='__main__', alter_sys=True)"
    result = subprocess.run([sys.executable, "-I", "-S", "-c", isolated], cwd=PROJECT, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("arguments", "says"), [([], "usage:"), (["deplyo"], "there is no verb 'deplyo'")])
def test_without_a_verb_the_list_is_shown(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert says in result.stderr
