"""Digests of blocks of rows (include/dump/blocks.py), kept for each table of the loads that readers see.

They are kept under the checksum of the table's bytes in the dump, so that what is found always belongs to these bytes.
"""

from __future__ import annotations

from collections.abc import Collection

import MySQLdb

from include.warehouse.ledger import SHOWN
from include.warehouse.schema import OPS

# Well below `max_allowed_packet`, of which MariaDB has 16 MiB.
PART_BYTES = 1024 * 1024


def save_blocks(connection: MySQLdb.Connection, checksum: str, definition: str, data: bytes) -> None:
    """Keep the digests of a table.

    Args:
        connection: login that owns `ops`.
        checksum: of the table's bytes in the dump.
        definition: digest of its definition.
        data: digests of its blocks.
    """
    with connection.cursor() as cursor:
        for part, start in enumerate(range(0, len(data), PART_BYTES)):
            cursor.execute(
                f"REPLACE INTO {OPS}.table_blocks (checksum, part, definition, digests) VALUES (%s, %s, %s, %s)",
                (checksum, part, definition, data[start : start + PART_BYTES]),
            )


def read_blocks(connection: MySQLdb.Connection, checksum: str) -> tuple[str, bytes] | None:
    """Return what `save_blocks` kept for a table, None when there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT definition, digests FROM {OPS}.table_blocks WHERE checksum = %s ORDER BY part", (checksum,)
        )
        parts = cursor.fetchall()
    return (parts[0][0], b"".join(bytes(data) for _, data in parts)) if parts else None


def known_blocks(connection: MySQLdb.Connection, checksums: Collection[str]) -> set[str]:
    """Return those of the checksums for which digests are kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT checksum FROM {OPS}.table_blocks WHERE checksum IN %s", (sorted(checksums) or [""],)
        )
        return {checksum for (checksum,) in cursor.fetchall()}


def prune_blocks(connection: MySQLdb.Connection, load_id: int) -> None:
    """Delete the digests that belong neither to a load nor to what readers of any schema see.

    Args:
        connection: login that owns `ops`.
        load_id: the load.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {OPS}.table_blocks WHERE checksum NOT IN (SELECT checksum FROM {OPS}.table_ledger "
            f"WHERE load_id = %s OR load_id IN (SELECT MAX(load_id) FROM {OPS}.load_ledger WHERE state IN %s "
            "GROUP BY schema_name))",
            (load_id, SHOWN),
        )
