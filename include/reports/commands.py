"""The reports as commands; which server and which bucket are meant is the caller's business."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import MySQLdb
from botocore.exceptions import BotoCoreError, ClientError

from include.dbt.runner import DbtFailed
from include.forms import Refused, add_options, read
from include.reports.forms import FORMS
from include.reports.registry import REPORTS
from include.reports.report import ReportContext, make
from include.settings import SettingsError
from include.warehouse.server_errors import sentence


def add(commands: Any, parents: Sequence[argparse.ArgumentParser] = ()) -> None:
    """Add every report to a command line."""
    for name, form in FORMS.items():
        parser = commands.add_parser(
            name.replace("_", "-"), parents=parents, help=form.summary, description=f"{form.summary}."
        )
        parser.set_defaults(report=name)
        add_options(parser, form)
        parser.add_argument(
            "--folder",
            type=Path,
            metavar="FOLDER",
            help="take templates and rent rolls from here, by the keys that they would have in the bucket, and put the "
            "files here; default: the bucket",
        )


def run(options: argparse.Namespace, context: Callable[[], ReportContext]) -> int:
    """Make one report; a failure ends as one sentence and exit code 1.

    Args:
        options: what the command line holds.
        context: gives what it works with.
    """
    name = options.report
    logging.basicConfig(format="%(message)s")  # to stderr
    logging.getLogger("include").setLevel(logging.INFO)
    try:
        given = context()
        made = make(REPORTS[name], given, read(FORMS[name], vars(options), given.today))
    except (Refused, SettingsError, DbtFailed) as error:
        reason = str(error)
    except MySQLdb.Error as error:
        reason = sentence(error)
    except (BotoCoreError, ClientError) as error:
        reason = f"AWS cannot be used ({error}); check the AWS login"
    except KeyboardInterrupt:
        reason = "interrupted; give the same command again"
    else:
        print(made)
        for finding in made.findings:
            print(f"{name}: {finding.sentence}", file=sys.stderr)
        return 0
    print(f"{name}: {reason}", file=sys.stderr)
    return 1
