"""The optional way to Slack: it never costs the mail, and its address is never shown."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from include.alerts import callbacks
from include.alerts.messages import Message


class Slack(HTTPServer):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.posts.append(json.loads(body))
                handler.send_response(self.status)
                handler.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    server = Slack()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    configure(monkeypatch, f"http://127.0.0.1:{server.server_port}/services/s3cret")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def configure(monkeypatch: pytest.MonkeyPatch, webhook: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_ALERTS", json.dumps({"conn_type": "http", "password": webhook}))


MESSAGE = Message("[test] 2026-03-02 dump rejected", "■ ダンプ\nbody")


def test_a_message_goes_by_mail_and_to_slack(inbox: Any, slack: Slack) -> None:
    callbacks.tell(MESSAGE)
    assert [mail["Subject"] for mail in inbox.read()] == [MESSAGE.subject]
    assert slack.posts == [{"text": "*[test] 2026-03-02 dump rejected*\n■ ダンプ\nbody"}]


def test_a_slack_that_refuses_or_is_gone_costs_nothing_and_its_address_stays_secret(
    inbox: Any, slack: Slack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        slack.status = 500
        callbacks.tell(MESSAGE)
        for webhook in ("http://127.0.0.1:9/services/s3cret", "file:///etc/s3cret", "s3cret"):
            configure(monkeypatch, webhook)
            callbacks.tell(MESSAGE)
    assert len(inbox.read()) == 4
    assert caplog.text.count("The message did not reach Slack") == 4
    assert "s3cret" not in caplog.text


def test_without_a_connection_only_the_mail_is_sent(inbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    callbacks.tell(MESSAGE)
    assert len(inbox.read()) == 1
