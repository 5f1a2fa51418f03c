"""The tenants of a dump as the ladder reads them: who has a nationality on record, and who is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import MySQLdb

from include.enrichment.names import PLACEHOLDERS, cleaned, full_name, is_no_name, name_hash, person_hash
from include.enrichment.records import Source
from include.warehouse.schema import BRONZE

# Residents first; then by id, so that the order is the same every time.
FIRST_STATUSES = frozenset((9, 11, 14, 15, 16))
TOKYO = timedelta(hours=9)
LAST_YEAR = 2100  # later dates of birth are none, as in the dbt macro `clean_date`


@dataclass(frozen=True)
class Tenant:
    """One tenant.

    Attributes:
        tenant_id: id of the source.
        name: as the dbt model stg_tenants has it, None without one. Personal data.
        birth_date: None when there is none that can be one. Personal data.
        created: Tokyo day on which the source entered the tenant.
        status: code of the tenant status.
        nationality: as recorded, by text or by the master table; None without one or with the placeholder.
    """

    tenant_id: int
    name: str | None = field(repr=False)
    birth_date: date | None = field(repr=False)
    created: date | None
    status: int | None
    nationality: str | None

    @property
    def is_candidate(self) -> bool:
        """Whether a nationality may be guessed: none is recorded, and there is a name to go by."""
        return self.nationality is None and self.name is not None and not is_no_name(self.name)

    @property
    def name_hash(self) -> str:
        """The key of the name, of a tenant who has one."""
        return name_hash(self.name or "")

    def key(self, source: Source) -> str | None:
        """Return the key under which answers of a source about this tenant are kept, None when there can be none."""
        if source is not Source.SAME_PERSON:
            return self.name_hash
        return person_hash(self.name or "", self.birth_date) if self.birth_date else None


def read_tenants(connection: MySQLdb.Connection) -> list[Tenant]:
    """Return all tenants of `staging`, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tenants.id, full_name, last_name, first_name, CAST(birth_date AS CHAR), "
            "CAST(tenants.created_at AS CHAR), status, nationality, nationality_name "
            f"FROM {BRONZE.live}.tenants LEFT JOIN {BRONZE.live}.m_nationalities AS master "
            "ON tenants.m_nationality_id = master.id ORDER BY tenants.id"
        )
        return [
            Tenant(
                tenant_id=int(number),
                name=full_name(full, last, first),
                birth_date=_day(born),
                created=_day_in_tokyo(created),
                status=None if status is None else int(status),
                nationality=recorded(text, master),
            )
            for number, full, last, first, born, created, status, text, master in cursor.fetchall()
        ]


def recorded(text: str | None, master: str | None) -> str | None:
    """Return the nationality on record: the tenant's own text, else the master's name, None without a real one."""
    known = (value for value in (cleaned(text), cleaned(master)) if value not in PLACEHOLDERS)
    return next(filter(None, known), None)


def read_nationalities(connection: MySQLdb.Connection) -> list[str]:
    """Return the names of the master table without the placeholder, by id; empty when the dump has none (I-03)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nationality_name FROM {BRONZE.live}.m_nationalities ORDER BY id")
        names = [cleaned(name) for (name,) in cursor.fetchall()]
    return list(dict.fromkeys(name for name in names if name and name not in PLACEHOLDERS))


def candidates(tenants: Iterable[Tenant]) -> list[Tenant]:
    """Return whom to ask about, residents first, then by id."""
    asked = (tenant for tenant in tenants if tenant.is_candidate)
    return sorted(asked, key=lambda tenant: (tenant.status not in FIRST_STATUSES, tenant.tenant_id))


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if day.year <= LAST_YEAR else None


def _day_in_tokyo(text: str | None) -> date | None:
    try:
        return (datetime.fromisoformat((text or "")[:19]) + TOKYO).date()
    except (ValueError, OverflowError):
        return None
