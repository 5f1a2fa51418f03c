"""What a CREATE TABLE says, and the one way in which it is written for the server."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from include.dump.sql.tokens import BYTES, name

# The next number of an AUTO_INCREMENT column among a table's options, wherever strings end.
COUNTER = re.compile(r"^((?:[^']|'(?:[^'\\]|\\.|'')*')*?)\bAUTO_INCREMENT=[0-9]+ ?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as it is meant.
        type: the first word of its type, in small letters; `generated` for a column that the server computes, `binary`
            for text whose character set is binary.
        text: its definition for the server.
        charset: that its definition names, or nothing.
        members: of an ENUM, as they are meant.
        counts: it has AUTO_INCREMENT.
    """

    name: str
    type: str
    text: str
    charset: str = ""
    members: tuple[str, ...] = ()
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or a constraint.

    Attributes:
        kind: `primary`, `unique`, `key`, or `other` for what needs the table as it is: foreign keys, checks, full-text
            and spatial keys.
        name: as it is meant; `PRIMARY` for the primary key, empty where the server chooses one.
        columns: as they are meant; empty where an expression is among them.
        text: its definition for the server; empty for a key that stands in its column's definition.
    """

    kind: str
    name: str
    columns: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key's target: a table of the dump, and the columns there."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TableDefinition:
    """A CREATE TABLE, understood.

    Attributes:
        name: of the table.
        columns: in their order.
        keys: in their order, constraints among them.
        options: behind the closing bracket, for the server, partitions included.
        charsets: character sets that it names, for itself or a column.
        references: where foreign keys point.
    """

    name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]
    options: str
    charsets: frozenset[str] = frozenset()
    references: frozenset[Reference] = frozenset()

    @property
    def create(self) -> bytes:
        """The statement that makes the table with all its keys."""
        return self.create_without(())

    def create_without(self, keys: Collection[Key], counter: bool = True) -> bytes:
        """Return the statement that makes the table without some of its keys.

        Args:
            keys: that are left out.
            counter: with the next number of an AUTO_INCREMENT column.
        """
        lines = [column.text for column in self.columns] + [
            key.text for key in self.keys if key.text and key not in keys
        ]
        body = ",\n  ".join(lines)
        options = self.options if counter else COUNTER.sub(r"\1", self.options)
        return f"CREATE TABLE {name(self.name)} (\n  {body}\n) {options}".rstrip().encode(errors=BYTES)

    def add_keys(self, keys: Collection[Key]) -> bytes:
        """Return the one ALTER that makes keys: it reads the rows once for all of them."""
        return f"ALTER TABLE {name(self.name)} {', '.join(f'ADD {key.text}' for key in keys)}".encode(errors=BYTES)

    @property
    def transactional(self) -> bool:
        """Rows that were put in can be taken back."""
        return not any(f"ENGINE={engine}" in self.options for engine in ("MyISAM", "Aria"))

    @property
    def keyed(self) -> bool:
        """There are keys beside the primary one."""
        return any(key.kind != "primary" for key in self.keys)

    def deferrable(self, in_order: bool = False, pointed_at: Collection[Reference] = ()) -> tuple[Key, ...]:
        """Return the keys that may be made after the rows are in.

        Rows can go in without them when there is a primary key, and an AUTO_INCREMENT column is its first. The server
        wants the key that a foreign key points to before it makes that foreign key.

        Args:
            in_order: of two rows with the same key the first is to be taken, so unique keys must be there before.
            pointed_at: where the foreign keys of all tables of the dump point.
        """
        primary = next((key for key in self.keys if key.kind == "primary" and key.text), None)
        counting = [column.name for column in self.columns if column.counts]
        if primary is None or any(key.kind == "other" or not key.text for key in self.keys):
            return ()
        if counting and primary.columns[:1] != (counting[0],):
            return ()
        wanted = [reference.columns for reference in pointed_at if reference.table.lower() == self.name.lower()]
        return tuple(
            key
            for key in self.keys
            if key.kind in ("unique", "key")
            and not (in_order and key.kind == "unique")
            and not any(_begins_with(key.columns, columns) for columns in wanted)
        )

    def key_columns(self, key: str) -> tuple[str, ...]:
        """Return the columns of `PRIMARY` or of a unique key; nothing for one that is not there."""
        for unique in self.keys:
            if unique.kind in ("primary", "unique") and unique.name.lower() == key.lower():
                return unique.columns
        return ()

    def unquoted(self, columns: Collection[str] = ()) -> tuple[bytes, ...] | None:
        """Return what may stand in each column without quotes; None when a column keeps rows from LOAD DATA.

        Args:
            columns: names in the INSERT's column list; empty for all columns.
        """
        if len(set(columns)) < len(columns):
            return None  # LOAD DATA takes a column twice
        types = {column.name: column.type for column in self.columns}
        wanted = [types.get(column, "") for column in columns or types]
        return tuple(UNQUOTED[word] for word in wanted) if UNQUOTED.keys() >= set(wanted) else None


def _begins_with(columns: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether a key serves a foreign key on these columns: they come first in it, in whatever order."""
    return {column.lower() for column in columns[: len(wanted)]} == {column.lower() for column in wanted}


# What may stand without quotes in a column and mean the same to LOAD DATA as to INSERT, by the column's type. Types
# that are not here hold bytes that LOAD DATA would take for text. In an INSERT a year 0 is the year 0000 and in LOAD
# DATA 2000, -0 is 0 and in LOAD DATA -0, and the server cuts literals of more than 65 digits.
_UNQUOTED = {
    rb"-?[0-9]+": "tinyint smallint mediumint int integer bigint",
    rb"[0-9]{4}": "year",
    rb"-?[0-9]{1,20}(?:\.[0-9]{1,20})?": "decimal numeric",
    rb"(?:[0-9]{1,20}(?:\.[0-9]{1,20})?|-(?:[1-9][0-9]{0,19}(?:\.[0-9]{1,20})?|0\.0{0,19}[1-9][0-9]{0,19}))"
    rb"(?:[eE][-+]?[0-9]+)?": "float double real",
    rb"0|-?[1-9][0-9]{0,17}": "char varchar tinytext text mediumtext longtext",
    b"": "date time datetime timestamp enum set",
}
UNQUOTED = {word: literal for literal, words in _UNQUOTED.items() for word in words.split()}
