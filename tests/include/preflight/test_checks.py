"""Each check is green on what is right, and says one sentence with the remedy on what is not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from include.preflight import checks
from include.preflight.checks import CheckFailed, CheckUnavailable, CheckWarning, PreflightFailed
from include.settings import PROJECT_DIR, Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database
from tests.include.conftest import restore_login

LOCK = "dbt-core==1.7.20 \\\n    --hash=sha256:00\nold==1 ; python_full_version < '3.12' \\\n    --hash=sha256:01\n"
CONSTRAINT = '"https://example/constraints-3.3.1/constraints-3.12.txt"'
REQUIREMENTS = f"--constraint {CONSTRAINT}\n# a note\nsome-provider[extra]==9.34.0\n"


def raising(error: Exception) -> Callable[[], str]:
    def check() -> str:
        raise error

    return check


class Told:
    """What a run of checks said."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.doubtful: list[str] = []

    def run(self, **wanted: Callable[[], str]) -> None:
        checks.run(wanted, self.found.append, self.doubtful.append)


def test_what_is_there_is_listed_and_a_doubt_stops_nothing() -> None:
    told = Told()
    told.run(dbt=lambda: "1.7.20", client=raising(CheckWarning("there is none")))
    assert (told.found, told.doubtful) == (["dbt: 1.7.20"], ["client: there is none"])


def test_all_problems_are_told_at_once_one_line_each() -> None:
    told = Told()
    with pytest.raises(PreflightFailed) as failed:
        told.run(dbt=raising(CheckFailed("no dbt")), bucket=lambda: "ok", loader=raising(OSError("gone")))
    assert str(failed.value).splitlines() == ["2 of 3 checks failed", "dbt: no dbt", "loader: OSError: gone"]
    assert told.found == ["bucket: ok"]


def test_what_did_not_answer_may_do_so_the_next_time() -> None:
    with pytest.raises(CheckUnavailable, match=r"^loader: OSError: gone$"):
        Told().run(loader=raising(OSError("gone")))


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (None, "startup.sh left no report at "),
        ("start\tok\t0\ton a worker\n", "did not finish"),
        (
            "start\tok\t0\ton a worker\ndbt\tfailed\t9\tx.whl: FAILED\n\tmore\nend\tok\t9\tafter 9 s\n",
            "could not install dbt on this worker: x.whl: FAILED; fix it",
        ),
    ],
)
def test_what_startup_could_not_do_is_told(tmp_path: Path, report: str | None, says: str) -> None:
    file = tmp_path / "report"
    if report is not None:
        file.write_text(report)
    with pytest.raises(CheckFailed, match=says):
        checks.startup(file)


def test_a_client_that_startup_could_not_install_is_left_to_its_own_check(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("dbt\tok\t9\tdbt-core==1.7.20\nclient\tfailed\t9\tno way\nend\tok\t9\tafter 9 s\n")
    assert checks.startup(tmp_path / "report") == "startup.sh after 9 s: dbt-core==1.7.20; no way"


@pytest.fixture
def dbt(tmp_path: Path) -> Path:
    """A dbt environment of one package, as locked."""
    (tmp_path / "requirements.lock").write_text(LOCK)
    program = tmp_path / "bin" / "dbt"
    program.parent.mkdir()
    for each in (program, program.with_name("python")):
        each.touch(0o755)
    info = tmp_path / "lib" / "python3.12" / "site-packages" / "dbt_core-1.7.20.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: dbt_core\nVersion: 1.7.20\n")
    return program


def test_dbt_as_locked(dbt: Path, tmp_path: Path) -> None:
    assert checks.dbt(dbt, tmp_path / "requirements.lock") == "dbt-core 1.7.20, all 1 packages as locked"


def test_dbt_otherwise(dbt: Path, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK.replace("1.7.20", "1.7.19") + "".join(f"p{n}==1\n" for n in range(6)))
    with pytest.raises(
        CheckFailed, match=r"not what requirements.lock says: dbt-core is 1.7.20, not 1.7.19, p0 1 .* and 2 more"
    ):
        checks.dbt(dbt, lock)
    dbt.chmod(0o644)
    with pytest.raises(CheckFailed, match=r"is not there; on MWAA startup\.sh installs it, elsewhere `make setup`"):
        checks.dbt(dbt, lock)


