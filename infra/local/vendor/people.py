"""Who lives there: names, nationality, contact data. Everything follows from the tenant's id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from faker import Faker
from faker.providers.person.ja_JP import Provider as Japanese

from infra.local.vendor.chance import Lot

# Names of `m_nationalities` from id 1 on; the last id, 200, is the placeholder Lesotho.
NATIONALITIES = tuple((Path(__file__).parent / "schema" / "nationalities.txt").read_text(encoding="utf-8").split())

LESOTHO_ID = 200
LESOTHO = "レソト"

_HOMES = (
    # nationality, share of tenants, language of the name
    (1, 0.52, "ja"),
    (2, 0.13, "zh"),
    (4, 0.08, "vi"),
    (3, 0.06, "ko"),
    (5, 0.05, "ne"),
    (6, 0.03, "en"),
    (7, 0.03, "id"),
    (8, 0.03, "en"),
    (9, 0.02, "in"),
    (10, 0.02, "en"),
)

_PLACE = Lot("nationality")
_FAMILY = Lot("family name")
_GIVEN = Lot("given name")
_GENDER = Lot("gender")
_BIRTH = Lot("birth")
_OTHER = Lot("nationality of a small group")


@dataclass(frozen=True)
class Person:
    """A tenant as a person (or the contact of a company), free of the faults that `quirks` adds."""

    last_name: str
    first_name: str
    kana: str
    gender: int
    nationality_id: int
    birth_year: int
    birth_day: int

    @property
    def nationality(self) -> str:
        """The Japanese name of the nationality."""
        return NATIONALITIES[self.nationality_id - 1]


@cache
def _pool(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return family and given names of a language, drawn once from Faker with a fixed seed."""
    locale = {"zh": "zh_CN", "vi": "vi_VN", "ko": "ko_KR", "ne": "ne_NP", "en": "en_US", "id": "id_ID", "in": "en_IN"}
    fake = Faker(locale[language])
    fake.seed_instance(20180101)
    given = tuple(sorted({fake.first_name() for _ in range(300)}))
    return tuple(sorted({fake.last_name() for _ in range(300)})), given


@cache
def _japanese() -> tuple[tuple[tuple[str, str, str], ...], ...]:
    return (
        tuple(Japanese.last_name_pairs),
        tuple(Japanese.first_name_male_pairs),
        tuple(Japanese.first_name_female_pairs),
    )


def person(tenant_id: int) -> Person:
    """Return who tenant `tenant_id` is."""
    draw = _PLACE.share(tenant_id)
    nationality_id, language = _OTHER.between(tenant_id, 11, 60), "en"
    for candidate, share, spoken in _HOMES:
        draw -= share
        if draw < 0:
            nationality_id, language = candidate, spoken
            break
    gender = 1 if _GENDER.hits(tenant_id, 0.56) else 2 if _GENDER.hits(tenant_id, 0.99) else 3
    birth_year, birth_day = 2006 - int(abs(_BIRTH.share(tenant_id) - 0.35) ** 1.6 * 60), _BIRTH.number(tenant_id) % 365
    if language == "ja":
        family, male, female = _japanese()
        last = _FAMILY.pick(tenant_id, family)
        first = _GIVEN.pick(tenant_id, male if gender == 1 else female)
        return Person(last[0], first[0], f"{last[1]} {first[1]}", gender, nationality_id, birth_year, birth_day)
    families, givens = _pool(language)
    last_name, first_name = _FAMILY.pick(tenant_id, families), _GIVEN.pick(tenant_id, givens)
    return Person(last_name, first_name, "", gender, nationality_id, birth_year, birth_day)


@cache
def companies() -> tuple[str, ...]:
    """Return names of employers, drawn once from Faker with a fixed seed."""
    fake = Faker("ja_JP")
    fake.seed_instance(20180101)
    return tuple(dict.fromkeys(fake.company() for _ in range(400)))
