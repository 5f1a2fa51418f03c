"""What changed between two dumps is found out exactly, or not at all."""

from __future__ import annotations

import itertools
import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from include.dump import blocks
from include.dump.blocks import KEYS, NO_BASE, Blocks, Budget, Increment
from include.dump.inventory import TableEntry, take_inventory
from include.dump.rejects import rows_of
from include.dump.scanner import Statement
from include.dump.source import LocalDump
from tests.include.dump.dumps import HOSTILE_TEXT, Table, classic, literal

Row = tuple[object, ...]
COLUMNS = ["id int NOT NULL", "n int NOT NULL", "text varchar(200) NOT NULL"]


def rows(*keys: int, n: int = 1, text: object = "t") -> list[Row]:
    return [(key, n, text) for key in keys]


def scanned(directory: Path, content: Sequence[Row], base: Blocks = NO_BASE, **table: object) -> TableEntry:
    """Scan a dump of one table."""
    made = Table("t", COLUMNS, list(content), **table)  # type: ignore[arg-type]
    path = directory / "dump.sql"
    path.write_bytes(classic([made]))
    return take_inventory(LocalDump(path), bases=lambda definition: base).tables["t"]


def known(directory: Path, content: Sequence[Row], **table: object) -> Blocks:
    found = scanned(directory, content, **table).blocks
    assert found is not None
    return found


def change(directory: Path, before: Sequence[Row], after: Sequence[Row]) -> Increment | None:
    return scanned(directory, after, known(directory, before)).increment


def sent(increment: Increment | None) -> list[int]:
    """The keys of the rows that are sent."""
    return [int(values[0]) for values in sent_values(increment)]


def sent_values(increment: Increment | None) -> list[list[bytes]]:
    """The values of these rows, told apart by another reader than the one that is tested."""
    assert increment is not None
    return [
        values for statement in increment.statements() for _, _, values in rows_of(statement.data, statement.rows_at)
    ]


def deleted(increment: Increment | None) -> set[int]:
    assert increment is not None
    return {key for first, last in increment.ranges() for key in range(first, last + 1)}


MANY = range(1, 40 * KEYS)


def test_the_same_rows_change_nothing(tmp_path: Path) -> None:
    increment = change(tmp_path, rows(*MANY), rows(*MANY))
    assert increment is not None
    assert (increment.rows, list(increment.ranges()), increment.size) == ([], [], 0)


def test_rows_at_the_end_send_the_last_block_again(tmp_path: Path) -> None:
    increment = change(tmp_path, rows(*MANY), rows(*MANY, 40 * KEYS, 40 * KEYS + 1))
    assert sent(increment) == [40 * KEYS, 40 * KEYS + 1]
    assert deleted(increment) == set()
    increment = change(tmp_path, rows(*MANY[:-1]), rows(*MANY))
    assert sent(increment) == list(range(39 * KEYS, 40 * KEYS))
    assert deleted(increment) == set(range(39 * KEYS, 40 * KEYS))


def test_a_changed_row_sends_its_block(tmp_path: Path) -> None:
    after = rows(*MANY)
    after[100] = (101, 2, "t")
    increment = change(tmp_path, rows(*MANY), after)
    assert sent(increment) == list(range(96, 128))
    assert deleted(increment) == set(range(96, 128))


def test_rows_that_are_gone_are_deleted(tmp_path: Path) -> None:
    increment = change(tmp_path, rows(*MANY), [row for row in rows(*MANY) if not 64 <= int(str(row[0])) < 129])
    assert deleted(increment) == set(range(64, 160))
    assert sent(increment) == list(range(129, 160))


def test_rows_that_are_gone_from_the_end_are_deleted(tmp_path: Path) -> None:
    increment = change(tmp_path, rows(*MANY), rows(*MANY[: 35 * KEYS - 1]))
    assert deleted(increment) == set(range(35 * KEYS, 40 * KEYS))
    assert sent(increment) == []


def test_negative_keys_have_their_blocks_too(tmp_path: Path) -> None:
    before = rows(*range(-70, 2000))
    after = [row for row in before if row[0] != -33]
    increment = change(tmp_path, before, after)
    assert deleted(increment) == set(range(-64, -32))
    assert sent(increment) == [key for key in range(-64, -32) if key != -33]


