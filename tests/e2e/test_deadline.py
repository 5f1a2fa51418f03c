"""What changes a DAG between two days, under real Airflow processes: the next day's deadline still mails.

Airflow 3.2.1 and 3.3.1 lose it (`include/operators/deadline.py`), which a second DAG without the fingerprint shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import airflow_home
from infra.local.airflow_api import wait_until
from infra.local.aws import account
from infra.local.aws.inbox import read_inbox
from infra.local.processes import stop
from infra.local.stack import aws_server
from infra.local.state import State

pytestmark = pytest.mark.full

SECONDS = 120
DAGS = """
from datetime import timedelta
import pendulum
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG
from include.operators import deadline
from include.settings import Settings

S3KeySensor.template_fields = (*S3KeySensor.template_fields, *{more_template_fields})
real = deadline.fingerprint


def fingerprint(dag):
    return "always the same" if dag.dag_id == "without_it" else real(dag)


deadline.fingerprint = fingerprint
for dag_id in ("with_it", "without_it"):
    with DAG(
        dag_id,
        description="{description}",
        schedule="0 7 * * *",
        start_date=pendulum.datetime(2026, 3, 1, tz="Asia/Tokyo"),
    ) as dag:
        dag.deadline = deadline.deadline_alerts({{"gold": timedelta(minutes=30)}}, dag, Settings.from_environment())
        S3KeySensor(task_id="never_starts", bucket_key="s3://b/k", pool="closed")
    globals()[dag_id] = dag
"""
START = """
import sys, time
import pendulum
from airflow.models.dag_version import DagVersion
from airflow.models.pool import Pool
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

deploy = int(sys.argv[1])
for number, dag_id in enumerate(("with_it", "without_it")):
    while True:
        with create_session() as session:
            if not session.query(Pool).filter_by(pool="closed").count():
                session.add(Pool(pool="closed", slots=0, description="", include_deferred=False))
            if session.query(DagVersion).filter_by(dag_id=dag_id).count() == deploy:
                break
        time.sleep(0.5)
    due = pendulum.datetime(2026, 3, deploy + 10 * number, 7, tz="Asia/Tokyo")
    with create_session() as session:
        SerializedDagModel.get(dag_id, session=session).dag.create_dagrun(
            run_id=f"run-{deploy}", logical_date=due, data_interval=(due, due), run_after=due, session=session,
            run_type=DagRunType.SCHEDULED, triggered_by=DagRunTriggeredByType.TIMETABLE, state=DagRunState.QUEUED,
        )
"""


class Airflow:
    """Scheduler, DAG processor and triggerer, with a stand-in for AWS; no task ever starts."""

    def __init__(self, directory: Path) -> None:
        self.state = State(directory / "local", {"PATH": os.environ["PATH"]})
        self.dags = directory / "dags"
        self.dags.mkdir()
        self.url = account.endpoint_url(self.state)
        self.environment = airflow_home.environment(self.state) | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "1",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1",
            "AIRFLOW__CORE__PARALLELISM": "1",
        }
        self.processes = [
            replace(process, environment=self.environment)
            for process in airflow_home.components(self.state)
            if process.name != "api-server"
        ]

    def start(self) -> None:
        aws = aws_server(self.state)
        aws.start()
        airflow_home.migrate(self.state)
        wait_until(lambda: aws.listens(self.state.port("aws")), SECONDS, "AWS")
        account.make_mail(self.url)
        account.make_bucket(self.url)
        for process in self.processes:
            process.start()

    def stop(self) -> None:
        stop(self.processes)
        stop([aws_server(self.state)])

    def deploy(
        self, number: int, *, description: str = "", more_template_fields: tuple[str, ...] = (), **options: str
    ) -> None:
        """Deploy the DAGs, changed or with other options of Airflow, and let a day of each begin."""
        if options:
            [processor] = [process for process in self.processes if process.name == "dag-processor"]
            stop([processor])
            self.processes.remove(processor)
            self.processes.append(replace(processor, environment=self.environment | options))
            self.processes[-1].start()
        code = DAGS.format(description=description, more_template_fields=more_template_fields)
        (self.dags / "dags.py").write_text(code)
        done = subprocess.run(
            [sys.executable, "-c", START, str(number)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def late(self) -> list[str]:
        """The dates that were mailed as late."""
        return sorted(mail.subject.split()[1] for mail in read_inbox(self.url))


@pytest.fixture
def airflow(tmp_path: Path) -> Iterator[Airflow]:
    airflow = Airflow(tmp_path)
    try:
        airflow.start()
        yield airflow
    finally:
        airflow.stop()


def test_the_day_after_a_change_still_has_its_deadline(airflow: Airflow) -> None:
    def mailed(*dates: str) -> Callable[[], bool]:
        return lambda: airflow.late() == sorted(dates)

    dates = ["2026-03-01", "2026-03-11"]
    airflow.deploy(1)
    wait_until(mailed(*dates), SECONDS, "the first day of each DAG was not mailed as late")
    changes = (
        {"description": "new"},
        {"description": "new", "more_template_fields": ("verify",)},
        {
            "description": "new",
            "more_template_fields": ("verify",),
            "AIRFLOW__OPERATORS__DEFAULT_QUEUE": "other",
        },
    )
    for number, change in enumerate(changes, 2):
        airflow.deploy(number, **change)
        dates.append(f"2026-03-0{number}")
        wait_until(mailed(*dates), SECONDS, f"of {dates} not all were mailed as late, or more were, after {change}")
    time.sleep(5)
    assert airflow.late() == sorted(dates), "Airflow keeps deadlines by itself now: the fingerprint may go"
    [mail] = [mail for mail in read_inbox(airflow.url) if mail.subject.split()[1] == "2026-03-02"]
    assert mail.subject == "[local] 2026-03-02 late: figures not ready at 07:30"
    assert "Since: 2026-03-02 07:30 JST" in mail.body
    assert "s3://gghouse-local/dumps/gghouse_20260302.sql" in mail.body
