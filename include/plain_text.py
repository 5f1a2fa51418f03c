"""Text from outside that people are to read: which characters it must not hold, and how it is shown all the same.

A lone surrogate cannot be encoded, SNS and SQS refuse what XML cannot hold, ESC rules a terminal, and U+202E turns the
words after it round.
"""

from __future__ import annotations

import re
import unicodedata

LAYOUT = "\t\n"
"""Control characters that plain text is laid out with."""
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of controls, formats, surrogates, and separators of lines and paragraphs."""


def hidden_character(text: str) -> str:
    """Return the name, such as `U+001B`, of the first character that text for people must not hold; empty if none."""
    return next((f"U+{ord(char):04X}" for char in text if _is_hidden(char)), "")


def showable(text: str) -> str:
    """Return a text of which every character can be sent and seen; others become their escapes."""
    text = re.sub(r"\r\n", "\n", text)
    return "".join(char.encode("unicode_escape").decode() if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    if char in LAYOUT or " " <= char <= "~":
        return False
    return unicodedata.category(char) in HIDDEN or ord(char) & 0xFFFE == 0xFFFE
