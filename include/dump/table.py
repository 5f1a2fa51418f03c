"""What a CREATE TABLE of the dump says: columns, keys, and which rows may travel as a LOAD DATA stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TOKEN = re.compile(
    rb"(?P<string>'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\")|`[^`]*+`|(?P<open>\()|(?P<close>\))"
    rb"|(?P<comma>,)|[^'\"`(),]+",
    re.DOTALL,
)
COLUMN = re.compile(rb"`(?P<name>[^`]*)` (?P<type>[a-z]+)", re.IGNORECASE)
SECONDARY_KEY = re.compile(rb"(?:UNIQUE )?(?:KEY|INDEX) ", re.IGNORECASE)
OTHER_KEY = re.compile(rb"(?:FULLTEXT|SPATIAL|VECTOR|CONSTRAINT|FOREIGN|CHECK|PERIOD)\b", re.IGNORECASE)
"""Definitions that need the table as it is: it is then loaded with all its keys in place."""
PRIMARY_KEY = re.compile(rb"PRIMARY KEY \((?P<columns>[^)]*)\)", re.IGNORECASE)
UNIQUE = re.compile(rb"(?:PRIMARY|UNIQUE) ", re.IGNORECASE)
KEY_NAME = re.compile(rb"UNIQUE (?:KEY |INDEX )?`(?P<name>[^`]*)`", re.IGNORECASE)
NAME = re.compile(rb"`([^`]+)`")
QUOTED = re.compile(rb"`[^`]*`")
ROWS_FROM_ELSEWHERE = re.compile(rb"\b(?:AS|SELECT|TABLE|ROW|WITH|IGNORE|REPLACE)\b", re.IGNORECASE)
"""Words between the columns and a query; table options have none of them."""
REFERENCE = re.compile(rb"\bREFERENCES `([^`]+)`", re.IGNORECASE)
GENERATED = re.compile(rb"\bAS\s*\(", re.IGNORECASE)
"""LOAD DATA takes a value for such a column in silence, INSERT refuses it or says so (hazard 17)."""
AUTO_INCREMENT = re.compile(rb"\bAUTO_INCREMENT\b", re.IGNORECASE)

_UNQUOTED = {
    rb"-?[0-9]+": b"tinyint smallint mediumint int integer bigint",
    rb"[0-9]{4}": b"year",
    rb"-?[0-9]{1,20}(?:\.[0-9]{1,20})?": b"decimal numeric",
    rb"(?:[0-9]{1,20}(?:\.[0-9]{1,20})?|-(?:[1-9][0-9]{0,19}(?:\.[0-9]{1,20})?|0\.0{0,19}[1-9][0-9]{0,19}))"
    rb"(?:[eE][-+]?[0-9]+)?": b"float double real",
    rb"0|-?[1-9][0-9]{0,17}": b"char varchar tinytext text mediumtext longtext",
    b"": b"date time datetime timestamp enum set",
}
UNQUOTED = {word: literal for literal, words in _UNQUOTED.items() for word in words.split()}
"""What may stand without quotes in a column and mean the same to LOAD DATA as to INSERT, by the column's type. Types
that are not here hold bytes that LOAD DATA would take for text (loader.md, hazard 30). In an INSERT a year 0 is the
year 0000 and in LOAD DATA 2000, -0 is 0 and in LOAD DATA -0, and the server cuts literals of more than 65 digits."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as written.
        type: the first word of its type, in small letters; `generated` for a column that the server computes.
    """

    name: bytes
    type: bytes


@dataclass(frozen=True)
class TableDefinition:
    """A CREATE TABLE, taken apart.

    Attributes:
        name: of the table.
        create: the statement as the dump writes it, without the `;`.
        columns: in their order.
        keys: the definitions of the secondary keys that may be made later, as `ALTER TABLE ... ADD` takes them.
        unique: the definitions of the primary and the unique keys.
        keyed: there are secondary keys, deferred or not.
        references: tables that foreign keys point to.
    """

    name: str
    create: bytes
    columns: tuple[Column, ...]
    keys: tuple[bytes, ...]
    unique: tuple[bytes, ...]
    keyed: bool
    references: frozenset[str]

    def deferrable(self, in_order: bool) -> tuple[bytes, ...]:
        """Return the keys that may be made after the rows are in.

        Args:
            in_order: of two rows with the same key the first is to be taken, so unique keys must be there before.
        """
        return tuple(key for key in self.keys if not (in_order and key in self.unique))

    def create_without(self, keys: Sequence[bytes]) -> bytes:
        """Return the CREATE TABLE without some of the keys."""
        pieces = list(_definitions(self.create, self.create.index(b"(") + 1))
        kept = [text for begin, end in pieces if (text := self.create[begin:end].strip()) not in keys]
        return self.create[: pieces[0][0]] + b"\n  " + b",\n  ".join(kept) + b"\n" + self.create[pieces[-1][1] :]

    def add_keys(self, keys: Sequence[bytes]) -> bytes:
        """Return the one ALTER that makes keys (loader.md section 5)."""
        return b"ALTER TABLE `" + self.name.encode() + b"` " + b", ".join(b"ADD " + key for key in keys)

    def key_columns(self, key: bytes) -> list[bytes]:
        """Return the columns of `PRIMARY` or of a unique key; nothing for one that is not there."""
        for text in self.unique:
            name = KEY_NAME.match(text)
            if (name["name"] if name else b"PRIMARY").lower() == key.lower():
                return NAME.findall(text, text.index(b"("))
        return []

    def unquoted(self, columns: Sequence[bytes] = ()) -> tuple[bytes, ...] | None:
        """Return what may stand in each column without quotes; None when a column keeps rows from LOAD DATA.

        Args:
            columns: names in the INSERT's column list; empty for all columns.
        """
        if len(set(columns)) < len(columns):
            return None  # LOAD DATA takes a column twice
        types = {column.name: column.type for column in self.columns}
        wanted = [types.get(name, b"") for name in columns or types]
        return tuple(UNQUOTED[word] for word in wanted) if UNQUOTED.keys() >= set(wanted) else None


def parse_table(name: str, create: bytes) -> TableDefinition:
    """Take a CREATE TABLE apart that the scanner has let through.

    Args:
        name: of the table.
        create: the statement without the `;`.

    Raises:
        ValueError: it has no end, or would take rows from somewhere; the message says so.
    """
    pieces = list(_definitions(create, create.index(b"(") + 1))
    texts = [create[begin:end].strip() for begin, end in pieces]
    if word := ROWS_FROM_ELSEWHERE.search(_bare(create[pieces[-1][1] :])):
        raise ValueError(f"{word[0].decode()} after its columns")
    columns = tuple(
        Column(column["name"], b"generated" if GENERATED.search(_bare(text)) else column["type"].lower())
        for text in texts
        if (column := COLUMN.match(text))
    )
    keys = tuple(text for text in texts if SECONDARY_KEY.match(text))
    return TableDefinition(
        name,
        create,
        columns,
        keys if _may_defer(texts) else (),
        tuple(text for text in texts if UNIQUE.match(text)),
        bool(keys) or any(OTHER_KEY.match(text) for text in texts),
        frozenset(name.decode("utf-8", "replace") for text in texts for name in REFERENCE.findall(text)),
    )


def _bare(text: bytes) -> bytes:
    """Return code without its strings and quoted names."""
    return QUOTED.sub(b"", b"".join(b"" if token["string"] else token[0] for token in TOKEN.finditer(text)))


def _may_defer(texts: Sequence[bytes]) -> bool:
    """Whether rows can go in without the secondary keys: a primary key is there, and serves an AUTO_INCREMENT."""
    primary = next((match for text in texts if (match := PRIMARY_KEY.match(text))), None)
    if primary is None or any(OTHER_KEY.match(text) for text in texts):
        return False
    counted = [column["name"] for text in texts if (column := COLUMN.match(text)) and AUTO_INCREMENT.search(text)]
    return not counted or primary["columns"].startswith(b"`" + counted[0] + b"`")


def _definitions(create: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield where each definition between the outer parentheses begins and ends."""
    depth, begin = 1, start
    for token in TOKEN.finditer(create, start):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
            if not depth:
                yield begin, token.start()
                return
        elif token["comma"] and depth == 1:
            yield begin, token.start()
            begin = token.end()
    raise ValueError("its parentheses do not match")
