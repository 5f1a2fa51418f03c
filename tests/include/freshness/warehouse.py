"""A small warehouse with the tables that the watch looks at, on a real server."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import MySQLdb

from include.schedule import JST
from include.warehouse import ledger
from include.warehouse.endpoint import Endpoint
from include.warehouse.ledger import TableCount
from include.warehouse.publications import Publication, record_publication
from include.warehouse.schema import create_schema, ensure_platform_tables

TODAY = date(2026, 3, 2)
SCHEMAS = ("staging", "staging_next", "staging_prev", "history", "ops", "silver", "gold", "gold_next", "gold_prev")
TABLES = {
    "staging.movings": "id INT PRIMARY KEY, updated_at DATETIME, movein_decided_date DATETIME",
    "staging.tenants": "id INT PRIMARY KEY, updated_at DATETIME, created_at DATETIME",
    "staging.rooms": "id INT PRIMARY KEY, updated_at DATETIME",
    "staging.apartments": "id INT PRIMARY KEY, updated_at DATETIME",
    "staging.inquiries": "id INT PRIMARY KEY, inquiry_date DATE",
    "staging.m_nationalities": "id INT PRIMARY KEY",
    "silver.tenant_room_snapshot_daily": "snapshot_date DATE, id INT, PRIMARY KEY (snapshot_date, id)",
    "gold.occupancy_daily_metrics": "snapshot_date DATE PRIMARY KEY, is_projection INT",
}
MODELLED = ("movings", "tenants", "rooms", "apartments", "m_nationalities", "inquiries")


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """A time of a Tokyo day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=JST)


class Warehouse:
    """Fills the tables as a run of a business date leaves them."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.connection = endpoint.connect()

    def run(self, statement: str, *values: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)

    def empty(self) -> None:
        for schema in SCHEMAS:
            self.run(f"DROP DATABASE IF EXISTS {schema}")

    def create(self) -> None:
        """Make every table that is missing, and empty the others; dropping all of them each time takes seconds."""
        ensure_platform_tables(self.connection)
        for schema in ("silver", "gold"):
            create_schema(self.connection, schema)
        for table, columns in TABLES.items():
            self.run(f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE=InnoDB")
        owned = ("load_ledger", "table_ledger", "publications", "date_overrides")
        for table in (*TABLES, *(f"ops.{name}" for name in owned), "history.tenant_daily_snapshots"):
            self.run(f"DELETE FROM {table}")
        self.run("ALTER TABLE gold.occupancy_daily_metrics COMMENT ''")

    def load(self, target: date, rows: int = 1000, **others: int) -> None:
        """The dump of a date is in staging, with changes of that morning."""
        changed = at(5, 20, target).astimezone(UTC).replace(tzinfo=None)
        for table in ("movings", "tenants", "rooms", "apartments"):
            self.run(f"REPLACE INTO staging.{table} (id, updated_at) VALUES (1, %s)", changed)
        self.run("UPDATE staging.movings SET movein_decided_date = %s", target)
        self.run("UPDATE staging.tenants SET created_at = %s", changed)
        self.run("REPLACE INTO staging.inquiries VALUES (1, '2023-05-02')")
        load_id = ledger.start(self.connection, target, dump="s3://b/d", etag=None, version=None, size=1)
        before = ledger.previous_rows(self.connection, target)
        counted = dict.fromkeys(MODELLED, rows) | others
        counts = [TableCount(name, n, 0, 1, "c", False, 0.1, before.get(name)) for name, n in counted.items()]
        ledger.record(self.connection, load_id, counts, sha256="s", skipped={}, notes=[])
        self.run("DROP TABLE IF EXISTS staging._generation")
        self.run("RENAME TABLE staging_next._generation TO staging._generation")
        ledger.set_state(self.connection, load_id, "published")
        self.run("REPLACE INTO history.tenant_daily_snapshots VALUES (1, 9, 1, NULL, %s)", target)

    def publish(self, target: date, published_at: datetime | None = None) -> None:
        """Gold and the dashboards show a date."""
        self.run("REPLACE INTO silver.tenant_room_snapshot_daily VALUES (%s, 1)", target)
        self.run("REPLACE INTO gold.occupancy_daily_metrics VALUES (%s, 0), (%s, 1)", target, target + timedelta(1))
        self.run(f"ALTER TABLE gold.occupancy_daily_metrics COMMENT 'Business date {target}'")
        now = published_at or at(7, 20, target)
        for layer, rows in (("staging", 5000), ("gold", 1234), ("dashboards", None)):
            record_publication(self.connection, Publication(target, layer, now, rows, 60.0))

    def close(self) -> None:
        with contextlib.suppress(MySQLdb.Error):
            self.connection.close()
