"""The platform's own tables exist, and survive."""

from __future__ import annotations

import contextlib

from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import ensure_platform_tables, table_names


def test_everything_is_there_and_a_second_call_keeps_it(loader: Endpoint) -> None:
    with contextlib.closing(loader.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute("INSERT INTO ops.nationality_calls VALUES ('2026-03-02', 'jp.x:1', 1, 50, 2.5)")
        cursor.execute("INSERT INTO history.tenant_daily_snapshots VALUES (1, 9, 1, '山田', '2026-03-02')")
        ensure_platform_tables(connection)
        cursor.execute("SELECT COUNT(*) FROM ops.nationality_calls, history.tenant_daily_snapshots")
        assert cursor.fetchone() == (1,)
        assert table_names(connection, "history") == ["tenant_daily_snapshots"]
        assert table_names(connection, "ops") == [
            "date_overrides",
            "dbt_results",
            "load_ledger",
            "lock_key",
            "nationality_calls",
            "nationality_evaluation",
            "nationality_predictions",
            "property_geo_latlon_backup",
            "publications",
            "recoveries",
            "rejected_rows",
            "rent_roll_classes",
            "rent_roll_runs",
            "reports",
            "table_blocks",
            "table_ledger",
        ]
        cursor.execute(
            "SELECT schema_name, default_collation_name FROM information_schema.schemata "
            "WHERE schema_name LIKE 'staging%' ORDER BY schema_name"
        )
        assert cursor.fetchall() == tuple(
            (schema, "utf8mb4_unicode_ci") for schema in ("staging", "staging_next", "staging_prev")
        )
