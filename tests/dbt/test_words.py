"""The words of dbt/README.md and the names of dbt/renamed_columns.csv are those of the models."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REPO = Path(__file__).resolve().parents[2]
DBT = REPO / "dbt"
README = DBT / "README.md"
TEXT = README.read_text(encoding="utf-8")
LIMIT_BYTES = 16 * 1024
WORDS = (
    *(
        "application",
        "move-in",
        "move-out",
        "length-of-stay",
        "lead-time",
        "renewal",
        "occupied-room",
        "occupancy-rate",
    ),
    *("rate-of-a-building", "date-of-a-row", "as-of", "gap", "bridge-day", "asset-id", "text", "unknown-code"),
)
"""What others link to; a word that goes or is called otherwise breaks their links."""
REUSED = {("kpi_month_end_metrics", "as_of_date")}
"""The name of the date of a row became that of the newest date that the figures know."""
SCHEMAS = {"gold_next", "reports"}
# Families of gold, columns of the source, a table of the platform, a DAG.
OTHERS = {
    *("occupancy", "contracts", "movements", "funnel", "cancel_flag", "is_moveout", "recover_date"),
}
ANCHOR = re.compile(r'<a id="([a-z-]+)"></a>')
SPEAK_OLD_NAMES = (
    "infra/migration/",
    "infra/local/vendor/",
    "include/status_page/sources.py",
    "include/reports/flash/words.py",
)
"""Those who read the earlier system, write the vendor's tables, read gold of an earlier release, or have a class of the
name."""
HEADER = ["model", "old", "new", "reason"]


@cache
def described() -> dict[str, set[str]]:
    """Return the columns of each model and seed, as its YAML describes them."""
    found: dict[str, set[str]] = {}
    for file in [*(DBT / "models").rglob("*.yml"), *(DBT / "seeds").glob("*.yml")]:
        content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        for node in [*content.get("models", []), *content.get("seeds", [])]:
            found[node["name"]] = {column["name"] for column in node.get("columns", [])}
    return found


def renamed() -> list[dict[str, str]]:
    with (DBT / "renamed_columns.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_in_code() -> Iterator[str]:
    for name in re.findall(r"`([^`\n]+)`", TEXT.split("## How gold is built")[0]):
        if re.fullmatch(r"[a-z_0-9]+(\.[a-z_0-9]+)?", name):
            yield name


def test_each_word_has_one_anchor_to_link_to() -> None:
    words, rules = TEXT.split("## Business rules")
    assert tuple(ANCHOR.findall(words)) == WORDS
    assert len(set(ANCHOR.findall(TEXT))) == len(ANCHOR.findall(TEXT)), "an anchor is one place"
    for word in (*WORDS, *ANCHOR.findall(rules)):
        assert f'\n| <a id="{word}"></a>' in TEXT, f"{word} does not begin a line of the table of words"


def test_every_model_and_column_that_the_readme_names_exists() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    settings = set(project["vars"]) | {"portfolio_rooms"}
    columns = set().union(*described().values())
    macros = "".join(file.read_text(encoding="utf-8") for file in (DBT / "macros").rglob("*.sql"))
    built = set(re.findall(r"\{% (?:macro|materialization) (\w+)", macros))
    unknown = []
    for name in names_in_code():
        model, _, column = name.partition(".")
        if column:
            known = column in described().get(model, ()) or (DBT / name).exists() or (DBT / "seeds" / name).exists()
        else:
            known = name in described() or name in columns | settings | SCHEMAS | built or (DBT / name).is_dir()
        if not known and name not in OTHERS:
            unknown.append(name)
    assert unknown == []


def test_the_sets_of_statuses_are_those_of_the_models() -> None:
    macro = (DBT / "macros" / "status_sets.sql").read_text(encoding="utf-8")
    sets = {name: codes.replace(" ", "").split(",") for name, codes in re.findall(r"'([A-Z_]+)': \[([\d, ]+)\]", macro)}
    (line,) = re.findall(r'^\| <a id="status-sets"></a>.*$', TEXT, re.MULTILINE)
    told = {name: list(_codes(codes)) for name, codes in re.findall(r"`([A-Z_]+)` \(([\d, to]+)\)", line)}
    assert told == sets


def _codes(text: str) -> Iterator[str]:
    for part in text.split(", "):
        first, _, last = part.partition(" to ")
        yield from map(str, range(int(first), int(last or first) + 1))


def test_every_file_that_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:models|seeds|macros)/[\w./]+)`", TEXT)
    assert len(named) >= 5
    assert [name for name in named if not (DBT / name).exists()] == []


def test_the_readme_stays_short() -> None:
    assert len(TEXT.encode()) <= LIMIT_BYTES
    assert max(len(line) for line in TEXT.splitlines() if not line.startswith("|")) <= 120


def test_the_list_of_renamed_columns_is_sorted_and_gives_reasons() -> None:
    lines = renamed()
    assert list(lines[0]) == HEADER
    keys = [(line["model"], line["old"]) for line in lines]
    assert keys == sorted(set(keys)), "sort the lines by model and old name, each once"
    for line in lines:
        assert line["reason"].endswith("."), line
        assert line["old"] != line["new"], line


def test_no_model_has_an_old_name_any_more_and_every_new_one_is_there() -> None:
    wrong = []
    for line in renamed():
        columns = described()[line["model"]]
        if line["old"] in columns and (line["model"], line["old"]) not in REUSED:
            wrong.append(f"{line['model']} still has {line['old']}")
        if line["new"] and line["new"] not in columns:
            wrong.append(f"{line['model']} has no {line['new']}")
    assert wrong == []


def test_nobody_who_reads_gold_speaks_an_old_name() -> None:
    gone = {line["old"] for line in renamed()} - set().union(*described().values())
    assert gone
    old = re.compile(rf"\b({'|'.join(sorted(gone))})\b")
    files = [file for folder in ("dags", "include", "infra", "plugins") for file in (REPO / folder).rglob("*")]
    spoken = [
        f"{path}: {', '.join(sorted(found))}"
        for file in files
        if file.suffix in {".py", ".tf", ".json", ".md", ".html", ".sql"} and ".terraform" not in file.parts
        if not (path := file.relative_to(REPO).as_posix()).startswith(SPEAK_OLD_NAMES)
        if (found := set(old.findall(file.read_text(encoding="utf-8"))))
    ]
    assert spoken == []
