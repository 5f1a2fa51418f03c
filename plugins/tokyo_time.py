"""Airflow's own pages show times in Tokyo time, as everything here does, until the reader chooses another zone.

Airflow 3 takes the zone of the browser and has no option for another one (as of 3.3.1). What a reader chooses in the
menu of the user, it keeps in the browser under `timezone`. So a line in the page of the UI, before its program starts,
chooses Asia/Tokyo where nothing is chosen yet. A page that does not look as expected stays as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

# How the one page of Airflow's UI begins; pages of plugins and of the auth manager have other titles.
TITLE = b"<title>Airflow</title>"
SCRIPT = (
    b"<script>try { if (!localStorage.getItem('timezone')) localStorage.setItem('timezone', '\"Asia/Tokyo\"') } "
    b"catch (error) { /* a browser without storage keeps its own zone */ }</script>"
)


class TokyoTime:
    """Puts the line into the page of the UI.

    Args:
        app: what answers the request.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Answer a request."""
        await self.app(scope, receive, _Page(send) if _asks_for_a_page(scope) else send)


class _Page:
    """Sends an answer on, and holds back the start of a page until its whole text is known."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._text = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_plain_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._text += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start, message)

    async def _send_page(self, start: Message, end: Message) -> None:
        text = self._text.replace(TITLE, TITLE + SCRIPT, 1)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(text)).encode())]})
        await self._send({**end, "body": text})


def _asks_for_a_page(scope: Message) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _is_plain_html(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


class TokyoTimePlugin(AirflowPlugin):
    """Registers the line with Airflow."""

    name = "gghouse_tokyo_time"
    fastapi_root_middlewares = [  # noqa: RUF012 - Airflow declares a list
        {"middleware": TokyoTime, "args": [], "kwargs": {}, "name": "Tokyo time"}
    ]
