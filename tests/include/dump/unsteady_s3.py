"""One S3 object behind a real socket that fails as a network does: cut short, reset, silent, refused."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from include.dump.location import DumpObject


@dataclass(frozen=True)
class Cut:
    """What becomes of one answer.

    Attributes:
        after: bytes of the body that are sent.
        how: `close`, `reset`, `silence` or `503`; the last one sends no body at all.
    """

    after: int = 0
    how: str = "close"


@dataclass
class UnsteadyS3:
    """The object, what happens to the next answers, and which requests came.

    Attributes:
        cuts: one for each answer, in order; later answers are whole.
    """

    body: bytes
    cuts: list[Cut] = field(default_factory=list)
    etag: str = '"first"'
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def client(self) -> Any:
        """A client that neither waits long nor tries again by itself."""
        config = Config(
            signature_version=UNSIGNED,
            read_timeout=0.5,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        )
        return boto3.client("s3", region_name="us-east-1", endpoint_url=self.url, config=config)

    @property
    def found(self) -> DumpObject:
        """The object as it was found."""
        return DumpObject("bucket", "dumps/gghouse_20260302.sql", len(self.body), '"first"', "version-1")

    @property
    def ranges(self) -> list[str | None]:
        """The `Range` header of each request."""
        return [request.get("Range") for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    """Answers GET as S3 does, until the next cut."""

    protocol_version = "HTTP/1.1"
    state: UnsteadyS3

    def do_GET(self) -> None:
        state = self.state
        state.requests.append(dict(self.headers) | {"path": self.path})
        cut = state.cuts.pop(0) if state.cuts else Cut(len(state.body))
        if cut.how == "503":
            self._error(503, "SlowDown")
        elif self.headers["If-Match"] != state.etag:
            self._error(412, "PreconditionFailed")
        else:
            self._answer(cut)

    def _answer(self, cut: Cut) -> None:
        body = self.state.body
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2])) if asked else (0, len(body) - 1)
        part = body[first : last + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("ETag", self.state.etag)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(body)}")
        self.end_headers()
        self.wfile.write(part[: cut.after])
        if cut.after < len(part):
            self._break_off(cut.how)

    def _break_off(self, how: str) -> None:
        self.close_connection = True
        if how == "silence":
            self.state.ended.wait(10)
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _error(self, status: int, code: str) -> None:
        text = f"<Error><Code>{code}</Code></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: Any) -> None:
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    """One thread for each connection."""

    daemon_threads = True

    def handle_error(self, *_arguments: Any) -> None:
        """A client that goes away is expected here."""


@contextmanager
def unsteady_s3(body: bytes, cuts: Sequence[Cut] = ()) -> Iterator[UnsteadyS3]:
    """Serve the object until the block ends."""
    state = UnsteadyS3(body, list(cuts))
    with Server(("127.0.0.1", 0), type("Handler", (Handler,), {"state": state})) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield state
        finally:
            state.ended.set()
            server.shutdown()
