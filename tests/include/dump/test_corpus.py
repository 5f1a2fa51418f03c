"""Every hostile or broken dump is refused or loaded exactly, and the server's own log shows nothing else."""

from __future__ import annotations

import gzip
import hashlib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from include.dump.errors import DumpError
from include.dump.scanner import Scanner
from include.dump.sending import TRANSPORTS
from infra.local.database import Database
from tests.include.dump.corpus.all import CASES, NAMES
from tests.include.dump.corpus.case import CREATE_U, EITHER, LOADED, REFUSED, Case, apart, at_the_end
from tests.include.dump.corpus.server import (
    GeneralLog,
    allowed,
    allowed_to_a_dump,
    contents,
    grant_plain,
    is_untouched,
    run_plain_client,
)
from tests.include.dump.dumps import HOSTILE_TEXT, TARGET, Table, classic, compact, day
from tests.include.dump.intrusions import DEFINITIONS, every_following_byte, intruded
from tests.include.dump.platform import Platform

# Cases about keys, which otherwise only great tables get at the end.
KEYS_OF_SMALL_TABLES_TOO = ("definition", "a key", "a table", "type", "a column")
PLAIN_FILE = Case("a file", bytes, EITHER)


@pytest.fixture(scope="module")
def log(unharmed: Platform, database: Database) -> Iterator[GeneralLog]:
    """The server's log of what the loader and the login for what a dump says send."""
    grant_plain(database)
    with GeneralLog(database.admin) as log:
        yield log


