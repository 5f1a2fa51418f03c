"""The dump that the benchmarks work on."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from include.settings import PROJECT_DIR
from tests.benchmarks.measure import BenchmarkError

DATE = date(2026, 3, 2)


def generated(directory: Path, scale: str, date: date = DATE) -> Path:
    """Return the synthetic dump of a date, made unless it is there.

    Args:
        directory: folder to keep it in.
        scale: size of the source.
        date: business date.

    Raises:
        BenchmarkError: it could not be made.
    """
    path = directory / "dumps" / f"gghouse_{date:%Y%m%d}.sql"
    if not path.exists():
        words = ["--scale", scale, "--date", date.isoformat(), "--snapshots", "1", "--out", str(directory)]
        command = [sys.executable, "-m", "infra.local.vendor", *words]
        if subprocess.run(command, cwd=PROJECT_DIR, stdout=sys.stderr, check=False).returncode:
            raise BenchmarkError("the source could not be generated; see above")
    return path
