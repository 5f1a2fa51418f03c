"""Which failures of S3 pass by themselves, so that a task that waits for a dump goes on waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from botocore import exceptions as aws

# Longest time without an answer from S3 before a person has to look; as a rule it is back within minutes.
LONGEST = timedelta(minutes=15)
# Options of an S3 client that gives up one look after seconds; the next look is the next try.
QUICK_LOOK: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 5, "retries": {"total_max_attempts": 1}}
# Out of reach, lost, silent for too long; and the service that hands out credentials, likewise.
BROKEN = (
    aws.ConnectionError,
    aws.HTTPClientError,
    aws.IncompleteReadError,
    aws.ResponseStreamingError,
    aws.CredentialRetrievalError,
    aws.MetadataRetrievalError,
)
BUSY = (
    "BandwidthLimitExceeded",
    "InternalError",
    "OperationAborted",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
# Credentials that ran out while new ones are being fetched.
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")


def passes(error: BaseException) -> bool:
    """Return whether an error of a call to S3 is one that a later call may not meet; a refusal never is."""
    if not isinstance(error, aws.ClientError):
        return isinstance(error, BROKEN)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    return status >= 500 or status == 429 or code in BUSY + EXPIRED


def refuses(error: BaseException) -> bool:
    """Return whether S3 has refused a call, so that the next one would be refused too."""
    return (
        isinstance(error, aws.ClientError)
        and error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in (401, 403)
        and not passes(error)
    )


def why_give_up(error: Exception, bucket: object, away: timedelta, left: timedelta) -> str:
    """Return why looking for a dump again is useless, as a sentence; empty when the next look may succeed.

    Args:
        error: what the last look raised.
        bucket: where it looked.
        away: how long S3 has not answered.
        left: rest of the time in which the dump has to come.

    Raises:
        Exception: the error itself, when it is neither an outage nor a refusal.
    """
    if refuses(error):
        return (
            f"S3 refuses to show {bucket} ({error}); have the role of this environment allowed to list and read it, "
            "then clear wait_for_dump with everything after"
        )
    if not passes(error):
        raise error
    if away < LONGEST and left > timedelta():
        return ""
    return (
        f"S3 has not answered for {away.total_seconds() / 60:.0f} minutes ({error}); see https://health.aws.amazon.com "
        "and the way from the network to S3, and clear wait_for_dump with everything after once it answers"
    )
