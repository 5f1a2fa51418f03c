"""The grammar of what stands behind a table's columns: its options and partitions, each with the values it may have."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from include.dump.sql.columns import MARIADB_ONLY
from include.dump.sql.expressions import expression
from include.dump.sql.reader import Reader, bracketed, words
from include.dump.sql.target import Target
from include.dump.sql.tokens import Kind, NotUnderstood, name, string

# Engines that keep a table's rows in the table and in the database. The servers' own spelling.
ENGINES = {"innodb": "InnoDB", "myisam": "MyISAM", "aria": "Aria"}
# Each costs the server a file and tens of milliseconds; the vendor has none.
MAX_PARTITIONS = 100

_NUMBERS = words("""
    auto_increment avg_row_length checksum delay_key_write key_block_size max_rows min_rows pack_keys stats_auto_recalc
    stats_persistent stats_sample_pages
    """)
_MAY_BE_DEFAULT = words("pack_keys stats_auto_recalc stats_persistent stats_sample_pages")
_WORDS = {
    "row_format": words("default dynamic fixed compressed redundant compact page"),
    "compression": words("zlib lz4 none"),
    "encryption": words("n y"),
}
_IN_QUOTES = frozenset(("compression", "encryption"))
_MARIADB = words("""
    transactional page_checksum table_checksum page_compressed page_compression_level encrypted encryption_key_id
