from __future__ import annotations

import json

from include.warehouse.endpoint import Endpoint
from infra.local.aws import account
from infra.local.aws.inbox import read_inbox


def keys(s3):
    return [item["Key"] for item in s3.list_objects_v2(Bucket=account.BUCKET).get("Contents", [])]


def test_the_bucket_outlives_the_server(bench, tmp_path):
    s3 = account.client(bench.url, "s3")
    account.make_bucket(bench.url)
    s3.put_object(Bucket=account.BUCKET, Key="dumps/one.sql", Body=b"one")
    s3.put_object(Bucket=account.BUCKET, Key="snapshots/tenant_status/20260302.csv", Body=b"two")
    account.save_bucket(bench.url, tmp_path)
    s3.delete_object(Bucket=account.BUCKET, Key="dumps/one.sql")
    account.save_bucket(bench.url, tmp_path)
    s3.delete_object(Bucket=account.BUCKET, Key="snapshots/tenant_status/20260302.csv")

    account.restore_bucket(bench.url, tmp_path)
    assert keys(s3) == ["snapshots/tenant_status/20260302.csv"]
    body = s3.get_object(Bucket=account.BUCKET, Key="snapshots/tenant_status/20260302.csv")["Body"].read()
    assert body == b"two"


def test_only_changed_objects_are_written_again(bench, tmp_path):
    s3 = account.client(bench.url, "s3")
    account.make_bucket(bench.url)
    s3.put_object(Bucket=account.BUCKET, Key="dumps/one.sql", Body=b"one")
    account.save_bucket(bench.url, tmp_path)
    (tmp_path / "dumps" / "one.sql").chmod(0o400)
    before = (tmp_path / "dumps" / "one.sql").stat().st_ino
    account.save_bucket(bench.url, tmp_path)
    assert (tmp_path / "dumps" / "one.sql").stat().st_ino == before


def test_a_bucket_with_objects_is_not_overwritten(bench, tmp_path):
    s3 = account.client(bench.url, "s3")
    account.make_bucket(bench.url)
    (tmp_path / "old.sql").write_text("old")
    s3.put_object(Bucket=account.BUCKET, Key="new.sql", Body=b"new")
    account.restore_bucket(bench.url, tmp_path)
    assert keys(s3) == ["new.sql"]


def test_making_the_account_twice_changes_nothing(bench):
    for password in ("first", "second"):
        account.make_bucket(bench.url)
        account.make_mail(bench.url)
        account.put_connection(bench.url, "aurora_dbt", Endpoint("127.0.0.1", 3306, "dbt", password))
    secret = account.client(bench.url, "secretsmanager").get_secret_value(SecretId="airflow/connections/aurora_dbt")
    assert json.loads(secret["SecretString"]) == {
        "conn_type": "mysql",
        "host": "127.0.0.1",
        "port": 3306,
        "login": "dbt",
        "password": "second",
    }
    assert len(account.client(bench.url, "sns").list_subscriptions()["Subscriptions"]) == 1


def test_the_inbox_can_be_read_again_and_again(bench):
    account.make_mail(bench.url)
    sns = account.client(bench.url, "sns")
    for number in range(12):
        sns.publish(TopicArn=account.TOPIC_ARN, Subject=f"[local] mail {number}", Message=f"line one\nline {number}")
    for _ in range(2):
        mails = read_inbox(bench.url)
        assert [mail.subject for mail in mails] == [f"[local] mail {number}" for number in range(12)]
    assert mails[3].page().endswith("line one\nline 3\n")
    assert " JST  [local] mail 3\n" in mails[3].page()


def test_the_users_own_account_is_never_reached(state):
    variables = account.environment(state)
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5055"
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
