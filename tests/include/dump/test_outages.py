"""What of S3's failures passes by itself, what is a refusal, and what is neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore import exceptions as aws

from include.dump.outages import LONGEST, passes, refuses, why_give_up

LEFT = timedelta(hours=1)
METADATA = {"provider": "container-role", "error_msg": "Connection refused"}


def answer(status: int, code: str) -> aws.ClientError:
    parsed = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(parsed, "ListObjectsV2")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        answer(503, "SlowDown"),
        answer(502, "502"),
        answer(429, "429"),
        answer(400, "ExpiredToken"),
        answer(403, "RequestExpired"),
        answer(400, "RequestTimeout"),
        aws.EndpointConnectionError(endpoint_url="https://s3"),
        aws.ConnectTimeoutError(endpoint_url="https://s3"),
        aws.ReadTimeoutError(endpoint_url="https://s3"),
        aws.ConnectionClosedError(endpoint_url="https://s3"),
        aws.SSLError(endpoint_url="https://s3", error="EOF"),
        aws.CredentialRetrievalError(**METADATA),
        aws.MetadataRetrievalError(error_msg="Connection refused"),
    ],
    ids=lambda error: f"{type(error).__name__} {error}"[:60],
)
def test_it_is_waited_through_for_a_quarter_of_an_hour(error: Exception) -> None:
    assert passes(error)
    assert why_give_up(error, "bucket", timedelta(minutes=14), LEFT) == ""
    assert why_give_up(error, "bucket", LONGEST, LEFT).startswith("S3 has not answered for 15 minutes (")
    assert why_give_up(error, "bucket", timedelta(minutes=2), timedelta()).startswith(
        "S3 has not answered for 2 minutes"
    )


@pytest.mark.parametrize("code", ["AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
def test_a_refusal_is_final(code: str) -> None:
    assert refuses(answer(403, code))
    assert why_give_up(answer(403, code), "bucket", timedelta(), LEFT).startswith("S3 refuses to show bucket (")


@pytest.mark.parametrize(
    "error", [answer(404, "NoSuchBucket"), answer(400, "InvalidBucketName"), aws.NoCredentialsError(), KeyError("x")]
)
def test_anything_else_is_raised_as_it_is(error: Exception) -> None:
    assert not passes(error)
    assert not refuses(error)
    with pytest.raises(type(error)) as caught:
        why_give_up(error, "bucket", timedelta(), LEFT)
    assert caught.value is error
