"""The tokens of a CREATE TABLE, after which there is only one way left to read it.

Servers and clients disagree on where comments end and what they hide, so nothing of that kind is handed on:

* Control characters, `--` and `#` outside strings are refused: whether they begin a comment depends on the reader.
* A comment `/* ... */` between the closing parenthesis and the end is dropped; anywhere else it is refused.
* A versioned comment `/*!NNNNN ... */` of five digits below 50700 is code for every server that we load into. Any other
  one may hold plain words only: they are code if the target server would run them, else they are dropped. So what a
  server skips can never hold a quote, a name, a bracket or a comma.

https://dev.mysql.com/doc/refman/8.0/en/comments.html, https://mariadb.com/kb/en/comment-syntax/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from include.dump.sql.target import Target

# How strings keep bytes that are not UTF-8, as the default of a binary column may be.
BYTES = "surrogateescape"
# 64 letters of at most four bytes, each of which may be a backtick that is written twice.
MAX_NAME_BYTES = 2 * 64 * 4
# A table of 4,096 columns with all their attributes needs fewer; the limit bounds our memory.
MAX_TOKENS = 200_000


class NotUnderstood(ValueError):
    """The dump holds something that has no place in it; the message names it.

    Attributes:
        remedy: what helps; empty when that is unknown.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    NUMBER = auto()
    STRING = auto()
    BITS = auto()
    NAME = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: what it is.
        text: a word in small letters; a name or a string as it is meant, without quotes and escapes; everything else as
            it is written.
        written: a word as it is written.
    """

    kind: Kind
    text: str
    written: str = ""


END = Token(Kind.END, "")

# A name between backticks, in which two of them stand for one.
QUOTED_NAME = rb"`((?:[^`]|``)++)`"
_TOKEN = re.compile(
    rb"(?P<blank>[ \t\r\n]+)"
    rb"|(?P<bits>[xXbB]'[0-9A-Fa-f]*'|0x[0-9A-Fa-f]+(?![\w$\x80-\xff])|0b[01]+(?![\w$\x80-\xff]))"
    rb"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w$.\x80-\xff]))"
    rb"|(?P<word>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*|[0-9][\w$\x80-\xff]*)"
    rb"|(?P<string>'(?:[^'\\]|\\.|'')*+')"
    rb"|(?P<name>" + QUOTED_NAME + rb")"
    rb"|(?P<open>/\*(?P<mariadb>M)?!(?P<version>[0-9]*))"
    rb"|(?P<comment>/\*(?!M?!).*?\*/)"
    rb"|(?P<close>\*/)"
    rb"|(?P<sign>->>|->|<=>|<=|>=|<>|!=|<<|>>|\|\||&&|:=|[-(),=+*/%<>!&|^~.:])",
    re.DOTALL | re.ASCII,
)
_PLAIN_WORDS = re.compile(rb"[A-Za-z0-9_ \t\r\n]*\*/")
_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
_ESCAPED = {b"0": b"\0", b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"Z": b"\x1a", b"%": b"\\%", b"_": b"\\_"}
# What a name may not hold: MariaDB's client takes a backslash in a name for an escape, servers do not.
_AMBIGUOUS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\\]")
# Versions that both server lines run, MariaDB's included: it skips 50700 to 99999, which are features of MySQL.
_CODE_FOR_ALL = range(50700)


def tokenize(create: bytes, target: Target) -> Iterator[Token]:
    """Yield the tokens of a CREATE TABLE, one `END` last.

    Args:
        create: the statement as the dump writes it, without the delimiter.
        target: the server that decides which versioned comments are code.

    Raises:
        NotUnderstood: there is something that another reader may read in another way.
    """
    return iter(_Tokenizer(create, target))


class _Tokenizer:
    def __init__(self, create: bytes, target: Target) -> None:
        self._create = create
        self._target = target
        self._at = 0
        self._depth = 0
        self._in_versioned = False
        self._outside = False  # behind the closing bracket of the definitions

    def __iter__(self) -> Iterator[Token]:
        count = 0
        while self._at < len(self._create):
            found = _TOKEN.match(self._create, self._at)
            if found is None:
                raise NotUnderstood(_strange(self._create, self._at))
            self._at = found.end()
            count += 1
            if count > MAX_TOKENS:
                raise NotUnderstood(f"more than {MAX_TOKENS:,} words and signs")
            match found.lastgroup:
                case "blank":
                    pass
                case "comment":
                    self._comment(found[0])
                case "open":
                    self._open(found)
                case "close":
                    self._close()
                case kind:
                    if kind == "sign":
                        self._sign(found[0])
                    yield _token(kind or "", found[0])
        if self._in_versioned:
            raise NotUnderstood("a versioned comment without an end")
        yield END

    def _comment(self, text: bytes) -> None:
        if not self._outside or self._in_versioned or b"/*" in text[2:]:
            raise NotUnderstood("a comment")

    def _open(self, mark: re.Match[bytes]) -> None:
        """Go on behind the mark of a versioned comment if it is code, else behind its end."""
        if self._in_versioned:
            raise NotUnderstood("a versioned comment inside another")
        digits, mariadb = mark["version"], bool(mark["mariadb"])
        if len(digits) == 5 and not mariadb and int(digits) in _CODE_FOR_ALL:
            self._in_versioned = True
            return
        words = _PLAIN_WORDS.match(self._create, self._at)
        if not words or len(digits) not in (0, 5, 6):
            shown = re.match(rb"/\*M?!\d{0,8} *\w{0,40}", self._create[mark.start() :])
            raise NotUnderstood(f"a versioned comment ({shown and shown[0].decode()}) with more than plain words in it")
        if self._target.runs(int(digits or 0), mariadb):
            self._in_versioned = True
        else:
            self._at = words.end()

    def _close(self) -> None:
        if not self._in_versioned:
            raise NotUnderstood("an end of a comment that never began")
        self._in_versioned = False

    def _sign(self, sign: bytes) -> None:
        if sign == b"-" and self._create.startswith(b"-", self._at):
            raise NotUnderstood("two dashes outside a string")
        self._depth += (sign == b"(") - (sign == b")")
        self._outside = self._outside or (sign == b")" and self._depth == 0)


def _token(kind: str, text: bytes) -> Token:
    match kind:
        case "word":
            word = _decoded(text)
            return Token(Kind.WORD, word.lower(), word)
        case "number":
            return Token(Kind.NUMBER, text.decode())
        case "bits":
            return Token(Kind.BITS, text.decode())
        case "string":
            meant = _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]) if m[1] else b"'", text[1:-1])
            return Token(Kind.STRING, meant.decode(errors=BYTES))
        case "name":
            return Token(Kind.NAME, unquoted_name(text[1:-1]))
        case _:
            return Token(Kind.SIGN, text.decode())


def unquoted_name(text: bytes) -> str:
    """Return a name as it is meant.

    Args:
        text: what stands between its backticks.

    Raises:
        NotUnderstood: it holds what another reader may read in another way.
    """
    if len(text) > MAX_NAME_BYTES:
        raise NotUnderstood("a name of more than 64 letters")
    if _AMBIGUOUS.search(text):
        raise NotUnderstood("a control character or a backslash in a name")
    return _decoded(text.replace(b"``", b"`"))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise NotUnderstood("text that is not UTF-8") from None


def _strange(create: bytes, at: int) -> str:
    """Say what stands at a place where no token begins."""
    sign = create[at : at + 1]
    if sign == b'"':
        return "double quotes around a name, as --compatible=ansi has them"
    if sign == b"#":
        return "a comment"
    if sign in b"'`":
        return "a quote without its end"
    if sign == b"\\":
        return "a backslash outside a string"
    if sign == b"@":
        return "a variable"
    if sign < b" " or sign == b"\x7f":
        return f"a control character ({sign[0]:#04x}) outside a string"
    if create.startswith(b"/*", at):
        return "a comment without its end"
    return f"{sign.decode('ascii', 'replace')!r} outside a string"


def name(text: str) -> str:
    """Write a name for the server."""
    return "`" + text.replace("`", "``") + "`"


_WRITTEN = str.maketrans({"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"})


def string(text: str) -> str:
    """Write a string for the server, whose session escapes with backslashes."""
    return "'" + text.translate(_WRITTEN) + "'"
