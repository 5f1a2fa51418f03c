"""Tell by its name how far a column of personal data may go: the one list for mails, data sets and tests of gold."""

from __future__ import annotations

import re

# Names and their readings, contact data, birth dates, accounts, employers, documents, free text.
_PERSONAL = re.compile(
    r"(^|_)(full|first|last|tenant|nick|corporate)_?name|^name$|kana|birth|mail|phone|(^|_)tel(_|$)|passport"
    r"|account_number|affiliation$|occupation|identity_raw",
    re.I,
)

# Readers asked for these two columns, which hold a kind of work; mails and logs leave them out like the others.
ALLOWED_IN_GOLD = frozenset({"occupation_company", "occupation_industry"})

# Without a name they point at a person all the same: where somebody lives, and with which papers.
_POINTS_AT_A_PERSON = re.compile(r"room_number|full_address|residence_status|personal_identity", re.I)


def is_personal(column: str) -> bool:
    """Return whether a column of this name may hold personal data, which no mail, log or page shows."""
    return bool(_PERSONAL.search(column))


def stays_in_silver(column: str) -> bool:
    """Return whether a column of this name must not be in gold or reports, nor in a QuickSight data set."""
    return is_personal(column) and column not in ALLOWED_IN_GOLD


def stays_in_gold(column: str) -> bool:
    """Return whether a column of this name may be in gold or reports, for those who query, but in no data set."""
    return is_personal(column) or bool(_POINTS_AT_A_PERSON.search(column))
