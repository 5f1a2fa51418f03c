"""The part of S3 that moto lacks: an atomic conditional put.

moto looks whether the condition holds and writes afterwards, so that of two threads both may win. S3 lets one win:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
"""

from __future__ import annotations

import threading
from typing import Any

from moto.s3.responses import S3Response

_one_at_a_time = threading.Lock()
_put_object = S3Response.put_object


def install() -> None:
    """Put it into moto's S3; safe to repeat."""

    def put_object(self: S3Response) -> Any:
        with _one_at_a_time:
            return _put_object(self)

    S3Response.put_object = put_object  # type: ignore[method-assign]
