"""The report: which files are compared, what people are told, and where the files lie."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from include.alerts.messages import Message
from include.forms import Refused
from include.reports.forms import FORMS
from include.reports.rent_roll.compare import Rules, compare
from include.reports.rent_roll.files import Comparison, files, percent
from include.reports.rent_roll.reader import SHIPPED, Columns, read
from include.reports.rent_roll.runs import Source, compared, save
from include.reports.rent_roll.stock import Stock, date_to_compare, read_stock
from include.reports.rent_roll.verdict import Verdict
from include.reports.rent_roll.words import VERDICTS
from include.reports.report import Finding, Made, ReportContext, Request
from include.reports.store import CSV, XLSX, Item, Store
from include.warehouse.schema import REPORTS, table_names

PREFIX = "rent-roll/"
COLUMNS = f"{PREFIX}columns.json"
MODELS, MODEL = "rent_roll", "rent_roll_verdicts"
# A month of 17,000 rooms has 5 MB.
FILE_LIMIT_MB = 256
SHOWN_ASSETS = 5


@dataclass(frozen=True)
class _Done:
    """What is told of one comparison; its rooms are not kept, for there may be many files."""

    period: int
    verdict: Verdict
    line: str
    japanese: str
    english: str
    finding: Finding
    addresses: tuple[str, ...]


class RentRoll:
    """Compares rent rolls with the property-management system, room by room."""

    form = FORMS["rent_roll"]

    def make(self, context: ReportContext, request: Request) -> Made:
        """Compare a file, or each one that was not compared yet; a refused one does not keep others from it.

        Raises:
            Refused: files that cannot be compared, each with its reason; the others are done.
            include.dbt.runner.DbtFailed: the table of the verdicts could not be built.
        """
        items = _items(context, request["key"])
        done: list[_Done] = []
        refused: list[str] = []
        for item in items:
            try:
                done.append(_compared(context, request, item))
            except Refused as error:
                refused.append(f"{item.key}: {error}")
        # once also without a file, so that readers have the table from the first day on
        if done or not (refused or _is_built(context)):
            context.build(MODELS, context.target or context.today)
        if not items:
            return Made((f"No file below {PREFIX}<YYYYMM>/ waits to be compared",))
        if refused:
            raise Refused("; ".join([*refused, *(f"compared all the same: {each.line}" for each in done)]))
        return Made(
            tuple(each.line for each in done),
            tuple(address for each in done for address in each.addresses),
            _mail(context.settings.environment, done),
            tuple(each.finding for each in done if each.verdict is not Verdict.FINE),
        )


def _items(context: ReportContext, key: str | None) -> list[Item]:
    if key:
        if not key.startswith(PREFIX):
            raise Refused(f"{key} is not below {PREFIX}; upload the file there, below its month")
        found = [item for item in context.store.keys(key) if item.key == key]
        if not found:
            raise Refused(f"{key} is not there; upload it, or correct the key")
        return found
    with contextlib.closing(context.loader.connect()) as connection:
        known = compared(connection)
    return [
        item
        for item in context.store.keys(PREFIX)
        if _period_in(item.key) and not item.key.endswith("/") and (item.key, item.etag) not in known
    ]


def _is_built(context: ReportContext) -> bool:
    with contextlib.closing(context.dbt.connect()) as connection:
        return MODEL in table_names(connection, REPORTS)


def _period_in(key: str) -> int | None:
    found = re.match(rf"{PREFIX}(20\d\d(?:0[1-9]|1[0-2]))/.+", key, re.ASCII)
    return int(found[1]) if found else None


def _columns(store: Store) -> Columns:
    if any(item.key == COLUMNS for item in store.keys(COLUMNS)):
        return Columns(store.get(COLUMNS), COLUMNS)
    return Columns(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)


def _period(request: Request, key: str) -> int:
    period = request["period"] or _period_in(key)
    if not period:
        raise Refused(f"the key names no month; upload the file below {PREFIX}<YYYYMM>/, or give the period")
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", str(period)):
        raise Refused(f"period {period} is no month; write it as YYYYMM, for example 202602")
    return int(period)


def _compared(context: ReportContext, request: Request, item: Item) -> _Done:
    period = _period(request, item.key)
    if item.size > FILE_LIMIT_MB * 1024 * 1024:
        raise Refused(f"the file is larger than {FILE_LIMIT_MB} MB; export one month")
    body = context.store.get(item.key)
    roll = read(body, _columns(context.store), period)
    source = Source(item.key, item.etag, hashlib.sha256(body).hexdigest())
    del body
    stock = _stock(context, request, period)
    rules = Rules(request["rent_tolerance"] or 0, request["days"])
    made = Comparison(item.key, roll, stock, rules, compare(roll, stock, rules))
    folder = f"reports/rent-roll/{period}/{stock.as_of}/"
    addresses = tuple(
        context.store.put(folder + name, content, XLSX if name.endswith(".xlsx") else CSV)
        for name, content in files(made).items()
    )
    with contextlib.closing(context.loader.connect()) as connection:
        save(connection, source, made, context.requested_by, context.now)
    return _Done(
        period, made.portfolio.verdict, _line(made), _japanese(made), _english(made), _finding(made), addresses
    )


def _stock(context: ReportContext, request: Request, period: int) -> Stock:
    with contextlib.closing(context.dbt.connect()) as connection:
        return read_stock(connection, date_to_compare(connection, period, request["as_of"]))


def _line(made: Comparison) -> str:
    found = made.portfolio
    return (
        f"{made.key} ({made.roll.period}) as of {made.stock.as_of}: {found.verdict}, {found.unexplained:,} of "
        f"{found.active:,} rooms unexplained ({percent(found.share)}), {found.matched:,} matched, raw variance "
        f"{percent(found.raw_variance)}"
    )


def _finding(made: Comparison) -> Finding:
    found = made.portfolio
    return Finding(
        str(made.roll.period),
        f"The rent roll of {made.roll.period} differs from the system in {found.unexplained:,} of {found.active:,} "
        f"rooms without an explanation ({percent(found.share)}, {found.verdict}); look through the sheet Differences "
        "of its report, and have the records or the rent roll corrected",
    )


def _mail(environment: str, done: Sequence[_Done]) -> Message:
    worst = max((each.verdict for each in done), key=list(Verdict).index)
    months = ", ".join(sorted({str(each.period) for each in done}))
    texts = [*(each.japanese for each in done), *(each.english for each in done)]
    addresses = [address for each in done for address in each.addresses]
    return Message(
        f"[{environment}] rent roll {months}: {worst}", "\n".join([*texts, "■ ファイル / Files", *addresses])
    )


def _japanese(made: Comparison) -> str:
    found = made.portfolio
    return "\n".join(
        [
            f"■ レントロール {made.roll.period} と {made.stock.as_of} の PMS の照合結果: {VERDICTS[found.verdict][0]}",
            "",
            f"説明できない室: {found.unexplained:,} / {found.active:,} ({percent(found.share)})",
            f"一致: {found.matched:,} 室、PMS 入居: {found.pms:,} 室、単純差: {percent(found.raw_variance)}",
            "説明できない室が多い物件:",
            *_assets(made, "なし"),
            f"照合したファイル: {made.key}",
            "",
        ]
    )


def _english(made: Comparison) -> str:
    found = made.portfolio
    return "\n".join(
        [
            f"■ Rent roll {made.roll.period} compared with the system as of {made.stock.as_of}. "
            f"Verdict: {found.verdict}",
            "",
            f"Unexplained rooms: {found.unexplained:,} of {found.active:,} ({percent(found.share)})",
            f"Matched: {found.matched:,}, occupied in the system: {found.pms:,}, "
            f"raw variance: {percent(found.raw_variance)}",
            "Buildings with most unexplained rooms:",
            *_assets(made, "none"),
            f"File compared: {made.key}",
            "",
        ]
    )


def _assets(made: Comparison, none: str) -> list[str]:
    worst = [(asset, found) for asset, found in made.assets.items() if found.unexplained][:SHOWN_ASSETS]
    lines = [f"- {asset}: {found.unexplained:,} / {found.active:,} ({percent(found.share)})" for asset, found in worst]
    return lines or [f"- {none}"]
