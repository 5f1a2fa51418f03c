"""The optional way to Slack: it never costs the mail, and its address is never shown."""

from __future__ import annotations

import html
import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.incident_store import incidents
from include.alerts.messages import Message
from include.alerts.notify import report_problem
from include.operators import callbacks
from include.settings import Settings

NOW = datetime(2026, 3, 2, tzinfo=UTC)


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
    callbacks.notify(MESSAGE)
    assert [mail["Subject"] for mail in inbox.read()] == [MESSAGE.subject]
    assert slack.posts == [{"text": "*[test] 2026-03-02 dump rejected*\n■ ダンプ\nbody"}]


def test_what_a_message_quotes_neither_pings_nor_shows_a_false_link(inbox: Any, slack: Slack) -> None:
    quoted = "<!channel> <https://evil.example/login|Airflow: clear the task> <@U024BE7LH> &lt;!here&gt; a & b"
    page = "https://airflow.example/dags/gghouse_daily/runs/r1?a=1&b=2"
    callbacks.notify(Message("a <!here>", f"{quoted}\n{page}"))
    [post] = slack.posts
    assert not {"<", ">"} & set(post["text"])
    assert html.unescape(post["text"]) == f"*a <!here>*\n{quoted}\n{page}", "as Slack shows it"
    assert post["text"].endswith("\nhttps://airflow.example/dags/gghouse_daily/runs/r1?a=1&amp;b=2"), "still a link"


@pytest.mark.parametrize(
    "text", ["\ud800", "\0", "\x1b[2J", "\r", "\u202e", "\uffff", "件名\n二行", "x" * 300_000, "😀" * 99_999]
)
def test_no_text_silences_an_alert(inbox: Any, slack: Slack, s3: Any, settings: Settings, text: str) -> None:
    incident = Incident(
        date(2026, 3, 2), Cause.PLATFORM, f"a{text}b", NOW, subject=text, origin=text, step=text, url=f"https://{text}"
    )
    assert report_problem(s3, settings, incident, NOW, callbacks.notify)
    callbacks.notify(Message(text, text))
    for mail in inbox.read():
        assert len(mail["Subject"]) <= 99
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", mail["Subject"])
        assert len(mail["Message"].encode()) < 256 * 1024
        assert not re.search("[\ud800-\udfff\0\x1b\r\u202e\uffff]", mail["Message"])
    assert len(slack.posts) == 2
    [kept] = incidents(s3, settings, date(2026, 3, 2))
    assert kept.sent_at


def test_a_slack_that_refuses_or_is_gone_costs_nothing_and_its_address_stays_secret(
    inbox: Any, slack: Slack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        slack.status = 500
        callbacks.notify(MESSAGE)
        for webhook in ("http://127.0.0.1:9/services/s3cret", "file:///etc/s3cret", "s3cret"):
            configure(monkeypatch, webhook)
            callbacks.notify(MESSAGE)
    assert len(inbox.read()) == 4
    assert caplog.text.count("The message did not reach Slack") == 4
    assert "s3cret" not in caplog.text


def test_without_a_connection_only_the_mail_is_sent(inbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SLACK_ALERTS", raising=False)
    callbacks.notify(MESSAGE)
    assert len(inbox.read()) == 1
