"""The command-line options that name a server and a login. The password is never one of them."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import replace

from include.warehouse.endpoint import Endpoint

PASSWORD_VARIABLE = "MYSQL_PWD"  # noqa: S105 - the name, as the mysql program has it
RESTORE_PASSWORD_VARIABLE = "GGHOUSE_RESTORE_PWD"  # noqa: S105


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command line, as a group of their own."""
    address = parser.add_argument_group(
        "server", f"The password comes from {PASSWORD_VARIABLE}, or is asked for on a terminal."
    )
    address.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    address.add_argument("--port", type=int, default=3306, help="default: 3306")
    address.add_argument("--user", default=getpass.getuser(), help="default: %(default)s")
    address.add_argument("--ssl-ca", metavar="FILE", help="certificate authority that the server must be known to")


def add_restore_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a second login, for what a dump says."""
    parser.add_argument_group(
        "second wall",
        f"What a dump says can be sent with a login that reaches nothing but the schema that is being built; without "
        f"one it goes with --user. Its password comes from {RESTORE_PASSWORD_VARIABLE}.",
    ).add_argument("--restore-user", metavar="USER", help="that login, on the same server")


def restore_login(options: argparse.Namespace, login: Endpoint) -> Endpoint:
    """Return the login for what a dump says: as the options name it, else `login`."""
    if not options.restore_user:
        return login
    return replace(login, user=options.restore_user, password=os.environ.get(RESTORE_PASSWORD_VARIABLE, ""))


def server(options: argparse.Namespace) -> Endpoint:
    """Return the login that the options name; asks for the password when nothing else gives it."""
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        password = getpass.getpass() if sys.stdin.isatty() else ""
    return Endpoint(options.host, options.port, options.user, password, options.ssl_ca)
