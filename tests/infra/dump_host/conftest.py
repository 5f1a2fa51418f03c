"""A dump host: a source to dump, a bucket, and the program `aws` on PATH."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.local.database import Database
from infra.local.vendor import SCALES, Request, generate
from tests.infra.dump_host.host import BUCKET, DATABASE, HOST, PASSWORD, TODAY, Host

# Stands for the program `aws` where it is not installed, with the calls that the writer makes. It asks moto, which
# looks at no signature, with what Python brings: boto3 would take most of a second for each call.
AWS = """#!{python} -IS
import json, os, sys
from urllib.request import ProxyHandler, Request, build_opener
from xml.etree import ElementTree
service, call, *rest = sys.argv[1:]
given = dict(zip(rest[::2], rest[1::2]))
assert given["--output"] == "json"
scope = "/".join(["test", "20260302", given["--region"], service.removesuffix("api"), "aws4_request"])
headers = {{"Authorization": "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=none"}}
def ask(method, path, body, **more):
    request = Request(os.environ["AWS_ENDPOINT_URL"] + path, body, headers | more, method=method)
    return build_opener(ProxyHandler({{}})).open(request)
if (service, call) == ("sts", "get-caller-identity"):
    form = {{"Content-Type": "application/x-www-form-urlencoded"}}
    tree = ElementTree.parse(ask("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", **form))
    answer = {{each.tag.rpartition("}}")[2]: each.text for each in tree.iter()}}
    answer = {{name: answer[name] for name in ("UserId", "Account", "Arn")}}
elif (service, call) == ("s3api", "put-object"):
    assert given["--checksum-algorithm"] == "SHA256"
    with open(given["--body"], "rb") as body:
        checksum = {{"x-amz-sdk-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": given["--checksum-sha256"]}}
        told = checksum | {{"Content-Type": "binary/octet-stream"}}
        said = ask("PUT", "/" + given["--bucket"] + "/" + given["--key"], body.read(), **told).headers
    answer = {{"ETag": said["ETag"], "ChecksumSHA256": said["x-amz-checksum-sha256"]}}
else:
    sys.exit(f"no such call: {{service}} {{call}}")
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def source(make_database: Callable[..., Database], tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The property-management server, with a small company in it and a login that may read it and nothing else."""
    server = make_database(f"--bind-address=127.0.0.1,{HOST}")
    directory = tmp_path_factory.mktemp("source")
    generate(Request(target=TODAY, directory=directory, scale=SCALES["small"], snapshot_days=0))
    dump = (directory / "dumps" / f"gghouse_{TODAY:%Y%m%d}.sql").read_bytes()
    # Some of the vendor's tables hold a key twice (I-12), which a server takes only once.
    sql = b"SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';\n" + dump.replace(
        b"\nINSERT INTO", b"\nINSERT IGNORE INTO"
    )
    command = ["mysql", "--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--user=root"]
    loaded = subprocess.run(command, input=sql, capture_output=True, check=False)
    assert loaded.returncode == 0, loaded.stderr[-500:]
    with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP USER IF EXISTS ''@'localhost'")
        cursor.execute("CREATE USER 'dumper'@'%%' IDENTIFIED BY %s", [PASSWORD])
        cursor.execute(f"GRANT SELECT, SHOW VIEW ON {DATABASE}.* TO 'dumper'@'%'")
    return server


@pytest.fixture(scope="session")
def account() -> Iterator[str]:
    """The address of an AWS account with the bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(account: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of that account, to which the environment leads as well."""
    variables = {
        "AWS_ENDPOINT_URL": account,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="ap-northeast-1")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    yield client
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the head of PATH; it holds a stand-in for `aws`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "aws"
    program.write_text(AWS.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    return folder


@pytest.fixture(params=["stand-in", "aws"])
def either_aws(request: pytest.FixtureRequest, programs: Path) -> str:
    """The stand-in, and the real program where it is installed."""
    if request.param == "aws":
        (programs / "aws").unlink()
        if not shutil.which("aws"):
            pytest.skip("the program aws is not installed")
    return str(request.param)


@pytest.fixture
def host(source: Database, s3: Any, programs: Path, tmp_path: Path) -> Host:
    """The dump host with its login file and nothing delivered yet."""
    login = tmp_path / "login.cnf"
    login.write_text(f"[client]\nuser=dumper\npassword='{PASSWORD}'\n")
    login.chmod(0o600)
    return Host(login, tmp_path / "work", source.port, s3, programs)
