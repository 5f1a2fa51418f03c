"""One message for each incident, however many tasks, schedulers and deadlines notice it, and one when it is over.

An incident is an object in S3, `incidents/<business date>/<key>.json`. Who makes it by a conditional put tells people;
everybody after that only notes that it was seen again. The order is put, send, note as told: whoever dies in between,
or cannot send, leaves an incident that counts as untold, and the next one that sees it tells. When S3 itself fails,
people are told all the same: better twice than never.

Conditional puts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from include.alerts import messages
from include.alerts.causes import Cause
from include.plain_text import showable
from include.settings import Settings

log = logging.getLogger(__name__)

PREFIX = "incidents/"
REASON_LIMIT = 1500
"""A mail is read on a telephone; the whole trace is in the task's log."""
SIGHTINGS_KEPT = 50
CLAIM = timedelta(minutes=2)
"""Who has not told people within this time after it said it would has died; the next one may."""
KEY_LIMIT = 100
_ATTEMPTS = 8
"""Thirty tasks that fail together write to one object; a sighting that is lost in the crowd is no loss."""

Tell = Callable[[messages.Message], None]
"""Sends a message to people; raises when it could not."""


@dataclass(frozen=True)
class Incident:
    """Something that people have to know of, once.

    Attributes:
        business_date: the Tokyo day whose figures it is about.
        cause: its alert class.
        reason: the error's own sentence, without personal data.
        since: when it began, aware.
        subject: what is at fault, where one date can have two faults of one cause that people must hear of separately:
            a dbt test, a deadline, a table. Empty: one incident of this cause a day.
        origin: DAG, or command, that noticed it.
        step: task that failed, if one did.
        tries: how often that task was tried.
        url: page on which to look, if there is one.
        warning: the figures are complete all the same; it is told, but nothing will be well again later.
        claimed_at: when somebody began to tell people.
        told_at: when people had been told.
        closed_at: when it was over.
        sightings: who noticed it, and when, the first ones.
    """

    business_date: date
    cause: Cause
    reason: str
    since: datetime
    subject: str = ""
    origin: str = ""
    step: str = ""
    tries: int = 0
    url: str = ""
    warning: bool = False
    claimed_at: datetime | None = None
    told_at: datetime | None = None
    closed_at: datetime | None = None
    sightings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Make every text one that can be kept, sent and shown, whatever it quotes."""
        for name in ("reason", "subject", "origin", "step", "url"):
            object.__setattr__(self, name, showable(getattr(self, name)))

    @property
    def key(self) -> str:
        """What makes two sightings one incident of a date: the cause, and the subject if there is one."""
        words = [str(self.cause), "warning" if self.warning else "", self.subject]
        text = re.sub(r"[^a-z0-9_.]+", "-", "-".join(word for word in words if word).lower()).strip("-")
        if len(text) <= KEY_LIMIT:
            return text
        return text[: KEY_LIMIT - 9] + "-" + hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def path(self) -> str:
        """Its key in the bucket."""
        return f"{PREFIX}{self.business_date}/{self.key}.json"

    @property
    def is_open(self) -> bool:
        """Whether it is still waited for that it ends."""
        return self.closed_at is None and not self.warning

    def to_json(self) -> str:
        """Return it as it is kept."""
        return json.dumps(vars(self), default=str, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> Incident:
        """Read what `to_json` wrote; what a later version added is passed over."""
        kept = json.loads(text)
        values = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        for name in ("since", "claimed_at", "told_at", "closed_at"):
            values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
        values["business_date"] = date.fromisoformat(values["business_date"])
        values["cause"] = Cause(values["cause"])
        values["sightings"] = tuple(values.get("sightings", ()))
        return cls(**values)

    def seen(self, by: Incident, now: datetime) -> Incident:
        """Return it with one more sighting."""
        sighting = f"{now.isoformat(timespec='seconds')} {by.origin} {by.step}".strip()
        return replace(self, sightings=(*self.sightings, sighting)[:SIGHTINGS_KEPT])


def report_problem(s3: Any, settings: Settings, incident: Incident, now: datetime, tell: Tell) -> bool:
    """Tell people of an incident, unless they know already; return whether they were told now.

    Never raises: what cannot be sent is logged, and the incident stays untold, for whoever sees it next.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        incident: what was noticed.
        now: the present, aware.
        tell: sends the message.
    """
    try:
        incident = replace(incident, reason=incident.reason.strip()[:REASON_LIMIT])
        if open_incident(s3, settings, incident, now):
            return _tell(s3, settings, incident, now, tell)
        log.warning("People know already (%s): %s", incident.path, incident.reason)
    except Exception:
        log.exception("The alert could not be made; the operators have not been told")
    return False


def tell_untold(s3: Any, settings: Settings, since: date, now: datetime, tell: Tell) -> list[Incident]:
    """Tell people of open incidents that whoever noticed them could not send; return those that were told now.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    told = []
    for kept, etag in _kept(s3, settings, since):
        claimed = replace(kept, claimed_at=now)
        if _is_untold(kept, now) and _put(s3, settings, claimed, etag) and _tell(s3, settings, claimed, now, tell):
            told.append(claimed)
    return told