def test_a_wrapper_around_dbt_is_left_in_doubt(tmp_path: Path) -> None:
    program = tmp_path / "dbt"
    for each in (program, program.with_name("python")):
        each.touch(0o755)
    with pytest.raises(CheckWarning, match="lies in no virtual environment"):
        checks.dbt(program, PROJECT_DIR / "dbt" / "requirements.lock")


def test_the_client_matters_to_the_transport_that_uses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckFailed, match="load_transport is program; give `make bundle` its packages"):
        checks.client("program")
    with pytest.raises(CheckWarning, match="nothing needs one"):
        checks.client("connections")
    (tmp_path / "mariadb").touch(0o755)
    assert checks.client("program") == str(tmp_path / "mariadb")


@pytest.fixture
def login(database: Database) -> Iterator[Endpoint]:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER preflight@localhost IDENTIFIED BY 'secret'")
        yield Endpoint(host="127.0.0.1", port=database.port, user="preflight", password="secret")
        cursor.execute("DROP USER preflight@localhost")


def test_a_real_server_answers(login: Endpoint, tmp_path: Path) -> None:
    assert checks.database(lambda: login).startswith("preflight at 127.0.0.1, server ")
    with pytest.raises(MySQLdb.OperationalError):
        checks.database(lambda: replace(login, password="wrong"))
    with pytest.raises(CheckFailed, match=r"ssl_ca names .*/ca\.pem, which is not there; deploy the bundle"):
        checks.database(lambda: replace(login, ssl_ca=str(tmp_path / "ca.pem")))


class Plain:
    """Stands for a server that was asked for TLS and speaks without; a real one refuses, or the driver does."""

    ssl_ca = __file__
    host = "db.example"

    def connect(self) -> Any:
        return self

    cursor = connect
    __enter__ = connect

    def __exit__(self, *_error: object) -> None: ...

    def close(self) -> None: ...

    def execute(self, statement: str) -> None:
        self.rows = [("8.0",)] if "VERSION" in statement else [("Ssl_cipher", "")]

    def fetchall(self) -> list[tuple[str, ...]]:
        return self.rows


def test_the_login_for_a_dump_reaches_what_is_being_built_and_nothing_else(
    loader: Endpoint, database: Database
) -> None:
    login = restore_login(loader)

    def check() -> str:
        return checks.restore_login(lambda: login)

    assert "reaches staging_next and not staging, staging_prev, history, ops" in check()  # before the first load
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
    assert "reaches staging_next and not staging, staging_prev, history, ops" in check()
    with pytest.raises(
        CheckFailed, match=r"loader reaches staging, staging_prev, history, ops, so what a dump says could"
    ):
        checks.restore_login(lambda: loader)
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("GRANT INSERT ON ops.* TO restore@localhost")
        with pytest.raises(CheckFailed, match=r"restore reaches ops, .*; run `python -m infra database`"):
            check()
        cursor.execute("REVOKE INSERT ON ops.* FROM restore@localhost")
        cursor.execute("GRANT FILE ON *.* TO restore@localhost")
        with pytest.raises(CheckFailed, match="restore has rights on the whole server, of which it needs none"):
            check()
        cursor.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM restore@localhost")
        with pytest.raises(CheckFailed, match="restore has no rights on staging_next, so no dump can be loaded"):
            check()


def test_a_connection_that_is_not_encrypted_though_it_is_to_be() -> None:
    with pytest.raises(CheckFailed, match=r"db\.example answers without TLS although ssl_ca is set"):
        checks.database(Plain)


def test_the_bucket(s3: Any, settings: Settings) -> None:
    assert checks.bucket(lambda: s3, settings.bucket) == f"s3://{settings.bucket}/dumps/ can be listed, and is empty"
    s3.put_object(Bucket=settings.bucket, Key="dumps/one")
    assert checks.bucket(lambda: s3, settings.bucket) == f"s3://{settings.bucket}/dumps/ can be listed"
    with pytest.raises(s3.exceptions.NoSuchBucket):
        checks.bucket(lambda: s3, "elsewhere")


WANTED = {"warehouse": 1, "dbt": 2}


