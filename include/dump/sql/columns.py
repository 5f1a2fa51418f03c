"""The grammar of one column's definition."""

from __future__ import annotations

from collections.abc import Callable, Container

from include.dump.sql.definition import Column, Key
from include.dump.sql.expressions import FUNCTIONS, expression, introduced
from include.dump.sql.reader import Reader, words
from include.dump.sql.target import Target
from include.dump.sql.tokens import Kind, NotUnderstood, name, string

_INTEGERS = words("tinyint smallint mediumint int integer bigint")
_DECIMALS = words("decimal numeric dec fixed float double real")
_LENGTH = words("bit time datetime timestamp year char varchar binary varbinary vector")
_TEXTS = words("char varchar tinytext text mediumtext longtext enum set")
_PLAIN = words("""
    bool boolean date tinytext text mediumtext longtext tinyblob blob mediumblob longblob json geometry point linestring
    polygon multipoint multilinestring multipolygon geometrycollection geomcollection uuid inet4 inet6
    """)
_MARIADB_TYPES = words("uuid inet4 inet6")
_NOW = words("current_timestamp now localtime localtimestamp")
_STORAGE = {"column_format": ("fixed", "dynamic", "default"), "storage": ("disk", "memory", "default")}
MARIADB_ONLY = "a MariaDB dump that MySQL cannot take"


def column(reader: Reader, target: Target, names: Container[str]) -> tuple[Column, list[Key]]:
    """Read a column's definition up to the comma or bracket behind it; return it and the keys that stand in it.

    Args:
        reader: at the column's name.
        target: the server that gets it.
        names: the table's columns in small letters.

    Raises:
        NotUnderstood: there is something that no dump holds at this place.
    """
    called = reader.name("a column's name")
    kind, members, text = _type(reader, target)
    attributes = _Attributes(reader, target, names, called)
    while not reader.next_is(",", ")"):
        attributes.read()
    text = " ".join([name(called), text, *attributes.charset_texts(), *attributes.texts.values()])
    stored = "generated" if "GENERATED" in attributes.texts else _stored(kind, attributes)
    counts = "AUTO_INCREMENT" in attributes.texts
    return Column(called, stored, text, attributes.charset, members, counts), attributes.keys


class _Attributes:
    """What stands behind a column's type; each attribute once.

    Attributes:
        charset: character set that is named, or nothing.
        collation: likewise.
        texts: each attribute for the server, in the dump's order.
        keys: keys and constraints among them.
    """

    def __init__(self, reader: Reader, target: Target, names: Container[str], column: str) -> None:
        self._reader = reader
        self._target = target
        self._names = names
        self._column = column
        self.charset = ""
        self.collation = ""
        self.texts: dict[str, str] = {}
        self.keys: list[Key] = []

    def charset_texts(self) -> list[str]:
        """Return character set and collation, which the servers take behind the type only."""
        collation = self.collation or (self._target.implicit_collation if self.charset == "utf8mb4" else "")
        return [f"{word} {value}" for word, value in (("CHARACTER SET", self.charset), ("COLLATE", collation)) if value]

    def read(self) -> None:
        """Read one attribute."""
        if self._reader.peek().kind is not Kind.WORD:
            raise self._strange(self._reader.shown())
        word = self._reader.take().text
        if word in _ALONE:
            self._add(word.upper(), word.upper())
        elif method := _METHODS.get(word):
            method(self, word)
        else:
            raise self._strange(f"the word {word[:64].upper()}")

    def _strange(self, what: str) -> NotUnderstood:
        return NotUnderstood(f"{what} in the definition of column {self._column[:64]}")

    def _add(self, attribute: str, text: str) -> None:
        if attribute in self.texts:
            raise self._strange(f"{attribute} twice")
        self.texts[attribute] = text

    def _not(self, _word: str) -> None:
        if self._reader.expect("null", "secondary") == "null":
            self._add("NULL", "NOT NULL")
        else:
            self._add("SECONDARY", "NOT SECONDARY")

    def _default(self, _word: str) -> None:
        self._add("DEFAULT", f"DEFAULT {_default(self._reader, self._target, self._names)}")

    def _on(self, _word: str) -> None:
        self._reader.expect("update")
        self._add("ON UPDATE", f"ON UPDATE {_now(self._reader)}")

    def _comment(self, _word: str) -> None:
        self._add("COMMENT", f"COMMENT {self._reader.string('a comment')}")

    def _charset(self, word: str) -> None:
        if word == "character":
            self._reader.expect("set")
        if self.charset:
            raise self._strange("a character set twice")
        self.charset = self._reader.identifier("a character set")

    def _collate(self, _word: str) -> None:
        if self.collation:
            raise self._strange("a collation twice")
        self.collation = self._reader.identifier("a collation")

    def _unique(self, _word: str) -> None:
        self._reader.accept("key")
        self._add("UNIQUE", "UNIQUE KEY")
        self.keys.append(Key("unique", self._column, (self._column,), ""))

    def _primary(self, _word: str) -> None:
        self._reader.expect("key")
        self._add("PRIMARY KEY", "PRIMARY KEY")
        self.keys.append(Key("primary", "PRIMARY", (self._column,), ""))

    def _generated(self, word: str) -> None:
        if word == "generated":
            self._reader.expect("always")
            self._reader.expect("as")
        self._reader.expect("(")
        text = f"GENERATED ALWAYS AS ({expression(self._reader, self._names)})"
        kind = self._reader.accept("virtual", "stored", "persistent").upper()
        self._add("GENERATED", f"{text} {kind}".rstrip())

    def _storage(self, word: str) -> None:
        self._add(word.upper(), f"{word.upper()} {self._reader.expect(*_STORAGE[word]).upper()}")

    def _reference_system(self, word: str) -> None:
        sign = self._reader.expect("=") if word == "ref_system_id" else " "
        self._add("SRID", f"{word.upper()}{sign}{self._reader.integer('a number of a reference system')}")

    def _check(self, word: str) -> None:
        constraint = ""
        if word == "constraint":
            constraint = self._reader.name("a constraint's name")
            self._reader.expect("check")
        called = f"CONSTRAINT {name(constraint)} " if constraint else ""
        self._add("CHECK", f"{called}CHECK {check_condition(self._reader, self._names)}")
        self.keys.append(Key("other", constraint, (), ""))


