"""The schemas and the platform's own tables. Nothing of ours lives in a schema that the dump replaces (I-04, I-11)."""

from __future__ import annotations

import MySQLdb

STAGING = "staging"
NEXT = "staging_next"
PREVIOUS = "staging_prev"
HISTORY = "history"
OPS = "ops"

OWN_SCHEMAS = frozenset((STAGING, NEXT, PREVIOUS, HISTORY, OPS, "silver", "gold", "seeds", "test_results", "tokyobeta"))
"""A dump that says it comes from one of these was taken from ourselves (incident I-06)."""

TEXT = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

TABLES = (
    # The key begins with the date, so that a day is one range: appended at the end, replaced without touching others.
    f"""
    CREATE TABLE IF NOT EXISTS {HISTORY}.tenant_daily_snapshots (
      tenant_id INT NOT NULL,
      status INT NOT NULL,
      contract_type INT NOT NULL,
      full_name VARCHAR(191) NULL,
      snapshot_date DATE NOT NULL,
      PRIMARY KEY (snapshot_date, tenant_id),
      KEY tenant_id (tenant_id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='State of every tenant on every day; rebuilt from snapshots/ in S3'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.load_ledger (
      load_id BIGINT NOT NULL AUTO_INCREMENT,
      target_date DATE NOT NULL COMMENT 'business date, JST',
      state VARCHAR(16) NOT NULL COMMENT 'started, publishing, published, failed or superseded',
      loaded_by VARCHAR(288) NOT NULL,
      started_at DATETIME(3) NOT NULL COMMENT 'UTC',
      finished_at DATETIME(3) NULL COMMENT 'UTC',
      dump_object VARCHAR(1024) NOT NULL,
      dump_etag VARCHAR(128) NOT NULL,
      dump_version VARCHAR(1024) NULL,
      dump_bytes BIGINT NOT NULL COMMENT 'in the bucket',
      dump_sha256 CHAR(64) NULL,
      loaded_rows BIGINT NULL,
      rejected_rows BIGINT NULL,
      skipped VARCHAR(255) NULL COMMENT 'triggers, routines, events and views that were passed over',
      notes TEXT NULL COMMENT 'what differs from the declared source without stopping the load',
      reason TEXT NULL COMMENT 'why the load failed',
      PRIMARY KEY (load_id),
      KEY target_date (target_date, state)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='One row per attempt to load a dump'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.table_ledger (
      load_id BIGINT NOT NULL,
      table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
      loaded_rows BIGINT NOT NULL,
      rejected_rows BIGINT NOT NULL COMMENT 'duplicate keys inside the dump',
      previous_rows BIGINT NULL COMMENT 'in the last published load of an earlier date',
      dump_bytes BIGINT NOT NULL COMMENT 'definition and rows, decompressed',
      checksum CHAR(32) NOT NULL COMMENT 'BLAKE2b of definition and rows as the dump writes them',
      seconds DECIMAL(9,3) NOT NULL,
      PRIMARY KEY (load_id, table_name)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='One row per table of a load'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.llm_enrichment_cache (
      tenant_id BIGINT NOT NULL,
      full_name VARCHAR(191) NULL,
      full_name_hash CHAR(64) NOT NULL COMMENT 'SHA-256 of the name, of UNKNOWN when empty',
      llm_nationality VARCHAR(128) NULL,
      llm_confidence DECIMAL(4,3) NULL,
      enriched_at DATETIME NULL COMMENT 'UTC',
      model_version VARCHAR(128) NULL,
      created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (tenant_id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Nationality predictions, kept across loads'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.property_geo_latlon_backup (
      apartment_id BIGINT NOT NULL,
      asset_id_hj VARCHAR(191) NULL,
      apartment_name VARCHAR(191) NULL,
      full_address VARCHAR(512) NULL,
      prefecture VARCHAR(191) NULL,
      municipality VARCHAR(191) NULL,
      latitude DECIMAL(11,8) NOT NULL,
      longitude DECIMAL(11,8) NOT NULL,
      source_updated_at DATETIME NULL,
      source_table VARCHAR(64) NULL,
      created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (apartment_id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Last valid coordinates of every building'
    """,
)


def ensure_platform_tables(connection: MySQLdb.Connection) -> None:
    """Create the loader's schemas and the platform's own tables (domain 1.10) where they are missing.

    Existing ones are left as they are. The login needs CREATE on these schemas, nothing global.
    """
    for schema in (STAGING, NEXT, PREVIOUS, HISTORY, OPS):
        create_schema(connection, schema)
    with connection.cursor() as cursor:
        for statement in TABLES:
            cursor.execute(statement)


def create_schema(connection: MySQLdb.Connection, schema: str) -> None:
    """Create an empty schema with the platform's character set."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}` {TEXT}")


def table_names(connection: MySQLdb.Connection, schema: str) -> list[str]:
    """Return the tables of a schema, in order of their names, case respected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (schema,),
        )
        return sorted(name for (name,) in cursor.fetchall())
