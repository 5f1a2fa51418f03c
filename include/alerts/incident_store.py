"""Incidents in S3: one object each, `incidents/<business date>/<key>.json`, written by conditional puts only.

Conditional puts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from include.alerts.incident import PREFIX, Incident
from include.settings import Settings

log = logging.getLogger(__name__)

# Thirty tasks that fail together write to one object; a sighting that is lost then does no harm.
ATTEMPTS = 8


def open_incidents(s3: Any, settings: Settings, since: date) -> list[Incident]:
    """Return the incidents that are not resolved, from business date `since` on, the oldest first.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    return [incident for incident in incidents(s3, settings, since) if incident.is_open]


def incidents(s3: Any, settings: Settings, since: date) -> list[Incident]:
    """Return all incidents from business date `since` on, warnings and resolved ones included."""
    return sorted((kept for kept, _ in stored(s3, settings, since)), key=lambda kept: (kept.business_date, kept.since))


def close_incidents(
    s3: Any, settings: Settings, target: date, now: datetime, where: Callable[[Incident], bool] = lambda _: True
) -> list[Incident]:
    """Close the open incidents of a date; return those that this call closed.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    closed = []
    for kept, _ in stored(s3, settings, target, target):
        if kept.is_open and where(kept) and (over := change(s3, settings, kept, closed_at=now)):
            closed.append(over)
    return sorted(closed, key=lambda incident: incident.since)


def change(s3: Any, settings: Settings, incident: Incident, **changes: Any) -> Incident | None:
    """Change a stored incident; return it, or None when it is gone or another process made the same change."""
    for _ in range(ATTEMPTS):
        found = get(s3, settings, incident.path)
        if found is None or ("closed_at" in changes and bool(found[0].closed_at) == bool(changes["closed_at"])):
            return None
        changed: Incident = replace(found[0], **changes)
        if put(s3, settings, changed, found[1]):
            return changed
    return None


def stored(s3: Any, settings: Settings, first: date, last: date | None = None) -> Iterator[tuple[Incident, str]]:
    """Yield each incident with its ETag, from business date `first` to `last`, or without end."""
    place: dict[str, Any] = {"Bucket": settings.require("bucket"), "Prefix": PREFIX}
    if last == first:
        place["Prefix"] = f"{PREFIX}{first}/"
    else:
        place["StartAfter"] = f"{PREFIX}{first}"
    for page in s3.get_paginator("list_objects_v2").paginate(**place):
        for item in page.get("Contents", ()):
            try:
                found = get(s3, settings, item["Key"])
            except ValueError as error:
                log.warning("%s", error)
                continue
            if found:
                yield found


def get(s3: Any, settings: Settings, path: str) -> tuple[Incident, str] | None:
    """Return an incident with its ETag, or None when there is none.

    Raises:
        ValueError: the object is not an incident.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    try:
        answer = s3.get_object(Bucket=settings.require("bucket"), Key=path)
    except s3.exceptions.NoSuchKey:
        return None
    try:
        return Incident.from_json(answer["Body"].read()), answer["ETag"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"s3://{settings.bucket}/{path} is not an incident ({error}); delete it") from error


def put(s3: Any, settings: Settings, incident: Incident, version: str | None = None) -> bool:
    """Write an incident if it does not exist, or if its ETag is still `version`; return whether it was written."""
    from botocore.exceptions import ClientError

    condition = {"IfMatch": version} if version else {"IfNoneMatch": "*"}
    try:
        s3.put_object(
            Bucket=settings.require("bucket"),
            Key=incident.path,
            Body=incident.to_json().encode(),
            ContentType="application/json; charset=utf-8",
            **condition,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"):
            return False
        raise
    return True
