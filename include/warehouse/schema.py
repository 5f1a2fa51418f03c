"""The schemas and the platform's own tables.

Nothing of ours lives in a schema that the dump replaces (I-04, I-11), but for one table of one row, which says which
load made the tables beside it (`MARK`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import MySQLdb

STAGING = "staging"
HISTORY = "history"
OPS = "ops"
# Three tables that the enrichment writes and the status page reads.
NATIONALITY_PREDICTIONS = f"{OPS}.nationality_predictions"
NATIONALITY_EVALUATION = f"{OPS}.nationality_evaluation"
NATIONALITY_CALLS = f"{OPS}.nationality_calls"
# Tables for readers that the DAGs of the reports build; no part of gold's generations.
REPORTS = "reports"


@dataclass(frozen=True)
class SchemaSet:
    """The three schemas that hold the generations of one set of tables.

    Attributes:
        live: schema that readers see.

    Raises:
        ValueError: the name is not one that can be put into a statement.
    """

    live: str = STAGING

    def __post_init__(self) -> None:
        """Check the name."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", self.live):
            raise ValueError(f"{self.live!r} cannot be the name of a schema; use small letters, digits and _")

    @property
    def next(self) -> str:
        """Schema in which a generation is built."""
        return f"{self.live}_next"

    @property
    def previous(self) -> str:
        """Schema that keeps what the last generation replaced."""
        return f"{self.live}_prev"


BRONZE = SchemaSet(STAGING)
GOLD = SchemaSet("gold")
OTHERS = frozenset(
    (HISTORY, OPS, "silver", GOLD.live, GOLD.next, GOLD.previous, REPORTS, "seeds", "test_results", "tokyobeta")
)
# No dump may be loaded into these.
RESERVED = OTHERS | {"mysql", "sys", "information_schema", "performance_schema"}
# Table of ours beside those of a dump that says which load made them. No dump may have one of this name.
MARK = "_generation"
# A dump that says it comes from one of these was taken from ourselves (incident I-06).
OWN_SCHEMAS = OTHERS | {BRONZE.live, BRONZE.next, BRONZE.previous}

TEXT = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

LOCK_KEY = f"""
    CREATE TABLE IF NOT EXISTS {OPS}.lock_key (
      id TINYINT NOT NULL DEFAULT 1,
      secret CHAR(32) NOT NULL COMMENT 'random; part of the name of every lock',
      PRIMARY KEY (id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='What only those who load know (include/warehouse/load_lock.py)'
"""


