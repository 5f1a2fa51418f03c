"""Airflow's own program cleans a real metadata database, through a web server that answers like MWAA's."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from botocore.stub import Stubber

from include.airflow_api import AirflowRefused, MwaaCli
from include.housekeeping import metadata
from include.housekeeping.metadata import COMMANDS, CleaningFailed, clean
from tests.dags.airflow_home import AirflowHome

NOW = datetime.now(UTC)
AGES = (400, 200, 91, 89, 30, 1)
# One old version of a DAG that all of its runs refer to, which cleaning of `dag_version` itself fails at.
FILL = """
import datetime, json, sys, uuid
import sqlalchemy as sa
from airflow.settings import engine
now = datetime.datetime.fromisoformat(sys.argv[1])
meta = sa.MetaData()
meta.reflect(engine)
def add(table, **values):
    for column in meta.tables[table].columns:
        needed = not column.nullable and column.server_default is None and not column.primary_key
        if needed and column.name not in values:
            values[column.name] = {"VARCHAR": "x", "TEXT": "x", "TIMESTAMP": now, "DATETIME": now, "JSON": {}}.get(
                str(column.type).split("(")[0], 0)
    return connection.execute(meta.tables[table].insert().values(values)).inserted_primary_key[0]
def identity():
    # as it is stored: SQLite reflects CHAR(32)
    value = uuid.uuid4()
    return value.hex if engine.dialect.name == "sqlite" else value
with engine.begin() as connection:
    add("dag_bundle", name="b")
    add("dag", dag_id="d", bundle_name="b", is_paused=False, is_stale=False, has_task_concurrency_limits=False)
    version = identity()
    add("dag_version", id=version, dag_id="d", version_number=1, created_at=now - datetime.timedelta(days=500))
    for age in json.loads(sys.argv[2]):
        at, run = now - datetime.timedelta(days=age), f"run of {age}"
        key = add("dag_run", dag_id="d", run_id=run, run_type="scheduled", run_after=at, start_date=at, logical_date=at,
                  state="success", created_dag_version_id=version)
        add("task_instance", id=identity(), dag_id="d", task_id="t", run_id=run, map_index=-1, start_date=at,
            state="success", dag_version_id=version, pool="default_pool")
        add("xcom", dag_run_id=key, dag_id="d", task_id="t", run_id=run, map_index=-1, key="k", timestamp=at)
        add("log", event="e", dttm=at, dag_id="d")
        add("job", latest_heartbeat=at, job_type="j")
"""
COUNT = """
import json
import sqlalchemy as sa
from airflow.settings import engine
meta = sa.MetaData()
meta.reflect(engine)
with engine.begin() as connection:
    rows = {t: connection.scalar(sa.select(sa.func.count()).select_from(meta.tables[t])) for t in
            ("dag_run", "task_instance", "xcom", "log", "job", "dag", "dag_version")}
    rows["runs"] = sorted(connection.scalars(sa.select(meta.tables["dag_run"].c.run_id)))
    rows["archives"] = [t for t in meta.tables if t.startswith("_airflow_deleted")]
print("counted" + json.dumps(rows))
"""


class Endpoint(BaseHTTPRequestHandler):
    """Runs the command that is posted, as `/aws_mwaa/cli` does."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.path == "/aws_mwaa/cli"
        assert self.headers["Content-Type"] == "text/plain"
        if self.headers["Authorization"] != "Bearer token":
            return self.answer(403, b"Forbidden")
        status, printed, complained = self.server.airflow(shlex.split(body))  # type: ignore[attr-defined]
        content = {"stdout": base64.b64encode(printed).decode(), "stderr": base64.b64encode(complained).decode()}
        return self.answer(status, json.dumps(content).encode())

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None: ...


Program = Callable[[Sequence[str]], tuple[int, bytes, bytes]]


