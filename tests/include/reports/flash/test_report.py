from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from include.forms import Refused, read
from include.reports.flash import report
from include.reports.flash.figures import Figures
from include.reports.flash.profile import shipped
from include.reports.flash.report import TEMPLATES, FlashReport, is_due, template
from include.reports.report import Made, Report, ReportContext
from include.reports.store import XLSX, FolderStore
from include.warehouse.endpoint import Endpoint
from infra.local.templates import main as put_template
from infra.local.templates import template as made_template
from tests.include.conftest import SETTINGS
from tests.include.reports.flash.example import AS_OF, differing, figures, opened, parts_of, saved

MONTH_END = date(2026, 2, 28)
FOLDER = "reports/flash/2026-02/2026-02-28"
Make = Callable[..., Made]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


@pytest.fixture
def make(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make the report of the example, whose date is the one asked for, as people and gold do."""
    monkeypatch.setattr(report, "read", lambda _, as_of: replace(figures(), as_of=as_of or AS_OF))
    nowhere = Endpoint("127.0.0.1", 9, "", "")
    now = datetime(2026, 3, 5, tzinfo=UTC)
    context = ReportContext(SETTINGS, nowhere, nowhere, lambda *_: None, store, "SUZUKI", now)

    def made(target: date | None = None, **given: Any) -> Made:
        request = read(FlashReport.form, given, context.today)
        return FlashReport().make(replace(context, target=target), request)

    return made


def put(store: FolderStore, name: str, body: bytes = b"") -> None:
    store.put(TEMPLATES + name, body or made_template("updated", MONTH_END), XLSX)


def test_it_is_a_report() -> None:
    assert isinstance(FlashReport(), Report)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), True),
        (date(2024, 2, 28), False),
        (date(2024, 2, 29), True),
        (date(2025, 12, 31), True),
        (date(2026, 2, 27), False),
        (date(2026, 3, 2), False),
    ],
)
def test_gold_of_a_month_end_and_of_a_1st_makes_one(day: date, due: bool, make: Make) -> None:
    assert is_due(day) is due
    made = make(target=day)
    assert bool(made.files) is bool(made.mail) is due
    assert due or made.lines == (f"no flash report is due for {day}, which is neither a month end nor a 1st",)


def test_without_a_template_it_is_our_own_workbook(make: Make, store: FolderStore) -> None:
    made = make(as_of="2026-02-28")
    assert made.files == tuple(
        str(store.folder / FOLDER / name)
        for name in ("flash_report.xlsx", "metrics.csv", "reconciliation.csv", "rooms.csv")
    )
    assert made.lines[:2] == (
        "flash report as of 2026-02-28, our own workbook",
        "Rooms occupied at 00:00 of the 1st: 5",
    )
    assert made.mail is None
    assert make(as_of="2026-02-27", send="true").mail is not None


def test_the_only_template_is_filled(make: Make, store: FolderStore) -> None:
    put(store, "updated.xlsx")
    made = make(target=MONTH_END)
    assert made.lines[0] == "flash report as of 2026-02-28, template updated.xlsx"
    assert opened(store.get(f"{FOLDER}/flash_report.xlsx"))["Flash Report（2月～）"]["D11"].value == 1
    assert b"Flash Report\xef\xbc\x882\xe6\x9c\x88\xef\xbd\x9e\xef\xbc\x89,D11,1," in store.get(f"{FOLDER}/metrics.csv")
    first = [store.get(f"{FOLDER}/{Path(file).name}") for file in made.files]
    assert [store.get(f"{FOLDER}/{Path(file).name}") for file in make(as_of="2026-02-28").files] == first


def test_no_file_and_no_mail_names_anybody(make: Make, store: FolderStore) -> None:
    """What people write about themselves in a template, or are called on this machine, goes nowhere."""
    book = opened(made_template("updated", MONTH_END))
    book.properties.creator = book.properties.lastModifiedBy = "YAMADA Hanako"
    put(store, "updated.xlsx", saved(book))
    made = make(target=MONTH_END)
    parts = [*parts_of(store.get(f"{FOLDER}/flash_report.xlsx")).values(), str(made).encode(), str(made.mail).encode()]
    parts += [store.get(f"{FOLDER}/{Path(file).name}") for file in made.files[1:]]
    for name in (b"YAMADA", b"Hanako", b"SUZUKI"):
        assert not [part for part in parts if name in part]


def test_findings_come_along(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "read", lambda *_: differing())
    assert len(make().findings) == 2


def test_a_refused_template_leaves_no_files(make: Make, store: FolderStore) -> None:
    put(store, "updated.xlsx", b"PK")
    with pytest.raises(Refused, match=r"updated\.xlsx is no Excel workbook"):
        make(target=MONTH_END)
    assert store.keys("reports/") == []


def test_a_cell_map_beside_the_template_wins_over_a_shipped_one(store: FolderStore) -> None:
    put(store, "updated.xlsx")
    found = template(store, "")
    assert found is not None
    assert found[2].sheet == "Flash Report（*月～）"
    put(store, "updated.json", (shipped("updated") or b"").replace("*月～".encode(), b"*"))
    found = template(store, "updated")
    assert found is not None
    assert found[2].sheet == "Flash Report（*）"


def test_a_new_template_needs_a_cell_map_and_nothing_else(make: Make, store: FolderStore) -> None:
    put(store, "April.xlsx")
    with pytest.raises(Refused, match=r"the template April.xlsx has no cell map; put April.json beside it"):
        make()
    put(store, "April.json", shipped("updated") or b"")
    assert make().lines[0] == "flash report as of 2026-02-26, template April.xlsx"


@pytest.mark.parametrize(("name", "found"), [("legacy", "legacy.xlsx"), ("updated.xlsx", "updated.xlsx")])
def test_one_of_several_templates_is_named(name: str, found: str, store: FolderStore) -> None:
    for each in ("legacy.xlsx", "updated.xlsx", "~$updated.xlsx", "old/updated.xlsx", "readme.txt"):
        put(store, each)
    chosen = template(store, name)
    assert chosen is not None
    assert chosen[0] == found
    with pytest.raises(Refused, match=r"holds several templates; name one of legacy.xlsx, updated.xlsx$"):
        template(store, None)
    with pytest.raises(Refused, match=r"no template 'x' is in templates/flash_report/; name one of legacy.xlsx, upd"):
        template(store, "x")


def test_a_named_template_that_is_not_there_is_refused(store: FolderStore) -> None:
    assert template(store, None) is None
    with pytest.raises(Refused, match="no template 'x' is in templates/flash_report/, which holds none; upload it"):
        template(store, "x")


def test_a_workbook_of_another_kind_is_refused_and_not_overlooked(make: Make, store: FolderStore) -> None:
    put(store, "updated.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(Refused, match=r"updated.xls is encrypted, or an .xls file"):
        make()


def test_a_local_template_can_be_put_and_filled(
    make: Make, store: FolderStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert put_template(["legacy", "--month", "2026-03-01", "--folder", str(store.folder)]) == 0
    assert capsys.readouterr().out == f"{store.folder}/templates/flash_report/legacy.xlsx\n"
    assert make(as_of="2026-03-01").lines[0] == "flash report as of 2026-03-01, template legacy.xlsx"
    with pytest.raises(
        Refused, match=r"'Flash Report（2月）' of legacy.json fits no sheet among Flash Report（3月）, 説明"
    ):
        make(as_of="2026-02-28")


def test_figures_are_of_the_date_that_gold_names(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date | None] = []

    def remember(_: Any, as_of: date | None) -> Figures:
        asked.append(as_of)
        return figures()

    monkeypatch.setattr(report, "read", remember)
    make(target=MONTH_END)
    make(as_of="2026-02-03")
    make()
    assert asked == [MONTH_END, date(2026, 2, 3), None]
