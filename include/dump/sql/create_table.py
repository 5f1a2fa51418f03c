"""The grammar of a CREATE TABLE as mysqldump and mariadb-dump write it: columns, keys, constraints, options.

Whatever is not in this grammar is refused, and what is in it is rewritten for the server (`TableDefinition.create`), so
that the server never reads a byte of the file's own definition.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from include.dump.sql.columns import check_condition, column
from include.dump.sql.definition import Column, Key, Reference, TableDefinition
from include.dump.sql.expressions import expression
from include.dump.sql.options import options
from include.dump.sql.reader import Reader, bracketed
from include.dump.sql.target import AURORA, Target
from include.dump.sql.tokens import QUOTED_NAME, Kind, NotUnderstood, name, tokenize

# MySQL's own limits are 4,096 and 64; beyond them nothing needs to be held in memory.
MAX_COLUMNS = 4096
MAX_KEYS = 1000
TABLE_NAME = re.compile(r"[0-9A-Za-z_$]{1,64}")
_COLUMN = re.compile(QUOTED_NAME)
_ACTIONS = ("cascade", "restrict", "no", "set")
_BEGINNINGS = ("primary", "unique", "key", "index", "fulltext", "spatial", "vector", "foreign", "check", "period")
_PARSERS = ("ngram", "mecab")


def parse_create_table(create: bytes, target: Target = AURORA) -> TableDefinition:
    """Understand a CREATE TABLE.

    Args:
        create: the statement as the dump writes it, without the delimiter.
        target: the server that is to get it.

    Raises:
        NotUnderstood: it holds something that is not in the grammar; the message names it.
    """
    reader = Reader(tokenize(create, target))
    reader.expect("create")
    reader.expect("table")
    if reader.accept("if"):
        reader.expect("not")
        reader.expect("exists")
    table = reader.name("a table's name")
    reader.expect("(")
    # Columns may be named before they are defined, and some old servers leave the quotes out where they are used.
    names = frozenset(found.decode("utf-8", "replace").lower() for found in _COLUMN.findall(create))
    columns: list[Column] = []
    keys: list[Key] = []
    references: set[Reference] = set()
    while True:
        if reader.peek().kind is Kind.NAME:
            col, inside = column(reader, target, names)
            columns.append(col)
            keys += inside
        else:
            keys.append(_key(reader, names, references))
        if len(columns) > MAX_COLUMNS or len(keys) > MAX_KEYS:
            raise NotUnderstood(f"more than {MAX_COLUMNS:,} columns or {MAX_KEYS:,} keys")
        if reader.expect(",", ")") == ")":
            break
    if not columns:
        raise NotUnderstood("no columns")
    found = options(reader, target, names)
    if reader.peek().kind is not Kind.END:
        raise NotUnderstood(f"{reader.shown()} after its columns")
    if found.charset == "binary" or found.collation == "binary":
        columns = [_of_binary_table(column) for column in columns]
    charsets = frozenset(filter(None, (found.charset, *(column.charset for column in columns))))
    return TableDefinition(table, tuple(columns), tuple(keys), found.text, charsets, frozenset(references))


def _of_binary_table(col: Column) -> Column:
    if col.type in ("char", "varchar", "tinytext", "text", "mediumtext", "longtext"):
        return replace(col, type="binary")
    return col


def _key(reader: Reader, names: Container[str], references: set[Reference]) -> Key:
    constraint: str | None = None
    if reader.accept("constraint"):
        constraint = reader.name("a constraint's name") if reader.peek().kind is Kind.NAME else ""
    called = f"CONSTRAINT {name(constraint)} " if constraint else ""
    match reader.expect(*_BEGINNINGS):
        case "primary":
            reader.expect("key")
            columns, text = _indexed(reader, names)
            return Key("primary" if constraint is None else "other", "PRIMARY", columns, f"{called}PRIMARY KEY {text}")
        case "unique":
            reader.accept("key", "index")
            index = _index_name(reader)
            columns, text = _indexed(reader, names)
            kind = "unique" if constraint is None else "other"
            return Key(kind, index or constraint or "", columns, f"{called}UNIQUE KEY {_written(index)}{text}")
        case "key" | "index" if constraint is None:
            index = _index_name(reader)
            columns, text = _indexed(reader, names)
            return Key("key", index, columns, f"KEY {_written(index)}{text}")
        case "fulltext" | "spatial" | "vector" as kind if constraint is None:
            reader.accept("key", "index")
            index = _index_name(reader)
            _, text = _indexed(reader, names)
            return Key("other", index, (), f"{kind.upper()} KEY {_written(index)}{text}")
        case "foreign":
            return Key("other", constraint or "", (), called + _foreign_key(reader, references))
        case "check":
            return Key("other", constraint or "", (), f"{called}CHECK {check_condition(reader, names)}")
        case "period" if constraint is None:
            reader.expect("for")
            return Key(
                "other", "", (), f"PERIOD FOR {name(reader.name('a period'))} {bracketed(reader.names('a column'))}"
            )
        case word:
            raise NotUnderstood(f"{word.upper()} behind CONSTRAINT")


def _index_name(reader: Reader) -> str:
    return reader.name("a key's name") if reader.peek().kind is Kind.NAME else ""


def _written(index: str) -> str:
    return f"{name(index)} " if index else ""


def _indexed(reader: Reader, names: Container[str]) -> tuple[tuple[str, ...], str]:
    """Read a key's parts and options; return its columns, unless an expression is among them, and its text."""
    options = _using(reader)
    reader.expect("(")
    columns: list[str] = []
    parts: list[str] = []
    calculated = False
    while True:
        if reader.accept("("):
            part = f"({expression(reader, names)})"
            calculated = True
        else:
            columns.append(reader.name("a column's name"))
            part = name(columns[-1])
            if reader.accept("("):
                part += f"({reader.integer('a length')})"
                reader.expect(")")
        if order := reader.accept("asc", "desc"):
            part += f" {order.upper()}"
        elif reader.accept("without"):
            part += f" WITHOUT {reader.expect('overlaps').upper()}"
        parts.append(part)
        if len(parts) > MAX_KEYS:
            raise NotUnderstood("a key without an end")
        if reader.expect(",", ")") == ")":
            break
    text = f"({','.join(parts)})" + options + _key_options(reader)
    return () if calculated else tuple(columns), text