@pytest.mark.parametrize("seed", range(20))
def test_increments_make_any_table_any_other(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    keys = sorted(chance.sample(range(-500, 5000), 2000))
    before = {
        key: (key, chance.randrange(5), chance.choice(["a", "),(", "1),(2", "it's", HOSTILE_TEXT])) for key in keys
    }
    after = dict(before)
    for _ in range(chance.randrange(12)):
        key = chance.randrange(-500, 5000)
        match chance.randrange(3):
            case 0:
                after.pop(key, None)
            case 1:
                after[key] = (key, 9, "new")
            case _:
                after.update({other: (other, 7, "stretch") for other in range(key, key + chance.randrange(40))})
    base = known(tmp_path, [before[key] for key in sorted(before)])
    entry = scanned(tmp_path, [after[key] for key in sorted(after)], base)
    assert entry.blocks == known(tmp_path, [after[key] for key in sorted(after)])
    increment = entry.increment
    gone = deleted(increment)
    left = {key for key in before if key not in gone}
    came = {int(values[0]): values for values in sent_values(increment)}
    assert not left & came.keys()
    assert left | came.keys() == after.keys()
    assert all(before[key] == after[key] for key in left)
    assert all(came[key] == [literal(value) for value in after[key]] for key in came)


def test_statements_that_the_base_has_are_not_divided_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(*range(1, 3000))  # 500 rows in a statement
    divided = []

    def count(statement: Statement, real: Callable[[Statement], object] = blocks._places) -> object:
        divided.append(statement.line)
        return real(statement)

    base = known(tmp_path, before)
    monkeypatch.setattr(blocks, "_places", count)
    same = scanned(tmp_path, before, base)
    assert (divided, same.blocks) == ([], base)
    assert same.increment
    assert (same.increment.rows, same.increment.deleted) == ([], [])
    longer = scanned(tmp_path, [*before, *rows(3000)], base)
    assert len(divided) == 1
    assert sent(longer.increment) == list(range(2976, 3001))
    without_a_statement = scanned(tmp_path, [*before[:1000], *before[1500:]], base)
    assert len(divided) == 1
    assert sent(without_a_statement.increment) == [*range(992, 1001), *range(1501, 1504)]
    assert deleted(without_a_statement.increment) == set(range(992, 1504))


def test_rows_split_as_they_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["),(", "a),(b", "1),(2", "'),('", "\\'),(\\", ")", "(", "L),(L", ".),(.", HOSTILE_TEXT, "\\", "'"]
    content = [(key, 1, "".join(some)) for key, some in enumerate(itertools.product(texts, texts), 1)]
    entry = scanned(tmp_path, content)
    assert entry.rows == len(content)
    assert entry.blocks
    before = replace(entry.blocks, numbers=array("q"), digests=b"", statements={})
    increment = scanned(tmp_path, content, before).increment
    assert increment is None  # all of it is more than a share
    monkeypatch.setattr(blocks, "LARGEST_SHARE", 2)
    increment = scanned(tmp_path, content, before).increment
    assert [values[2] for values in sent_values(increment)] == [literal(text) for _, _, text in content]
    assert increment
    assert sum(statement.rows for statement in increment.statements()) == len(content)


def test_clean_rows_are_split_without_reading_their_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a),(b", "it's),(", "\\", "'", "\\'", "a'),(", "x"]
    content = [(key, 1, text) for key, text in enumerate(texts * 40, 1)]
    monkeypatch.setattr(blocks, "rows_of", lambda *_: pytest.fail("reads values"))
    assert scanned(tmp_path, content).blocks is not None


# --- tables that are loaded whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        {"keys": ("PRIMARY KEY (`id`,`n`)",)},
        {"keys": ("PRIMARY KEY (`n`)",)},
        {"keys": ("KEY `id` (`id`)",)},
        {"keys": ("PRIMARY KEY (`id`)", "CONSTRAINT `c` CHECK (`n` < 5)")},
    ],
    ids=str,
)
def test_tables_without_one_whole_number_as_their_key_are_not_divided(tmp_path: Path, table: dict[str, object]) -> None:
    assert scanned(tmp_path, rows(*MANY), **table).blocks is None


