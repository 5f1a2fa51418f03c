"""The vendor's schema: what `SHOW CREATE TABLE` says of each of the 81 tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CREATE = re.compile(r"^CREATE TABLE `(?P<name>[^`]+)` \(\n(?P<body>.*?)\n\) ENGINE[^;]*;$", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^ {2}`(?P<name>\w+)` (?P<type>\w+)(?P<rest>.*?),?$", re.MULTILINE)


@dataclass(frozen=True)
class Column:
    """One column: its name, its type without length, and whether it takes NULL."""

    table: str
    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class Table:
    """One table: its name, its columns in order, and its CREATE TABLE statement."""

    name: str
    columns: tuple[Column, ...]
    ddl: str


@cache
def tables() -> dict[str, Table]:
    """Return all tables in the order in which mysqldump writes them: by name, capitals first."""
    found = []
    for file in ("core.sql", "secondary.sql"):
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        for match in _CREATE.finditer(text):
            name = match["name"]
            columns = tuple(
                Column(name, column["name"], column["type"], "NOT NULL" not in column["rest"])
                for column in _COLUMN.finditer(match["body"])
            )
            found.append(Table(name, columns, match[0]))
    return {table.name: table for table in sorted(found, key=lambda table: table.name)}
