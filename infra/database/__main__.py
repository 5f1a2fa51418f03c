"""Command line: `terraform output -json platform | python -m infra database`, from a shell inside the VPC.

From elsewhere through a tunnel: `--host 127.0.0.1 --port 13306` (the output `access.commands.database` opens one). The
server must then still show a certificate of Amazon's; only its name is not compared with that of the near end.

Needs Python 3.9 with boto3 and the `mysql` program, which AWS CloudShell has or can get.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from infra.database import USERS, DatabaseUsersError, apply, read_secrets, statements

CERTIFICATES = Path(__file__).parents[1] / "bundle" / "rds-ap-northeast-1-bundle.pem"


def main() -> int:
    """Make the users; return 1 with one sentence when that fails."""
    parser = argparse.ArgumentParser(
        prog="python -m infra database", description="Make the database users of an environment from their secrets."
    )
    parser.add_argument("--platform", type=Path, help="file with the output `platform` (default: standard input)")
    parser.add_argument("--host", help="connect here instead of to the writer, for example through a tunnel")
    parser.add_argument("--port", type=int, help="TCP port of --host")
    parser.add_argument(
        "--ssl-ca", type=Path, default=CERTIFICATES, help="the server's certificate authorities (default: RDS in Tokyo)"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the statements, without passwords")
    options = parser.parse_args()
    if options.dry_run:
        hidden = dict.fromkeys(USERS, "x" * 32)
        print("\n".join(statements(hidden)).replace("x" * 32, "***"))
        return 0
    text = options.platform.read_text(encoding="utf-8") if options.platform else sys.stdin.read()
    database = json.loads(text)["database"]
    import boto3

    try:
        master, passwords = read_secrets(boto3.client("secretsmanager"), database)
        host, port = options.host or database["host"], options.port or database["port"]
        apply(host, port, master, statements(passwords), options.ssl_ca, tunnel=host != database["host"])
    except DatabaseUsersError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{', '.join(USERS)} are as described in infra/database/grants.sql")
    return 0


if __name__ == "__main__":
    sys.exit(main())
