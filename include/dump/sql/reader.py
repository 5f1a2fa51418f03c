"""A reader that takes tokens one by one, with the small things that every part of the grammar needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from include.dump.sql.tokens import END, Kind, NotUnderstood, Token, name, string

# A key has at most 32 columns.
MAX_NAMES = 64
IDENTIFIER = re.compile(r"[a-z0-9_]{1,64}")


class Reader:
    """Looks one token ahead.

    Args:
        tokens: of a definition, `END` last.
    """

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = iter(tokens)
        self._next = next(self._tokens, END)

    def peek(self) -> Token:
        """Return the next token without taking it."""
        return self._next

    def take(self) -> Token:
        """Take the next token; at the end, always the end token."""
        token, self._next = self._next, next(self._tokens, END)
        return token

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs."""
        return self._next.kind in (Kind.WORD, Kind.SIGN) and self._next.text in texts

    def accept(self, *texts: str) -> str:
        """Take the next token if it is one of these words or signs, and return it; else return nothing."""
        return self.take().text if self.next_is(*texts) else ""

    def expect(self, *texts: str) -> str:
        """Take one of these words or signs.

        Raises:
            NotUnderstood: something else comes.
        """
        if not self.next_is(*texts):
            raise NotUnderstood(f"{self.shown()} where {' or '.join(texts[:4]).upper()} was expected")
        return self.take().text

    def shown(self) -> str:
        """Return the next token for a message, without what a string holds."""
        match self._next.kind:
            case Kind.END:
                return "the end"
            case Kind.STRING:
                return "a string"
            case Kind.NAME:
                return f"the name {self._next.text[:64]}"
            case _:
                return self._next.text[:64].upper()

    def name(self, what: str) -> str:
        """Take a name in backticks, as it is meant."""
        if self._next.kind is not Kind.NAME:
            bare = self._next.kind is Kind.WORD
            raise NotUnderstood(
                f"{self.shown()} where {what}{' in backticks' * bare} was expected",
                "have the dump taken without --skip-quote-names" if bare else "",
            )
        found = self.take().text
        if self.next_is("."):
            raise NotUnderstood("a name with a schema")
        return found

    def string(self, what: str) -> str:
        """Take a string and return it as the server is to read it."""
        if self._next.kind is not Kind.STRING:
            raise NotUnderstood(f"{self.shown()} where {what} was expected")
        text = string(self.take().text)
        if self._next.kind is Kind.STRING:
            raise NotUnderstood("two strings in a row")
        return text

    def integer(self, what: str) -> str:
        """Take a whole number."""
        if self._next.kind is not Kind.NUMBER or not self._next.text.isdecimal():
            raise NotUnderstood(f"{self.shown()} where {what} was expected")
        return self.take().text

    def identifier(self, what: str) -> str:
        """Take the name of something of the server's, a character set for example, which is a plain word."""
        token = self.take()
        if token.kind in (Kind.WORD, Kind.NAME, Kind.STRING) and IDENTIFIER.fullmatch(token.text.lower()):
            return token.text.lower()
        raise NotUnderstood(f"something else where {what} was expected")

    def names(self, what: str) -> list[str]:
        """Take a list of names in brackets, as they are meant."""
        self.expect("(")
        found = [self.name(what)]
        while self.accept(","):
            found.append(self.name(what))
            if len(found) > MAX_NAMES:
                raise NotUnderstood(f"more than {MAX_NAMES} names in a list")
        self.expect(")")
        return found


def words(text: str) -> frozenset[str]:
    """Return the words of a text, for lists that are read better than they are written."""
    return frozenset(text.split())


def bracketed(names: Iterable[str]) -> str:
    """Write names as a list in brackets."""
    return "(" + ",".join(map(name, names)) + ")"
