"""Read what would have been mailed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from include.schedule import JST
from infra.local.aws.account import QUEUE, client


@dataclass(frozen=True)
class Mail:
    """One alert.

    Attributes:
        sent: when it was published.
        subject: subject line.
        body: text.
    """

    sent: datetime
    subject: str
    body: str

    def page(self) -> str:
        """Return the mail as text, its date in JST."""
        return f"{self.sent.astimezone(JST):%Y-%m-%d %H:%M:%S} JST  {self.subject}\n\n{self.body.strip()}\n"


def read_inbox(url: str) -> list[Mail]:
    """Return all mails, the oldest first, and leave them in the queue."""
    sqs = client(url, "sqs")
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    mails, handles = [], []
    # Each message hides while we look for the next ones, and shows again afterwards.
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
        for message in found:
            handles.append(message["ReceiptHandle"])
            letter = json.loads(message["Body"])
            sent = datetime.fromisoformat(letter["Timestamp"].replace("Z", "+00:00"))
            mails.append(Mail(sent, letter.get("Subject", ""), letter["Message"]))
    for handle in handles:
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    return sorted(mails, key=lambda mail: mail.sent)
