"""The watch on the command line: a readable table, and an exit code that scripts can trust."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from include.__main__ import main
from include.freshness import command
from include.freshness.finding import Finding, Verdict
from include.freshness.page import summary, table
from include.settings import PROJECT_DIR
from tests.include.freshness.warehouse import TODAY, at
from tests.include.freshness.watched import NINE, Watched


def run(watched: Watched, endpoint: Any = None, **options: Any) -> int:
    login = endpoint or watched.warehouse.endpoint
    return command.run(TODAY, lambda: (watched.s3, watched.settings, login), lambda: NINE, **options)


def test_the_exit_code_is_the_worst_verdict(healthy: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(healthy) == 0
    healthy.warehouse.run("UPDATE staging.rooms SET updated_at = '2026-02-28 22:00:00'")
    assert run(healthy) == 1
    healthy.warehouse.run("UPDATE staging.rooms SET updated_at = '2026-02-27 22:00:00'")
    capsys.readouterr()
    assert run(healthy) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["verdict", "what", "as", "of", "age,", "days", "rows", "found"]
    assert lines[1].startswith("CRITICAL  staging.rooms")
    assert lines[-1].endswith("business date 2026-03-02, judged as at 2026-03-02 09:00 JST")
    assert "1 critical" in lines[-1]
    assert all(line.isascii() for line in lines)


def test_an_older_date_is_judged_as_it_was_at_nine(healthy: Watched) -> None:
    """Else every day but today would be old."""
    login = healthy.warehouse.endpoint
    later = at(12, 0, TODAY.replace(month=6))
    assert command.run(TODAY, lambda: (healthy.s3, healthy.settings, login), lambda: later) == 0


def test_a_server_that_does_not_answer_is_critical(healthy: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(healthy, dataclasses.replace(healthy.warehouse.endpoint, port=1)) == 2
    assert "database" in capsys.readouterr().out.splitlines()[1]


def test_a_bucket_that_is_not_there_is_critical(healthy: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    settings = SimpleNamespace(require=lambda _name: "no-such-bucket", bucket="no-such-bucket", dump_layout="single")
    assert command.run(TODAY, lambda: (healthy.s3, settings, healthy.warehouse.endpoint), lambda: NINE) == 2
    assert "the bucket could not be checked" in capsys.readouterr().err


def test_a_missing_driver_is_critical_and_never_dumps_only() -> None:
    script = "import sys; sys.modules['MySQLdb'] = None; from include.__main__ import main; sys.exit(main(['watch']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "MySQLdb is not installed, so nothing could be checked" in done.stderr


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["watch", "--help"])
    assert "0 fresh, 1 warning, 2 critical" in capsys.readouterr().out


def test_the_worst_comes_first_and_columns_are_aligned() -> None:
    findings = [
        Finding("a", Verdict.DEAD, None, None, None, "declared dead"),
        Finding("bb", Verdict.OK, TODAY, 0.14, 12345, "fine"),
        Finding("c", Verdict.CRITICAL, TODAY, 12.5, 7, "old"),
    ]
    assert table(findings).splitlines() == [
        "verdict   what  as of       age, days    rows  found",
        "CRITICAL  c     2026-03-02       12.5       7  old",
        "ok        bb    2026-03-02        0.1  12,345  fine",
        "dead      a     -                   -       -  declared dead",
    ]
    assert summary(findings) == "1 critical, 1 ok, 1 dead"
