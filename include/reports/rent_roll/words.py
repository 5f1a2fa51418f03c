"""What classes, differences and verdicts are called, in Japanese and in English."""

from __future__ import annotations

from include.reports.rent_roll.compare import Difference, RoomClass
from include.reports.rent_roll.verdict import Verdict

VERDICTS = {
    Verdict.FINE: ("問題なし", "fine"),
    Verdict.INVESTIGATE: ("要調査", "investigate"),
    Verdict.CRITICAL: ("重大", "critical"),
}

CLASSES = {
    RoomClass.MATCHED: ("両方で入居中", "occupied on both sides"),
    RoomClass.VACANT_BOTH: ("両方で空室", "vacant on both sides"),
    RoomClass.AMBIGUOUS_UNIT: (
        "部屋番号が重複(先頭の 0 を除くと同じ)",
        "two units of one number (zeros aside)",
    ),
    RoomClass.UNKNOWN_ASSET: ("物件が PMS にない", "the system does not know the building"),
    RoomClass.UNKNOWN_UNIT: ("部屋が PMS にない", "the system does not know the room"),
    RoomClass.DUPLICATE: ("レントロールに同じ部屋が複数行", "a further active row of a room in the rent roll"),
    RoomClass.BULK: ("法人一棟の空室", "vacant room in a building let to one company"),
    RoomClass.STALE: ("対象月の行がない(過去月のみ)", "the newest row of the room is of an earlier month"),
    RoomClass.TYPE_ONLY: ("契約者が「個人」「法人」のみ", "the tenant is only 個人 or 法人"),
    RoomClass.DELETED: ("レントロールで削除済み、PMS は入居中", "deleted in the rent roll, occupied in the system"),
    RoomClass.TURNOVER: ("基準日前後の入退去", "a move near the date"),
    RoomClass.PAST_MOVEOUT: ("PMS の退去日が過去、RR は空室(要修正)", "the system's move-out date has passed"),
    RoomClass.RESERVED: ("PMS は申込・入居前のみ", "only reserved in the system"),
    RoomClass.DEPARTED: ("PMS では 31 日以内に退去済み", "left within 31 days by the system"),
    RoomClass.NOT_LETTABLE: ("貸出対象外の部屋", "a room that is not let"),
    RoomClass.ONLY_RENT_ROLL: ("レントロールのみ入居中", "occupied in the rent roll only"),
    RoomClass.ONLY_PMS: ("PMS のみ入居中", "occupied in the system only"),
}

DIFFERENCES = {
    Difference.RENT_DIFFERS: ("賃料が違う", "the rent differs"),
    Difference.RENT_MISSING: ("賃料がない、または 0 以下", "one side has no rent"),
    Difference.START_DIFFERS: ("契約開始日が違う", "the start differs"),
    Difference.END_DIFFERS: ("契約終了日が違う", "the end differs"),
    Difference.END_UNKNOWN: ("PMS に終了日がない", "the system has no end"),
    Difference.TYPE_DIFFERS: ("個人・法人の区分が違う", "individual and corporate differ"),
    Difference.TENANT_DIFFERS: ("入居者番号が違う", "the tenant's number differs"),
    Difference.MOVEOUT_PASSED: ("PMS の退去日が過去(要修正)", "the system's move-out date has passed"),
}
