"""The files: complete, light, without network, and drawn in a browser of another time zone."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vl_convert

from infra.dashboards.tables import read_tables
from infra.local.dashboards import build
from infra.local.dashboards.answers import Answer, Source, plan
from infra.local.dashboards.definition import read, walk
from infra.local.dashboards.maps import outlines
from infra.local.dashboards.tiles import rich_text, show
from tests.infra.local.dashboards.conftest import TODAY, dimension, measure, visual, where
from tests.infra.local.dashboards.conftest import definition as defined
from tests.infra.local.dashboards.test_charts import BLANK, bar, building_map, line

CHROMIUM = shutil.which("chromium")
MEGABYTE = 1 << 20
ALL = {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}}
CHOOSE = """<script>setTimeout(() => {
  const control = document.querySelector("[data-control]");
  for (const box of control.querySelectorAll("input")) box.checked = box.value === "北区";
  control.dispatchEvent(new Event("change"));
}, 4000);</script></body>"""


@pytest.fixture(scope="module")
def folder(database, tmp_path_factory) -> Path:
    """One dashboard of all kinds, written with a real script."""
    from include.warehouse.endpoint import Endpoint

    source = tmp_path_factory.mktemp("definitions")
    made = defined(
        visual("KPIVisual", {"Values": [measure("cards", "rooms", "MAX")]}, name="kpi"),
        line(dimension("rooms", "day", "DAY"), [measure("rooms", "occupied", "MAX")], name="line", **BLANK),
        bar(dimension("contracts", "nation"), [measure("contracts", "id", "COUNT")], name="bar"),
        building_map(name="map"),
        visual(
            "HistogramVisual",
            {"Values": [measure("rooms", "movein", "SUM")]},
            "HistogramAggregatedFieldWells",
            "histogram",
        ),
        FilterGroups=[where("CategoryFilter", "contracts", "city", Configuration=ALL)],
        FilterControls=[{"Dropdown": {"FilterControlId": "c", "SourceFilterId": "city-filter", "Title": "市"}}],
    )
    (source / "small.json").write_text(json.dumps(made), encoding="utf-8")
    (source / "small.yml").write_text("id: small\ntitle: {ja: 小さい, en: Small}\nsheets: []\n", encoding="utf-8")
    folder = tmp_path_factory.mktemp("dashboards")
    script = vl_convert.javascript_bundle(build.SNIPPET)
    files, left_out = build.build(Endpoint("127.0.0.1", database.port, "bi", "b"), folder, TODAY, script, source)
    assert [file.name for file in files] == ["index.html", "small.html", "small.svg"]
    assert left_out == ["small/s/histogram: HistogramVisual is not drawn"]
    return folder


def test_a_page_is_light_and_needs_no_network(folder):
    page = (folder / "small.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 2.5 * MEGABYTE
    assert not re.search(r"""(?:src|href)\s*=\s*["']https?:""", page)
    assert not re.search(r"url\(['\"]?https?:|@import|<link", page)
    assert "プレビュー対象外 Not in the preview" in page
    assert "基準日 As of <b>2026-03-02</b>" in page


def test_the_picture_is_one_svg_whose_parts_keep_their_ids_apart(folder):
    text = (folder / "small.svg").read_text(encoding="utf-8")
    ids = [node.get("id") for node in ElementTree.fromstring(text).iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert "小さい Small" in text
    assert "Noto Sans CJK JP" in text
    assert vl_convert.svg_to_png(text).startswith(b"\x89PNG")


def test_the_index_links_each_dashboard_with_its_date(folder):
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert re.search(r'href="small\.html".*小さい.*Small.*2026-03-02', index, re.DOTALL)


def browsed(page: Path, profile: Path) -> str:
    """Return a page as a browser in New York shows it."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    command = [CHROMIUM, *options, "--virtual-time-budget=15000", f"--user-data-dir={profile}", "--dump-dom"]
    result = subprocess.run(
        [*command, f"file://{page}"],
        env=os.environ | {"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return result.stdout


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
def test_a_control_changes_the_charts_that_it_holds_for(folder, tmp_path):
    before, _, after = (folder / "small.html").read_text(encoding="utf-8").rpartition("</body>")
    page = tmp_path / "chosen.html"
    page.write_text(before + CHOOSE + after, encoding="utf-8")
    drawn = browsed(page, tmp_path / "profile").split('id="chart-s-bar"')[1].split("<script")[0]
    bars = re.findall(r'aria-label="[^"]*id: (\d+)" role="graphics-symbol"', drawn)
    assert sum(map(int, bars)) == 16  # of 33 contracts


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
def test_a_browser_in_new_york_draws_the_dates_of_tokyo(folder, tmp_path):
    shown = browsed(folder / "small.html", tmp_path)
    assert 'data-drawn="s"' in shown
    drawn = shown.split('id="chart-s-line"')[1].split('id="chart-s-bar"')[0]
    # On the axis, the first of March stands where that day's value is: day 30 of 50 between the first and the last.
    ticks = dict(re.findall(r'transform="translate\(([\d.]+),[\d.]+\)"[^>]*>(2026-\d\d)<', drawn))
    month = {text: float(x) for x, text in ticks.items()}
    path = next(path for path in re.findall(r' d="([^"]*)"', drawn) if path.count("L") > 20)
    xs = [float(x) for x in re.findall(r"[ML](-?[\d.]+)", path)]
    # Facts begin on 2026-01-22 and the outlook ends on 2026-03-12; four days are missing.
    per_day = (xs[-1] - xs[0]) / 49
    assert month["2026-03"] == pytest.approx(xs[0] + 38 * per_day, abs=per_day / 3)


def test_the_outlines_are_closed_clockwise_and_named_with_their_source():
    for feature in outlines():
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in itertools.pairwise(ring)) > 0
    notice = json.loads((Path(build.__file__).parent / "kanto.json").read_text(encoding="utf-8"))["notice"]
    assert "japanmap 0.6.0" in notice
    assert "Apache License 2.0" in notice


def test_text_boxes_keep_simple_marks_only():
    content = "<text-box><b>稼働率</b><br/>it&#x27;s <script>alert(1)</script></text-box>"
    assert rich_text(content) == "<b>稼働率</b><br>it's &lt;script&gt;alert(1)&lt;/script&gt;"


def test_everything_of_the_committed_definitions_is_drawn():
    known = {name: Source(table.schema, set(table.columns)) for name, table in read_tables().items()}
    dashboards = dict(build.definitions())
    assert [entry.id for entry in dashboards] == list(build.FIRST)
    for dashboard in dashboards.values():
        for sheet in dashboard.sheets:
            assert {one.id for one in sheet.elements} == {*sheet.visuals, *sheet.texts}
            for place in sheet.elements:
                if one := sheet.visuals.get(place.id):
                    asked = plan(dashboard, sheet, one, known[one.data_set], TODAY)
                    unknown = {column.alias: None for column in asked.columns}
                    show(Answer(asked, [unknown]), place)  # raises Unsupported for what it cannot draw


def test_the_definition_of_all_kinds_reads_back():
    dashboard = read("x", defined(bar(dimension("contracts", "nation"), [measure("contracts", "id", "COUNT")])))
    assert dashboard.data_sets == ["contracts"]
    assert list(walk({"a": [{"b": 1}]})) == [{"a": [{"b": 1}]}, {"b": 1}]
