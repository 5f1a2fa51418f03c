"""A second opinion on rows: a reader of single bytes, slow and without any tricks.

It shares nothing with the loader, so that both being wrong in the same way is unlikely.
"""

from __future__ import annotations

from collections.abc import Iterator

QUOTE, BACKSLASH = b"'", b"\\"


def count_rows(text: bytes) -> int | None:
    """Return the number of rows in `(...),(...)`, or None when strings or brackets do not fit.

    What stands outside strings is not looked at, apart from brackets and the commas between rows.
    """
    rows, wanted = 0, b"("
    for byte in _outside_strings(text):
        if wanted == b")":  # inside a row
            if byte in (b"(", b""):
                return None
            if byte == b")":
                rows, wanted = rows + 1, b","
        elif byte.isspace():
            continue
        elif byte != wanted:
            return None
        else:
            wanted = b")" if byte == b"(" else b"("
    return rows if wanted == b"," else None


def _outside_strings(text: bytes) -> Iterator[bytes]:
    """Yield every byte that is not part of a string; nothing stands for a string without an end."""
    in_string = False
    at = 0
    while at < len(text):
        byte = text[at : at + 1]
        at += 2 if in_string and byte == BACKSLASH else 1
        if byte == QUOTE:
            in_string = not in_string
            byte = b"x"
        if not in_string:
            yield byte
    if in_string or at > len(text):
        yield b""


def rows_end(text: bytes, start: int) -> int:
    """Return where the `;` is that ends the statement which begins at `start`; -1 when there is none."""
    in_string = False
    at = start
    while at < len(text):
        byte = text[at : at + 1]
        if in_string and byte == BACKSLASH:
            at += 1
        elif byte == QUOTE:
            in_string = not in_string
        elif byte == b";" and not in_string:
            return at
        at += 1
    return -1