def _requests(table: str, key: str, outcome: str, comment: str) -> str:
    """Return the statement that makes a table of requests (include/warehouse/requests.py)."""
    return f"""
    CREATE TABLE IF NOT EXISTS {OPS}.{table} (
      {key} BIGINT NOT NULL AUTO_INCREMENT,
      name VARCHAR(32) NOT NULL,
      requested TEXT NOT NULL COMMENT 'the form, as JSON',
      requested_by VARCHAR(191) NOT NULL,
      started_at DATETIME(3) NOT NULL COMMENT 'UTC',
      finished_at DATETIME(3) NULL COMMENT 'UTC',
      outcome TEXT NULL COMMENT '{outcome}; NULL while it lasts or when it was killed',
      PRIMARY KEY ({key})
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='{comment}'
    """


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
      schema_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'what readers see',
      target_date DATE NOT NULL COMMENT 'business date, JST',
      state VARCHAR(16) NOT NULL
        COMMENT 'started, publishing, published, rolling_back, rolled_back, failed or superseded',
      loaded_by VARCHAR(288) NOT NULL,
      started_at DATETIME(3) NOT NULL COMMENT 'UTC',
      finished_at DATETIME(3) NULL COMMENT 'UTC',
      dump_object VARCHAR(2048) NOT NULL,
      dump_etag VARCHAR(256) NULL,
      dump_version VARCHAR(1024) NULL,
      dump_bytes BIGINT NOT NULL COMMENT 'in the bucket',
      dump_sha256 VARCHAR(300) NULL COMMENT 'one for each object',
      loaded_rows BIGINT NULL,
      rejected_rows BIGINT NULL,
      skipped VARCHAR(255) NULL COMMENT 'triggers, routines, events and views that were passed over',
      notes TEXT NULL COMMENT 'what differs from the declared source without stopping the load',
      reason TEXT NULL COMMENT 'why the load failed',
      PRIMARY KEY (load_id),
      KEY schema_date (schema_name, target_date, state)
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
      checksum CHAR(64) NOT NULL COMMENT 'SHA-256 of definition and rows as the dump writes them',
      carried TINYINT NOT NULL COMMENT '1: the same as in the generation before, so it was not loaded again',
      seconds DECIMAL(9,3) NOT NULL,
      PRIMARY KEY (load_id, table_name)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='One row per table of a load'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.table_blocks (
      checksum CHAR(64) NOT NULL COMMENT 'of the table, as in table_ledger',
      part INT NOT NULL,
      definition CHAR(64) NOT NULL COMMENT 'digest of what gives the rows their meaning',
      digests MEDIUMBLOB NOT NULL COMMENT 'numbers and digests of blocks of rows, a part of them',
      PRIMARY KEY (checksum, part)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Which rows a table holds, in digests (include/dump/blocks.py)'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.rejected_rows (
      load_id BIGINT NOT NULL,
      number INT NOT NULL,
      table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
      line BIGINT NOT NULL COMMENT 'of the INSERT in the dump',
      reason TEXT NOT NULL COMMENT 'what the server said',
      row_data MEDIUMBLOB NULL COMMENT 'the row as the dump writes it',
      PRIMARY KEY (load_id, number)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Rows whose key the dump held already, of the latest loads'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.dbt_results (
      business_date DATE NOT NULL COMMENT 'JST',
      unique_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'of the node in dbt',
      name VARCHAR(255) NOT NULL,
      kind VARCHAR(16) NOT NULL COMMENT 'model, seed or test',
      about VARCHAR(512) NOT NULL COMMENT 'the tables that it builds or tests',
      status VARCHAR(16) NOT NULL COMMENT 'success, pass, warn, fail, error or skipped',
      failures BIGINT NULL COMMENT 'rows that a test found',
      seconds DECIMAL(9,3) NOT NULL,
      sentence TEXT NOT NULL COMMENT 'how it ended, in words',
      finished_at DATETIME(3) NOT NULL COMMENT 'UTC',
      PRIMARY KEY (business_date, unique_id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='How each model and test of a business date last ended'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.publications (
      business_date DATE NOT NULL COMMENT 'JST',
      layer VARCHAR(140) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
        COMMENT 'staging, gold, quicksight:<data set>, or dashboards when all data sets are refreshed',
      published_at DATETIME(3) NOT NULL COMMENT 'UTC',
      row_count BIGINT NULL,
      seconds DECIMAL(9,3) NULL COMMENT 'of dashboards: since the run began',
      PRIMARY KEY (business_date, layer, published_at)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='One row for each time that something was shown to readers'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {NATIONALITY_PREDICTIONS} (
      name_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'SHA-256 of the name, of same_person with the birth date; a name is never stored',
      source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'not_a_person, same_person, name_model, llm; forgotten: never to be asked again',
      model_version VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      nationality VARCHAR(191) NULL COMMENT 'a name of the master table; NULL: it did not know',
      confidence DECIMAL(4,3) NOT NULL COMMENT 'measured, from 0 to 1',
      first_business_date DATE NOT NULL COMMENT 'JST; earlier dates do not see the answer',
      predicted_at DATETIME(3) NOT NULL COMMENT 'UTC',
      PRIMARY KEY (name_hash, source, model_version)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Guessed nationalities, by name; the first answer stands'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {NATIONALITY_EVALUATION} (
      evaluated_on DATE NOT NULL COMMENT 'JST; the business date from which it counts',
      source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      model_version VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      part VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
        COMMENT 'all, nationality, confidence or certainty',
      value VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
        COMMENT 'the nationality, the lower bound of the confidence, or the certainty; empty for all',
      asked INT NOT NULL COMMENT 'tenants whose nationality is recorded',
      answered INT NOT NULL COMMENT 'of these with an answer at or above the threshold; of a part, those in it',
      correct INT NOT NULL COMMENT 'of these as recorded',
      mean_confidence DECIMAL(4,3) NULL COMMENT 'of the answered',
      is_used TINYINT NULL COMMENT 'only of all; 0: too often wrong, so its answers do not count from this date on',
      PRIMARY KEY (evaluated_on, source, model_version, part, value)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='How right each source of nationalities is, on tenants who have one'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {NATIONALITY_CALLS} (
      called_on DATE NOT NULL COMMENT 'JST, by the clock',
      model_version VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      calls INT NOT NULL,
      names INT NOT NULL,
      seconds DECIMAL(9,3) NOT NULL,
      PRIMARY KEY (called_on, model_version)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='What the language model was asked on a day, for its budget'
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
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.date_overrides (
      business_date DATE NOT NULL COMMENT 'JST',
      is_gap TINYINT NOT NULL COMMENT '1: show no facts of this date; 0: its dump is good',
      reason VARCHAR(191) NOT NULL,
      declared_by VARCHAR(191) NOT NULL,
      declared_at DATETIME NOT NULL COMMENT 'UTC',
      PRIMARY KEY (business_date)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='What operators declared about dates; wins over the seed quality_overrides'
    """,
    _requests("recoveries", "recovery_id", "what was done, or why it failed", "One row per recovery asked for"),
    _requests("reports", "report_id", "what was made, or why not", "One row per report asked for"),
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.rent_roll_runs (
      run_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of a file, month and date',
      period VARCHAR(6) NOT NULL COMMENT 'month of the rent roll, YYYYMM',
      as_of DATE NOT NULL COMMENT 'date whose rooms it was compared with',
      file_key VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
      etag VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
      sha256 CHAR(64) NOT NULL COMMENT 'of the file',
      file_rows INT NOT NULL COMMENT 'of all months',
      period_rows INT NOT NULL,
      active_rooms INT NOT NULL COMMENT 'occupied by the rent roll',
      pms_rooms INT NOT NULL COMMENT 'occupied by the property-management system',
      matched_rooms INT NOT NULL,
      unexplained_rooms INT NOT NULL,
      unexplained_share DECIMAL(6,4) NULL COMMENT 'of active_rooms; NULL when there is none',
      raw_variance DECIMAL(9,4) NULL COMMENT 'by which pms_rooms exceed active_rooms; NULL when there is none',
      verdict VARCHAR(16) NOT NULL COMMENT 'fine, investigate or critical',
      requested_by VARCHAR(191) NOT NULL,
      made_at DATETIME(3) NOT NULL COMMENT 'UTC',
      PRIMARY KEY (run_id)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='One row per rent roll that was compared with the rooms of a date'
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {OPS}.rent_roll_classes (
      run_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      asset_id VARCHAR(191) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'empty: the portfolio',
      class VARCHAR(40) NOT NULL COMMENT 'of rooms; matched:<what> for matched rooms in which something differs',
      rooms INT NOT NULL,
      explained TINYINT NOT NULL COMMENT '0: counts for the verdict',
      PRIMARY KEY (run_id, asset_id, class)
    ) ENGINE=InnoDB DEFAULT {TEXT} COMMENT='Rooms of each class of a comparison, for the portfolio and each building'
    """,
)


def ensure_platform_tables(connection: MySQLdb.Connection, schemas: SchemaSet = BRONZE) -> None:
    """Create the loader's schemas and the platform's own tables where they are missing.

    Existing ones are left as they are. The login needs CREATE on these schemas, nothing global.
    """
    for schema in (schemas.live, schemas.next, schemas.previous, HISTORY, OPS):
        create_schema(connection, schema)
    with connection.cursor() as cursor:
        for statement in TABLES:
            cursor.execute(statement)
    ensure_lock_key(connection)


def ensure_lock_key(connection: MySQLdb.Connection) -> None:
    """Make the secret part of the names of locks, once."""
    create_schema(connection, OPS)
    with connection.cursor() as cursor:
        cursor.execute(LOCK_KEY)
        cursor.execute(f"INSERT IGNORE INTO {OPS}.lock_key (secret) VALUES (%s)", (secrets.token_hex(16),))


def create_schema(connection: MySQLdb.Connection, schema: str) -> None:
    """Create an empty schema with the platform's character set."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}` {TEXT}")


def table_names(connection: MySQLdb.Connection, schema: str) -> list[str]:
    """Return the tables of a schema but `MARK`, in order of their names, case respected."""
    return [name for name in all_table_names(connection, schema) if name != MARK]


def as_stored(connection: MySQLdb.Connection) -> Callable[[str], str]:
    """Return what makes the name of a table one that can be compared with the server's own list.

    With `lower_case_table_names` servers list tables in small letters, or take capitals and small letters as the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@lower_case_table_names")
        ((setting,),) = cursor.fetchall()
    return str.lower if setting else str


def all_table_names(connection: MySQLdb.Connection, schema: str) -> list[str]:
    """Return the tables of a schema, in order of their names, case respected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (schema,),
        )
        return sorted(name for (name,) in cursor.fetchall())


def table_rows(connection: MySQLdb.Connection, schema: str, name: str) -> int:
    """Return the rows of one table, or view.

    Raises:
        MySQLdb.ProgrammingError: there is none of that name.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM `{schema}`.`{name.replace('`', '``')}`")
        return int(cursor.fetchone()[0])
