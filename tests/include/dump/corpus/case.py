"""What a hostile or broken dump is called, how it is made, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from include.dump.errors import DumpError, UnexpectedStatement
from tests.include.dump.dumps import CLASSIC_FOOTER, classic, day

REFUSED = "refused"
LOADED = "loaded"
EITHER = "refused, or loaded exactly"

COLUMNS = (
    b"  `id` int NOT NULL,\n  `a` varchar(200) DEFAULT NULL,\n  `n` int DEFAULT NULL,\n  `f` double DEFAULT NULL,\n"
    b"  `d` decimal(30,5) DEFAULT NULL,\n  `e` enum('2','1','x') DEFAULT NULL,\n  `t` datetime DEFAULT NULL,\n"
    b"  PRIMARY KEY (`id`)\n"
)
# A table beside those that models read, with the plain types whose rows may go as LOAD DATA.
CREATE_U = b"CREATE TABLE `u` (\n" + COLUMNS + b") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n"


@dataclass(frozen=True)
class Case:
    """One dump.

    Attributes:
        name: what is hostile or broken about it.
        make: gives the file's bytes.
        outcome: `REFUSED`, `LOADED` or `EITHER`; loaded means: equal to what the plain client makes of the same bytes.
        error: what a refusal raises.
        message: regular expression that a refusal's sentence holds.
        at: bytes at the line that a refusal names, or nothing.
        suffix: of the object's name.
        manifest: fields of the manifest that differ from the right ones, or None for no manifest.
        noted: a refusal is in the ledger; not so where the file is not even opened.
    """

    name: str
    make: Callable[[], bytes]
    outcome: str
    error: type[DumpError] = DumpError
    message: str = ""
    at: bytes = b""
    suffix: str = ""
    manifest: dict[str, Any] | None = None
    noted: bool = True


# Every dump of the corpus by name; the modules beside this one fill it.
CASES: dict[str, Case] = {}


def refused(
    message: str, error: type[DumpError] = UnexpectedStatement, **options: Any
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add a dump that must be refused; the function's name is the dump's."""
    return _add(REFUSED, error=error, message=message, **options)


def loaded(**options: Any) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add a dump that looks dangerous but means what it says, and must be loaded exactly."""
    return _add(LOADED, **options)


def either(**options: Any) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Add a dump that mysqldump does not write, but may be understood; misunderstanding it is the only wrong answer."""
    return _add(EITHER, **options)


def _add(outcome: str, **options: Any) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        add_case(Case(make.__name__.replace("_", " "), make, outcome, **options))
        return make

    return add


def add_case(case: Case) -> None:
    """Add a dump under a name of its own."""
    assert case.name not in CASES, case.name
    CASES[case.name] = case


def family(
    outcome: str, name: str, variants: Mapping[str, bytes], make: Callable[[bytes], bytes], **options: Any
) -> None:
    """Add dumps that differ in one spot; its first line is the one that a refusal names."""
    for variant, text in variants.items():
        at = text.lstrip().split(b"\n")[0] if outcome == REFUSED else b""
        add_case(Case(f"{name}: {variant}", partial(make, text), outcome, **{"at": at} | options))


@cache
def _base() -> tuple[bytes, bytes, bytes]:
    """Everything before the first table, the tables, and the footer."""
    body = classic(day())
    start = body.index(b"\n--\n-- Table structure")
    return body[:start], body[start : -len(CLASSIC_FOOTER)], CLASSIC_FOOTER


def apart(body: bytes) -> tuple[bytes, bool]:
    """Return a dump without the tables that all dumps of the corpus share, and whether that changes nothing else.

    False when the dump does not hold them as they are, or something in the rest names one of them.
    """
    _, tables, _ = _base()
    rest = body.replace(tables, b"\n")
    names = {table.name.encode() for table in day()}
    return rest, rest != body and not any(b"`" + name + b"`" in rest for name in names)


def at_the_end(text: bytes) -> bytes:
    """A whole dump with something between its last table and its footer."""
    head, tables, footer = _base()
    return head + tables + text + footer


def at_the_start(text: bytes) -> bytes:
    """A whole dump with something before its first table."""
    head, tables, footer = _base()
    return head + text + tables + footer


def with_values(values: bytes) -> bytes:
    """A whole dump with one more table and one INSERT into it."""
    return at_the_end(CREATE_U + b"INSERT INTO `u` VALUES " + values + b";\n")
