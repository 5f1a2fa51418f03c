"""Take a tenant's name out of what `ops` keeps: no answer for it stays, and it is never asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import MySQLdb

from include.enrichment import store
from include.enrichment.candidates import read_tenants
from include.enrichment.names import cleaned, name_hash, person_hash
from include.enrichment.records import Source
from include.warehouse.schema import HISTORY


class NotKnown(ValueError):
    """No name of the tenant is known."""


@dataclass(frozen=True)
class Forgetting:
    """What forgetting a tenant means.

    Attributes:
        tenant_id: whose names are forgotten.
        name_hashes: of all names under which the tenant is or was known.
        person_hashes: of the same names with the date of birth.
        namesakes: other tenants of today with one of the names, who lose their answers too.
        answers: rows of `ops.nationality_predictions` that are deleted.
    """

    tenant_id: int
    name_hashes: tuple[str, ...]
    person_hashes: tuple[str, ...]
    namesakes: int
    answers: int

    def __str__(self) -> str:
        """Say it in words, without a name."""
        also = f"; namesakes who lose theirs too: {self.namesakes:,}" if self.namesakes else ""
        return (
            f"tenant {self.tenant_id}: answers {self.answers:,}, kept for present and former names "
            f"{len(self.name_hashes):,}{also}"
        )


def plan(connection: MySQLdb.Connection, tenant_id: int) -> Forgetting:
    """Return what would be forgotten.

    Args:
        connection: the loader's.
        tenant_id: id of the source.

    Raises:
        NotKnown: neither `staging` nor `history` has a name of this tenant.
    """
    tenants = read_tenants(connection)
    mine = next((tenant for tenant in tenants if tenant.tenant_id == tenant_id), None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT full_name FROM {HISTORY}.tenant_daily_snapshots WHERE tenant_id = %s", (tenant_id,)
        )
        names = {name for (text,) in cursor.fetchall() if (name := cleaned(text))}
        if mine and mine.name:
            names.add(mine.name)
        if not names:
            raise NotKnown(
                f"No name of tenant {tenant_id} is in staging or history, so none can be forgotten; look the id up in "
                "the property-management system"
            )
        hashes = tuple(sorted(map(name_hash, names)))
        born = mine.birth_date if mine else None
        people = tuple(sorted(person_hash(name, born) for name in names)) if born else ()
        cursor.execute(
            f"SELECT COUNT(*) FROM {store.PREDICTIONS} WHERE name_hash IN %s AND source <> %s",
            ((*hashes, *people), Source.FORGOTTEN),
        )
        ((answers,),) = cursor.fetchall()
    others = sum(tenant.name in names and tenant.tenant_id != tenant_id for tenant in tenants)
    return Forgetting(tenant_id, hashes, people, others, int(answers))


def forget(connection: MySQLdb.Connection, what: Forgetting, now: datetime) -> int:
    """Forget; return the number of answers that were deleted.

    Args:
        connection: the loader's.
        what: made by `plan`.
        now: the present, with time zone.
    """
    return store.forget(connection, what.name_hashes, what.person_hashes, now)
