"""Routes of a message: a mail through SNS and, where a webhook is configured, Slack."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Callable
from typing import Any

from include.alerts.messages import Message
from include.settings import Settings

log = logging.getLogger(__name__)

SECONDS_TO_CONNECT = 5
SECONDS_TO_ANSWER = 10
ATTEMPTS = 3
# Slack cuts off longer texts.
SLACK_LIMIT = 40_000


def send(settings: Settings, message: Message, slack_webhook: Callable[[], str] = str) -> None:
    """Send a message on every route that is configured.

    Args:
        settings: the alert topic.
        message: what to send.
        slack_webhook: returns the address of a Slack webhook, which is a secret, or an empty text; it must not raise.

    Raises:
        Exception: the mail could not be sent.
    """
    mail(settings, message)
    if webhook := slack_webhook():
        post(webhook, message)


def mail(settings: Settings, message: Message) -> None:
    """Send a mail through the alert topic.

    Raises:
        include.settings.SettingsError: no topic is configured.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: SNS cannot be reached or refuses.
    """
    import boto3

    topic = settings.require("alert_topic_arn")
    client = boto3.client("sns", region_name=topic.split(":")[3], config=_patience())
    client.publish(TopicArn=topic, Subject=message.subject, Message=message.body)


def post(webhook: str, message: Message) -> None:
    """Send a message to a Slack webhook; a failure is logged, without the address, which is a secret.

    See https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/.
    """
    text = json.dumps({"text": _for_slack(f"*{message.subject}*\n{message.body}")}).encode()
    try:
        if not webhook.startswith(("https://", "http://127.0.0.1:")):
            raise ValueError("the address does not begin with https://")
        request = urllib.request.Request(webhook, text, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER):  # noqa: S310
            pass
    except Exception as error:
        status = getattr(error, "code", "")
        log.warning("The message did not reach Slack (%s %s); the mail was sent", type(error).__name__, status)


def _for_slack(text: str) -> str:
    """Return text that Slack shows as it is: no mention, no link under another name; bare addresses become links.

    See https://docs.slack.dev/messaging/formatting-message-text/#escaping.
    """
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, entity)
    return text[:SLACK_LIMIT]


def s3_client() -> Any:
    """Return an S3 client that does not keep a callback waiting when S3 is out of reach."""
    import boto3

    return boto3.client("s3", config=_patience())


def _patience() -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=SECONDS_TO_CONNECT, read_timeout=SECONDS_TO_ANSWER, retries={"total_max_attempts": ATTEMPTS}
    )
