"""Command line of the synthetic source."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from infra.local.vendor import SCALES, Request, SourceError, generate
from infra.local.vendor.dump_writer import LAYOUTS
from infra.local.vendor.generator import DEFAULT_SEED
from infra.local.vendor.output import SUFFIXES


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a calendar date; write it as YYYY-MM-DD") from None


def _days(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of days nor 'all'")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra source",
        description="Write the property-management vendor's files of one date: dump, manifest and snapshot history.",
    )
    parser.add_argument("--scale", choices=SCALES, default="small", help="size of the company (small: 1/50)")
    parser.add_argument("--date", type=_day, required=True, metavar="YYYY-MM-DD", help="date of the dump (JST)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="directory laid out like the bucket")
    parser.add_argument("--layout", choices=LAYOUTS, default="classic", help="flavour of mysqldump's text")
    parser.add_argument("--compression", choices=SUFFIXES, default="none", help="of the dump")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another number gives another company")
    parser.add_argument("--split", action="store_true", help="also write the four per-table files")
    parser.add_argument("--routines", action="store_true", help="also dump a trigger and a procedure (DELIMITER)")
    parser.add_argument(
        "--snapshots",
        type=_days,
        default=None,
        metavar="N|all",
        help="days of tenant-status history before the date (default: all, from 2025-05-11)",
    )
    parser.add_argument(
        "--rent-roll",
        type=Path,
        metavar="DIR",
        help="also write the property manager's rent roll of the month, with differences planted, as xlsx and csv",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True)

    request = Request(
        target=options.date,
        directory=options.out,
        scale=SCALES[options.scale],
        layout=options.layout,
        compression=options.compression,
        seed=options.seed,
        split=options.split,
        routines=options.routines,
        snapshot_days=options.snapshots,
        rent_roll=options.rent_roll,
    )
    try:
        generate(request, progress)
    except (SourceError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
