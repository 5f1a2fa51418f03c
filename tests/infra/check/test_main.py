"""The check's exit code: nothing found, something found, or not everything checked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.check import __main__ as check
from infra.check import scans


def fail() -> str:
    raise check.CheckError("a rule is broken")


def lack() -> str:
    raise scans.ScannerMissing("no scanner here")


def steps(monkeypatch: pytest.MonkeyPatch, terraform_missing: str | None = None, **runs: Callable[[], str]) -> None:
    made = [check.Step(name, "a rule", run, terraform=name == "plan") for name, run in runs.items()]
    monkeypatch.setattr(check, "STEPS", tuple(made))
    monkeypatch.setattr(check, "unavailable", lambda: terraform_missing)


def test_nothing_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    steps(monkeypatch, plan=lambda: "4 resources", shell=lambda: "2 scripts")
    assert check.main([]) == 0
    out = capsys.readouterr().out
    assert "4 resources" in out
    assert "2 scripts" in out


@pytest.mark.parametrize("missing", [None, "terraform is not installed"])
def test_something_found_counts_more_than_something_not_checked(
    monkeypatch: pytest.MonkeyPatch, missing: str | None
) -> None:
    steps(monkeypatch, missing, plan=lambda: "ok", shell=fail)
    assert check.main([]) == 1


def test_without_terraform_the_check_is_not_green(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps(monkeypatch, "terraform is not installed", plan=lambda: "ok", shell=lambda: "ok")
    assert check.main([]) == 3
    said = capsys.readouterr()
    assert "terraform is not installed" in said.out
    assert said.err == "not checked: plan; --skip plan accepts that\n"


@pytest.mark.parametrize("skip", ["terraform", "plan"])
def test_what_is_left_out_on_purpose_is_not_missed(monkeypatch: pytest.MonkeyPatch, skip: str) -> None:
    steps(monkeypatch, "terraform is not installed", plan=fail, shell=lambda: "ok")
    assert check.main(["--skip", skip]) == 0


def test_a_scanner_that_is_not_installed_is_missed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    steps(monkeypatch, shell=lack)
    assert check.main([]) == 3
    assert check.main(["--skip", "shell"]) == 0


def test_shellcheck_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(scans.ScannerMissing, match="apt-get install shellcheck"):
        scans.shellcheck()


@pytest.mark.parametrize("arguments", [["plans"], ["--skip", "plans"]])
def test_an_unknown_step_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        check.main(arguments)
    assert "there is no step plans; steps are dashboards, shell" in capsys.readouterr().err


def test_a_failing_test_of_the_mark_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = tmp_path / "test_it.py"
    test.write_text("import pytest\n\n@pytest.mark.infra\ndef test_it():\n    assert not 'broken'\n")
    monkeypatch.setattr(check, "TESTS", (str(test),))
    with pytest.raises(check.CheckError, match="1 failed"):
        check.tests_pass()
    test.write_text(test.read_text().replace("'broken'", "''"))
    assert "1 passed" in check.tests_pass()
