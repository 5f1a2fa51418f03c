"""Which failures of S3 pass by themselves, so that whoever waits for a dump may go on waiting."""

from __future__ import annotations

from botocore import exceptions as aws

BROKEN = (
    aws.ConnectionError,
    aws.HTTPClientError,
    aws.IncompleteReadError,
    aws.ResponseStreamingError,
    aws.CredentialRetrievalError,
    aws.MetadataRetrievalError,
)
"""Out of reach, lost, silent for too long; and the service that hands out credentials, likewise."""
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
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
"""Credentials that ran out while new ones are being fetched."""


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
