"""A code that no seed has is shown and is a warning for the newest date; it stops no day, and no later one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

FIRST, SECOND, THIRD = "2026-03-01", "2026-03-02", "2026-03-03"
KNOWN = {"status": "9", "contract_type": "1", "gender_type": "2", "reason_moveout": "'1'"}
LEFT = 4
ODD = {
    LEFT: {"status": "99", "contract_type": "77", "gender_type": "9", "reason_moveout": "'42'"},
    2: {"status": "-1", "contract_type": "-1"},
    3: {"status": "2147483647", "contract_type": "-2147483648"},
    5: {"status": "null", "contract_type": "null"},
}
"""Codes by tenant; the snapshots leave a tenant out who has none."""
CODE_TESTS = (
    "tenant_status_transitions_know_their_codes",
    "not_null_stg_tenants_tenant_status_code",
    *(
        f"relationships_{column}__code__ref_{seed}_"
        for column, seed in (
            ("stg_tenants_tenant_status_code", "code_tenant_status"),
            ("stg_tenants_gender_code", "code_gender"),
            ("stg_tenants_moveout_reason_code", "code_moveout_reason"),
            ("tenant_status_history_tenant_status_code", "code_tenant_status"),
            ("tenant_status_history_contract_type_code", "code_contract_type"),
            ("int_contracts_tenant_status_code", "code_tenant_status"),
            ("int_contracts_contract_type_code", "code_contract_type"),
            ("int_contracts_gender_code", "code_gender"),
            ("int_contracts_moveout_reason_code", "code_moveout_reason"),
        )
    ),
)


@pytest.fixture(scope="module")
def source(project: Any) -> Iterator[Any]:
    """A few tenants, each in a room of one building."""
    project.clear()
    project.execute("insert into staging.apartments (id) values (1)")
    for number in range(1, 7):
        project.execute("insert into staging.rooms (id, room_number) values (%s, %s)", [number, 100 + number])
        project.execute(
            "insert into staging.movings (id, tenant_id, room_id, is_moveout, moveout_plans_date) "
            "values (%s, %s, %s, %s, if(%s, '2026-02-27', null))",
            [number, number, number, number == LEFT, number == LEFT],
        )
        project.execute(
            "insert into staging.tenants (id, moving_id, full_name, nationality) values (%s, %s, 'x', '日本')",
            [number, number],
        )
    yield project
    project.clear()


def day(project: Any, date: str, changes: Mapping[int, Mapping[str, str]], *command: str) -> dict[str, tuple[str, str]]:
    """Change some tenants, keep the snapshot of a date, run a command of dbt and return how each node ended."""
    known = ", ".join(f"{column} = {value}" for column, value in KNOWN.items())
    project.execute(f"update staging.tenants set {known}, updated_at = '{date} 01:00:00'")
    project.execute(f"update staging.movings set moving_agreement_type = 1, updated_at = '{date} 01:00:00'")
    for tenant, codes in changes.items():
        changed = ", ".join(f"{column} = {value}" for column, value in codes.items())
        project.execute(f"update staging.tenants set {changed} where id = {tenant}")
        project.execute(
            f"update staging.movings set moving_agreement_type = {codes['contract_type']} where id = {tenant}"
        )
    project.execute(
        "insert into history.tenant_daily_snapshots (tenant_id, status, contract_type, snapshot_date) "
        "select id, status, contract_type, %s from staging.tenants where status is not null",
        [date],
    )
    found: dict[str, tuple[str, str]] = project.dbt(command[0], date, *command[1:], check=False)["nodes"]
    return found


def told(outcome: Mapping[str, tuple[str, str]], *states: str) -> set[str]:
    """Return the nodes that ended in one of the states."""
    return {name for name, (state, _) in outcome.items() if state in states}


def test_a_day_with_unknown_codes_is_built_with_warnings_and_the_next_one_without(source: Any) -> None:
    before = day(source, FIRST, {}, "run")
    assert told(before, "success") == set(before)

    unknown = day(source, SECOND, ODD, "build")
    assert told(unknown, "success", "pass", "warn") == set(unknown)
    assert told(unknown, "warn") >= set(CODE_TESTS)
    labels = dict(
        source.execute(
            "select tenant_id, concat_ws(', ', status_label, contract_type_label) "
            "from gold_next.tenant_status_transitions where event_date = %s and is_current = 1",
            [SECOND],
        )
    )
    assert labels == {
        LEFT: "Unknown (99), Unknown (77)",
        2: "Unknown (-1), Unknown (-1)",
        3: "Unknown (2147483647), Unknown (-2147483648)",
    }
    assert source.execute(
        "select distinct is_active_lease, is_physically_present, tenant_type from silver.tenant_status_history "
        "where valid_from = %s",
        [SECOND],
    ) == [(0, 0, "unknown")]

    after = day(source, THIRD, {}, "run")
    assert told(after, "success") == set(after)
    tested = source.dbt("test", THIRD, "--select", *CODE_TESTS, check=False)["nodes"]
    assert {name: state for name, (state, _) in tested.items()} == dict.fromkeys(CODE_TESTS, "pass")
    assert source.execute(
        "select status_label from gold_next.tenant_status_transitions where tenant_id = %s order by event_date", [LEFT]
    ) == [("In Residence",), ("Unknown (99)",), ("In Residence",)]
