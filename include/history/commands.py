"""History as Parquet, by command; which server is meant is the caller's business."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import MySQLdb
from botocore.exceptions import BotoCoreError, ClientError

from include.history import retention
from include.lake import writing
from include.lake.partitions import LakeError
from include.schedule import FIRST_DATE, business_date
from include.settings import Settings, SettingsError
from include.warehouse.endpoint import Endpoint
from include.warehouse.server_errors import sentence

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

VERBS = {
    "write": "write the dates that have no Parquet yet, whether or not history_parquet is on",
    "retire": "delete from the database the dates beyond history_keep_days, each once its Parquet is proven",
}
LISTED = 6


@dataclass(frozen=True)
class HistoryContext:
    """What the commands work with.

    Attributes:
        settings: the platform's settings.
        login: reads `history` and `silver`; to retire, it owns `history`.
        s3: boto3 S3 client.
        now: the present, with time zone.
    """

    settings: Settings
    login: Endpoint
    s3: S3Client
    now: datetime


def add(commands: Any, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add the commands to a command line."""
    for verb, text in VERBS.items():
        parser = commands.add_parser(verb, parents=parents, help=text, description=f"{text[0].upper()}{text[1:]}.")
        parser.set_defaults(step=verb)
        parser.add_argument("--yes", action="store_true", help="do it; without this it is only described")
        day = {"type": date.fromisoformat, "metavar": "YYYY-MM-DD"}
        parser.add_argument("--last", **day, help="business date to go up to (default: today in Tokyo)")
        if verb == "write":
            parser.add_argument("--first", **day, default=FIRST_DATE, help="date to begin with (default: %(default)s)")
            parser.add_argument("--again", action="store_true", help="replace partitions that are there, too")


def run(options: argparse.Namespace, context: Callable[[], HistoryContext]) -> int:
    """Run one command; a failure ends as one sentence and exit code 1.

    Args:
        options: what the command line holds.
        context: gives what it works with.
    """
    try:
        return {"write": _write, "retire": _retire}[options.step](options, context())
    except (SettingsError, LakeError, retention.RetentionError, BotoCoreError, ClientError) as error:
        reason = str(error)
    except MySQLdb.Error as error:
        reason = sentence(error)
    except ImportError as error:
        reason = f"{error.name} is not installed; run make setup"
    except KeyboardInterrupt:
        reason = "interrupted; give the same command again"
    print(f"history: {reason}", file=sys.stderr)
    return 1


def _write(options: argparse.Namespace, context: HistoryContext) -> int:
    last = options.last or business_date(context.now)
    todo = writing.plan(context.s3, context.settings, context.login, options.first, last, again=options.again)
    print("\n".join(writing.by_table(todo)))
    if not options.yes:
        print("Nothing was written; --yes does it")
        return 0
    print(f"Wrote {writing.write(context.s3, context.settings, context.login, todo, print)}")
    return 0


def _retire(options: argparse.Namespace, context: HistoryContext) -> int:
    target = options.last or business_date(context.now)
    with contextlib.closing(context.login.connect()) as connection:
        todo = retention.plan(connection, context.settings, target)
    kept = context.settings.history_keep_days
    print(f"Beyond the {kept} days up to {target}: {len(todo)} dates{_listed(todo)}" if kept else "All days are kept")
    if not options.yes:
        print("Nothing was deleted; --yes does it")
        return 0
    done = retention.retire(context.s3, context.settings, context.login, target, print, most=len(todo))
    print(f"{done.dates} dates, {done.rows:,} rows left the database")
    return 0


def _listed(days: Sequence[date]) -> str:
    more = f" and {len(days) - LISTED} more" if len(days) > LISTED else ""
    return f": {', '.join(map(str, days[:LISTED]))}{more}" if days else ""