def test_rows_in_another_order_are_not_divided(tmp_path: Path) -> None:
    assert scanned(tmp_path, rows(1, 3, 2, 4)).blocks is None
    assert scanned(tmp_path, rows(*range(1000), 5)).blocks is None


def test_a_key_that_is_no_whole_number_is_not_divided(tmp_path: Path) -> None:
    assert scanned(tmp_path, [(b"'1'", 1, "t"), (2, 1, "t")]).blocks is None


def test_another_definition_is_another_table(tmp_path: Path) -> None:
    base = known(tmp_path, rows(*MANY))
    other = scanned(tmp_path, rows(*MANY), base, keys=("PRIMARY KEY (`id`)", "KEY `n` (`n`)"))
    assert other.blocks is not None
    assert other.increment is None


def test_the_counter_of_keys_is_no_part_of_the_definition(tmp_path: Path) -> None:
    def made(counter: int, comment: str) -> TableEntry:
        path = tmp_path / "dump.sql"
        path.write_bytes(
            classic([Table("t", COLUMNS, rows(*MANY))]).replace(
                b"ENGINE=InnoDB", f"ENGINE=InnoDB AUTO_INCREMENT={counter} COMMENT='{comment}'".encode()
            )
        )
        return take_inventory(LocalDump(path), bases=lambda definition: NO_BASE).tables["t"]

    one, two, three = made(5, "a"), made(6, "a"), made(5, "AUTO_INCREMENT=7 ")
    assert one.blocks
    assert two.blocks
    assert three.blocks
    assert one.blocks.definition == two.blocks.definition != three.blocks.definition


def test_other_columns_in_the_inserts_are_another_table(tmp_path: Path) -> None:
    def made(columns: bytes, base: Blocks = NO_BASE) -> TableEntry:
        path = tmp_path / "dump.sql"
        path.write_bytes(
            classic([Table("t", ["id int NOT NULL", "n int NOT NULL", "m int NOT NULL"], [(1, 2, 3)])]).replace(
                b"INTO `t` VALUES", b"INTO `t` " + columns + b" VALUES"
            )
        )
        return take_inventory(LocalDump(path), bases=lambda definition: base).tables["t"]

    plain = made(b"(`id`, `n`, `m`)").blocks
    assert plain
    assert made(b"(`id`, `n`, `m`)", plain).increment is not None
    assert made(b"(`id`, `m`, `n`)", plain).increment is None
    assert made(b"(`n`, `id`, `m`)").blocks is None


def test_a_large_share_of_changed_rows_is_no_increment(tmp_path: Path) -> None:
    assert change(tmp_path, rows(*MANY), rows(*MANY, n=2)) is None


def test_what_does_not_fit_into_memory_is_no_increment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = rows(*MANY), rows(*MANY, 9000)
    monkeypatch.setattr(Budget.__init__, "__defaults__", (10,))
    assert change(tmp_path, before, after) is not None
    monkeypatch.setattr(Budget.__init__, "__defaults__", (9,))
    assert change(tmp_path, before, after) is None


def test_repeated_keys_are_put_aside(tmp_path: Path) -> None:
    content = rows(*MANY)
    twice = [*content[:50], content[49], *content[50:]]
    entry = scanned(tmp_path, twice, known(tmp_path, content))
    assert entry.increment is not None
    assert entry.increment.rows == []
    assert [row for _, row in entry.increment.repeated] == [b"50,1,'t'"]
    base = known(tmp_path, rows(*range(1, 2000)))
    across = [*rows(*range(1, 501)), *rows(500), *rows(*range(501, 2000))]  # 500 rows in a statement
    increment = scanned(tmp_path, across, base).increment
    assert increment
    assert [row for _, row in increment.repeated] == [b"500,1,'t'"]


def test_digests_come_back_as_they_were_kept(tmp_path: Path) -> None:
    found = known(tmp_path, rows(*MANY))
    assert Blocks.from_bytes(found.definition, found.to_bytes()) == found
    with pytest.raises(ValueError, match="no whole number"):
        Blocks.from_bytes(found.definition, found.to_bytes()[:-1])
