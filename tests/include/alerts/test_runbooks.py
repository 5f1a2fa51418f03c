"""The runbooks: one for each alert class, and everything that they name exists."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

from include.alerts.causes import Cause
from include.settings import PROJECT_DIR
from include.warehouse.schema import ensure_platform_tables
from infra.local.database import Database

FOLDER = PROJECT_DIR / "include" / "alerts" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
HEADINGS = ["Symptom", "Check", "Fix", "Verify"]


def code(page: Path) -> list[str]:
    """The commands, names and statements of a page."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", page.read_text())]


def test_every_alert_class_has_a_page_and_no_page_is_without_a_class() -> None:
    assert {page.stem for page in PAGES} == set(Cause)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_to_see_check_do_and_verify(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r"^## (\w+)", text, re.M) == HEADINGS
    assert re.match(r"# .+ / .+\n", text), "the title is in English and Japanese"
    for section in re.split(r"^## ", text, flags=re.M)[2:]:
        assert re.search(r"^1\. ", section, re.M), f"{section.splitlines()[0]} is no list of steps"
    assert max(map(len, text.splitlines())) <= 130


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_everything_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (PROJECT_DIR / "Makefile").read_text(), re.M))
    dags = {file.stem for file in (PROJECT_DIR / "dags").glob("*.py")}
    for word in code(page):
        if made := re.match(r"make ([a-z-]+)", word):
            assert made[1] in targets, f"there is no {word}"
        if re.fullmatch(r"(gghouse|recover)_[a-z_]+", word):
            assert word in dags, f"there is no DAG {word}"
        if re.match(r"(include|dags|dbt|infra|\.astro)/", word):
            assert (PROJECT_DIR / word).exists(), f"there is no {word}"
    for other in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert (FOLDER / other).is_file(), f"there is no page {other}"


def test_the_questions_to_the_database_can_be_asked(database: Database) -> None:
    with contextlib.closing(database.admin.connect()) as connection, connection.cursor() as cursor:
        ensure_platform_tables(connection)
        cursor.execute("CREATE DATABASE IF NOT EXISTS staging")
        cursor.execute("CREATE TABLE IF NOT EXISTS staging.movings (updated_at DATETIME)")
        cursor.execute("CREATE TABLE IF NOT EXISTS staging.tenants (status INT)")
        asked = [word for page in PAGES for word in code(page) if word.startswith("SELECT ")]
        for statement in asked:
            cursor.execute(statement)
        cursor.execute("DROP TABLE staging.movings, staging.tenants")
    assert len(asked) >= 4


def test_the_page_of_dbt_says_what_to_do_about_an_unknown_code() -> None:
    text = (FOLDER / f"{Cause.DBT}.md").read_text()
    symptom, check, fix, verify = (section.partition("\n")[2] for section in re.split(r"^## ", text, flags=re.M)[1:])
    assert "未知のコード" in symptom
    assert "`Unknown (99)`" in symptom
    assert "Unknown code" in check
    steps = fix[fix.index("Unknown code") :]
    for needed in ("property-management", "管理システム", "dbt/seeds/code_tenant_status.csv", "deploy", "デプロイ"):
        assert needed in steps
    assert steps.index("deploy") < steps.index("Clear `seeds`"), "the day is cleared once the label is deployed"
    assert "Unknown code" in verify


def test_tasks_and_choices_named_in_the_pages_exist() -> None:
    from include.recovery.forms import FORMS

    fields = {field.name for form in FORMS.values() for field in form.fields} | {"dry_run", "target_date"}
    named = {word for page in PAGES for word in code(page)}
    assert {"end_session", "dry_run", "target_date", "first"} <= named & fields
