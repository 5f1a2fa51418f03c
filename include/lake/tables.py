"""The tables that are written as Parquet, with every column and its type: nothing is inferred.

A table is one of the database that is made date by date and has a column `snapshot_date`, which becomes the partition.
No column is personal data (tests/include/lake/test_tables.py): of the tenants' snapshots the name stays behind, because
no model reads it (`stg_tenant_daily_snapshots` leaves it out too), and a file is read past the rights of the database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from include.warehouse.schema import HISTORY

SILVER = "silver"
PARTITION = "snapshot_date"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: as in the database.
        type: `int`, `date` or `decimal(p,s)`: the name of the type in Glue, Athena and MySQL alike. Every column may be
            NULL, for a date that was made before the table had the column has nothing else there.
    """

    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """A table whose dates are written as partitions.

    Attributes:
        name: below `history/` in the bucket, and in Glue.
        schema: where the table of the same name lies in the database.
        columns: what is written, without `snapshot_date`.
        key: columns that order the rows of a date.
        may_be_empty: whether a date may have no rows. Of the other tables a date without rows is not made yet, or gone.
    """

    name: str
    schema: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    may_be_empty: bool = False

    @property
    def source(self) -> str:
        """The table in the database."""
        return f"{self.schema}.{self.name}"


def _ints(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "int") for name in names)


def _dates(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "date") for name in names)


TENANTS = Table("tenant_daily_snapshots", HISTORY, _ints("tenant_id", "status", "contract_type"), key=("tenant_id",))
ROOMS = Table(
    "tenant_room_snapshot_daily",
    SILVER,
    (
        *_ints("tenant_id", "apartment_id", "room_id", "moving_id", "tenant_status_code", "contract_type_code"),
        *_dates("movein_date", "effective_movein_date", "effective_moveout_date", "moveout_plans_date"),
        *_ints("is_renewal"),
        Column("monthly_rent", "decimal(10,2)"),
        *_ints("is_room_primary"),
    ),
    key=("tenant_id", "apartment_id", "room_id"),
)
DEPARTURES = Table(
    "room_departures_daily",
    SILVER,
    (
        *_ints("apartment_id", "room_id", "tenant_id", "moving_id", "tenant_status_code", "contract_type_code"),
        *_dates("effective_movein_date"),
        Column("monthly_rent", "decimal(10,2)"),
    ),
    key=("apartment_id", "room_id"),
    may_be_empty=True,  # nobody may leave on a date
)
BUILDINGS = Table(
    "building_occupancy_daily",
    SILVER,
    (
        *_ints("apartment_id", "primary_rooms", "rooms_at_0000", "rent_rooms_at_0000"),
        Column("rent_sum_at_0000", "decimal(14,2)"),
        *_ints("new_moveins", "new_moveouts", "same_day_moveins", "late_status_rooms"),
    ),
    key=("apartment_id",),
)
TABLES = (TENANTS, ROOMS, DEPARTURES, BUILDINGS)


def catalog() -> str:
    """Return the tables as JSON, as infra/modules/lake/tables.json gives them to Terraform."""
    columns = {table.name: [{"name": column.name, "type": column.type} for column in table.columns] for table in TABLES}
    return json.dumps(columns, indent=2) + "\n"
