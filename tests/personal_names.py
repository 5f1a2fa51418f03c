"""Names of the tenants that are asked about, and a search for them in everything that people and machines may read."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from include.enrichment.candidates import candidates, read_tenants
from include.enrichment.names import normalised

# Shorter parts stand in many a word and in other people's names.
LATIN, OTHER = 5, 2
# Names of tenants belong into these: the source's rows, as they came and as they are kept by date.
SOURCE_ROWS = ("dumps/", "processed/", "snapshots/", "reports/tenants/", "rent-roll/")


def names(connection: Any) -> frozenset[str]:
    """Return the full names of all candidates in `staging`, and such parts of them as can be told from words."""
    found: set[str] = set()
    for tenant in candidates(read_tenants(connection)):
        name = tenant.name or ""
        found |= {name, normalised(name), name.replace(" ", ""), f"n1:{name}"}
        found |= {part for part in name.split() if len(part) >= (LATIN if part.isascii() else OTHER)}
    return frozenset(each for each in found if len(each) >= OTHER)


class Search:
    """Looks for names in texts, as they are and as JSON escapes them.

    Args:
        names: what must not be found.
    """

    def __init__(self, names: Iterable[str]) -> None:
        spelled = {spelling for each in names for spelling in (each, json.dumps(each)[1:-1])}
        longest_first = sorted(map(re.escape, spelled), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(longest_first)})(?![A-Za-z0-9_])")

    def found(self, text: str) -> set[str]:
        """Return the names in a text."""
        return set(self._pattern.findall(text))

    def among(self, texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
        """Return the names in texts, each of which comes with where it is from."""
        return {where: found for where, text in texts if (found := self.found(text))}


def of_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file below a folder."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(folder)), readable(file.read_bytes())


def of_tables(connection: Any, schema: str, but: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield every table of a schema of the warehouse."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema])
        for (table,) in cursor.fetchall():
            if table not in but:
                cursor.execute(f"SELECT * FROM `{schema}`.`{table}`")
                yield f"{schema}.{table}", "\n".join(map(str, cursor.fetchall()))


def of_bucket(s3: Any, bucket: str) -> Iterator[tuple[str, str]]:
    """Yield every object of a bucket but those that hold the source's own rows."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            if not item["Key"].startswith(SOURCE_ROWS):
                yield item["Key"], readable(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())


def of_mails(mails: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield every mail."""
    for mail in mails:
        subject, body = (mail["Subject"], mail["Message"]) if isinstance(mail, Mapping) else (mail.subject, mail.body)
        yield f"mail: {subject}", f"{subject}\n{body}"


def readable(content: bytes) -> str:
    """Return bytes as text, decompressed; a workbook as all of its parts."""
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode(errors="replace")
