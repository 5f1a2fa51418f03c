"""The page from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from include.__main__ import main
from include.warehouse.endpoint import Endpoint
from tests.include.conftest import BUCKET


@pytest.fixture(autouse=True)
def login(monkeypatch: pytest.MonkeyPatch, dbt: Endpoint, s3: Any) -> list[str]:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", BUCKET)
    monkeypatch.setenv("MYSQL_PWD", dbt.password)
    return ["--host", dbt.host, "--port", str(dbt.port), "--user", dbt.user]


def test_it_writes_one_file_and_says_what_readers_see(
    login: list[str], warehouse: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "status.html"
    assert main(["page", "--out", str(out), "--at", "2026-03-02T08:10", *login]) == 0
    assert "made 2026-03-02 08:10 JST" in out.read_text()
    assert capsys.readouterr().out == (
        f"{out}: No figures. No figures were published yet, or what is published is unknown.\n"
    )


def test_a_file_that_cannot_be_written_is_one_sentence(
    login: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "status.html"
    assert main(["page", "--out", str(out), *login]) == 1
    assert capsys.readouterr().err == f"{out} cannot be written (No such file or directory); name another file\n"


def test_a_time_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["page", "--out", "x", "--at", "yesterday"])
    assert "'yesterday' is not a time; write it as 2026-03-02T08:10" in capsys.readouterr().err
