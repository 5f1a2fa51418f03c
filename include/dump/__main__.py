"""Load, scan and roll back dumps on any server: `python -m include.dump --help`."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from include.dump import commands
from include.warehouse.endpoint import Endpoint

PASSWORD_VARIABLE = "MYSQL_PWD"  # noqa: S105 - the name, as the mysql program has it


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    return commands.run(options, lambda: _endpoint(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.dump", description="Dumps and a MySQL server.")
    server = argparse.ArgumentParser(add_help=False)
    address = server.add_argument_group(
        "server", f"The password comes from {PASSWORD_VARIABLE}, or is asked for on a terminal."
    )
    address.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    address.add_argument("--port", type=int, default=3306, help="default: 3306")
    address.add_argument("--user", default=getpass.getuser(), help="default: %(default)s")
    address.add_argument("--ssl-ca", metavar="FILE", help="certificate authority that the server must be known to")
    added = parser.add_subparsers(dest="command", required=True)
    commands.add_load(added, [server])
    commands.add_scan(added)
    commands.add_rollback(added, [server])
    return parser


def _endpoint(options: argparse.Namespace) -> Endpoint:
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        password = getpass.getpass() if sys.stdin.isatty() else ""
    return Endpoint(options.host, options.port, options.user, password, options.ssl_ca)


if __name__ == "__main__":
    sys.exit(main())
