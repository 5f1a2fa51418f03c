"""`python -m infra deploy` from end to end on moto, with the fake MWAA in place of boto3's client."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from infra.deploy import __main__ as command_line
from tests.infra.deploy.world import FILES, REGION, World, commit


class Session:
    """A boto3 session whose MWAA is the fake."""

    def __init__(self, world: World) -> None:
        self._clients = {"s3": world.s3, "sts": boto3.client("sts", region_name=REGION), "mwaa": world.mwaa}

    def client(self, service: str) -> Any:
        return self._clients[service]


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command; return its exit code and what it printed, errors last."""
    monkeypatch.setattr(command_line.time, "sleep", world.mwaa.sleep)
    monkeypatch.setattr(command_line, "datetime", world.mwaa)
    session = Session(world)

    def run(command: str, *more: str, environment: str = "dev") -> tuple[int, str]:
        code = command_line.main([command, "--environment", environment, *more], session)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_a_release_goes_out_and_comes_back(world: World, run: Any) -> None:
    one = str(world.bundle(1))
    two = str(world.bundle(2, {"plugins.zip": "two", "dags/gghouse_daily.py": "two"}))
    for dry in ([], ["--dry-run"]):
        code, text = run("ship", "--bundle", one, *dry)
        assert code == 0
        assert text.splitlines()[0] == f"gghouse-dev gets release {commit(1)}"
        assert text.splitlines()[-1] == "Nothing was changed; --yes (make: YES=1) does it."
    assert world.shipped() == {}

    assert run("ship", "--bundle", one, "--yes")[0] == 0
    assert run("ship", "--bundle", two, "--yes")[0] == 0
    code, text = run("ship", "--bundle", two, "--yes")
    assert code == 0
    assert "nothing to change, it is shipped already" in text
    assert world.shipped() == {**FILES, "plugins.zip": "two", "dags/gghouse_daily.py": "two"}
    assert run("verify") == (0, f"gghouse-dev runs {commit(2)}: 2 DAGs, no import errors\n")
    assert run("releases")[1].splitlines() == [
        f"{commit(1)}  good            a rollback goes here",
        f"{commit(2)}  good            shipped",
    ]

    assert run("rollback")[1].startswith(f"gghouse-dev gets release {commit(1)}\n")
    assert world.shipped()["plugins.zip"] == "two"
    code, text = run("rollback", "--yes")
    assert code == 0
    assert "plugins.zip changed" in text
    assert world.shipped() == FILES
    assert len(world.mwaa.updates) == 3


def test_a_failure_is_one_sentence_and_names_the_command_that_goes_back(world: World, run: Any) -> None:
    assert run("ship", "--bundle", str(world.bundle(1)), "--yes")[0] == 0
    code, text = run("ship", "--bundle", str(world.bundle(2, {"dags/gghouse_daily.py": "broken"})), "--yes")
    assert code == 1
    assert text.splitlines()[-1] == (
        f"gghouse-dev does not run {commit(2)[:12]} as it should: gghouse_daily.py cannot be imported "
        "(ModuleNotFoundError: No module named 'nowhere'); not there: gghouse_daily; "
        f"go back to {commit(1)[:12]} with `make deploy-rollback ENV=dev YES=1`"
    )


def test_a_stale_lock_is_shown_and_removed(world: World, run: Any) -> None:
    assert run("unlock") == (0, "No deploy is running.\n")
    world.s3.put_object(Bucket=world.target.bucket.name, Key="deploy.lock", Body=b'{"who": "eve", "since": "monday"}')
    code, text = run("ship", "--bundle", str(world.bundle(1)), "--yes")
    assert (code, text) == (
        1,
        "eve (since monday) is deploying; wait until that is done, or if it died, remove its lock with "
        "`python -m infra deploy unlock --environment dev --yes`\n",
    )
    assert "eve (since monday) is deploying; --yes removes this lock" in run("unlock")[1]
    assert run("unlock", "--yes") == (0, "The lock of eve (since monday) is removed.\n")
    assert run("ship", "--bundle", str(world.bundle(1)), "--yes")[0] == 0


def test_an_environment_that_terraform_has_not_made(world: World, run: Any) -> None:
    code, text = run("ship", "--bundle", str(world.bundle(1)), environment="prod")
    assert (code, text) == (
        1,
        "gghouse-prod has no bucket yet; make it with Terraform in infra/environments/prod\n",
    )
