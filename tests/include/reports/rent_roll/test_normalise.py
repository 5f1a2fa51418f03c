from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from include.reports.rent_roll.normalise import (
    Tenant,
    TenantKind,
    Unreadable,
    asset_of,
    date_of,
    flag_of,
    key_of,
    period_of,
    tenant_of,
    unit_of,
    yen_of,
)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (101, "101"),
        (101.0, "101"),
        ("101.0", "101"),
        ("１０１号室", "101"),
        ("101号", "101"),
        (" a-2 ", "A-2"),
        ("0304", "0304"),
        ("1.5", "1.5"),
        (None, ""),
        ("--", ""),
    ],
)
def test_units(value: Any, unit: str) -> None:
    assert unit_of(value) == unit


def test_keys_of_units_have_no_zeros_in_front() -> None:
    assert [key_of(unit) for unit in ("0304", "304", "000", "", "A01")] == ["304", "304", "0", "", "A01"]


def test_assets() -> None:
    assert [asset_of(value) for value in ("J000001", "ｊ００００００１", " J1 ", "X1", None)] == [
        "J0000001",
        "J0000001",
        "J0000001",
        "X1",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "tenant"),
    [
        (None, Tenant(TenantKind.NOBODY)),
        ("個人", Tenant(TenantKind.INDIVIDUAL, is_only_kind=True)),
        ("法人", Tenant(TenantKind.CORPORATE, is_only_kind=True)),
        ("個人 501", Tenant(TenantKind.INDIVIDUAL, 501)),
        ("法人　９３１２３", Tenant(TenantKind.CORPORATE, 93123)),
        ("法人一棟", Tenant(TenantKind.BULK)),
        ("㈱例示", Tenant(TenantKind.CORPORATE)),
        ("Example Co., Ltd.", Tenant(TenantKind.CORPORATE)),
        ("学校法人例示", Tenant(TenantKind.CORPORATE)),
        ("個人 例示", Tenant(TenantKind.INDIVIDUAL)),
        ("例示 090-1234", Tenant(TenantKind.UNTOLD)),
        (93123, Tenant(TenantKind.UNTOLD, 93123)),
    ],
)
def test_of_a_tenant_only_kind_and_number_are_kept(text: Any, tenant: Tenant) -> None:
    assert tenant_of(text) == tenant


@pytest.mark.parametrize(
    ("value", "yen"),
    [(56000, 56000), (56000.4, 56000), ("￥５６，０００", 56000), ("56,000円", 56000), ("56000.00", 56000), ("", None)],
)
def test_yen(value: Any, yen: int | None) -> None:
    assert yen_of(value) == yen


@pytest.mark.parametrize(
    "value",
    [
        202602,
        202602.0,
        "202602",
        "２０２６０２",
        "2026-02",
        "2026/2",
        "2026年2月",
        "20260228",
        date(2026, 2, 28),
        46081,
    ],
)
def test_periods(value: Any) -> None:
    assert period_of(value) == 202602


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-03",
        "2026/2/3",
        "20260203",
        "2026年2月3日",
        datetime(2026, 2, 3, 9, tzinfo=UTC),
        "2026-02-03 00:00:00",
        46056,
    ],
)
def test_dates(value: Any) -> None:
    assert date_of(value) == date(2026, 2, 3)


@pytest.mark.parametrize("value", [None, "", "0000-00-00", "9999-12-31", datetime(2302, 1, 28, tzinfo=UTC)])
def test_no_date(value: Any) -> None:
    assert date_of(value) is None


def test_flags() -> None:
    assert [flag_of(value) for value in (1, "1", "１", 1.0, True, 0, "0", None)] == [True] * 5 + [False] * 2 + [None]


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        (yen_of, "相談"),
        (yen_of, "nan"),
        (flag_of, "yes"),
        (period_of, "202613"),
        (period_of, None),
        (period_of, "Feb"),
        (date_of, "2026-02-30"),
        (date_of, "soon"),
        (date_of, 7),
    ],
)
def test_what_a_column_is_not_for_is_unreadable(reading: Any, value: Any) -> None:
    with pytest.raises(Unreadable):
        reading(value)
