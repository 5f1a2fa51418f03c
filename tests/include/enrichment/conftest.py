"""Tenants in `staging` on a real server, and a language model that answers from a list."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import MySQLdb
import pytest

from include.enrichment.ladder import Outcome, enrich
from include.enrichment.language_model import Answer, Certainty, LanguageModel, Stopped
from include.warehouse.endpoint import Endpoint
from include.warehouse.publications import LAYER_GOLD, Publication, record_publication
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database
from tests.include.conftest import SETTINGS, fresh_loader

TARGET = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 22, 10, tzinfo=UTC)
MASTER = ("日本", "中国", "韓国", "ベトナム", "ネパール", "ミャンマー", "その他")
LESOTHO = "レソト"
FAMILIES = {
    "日本": ("YAMADA", "TANAKA", "SUZUKI", "KOBAYASHI", "WATANABE", "NAKAMURA", "SASAKI", "MATSUMOTO"),
    "ベトナム": ("NGUYEN", "PHAM", "HUYNH", "DANG", "BUI", "NGO", "DUONG", "TRINH"),
    "ネパール": ("SHRESTHA", "GURUNG", "ADHIKARI", "BHANDARI", "KHADKA", "POUDEL", "THAPA", "ACHARYA"),
}
GIVEN = {
    "日本": ("HARUKA", "TAKESHI", "YUKI", "KENJI", "SATOSHI", "NAOKO", "MASAKO"),
    "ベトナム": ("VAN ANH", "THI HUONG", "QUANG HUY", "MINH TUAN", "THANH LONG", "DUC THANG", "THUY LINH"),
    "ネパール": ("BISHNU", "SUJATA", "PRAKASH", "RAJENDRA", "SUNITA", "DIPENDRA", "KRISHNA"),
}


@dataclass
class Warehouse:
    """The loader's login, and what a test puts into `staging`."""

    loader: Endpoint
    connection: MySQLdb.Connection
    ids: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))

    def execute(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    def tenant(self, name: str | None, nationality: str | None = LESOTHO, **columns: Any) -> int:
        """Add a tenant, by default one without a nationality, and return the id."""
        number = next(self.ids)
        row = {"id": number, "full_name": name, "nationality": nationality, "status": 9} | columns
        row.setdefault("created_at", "2025-09-10 03:00:00")
        self.execute(
            f"INSERT INTO staging.tenants ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values()
        )
        return number

    def company(self) -> None:
        """Add 168 tenants on record, whose names tell their nationality."""
        for nationality, families in FAMILIES.items():
            for family in families:
                for given in GIVEN[nationality]:
                    self.tenant(f"{family} {given}", nationality)

    def publish(self, day: date) -> None:
        """Write down that gold of a date was published."""
        record_publication(self.connection, Publication(day, LAYER_GOLD, NOW))

    def enrich(self, target: date = TARGET, model: LanguageModel | None = None, **options: Any) -> Outcome:
        return enrich(self.loader, SETTINGS, target, NOW, model, lambda line: None, **options)

    def answers(self) -> list[tuple[Any, ...]]:
        """Return source, nationality and first date of every answer."""
        return self.execute(
            "SELECT source, nationality, first_business_date FROM ops.nationality_predictions "
            "ORDER BY source, nationality, first_business_date, name_hash"
        )

    def state(self) -> list[list[tuple[Any, ...]]]:
        """Return everything that `ops` keeps but the times and the calls."""
        return [
            self.execute(
                "SELECT name_hash, source, model_version, nationality, confidence, first_business_date "
                "FROM ops.nationality_predictions ORDER BY 1, 2, 3"
            ),
            self.execute("SELECT * FROM ops.nationality_evaluation ORDER BY 1, 2, 3, 4, 5"),
        ]


@pytest.fixture
def warehouse(database: Database) -> Iterator[Warehouse]:
    loader = fresh_loader(database)
    with contextlib.closing(database.admin.connect()) as connection:
        ensure_platform_tables(connection)
        found = Warehouse(loader, connection)
        found.execute(
            "CREATE TABLE staging.tenants (id INT PRIMARY KEY, full_name VARCHAR(191), last_name VARCHAR(191), "
            "first_name VARCHAR(191), birth_date DATE, nationality VARCHAR(191), m_nationality_id INT, status INT, "
            "created_at DATETIME) CHARACTER SET utf8mb4"
        )
        found.execute(
            "CREATE TABLE staging.m_nationalities (id INT PRIMARY KEY, nationality_name VARCHAR(191)) "
            "CHARACTER SET utf8mb4"
        )
        for number, name in enumerate((*MASTER, LESOTHO), start=1):
            found.execute("INSERT INTO staging.m_nationalities VALUES (%s, %s)", number, name)
        yield found


@dataclass
class Asked:
    """A language model that knows some names and is as sure of all as it is told.

    Attributes:
        knows: nationality by name; of others it says that it does not know.
        unusable: names whose answer cannot be used.
        stops: raises `Stopped` at this call, counted from 1.
        before: is called before each call with its number.
    """

    knows: Mapping[str, str] = field(default_factory=dict)
    certainty: Certainty = Certainty.SURE
    unusable: Sequence[str] = ()
    refuses: str | None = None
    stops: int = 0
    before: Callable[[int], None] = lambda call: None
    version: str = "jp.test:1"
    batch: int = 10
    names: list[str] = field(default_factory=list)
    calls: int = 0

    def refusal(self) -> str | None:
        return self.refuses

    def ask(
        self, names: Sequence[str], nationalities: Sequence[str], allow: Callable[[int], None]
    ) -> Mapping[int, Answer]:
        assert len(names) <= self.batch
        assert LESOTHO not in nationalities
        allow(len(names))
        self.calls += 1
        self.before(self.calls)
        if self.calls == self.stops:
            raise Stopped("The model is retired; set gghouse.nationality_model to another one")
        self.names += names
        return {
            place: Answer(self.knows.get(name), self.certainty)
            for place, name in enumerate(names)
            if name not in self.unusable
        }
