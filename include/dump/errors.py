"""What can be wrong with a dump. The same bytes fail the same way, so none of these is worth a retry.

Every message is one sentence that names the object and what to do.
"""

from __future__ import annotations


class DumpError(Exception):
    """The dump, or its manifest, cannot be loaded as it is."""


class DumpMissing(DumpError):
    """There is no dump of exactly the expected date (incident I-34)."""


class DumpAmbiguous(DumpError):
    """The same date lies in the bucket in more than one compression."""


class DumpTooSmall(DumpError):
    """The object is smaller than any real dump: below 10 MiB by default."""


class DumpChanged(DumpError):
    """The object was replaced while it was being read, or differs from what its manifest says."""


class ManifestRejected(DumpError):
    """The manifest is unreadable, of another date, invalid, or names our own database as the source (I-06)."""


class TruncatedDump(DumpError):
    """The file ends in the middle of something, or nothing proves that it is complete."""


class UnexpectedStatement(DumpError):
    """The file holds something that is neither a table's definition, nor its rows, nor known to be harmless."""


class StatementRefused(DumpError):
    """The server refused a statement of the dump, or stored something else than what the dump says."""


class AuditFailed(DumpError):
    """Everything was loaded, but the audit found a fault in the result."""
