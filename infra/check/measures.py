"""The list of every measure and every date of gold, dbt/measures.md, generated from the models' descriptions.

`python -m infra.check.measures` writes it from dbt's manifest (`make manifest`); a test holds it up to date.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
MANIFEST = PROJECT / "dbt" / "target" / "manifest.json"
MEASURES = PROJECT / "dbt" / "measures.md"
HEAD = """# Measures and dates of gold

One line for each column and meaning, in the words of the models' descriptions: the Japanese name, then the definition.
Keys, flags, labels, orders and coordinates are left out; the YAML beside each model has them. The words themselves are
defined in [README.md](README.md#one-meaning-for-each-word).

`python -m infra.check.measures` writes this page.
"""
NUMBERS = ("int", "bigint", "decimal")
DATES = ("date", "datetime")
NO_MEASURE = re.compile(
    r"(\w+_)?(is|has)_\w+|\w+_(id|order|code|type)|latitude|longitude|contract_channel|segment_rank"
)


def render(manifest: dict[str, Any]) -> str:
    """Return the page as Markdown.

    Args:
        manifest: dbt's manifest.
    """
    found: dict[str, dict[tuple[str, str], list[str]]] = {kind: defaultdict(list) for kind in ("Measures", "Dates")}
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] != "gold":
            continue
        for column in node["columns"].values():
            kind = column["data_type"].partition("(")[0].split()[0]
            meaning = _first_sentence(column["description"])
            if kind in DATES:
                found["Dates"][column["name"], meaning].append(node["name"])
            elif kind in NUMBERS and not NO_MEASURE.fullmatch(column["name"]):
                found["Measures"][column["name"], meaning].append(node["name"])
    return "\n".join([HEAD, *(_table(title, lines) for title, lines in found.items())])


def _table(title: str, lines: dict[tuple[str, str], list[str]]) -> str:
    rows = [
        f"| `{name}` | {meaning} | {', '.join(sorted(tables))} |" for (name, meaning), tables in sorted(lines.items())
    ]
    return "\n".join([f"## {title}", "", "| column | meaning | tables |", "|---|---|---|", *rows, ""])


def _first_sentence(description: str) -> str:
    text = " ".join(description.split()).replace("|", "\\|")
    return re.split(r"(?<=[.。]) ", text, maxsplit=1)[0]


def main() -> None:
    """Write the page."""
    MEASURES.write_text(render(json.loads(MANIFEST.read_text(encoding="utf-8"))), encoding="utf-8")
    print(MEASURES.relative_to(PROJECT))


if __name__ == "__main__":
    main()