@pytest.fixture
def cli() -> Iterator[Callable[[Program], MwaaCli]]:
    """A client of an environment whose web server runs a program."""
    import boto3

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, args=(0.05,)).start()

    def of(program: Program, token: str = "token") -> MwaaCli:
        server.airflow = program  # type: ignore[attr-defined]
        client = boto3.client("mwaa", "ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")
        stub = Stubber(client)
        answer = {"CliToken": token, "WebServerHostname": f"127.0.0.1:{server.server_port}"}
        for _ in range(2 * len(COMMANDS)):
            stub.add_response("create_cli_token", answer, {"Name": "gghouse-prod"})
        stub.activate()
        return MwaaCli(client, "gghouse-prod", scheme="http")

    yield of
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """An Airflow whose database holds runs of `AGES`."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow"))
    home.python("-m", "airflow", "db", "migrate")
    home.python("-c", FILL, NOW.isoformat(), json.dumps(AGES))
    return home


def rows(home: AirflowHome) -> dict[str, Any]:
    return dict(json.loads(home.python("-c", COUNT).split("counted")[1]))


def test_what_is_older_goes_and_the_rest_stays(
    home: AirflowHome, cli: Callable[..., MwaaCli], monkeypatch: pytest.MonkeyPatch
) -> None:
    def airflow(command: Sequence[str]) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            env={**os.environ, "AIRFLOW_HOME": str(home.directory), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
            capture_output=True,
            check=False,
        )
        return (400 if done.returncode else 200), done.stdout, done.stderr

    said: list[str] = []
    before = rows(home)
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "COMMANDS", (("dag_run",),))
        assert clean(cli(airflow).run, NOW, 90, dry_run=True, say=said.append)["dag_run"] == 3
    counted = rows(home)
    assert counted | {"log": before["log"]} == before, "but that Airflow logs the command itself"
    assert said[0].endswith("that would be deleted: dag_run 3")

    found = clean(cli(airflow).run, NOW, 90, dry_run=False, say=said.append)
    assert found == {"log": found["log"], "xcom": 3, "task_instance": 3, "dag_run": 3, "job": 3}
    after = rows(home)
    assert after["runs"] == ["run of 1", "run of 30", "run of 89"]
    assert {name: after[name] for name in ("task_instance", "xcom", "job", "dag", "dag_version")} == {
        **dict.fromkeys(("task_instance", "xcom", "job"), 3),
        **dict.fromkeys(("dag", "dag_version"), 1),
    }
    assert after["archives"] == []


def test_a_table_that_airflow_skips_is_a_failure() -> None:
    warning = "[warning] Encountered error when attempting to clean table 'log'. "
    with pytest.raises(CleaningFailed, match="could not clean log"):
        clean(lambda command: warning, NOW, 90, dry_run=False, say=print)


def test_the_last_month_is_never_cleaned() -> None:
    with pytest.raises(ValueError, match="keep_days is 29"):
        clean(lambda command: "", NOW, 29, dry_run=False, say=print)


def test_a_command_that_fails_is_said_in_one_sentence(cli: Callable[..., MwaaCli]) -> None:
    refused = cli(lambda command: (400, b"", b"Traceback ...\nsqlalchemy.exc.IntegrityError: it is still referenced\n"))
    with pytest.raises(AirflowRefused, match=r"^airflow db clean failed \(400\): sqlalchemy.exc.IntegrityError: it is"):
        refused.run(["db", "clean"])


def test_so_is_a_token_that_does_not_hold(cli: Callable[..., MwaaCli]) -> None:
    with pytest.raises(AirflowRefused, match=r"\(403\): Forbidden"):
        cli(lambda command: (200, b"", b""), "wrong").run(["version"])


def test_a_web_server_that_does_not_answer_is_an_error() -> None:
    class Client:
        def create_cli_token(self, **_: str) -> dict[str, str]:
            return {"CliToken": "t", "WebServerHostname": "127.0.0.1:9"}

    with pytest.raises(httpx.ConnectError):
        MwaaCli(Client(), "e").run(["version"])
