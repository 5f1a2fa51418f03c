"""The servers, and the users made as the guide says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import boto3
import pytest
from moto.server import ThreadedMotoServer

from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from infra.database import USERS
from infra.local.database import Database
from tests.infra.aurora import aurora_like
from tests.infra.aurora.aurora_like import MASTER, AuroraLike

PASSWORDS = {user: f"{user}Password0123456789" for user in USERS}


@pytest.fixture(scope="session")
def aurora(make_database: Callable[..., Database], tmp_path_factory: pytest.TempPathFactory) -> AuroraLike:
    return aurora_like.start(make_database, tmp_path_factory.mktemp("aurora"))


@pytest.fixture(scope="session")
def with_users(aurora: AuroraLike, tmp_path_factory: pytest.TempPathFactory) -> AuroraLike:
    """The users, made as the guide says: by the command, from secrets, through verified TLS; twice."""
    folder = tmp_path_factory.mktemp("users")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    aws = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    try:
        secrets = boto3.client(
            "secretsmanager", "ap-northeast-1", endpoint_url=address, aws_access_key_id="x", aws_secret_access_key="x"
        )
        for name, value in {"master": MASTER, **{u: {"password": PASSWORDS[u]} for u in USERS}}.items():
            secrets.create_secret(Name=name, SecretString=json.dumps(value))
        platform = {"database": {"host": "unused", "port": 0, "master_secret": "master"}}
        platform["database"]["user_secrets"] = {user: user for user in USERS}
        file = folder / "platform.json"
        file.write_text(json.dumps(platform))
        for _ in range(2):
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "infra", "database", "--platform", file, "--host", "127.0.0.1"),
                    *("--port", str(aurora.writer.port), "--ssl-ca", aurora.certificate),
                ],
                env={**os.environ, **aws, "AWS_DEFAULT_REGION": "ap-northeast-1", "PYTHONPATH": str(PROJECT_DIR)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.stderr, done.returncode) == ("", 0)
    finally:
        server.stop()
    return aurora


@pytest.fixture(scope="session")
def login(with_users: AuroraLike) -> Callable[..., Endpoint]:
    def of(user: str, server: Database | None = None) -> Endpoint:
        return with_users.login(user, PASSWORDS[user], server)

    return of