_ALONE = words("null auto_increment invisible visible compressed")
_METHODS: dict[str, Callable[[_Attributes, str], None]] = {
    "not": _Attributes._not,
    "default": _Attributes._default,
    "on": _Attributes._on,
    "comment": _Attributes._comment,
    "character": _Attributes._charset,
    "charset": _Attributes._charset,
    "collate": _Attributes._collate,
    "unique": _Attributes._unique,
    "primary": _Attributes._primary,
    "generated": _Attributes._generated,
    "as": _Attributes._generated,
    "column_format": _Attributes._storage,
    "storage": _Attributes._storage,
    "srid": _Attributes._reference_system,
    "ref_system_id": _Attributes._reference_system,
    "check": _Attributes._check,
    "constraint": _Attributes._check,
}


def _stored(kind: str, attributes: _Attributes) -> str:
    return "binary" if kind in _TEXTS and "binary" in (attributes.charset, attributes.collation) else kind


def _type(reader: Reader, target: Target) -> tuple[str, tuple[str, ...], str]:
    """Read a type; return its first word, its members if it has any, and its text for the server."""
    if reader.peek().kind is not Kind.WORD:
        raise NotUnderstood(f"{reader.shown()} where a column's type was expected")
    kind = reader.take().text
    if kind in ("enum", "set"):
        members = _members(reader)
        return kind, members, f"{kind}({','.join(map(string, members))})"
    if kind in _INTEGERS:
        text = kind + _length(reader, 1)
    elif kind in _DECIMALS:
        precision = " precision" if kind == "double" and reader.accept("precision") else ""
        text = kind + precision + _length(reader, 2)
    elif kind in _LENGTH:
        return kind, (), kind + _length(reader, 1)
    elif kind in _PLAIN:
        if kind in _MARIADB_TYPES and not target.is_mariadb:
            raise NotUnderstood(f"the type {kind.upper()}: this is {MARIADB_ONLY}")
        return kind, (), kind
    else:
        raise NotUnderstood(f"the type {kind[:64].upper()}, which is not one of those that are loaded")
    while word := reader.accept("unsigned", "signed", "zerofill"):
        text += f" {word}"
    return kind, (), text


def _length(reader: Reader, numbers: int) -> str:
    if not reader.accept("("):
        return ""
    found = [reader.integer("a length")]
    while len(found) < numbers and reader.accept(","):
        found.append(reader.integer("a length"))
    reader.expect(")")
    return f"({','.join(found)})"


def _members(reader: Reader) -> tuple[str, ...]:
    reader.expect("(")
    found = []
    while True:
        if reader.peek().kind is not Kind.STRING:
            raise NotUnderstood(f"{reader.shown()} where a value of an ENUM or SET was expected")
        found.append(reader.take().text)
        if reader.expect(",", ")") == ")":
            return tuple(found)


def check_condition(reader: Reader, names: Container[str]) -> str:
    """Read the condition of a CHECK, in brackets, and whether it is enforced."""
    reader.expect("(")
    text = f"({expression(reader, names)})"
    if reader.accept("not"):
        reader.expect("enforced")
        return f"{text} NOT ENFORCED"
    return text + (" ENFORCED" if reader.accept("enforced") else "")


def _now(reader: Reader) -> str:
    """Read CURRENT_TIMESTAMP in one of its spellings."""
    reader.expect(*_NOW)
    if not reader.accept("("):
        return "CURRENT_TIMESTAMP"
    digits = reader.integer("a number of digits") if not reader.next_is(")") else ""
    reader.expect(")")
    return f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP"


def _default(reader: Reader, target: Target, names: Container[str]) -> str:
    token = reader.peek()
    if token.kind is Kind.STRING:
        return reader.string("a default")
    if token.kind in (Kind.NUMBER, Kind.BITS):
        return reader.take().text
    if reader.next_is("-", "+"):
        sign = reader.take().text
        if reader.peek().kind is not Kind.NUMBER:
            raise NotUnderstood(f"{reader.shown()} behind a sign")
        return sign + reader.take().text
    if reader.accept("("):
        return f"({expression(reader, names)})"
    if reader.next_is(*_NOW):
        return _now(reader)
    if word := reader.accept("null", "true", "false"):
        return word.upper()
    if token.kind is Kind.WORD and token.text.startswith("_"):
        return introduced(reader, reader.take().text)
    if token.kind is Kind.WORD:
        return _call(reader, target, names)
    raise NotUnderstood(f"{reader.shown()} where a default was expected")


def _call(reader: Reader, target: Target, names: Container[str]) -> str:
    """Read a function as a default without brackets around it, which only MariaDB writes and takes."""
    word = reader.take().text
    if word not in FUNCTIONS or not reader.accept("("):
        raise NotUnderstood(f"{word[:64].upper()} as a default")
    if not target.is_mariadb:
        raise NotUnderstood(f"the default {word.upper()}() without brackets around it: this is {MARIADB_ONLY}")
    return f"{word}({expression(reader, names)})"
