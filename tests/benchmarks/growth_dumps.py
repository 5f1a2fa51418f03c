"""Dumps of companies of any size, and of any number of tables; written as a stream, never held in memory.

`python -m tests.benchmarks.growth_dumps 10 2026-03-02 FOLDER` writes the vendor's dump of a company ten times as large:
not one company copied, but buildings, tenants and contracts of its own. The simulation holds the lives of tenants in
memory, the rows are written block by block.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import date
from pathlib import Path

from include.settings import PROJECT_DIR
from infra.local.vendor import Request, Scale, SourceError, generate
from tests.benchmarks.measure import BenchmarkError

EXTRA_ROWS = 500
# Where mysqldump's footer begins.
_FOOTER = b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE"
_FOOTER_WITHIN = 64 * 1024
_PIECE = 1 << 20
STDERR = 2


def company_dump(folder: Path, size: float, day: date) -> Path:
    """Return the dump of a date of a company so many times as large as the real one, made unless it is there.

    Raises:
        BenchmarkError: it could not be made.
    """
    directory = folder / f"x{size:g}"
    path = directory / "dumps" / f"gghouse_{day:%Y%m%d}.sql"
    if not path.exists():
        # in a process of its own, which gives its memory back; it must have no threads either
        command = [sys.executable, "-m", "tests.benchmarks.growth_dumps", f"{size:g}", day.isoformat(), str(directory)]
        if subprocess.run(command, cwd=PROJECT_DIR, stdout=STDERR, check=False).returncode:
            raise BenchmarkError("the source could not be generated; see above")
    return path


def with_tables(source: Path, target: Path, tables: int) -> None:
    """Write a dump with small tables added, so that it has so many.

    Raises:
        BenchmarkError: it has more already, or no footer before which they could stand.
    """
    with source.open("rb") as old:
        missing = tables - sum(line.startswith(b"CREATE TABLE ") for line in old)
        end = old.seek(0, 2)
        tail_at = max(0, end - _FOOTER_WITHIN)
        old.seek(tail_at)
        place = old.read().rfind(_FOOTER)
        if missing < 0 or place < 0:
            raise BenchmarkError(f"{source} has {tables - missing} tables and cannot be made to have {tables}")
        old.seek(0)
        with target.open("wb") as new:
            left = tail_at + place
            while left:
                piece = old.read(min(left, _PIECE))
                new.write(piece)
                left -= len(piece)
            for number in range(1, missing + 1):
                new.write(_table(f"extra_{number:04}"))
            new.write(old.read())


def _table(name: str) -> bytes:
    rows = ",".join(
        f"({row},{row % 97},'名称 {row}','2026-02-{row % 28 + 1:02} 10:00:00')" for row in range(1, EXTRA_ROWS + 1)
    )
    return (
        f"DROP TABLE IF EXISTS `{name}`;\nCREATE TABLE `{name}` (\n  `id` int NOT NULL AUTO_INCREMENT,\n"
        "  `kind` int DEFAULT NULL,\n  `name` varchar(191) COLLATE utf8mb4_unicode_ci DEFAULT NULL,\n"
        "  `updated_at` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `kind` (`kind`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n"
        f"INSERT INTO `{name}` VALUES {rows};\n"
    ).encode()


def main() -> int:
    """Generate one dump; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth_dumps", description=__doc__)
    parser.add_argument("size", type=float, help="how many times as large as the real company")
    parser.add_argument("date", type=date.fromisoformat, help="of the dump")
    parser.add_argument("out", type=Path, help="folder")
    options = parser.parse_args()
    scale = Scale(f"x{options.size:g}", 1 / options.size)  # a fraction divides as well
    try:
        generate(Request(options.date, options.out, scale, snapshot_days=1), lambda line: print(line, flush=True))
    except SourceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
