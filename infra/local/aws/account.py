"""The local AWS account: its address, what Terraform would have made in it, and its bucket while it is down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from include.warehouse.endpoint import Endpoint
from infra.local.aws.iam import ROLE
from infra.local.state import State
from infra.local.warehouse import login

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectTypeDef

# What Terraform plans for the environment `local`: Airflow's options, by name, the policies of its role and of the
# deploy role, and the statements that a language model adds to its role.
# `python -m infra.check.local_environment` writes it.
ENVIRONMENT = Path(__file__).with_name("environment.json")
REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
# Names as infra/modules makes them, for the environment `local`.
NAME = "gghouse-local"
BUCKET = NAME
TOPIC = f"{NAME}-alerts"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"
QUEUE = f"{NAME}-inbox"
# Aurora stands there in name only; the database is the local server.
CLUSTER = NAME
# Airflow connections in Secrets Manager and the database login that each one holds.
CONNECTIONS = {"aurora_loader": "loader", "aurora_restore": "restore", "aurora_dbt": "dbt"}


def planned() -> dict[str, Any]:
    """Return what is in `ENVIRONMENT`: `options` and the rights of roles (see infra/check/local_environment.py)."""
    content: dict[str, Any] = json.loads(ENVIRONMENT.read_text(encoding="utf-8"))
    return content


def endpoint_url(state: State) -> str:
    """Return the one address of all services."""
    return f"http://127.0.0.1:{state.port('aws')}"


def environment(state: State) -> dict[str, str]:
    """Return the variables that lead boto3 here, as the execution role, and away from the user's own account."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url(state),
        "AWS_ACCESS_KEY_ID": ROLE,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client(url: str, service: str) -> Any:
    """Return the administrator's boto3 client of the account at `url`, whatever the environment says about AWS."""
    make: Callable[..., Any] = boto3.client  # the stubs know a service by its literal name only
    return make(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106
        config=Config(proxies={}, retries={"max_attempts": 2}),
    )


def provision(state: State) -> None:
    """Make bucket, topic, inbox queue and secrets; safe to repeat."""
    url = endpoint_url(state)
    make_mail(url)
    make_bucket(url)
    make_cluster(url)
    for connection, user in CONNECTIONS.items():
        put_connection(url, connection, login(state, user))
    restore_bucket(url, state.s3)


def make_bucket(url: str) -> None:
    """Make the bucket unless it exists."""
    s3 = client(url, "s3")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def make_cluster(url: str) -> None:
    """Make an Aurora cluster by name only, so that restoring one can be tried."""
    rds = client(url, "rds")
    if not rds.describe_db_clusters()["DBClusters"]:
        rds.create_db_cluster(
            DBClusterIdentifier=CLUSTER,
            Engine="aurora-mysql",
            MasterUsername="admin",
            ManageMasterUserPassword=True,
        )


def make_mail(url: str) -> None:
    """Make the alert topic with a queue subscribed, which keeps what would have been mailed."""
    client(url, "sns").create_topic(Name=TOPIC)
    client(url, "sqs").create_queue(QueueName=QUEUE, Attributes={"MessageRetentionPeriod": "1209600"})
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
    client(url, "sns").subscribe(TopicArn=TOPIC_ARN, Protocol="sqs", Endpoint=queue_arn)


def put_connection(url: str, name: str, endpoint: Endpoint) -> None:
    """Keep a database login as an Airflow connection, the way it is kept on AWS."""
    secrets = client(url, "secretsmanager")
    text = json.dumps(
        {
            "conn_type": "mysql",
            "host": endpoint.host,
            "port": endpoint.port,
            "login": endpoint.user,
            "password": endpoint.password,
        }
    )
    secret = f"airflow/connections/{name}"
    try:
        secrets.create_secret(Name=secret, SecretString=text)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=secret, SecretString=text)


def save_bucket(url: str, directory: Path) -> None:
    """Write the bucket's objects below `directory`, so that they outlive the server; what is there is not rewritten."""
    s3 = client(url, "s3")
    kept = set()
    for item in _objects(s3):
        file = directory / item["Key"]
        kept.add(file)
        changed: datetime = item["LastModified"]
        if file.exists() and (file.stat().st_size, file.stat().st_mtime) == (item["Size"], changed.timestamp()):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(BUCKET, item["Key"], str(file))
        os.utime(file, (changed.timestamp(), changed.timestamp()))
    for file in directory.rglob("*"):
        if file.is_file() and file not in kept:
            file.unlink()


def restore_bucket(url: str, directory: Path) -> None:
    """Put the objects that were saved below `directory` into an empty bucket; does nothing when it holds any."""
    s3 = client(url, "s3")
    if not directory.is_dir() or _objects(s3):
        return
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            s3.upload_file(str(file), BUCKET, str(file.relative_to(directory)))


def _objects(s3: S3Client) -> list[ObjectTypeDef]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return [item for page in pages for item in page.get("Contents", [])]
