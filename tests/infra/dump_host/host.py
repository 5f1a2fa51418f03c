"""What the tests do on the dump host."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from infra.dump_host import write_dump

TODAY = date(2026, 3, 2)
# 05:30 in Tokyo; in UTC it is still the day before.
MORNING = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
BUCKET = "gghouse-test-data"
# Another address of this machine: a load would take 127.0.0.1 for its own database.
HOST = "127.0.0.2"
DATABASE = "basis"
PASSWORD = "it is; a #secret"


@dataclass
class Host:
    """Runs the writer and looks at the bucket."""

    login: Path
    work: Path
    port: int
    s3: Any
    programs: Path
    pauses: list[float] = field(default_factory=list)

    def arguments(self, *more: str) -> list[str]:
        return [
            f"--host={HOST}",
            f"--port={self.port}",
            f"--database={DATABASE}",
            f"--login-file={self.login}",
            f"--bucket={BUCKET}",
            f"--directory={self.work}",
            "--allow-loopback",
            *more,
        ]

    def run(self, *more: str) -> int:
        return write_dump.main(self.arguments(*more), now=lambda: MORNING, sleep=self.pauses.append)

    def keys(self) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return [item["Key"] for item in sorted(found, key=lambda item: item["Key"])]

    def body(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def left(self) -> list[str]:
        return sorted(path.name for path in self.work.iterdir())

    def program(self, name: str, text: str) -> None:
        """Put a shell script before the real program."""
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