def report_recovery(
    s3: Any,
    settings: Settings,
    target: date,
    now: datetime,
    tell: Tell,
    where: Callable[[Incident], bool] = lambda _: True,
) -> list[Incident]:
    """Close the open incidents of a date and tell people in one message that it is well again.

    Whoever was told of nothing is told of no recovery. When the message cannot be sent the incidents are open again.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        target: business date that is well again.
        now: the present, aware.
        tell: sends the message.
        where: which of the date's incidents are over; by default all.

    Returns:
        What people were told of.

    Raises:
        Exception: S3 or the message's route failed; try again.
    """
    told = [incident for incident in close_incidents(s3, settings, target, now, where) if incident.told_at]
    if told:
        message = messages.recovery(settings.environment, target, told, _shown(s3, settings), now)
        log.info("%s\n%s", message.subject, message.body)
        try:
            tell(message)
        except Exception:
            for incident in told:
                _change(s3, settings, incident, closed_at=None)
            raise
    return told


def open_incident(s3: Any, settings: Settings, incident: Incident, now: datetime) -> bool:
    """Note an incident; return whether it is for the caller to tell people.

    That is so when nobody noticed it before, when it had been over, or when whoever noticed it could not tell; and when
    S3 fails, for then nobody knows.
    """
    claimed = replace(incident, claimed_at=now).seen(incident, now)
    try:
        for _ in range(_ATTEMPTS):
            if _put(s3, settings, claimed):
                return True
            found = _get(s3, settings, incident.path)
            if found is None:
                continue
            kept, etag = found
            if kept.closed_at:
                if _put(s3, settings, claimed, etag):
                    return True
            elif _is_untold(kept, now):
                if _put(s3, settings, replace(kept, claimed_at=now).seen(incident, now), etag):
                    return True
            elif _put(s3, settings, kept.seen(incident, now), etag):
                return False
    except Exception:
        log.exception("The incident could not be kept in S3; people are told without it, perhaps twice")
        return True
    return False


def open_incidents(s3: Any, settings: Settings, since: date) -> list[Incident]:
    """Return what is not over yet, from business date `since` on, the oldest first.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    return [incident for incident in incidents(s3, settings, since) if incident.is_open]


def incidents(s3: Any, settings: Settings, since: date) -> list[Incident]:
    """Return everything that was noticed from business date `since` on, warnings and what is over included."""
    return sorted((kept for kept, _ in _kept(s3, settings, since)), key=lambda kept: (kept.business_date, kept.since))


def close_incidents(
    s3: Any, settings: Settings, target: date, now: datetime, where: Callable[[Incident], bool] = lambda _: True
) -> list[Incident]:
    """Note that the open incidents of a date are over; return those that this call closed, told or not.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    closed = []
    for kept, _ in _kept(s3, settings, target, target):
        if kept.is_open and where(kept) and (over := _change(s3, settings, kept, closed_at=now)):
            closed.append(over)
    return sorted(closed, key=lambda incident: incident.since)


