"""One side of the comparison: what tables a schema has, and their rows in the order of a key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import SSCursor

from include.warehouse.schema import MARK


class CannotCompare(RuntimeError):
    """Nothing can be said about equality; the message names what to do."""


class Kind(Enum):
    """What values of a column are compared as."""

    NUMBER = "number"
    TIME = "date"
    TEXT = "text"


NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year"}
TIMES = {"date", "datetime", "timestamp"}
# Relative precision: MySQL prints six digits of a FLOAT; sums and means of DOUBLE differ in their last digits.
INEXACT = {"float": 1e-5, "double": 1e-12}
# One server waits in the middle of a result while the other still sorts.
PATIENCE_SECONDS = 3600


@dataclass(frozen=True)
class Column:
    """A column as declared.

    Attributes:
        kind: what its values are compared as.
        declared: its type, for a message.
        decimals: digits after the point, None when it is no exact number.
        relative: precision of an inexact number, relative to its size, else 0.
    """

    kind: Kind
    declared: str
    decimals: int | None = None
    relative: float = 0


@dataclass
class Table:
    """A table as declared.

    Attributes:
        columns: by name, in order.
        key: columns of the primary key.
        indexed: columns of the other keys, in order.
        names: what the server calls a column that is known here by another name.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    indexed: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def name(self, column: str) -> str:
        """Return what the server calls the column."""
        return self.names.get(column, column)


class Server:
    """A schema of one server, read only.

    Args:
        option_file: as for `mysql --defaults-file`: host, port, user, password, ssl-ca under [client].
        schema: the one to read.

    Raises:
        CannotCompare: the file is missing, the server cannot be reached or the login is refused.
    """

    def __init__(self, option_file: Path, schema: str) -> None:
        if not option_file.is_file():
            raise CannotCompare(
                f"{option_file} is missing; write host, user, password and ssl-ca under [client] into it"
            )
        try:
            self.connection = pymysql.connect(
                read_default_file=str(option_file), database=schema, charset="utf8mb4", connect_timeout=10
            )
            with self.connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.execute("SET time_zone = '+00:00', net_write_timeout = %s", [PATIENCE_SECONDS])
        except pymysql.MySQLError as error:
            raise CannotCompare(
                f"the server of {option_file} refused: {error}; see address, login and schema"
            ) from error
        self.schema = schema

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def tables(self) -> dict[str, Table]:
        """Return the tables of the schema that the login may read."""
        tables: dict[str, Table] = {}
        for table, column, data_type, declared, scale in self._query(
            "SELECT c.table_name, c.column_name, c.data_type, c.column_type, c.numeric_scale "
            "FROM information_schema.columns c JOIN information_schema.tables t "
            "ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
            f"WHERE c.table_schema = %s AND t.table_type = 'BASE TABLE' AND c.table_name <> '{MARK}' "
            "ORDER BY c.table_name, c.ordinal_position"
        ):
            tables.setdefault(table, Table()).columns[column] = _column(data_type, declared, scale)
        for table, index, column in self._query(
            "SELECT table_name, index_name, column_name FROM information_schema.statistics "
            "WHERE table_schema = %s ORDER BY table_name, index_name, seq_in_index"
        ):
            if table in tables:
                (tables[table].key if index == "PRIMARY" else tables[table].indexed).append(column)
        return tables

    def rows(self, name: str, table: Table, columns: Sequence[str], key: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the columns of each row in the order of the key; at no time are more than a few rows in memory.

        Text is ordered by its bytes, whatever collation the server would use, and dates come as text.

        Raises:
            pymysql.MySQLError: the server failed.
        """
        chosen = ", ".join(_read(table.name(column), table.columns[column].kind) for column in columns)
        order = ", ".join(_order(table.name(column), table.columns[column].kind) for column in key)
        with contextlib.closing(self.connection.cursor(SSCursor)) as cursor:
            cursor.execute(f"SELECT {chosen} FROM `{self.schema}`.`{name}` ORDER BY {order}")
            yield from iter(cursor.fetchone, None)

    def total(self, name: str, table: Table, column: str) -> Decimal:
        """Return the sum of a column of numbers."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT SUM(`{table.name(column)}`) FROM `{self.schema}`.`{name}`")
            return Decimal(str(cursor.fetchone()[0] or 0))

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [self.schema])
            return list(cursor.fetchall())


def _column(data_type: str, declared: str, scale: int | None) -> Column:
    if data_type in TIMES:
        return Column(Kind.TIME, declared)
    if data_type not in NUMBERS:
        return Column(Kind.TEXT, declared)
    if data_type in INEXACT:
        return Column(Kind.NUMBER, declared, relative=INEXACT[data_type])
    return Column(Kind.NUMBER, declared, decimals=int(scale or 0))


def _read(column: str, kind: Kind) -> str:
    return f"`{column}`" if kind is Kind.NUMBER else f"CAST(`{column}` AS CHAR)"


def _order(column: str, kind: Kind) -> str:
    return f"CAST(CONVERT(`{column}` USING utf8mb4) AS BINARY)" if kind is Kind.TEXT else f"`{column}`"
