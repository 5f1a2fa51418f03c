"""Commands of the local platform: `python -m infra local --help`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from include.alerts.causes import Cause
from include.dump import commands
from include.freshness import command
from include.schedule import business_date
from include.status_page.words import moment
from infra.local import own_server, recover_command, report_command, stack
from infra.local.aws import account, inbox
from infra.local.database import DatabaseError
from infra.local.state import LocalError, State


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    state = State.from_environment()
    try:
        return _command(options, state)
    except (LocalError, DatabaseError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\n{options.command}: interrupted; `make down` stops what is running", file=sys.stderr)
    return 1


def _command(options: argparse.Namespace, state: State) -> int:
    match options.command:
        case "up" | "down" | "clean":
            {"up": stack.up, "down": stack.down, "clean": stack.clean}[options.command](state, _say)
        case "status":
            _show_status(state)
        case "inbox":
            _show_inbox(state)
        case "run":
            from infra.local.day import run_day

            return run_day(state, _say, options.date, options.scale, business_date(datetime.now(UTC)))
        case "watch" | "page" | "dashboards" | "drills":
            return _look(options, state)
        case "load" | "prepare":
            return commands.run(options, lambda: own_server.endpoint(state, _say))
        case "recover":
            return recover_command.recover(options, state, _say)
        case "report":
            return report_command.report(options, state, _say)
    return 0


def _look(options: argparse.Namespace, state: State) -> int:
    match options.command:
        case "watch":
            from infra.local.watch_command import watch

            return watch(state, options.date)
        case "page":
            from infra.local.page_command import write_page

            write_page(state, _say, options.at or datetime.now(UTC))
        case "dashboards":
            from infra.local.dashboards.build import write_dashboards

            _say(str(write_dashboards(state, _say, options.out)))
        case "drills":
            from infra.local import drills

            drills.run(state, _say, options.cause)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra local", description="The platform on this machine.")
    added = parser.add_subparsers(dest="command", required=True)
    added.add_parser("up", help="start database, AWS stand-in and Airflow; data of last time are there again")
    added.add_parser("down", help="stop all of it, keep the data")
    added.add_parser("clean", help="stop all of it and delete the data")
    added.add_parser("status", help="show what is running")
    added.add_parser("inbox", help="print the alerts that would have been mailed")
    run = added.add_parser("run", help="run one business day through Airflow and show what came out")
    run.add_argument(
        "--date",
        type=date.fromisoformat,
        help="business date, YYYY-MM-DD (default: the day after the last run, at first and at most today in Tokyo)",
    )
    run.add_argument("--scale", choices=("small", "full"), default="small", help="size of the source (default: small)")
    looking = added.add_parser(
        "watch",
        help="print how fresh dumps, tables and dashboards are; exit code 0 fresh, 1 warning, 2 critical",
        description=command.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_options(looking, "the last one that `run` completed")
    page = added.add_parser("page", help="write the status page to a file, and where Airflow's UI shows it")
    page.add_argument("--at", type=moment, metavar="TIME", help="judge as of this moment of Tokyo (default: now)")
    dashboards = added.add_parser("dashboards", help="write the QuickSight dashboards as pages, and print the first")
    dashboards.add_argument("--out", type=Path, metavar="DIR", help="default: dashboards in the platform's directory")
    drills = added.add_parser("drills", help="provoke each kind of trouble and print the mails; starts no Airflow")
    drills.add_argument("--class", dest="cause", type=Cause, choices=list(Cause), help="only this alert class")
    commands.add_load(added)
    commands.add_prepare(added)
    recover_command.add(added)
    report_command.add(added)
    return parser


def _show_status(state: State) -> None:
    for name, pid in stack.status(state).items():
        _say(f"{name:15} {f'process {pid}' if pid else 'not running'}")


def _show_inbox(state: State) -> None:
    if not stack.aws_server(state).leader():
        raise LocalError("the platform is not running, and mails are kept only while it is; start it with `make up`")
    mails = inbox.read_inbox(account.endpoint_url(state))
    _say(f"{len(mails)} mail{'s' * (len(mails) != 1)} in the inbox")
    for mail in mails:
        _say(f"\n{'─' * 80}\n{mail.page()}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
