"""What boto3 and moto make anew for every test, made once for each test process; import it before the first client.

A client of a new session reads megabytes of JSON, and every `mock_aws` puts 1,300 addresses into a list: together a
fifth of a second for each test, and the tests that have an S3 of their own are many hundreds.
"""

from __future__ import annotations

import functools
from typing import Any

import botocore.session
from botocore.loaders import create_loader
from moto.core import models
from moto.s3.models import S3Backend

# What a session has read of the descriptions of AWS's services serves the next session too.
botocore.session.create_loader = functools.cache(create_loader)  # type: ignore[attr-defined]

# The list is for the library requests, with which nothing here calls AWS; boto3's calls are caught without it.
models.RESPONSES_METHODS.clear()

ADDRESSES: dict[str, Any] = {}


def addresses(backend: S3Backend, _make: Any = S3Backend.urls.fget) -> dict[str, Any]:
    """Return what moto answers as S3, which it would put together anew, from a module loaded anew, for each request."""
    if not ADDRESSES:
        ADDRESSES.update(_make(backend))
    return ADDRESSES


S3Backend.urls = property(addresses)
