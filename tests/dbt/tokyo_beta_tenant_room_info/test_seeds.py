"""A new column of a seed reaches the warehouse with the next run."""

from __future__ import annotations

from typing import Any


def test_a_column_that_the_seeds_table_lacks_is_added(project: Any) -> None:
    project.execute("alter table seeds.code_tenant_status drop column label_ui")
    project.dbt("seed")
    assert project.execute("select label_ui from seeds.code_tenant_status where code = 9") == [("入居中",)]
    assert project.execute("show keys from seeds.code_tenant_status where key_name = 'PRIMARY'")
