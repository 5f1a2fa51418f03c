from __future__ import annotations

import pytest

from infra.local.__main__ import main


@pytest.fixture(autouse=True)
def own_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("GGHOUSE_LOCAL_DIR", str(tmp_path))
    monkeypatch.delenv("GGHOUSE_MYSQL_URL", raising=False)


def test_status_of_a_platform_that_was_never_started(capsys):
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {
        "aws",
        "scheduler",
        "dag-processor",
        "triggerer",
        "api-server",
        "mysql",
    }
    assert all(line.endswith("not running") for line in lines)


def test_down_and_clean_are_harmless_when_nothing_runs(capsys, tmp_path):
    assert main(["down"]) == 0
    assert main(["clean"]) == 0
    assert "Nothing was running" in capsys.readouterr().out
    assert not tmp_path.exists()


def test_the_inbox_of_a_stopped_platform_is_explained(capsys):
    assert main(["inbox"]) == 1
    assert capsys.readouterr().err == (
        "inbox: the platform is not running, and mails are kept only while it is; start it with `make up`\n"
    )


def test_a_date_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--date", "2026-02-30"])
    assert "2026-02-30" in capsys.readouterr().err


def test_a_watch_that_could_look_at_nothing_is_critical(capsys):
    assert main(["watch"]) == 2
    assert capsys.readouterr().err == (
        "watch: the platform is not running, so nothing could be looked at; start it with `make up`\n"
    )
