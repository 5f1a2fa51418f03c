"""The verbs of `python -m include`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from include.__main__ import VERBS, main
from include.recovery.registry import RECOVERIES
from include.settings import PROJECT_DIR


def test_help_lists_every_verb_and_each_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = capsys.readouterr().out
    for verb in VERBS:
        assert f"    {verb} " in listed
        with pytest.raises(SystemExit, match="0"):
            main([verb, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: python -m include {verb} ")


def test_every_recovery_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    for name in RECOVERIES:
        with pytest.raises(SystemExit, match="0"):
            main(["recover", name, "--help"])
        assert "--yes" in capsys.readouterr().out


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["rollback"])
    assert "invalid choice: 'rollback'" in capsys.readouterr().err


def test_a_load_does_not_import_the_watch_or_the_page() -> None:
    script = (
        "import sys; from include.__main__ import main\n"
        "try: main(['load', '--help'])\n"
        "except SystemExit: print([n for n in ('include.freshness', 'boto3') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