def proven_over(dag_id: str) -> Callable[[Incident], bool]:
    """Return which incidents of a date a green run of that DAG proves to be over.

    These are what it met itself, and whatever anybody said of the dump and the hour. The age of the data, and what
    other DAGs met, it did not look at.
    """
    judged = (Cause.DUMP_MISSING, Cause.DUMP_REJECTED, Cause.LATE)
    return lambda incident: incident.origin == dag_id or incident.cause in judged


def _tell(s3: Any, settings: Settings, incident: Incident, now: datetime, tell: Tell) -> bool:
    message = messages.problem(settings.environment, incident, _shown(s3, settings), now)
    log.warning("%s\n%s", message.subject, message.body)
    try:
        tell(message)
    except Exception:
        log.exception("The alert could not be sent; the operators have not been told")
        _note(s3, settings, incident, claimed_at=None)
        return False
    _note(s3, settings, incident, told_at=now)
    return True


def _shown(s3: Any, settings: Settings) -> messages.Shown:
    """Return what readers see, as far as it can be found out."""
    from include.warehouse.publications import last_published

    try:
        return messages.Shown(last_published(s3, settings, "gold"), last_published(s3, settings, "dashboards"))
    except Exception:
        log.exception("What readers see could not be read from S3; the message calls it unknown")
        return messages.Shown(None, None)


def _note(s3: Any, settings: Settings, incident: Incident, **changes: Any) -> None:
    try:
        _change(s3, settings, incident, **changes)
    except Exception:
        log.exception("What became of %s could not be kept in S3; people may be told again", incident.path)


def _is_untold(kept: Incident, now: datetime) -> bool:
    if kept.told_at or kept.closed_at:
        return False
    return kept.claimed_at is None or now - kept.claimed_at > CLAIM


def _change(s3: Any, settings: Settings, incident: Incident, **changes: Any) -> Incident | None:
    """Change an incident as it is kept; return it, or None when somebody else did the same or it is not there."""
    for _ in range(_ATTEMPTS):
        found = _get(s3, settings, incident.path)
        if found is None or ("closed_at" in changes and bool(found[0].closed_at) == bool(changes["closed_at"])):
            return None
        changed: Incident = replace(found[0], **changes)
        if _put(s3, settings, changed, found[1]):
            return changed
    return None


def _kept(s3: Any, settings: Settings, first: date, last: date | None = None) -> Iterator[tuple[Incident, str]]:
    """Yield what is kept with its version, from one business date to another or without end."""
    place: dict[str, Any] = {"Bucket": settings.require("bucket"), "Prefix": PREFIX}
    if last == first:
        place["Prefix"] = f"{PREFIX}{first}/"
    else:
        place["StartAfter"] = f"{PREFIX}{first}"
    for page in s3.get_paginator("list_objects_v2").paginate(**place):
        for item in page.get("Contents", ()):
            try:
                found = _get(s3, settings, item["Key"])
            except ValueError as error:
                log.warning("%s", error)
                continue
            if found:
                yield found


def _get(s3: Any, settings: Settings, path: str) -> tuple[Incident, str] | None:
    try:
        answer = s3.get_object(Bucket=settings.require("bucket"), Key=path)
    except s3.exceptions.NoSuchKey:
        return None
    try:
        return Incident.from_json(answer["Body"].read()), answer["ETag"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"s3://{settings.bucket}/{path} is not an incident ({error}); delete it") from error


def _put(s3: Any, settings: Settings, incident: Incident, version: str | None = None) -> bool:
    """Write an incident, if there is none yet or it is still at that version; return whether it was written."""
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
