"""Fixtures of the alerts' tests: an AWS account with a mailbox."""

from tests.include.mailbox import failure, inbox, s3, settings

__all__ = ["failure", "inbox", "s3", "settings"]
