"""Plausible SQL literals for columns that no model reads, chosen by a column's name and type."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from infra.local.vendor.people import companies
from infra.local.vendor.schema import Column

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1a": "\\Z"})


def quote(text: str | None) -> str:
    """Return a string literal escaped as mysqldump escapes it, or NULL."""
    return "NULL" if text is None else f"'{text.translate(_ESCAPES)}'"


@dataclass(slots=True)
class Line:
    """What a column recipe may look at while a row is written.

    Attributes:
        id: primary key.
        key: 32 random bits of this row.
        day: the row's date, a literal.
        created: instant of entry, a literal.
        updated: instant of the last change, a literal.
        moving, tenant, apartment, room: ids of the contract that the row is about.
        rent: its rent in yen.
    """

    id: int
    key: int
    day: str
    created: str
    updated: str
    moving: int
    tenant: int
    apartment: int
    room: int
    rent: int


Recipe = Callable[[Line], str]

NOTES = tuple(
    quote(text)
    for text in (
        "口座振替の確認済み。次回より自動引落に変更予定（書類受領済み、登録完了まで約2週間）。",
        "本人より電話あり。月末までに振込予定とのこと。\n翌月分と合算で請求書を再送する。",
        "Paid by card; receipt sent -- see mail);",
        "担当者不在のため折り返し連絡。'至急'扱い。",
        "入金名義がカタカナ表記と異なるため要確認。保証会社へ照会中。",
        "鍵の返却を確認、原状回復費は敷金から精算。",
        'Tenant said "call me after 6 pm"; no further action 🙆',
        "C:\\scan\\2024\\invoice.pdf を参照",
        "家賃保証会社からの代位弁済分として計上。差額は翌月調整。",
        "共用部清掃の実施報告。ゴミ置場の掲示を多言語に差し替え。",
        "/* 旧システムから移行 */ 備考なし;",
        "退去立会い日程の調整中（希望：土日午前）。ライフライン停止の案内を送付済み。",
        "更新意思確認の書面を送付。返信期限は契約満了の1か月前。",
        "管理会社宛に領収書を再発行。宛名の表記ゆれに注意。",
        "',('1','2'),(NULL);\n-- not a statement",
        "振込手数料は入居者負担。差額 330 円は次回請求に加算。",
    )
)
_KANA = tuple(
    quote(text) for text in ("ヤマダ タロウ", "スズキ ハナコ", "グエン ティ ラン", "ワン ウェイ", "キム ミンジ")
)
_PLACES = tuple(
    quote(f"東京都{ward}{block}丁目{house}-{house % 7 + 1}")
    for ward in ("板橋区成増", "足立区千住", "江戸川区平井", "北区赤羽", "葛飾区立石", "練馬区旭丘")
    for block in (1, 2, 3)
    for house in (3, 8, 12, 21)
)
_BANKS = tuple(quote(name) for name in ("みずほ銀行", "三菱UFJ銀行", "三井住友銀行", "りそな銀行", "ゆうちょ銀行"))
_WORDS = tuple(
    quote(text)
    for text in (
        "家賃",
        "共益費",
        "清掃費",
        "修繕費",
        "水道光熱費",
        "インターネット",
        "敷金",
        "礼金",
        "更新料",
        "鍵交換",
    )
)
# Office hours in UTC, ready to be put behind a date.
_CLOCK = tuple(f" {minute // 60:02}:{minute % 60:02}:{minute * 7 % 60:02}'" for minute in range(600))


def clock(key: int) -> str:
    """Return the time of day of an office hour, closing the literal that a date opened."""
    return _CLOCK[key % 600]


def _pick(pool: tuple[str, ...]) -> Callable[[int], Recipe]:
    def build(salt: int) -> Recipe:
        size = len(pool)
        return lambda line: pool[(line.key * salt >> 24) % size]

    return build


def _number(low: int, high: int, step: int = 1) -> Callable[[int], Recipe]:
    def build(salt: int) -> Recipe:
        size = (high - low) // step + 1
        return lambda line: str(low + (line.key * salt >> 24) % size * step)

    return build


def _digits(width: int) -> Callable[[int], Recipe]:
    def build(salt: int) -> Recipe:
        modulus = 10**width
        return lambda line: f"'{line.key * salt % modulus:0{width}}'"

    return build


def _mail(salt: int) -> Recipe:
    return lambda line: f"'t{line.key * salt % 9999999}@example.com'"


def _phone(salt: int) -> Recipe:
    return lambda line: f"'090-{line.key * salt % 10000:04}-{line.key % 10000:04}'"


def _month(salt: int) -> Recipe:
    return lambda line: f"{line.day[:8]}'"


def _always(attribute: Callable[[Line], str]) -> Callable[[int], Recipe]:
    return lambda salt: attribute


@cache
def _companies() -> tuple[str, ...]:
    return tuple(quote(name) for name in companies())


_RULES: tuple[tuple[str, Callable[[int], Recipe]], ...] = (
    # the first pattern that is found in "name type" decides
    (r"^id ", _always(lambda line: str(line.id))),
    (r"^moving_id ", _always(lambda line: str(line.moving))),
    (r"^tenant_id ", _always(lambda line: str(line.tenant))),
    (r"^apartment_id ", _always(lambda line: str(line.apartment))),
    (r"^room_id ", _always(lambda line: str(line.room))),
    (r"^created_at ", _always(lambda line: line.created)),
    (r"^updated_at ", _always(lambda line: line.updated)),
    (r"^deleted_at ", _always(lambda line: "NULL")),
    (r" (datetime|timestamp)$", _always(lambda line: line.created)),
    (r" date$", _always(lambda line: line.day)),
    (r"_month varchar$", _month),
    (r"^(tax_|.*discount).* int$", _number(0, 5000, 100)),
    (r"(billed|paid|charge|deposit|request|cleared|proof|matched)_amount int$", _always(lambda line: str(line.rent))),
    (r"(amount|fee|rent|balance|price|deposit|money|cost|month_\d\d) int$", _number(0, 90_000, 500)),
    (r"_id(_\d)? int$", _number(1, 900)),
    (r"year int$", _number(2019, 2025)),
    (r"(status|type|method|priority|floor) (int|tinyint)$", _number(0, 9)),
    (r" tinyint$", _number(0, 1)),
    (r" int$", _number(0, 30)),
    (r" decimal$", lambda salt: lambda line: f"{line.key * salt % 99999 / 100:.2f}"),
    (r"(number|code) varchar$", _digits(10)),
    (
        r"(remarks|memo|note|body|request|response|params|request_body|reason|comment)(_\w+)? (text|varchar)$",
        _pick(NOTES),
    ),
    (r"mail|email", _mail),
    (r"tel(_\d)? ", _phone),
    (r"zip_code ", _digits(7)),
    (r"kana", _pick(_KANA)),
    (r"address|title", _pick(_PLACES)),
    (r"bank|branch", _pick(_BANKS)),
    (r"company|corporat|supplier|owner|agent|payee|recipient|school", lambda salt: _pick(_companies())(salt)),
    (r".", _pick(_WORDS)),
)

ALWAYS_SET = re.compile(r"^(id|moving_id|tenant_id|apartment_id|room_id|created_at|updated_at)$|_(name|code|amount)$")


def recipe(column: Column, null_share: float) -> Recipe:
    """Return the function that writes a column of any table.

    Args:
        column: the column.
        null_share: how often a column that takes NULL holds it; keys, time stamps and names always have a value.
    """
    salt = zlib.crc32(f"{column.table}.{column.name}".encode()) | 1
    subject = f"{column.name} {column.type}"
    fill = next(build(salt) for pattern, build in _RULES if re.search(pattern, subject))
    if not column.nullable or ALWAYS_SET.search(column.name):
        return fill
    limit, other = int(null_share * 65536), salt >> 3 | 1
    return lambda line: "NULL" if (line.key * other >> 16) & 0xFFFF < limit else fill(line)
