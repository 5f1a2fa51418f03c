"""Every reference leads somewhere: links and commands of documents, documents named in code, incidents, hazards."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from include import __main__ as include_commands
from infra import __main__ as infra_commands

REPO = Path(__file__).resolve().parents[1]
TEXT_SUFFIXES = {".py", ".md", ".sql", ".yml", ".yaml", ".tf", ".toml", ".hcl", ".sh", ".j2", ".cfg", ""}
# Documents that are not in the repository, in the ways in which they used to be named, over the end of a line too.
ABSENT = re.compile(
    r"\b[Dd]omain\s+(?:section\s+)?\d|\b9-C\d\d?\b|\b[Dd]esign\s+rules?\s+\d|\b[SD]\([dA]\)|\bstakeholders' doc"
    r"|\b(?:loader|figures|stack|design|domain|security|review|anchors|aws|reports)\.md\b"
)
# A document named in code or prose, with an anchor or without.
NAMED = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w-]+\.md)(?:#([\w-]+))?")
# A source file named in code or prose.
SOURCE = re.compile(r"(?<![\w/.-])((?:include|infra|dags|plugins|dbt|tests)/[\w./-]+\.(?:py|sql|yml|csv|tf|toml))\b")
# Tests whose bundles and buckets hold files of their own.
INVENTED = ("tests/infra/", "tests/plugins/test_operations.py")
LINK = re.compile(r"\]\(([^)\s]+)\)")
INCIDENT = re.compile(r"\bI-(\d\d)\b")
HAZARD = re.compile(r"\bhazards? (\d+(?:(?:, | and | to )\d+)*)|test_hazard_(\d+)_|#hazard-(\d+)", re.IGNORECASE)
HERE = Path(__file__).relative_to(REPO)


@cache
def tracked() -> tuple[Path, ...]:
    """Return every tracked file, as its path from the top."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=True)
    return tuple(Path(name) for name in listed.stdout.split("\0") if name)


@cache
def texts() -> dict[Path, str]:
    """Return the text of every tracked file that people read, by its path from the top."""
    return {
        path: (REPO / path).read_text(encoding="utf-8")
        for path in tracked()
        if path.suffix in TEXT_SUFFIXES and path != HERE and (REPO / path).is_file() and path.name != "CHANGELOG.md"
    }


@cache
def anchors(document: Path) -> frozenset[str]:
    """Return the anchors of a document: those of its headings, as GitHub makes them, and those that it sets."""
    text = document.read_text(encoding="utf-8")
    found = set(re.findall(r'<a id="([\w-]+)"', text))
    seen: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)|<[^>]*>", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-")
        found.add(slug if slug not in seen else f"{slug}-{seen[slug]}")
        seen[slug] = seen.get(slug, 0) + 1
    return frozenset(found)


def lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(texts()[path].splitlines(), 1))


def test_no_reference_leads_out_of_the_repository() -> None:
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts().items()
        for match in ABSENT.finditer(text)
        if not (REPO / path).parent.joinpath(match[0]).is_file()
    ]
    assert not found, "say the fact itself, or name a document of the repository:\n" + "\n".join(found)


@pytest.mark.parametrize("document", [path for path in texts() if path.suffix == ".md"], ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for link in LINK.findall(re.sub(r"```.*?```", "", texts()[document], flags=re.DOTALL)):
        place, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (REPO / document).parent / place if place else REPO / document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_every_document_that_is_named_is_there() -> None:
    names = {path.name for path in tracked()}
    broken = []
    for path in texts():
        for number, line in lines(path):
            for name, anchor in NAMED.findall(LINK.sub("", line)):
                places = [(REPO / name), (REPO / path).parent / name, REPO / "dbt" / name]
                target = next((place for place in places if place.is_file()), None)
                is_known = target or name in names or path.as_posix().startswith(INVENTED)
                if not is_known or (anchor and (target is None or anchor not in anchors(target))):
                    broken.append(f"{path}:{number}: {name}{'#' * bool(anchor)}{anchor}")
    assert not broken, "\n".join(broken)


def test_every_source_file_that_is_named_is_there() -> None:
    broken = [
        f"{path}: {name}"
        for path, text in texts().items()
        if not path.as_posix().startswith(INVENTED)
        for name in SOURCE.findall(text)
        if not (REPO / name).is_file() and not (REPO / path).parent.joinpath(name).is_file()
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("document", [path for path in texts() if path.suffix == ".md"], ids=str)
def test_every_command_of_a_document_exists(document: Path) -> None:
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+(?:\n[^`\n]+)?`", texts()[document], re.DOTALL))
    targets = re.findall(r"^([a-z0-9.-]+):", (REPO / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z][a-z0-9.-]*)", code)) <= set(targets)
    assert set(re.findall(r"-m infra ([a-z-]+)", code)) <= set(infra_commands.VERBS)
    assert set(re.findall(r"-m include ([a-z-]+)", code)) <= set(include_commands.VERBS)
    for module in re.findall(r"python3?(?:\.\d+)? -m ((?:infra|include|tests)[\w.]*)", code):
        path = REPO / Path(*module.split("."))
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), module


def test_every_incident_is_one_of_the_list() -> None:
    known = set(re.findall(r"^\| \[I-(\d\d)\]", (REPO / "tests" / "incidents.md").read_text(), re.MULTILINE))
    assert len(known) == 40
    unknown = {
        f"{path}: I-{number}"
        for path, text in texts().items()
        for number in INCIDENT.findall(text)
        if number not in known
    }
    assert not unknown


def test_every_hazard_is_described() -> None:
    guide = REPO / "include" / "dump" / "README.md"
    unknown = {
        f"{path}: hazard {number}"
        for path, text in texts().items()
        for groups in HAZARD.findall(text)
        for number in re.findall(r"\d+", " ".join(groups))
        if f"hazard-{int(number)}" not in anchors(guide)
    }
    assert not unknown
