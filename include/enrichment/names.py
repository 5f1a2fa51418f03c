"""Names as the platform compares them: cleaned, hashed, normalised, and what a name alone already tells."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date

# What the dbt macro `blanks` cuts off both ends of a text, and what `clean_string` takes for nothing.
BLANKS = " \u3000\t\n\r\u00a0"
NOTHING = frozenset(("", "NULL", "--", "ＮＵＬＬ", "－－"))
# The vendor's form wrote it for everybody while it was broken.
PLACEHOLDERS = frozenset(("レソト", "ﾚｿﾄ"))
# Masked or typed in place of a name.
NO_NAME = re.compile(r"[\W_]*")
COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|(?:社団|財団|医療|学校|宗教|社会福祉)法人|㈱|㈲|\((?:株|有|同|合)\)"
    r"|\b(?:CO\.?,? ?LTD|LTD|INC|LLC|L\.L\.C|CORP|CORPORATION|LIMITED|GMBH|PTE|K\.K)\b\.?"
)
HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
HIRAGANA = re.compile(r"[\u3041-\u3096]")


def cleaned(text: str | None) -> str | None:
    """Return a text as the dbt macro `clean_string` does: without blanks at its ends, None where it says nothing."""
    stripped = (text or "").strip(BLANKS)
    return None if stripped.upper() in NOTHING else stripped


def full_name(full: str | None, last: str | None, first: str | None) -> str | None:
    """Return a tenant's name as the dbt model stg_tenants does: as stored, else family and given name, else None."""
    return cleaned(full) or " ".join(filter(None, (cleaned(last), cleaned(first)))) or None


def name_hash(name: str) -> str:
    """Return the key of a name in `ops.nationality_predictions`; the dbt macro `name_hash` makes the same.

    Only what Python and both servers do alike goes into it: two spellings in other widths are two keys, with one
    answer, because every source reads `normalised`. `n1` is the version of this rule.
    """
    return _hash(f"n1:{name}")


def person_hash(name: str, birth_date: date) -> str:
    """Return the key of a person, a name with a date of birth; the dbt macro `person_hash` makes the same."""
    return _hash(f"p1:{birth_date.isoformat()}:{name}")


def normalised(name: str) -> str:
    """Return a name in NFKC and capitals, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).upper().split())


def is_no_name(name: str) -> bool:
    """Return True for a mask such as `*`: nothing but signs."""
    return NO_NAME.fullmatch(normalised(name)) is not None


def is_company(name: str) -> bool:
    """Return True when a name carries the mark of a company or another body."""
    return COMPANY.search(normalised(name)) is not None


def by_script(name: str) -> str | None:
    """Return the nationality that the script of a name tells: Hangul and hiragana are of one country each."""
    text = normalised(name)
    if HANGUL.search(text):
        return "韓国"
    return "日本" if HIRAGANA.search(text) else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
