"""A sheet as one SVG, drawn without a browser: for README.md and for CI."""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape

import vl_convert

from infra.local.dashboards.cells import Card, Grid
from infra.local.dashboards.charts import chart
from infra.local.dashboards.page import Entry, sparkline
from infra.local.dashboards.style import INK, MUTED, PALETTE, PICTURE_FONTS
from infra.local.dashboards.tiles import Page, Tile

WIDTH = 1460
MARGIN = 20
GAP = 10
ROW = 26
HEAD = 64
PAD = 14
LINE = 22


def sheet(entry: Entry, page: Page) -> str:
    """Return a sheet of a dashboard as SVG."""
    down = max((tile.place.row + tile.place.height for tile in page.tiles), default=0)
    height = HEAD + down * (ROW + GAP) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{PICTURE_FONTS}" role="img" aria-label="{escape(entry.japanese)} {escape(entry.english)}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#F4F6F9"/>',
        f'<rect width="{WIDTH}" height="{HEAD - 14}" fill="#12263F"/>',
        _text(MARGIN, 32, f"{entry.japanese} {entry.english}", 19, "#FFFFFF", bold=True),
        _text(WIDTH - MARGIN, 32, f"基準日 As of {entry.as_of or '–'}", 13, "#FFFFFF", end=True),
    ]
    parts += [_tile(tile, number) for number, tile in enumerate(page.tiles)]
    return "\n".join([*parts, "</svg>", ""])


def _tile(tile: Tile, number: int) -> str:
    unit = (WIDTH - 2 * MARGIN + GAP) / 36
    place = tile.place
    x, y = MARGIN + place.column * unit, HEAD + place.row * (ROW + GAP)
    width, height = place.width * unit - GAP, place.height * (ROW + GAP) - GAP
    japanese, english = tile.titles
    stroke = "#D55E00" if tile.missing else "#DFE5EC"
    parts = [
        f'<svg x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">',
        f'<rect x="0.5" y="0.5" width="{width - 1:.1f}" height="{height - 1:.1f}" rx="8" '
        f'fill="#FFFFFF" stroke="{stroke}"/>',
        _text(PAD, 24, _cut(japanese, width - 2 * PAD, 14), 14, INK, bold=True),
    ]
    top = 24.0
    used = _wide(japanese, 14) + 8
    if english and used + _wide(english, 12) < width - 2 * PAD:
        parts.append(_text(PAD + used, 24, english, 12, MUTED))
    elif english:
        top += 17
        parts.append(_text(PAD, top, _cut(english, width - 2 * PAD, 12), 12, MUTED))
    if tile.subtitle:
        top += 17
        parts.append(_text(PAD, top, _cut(" ".join(tile.subtitle.split()), width - 2 * PAD, 12), 12, MUTED))
    parts.append(_content(tile, top, width, height, number))
    return "\n".join([*parts, "</svg>"])


def _content(tile: Tile, top: float, width: float, height: float, number: int) -> str:
    if tile.card:
        return _card(tile.card, top, width)
    if tile.missing:
        return _text(PAD, top + 30, f"プレビュー対象外 Not in the preview: {tile.missing}", 12, "#A34700")
    if tile.text is not None:
        lines = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br>", "\n", tile.text))).split("\n")
        return "\n".join(
            _text(PAD, top + LINE * n, _cut(one, width - 2 * PAD, 13), 13, INK) for n, one in enumerate(lines)
        )
    if tile.empty or not tile.answer:
        return _text(width / 2 - 50, (top + height) / 2, "データなし No data", 13, MUTED)
    if tile.grid:
        return _grid(tile.grid, top + 8, width, height)
    spec = chart(tile.answer, round(width - 2 * PAD), round(height - top - 24))
    spec["config"] = spec["config"] | {"font": PICTURE_FONTS}
    return nested(vl_convert.vegalite_to_svg(spec), PAD, top + 12, f"t{number}")


def nested(svg: str, x: float, y: float, prefix: str) -> str:
    """Return an SVG to be put into another, at a place and with ids of its own."""
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    return svg.replace("<svg ", f'<svg x="{x:.1f}" y="{y:.1f}" ', 1)


def _card(card: Card, top: float, width: float) -> str:
    parts = [_text(PAD, top + 32, card.value, 26, card.color or INK, bold=True)]
    if card.difference:
        parts.append(_text(PAD, top + 54, card.difference, 13, card.difference_color or INK, bold=True))
    if card.trend:
        path = sparkline(card.trend, 120, 26)
        place = f"translate({width - PAD - 120:.1f},{top + 36:.1f})"
        parts.append(f'<path transform="{place}" d="{path}" fill="none" stroke="{PALETTE[0]}" stroke-width="1.6"/>')
    return "\n".join(parts)


def _grid(grid: Grid, top: float, width: float, height: float) -> str:
    room = width - 2 * PAD
    texts = [list(grid.heads), *([cell.text for cell in line.cells] for line in grid.lines)]
    fits = max(int((height - top - 8) // LINE), 1)
    wanted = [max(_wide(row[n], 12) for row in texts[:fits]) + 16 for n in range(len(grid.heads))]
    scale = min(1.0, room / sum(wanted))
    wide = [one * scale for one in wanted]
    if scale == 1.0:
        wide = [one + (room - sum(wanted)) / len(wanted) for one in wanted]
    parts = []
    for row, cells in enumerate(texts[:fits]):
        y, x = top + row * LINE, float(PAD)
        for n, text in enumerate(cells):
            cell = grid.lines[row - 1].cells[n] if row else None
            if cell and cell.background:
                parts.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide[n]:.1f}" height="{LINE}" fill="{cell.background}"/>'
                )
            ink = MUTED if not cell else cell.ink or INK
            at = x + wide[n] - 6 if grid.numbers[n] else x + 6
            parts.append(_text(at, y + 15, _cut(text, wide[n] - 8, 12), 12, ink, bold=not row, end=grid.numbers[n]))
            x += wide[n]
        parts.append(f'<path d="M{PAD},{y + LINE:.1f}h{room:.1f}" stroke="#EEF1F5"/>')
    return "\n".join(parts)


def _text(x: float, y: float, text: str, size: float, color: str, bold: bool = False, end: bool = False) -> str:
    more = ' font-weight="700"' if bold else ""
    more += ' text-anchor="end"' if end else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}"{more}>{escape(text, quote=False)}</text>'


def _wide(text: str, size: float) -> float:
    """Return about how wide a text is: Japanese letters are square, others a little over half as wide."""
    return sum(size if unicodedata.east_asian_width(letter) in "WFA" else size * 0.57 for letter in text)


def _cut(text: str, width: float, size: float) -> str:
    if _wide(text, size) <= width:
        return text
    while text and _wide(text, size) > width - size:
        text = text[:-1]
    return f"{text}…"
