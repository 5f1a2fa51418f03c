"""S3 that is away for some minutes costs no day, and says so in the log; one that refuses fails at once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred
from botocore.exceptions import ClientError, NoCredentialsError

from include.alerts.causes import Cause, classify
from include.dump.location import arrival_pattern
from include.operators import wait_for_dump
from include.operators.wait_for_dump import WaitForDumpSensor
from infra.local.database import free_port

BEGAN = 1_772_400_000.0
POLL = 30.0
LISTING = (
    '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>'
    "<IsTruncated>false</IsTruncated>%s</ListBucketResult>"
)
DUMP = "<Contents><Key>dumps/gghouse_20260302.sql</Key><Size>200</Size></Contents>"
Answer = Callable[[float], tuple[int, str]]


class S3:
    """An endpoint whose answers depend on the seconds that have passed; it can be switched off."""

    def __init__(self, answer: Answer) -> None:
        self.now = BEGAN
        self.port = free_port()
        self._answer = answer
        self._server: ThreadingHTTPServer | None = None

    @property
    def passed(self) -> float:
        return self.now - BEGAN

    def switch(self, on: bool) -> None:
        if on and not self._server:
            self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        elif not on and self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(s3) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                status, code = s3._answer(s3.passed)
                body = (
                    f"<Error><Code>{code}</Code><Message>m</Message></Error>"
                    if status >= 400
                    else LISTING % (DUMP if code == "dump" else "")
                )
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def do_HEAD(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "200")
                self.send_header("ETag", '"e"')
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stand-in of moto's here: the bucket is behind a real socket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__GGHOUSE__MINIMUM_DUMP_BYTES": "100",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the task logs."""
    lines: list[str] = []

    def keep(text: str, *values: object) -> None:
        lines.append(text % values)

    monkeypatch.setattr(WaitForDumpSensor, "log", SimpleNamespace(info=keep, warning=keep, debug=keep))
    return lines


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], S3]]:
    """Put an endpoint in the place of S3, and its time in the place of the machine's."""
    made: list[S3] = []

    def start(answer: Answer) -> S3:
        s3 = S3(answer)
        made.append(s3)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{s3.port}")
        monkeypatch.setattr(wait_for_dump, "time", SimpleNamespace(time=lambda: s3.now))
        s3.switch(on=True)
        return s3

    yield start
    for s3 in made:
        s3.switch(on=False)


def sensor() -> WaitForDumpSensor:
    return WaitForDumpSensor(
        task_id="wait_for_dump",
        target_date="2026-03-02",
        key_patterns=[arrival_pattern(date(2026, 3, 2))],
        bucket_name="bucket",
        poke_interval=POLL,
        timeout=5400,
    )


def wait(s3: S3, meanwhile: Callable[[float], None] = lambda _passed: None) -> float:
    """Do what worker and triggerer do until the task ends; return the seconds that it waited."""
    task = sensor()

    async def first_event(trigger: S3KeyTrigger) -> Any:
        return await anext(trigger.run())

    resume: Callable[[], Any] = lambda: task.execute({})  # noqa: E731
    while True:
        meanwhile(s3.passed)
        try:
            resume()
        except TaskDeferred as deferred:
            method, kept, trigger = getattr(task, deferred.method_name), dict(deferred.kwargs or {}), deferred.trigger
            json.dumps(kept)
            event: Any = None
            s3.now += POLL
            if isinstance(trigger, S3KeyTrigger):
                meanwhile(s3.passed)
                trigger.poke_interval = 0.05
                event = asyncio.run(asyncio.wait_for(first_event(trigger), 20)).payload
            resume = lambda method=method, event=event, kept=kept: method({}, event, **kept)  # noqa: E731
        else:
            return s3.passed


def outage(status: int, code: str, begins: float, ends: float) -> Answer:
    """Nothing there at first, then S3 fails, then the dump is there."""

    def answer(passed: float) -> tuple[int, str]:
        if begins <= passed < ends:
            return status, code
        return 200, "dump" if passed >= ends else ""

    return answer


TROUBLE = [(503, "SlowDown"), (500, "InternalError"), (429, "TooManyRequests"), (400, "ExpiredToken"), (503, "")]


@pytest.mark.parametrize(("status", "code"), TROUBLE)
@pytest.mark.parametrize("begins", [0.0, POLL], ids=["worker", "triggerer"])
def test_an_outage_of_six_minutes_is_waited_through(
    connect: Callable[[Answer], S3], log: list[str], status: int, code: str, begins: float
) -> None:
    s3 = connect(outage(status, code, begins, begins + 360))
    waited = wait(s3)
    assert begins + 360 <= waited <= begins + 360 + 2 * POLL
    away = [line for line in log if line.startswith("S3 has not answered for ")]
    assert len(away) >= 10
    assert all(line.endswith("looking again in 30 s") for line in away)
    assert any(line.startswith("The trigger could not list S3 (") for line in log) is bool(begins)
    assert log[-1] == "Found s3://bucket/dumps/gghouse_20260302.sql, 200 bytes"


@pytest.mark.parametrize("begins", [0.0, POLL], ids=["worker", "triggerer"])
def test_nobody_at_the_address_for_six_minutes_is_waited_through(
    connect: Callable[[Answer], S3], log: list[str], begins: float
) -> None:
    s3 = connect(outage(503, "", begins, begins + 360))
    assert wait(s3, lambda passed: s3.switch(on=not begins <= passed < begins + 360)) <= begins + 360 + 2 * POLL
    assert any("Could not connect to the endpoint URL" in line for line in log)


def test_a_longer_outage_fails_in_words_and_as_trouble_of_the_platform(connect: Callable[[Answer], S3]) -> None:
    s3 = connect(outage(503, "SlowDown", 0, 9e9))
    with pytest.raises(AirflowFailException, match=r"^S3 has not answered for 15 minutes .*SlowDown") as caught:
        wait(s3)
    assert classify("wait_for_dump", caught.value).cause is Cause.PLATFORM
    assert classify("wait_for_dump", caught.value).subject == "s3-away"


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
@pytest.mark.parametrize("begins", [0.0, POLL], ids=["worker", "triggerer"])
def test_a_refusal_fails_at_once(connect: Callable[[Answer], S3], code: str, begins: float) -> None:
    s3 = connect(outage(403, code, begins, 9e9))
    with pytest.raises(AirflowFailException, match=f"^S3 refuses to show bucket .*{code}") as caught:
        wait(s3)
    assert s3.passed == begins
    assert classify("wait_for_dump", caught.value).cause is Cause.PERMISSIONS


def test_what_is_no_outage_is_raised_as_it_is(connect: Callable[[Answer], S3], monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = connect(outage(404, "NoSuchBucket", 0, 9e9))
    with pytest.raises(ClientError, match="NoSuchBucket"):
        wait(s3)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3.setup_default_session()
    with pytest.raises(NoCredentialsError):
        wait(s3)
