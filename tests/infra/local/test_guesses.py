"""The task `enrich` beside a language model with faults, and killed: on a real server, with the simulated tenants."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.operators.enrich import EnrichOperator
from include.settings import PREFIX, PROJECT_DIR
from include.warehouse.schema import STAGING, ensure_platform_tables
from infra.local.aws import account, bedrock
from infra.local.aws.inbox import read_inbox
from infra.local.aws.s3 import install
from infra.local.database import Database
from infra.local.drills import Ground
from infra.local.vendor.people import NATIONALITIES, person
from tests.personal_names import Search, names, of_bucket, of_mails, of_tables

DAY = date(2026, 3, 2)
MODEL = sorted(bedrock.MODELS)[0]
# Bedrock's patience, and that of a task that meets a silent one.
PATIENT, IMPATIENT = 30.0, 0.4
TENANTS = 800
OPS = ("nationality_predictions", "nationality_evaluation", "nationality_calls")
# Nobody has to hear of these.
QUIET = ("", "throttled-once")
# The faults that `make test` shows; one of each kind: refused, unusable, wrong.
SHOWN = ("", "retired", "prose", "unknown-label")
# Answers of one call; so many calls that there are moments between them.
BATCH = 20
CALL_SECONDS = 0.3

WORK = """
import os, sys
from datetime import date, datetime, UTC
import boto3
from botocore.config import Config
from include.enrichment import bedrock
from include.enrichment.ladder import enrich
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