""")
_SWITCHES = words("on off yes no default")
# They change how Aria writes its files, and nothing in a table of another engine, so MySQL does without them.
_ONLY_ARIA = words("transactional page_checksum table_checksum")
_LEAVE_OUT = "leave the table out of the dump with --ignore-table=DATABASE.TABLE"
# Options that are not loaded, and what helps; --skip-create-options would take ENGINE and AUTO_INCREMENT too.
REMEDIES = {
    "tablespace": "have the vendor's server keep the table in a file of its own (ALTER TABLE ... TABLESPACE "
    "innodb_file_per_table)",
    "with": _LEAVE_OUT,
    "sequence": _LEAVE_OUT,
    "union": _LEAVE_OUT,
    "connection": _LEAVE_OUT,
    "autoextend_size": "have the vendor set AUTOEXTEND_SIZE=0",
    "secondary_engine": "have the vendor set SECONDARY_ENGINE=NULL",
}


@dataclass(frozen=True)
class Options:
    """Options and partitions, written for the server, and the character set and collation among them."""

    text: str
    charset: str
    collation: str


def options(reader: Reader, target: Target, names: Container[str]) -> Options:
    """Read what stands behind a table's columns.

    Args:
        reader: behind the closing bracket.
        target: the server that gets it.
        names: the table's columns in small letters.

    Raises:
        NotUnderstood: an option that is not on the list, or a value that it does not have.
    """
    found: dict[str, str] = {}
    named = {"charset": "", "collate": ""}
    while not reader.next_is("partition") and reader.peek().kind is not Kind.END:
        reader.accept(",")
        option = _option_name(reader)
        reader.accept("=")
        if option in found:
            raise NotUnderstood(f"{option.upper()} twice")
        if option in named:
            named[option] = reader.identifier("a character set or collation")
            found[option] = ("DEFAULT CHARSET=" if option == "charset" else "COLLATE=") + named[option]
        else:
            found[option] = _option(reader, option, target)
    if named["charset"] == "utf8mb4" and not named["collate"] and target.implicit_collation:
        found["collate"] = f"COLLATE={target.implicit_collation}"
    text = " ".join(filter(None, found.values()))
    if reader.next_is("partition"):
        text = f"{text}\n{_partitions(reader, names)}".lstrip()
    return Options(text, named["charset"], named["collate"])


def _option(reader: Reader, option: str, target: Target) -> str:
    """Read the value of an option that is neither character set nor collation; return both for the server."""
    if option == "engine":
        return f"ENGINE={_engine(reader)}"
    if option == "comment":
        return f"COMMENT={reader.string('a comment')}"
    if option in _NUMBERS:
        return f"{option.upper()}={_number(reader, option)}"
    if option in _WORDS:
        return f"{option.upper()}={_word(reader, option)}"
    if option in _MARIADB:
        return _of_mariadb(reader, option, target)
    raise _unknown(option)


def _unknown(option: str) -> NotUnderstood:
    return NotUnderstood(f"the option {option[:64].upper()}", REMEDIES.get(option, ""))


def _option_name(reader: Reader) -> str:
    token = reader.take()
    if token.kind not in (Kind.WORD, Kind.NAME):
        raise NotUnderstood("something that is no option behind its columns")
    option = token.text.lower()
    if option == "default":
        option = reader.expect("character", "charset", "collate")
    if option == "character":
        reader.expect("set")
        option = "charset"
    return option


def _engine(reader: Reader) -> str:
    engine = reader.identifier("an engine")
    if engine not in ENGINES:
        raise NotUnderstood(
            f"the engine {engine.upper()}, which is none of {', '.join(ENGINES.values())}",
            f"have the vendor convert it to InnoDB, or {_LEAVE_OUT}",
        )
    return ENGINES[engine]


def _number(reader: Reader, option: str) -> str:
    if option in _MAY_BE_DEFAULT and reader.accept("default"):
        return "DEFAULT"
    return reader.integer(f"a number for {option.upper()}")


def _word(reader: Reader, option: str) -> str:
    token = reader.take()
    if token.text.lower() not in _WORDS[option]:
        raise NotUnderstood(f"an unknown value of {option.upper()}")
    return f"'{token.text}'" if option in _IN_QUOTES else token.text.upper()


def _of_mariadb(reader: Reader, option: str, target: Target) -> str:
    value = reader.take()
    if not value.text.isdecimal() and value.text.lower() not in _SWITCHES:
        raise NotUnderstood(f"a value of {option.upper()}")
    if target.is_mariadb:
        return f"{option.upper()}={string(value.text) if value.kind is Kind.STRING else value.text}"
    if option in _ONLY_ARIA:
        return ""
    raise NotUnderstood(f"the option {option.upper()}: this is {MARIADB_ONLY}")


# --- partitions -----------------------------------------------------------------------------------------------------


def _partitions(reader: Reader, names: Container[str]) -> str:
    reader.expect("partition")
    reader.expect("by")
    text = f"PARTITION BY {_method(reader, names, ('hash', 'key', 'range', 'list'))}"
    count = 1
    if reader.accept("partitions"):
        count = _count(reader)
        text += f" PARTITIONS {count}"
    if reader.accept("subpartition"):
        reader.expect("by")
        text += f" SUBPARTITION BY {_method(reader, names, ('hash', 'key'))}"
        if reader.accept("subpartitions"):
            parts = _count(reader)
            text += f" SUBPARTITIONS {parts}"
            count *= parts
    if reader.accept("("):
        listed, definitions = _listed(reader, names, "partition")
        text += f"\n({definitions})"
        count = max(count, listed)
    if count > MAX_PARTITIONS:
        raise _too_many()
    return text


def _too_many() -> NotUnderstood:
    return NotUnderstood(f"more than {MAX_PARTITIONS} partitions", f"{_LEAVE_OUT}, or have partitions merged")


def _count(reader: Reader) -> int:
    count = int(reader.integer("a number of partitions")[:9])
    if count > MAX_PARTITIONS:
        raise _too_many()
    return count


def _method(reader: Reader, names: Container[str], methods: tuple[str, ...]) -> str:
    linear = "LINEAR " if reader.accept("linear") else ""
    method = reader.expect(*methods)
    if method == "key":
        if reader.accept("algorithm"):
            reader.accept("=")
            linear += f"KEY ALGORITHM={reader.integer('a number')} "
            return linear + _columns(reader, names)
        return f"{linear}KEY {_columns(reader, names)}"
    if method in ("range", "list") and reader.accept("columns"):
        return f"{method.upper()} COLUMNS{_columns(reader, names)}"
    reader.expect("(")
    return f"{linear}{method.upper()} ({expression(reader, names)})"


def _columns(reader: Reader, names: Container[str]) -> str:
    """Read columns in brackets, none of them included; older servers write them without quotes."""
    reader.expect("(")
    found: list[str] = []
    while not reader.next_is(")"):
        token = reader.take()
        if token.kind is not Kind.NAME and not (token.kind is Kind.WORD and token.text in names):
            raise NotUnderstood("something that is no column among the columns of a partition")
        found.append(token.written or token.text)
        if not reader.next_is(")"):
            reader.expect(",")
    reader.expect(")")
    return bracketed(found)


def _listed(reader: Reader, names: Container[str], kind: str) -> tuple[int, str]:
    """Read the partitions that are listed one by one; return how many there are, and their text."""
    found: list[str] = []
    count = 0
    while True:
        reader.expect(kind)
        token = reader.take()
        if token.kind not in (Kind.NAME, Kind.WORD):
            raise NotUnderstood(f"a {kind} without a name")
        text = f"{kind.upper()} {name(token.written or token.text)}"
        if reader.accept("values"):
            text += _values(reader, names)
        elif reader.accept("default"):
            text += " DEFAULT"
        text += _partition_options(reader)
        parts = 1
        if kind == "partition" and reader.accept("("):
            parts, inner = _listed(reader, names, "subpartition")
            text += f" ({inner})"
        found.append(text)
        count += parts
        if count > MAX_PARTITIONS:
            raise _too_many()
        if reader.expect(",", ")") == ")":
            return count, ",\n ".join(found)


def _values(reader: Reader, names: Container[str]) -> str:
    if reader.expect("less", "in") == "in":
        reader.expect("(")
        return f" VALUES IN ({expression(reader, names)})"
    reader.expect("than")
    if reader.accept("maxvalue"):
        return " VALUES LESS THAN MAXVALUE"
    reader.expect("(")
    return f" VALUES LESS THAN ({expression(reader, names, also=('maxvalue',))})"


def _partition_options(reader: Reader) -> str:
    text = ""
    known = ("engine", "storage", "comment", "max_rows", "min_rows", "data", "index", "tablespace")
    while option := reader.accept(*known):
        storage = option == "storage" and reader.expect("engine")
        reader.accept("=")
        if option == "engine" or storage:
            text += f" ENGINE = {_engine(reader)}"
        elif option == "comment":
            text += f" COMMENT = {reader.string('a comment')}"
        elif option in ("max_rows", "min_rows"):
            text += f" {option.upper()} = {reader.integer('a number')}"
        else:
            raise _unknown(option)
    return text
