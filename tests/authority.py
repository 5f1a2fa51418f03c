"""Certificates, and servers that show them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.database import Database


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@dataclass(frozen=True)
class Authority:
    """A certificate authority and what it signs."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    def make(self) -> Authority:
        self.folder.mkdir()
        key = self.folder / "ca-key.pem"
        openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={self.folder.name}"),
            *("-addext", "keyUsage=keyCertSign", "-keyout", key, "-out", self.certificate),
        )
        return self

    def sign(self, name: str, alternative: str) -> tuple[str, ...]:
        """Return the server's options for a certificate of this name."""
        key, request, signed = (self.folder / f"{name}-{part}.pem" for part in ("key", "request", "signed"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        extension = self.folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={alternative}\n")
        openssl(
            *("x509", "-req", "-days", "2", "-CAcreateserial", "-in", request, "-out", signed, "-extfile", extension),
            *("-CA", self.certificate, "-CAkey", self.folder / "ca-key.pem"),
        )
        return (f"--ssl-ca={self.certificate}", f"--ssl-cert={signed}", f"--ssl-key={key}")


def served(make_database: Callable[[], Database], options: tuple[str, ...]) -> Database:
    server = make_database()
    server.stop()
    server = replace(server, options=options)
    server.start()
    return server