def _using(reader: Reader) -> str:
    return f" USING {reader.expect('btree', 'hash', 'rtree').upper()}" if reader.accept("using") else ""


def _key_options(reader: Reader) -> str:
    text = ""
    while not reader.next_is(",", ")"):
        match reader.expect(
            "using", "comment", "key_block_size", "visible", "invisible", "ignored", "not", "with", "m", "distance"
        ):
            case "using":
                text += f" USING {reader.expect('btree', 'hash', 'rtree').upper()}"
            case "comment":
                text += f" COMMENT {reader.string('a comment')}"
            case "key_block_size" | "m" as word:
                reader.accept("=")
                text += f" {word.upper()}={reader.integer('a number')}"
            case "distance":
                reader.accept("=")
                text += f" DISTANCE={reader.expect('cosine', 'euclidean')}"
            case "not":
                reader.expect("ignored")
                text += " NOT IGNORED"
            case "with":
                reader.expect("parser")
                parser = reader.identifier("a parser")
                if parser not in _PARSERS:
                    raise NotUnderstood(f"the full-text parser {parser}")
                text += f" WITH PARSER {name(parser)}"
            case word:
                text += f" {word.upper()}"
    return text


def _foreign_key(reader: Reader, references: set[Reference]) -> str:
    reader.expect("key")
    index = _index_name(reader)
    columns = reader.names("a column's name")
    reader.expect("references")
    table = reader.name("a table's name")
    if not TABLE_NAME.fullmatch(table):
        raise NotUnderstood(f"a foreign key to {table[:64]!r}")
    there = reader.names("a column's name")
    references.add(Reference(table, tuple(there)))
    text = f"FOREIGN KEY {_written(index)}{bracketed(columns)} REFERENCES {name(table)} {bracketed(there)}"
    if reader.accept("match"):
        text += f" MATCH {reader.expect('full', 'partial', 'simple').upper()}"
    while reader.accept("on"):
        event = reader.expect("delete", "update").upper()
        action = reader.expect(*_ACTIONS).upper()
        if action == "NO":
            reader.expect("action")
            action = "NO ACTION"
        elif action == "SET":
            action = f"SET {reader.expect('null', 'default').upper()}"
        text += f" ON {event} {action}"
    return text
