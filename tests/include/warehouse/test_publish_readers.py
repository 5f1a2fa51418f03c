"""What somebody sees who keeps reading all tables while generations are published.

Every table holds the number of the load that made it, and about half of the tables are carried over by each publish, so
a generation is known by 81 numbers: the one that belongs to each table, not one number for all.

One statement sees one generation and no error: it has the metadata locks of all its tables before it reads the first
row, and while it waits for one it lets go of the others. A transaction of several statements sees one generation too,
because the tables that it has read cannot be renamed before its end; a table that is newer than its snapshot answers
with an error that says to begin again, and is never empty or half.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence

import MySQLdb
import pytest

from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import exclusive, prepare_next, publish
from include.warehouse.schema import ensure_platform_tables
from tests.include.warehouse.reader import Reader

TABLES = [f"t{number:02}" for number in range(81)]
# The row or the table changed since the snapshot, lock wait timeout, deadlock.
BEGIN_AGAIN = (1020, 1205, 1213, 1412)

Numbers = tuple[int, ...]


class Generations:
    """Publishes one generation after the other, each with some tables carried over."""

    def __init__(self, connection: MySQLdb.Connection) -> None:
        self._connection = connection
        self._random = random.Random(3)
        self.numbers: list[Numbers] = [(0,) * len(TABLES)]
        self._build(TABLES, 0)
        publish(connection)

    def publish_next(self) -> None:
        self.publish(self._random.sample(TABLES, self._random.choice([1, 5, 20, 81])))

    def publish(self, loaded: Sequence[str]) -> None:
        number = len(self.numbers)
        self._build(loaded, number)
        before = self.numbers[-1]
        self.numbers.append(tuple(number if table in loaded else before[n] for n, table in enumerate(TABLES)))
        publish(self._connection, staying=set(TABLES) - set(loaded))

    def _build(self, tables: Sequence[str], number: int) -> None:
        prepare_next(self._connection)
        with self._connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"CREATE TABLE staging_next.{table} AS SELECT {number} AS number")


@pytest.fixture
def published(loader: Endpoint) -> Iterator[Generations]:
    with contextlib.closing(loader.connect()) as connection:
        ensure_platform_tables(connection)
        with exclusive(connection):
            yield Generations(connection)


ALL_TABLES = " UNION ALL ".join(f"SELECT {place} AS place, number FROM staging.{t}" for place, t in enumerate(TABLES))


def one_statement(connection: MySQLdb.Connection) -> Numbers:
    with connection.cursor() as cursor:
        cursor.execute(ALL_TABLES)
        return tuple(number for _, number in sorted(cursor.fetchall()))


def one_transaction(connection: MySQLdb.Connection) -> Numbers | None:
    """Read table by table; None when the server says to begin again."""
    numbers = []
    with connection.cursor() as cursor:
        try:
            cursor.execute("START TRANSACTION READ ONLY")
            for table in TABLES:
                cursor.execute(f"SELECT number FROM staging.{table}")
                numbers += [number for (number,) in cursor.fetchall()]
        except MySQLdb.OperationalError as error:
            if error.args[0] not in BEGIN_AGAIN:
                raise
            return None
        finally:
            connection.rollback()
    return tuple(numbers)


@pytest.mark.parametrize("publishes", [20, pytest.param(200, marks=pytest.mark.full)])
def test_a_statement_never_fails_and_never_meets_a_mixture(
    published: Generations, loader: Endpoint, publishes: int
) -> None:
    reader = Reader(loader, one_statement)
    for _ in range(publishes):
        published.publish_next()
    reader.stop()
    assert [numbers for numbers in reader.seen if numbers not in published.numbers] == []
    order = [published.numbers.index(numbers) for numbers in reader.seen]
    assert order == sorted(order)
    assert len(set(order)) > publishes / 2
    print(f"{publishes} publishes, {len(order)} reads of {len(TABLES)} tables, {len(set(order))} generations seen")


@pytest.mark.parametrize("publishes", [5, pytest.param(200, marks=pytest.mark.full)])
def test_a_transaction_of_many_statements_never_meets_a_mixture(
    published: Generations, loader: Endpoint, publishes: int
) -> None:
    reader = Reader(loader, one_transaction)
    for _ in range(publishes):
        published.publish_next()
    reader.stop()
    assert [numbers for numbers in reader.seen if numbers not in published.numbers] == []
    assert reader.seen
    print(f"{publishes} publishes, {len(reader.seen)} transactions, {reader.again} told to begin again")


def test_a_transaction_that_began_before_the_publish_sees_the_same_generation_or_is_told_to_begin_again(
    published: Generations, loader: Endpoint
) -> None:
    with contextlib.closing(loader.connect()) as reader, reader.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT number FROM staging.t00")
        assert cursor.fetchall() == ((0,),)
        published.publish(TABLES[1:])  # t00 is carried over, so nobody waits for this reader
        with pytest.raises(MySQLdb.OperationalError) as caught:
            cursor.execute("SELECT number FROM staging.t01")
        assert caught.value.args[0] in BEGIN_AGAIN
        reader.rollback()
        cursor.execute("SELECT number FROM staging.t01")
        assert cursor.fetchall() == ((1,),)
