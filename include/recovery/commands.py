"""The recoveries as commands: without `--yes` each says what it would do and changes nothing.

Which server is meant is the caller's business, as in `include.dump.commands`.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

import MySQLdb
from botocore.exceptions import BotoCoreError, ClientError

from include.dbt.runner import DbtFailed
from include.dump.errors import DumpError
from include.dump.source import SourceUnreachable
from include.dump.transport import TransportFailed
from include.forms import Refused, add_options, read
from include.history.snapshots import SnapshotError
from include.recovery.forms import FORMS
from include.recovery.recover_range import RerunsFailed
from include.recovery.recovery import RecoveryContext, apply_plan
from include.recovery.registry import RECOVERIES
from include.settings import SettingsError
from include.warehouse.generations import LoadBusy, PublishBlocked
from include.warehouse.server_errors import sentence

REFUSALS = (
    Refused,
    RerunsFailed,
    SettingsError,
    DumpError,
    SnapshotError,
    DbtFailed,
    SourceUnreachable,
    TransportFailed,
    LoadBusy,
    PublishBlocked,
)
AIRFLOW = "http://localhost:8080"
NOTHING_CHANGED = "Nothing was changed; --yes does it"


def add(commands: Any, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add every recovery to a command line."""
    for name, form in FORMS.items():
        parser = commands.add_parser(name, parents=parents, help=form.summary, description=f"{form.summary}.")
        add_options(parser, form)
        if name == "range":
            parser.add_argument("--airflow", metavar="URL", default=AIRFLOW, help="default: %(default)s")
        parser.add_argument("--yes", action="store_true", help="do it, instead of only saying what would be done")


def run(name: str, options: argparse.Namespace, context: Callable[[], RecoveryContext]) -> int:
    """Run one recovery; a failure ends as one sentence and exit code 1.

    Args:
        name: of the recovery.
        options: what the command line holds.
        context: gives what it works with.
    """
    try:
        _recover(name, options, context())
        return 0
    except REFUSALS as error:
        reason = str(error)
    except MySQLdb.Error as error:
        reason = sentence(error)
    except (BotoCoreError, ClientError) as error:
        reason = f"AWS cannot be used ({error}); check the AWS login"
    except KeyboardInterrupt:
        reason = "interrupted; give the same command again to go on"
    print(f"{name}: {reason}", file=sys.stderr)
    return 1


def _recover(name: str, options: argparse.Namespace, context: RecoveryContext) -> None:
    logging.basicConfig(format="%(message)s")  # to stderr
    logging.getLogger("include").setLevel(logging.INFO)
    recovery = RECOVERIES[name]
    request = read(FORMS[name], vars(options), context.today)
    plan = recovery.plan(context, request)
    print(plan, flush=True)
    if options.yes:
        print(apply_plan(recovery, context, request, plan))
    elif not plan.empty:
        print(NOTHING_CHANGED)