@pytest.mark.parametrize(
    ("slots", "says"),
    [
        ({"warehouse": 1}, "dbt does not exist, so its tasks wait for ever; on MWAA `python -m infra pools`"),
        ({"warehouse": 2, "dbt": 2}, "warehouse has 2 slots, but its tasks must never run in parallel"),
        ({"warehouse": 1, "dbt": 0}, r"dbt has no slot, .*Pools \(warehouse 1, dbt 2\)"),
    ],
)
def test_pools_that_would_hold_tasks_up_for_ever(slots: dict[str, int], says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        checks.pools(lambda: slots, WANTED)


def test_pools_that_will_do() -> None:
    assert checks.pools(lambda: {"default_pool": 128, "warehouse": 1, "dbt": 4}, WANTED) == "warehouse 1, dbt 4"


def test_an_airflow_that_shows_nobody_its_pools_is_a_doubt() -> None:
    with pytest.raises(CheckWarning, match=r"could not be asked for its pools \(PermissionError: no\)"):
        checks.pools(raising(PermissionError("no")), WANTED)  # type: ignore[arg-type]


def test_a_language_model_that_must_not_be_asked_is_a_doubt() -> None:
    assert checks.language_model("jp.it", lambda: None) == "jp.it may be asked; its prompts are logged nowhere"
    with pytest.raises(CheckWarning, match="prompts are logged"):
        checks.language_model("jp.it", lambda: "not asked, for prompts are logged")


def test_the_manifest_and_the_dbt_that_runs_it(dbt: Path, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    nodes = {"model.a": {"resource_type": "model"}, "test.a": {"resource_type": "test"}}
    file.write_text(json.dumps({"metadata": {"dbt_version": "1.7.20"}, "nodes": nodes}))
    assert checks.manifest(lambda: file, tmp_path / "requirements.lock") == "1 models, made by dbt 1.7.20"
    file.write_text(file.read_text().replace("1.7.20", "1.8.0"))
    with pytest.raises(CheckFailed, match=r"was made by dbt 1\.8\.0, the lock has 1\.7\.20"):
        checks.manifest(lambda: file, tmp_path / "requirements.lock")
    file.write_text("{")
    with pytest.raises(CheckFailed, match="cannot be read"):
        checks.manifest(lambda: file, tmp_path / "requirements.lock")


@pytest.mark.parametrize("constraint", [CONSTRAINT, '"/usr/local/airflow/plugins/constraints-3.3.1.txt"'])
def test_airflows_packages(tmp_path: Path, constraint: str) -> None:
    """As on Astro, and as the bundle writes it for MWAA."""
    file = tmp_path / "requirements.txt"
    file.write_text(REQUIREMENTS.replace(CONSTRAINT, constraint + "\n--no-index"))
    installed = {"apache-airflow-core": "3.3.1+astro.2", "some-provider": "9.34.0"}
    assert checks.packages(file, installed.get) == "Airflow 3.3.1+astro.2, some-provider 9.34.0"
    with pytest.raises(
        CheckFailed, match=r"some-provider 9\.34\.0 is missing; see the log stream 'requirements_install…'"
    ):
        checks.packages(file, {"apache-airflow-core": "3.3.1"}.get)
    with pytest.raises(CheckWarning, match=r"is for Airflow 3\.3\.1, this is 3\.2\.1: the packages are not compared"):
        checks.packages(file, (installed | {"apache-airflow-core": "3.2.1"}).get)


def test_this_checkout_is_ready(s3: Any, settings: Settings, login: Endpoint) -> None:
    """The checks together, on the real files and a real server, all but the client and the pools."""
    project = Settings.from_environment({}).dbt_project_dir
    told = Told()
    told.run(
        dbt=lambda: checks.dbt(PROJECT_DIR / ".venv-dbt" / "bin" / "dbt", project / "requirements.lock"),
        loader=lambda: checks.database(lambda: login),
        bucket=lambda: checks.bucket(lambda: s3, settings.bucket),
        manifest=lambda: checks.manifest(lambda: settings.dbt_manifest, project / "requirements.lock"),
        packages=lambda: checks.packages(PROJECT_DIR / "requirements.txt", checks.installed_here),
    )
    assert {line.split(":")[0] for line in told.found} >= {"dbt", "loader", "bucket", "manifest"}
