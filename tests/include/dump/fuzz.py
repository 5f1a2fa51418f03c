"""Fuzz the scanner: `python -m tests.include.dump.fuzz --seconds 60`, or `make fuzz SECONDS=60`.

Coverage-guided with atheris, seeded with the corpus of hostile dumps. A crash is any exception but `DumpError`, and any
disagreement: between the scanner and the byte-by-byte reader of `reference.py` on where rows end and how many there are
(so between its fast and its slow path), or between two ways to cut the same file into chunks. What crashed is kept in
`.local/fuzz` and run again with `--replay FILE`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

FOUND = Path(".local/fuzz")
# Small inputs are tried more often; a seed keeps the end of its dump, where it is hostile.
SEED_BYTES = 4096
LIMIT_BYTES = 8192
# Seeds that are a CREATE TABLE with a comment, a quote or a control character in it.
DEFINITIONS = 500
# Begins every second input, so that rows are reached.
FRAME = b"CREATE TABLE `t` (`id` int, `a` text, `b` varchar(9));\nCREATE TABLE `u` (`id` int, `a` text, `b` blob);\n"


def check(data: bytes) -> None:
    """Scan the bytes in two ways; raise whatever is not a refusal in words.

    Args:
        data: the first byte says how to cut the rest into chunks, and whether tables come before it.
    """
    size, text = (data[0] % 127 + 1, data[1:]) if data else (1, data)
    if data and data[0] & 0x80:
        text = FRAME + text
    whole, pieces = _outcome(iter([text])), _outcome(_cut(text, size))
    if whole != pieces:
        raise AssertionError(f"in one piece {whole!r}, in pieces of {size} {pieces!r}")
    if isinstance(whole, list):
        _compare(text, whole)


def _outcome(chunks: Iterator[bytes]) -> list[tuple[int, bytes, int]] | str:
    from include.dump.errors import DumpError
    from include.dump.scanner import Scanner

    try:
        return [(statement.offset, statement.data, statement.rows) for statement in Scanner(chunks, "fuzz")]
    except DumpError as error:
        return str(error)


def _cut(text: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _compare(text: bytes, statements: list[tuple[int, bytes, int]]) -> None:
    from tests.include.dump.reference import count_rows, rows_end

    passed = 0
    for offset, data, rows in statements:
        end = offset + len(data)
        if offset < passed or text[offset:end] != data:
            raise AssertionError(f"the statement at {offset} is not the file's bytes")
        passed = end
        if data.startswith(b"INSERT"):
            counted = count_rows(data[data.index(b"VALUES") + len(b"VALUES") :])
            if counted != rows or text[end : rows_end(text, offset)].strip():
                raise AssertionError(f"{rows} rows up to {end}, the other reader says {counted}: {data!r}")


def seeds(folder: Path) -> None:
    """Write the corpus, and definitions with something between their tokens, as files."""
    from tests.include.dump.corpus.all import CASES
    from tests.include.dump.dumps import CLASSIC_HEADER, EVENT, ROUTINE, TRIGGER, VIEW
    from tests.include.dump.intrusions import intruded

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "objects").write_bytes(b"\x10" + CLASSIC_HEADER + TRIGGER + ROUTINE + EVENT + VIEW)
    for number, case in enumerate(CASES.values()):
        body = case.make()
        if len(body) < 1_000_000 and not case.suffix:
            start = max(body.find(b"CREATE TABLE `u`"), len(body) - SEED_BYTES)
            (folder / f"{number:04}").write_bytes(b"\x40" + body[start:])
    for number in range(DEFINITIONS):
        text = intruded(b"u%d" % number, random.Random(number))
        (folder / f"definition{number:04}").write_bytes(b"\x20" + text + b";\nINSERT INTO `t` VALUES (1,'x');\n")


def main() -> int:
    """Run the fuzzer, or one input again."""
    parser = argparse.ArgumentParser(prog="python -m tests.include.dump.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="how long to look for crashes (default 60)")
    parser.add_argument("--replay", type=Path, help="a file that crashed, to be run again")
    options = parser.parse_args()
    if options.replay:
        check(options.replay.read_bytes())
        print(f"{options.replay} no longer crashes")
        return 0
    import atheris

    with atheris.instrument_imports(include=["include.dump"]):
        import include.dump.scanner  # noqa: F401 - imported here so that its branches are watched
    seeds(FOUND / "seeds")
    (FOUND / "corpus").mkdir(exist_ok=True)
    arguments = [
        sys.argv[0],
        str(FOUND / "corpus"),
        str(FOUND / "seeds"),
        f"-artifact_prefix={FOUND}/",
        f"-max_total_time={options.seconds}",
        f"-max_len={LIMIT_BYTES}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, check)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