bedrock.BATCH = int(sys.argv[1])
settings = Settings.from_environment()
login = Endpoint("127.0.0.1", int(sys.argv[2]), sys.argv[3], "")
model = bedrock.language_model(settings, lambda service, **config: boto3.client(service, config=Config(**config)))
print("begins", flush=True)
print(enrich(login, settings, date(2026, 3, 2), datetime.now(UTC), model, lambda line: print(line, flush=True)).counts)
"""


class Fault:
    """The present fault of the stand-in."""

    words: tuple[str, ...] = ()

    def __call__(self) -> tuple[str, ...]:
        return self.words


@pytest.fixture(scope="module")
def fault() -> Iterator[Fault]:
    """The stand-in, which knows everybody: how often it is right is not what is tested here."""
    truth = {f"{who.last_name} {who.first_name}": who.nationality for who in map(person, range(1, TENANTS + 1))}
    fault = Fault()
    install()
    bedrock.install(bedrock.Model(fault))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bedrock, "guess", lambda name, _labels: (truth[name], "sure"))
        yield fault


@pytest.fixture(scope="module")
def tenants(database: Database) -> Iterator[None]:
    """Simulated people in `staging`; every fourth has no nationality."""
    people = [
        (number, who.last_name, who.first_name, who.nationality_id if number % 4 else None)
        for number, who in ((number, person(number)) for number in range(1, TENANTS + 1))
    ]
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute(f"USE {STAGING}")
        cursor.execute(
            "CREATE TABLE tenants (id INT PRIMARY KEY, full_name TEXT, last_name TEXT, first_name TEXT, "
            "birth_date DATE, created_at DATETIME, status INT, nationality TEXT, m_nationality_id INT) "
            "CHARACTER SET utf8mb4"
        )
        cursor.execute("CREATE TABLE m_nationalities (id INT, nationality_name TEXT) CHARACTER SET utf8mb4")
        cursor.executemany(
            "INSERT INTO tenants VALUES (%s, NULL, %s, %s, NULL, '2025-09-01', 9, NULL, %s)",
            people,
        )
        cursor.executemany("INSERT INTO m_nationalities VALUES (%s, %s)", list(enumerate(NATIONALITIES, 1)))
        connection.commit()
        yield
        cursor.execute("DROP TABLE tenants, m_nationalities")


@pytest.fixture
def ground(
    bench: Any, database: Database, tenants: None, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ground]:
    ground = Ground(bench.url, database.admin, tmp_path, DAY)
    for name, value in (ground.environment() | {f"{PREFIX}NATIONALITY_MODEL": MODEL}).items():
        monkeypatch.setenv(name, value)
    ground.prepare()
    fault.words = ()
    empty(database)
    yield ground
    fault.words = ()
    empty(database)


def empty(database: Database) -> None:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        for table in OPS:
            cursor.execute(f"DELETE FROM ops.{table}")
        connection.commit()


def kept(database: Database) -> dict[str, list[Any]]:
    """What `ops` holds of guesses, but for when it was written and how often was asked."""
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        found = {}
        for table, column in (("nationality_predictions", "predicted_at"), ("nationality_evaluation", "")):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'ops' AND table_name = %s "
                "AND column_name <> %s ORDER BY ordinal_position",
                [table, column],
            )
            columns = ", ".join(f"`{name}`" for (name,) in cursor.fetchall())
            cursor.execute(f"SELECT {columns} FROM ops.{table}")
            found[table] = sorted(map(str, cursor.fetchall()))
        return found


class Hurried(EnrichOperator):
    """The task, with the patience that a test has."""

    read_seconds = PATIENT

    def aws(self, service: str, **config: Any) -> Any:
        if "read_timeout" in config:
            config["read_timeout"] = self.read_seconds
        return super().aws(service, **config)


def enrich(ground: Ground, read_seconds: float = PATIENT) -> dict[str, int]:
    operator = Hurried(task_id="enrich", target_date=f"{ground.target}")
    operator.read_seconds = read_seconds
    return operator.execute(ground.context("enrich"))


def sources(database: Database) -> set[str]:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT source FROM ops.nationality_predictions")
        return {source for (source,) in cursor.fetchall()}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(each, id=each or "none", marks=[] if each in SHOWN else pytest.mark.full)
        for each in ("", *bedrock.FAULTS)
    ],
)
def test_with_each_fault_the_task_is_green_with_one_warning_and_no_name_anywhere(
    ground: Ground, database: Database, fault: Fault, kind: str, caplog: Any, capsys: Any
) -> None:
    fault.words = (kind,) if kind else ()
    before = len(read_inbox(ground.url))
    with caplog.at_level(logging.INFO):
        returned = [enrich(ground, IMPATIENT if kind == "silent" else PATIENT) for _ in range(2)]
    mails = read_inbox(ground.url)[before:]
    warnings = 0 if kind in QUIET else 1
    assert [mail.subject for mail in mails] == warnings * [
        "[drill] 2026-03-02 warning: nationality not guessed: language model"
    ]
    for mail in mails:
        assert "/gghouse/runbooks/enrichment" in mail.body
    assert sources(database) >= {"name_model"}
    assert ("llm" in sources(database)) is (warnings == 0)
    assert all(isinstance(count, int) for counts in returned for count in counts.values())

    said = caplog.text + "".join(capsys.readouterr()) + json.dumps(returned)
    with contextlib.closing(database.admin.connect()) as connection:
        search = Search(names(connection))
        assert len(search.found("\n".join(names(connection)))) > 400, "the search finds what is there"
        places = [("log", said), *of_mails(mails), *of_tables(connection, "ops"), *of_bucket(ground.s3, account.BUCKET)]
    assert search.among(places) == {}


@dataclass
class Run:
    """A run of the ladder in a process of its own."""

    ground: Ground
    database: Database

    def start(self) -> subprocess.Popen[str]:
        login = self.database.admin
        return subprocess.Popen(
            [sys.executable, "-c", WORK, str(BATCH), str(login.port), login.user],
            cwd=PROJECT_DIR,
            env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def to_its_end(self) -> int:
        """Run; return how many lines of progress it had."""
        with self.start() as process:
            assert process.stdout
            lines = process.stdout.read().splitlines()
        assert process.returncode == 0
        return len(lines)

    def killed(self, after: int, pause: float) -> bool:
        """Run and kill -9 after so many lines and a pause; return whether it was still at work."""
        with self.start() as process:
            assert process.stdout
            for _ in range(after):
                process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
        return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.full)])
def test_killed_at_any_moment_and_run_again_it_ends_where_an_undisturbed_run_ends(
    ground: Ground, database: Database, fault: Fault, kills: int
) -> None:
    fault.words = ("silent", str(CALL_SECONDS))
    run = Run(ground, database)
    lines = run.to_its_end()
    undisturbed = kept(database)
    assert len(undisturbed["nationality_predictions"]) > 150
    at_work, halves = 0, 0
    for number in range(kills):
        empty(database)
        after = 1 + round((lines - 4) * (number + 1) / kills)
        at_work += run.killed(after, CALL_SECONDS * number / kills)
        halves += kept(database) not in ({name: [] for name in undisturbed}, undisturbed)
        run.to_its_end()
        assert kept(database) == undisturbed, f"killed after line {after} of {lines}"
    assert at_work >= kills * 0.8
    assert halves >= kills * 0.6, "some of the work was done when it was killed"
