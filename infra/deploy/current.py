"""What is shipped, which release a rollback ships, and who is deploying: `current.json` and `deploy.lock`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from botocore.exceptions import ClientError

from infra.deploy import DeployError
from infra.deploy.bucket import Bucket, to_json

CURRENT = "current.json"
LOCK = "deploy.lock"


@dataclass(frozen=True)
class Current:
    """What is shipped.

    Attributes:
        release: commit that is shipped, or was being shipped when something failed; None before the first.
        shipped_at: when its last file was in place, ISO 8601; None while it is being shipped.
        good: commits that were verified, the newest last.
    """

    release: str | None = None
    shipped_at: str | None = None
    good: list[str] = field(default_factory=list)

    @property
    def previous(self) -> str | None:
        """The release to go back to: the last good one, or when that is wholly shipped, the one before it."""
        return next((commit for commit in reversed(self.good) if commit != self.release or not self.shipped_at), None)

    def shipping(self, commit: str) -> Current:
        """The state while `commit` is being shipped."""
        return replace(self, release=commit, shipped_at=None)

    def going_back(self) -> Current:
        """The state while the previous release is being shipped; what came after it is forgotten.

        Raises:
            DeployError: there is none.
        """
        previous = self.previous
        if previous is None:
            raise DeployError(
                f"there is no good release before {(self.release or 'the first')[:12]}; deploy a fixed commit instead"
            )
        return Current(previous, good=self.good[: self.good.index(previous) + 1])

    def shipped(self, at: datetime) -> Current:
        """The state once every file is in place."""
        return replace(self, shipped_at=at.isoformat(timespec="seconds"))

    def verified(self) -> Current:
        """The state once Airflow runs the release without errors."""
        assert self.release  # noqa: S101  only what is shipped is verified
        return replace(self, good=[*(commit for commit in self.good if commit != self.release), self.release])


def read_current(bucket: Bucket) -> Current:
    """Return what is shipped."""
    content = bucket.read(CURRENT)
    return Current(**json.loads(content)) if content else Current()


def write_current(bucket: Bucket, current: Current) -> None:
    """Record what is shipped."""
    bucket.put(CURRENT, to_json(asdict(current)))


@contextmanager
def locked(bucket: Bucket, who: str, now: datetime, unlock_command: str) -> Iterator[None]:
    """Hold the bucket's only lock.

    Args:
        bucket: where to deploy to.
        who: named to whom finds it locked.
        now: named likewise.
        unlock_command: removes the lock, named likewise.

    Raises:
        DeployError: another deploy holds it.
    """
    content = to_json({"who": who, "since": now.isoformat(timespec="seconds")})
    try:
        put = bucket.s3.put_object(Bucket=bucket.name, Key=LOCK, Body=content, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise
        raise DeployError(
            f"{describe_lock(bucket) or 'somebody'} is deploying; wait until that is done, "
            f"or if it died, remove its lock with `{unlock_command}`"
        ) from None
    try:
        yield
    finally:
        # Delete only our own lock: it may have been removed as stale and taken by another deploy.
        with _ignoring("PreconditionFailed", "NoSuchKey"):
            bucket.s3.delete_object(Bucket=bucket.name, Key=LOCK, IfMatch=put["ETag"])


def describe_lock(bucket: Bucket) -> str | None:
    """Return who has the lock and since when, or None."""
    content = bucket.read(LOCK)
    if content is None:
        return None
    lock = json.loads(content)
    return f"{lock['who']} (since {lock['since']})"


def unlock(bucket: Bucket) -> None:
    """Remove the lock, even one that another deploy holds."""
    bucket.delete(LOCK)


@contextmanager
def _ignoring(*codes: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
