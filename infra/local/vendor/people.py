"""Who lives there: names, nationality, contact data. Everything follows from the tenant's id.

Most tenants are a person each. A few come back years later and are entered again, as another tenant; a few share the
name of somebody else; and a few are no person but a company.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
_RETURN = Lot("returning person")
_FIRST_STAY = Lot("first stay of a returning person")
_NAMESAKE = Lot("namesake")
_SHARED_NAME = Lot("whose name a namesake has")
_COMPANY = Lot("company as tenant")
_COMPANY_NAME = Lot("name of a company as tenant")
_COMPANY_FORM = Lot("form of a company as tenant")
_OPEN = Lot("no nationality")

# Who comes back often leaves the form as it is: the office has the papers. Every second number of a tenant was never
# given, so that only half of these found an earlier tenant: 0.7 % of all.
RETURNING = {True: 0.24, False: 0.009}
NAMESAKES = 0.0008
COMPANIES = 0.0025
# Persons without a recorded nationality, besides those of the broken form.
NATIONALITY_OPEN = 0.0225
# Numbers of tenants before whom nobody can have lived here earlier.
FIRST_TENANTS = 60

COMPANY_NAMES = (
    # as the register has it, in Japanese and in Latin letters
    ("山手人材", "YAMATE JINZAI"),
    ("青葉商事", "AOBA TRADING"),
    ("東都システム", "TOTO SYSTEMS"),
    ("みなと国際交流", "MINATO EXCHANGE"),
    ("サクラ・テクノ", "SAKURA TECHNO"),
    ("大成語学院", "TAISEI LANGUAGE SCHOOL"),
    ("富士見物流", "FUJIMI LOGISTICS"),
    ("北斗介護", "HOKUTO CARE"),
)
COMPANY_FORMS = (
    "株式会社{0}",
    "{0}株式会社",
    "株式会社\u3000{0}",
    "(株){0}",
    "（株）{0}",
    "{0}(株)",
    "㈱{0}",
    "有限会社{0}",
    "合同会社{0}",
    "{1} CO., LTD.",
    "{1} CO.,LTD",
    "{1} Co., Ltd.",
    "{2}\u3000ＣＯ．，ＬＴＤ．",
    "{1} INC.",
)


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


def _born(tenant_id: int) -> Person:
    """Return the person whom a tenant is when it is nobody who has lived here before."""
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


def person(tenant_id: int) -> Person:
    """Return who tenant `tenant_id` is; of a company, who signs for it."""
    first = first_stay(tenant_id)
    who = _born(first)
    shared = namesake(first)
    if shared is None:
        return who
    other = _born(shared)
    name = replace(other, gender=who.gender, birth_year=who.birth_year, birth_day=who.birth_day)
    # another person of another country: the first of the common ones that is not that of the name
    countries = (who.nationality_id, _HOMES[0][0], _HOMES[1][0])
    return replace(name, nationality_id=next(each for each in countries if each != other.nationality_id))


def truth(tenant_id: int) -> str | None:
    """Return the true nationality of a tenant, whatever the database shows, or None for a company."""
    return None if company(tenant_id) else person(tenant_id).nationality


def company(tenant_id: int) -> str | None:
    """Return the name of the company that tenant `tenant_id` is, as the office types it, or None for a person."""
    if not _COMPANY.hits(tenant_id, COMPANIES):
        return None
    japanese, latin = _COMPANY_NAME.pick(tenant_id, COMPANY_NAMES)
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else "\u3000" for letter in latin)
    return _COMPANY_FORM.pick(tenant_id, COMPANY_FORMS).format(japanese, latin, wide)


def leaves_nationality_open(tenant_id: int) -> bool:
    """Return True for a person who leaves the nationality out on the form."""
    return _OPEN.hits(tenant_id, NATIONALITY_OPEN)


def first_stay(tenant_id: int) -> int:
    """Return the number under which a person was entered first; nobody else may have been entered under it."""
    while tenant_id > FIRST_TENANTS and _RETURN.hits(tenant_id, RETURNING[leaves_nationality_open(tenant_id)]):
        tenant_id = _FIRST_STAY.between(tenant_id, 1, tenant_id - FIRST_TENANTS // 2)
    return tenant_id


def namesake(tenant_id: int) -> int | None:
    """Return the earlier number of the person whose name another one has too, or None."""
    if tenant_id <= FIRST_TENANTS or not _NAMESAKE.hits(tenant_id, NAMESAKES):
        return None
    return _SHARED_NAME.between(tenant_id, 1, tenant_id - 1)


@cache
def companies() -> tuple[str, ...]:
    """Return names of employers, drawn once from Faker with a fixed seed."""
    fake = Faker("ja_JP")
    fake.seed_instance(20180101)
    return tuple(dict.fromkeys(fake.company() for _ in range(400)))
