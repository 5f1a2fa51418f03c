"""What a server says about an error or a warning, without the values of rows: those are personal data.

Messages of MySQL and MariaDB quote values and names alike (`Incorrect integer value: 'x' for column 'y' at row 1`). A
quoted text is kept only where the words before it say that it is a name. Everything from the first other quote to the
last words that the server itself adds is masked, because a value may hold quotes of its own.
"""

from __future__ import annotations

import re

MARK = "…"
# A name has at most 64 characters, and its schema as many.
NAME_LIMIT = 128

_NAMED = (
    "character set|charset|check clause of|collation|column|columns|constraint|database|default value for|engine|file"
    "|function|host|index|key|name|operator|option|partition|plugin|precision specified for|privilege|procedure"
    "|schema|set|specified for|storage engine for|system variable|table|tablespace|to server on|trigger|type|user"
    "|variable|view"
)
_NAME = re.compile(
    rf"\b(?:{_NAMED}):? (?:'[^'\n]{{0,{NAME_LIMIT}}}'(?:@'[^'\n]{{0,{NAME_LIMIT}}}')?|\"[^\"\n]{{0,{NAME_LIMIT}}}\")"
    rf"|in '[A-Za-z ]*'|errno: \d+ \"[^\"]*\"|[Ee]rror \d+(?: -)? '[^']*' from|`[^`\n]{{0,{NAME_LIMIT}}}`",
    re.I,
)
_OPENING = re.compile(r"(?<!\w)['\"]")
_TAILS = (
    re.compile(
        r".*(['\"](?: at position \d+)?(?: in value)? for (?:column|key|function)(?: name)? (?:'[^']*'"
        r"|`[^`]*`(?:\.`[^`]*`)*|\w+)(?: at row \d+)?\.?)$",
        re.S,
    ),
    re.compile(r".*(['\"] at (?:row|line) \d+)$", re.S),
)
_UNQUOTED = re.compile(r"\b(value) -?\d[\d.,:e+-]*", re.I)
_SYNTAX = re.compile(r"(syntax to use near )'.*'( at line \d+)$", re.S)


def mask_values(text: str) -> str:
    """Return a server's message with every value replaced by `…`; names of tables, columns and keys stay.

    Args:
        text: one message, as the server wrote it.
    """
    if syntax := _SYNTAX.search(text):
        return f"{text[: syntax.start()]}{syntax[1]}'{MARK}'{syntax[2]}"
    at = 0
    while opening := _OPENING.search(text, at):
        name = next((name for name in _NAME.finditer(text, at) if name.end() > opening.start()), None)
        if name is None or name.start() > opening.start():
            quote = opening[0]
            tails = (found[1] for tail in _TAILS if (found := tail.match(text, opening.start() + 1)))
            text = f"{text[: opening.start()]}{quote}{MARK}{next(tails, quote)}"
            break
        at = name.end()
    return _UNQUOTED.sub(rf"\1 {MARK}", text)


def mask_error(error: BaseException) -> str:
    """Return what an exception says: a driver's `(code, message)` without values, anything else as it is."""
    if len(error.args) >= 2 and isinstance(error.args[0], int) and isinstance(error.args[1], str):
        return str((error.args[0], mask_values(error.args[1])))
    return str(error)
