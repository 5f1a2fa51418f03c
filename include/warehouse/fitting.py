"""Texts that people read, cut to the size of the column that keeps them."""

from __future__ import annotations

# What a column of type TEXT holds.
TEXT_BYTES = 65_535
MARK = " … (cut)"


def fit(text: str, limit: int = TEXT_BYTES) -> str:
    """Return a text that fits, with a mark at its end when something is missing.

    Args:
        text: any text; what cannot be written in UTF-8 becomes `?`.
        limit: bytes in UTF-8, at least those of the mark.
    """
    whole = text.encode("utf-8", "replace")
    if len(whole) <= limit:
        return whole.decode()
    mark = MARK.encode()
    return (whole[: limit - len(mark)] + mark).decode("utf-8", "ignore")
