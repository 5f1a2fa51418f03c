"""Keep the tenants of a date, as capture_snapshot does, in a process of its own that can be measured.

`python -m tests.benchmarks.growth_steps capture PORT FOLDER`: the bucket is a folder, and needs no memory here.
"""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from include.history.snapshots import capture_snapshot, load_missing
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from tests.benchmarks.source import DATE

BUCKET = "bucket"


class FolderS3:
    """As much of an S3 client as snapshots need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_paginator(self, _name: str) -> FolderS3:
        """Return what lists the bucket."""
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:
        """Return the one page of the list."""
        found = sorted((self._folder / Bucket / Prefix).glob("*"))
        return [{"Contents": [{"Key": f"{Prefix}{path.name}"} for path in found]}]

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:
        """Write an object."""
        path = self._folder / Bucket / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        """Return an object."""
        return {"Body": io.BytesIO((self._folder / Bucket / Key).read_bytes())}


def main(step: str, port: str, folder: str) -> int:
    """Run `capture` or `append`."""
    s3: Any = FolderS3(Path(folder))
    server = Endpoint(host="127.0.0.1", port=int(port), user="root", password="")
    if step == "capture":
        capture_snapshot(s3, replace(Settings.from_environment(), bucket=BUCKET), server, DATE)
    else:
        load_missing(s3, BUCKET, server, {DATE})
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
