"""The documents name what is there: links and their anchors, make targets, modules and their verbs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from include import __main__ as include_commands
from include.settings import PROJECT_DIR
from infra import __main__ as infra_commands

FOLDERS = (".github", "dbt", "include", "infra", "tests")
DOCUMENTS = [
    file.relative_to(PROJECT_DIR).as_posix()
    for file in (PROJECT_DIR / "README.md", *(each for name in FOLDERS for each in PROJECT_DIR.glob(f"{name}/**/*.md")))
    if "target" not in file.parts
]
TARGETS = set(re.findall(r"^([a-z0-9.-]+):", (PROJECT_DIR / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them, and those that are written out."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
    return made | set(re.findall(r'<a id="([^"]+)"', text))


def code(text: str) -> str:
    """Return its blocks and spans of code."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+(?:\n[^`\n]+)?`", text, re.DOTALL))


def test_the_documents_of_every_folder_are_read() -> None:
    assert {document.partition("/")[0] for document in DOCUMENTS} == {"README.md", *FOLDERS}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    file = PROJECT_DIR / document
    for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = file.parent / path if path else file
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


# The changelog also names commands that are gone.
@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each != ".github/CHANGELOG.md"])
def test_every_command_exists(document: str) -> None:
    text = code((PROJECT_DIR / document).read_text(encoding="utf-8"))
    assert set(re.findall(r"\bmake ([a-z][a-z0-9.-]*)", text)) <= TARGETS
    assert set(re.findall(r"-m infra ([a-z-]+)", text)) <= set(infra_commands.VERBS)
    assert set(re.findall(r"-m include ([a-z-]+)", text)) <= set(include_commands.VERBS)
    for module in re.findall(r"python3?(?:\.\d+)? -m ((?:infra|include|tests)[\w.]*)", text):
        path = PROJECT_DIR / Path(*module.split("."))
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), module
