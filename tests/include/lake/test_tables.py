"""The columns that are written are those of the database, none of them personal data, and Terraform knows the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.dbt.personal_data import stays_in_gold
from include.lake.partitions import arrow_schema
from include.lake.tables import PARTITION, SILVER, TABLES, TENANTS, Table, catalog
from include.settings import PROJECT_DIR
from include.warehouse.endpoint import Endpoint
from tests.include.lake.conftest import of

MODELS = PROJECT_DIR / "dbt" / "models"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_column_is_personal_data(table: Table) -> None:
    assert [column.name for column in table.columns if stays_in_gold(column.name)] == []


@pytest.mark.parametrize("table", [table for table in TABLES if table.schema == SILVER], ids=lambda table: table.name)
def test_a_table_of_silver_is_written_whole_as_its_model_declares_it(table: Table) -> None:
    (model,) = yaml.safe_load((MODELS / "silver" / f"{table.name}.yml").read_text())["models"]
    declared = [(column["name"], re.sub(r" not null$|(?<=,) ", "", column["data_type"])) for column in model["columns"]]
    assert declared == [(PARTITION, "date"), *((column.name, column.type) for column in table.columns)]
    assert "date_partition" in (MODELS / "silver" / f"{table.name}.sql").read_text()


def test_of_the_tenants_all_but_the_name_is_written(warehouse: Endpoint) -> None:
    found: list[tuple[Any, ...]] = of(
        warehouse,
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'history' "
        "AND table_name = 'tenant_daily_snapshots' ORDER BY ordinal_position",
    )
    left_out = {"full_name", PARTITION}
    assert [row for row in found if row[0] not in left_out] == [(each.name, each.type) for each in TENANTS.columns]
    assert left_out <= {row[0] for row in found}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_type_is_one_of_arrows(table: Table) -> None:
    types = {"int32": "int", "date32[day]": "date"}
    found = [(each.name, str(each.type)) for each in arrow_schema(table)]
    assert [
        (name, types.get(type_) or re.sub(r"decimal128\((\d+), (\d+)\)", r"decimal(\1,\2)", type_))
        for name, type_ in found
    ] == [(column.name, column.type) for column in table.columns]


def test_terraform_has_the_same_tables() -> None:
    file: Path = PROJECT_DIR / "infra" / "modules" / "lake" / "tables.json"
    assert file.read_text() == catalog(), f"{file} is old; write include.lake.tables.catalog() into it"
