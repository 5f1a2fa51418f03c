"""Of several conditional puts at one moment one wins, as in S3."""

from __future__ import annotations

import contextlib
import threading

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.local.aws.s3 import install


def test_one_of_many_conditional_puts_wins() -> None:
    install()
    install()
    won, start = [], threading.Barrier(8)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
        s3.create_bucket(Bucket="bucket")

        def put(number: int) -> None:
            start.wait()
            with contextlib.suppress(ClientError):
                s3.put_object(Bucket="bucket", Key="k", Body=b"%d" % number, IfNoneMatch="*")
                won.append(number)

        threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"%d" % won[0]
