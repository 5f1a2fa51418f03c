"""The ways on which a message reaches people."""

from __future__ import annotations

from include.alerts.messages import Message
from include.settings import Settings

SECONDS_TO_CONNECT = 5
SECONDS_TO_ANSWER = 10
ATTEMPTS = 3


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


def incident_store() -> object:
    """Return an S3 client that does not keep a callback waiting when S3 is out of reach."""
    import boto3

    return boto3.client("s3", config=_patience())


def _patience() -> object:
    from botocore.config import Config

    return Config(
        connect_timeout=SECONDS_TO_CONNECT, read_timeout=SECONDS_TO_ANSWER, retries={"total_max_attempts": ATTEMPTS}
    )
