"""Whatever is wrong with a dump, readers keep what they have, and one sentence says what is wrong and what to do."""

from __future__ import annotations

import pytest

from include.dump.errors import AuditFailed, DumpError, StatementRefused, TruncatedDump
from tests.include.dump.dumps import NAME_COLUMNS, TARGET, Table, changed, classic, compact, day, pick, with_rows
from tests.include.dump.platform import Platform


def without(name: str) -> list[Table]:
    return [table for table in day() if table.name != name]


def column_lost() -> list[Table]:
    tables = day()
    tenants = pick(tables, "tenants")
    place = next(number for number, column in enumerate(tenants.columns) if column.startswith("status"))
    tenants.columns = [column for column in tenants.columns if not column.startswith("status")]
    tenants.rows = [(*row[:place], *row[place + 1 :]) for row in tenants.rows]
    return tables


BAD: dict[str, tuple[bytes, type[DumpError], str]] = {
    "cut off in the middle of a row": (classic(day())[:-9000], TruncatedDump, r"line \d+ .* the file ends inside"),
    "a compact dump without manifest": (compact(day()), TruncatedDump, "or the dump taken without --compact"),
    "an unknown statement": (classic(day(), extra=b"CALL x();\n"), DumpError, r"line \d+ \(byte \d+\): 'CALL X\(\)'"),
    "i06: a dump of our own database": (
        classic(day()).replace(b"`basis`", b"`staging`"),
        DumpError,
        r"is a dump of our own database staging; have it taken from the property-management system \(I-06\)",
    ),
    "i11: a row with another number of columns": (
        classic([*day(), Table("names", NAME_COLUMNS, [(1, "a", 1)])]),
        StatementRefused,
        r"line \d+: the server refused the INSERT of names \(error 1136: Column count doesn't match",
    ),
    "i12: too many duplicates": (
        classic(with_rows("Deposits", [(1,)] * 22)),
        AuditFailed,
        "Deposits: 21 of 22 rows have a key that the dump holds already, more than the 20 allowed",
    ),
    "a table that models read is missing": (
        classic(without("m_nationalities")),
        AuditFailed,
        "the dump has no table m_nationalities, which models read; have the dump taken again with all tables",
    ),
    "a column that models read is missing": (
        classic(column_lost()),
        AuditFailed,
        "table tenants of the dump has no column status, which models read",
    ),
    "i11: a fifth of a core table is gone": (
        classic(day(tenants=47)),
        AuditFailed,
        r"tenants has 47 rows, less than 80% of the 60 of the load before",
    ),
    "audit: too few movings": (classic(day(movings=1000)), AuditFailed, "movings has 1,000 rows, a real dump has"),
    "audit: no move-in dates": (
        classic(changed("movings", "movein_date", None)),
        AuditFailed,
        "only 0.0% of movings have a move-in date, a good dump has at least 80%",
    ),
    "audit: zero move-in dates": (
        classic(changed("movings", "movein_date", "0000-00-00", every=4)),
        AuditFailed,
        "only 75.0% of movings have a move-in date",
    ),
    "audit: move-outs before move-ins": (
        classic(changed("movings", "moveout_date", "2019-01-01")),
        AuditFailed,
        "only 0.0% of movings move in before they move out",
    ),
    "audit: contracts without tenants": (
        classic(changed("movings", "tenant_id", 4711, every=2)),
        AuditFailed,
        "only 50.0% of movings belong to a tenant of the dump",
    ),
    "i08: a fresh file with old content": (
        classic(changed("movings", "updated_at", "2026-02-28 14:59:59")),
        AuditFailed,
        r"the newest change in movings is of 2026-02-28 \(Tokyo\), so this is not the dump of 2026-03-02",
    ),
    "i08: content of the next day": (
        classic(changed("tenants", "updated_at", "2026-03-02 15:00:00", every=50)),
        AuditFailed,
        r"the newest change in tenants is of 2026-03-03 \(Tokyo\)",
    ),
    "content without any date": (
        classic(changed("tenants", "updated_at", None)),
        AuditFailed,
        "the newest change in tenants is of no known day",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_i11_a_bad_dump_changes_nothing(unharmed: Platform, case: str) -> None:
    body, error, message = BAD[case]
    before = unharmed.checksums()
    unharmed.put(body)
    with pytest.raises(error, match=message) as caught:
        unharmed.load()
    assert unharmed.checksums() == before
    assert unharmed.last_load() == (TARGET, "failed", str(caught.value))
    assert unharmed.query("SELECT COUNT(*) FROM staging.movings") == [(1100,)]
