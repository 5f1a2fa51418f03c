"""The rules of the business as plain functions, written from its documents and not from the models."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypeVar

Row = dict[str, Any]
Text = str | None
T = TypeVar("T")

PIPELINE_ACTIVE = {4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15}
PRESENT = {7, 9, 10, 11, 12, 13, 14, 15}
APPLICATION = {4, 5}
MOVEIN_DAS = {4, 5, 6, 7, 9, 14, 15}
MOVEOUT = {14, 15, 16, 17}
ACTIVE_LEASE = {4, 6, 7, 9, 10, 11, 12, 13, 14, 15}
PRIORITY = {9: 1, 10: 2, 11: 3, 12: 4, 13: 5, 14: 6, 15: 7, 7: 8, 6: 9, 5: 10, 4: 11}

PHYSICAL_ROOMS = 16108
CASH_RATE = Fraction(952, 1000)
FIRST_DATE = date(2018, 1, 1)
NOTICE_MONTHS = 24
OUTLOOK_DAYS = 90
SAME_DAY_POLICY = "count_moveout_room_at_0000_exclude_same_day_moveins"
KPI_VERSION = "kpi_definition_v2026_03_room_primary"
TENANT_TYPES = ("individual", "corporate", "unknown")
PLACEHOLDERS = {"レソト", "ﾚｿﾄ"}
BLANKS = " \u3000\t\n\r\u00a0"
NOTHING = {"", "null", "--", "ｎｕｌｌ", "－－"}

STATUS_EN = dict(
    enumerate(
        (
            "Under Consideration",
            "Terminated",
            "Scheduled Viewing",
            "Viewed",
            "Tentative Reservation",
            "Initial Rent Deposit",
            "Move-in Explanation",
            "Move-in",
            "Canceled",
            "In Residence",
            "Contract Renewal",
            "Move-in Notice Received",
            "Move-in Procedure",
            "Move",
            "Move-out Notice Received",
            "Expected Move-out",
            "Awaiting Maintenance",
            "Moved Out",
        )
    )
)
CONTRACT_TYPES = {
    0: ("未設定", "(Not set)", "unknown"),
    1: ("一般", "General", "individual"),
    2: ("法人契約", "Corporate Contract", "corporate"),
    3: ("法人契約個人", "Corporate Individual", "corporate"),
    4: ("Airbnb1", "Airbnb Account 1", "unknown"),
    5: ("Airbnb2", "Airbnb Account 2", "unknown"),
    6: ("定期契約", "Term-based Contract", "individual"),
    7: ("一般（保証会社）", "General Guarantor", "individual"),
    8: ("未設定", "(Not set)", "unknown"),
    9: ("一般2", "General 2", "individual"),
}
GENDERS = {1: ("男性", "Male"), 2: ("女性", "Female"), 3: ("その他", "Other")}
REASONS = {
    0: ("未設定", "(Not set)"),
    1: ("転職", "Job Change"),
    2: ("帰国", "Returning Home"),
    3: ("転勤", "Job Transfer"),
    4: ("結婚", "Marriage"),
    5: ("家族の都合", "Family Reasons"),
    6: ("経済的理由", "Economic Reasons"),
    7: ("その他", "Other"),
}
DOCUMENTS = {
    1: ("運転免許証", "Driver's License"),
    2: ("健康保険証", "Health Insurance Card"),
    3: ("パスポート", "Passport"),
    4: ("特別永住者証明書", "Permanent Residence Permit"),
    5: ("住民票", "Resident Registration Card"),
    6: ("マイナンバーカード", "My Number Card"),
    7: ("その他", "Other"),
    8: ("在留カード", "Residence Card"),
}
INDUSTRIES = dict(
    enumerate(
        (
            ("製造業", "Manufacturing"),
            ("建設業", "Construction"),
            ("情報通信業", "Information Technology"),
            ("運輸業", "Transportation"),
            ("卸売業", "Wholesale"),
            ("小売業", "Retail"),
            ("金融業", "Finance"),
            ("不動産業", "Real Estate"),
            ("飲食業", "Food Service"),
            ("医療福祉", "Healthcare"),
            ("教育学習支援", "Education"),
            ("サービス業", "Services"),
            ("公務", "Public Service"),
            ("農林漁業", "Agriculture"),
            ("電気ガス", "Utilities"),
            ("その他", "Other"),
            ("学生", "Student"),
            ("無職", "Unemployed"),
        ),
        1,
    )
)

UNKNOWN = "不明 Unknown"
Limit = Decimal | int | None
STEPS: Mapping[str, tuple[tuple[Limit, str, str], ...]] = {
    "rent_range": (
        (50_000, "Under 50K", "<¥50,000"),
        (70_000, "50K-70K", "¥50,000–69,999"),
        (100_000, "70K-100K", "¥70,000–99,999"),
        (150_000, "100K-150K", "¥100,000–149,999"),
        (None, "150K+", "¥150,000+"),
    ),
    "age_group": (
        (25, "Under 25", "<25歳"),
        (35, "25-34", "25–34歳"),
        (45, "35-44", "35–44歳"),
        (55, "45-54", "45–54歳"),
        (None, "55+", "55歳+"),
    ),
    "tenure_category": (
        (6, "Short (<6mo)", "<6か月"),
        (12, "Medium (6-12mo)", "6–12か月"),
        (24, "Long (1-2yr)", "1–2年"),
        (None, "Very Long (2yr+)", "2年+"),
    ),
    "tenure_bin": (
        (6, "0-6", "0–6か月"),
        (12, "6-12", "6–12か月"),
        (18, "12-18", "12–18か月"),
        (24, "18-24", "18–24か月"),
        (36, "24-36", "24–36か月"),
        (None, "36+", "36か月+"),
    ),
    "lead_time_bucket": (
        (8, "0-7", "0–7日"),
        (31, "8-30", "8–30日"),
        (61, "31-60", "31–60日"),
        (None, "61+", "61日+"),
    ),
    "rate_band": (
        (Decimal("0.5"), "Under 50%", "<50%"),
        (Decimal("0.7"), "50-70%", "50–70%"),
        (Decimal("0.85"), "70-85%", "70–85%"),
        (Decimal("0.95"), "85-95%", "85–95%"),
        (None, "95%+", "95%+"),
    ),
    "rent_band": (
        (45_000, "Under 45K", "<¥45,000"),
        (55_000, "45K-55K", "¥45,000–54,999"),
        (65_000, "55K-65K", "¥55,000–64,999"),
        (75_000, "65K-75K", "¥65,000–74,999"),
        (None, "75K+", "¥75,000+"),
    ),
}
"""Steps of a number, each up to its limit: value and what charts call it."""
CLASSES: Mapping[str, Mapping[str, str]] = {
    "tenant_type": {"individual": "個人 Individual", "corporate": "法人 Corporate", "unknown": UNKNOWN},
    "renewal": {"new": "新規 New", "renewal": "更新 Renewal"},
    "moveout_status": {"Pending": "退去予定 Pending", "Completed": "退去済 Completed"},
    "nationality_basis": {"recorded": "記録 Recorded", "predicted": "推定 Predicted", "none": "なし None"},
    "phase": {"fact": "実績 Fact", "outlook": "見込み Outlook"},
    "day_status": {"valid": "有効 Valid", "bridge": "欠測の翌日 Day after a gap", "gap": "欠測 Gap"},
}
"""Classes in the order of charts, and what charts call them."""


# --- reading the dump ------------------------------------------------------------------------------------------------


def text(value: Text) -> Text:
    """Return a text without the blanks at its ends, or None for one that only says nothing."""
    stripped = (value or "").strip(BLANKS)
    return None if stripped.lower() in NOTHING else stripped


def asset_id(value: Text) -> Text:
    """Return an asset id as the portfolio writes it, whatever width and case it was typed in."""
    typed = text(value)
    return typed and unicodedata.normalize("NFKC", typed).upper()


def whole(value: Text) -> int | None:
    return None if value is None else int(value)


def number(value: Text) -> Decimal | None:
    return None if value is None else Decimal(value)


def day(value: Text) -> date | None:
    """Return a date, or None for a zero date, an impossible one or one beyond the year 2100."""
    try:
        found = date.fromisoformat((value or "")[:10])
    except ValueError:
        return None
    return found if found.year <= 2100 else None


def moment(value: Text) -> datetime | None:
    """Return a stored instant (UTC) as Tokyo's clock showed it, or None for one on a day that is none."""
    if value is None or day(value) is None:
        return None
    shown = datetime.fromisoformat(value) + timedelta(hours=9)
    return shown if shown.year <= 2100 else None