@pytest.fixture(autouse=True)
def nothing_else(log: GeneralLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test loads, the loader stays inside its schemas and no shell command runs."""
    monkeypatch.chdir(tmp_path)
    log.clear()
    yield
    assert log.trespasses() == []
    assert is_untouched(tmp_path)


# What the bucket holds of the target's day.
LEFT: set[str] = set()


def put(platform: Platform, body: bytes, case: Case) -> None:
    """Put the dump of a case, and take away what the case before has left under another name."""
    keys = {f"dumps/gghouse_{TARGET:%Y%m%d}.sql{case.suffix}"}
    if case.manifest is not None:
        keys.add(f"dumps-manifest/gghouse_{TARGET:%Y%m%d}.json")
    for key in LEFT - keys:
        platform.s3.delete_object(Bucket=platform.settings.bucket, Key=key)
    LEFT.clear()
    LEFT.update(keys)
    platform.put(body, suffix=case.suffix, manifest=case.manifest)


def through_each_transport() -> list[Any]:
    """Every case through the connections; through the program, which takes many statements in one, what is code."""
    code = [*NAMES["comments"], *NAMES["statements"], *NAMES["tables"]]
    return [pytest.param(name, "connections", id=name) for name in CASES] + [
        pytest.param(name, "program", id=f"{name}, through the program") for name in code
    ]


@pytest.mark.parametrize(("name", "transport"), through_each_transport())
def test_a_hostile_dump_is_refused_or_loaded_exactly(
    name: str, transport: str, unharmed: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    monkeypatch.setattr(unharmed, "settings", replace(unharmed.settings, load_transport=transport))
    if name.startswith(KEYS_OF_SMALL_TABLES_TOO):
        monkeypatch.setattr("include.dump.connections.DEFER_BYTES", 0)
    body = case.make()
    put(unharmed, body, case)
    error = load_or_refuse(unharmed, database, body)
    if error is None:
        assert case.outcome in (LOADED, EITHER), "this dump must not be loaded"
    else:
        assert case.outcome in (REFUSED, EITHER), error
        check_refusal(case, body, error, unharmed)


def load_or_refuse(platform: Platform, database: Database, body: bytes) -> DumpError | None:
    """Load; return the refusal, which changed nothing, or nothing if the tables are those of the plain client."""
    before = platform.checksums()
    try:
        report = platform.load()
    except DumpError as error:
        assert platform.checksums() == before
        return error
    plain = unpacked(body)
    if report.rejects:  # a key twice costs one row here (I-12), but all rows of the INSERT there
        plain = plain.replace(b"INSERT INTO ", b"INSERT IGNORE INTO ")
    assert contents(database.admin, "staging") == by_the_plain_client(database, plain)
    return None


# What the plain client makes of the tables that all dumps of the corpus share.
SHARED: dict[str, tuple[Any, ...]] = {}


def by_the_plain_client(database: Database, body: bytes) -> dict[str, tuple[Any, ...]]:
    """What the plain client makes of a dump; of what all dumps share, once."""
    if not SHARED:
        run_plain_client(database, at_the_end(b""))
        SHARED.update(contents(database.admin, "plain"))
    rest, only = apart(body)
    run_plain_client(database, rest if only else body)
    return contents(database.admin, "plain") | (SHARED if only else {})


def check_refusal(case: Case, body: bytes, error: DumpError, platform: Platform) -> None:
    text = str(error)
    assert isinstance(error, case.error), repr(error)
    assert re.search(case.message, text), text
    assert "gghouse_20260302" in text or type(error).__name__ == "AuditFailed", text
    assert "; " in text, f"no remedy: {text}"
    assert "\n" not in text, text
    assert "secret" not in text, text
    assert len(text) < 600, text
    if case.at:
        line = unpacked(body)[: unpacked(body).rindex(b"\n" + case.at) + 1].count(b"\n") + 1
        assert f"line {line}" in text, f"the fault is in line {line}: {text}"
    if case.noted:
        assert platform.last_load() == (TARGET, "failed", text)


def test_a_backslash_before_a_raw_line_end_is_what_the_server_says_it_is(unharmed: Platform) -> None:
    """The plain client is no measure here: it stores 61000A0A62."""
    put(unharmed, at_the_end(CREATE_U + b"INSERT INTO `u` (`id`, `a`) VALUES (1,'a\\\nb');\n"), PLAIN_FILE)
    unharmed.load()
    assert unharmed.query("SELECT HEX(a) FROM staging.u") == [("610A62",)]


SENT_BY_THE_LOADER = (
    b"CREATE TABLE `u` (`id` int DEFAULT -1 COMMENT '/*!999999 x */ -- #') PARTITION BY HASH (`id`)",
    b"INSERT IGNORE INTO `u` VALUES (1,'SELECT 1 INTO OUTFILE; DROP TABLE gold.x')",
    b"LOAD DATA LOCAL INFILE 'rows' INTO TABLE `u` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ','",
    b"RENAME TABLE `staging`.`u` TO `staging_prev`.`u`, `staging_next`.`u` TO `staging`.`u`",
    b"DROP DATABASE IF EXISTS `staging_prev`",
    b"SELECT COUNT(*) FROM `staging_next`.`u`",
    b"UPDATE ops.load_ledger SET state = 'failed'",
)
NEVER_SENT = (
    b"CREATE TABLE `gold`.`u` (`id` int)",
    b"CREATE TABLE `u` (`id` int) DATA DIRECTORY='/tmp'",
    b"CREATE TABLE `u` (`id` int) SELECT * FROM gold.x",
    b"CREATE TABLE `u` (`id` int) /*!50100 PARTITION BY HASH (`id`) */",
    b"CREATE TABLE `u` (`id` int) /*!999999 '*/ ENGINE=BLACKHOLE /*'*/",
    b"CREATE TABLE `u` (`id` int) --\x01'\n ENGINE=BLACKHOLE --\x01'\n",
    b"CREATE TABLE `u` (`id` int) # x",
    b"CREATE TABLE `u` (`id` int /*!50000 , FOREIGN KEY (`id`) REFERENCES `gold`.`x` (`id`) */)",
    b"CREATE USER x",
    b"INSERT INTO `u` VALUES (1); DROP TABLE `u`",
    b"INSERT INTO `u` VALUES (SLEEP(9))",
    b"INSERT INTO `u` SELECT * FROM mysql.user",
    b"INSERT INTO `staging`.`u` VALUES (1)",
    b"LOAD DATA INFILE '/etc/passwd' INTO TABLE `u`",
    b"RENAME TABLE `staging_next`.`u` TO `gold`.`u`",
    b"DROP DATABASE IF EXISTS `staging`",
    b"DROP DATABASE IF EXISTS `gold`",
    b"DROP TABLE `staging`.`u`",
    b"SELECT 1 INTO OUTFILE '/tmp/x'",
    b"SELECT * FROM mysql.user",
    b"SET GLOBAL general_log = 0",
    b"SET SESSION sql_log_off = 1, GLOBAL local_infile = 1",
    b"GRANT ALL ON *.* TO x",
    b"USE gold",
    b"/*!50000 GRANT ALL ON *.* TO x */",
    b"\\! touch pwned",
)


def test_the_measure_of_the_servers_log_knows_ours_from_theirs() -> None:
    assert [text for text in SENT_BY_THE_LOADER if not allowed("staging_next", text)] == []
    assert [text for text in NEVER_SENT if allowed("staging_next", text)] == []
    assert not allowed("gold", SENT_BY_THE_LOADER[0])
    assert [text for text in SENT_BY_THE_LOADER if allowed_to_a_dump("staging_next", text)] == [
        *SENT_BY_THE_LOADER[:3],
        b"SELECT COUNT(*) FROM `staging_next`.`u`",
    ]
    assert not allowed_to_a_dump("staging", SENT_BY_THE_LOADER[0])


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_servers_log_shows_what_is_sent_and_that_a_dump_has_a_login_of_its_own(
    unharmed: Platform, log: GeneralLog, transport: str
) -> None:
    put(unharmed, at_the_end(CREATE_U + b"INSERT INTO `u` (`id`) VALUES (4711);\n"), PLAIN_FILE)
    unharmed.load(carry_over_unchanged=False, load_transport=transport)
    sent = [text for schema, text in log.statements("restore") if schema == "staging_next"]
    assert len([text for text in sent if text.startswith(b"CREATE TABLE")]) == len(unharmed.checksums())
    rows = b"LOAD DATA LOCAL INFILE" if transport == "connections" else b"INSERT IGNORE INTO"
    assert [text for text in sent if text.startswith(rows) and b"`u`" in text]
    assert {schema for schema, _ in log.statements("loader")} == {""}
    made = [text for _, text in log.statements("loader") if text.startswith(b"CREATE TABLE `")]
    assert [text for text in made if not text.startswith(b"CREATE TABLE `staging_next`.`_generation` ")] == []
    assert not [text for _, text in log.statements("loader") if b"4711" in text]
    unharmed.query("DROP VIEW IF EXISTS staging.nothing")
    assert len(log.trespasses()) == 1
    log.clear()


ODD = Table(
    "odd",
    [
        "id int NOT NULL",
        "a varchar(60) DEFAULT NULL",
        "n int DEFAULT NULL",
        "f double DEFAULT NULL",
        "b blob",
        "t text",
    ],
    [(n, HOSTILE_TEXT, -n, b"1.5e-7", b"0x00FF27", "it's\n") for n in range(1, 6)],
    keys=("PRIMARY KEY (`id`)", "KEY `n` (`n`,`a`)", "UNIQUE KEY `f` (`f`,`id`)"),
)
# Together 200.
CHUNKS = 8
EACH = 25


def chunks(always: int) -> list[Any]:
    """All of them, those after the first ones only in `make test-full`."""
    return [pytest.param(chunk, marks=pytest.mark.full if chunk >= always else ()) for chunk in range(CHUNKS)]


def pieces(chunk: int) -> random.Random:
    """Chance that is the same in every run."""
    return random.Random(f"gghouse {chunk}")


@pytest.mark.parametrize("chunk", chunks(always=1))
def test_flipped_bytes_are_refused_or_mean_the_same_to_the_plain_client(
    chunk: int, unharmed: Platform, database: Database
) -> None:
    chance = pieces(chunk)
    body = classic([ODD, *day()])
    rows = body.index(b"INSERT INTO `movings`"), body.index(b"UNLOCK", body.index(b"INSERT INTO `movings`"))
    dull = frozenset(range(*rows))  # most bytes are rows of movings; one in ten flips is enough for those
    places = [place for place in range(len(body)) if place not in dull]
    outcomes = []
    for _ in range(EACH):
        place = chance.choice(sorted(dull)) if chance.random() < 0.1 else chance.choice(places)
        new = body[place] ^ (1 << chance.randrange(8)) if chance.random() < 0.5 else chance.randrange(256)
        flipped = body[:place] + bytes([new]) + body[place + 1 :]
        put(unharmed, flipped, PLAIN_FILE)
        outcomes.append(load_or_refuse(unharmed, database, flipped))
    assert None in outcomes, "no flip was harmless"
    assert any(outcomes), "no flip was noticed"


@pytest.mark.parametrize("chunk", chunks(always=2))
def test_a_dump_cut_anywhere_is_refused(chunk: int, unharmed: Platform, database: Database) -> None:
    chance = pieces(chunk)
    layout = (classic, compact)[chunk % 2]
    body = layout([ODD, *day()])
    before = unharmed.checksums()
    for _ in range(EACH):
        end = chance.randrange(1000, len(body) - 1)
        put(unharmed, body[:end], PLAIN_FILE)
        with pytest.raises(DumpError, match=r"; "):
            unharmed.load()
        put(unharmed, body[:end], replace(PLAIN_FILE, manifest={"dump_sha256": hashlib.sha256(body).hexdigest()}))
        with pytest.raises(DumpError, match=r"; "):
            unharmed.load()
    assert unharmed.checksums() == before


@pytest.mark.parametrize("layout", [classic, compact])
def test_a_dump_cut_before_its_manifest_was_made_is_what_the_plain_client_makes_of_it(
    layout: Callable[[list[Table]], bytes], unharmed: Platform, database: Database
) -> None:
    """The manifest then proves the cut file; only the tables that models read and the floors are left to notice."""
    chance = pieces(0)
    body = layout([*day(), ODD])
    for end in [*(chance.randrange(len(body) - 1500, len(body)) for _ in range(10)), len(body.rstrip(b"\n")) - 1]:
        put(unharmed, body[:end], replace(PLAIN_FILE, manifest={}))
        load_or_refuse(unharmed, database, body[:end])


# Definitions in each chunk; most of them are refused by the scan alone, the others are loaded together.
BETWEEN_TOKENS = 400


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("chunk", chunks(always=1))
def test_what_stands_between_two_tokens_of_a_definition_is_refused_or_read_as_the_server_reads_it(
    chunk: int, transport: str, unharmed: Platform, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unharmed, "settings", replace(unharmed.settings, load_transport=transport))
    chance = pieces(chunk)
    found = [text.replace(b"%s", b"w%d" % number) for number, text in enumerate(DEFINITIONS)]  # nothing between them
    found += [intruded(b"u%d" % number, chance) for number in range(BETWEEN_TOKENS)]
    if chunk == 0:
        found += every_following_byte("v")
    accepted = [text for text in found if is_one_definition(text)]
    assert len(DEFINITIONS) <= len(accepted) < len(found) / 2
    run_plain_client(database, at_the_end(b"".join(text + b";\n" for text in accepted)))
    made = {name.encode() for name in contents(database.admin, "plain")}
    both = [text for text in accepted if name_of(text) in made]
    assert len(both) >= len(DEFINITIONS)
    put(unharmed, at_the_end(b"".join(text + b";\n" for text in both)), PLAIN_FILE)
    unharmed.load()
    by_client = by_the_plain_client(database, at_the_end(b"".join(text + b";\n" for text in both)))
    by_us = contents(database.admin, "staging")
    for text in both:
        name = name_of(text).decode()
        assert by_us[name] == by_client[name], text
    assert by_us == by_client
    for text in [text for text in accepted if text not in both][:5]:  # the server refuses them, from us as well
        put(unharmed, at_the_end(text + b";\n"), PLAIN_FILE)
        with pytest.raises(DumpError, match="; "):
            unharmed.load()


def is_one_definition(text: bytes) -> bool:
    """Whether the scan takes the text, and for the definition of the table that it is meant to be."""
    try:
        return [statement.table for statement in Scanner([text + b";\n"], "a file")] == [name_of(text).decode()]
    except DumpError:
        return False


def name_of(text: bytes) -> bytes:
    return text.split(b"`")[1]


def unpacked(body: bytes) -> bytes:
    if body.startswith(b"\x1f\x8b"):
        return gzip.decompress(body)
    if body.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return body
