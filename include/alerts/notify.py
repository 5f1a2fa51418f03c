"""Which alerts are sent: one message for each incident, and one when it is resolved.

The process whose conditional put creates the incident in S3 sends the alert; later ones only add a sighting. The order
is put, send, note as sent: an incident whose sender died or could not send stays pending, and the next process that
meets it sends the alert. When S3 fails the alert is sent all the same: twice is better than never.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from include.alerts import messages
from include.alerts.incident import REASON_LIMIT, Incident
from include.alerts.incident_store import ATTEMPTS, change, close_incidents, get, put, stored
from include.settings import Settings

log = logging.getLogger(__name__)

# A sender that has not sent its message within this time is taken for dead; the next one may send it.
CLAIM = timedelta(minutes=2)

# Sends a message; raises when it could not be sent.
Notify = Callable[[messages.Message], None]


def report_problem(s3: Any, settings: Settings, incident: Incident, now: datetime, notify: Notify) -> bool:
    """Send the alert of an incident unless it was sent before; return whether it was sent now.

    Never raises: a message that cannot be sent is logged, and the incident stays pending.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        incident: what was noticed.
        now: the present, aware.
        notify: sends the message.
    """
    try:
        incident = replace(incident, reason=incident.reason.strip()[:REASON_LIMIT])
        if open_incident(s3, settings, incident, now):
            return _send(s3, settings, incident, now, notify)
        log.warning("The alert was sent before (%s): %s", incident.path, incident.reason)
    except Exception:
        log.exception("The alert could not be made and was not sent")
    return False


def send_pending(s3: Any, settings: Settings, since: date, now: datetime, notify: Notify) -> list[Incident]:
    """Send the alerts of open incidents that could not be sent before; return those that were sent now.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        since: first business date to look at.
        now: the present, aware.
        notify: sends a message.

    Raises:
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: S3 cannot be reached or refuses.
    """
    sent = []
    for kept, etag in stored(s3, settings, since):
        claimed = replace(kept, claimed_at=now)
        if _is_pending(kept, now) and put(s3, settings, claimed, etag) and _send(s3, settings, claimed, now, notify):
            sent.append(claimed)
    return sent


def report_resolved(
    s3: Any,
    settings: Settings,
    target: date,
    now: datetime,
    notify: Notify,
    where: Callable[[Incident], bool] = lambda _: True,
) -> list[Incident]:
    """Close the open incidents of a date and send one message that they are resolved.

    Incidents without a sent alert are closed silently. When the message cannot be sent the incidents are open again.

    Args:
        s3: boto3 S3 client.
        settings: bucket, and the environment's name.
        target: business date of the incidents.
        now: the present, aware.
        notify: sends the message.
        where: which of the date's incidents are resolved; by default all.

    Returns:
        The incidents that the message names.

    Raises:
        Exception: S3 or the message's route failed; try again.
    """
    resolved = [incident for incident in close_incidents(s3, settings, target, now, where) if incident.sent_at]
    if resolved:
        message = messages.resolved(settings.environment, target, resolved, _shown(s3, settings), now)
        log.info("%s\n%s", message.subject, message.body)
        try:
            notify(message)
        except Exception:
            for incident in resolved:
                change(s3, settings, incident, closed_at=None)
            raise
    return resolved


def open_incident(s3: Any, settings: Settings, incident: Incident, now: datetime) -> bool:
    """Store an incident; return whether the caller has to send the alert.

    That is so when the incident is new, when an earlier one of its key is closed, when its alert is pending, and when
    S3 fails, for then nothing is known.
    """
    claimed = replace(incident, claimed_at=now).seen(incident, now)
    try:
        for _ in range(ATTEMPTS):
            if put(s3, settings, claimed):
                return True
            found = get(s3, settings, incident.path)
            if found is None:
                continue
            kept, etag = found
            if kept.closed_at:
                if put(s3, settings, claimed, etag):
                    return True
            elif _is_pending(kept, now):
                if put(s3, settings, replace(kept, claimed_at=now).seen(incident, now), etag):
                    return True
            elif put(s3, settings, kept.seen(incident, now), etag):
                return False
    except Exception:
        log.exception("The incident could not be stored in S3; its alert is sent without it, perhaps twice")
        return True
    return False


def _send(s3: Any, settings: Settings, incident: Incident, now: datetime, notify: Notify) -> bool:
    message = messages.problem(settings.environment, incident, _shown(s3, settings), now)
    log.warning("%s\n%s", message.subject, message.body)
    try:
        notify(message)
    except Exception:
        log.exception("The alert could not be sent")
        _note(s3, settings, incident, claimed_at=None)
        return False
    _note(s3, settings, incident, sent_at=now)
    return True


def _shown(s3: Any, settings: Settings) -> messages.Published:
    """Return what readers see, as far as it is known."""
    from include.warehouse.readers import last_published

    try:
        return messages.Published(last_published(s3, settings, "gold"), last_published(s3, settings, "dashboards"))
    except Exception:
        log.exception("What readers see could not be read from S3; the message calls it unknown")
        return messages.Published(None, None)


def _note(s3: Any, settings: Settings, incident: Incident, **changes: Any) -> None:
    try:
        change(s3, settings, incident, **changes)
    except Exception:
        log.exception("The state of %s could not be stored in S3; its alert may be sent again", incident.path)


def _is_pending(kept: Incident, now: datetime) -> bool:
    if kept.sent_at or kept.closed_at:
        return False
    return kept.claimed_at is None or now - kept.claimed_at > CLAIM
