"""The page as HTML: whole, self-contained, escaped, and readable when hardly anything is known."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from include.reports.forms import DAGS, FORMS
from include.status_page.days import State
from include.status_page.facts import Facts, Part
from include.status_page.render import render
from tests.include.status_page.scenes import bad_morning, empty, good_morning

VOID = {"meta", "br"}
HOSTILE = "<script>alert('x')</script>\" onload=\"x"


class Page(HTMLParser):
    """Reads a page and complains about what is not nested well."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.rows = 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


SCENES = {"good": good_morning, "bad": bad_morning, "empty": empty}


@pytest.fixture(params=SCENES)
def facts(request: pytest.FixtureRequest) -> Facts:
    return SCENES[request.param]()


def test_the_page_is_well_formed_and_loads_nothing(facts: Facts) -> None:
    html = render(facts, "https://airflow.example/")
    page = Page(html)
    assert not page.all("script")
    assert not page.all("link")
    assert not [attributes for _, attributes in page.tags if "src" in attributes or "onclick" in attributes]
    assert "url(" not in html
    assert "@import" not in html
    links = {attributes["href"] for attributes in page.all("a")}
    assert all(link and link.startswith("https://airflow.example/") for link in links)


def test_without_airflow_there_are_no_links_that_lead_nowhere(facts: Facts) -> None:
    html = render(facts)
    assert Page(html).all("a") == []
    assert "https://" not in html


def test_i36_no_figure_that_is_missing_is_called_none(facts: Facts) -> None:
    text = Page(render(facts)).text
    assert not re.search(r"\b(None|nan|Undefined|null)\b", text), text


def test_text_from_outside_is_shown_and_never_run() -> None:
    html = render(bad_morning(hostile=HOSTILE), "https://airflow.example")
    page = Page(html)
    assert not page.all("script")
    assert HOSTILE in page.text
    assert not [attributes for _, attributes in page.tags if "onload" in attributes]


def test_fourteen_dates_each_with_its_state_in_a_word() -> None:
    page = Page(render(bad_morning()))
    dates = re.findall(r"\b(2026-\d\d-\d\d) (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", page.text)
    assert len(dates) == 14
    assert dates == sorted(dates, reverse=True)
    states = re.findall(r"2026-\d\d-\d\d (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([a-z]+)", page.text)
    published, late, failed, gap = State.PUBLISHED, State.LATE, State.FAILED, State.GAP
    assert states == [late, failed, published, failed, published, late, gap, *[published] * 3, late, *[published] * 3]


def test_the_page_says_what_a_reader_came_for() -> None:
    text = Page(render(bad_morning(), "https://airflow.example")).text
    for expected in (
        "Readers see the figures of 2026-03-10 , published at 07:14 JST",
        "2 days old; those of 2026-03-12 were due 1 h 10 min ago.",
        "2 open incidents",
        "Runbook: dump-missing",
        "quicksight-rows 2026-03-11 contracts 2026-03-11 07:55 JST data set contracts holds 90 rows",
        "Runbook: quicksight-rows",
        "22 min late",
        "the file ends inside the rows of payments",
        "Test occupancy_rate_in_range of gold.occupancy_daily_metrics failed: 1 row",
        "Taken from the wrong database; quarantined declared by an operator",
        "11,324 rooms ( 期末稼働室数 ), 70.30 % ( 稼働率 ) on 2026-03-10",
        "A dead feed since 2023.",
        "In the property-management system, as of 2026-03-10 , against 2026-03-09 . The curve has the last 14 lists.",
        "国籍なし - No nationality 1,408 +724 724 / 0 / 0",
        "flash failed 2026-03-01 07:18 2026-03-10 07:16: template updated.xlsx holds a chart; remove it",
        "tenants unfinished never 2026-03-10 08:01: no result is recorded",
        "critical Rent roll of 202602 against the rooms of 2026-02-28 : 0 of 0 rooms differ without an explanation.",
    ):
        assert expected in text, expected


def test_each_report_leads_to_its_dag() -> None:
    links = {link["href"] for link in Page(render(good_morning(), "https://airflow.example")).all("a")}
    assert {f"https://airflow.example/dags/{DAGS}{name}" for name in FORMS} <= links


def test_a_kind_of_correction_has_its_counts_and_a_curve() -> None:
    page = Page(render(good_morning()))
    assert "契約とのつながりの誤り - Dangling contract 24 +6 6 / 0 / 0" in page.text
    assert "806 of 11,204 rooms differ without an explanation (7.2 %)." in page.text
    curves = [line["points"] for line in page.all("polyline") if "," in (line["points"] or "")]
    assert len([curve for curve in curves if curve and len(curve.split()) == 14]) == 9


def test_each_source_of_guesses_has_its_measurement_and_whether_it_is_used() -> None:
    text = Page(render(good_morning())).text
    assert "法人 - Companies, never guessed not measured – – – – 38 0 today" in text
    classifier = "used since 2026-02-22 2026-03-08 6,857 4,937 4,823 97.7 % 1,374 9 today"
    assert f"氏名の分類 - Classifier of names {classifier}" in text
    assert "The language model was asked 11 names in 1 call today." in text
    text = Page(render(bad_morning())).text
    assert "言語モデル - Language model not used since 2026-03-08 2026-03-08 200 171 149 87.1 % 402 0 today" in text
    assert "The language model was asked" not in text


def test_without_guesses_there_is_no_part_about_them() -> None:
    assert "Guessed nationalities" not in render(replace(good_morning(), guesses=Part(None)))


def test_the_page_does_not_grow_heavy() -> None:
    assert len(render(bad_morning(), "https://airflow.example").encode()) < 60_000


def test_what_cannot_be_read_leaves_a_sentence() -> None:
    text = Page(render(empty())).text
    for part in (
        "Loads",
        "Test results",
        "QuickSight ingestions",
        "The age of the data",
        "Gaps",
        "Occupancy",
        "Reports",
        "Guessed nationalities",
    ):
        assert f"{part} cannot be shown: the database cannot be reached" in text
    assert "Open incidents cannot be shown: the bucket is not there." in text


def test_tables_and_pictures_are_named_for_those_who_hear_the_page() -> None:
    page = Page(render(bad_morning(), "https://airflow.example"))
    assert len(page.all("table")) == len(page.all("caption")) == 6
    assert all(attributes.get("scope") for attributes in page.all("th"))
    assert len(page.all("h1")) == 1
    drawings = [attributes for attributes in page.all("svg") if attributes.get("role") == "img"]
    titles = {attributes["id"] for attributes in page.all("title") if "id" in attributes}
    assert {attributes["aria-labelledby"] for attributes in drawings} == titles


def test_the_page_fits_a_telephone_and_knows_the_dark() -> None:
    html = render(good_morning())
    assert "width=device-width, initial-scale=1" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 720px)" in html