def code(value: Text) -> int | None:
    """Return the number that a text column holds in digits of either width, None when it holds none."""
    cleaned = text(value)
    return int(cleaned) if cleaned and re.fullmatch("[0-9０-９]{1,9}", cleaned) else None


def is_set(value: Text) -> bool:
    return value is not None and int(value) == 1


def first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


def label(labels: Mapping[int, str], number: int | None) -> Text:
    """Return the label of a code, what stands for one of a code without, None without a code."""
    return None if number is None else labels.get(number, f"Unknown ({number})")


def both_labels(labels: Mapping[int, tuple[str, ...]], number: int | None) -> tuple[Text, Text]:
    """Return the Japanese and the English label of a code."""
    ja, en = ({known: names[index] for known, names in labels.items()} for index in (0, 1))
    return label(ja, number), label(en, number)


# --- figures ---------------------------------------------------------------------------------------------------------


def rounded(value: Fraction, places: int = 0) -> Decimal:
    """Round half away from zero."""
    scaled = abs(value) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if value >= 0 else -units).scaleb(-places)


def mean(values: Iterable[Decimal | int], places: int) -> Decimal | None:
    """Return the rounded mean, None of nothing."""
    exact = [Fraction(value) for value in values]
    return rounded(sum(exact, Fraction()) / len(exact), places) if exact else None


