"""What an alert is about: an incident, its key in S3, and its JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from include.alerts.causes import Cause
from include.plain_text import showable

PREFIX = "incidents/"
# A mail is read on a telephone; the whole trace is in the task's log.
REASON_LIMIT = 1500
SIGHTINGS_KEPT = 50
KEY_LIMIT = 100


@dataclass(frozen=True)
class Incident:
    """Trouble that is worth one alert.

    Attributes:
        business_date: the Tokyo day whose figures it is about.
        cause: its alert class.
        reason: the error's own sentence, without personal data.
        since: when it began, aware.
        subject: what is at fault, where one date can have two faults of one cause that need an alert each: a dbt test,
            a deadline, a table. Empty: one incident of this cause a day.
        origin: DAG, or command, that noticed it.
        step: task that failed, if one did.
        tries: how often that task was tried.
        url: page on which to look, if there is one.
        warning: the figures are complete all the same; an alert is sent, but none that it is resolved.
        claimed_at: when a process began to send the alert.
        sent_at: when the alert had been sent.
        closed_at: when it was resolved.
        sightings: which task noticed it, and when; the first ones only.
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
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    sightings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Escape in every text what cannot be stored, sent or shown."""
        for name in ("reason", "subject", "origin", "step", "url"):
            object.__setattr__(self, name, showable(getattr(self, name)))

    @property
    def key(self) -> str:
        """Identity of the incident within its date: the cause, and the subject if there is one."""
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
        """Whether it still has to be resolved."""
        return self.closed_at is None and not self.warning

    def to_json(self) -> str:
        """Return it as it is stored."""
        return json.dumps(vars(self), default=str, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> Incident:
        """Read what `to_json` wrote; fields that a later version added are skipped."""
        kept = json.loads(text)
        values = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        for name in ("since", "claimed_at", "sent_at", "closed_at"):
            values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
        values["business_date"] = date.fromisoformat(values["business_date"])
        values["cause"] = Cause(values["cause"])
        values["sightings"] = tuple(values.get("sightings", ()))
        return cls(**values)

    def seen(self, by: Incident, now: datetime) -> Incident:
        """Return it with one more sighting."""
        sighting = f"{now.isoformat(timespec='seconds')} {by.origin} {by.step}".strip()
        return replace(self, sightings=(*self.sightings, sighting)[:SIGHTINGS_KEPT])


def resolved_by(dag_id: str) -> Callable[[Incident], bool]:
    """Return which incidents of a date a green run of that DAG resolves.

    These are its own, and those about the dump and the deadline whatever their origin. It proves nothing about the age
    of the data, nor about what other DAGs met.
    """
    judged = (Cause.DUMP_MISSING, Cause.DUMP_REJECTED, Cause.LATE)
    return lambda incident: incident.origin == dag_id or incident.cause in judged
