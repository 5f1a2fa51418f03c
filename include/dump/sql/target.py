"""The server that a dump is loaded into, as far as the reading of a definition depends on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """A server's flavour and version.

    Attributes:
        is_mariadb: MariaDB instead of MySQL or Aurora.
        version: as versioned comments write it: 80036 is 8.0.36, 101106 is 10.11.6.
        implicit_collation: of utf8mb4 where a definition names none; empty for the server's own default. MySQL up to
            5.7 and older MariaDBs leave their default out of a dump. Later servers have others, under which rows that
            were unique at the source are no longer. MySQL 8 always names it.
    """

    is_mariadb: bool
    version: int
    implicit_collation: str = "utf8mb4_general_ci"

    def runs(self, version: int, for_mariadb: bool) -> bool:
        """Whether the server runs what stands in a versioned comment.

        MariaDB skips what MySQL marks with 5.7 or later (https://mariadb.com/kb/en/comment-syntax/).

        Args:
            version: the comment's, 0 for none.
            for_mariadb: it begins with `/*M!`.
        """
        if for_mariadb and not self.is_mariadb:
            return False
        if self.is_mariadb and not for_mariadb and 50700 <= version <= 99999:
            return False
        return version <= self.version


# Aurora MySQL 3, which production loads into: what a scan without a server assumes.
AURORA = Target(is_mariadb=False, version=80039)


def target_of(version: str) -> Target:
    """Return the target that a server's `@@version` names, for example `8.0.39` or `10.11.6-MariaDB-log`."""
    found = re.match(r"(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)", version)
    if not found:
        return AURORA
    major, minor, patch = map(int, found.groups())
    return Target("mariadb" in version.lower(), major * 10_000 + minor * 100 + patch)


def target_on(connection: Any) -> Target:
    """Return the target that a driver connection leads to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@version")
        (version,) = cursor.fetchone()
    return target_of(version)
