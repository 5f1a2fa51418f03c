"""Airflow's own program cleans a real metadata database, through a web server that answers like MWAA's."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from botocore.stub import Stubber

from include.airflow_api import AirflowRefused, MwaaCli
from include.housekeeping import metadata
from include.housekeeping.metadata import COMMANDS, CleaningFailed, clean
from tests.dags.airflow_home import AirflowHome

NOW = datetime.now(UTC)
AGES = (400, 200, 91, 89, 30, 1)
FILLED = ("log", "job", "task_instance", "dag_run")


def fill(engine: sa.Engine) -> None:
    """Write runs of `AGES`, which all refer to one old version of their DAG."""
    meta = sa.MetaData()
    meta.reflect(engine)

    def add(table: str, **values: Any) -> Any:
        for column in meta.tables[table].columns:
            needed = not (column.nullable or column.server_default or column.primary_key or column.name in values)
            if needed:
                values[column.name] = {sa.DateTime: NOW, sa.String: "x", sa.JSON: {}}.get(
                    column.type._type_affinity or type(column.type), 0
                )
        with engine.begin() as connection:
            return connection.execute(meta.tables[table].insert().values(values)).inserted_primary_key[0]

    add("dag_bundle", name="b")
    add("dag", dag_id="d", bundle_name="b", is_paused=False, is_stale=False, has_task_concurrency_limits=False)
    version = uuid.uuid4().hex
    add("dag_version", id=version, dag_id="d", version_number=1, created_at=NOW - timedelta(days=500))
    for age in AGES:
        at = NOW - timedelta(days=age)
        run: dict[str, Any] = {"dag_id": "d", "run_id": f"run of {age}"}
        task = run | {"task_id": "t", "map_index": -1}
        key = add("dag_run", **run, run_type="scheduled", run_after=at, start_date=at, logical_date=at, state="success")
        add("task_instance", **task, id=uuid.uuid4().hex, start_date=at, state="success", dag_version_id=version)
        add("xcom", **task, dag_run_id=key, key="k", timestamp=at)
        add("log", event="e", dttm=at, dag_id="d")
        add("job", latest_heartbeat=at, job_type="j")


def runs_of(engine: sa.Engine, table: str) -> list[str]:
    with engine.begin() as connection:
        return sorted(connection.scalars(sa.text(f"SELECT run_id FROM {table}")))


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


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    """The database of an Airflow that holds runs of `AGES`."""
    AirflowHome(tmp_path).python("-m", "airflow", "db", "migrate")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/airflow.db")
    fill(engine)
    return engine


@pytest.mark.parametrize("commands", [COMMANDS[2:3], pytest.param(COMMANDS, marks=pytest.mark.full)])
def test_what_is_older_goes_and_the_rest_stays(
    engine: sa.Engine, tmp_path: Path, cli: Callable[..., MwaaCli], monkeypatch: pytest.MonkeyPatch, commands: Any
) -> None:
    def airflow(command: Sequence[str]) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            env={**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
            capture_output=True,
            check=False,
        )
        return (400 if done.returncode else 200), done.stdout, done.stderr

    said: list[str] = []
    monkeypatch.setattr(metadata, "COMMANDS", COMMANDS[2:3])
    assert clean(cli(airflow).run, NOW, 90, dry_run=True, say=said.append)["dag_run"] == 3
    assert len(runs_of(engine, "dag_run")) == len(AGES)
    assert said[0].endswith("that would be deleted: task_instance 3, dag_run 3")

    monkeypatch.setattr(metadata, "COMMANDS", commands)
    found = clean(cli(airflow).run, NOW, 90, dry_run=False, say=said.append)
    assert found == {name: 3 for names in commands for name in names if name in FILLED} | {"xcom": 3}
    for table in ("dag_run", "task_instance", "xcom"):
        assert runs_of(engine, table) == ["run of 1", "run of 30", "run of 89"]
    tables = sa.inspect(engine).get_table_names()
    assert not [name for name in tables if name.startswith("_airflow_deleted")]


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
