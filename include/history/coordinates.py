"""Last known good coordinates of every building: a dump that lost them must not wipe the map (incident I-35).

`ops.property_geo_latlon_backup` keeps them across loads; `stg_apartments` falls back on it. The same rows are exported
to S3, as the earlier system did.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import MySQLdb

from include.settings import Settings
from include.warehouse.readers import staging_date
from include.warehouse.schema import OPS, STAGING, ensure_platform_tables

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TABLE = f"{OPS}.property_geo_latlon_backup"
PREFIX = "reference/property_geo_latlon/"
FILE = "property_geo_latlon.csv"
# Greater Kanto, the box of the dbt macro `in_kanto`.
LATITUDES, LONGITUDES = (35, 36), (139, 140.5)
HEADER = [
    "apartment_id",
    "asset_id_hj",
    "apartment_name",
    "full_address",
    "prefecture",
    "municipality",
    "latitude",
    "longitude",
    "source_updated_at",
]


class CoordinatesError(Exception):
    """Coordinates cannot be kept; the message says why and what to do."""


def remember_coordinates(connection: MySQLdb.Connection, target: date) -> int:
    """Keep the coordinates of every building of the dump that has both within greater Kanto.

    Buildings that the dump lost, or whose coordinates it lost, stay as they are kept, and so do those that were kept
    from a later change of the building: a day that is run again does not bring back older ones.

    Args:
        connection: login of the loader.
        target: business date; `staging` must hold the load of this date.

    Returns:
        Buildings that are kept now.

    Raises:
        CoordinatesError: `staging` holds another date.
    """
    ensure_platform_tables(connection)
    held = staging_date(connection)
    if held != target:
        raise CoordinatesError(
            f"staging holds {held or 'no finished load'}, not {target}, so its coordinates cannot be kept as of "
            f"{target}; run load_staging for {target} first"
        )
    # a change that the source dates into the future counts as one of the dump's day, or nothing would ever replace it
    changed = "LEAST(GREATEST(COALESCE(source.updated_at, %(never)s), %(never)s), %(day_end)s)"
    with connection.cursor() as cursor:
        # the dump may hold zero dates
        cursor.execute("SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ALLOW_INVALID_DATES'")
        cursor.execute(
            f"""
            INSERT INTO {TABLE} (apartment_id, asset_id_hj, apartment_name, full_address, prefecture, municipality,
              latitude, longitude, source_updated_at, source_table)
            SELECT source.id, source.unique_number, source.apartment_name, source.full_address, source.prefecture,
              source.municipality, source.latitude, source.longitude, CAST({changed} AS DATETIME), 'apartments'
            FROM {STAGING}.apartments AS source
            LEFT JOIN {TABLE} AS kept ON kept.apartment_id = source.id
            WHERE source.latitude BETWEEN %(south)s AND %(north)s AND source.longitude BETWEEN %(west)s AND %(east)s
              AND (kept.source_updated_at IS NULL OR kept.source_updated_at <= CAST({changed} AS DATETIME))
            ON DUPLICATE KEY UPDATE
              asset_id_hj = source.unique_number, apartment_name = source.apartment_name,
              full_address = source.full_address, prefecture = source.prefecture, municipality = source.municipality,
              latitude = source.latitude, longitude = source.longitude,
              source_updated_at = CAST({changed} AS DATETIME), source_table = 'apartments'
            """,
            {
                "never": "1970-01-02 00:00:00",
                "day_end": f"{target + timedelta(days=1)} 00:00:00",
                "south": LATITUDES[0],
                "north": LATITUDES[1],
                "west": LONGITUDES[0],
                "east": LONGITUDES[1],
            },
        )
        cursor.execute("COMMIT")
        cursor.execute(f"SELECT COUNT(*) FROM {TABLE}")
        kept: int = cursor.fetchone()[0]
    return kept


def export_coordinates(s3: S3Client, settings: Settings, connection: MySQLdb.Connection, target: date) -> list[str]:
    """Write what is kept to S3, once below the date and once as the latest; return the keys.

    The same rows give the same bytes: times of ours are left out.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(HEADER)} FROM {TABLE} ORDER BY apartment_id")
        writer.writerows(cursor.fetchall())
    keys = [f"{PREFIX}{part}/{FILE}" for part in (f"dt={target:%Y%m%d}", "latest")]
    for key in keys:
        s3.put_object(
            Bucket=settings.require("bucket"),
            Key=key,
            Body=text.getvalue().encode(),
            ContentType="text/csv; charset=utf-8",
        )
    return keys
