"""The database users of an environment, made from their secrets: `python -m infra database`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

RIGHTS_FILE = Path(__file__).with_name("grants.sql")

USERS = ("loader", "restore", "dbt", "bi")
PASSWORD = re.compile(r"[A-Za-z0-9]{16,64}")


class DatabaseUsersError(RuntimeError):
    """The users could not be made; the message names what to do."""


def statements(passwords: dict[str, str], rights: Path = RIGHTS_FILE) -> list[str]:
    """Return the SQL that makes the users with these passwords and exactly the rights of the file; safe to repeat.

    Logins without TLS are refused. Rights that are not in the file are taken away.

    Args:
        passwords: password of each of `USERS`.
        rights: file whose GRANT lines are used.

    Raises:
        DatabaseUsersError: a password is not of the kind that Terraform has drawn.
    """
    sql = []
    for user in USERS:
        if not PASSWORD.fullmatch(passwords[user]):
            raise DatabaseUsersError(
                f"the secret of {user} must hold 16 to 64 letters and digits; rotate it and try again"
            )
        login = f"'{user}'@'%' IDENTIFIED BY '{passwords[user]}' REQUIRE SSL"
        sql += [f"CREATE USER IF NOT EXISTS {login};", f"ALTER USER {login};"]
    sql.append("REVOKE ALL PRIVILEGES, GRANT OPTION FROM " + ", ".join(f"'{user}'@'%'" for user in USERS) + ";")
    return sql + grants(rights)


def grants(rights: Path = RIGHTS_FILE) -> list[str]:
    """Return the GRANT statements of a file."""
    return [line for line in rights.read_text(encoding="utf-8").splitlines() if line.startswith("GRANT ")]


def read_secrets(secrets: SecretsManagerClient, database: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the master's login and the users' passwords.

    Args:
        secrets: boto3 Secrets Manager client.
        database: the output `platform.database` of the environment.

    Raises:
        botocore.exceptions.ClientError: a secret cannot be read.
    """

    def value(secret: str) -> dict[str, str]:
        return dict(json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"]))

    return value(database["master_secret"]), {user: value(database["user_secrets"][user])["password"] for user in USERS}


def apply(
    host: str, port: int, master: dict[str, str], sql: list[str], ssl_ca: Path | None, tunnel: bool = False
) -> None:
    """Run the statements through the `mysql` program, the first error ends it.

    Passwords travel in a private option file and on standard input, never on the command line.

    Args:
        host: name of the writer, or of the near end of a tunnel.
        port: TCP port.
        master: `username` and `password`.
        sql: see `statements`.
        ssl_ca: certificate authorities of the server; None leaves TLS to the program.
        tunnel: the host is the near end of a tunnel, so the certificate bears another name; its authority is demanded
            all the same.

    Raises:
        DatabaseUsersError: the program is missing, or the server refused.
    """
    options = ["[client]", f"host={host}", f"port={port}", f"user={master['username']}", "protocol=tcp"]
    options.append("password='{}'".format(master["password"].replace("\\", "\\\\").replace("'", "\\'")))
    if ssl_ca:
        # MySQL's program knows the first of each, MariaDB's the second.
        options.append(f"ssl-ca={ssl_ca}")
        options += ["loose-ssl-mode=VERIFY_CA" if tunnel else "loose-ssl-mode=VERIFY_IDENTITY"]
        options += ["loose-ssl-verify-server-cert=0" if tunnel else "loose-ssl-verify-server-cert=1"]
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "login.cnf"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("\n".join(options) + "\n")
        try:
            result = subprocess.run(
                ["mysql", f"--defaults-file={file}", "--batch"],
                input="\n".join(sql),
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise DatabaseUsersError(
                "there is no `mysql` program; in CloudShell: sudo dnf install -y mariadb105"
            ) from error
    if result.returncode:
        message = re.sub(r"BY '[^']*'", "BY '***'", result.stderr.strip())
        raise DatabaseUsersError(
            f"the server refused ({message}); see that the shell stands in the VPC, then try again"
        )