def completed_months(begin: date, end: date) -> int:
    """Return how many whole calendar months lie between two dates; negative when they are the wrong way round."""
    if end < begin:
        return -completed_months(end, begin)
    return (end.year - begin.year) * 12 + end.month - begin.month - (end.day < begin.day)


def age(born: date | None, stored: int | None, on: date) -> int | None:
    years = None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return next((value for value in (years, stored) if value is not None and 18 <= value <= 100), None)


def step(dimension: str, value: Decimal | int | None) -> Row:
    """Return the first step whose limit lies above the value, with its place and its label."""
    steps = STEPS[dimension]
    place, name, label = len(steps) + 1, "Unknown", UNKNOWN
    if value is not None:
        place, name, label = next(
            (place, name, label)
            for place, (limit, name, label) in enumerate(steps, 1)
            if limit is None or value < limit
        )
    return {dimension: name, f"{dimension}_order": place, f"{dimension}_label": label}


def named(dimension: str, value: str) -> Row:
    """Return a class with its place and its label."""
    names = CLASSES[dimension]
    return {dimension: value, f"{dimension}_order": list(names).index(value) + 1, f"{dimension}_label": names[value]}


def side_by_side(labels: Mapping[int, tuple[str, ...]], number: int | None, otherwise: str) -> str:
    """Return both labels of a code, what stands for one of a code without, `otherwise` without a code."""
    return otherwise if number is None else " ".join(labels[number][:2]) if number in labels else f"Unknown ({number})"


def months_between(day: date, as_of: date) -> int:
    """Return how many turns of a month lie between two dates; negative when they are the wrong way round."""
    return (as_of.year * 12 + as_of.month) - (day.year * 12 + day.month)


def earlier(day: date, months: int) -> date:
    """Return the same day some months before, or the last one of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def distance(day: date, as_of: date) -> Row:
    """Return how far a date lies before the newest one that the figures know."""
    return {"days_before_as_of": (as_of - day).days, "months_before_as_of": months_between(day, as_of)}


def months_earlier(day: date, months: int) -> date:
    """Return the same day of an earlier month, or the last one of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return next(
        date(year, month + 1, number) for number in range(day.day, 0, -1) if number <= monthrange(year, month + 1)[1]
    )


def tenant_type(agreement_type: int | None) -> str:
    return CONTRACT_TYPES.get(-1 if agreement_type is None else agreement_type, (None, None, "unknown"))[2]


PREFECTURE = "東京都|北海道|(?:京都|大阪)府|(?:..|...)県"


def municipality(stored: Text, prefecture: Text = None, *addresses: Text) -> Text:
    """Return a building's municipality: as stored, else as the first address that has one writes it."""
    name = text(stored)
    if name and name.lower() != "unknown":
        return name
    for address in addresses:
        compact = re.sub(f"[{BLANKS}]", "", address or "")
        compact = re.sub(r"^〒?\d{3}\W?\d{4}", "", compact)
        if not re.match(PREFECTURE, compact):
            compact = re.sub(f"[{BLANKS}]", "", prefecture or "") + compact
        if found := re.match(rf"(?:{PREFECTURE})(.+?郡.+?[町村]|.+?市.+?区|.+?[市区町村])", compact):
            return found[1]
    return None


def in_kanto(latitude: Decimal | None, longitude: Decimal | None) -> bool:
    return (
        latitude is not None
        and longitude is not None
        and Decimal(35) <= latitude <= Decimal(36)
        and Decimal(139) <= longitude <= Decimal("140.5")
    )


def newest(*key: date | datetime | int | None) -> tuple[tuple[bool, Any], ...]:
    """Return a key by which the newest row is the greatest; what is not known is oldest."""
    return tuple((value is not None, value if value is not None else 0) for value in key)


def best_of(rows: Iterable[Row], group: Callable[[Row], Any], rank: Callable[[Row], Any]) -> dict[Any, Row]:
    """Return the row with the greatest rank of each group."""
    best: dict[Any, Row] = {}
    for row in rows:
        held = best.get(group(row))
        if held is None or rank(row) > rank(held):
            best[group(row)] = row
    return best


def sequence(begin: date, end: date) -> list[date]:
    """Return every date from one to another, both included."""
    return [begin + timedelta(days=step) for step in range((end - begin).days + 1)]


def decimal(value: int | str, places: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
