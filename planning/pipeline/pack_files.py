"""The three files of a pack: CSV of the plan, XLSX with everything, PDF to read."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typst
import xlsxwriter
from django.db import connection

from catalog.selectors import base_currency
from core.listing import guarded
from planning.pipeline.pack_content import PackOf, summary_of
from planning.pipeline.plan_rows import COLUMNS, PlanRow, plan_rows
from planning.selectors.monitoring import accuracy_by_lag

TEMPLATE = Path(__file__).resolve().parent.parent / "packs" / "pack.typ"
SUPPLY = """
    SELECT p.code, s.code, v.month, v.demand, v.make, v.buy, v.stock, v.target, v.backlog, v.lost
    FROM planning_supplyvalue v
    JOIN catalog_product p ON p.id = v.product_id
    JOIN catalog_site s ON s.id = v.site_id
    WHERE v.run_id = %s ORDER BY p.code, s.code, v.month
"""


def csv_of(pack: PackOf) -> bytes:
    """The plan's values exactly as they are signed: their hash can be taken from this file again."""
    return csv_of_rows(plan_rows(pack.run))


def csv_of_rows(rows: Iterable[PlanRow]) -> bytes:
    """Rows with the canonical numbers and codes, one line each (COLUMNS)."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.plain() for row in rows)
    return target.getvalue().encode()


def pdf_of(pack: PackOf) -> bytes:
    """The paper, set by typst with its own fonts: the same on every machine."""
    data = json.dumps(summary_of(pack), ensure_ascii=False)
    return typst.compile(TEMPLATE, sys_inputs={"data": data}, ignore_system_fonts=True)


def xlsx_of(pack: PackOf) -> bytes:
    """One sheet each for plan, supply, decisions, assumptions and accuracy; units in the headers."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    book = xlsxwriter.Workbook(target, options)
    money = base_currency()
    _sheet(book, "Plan", _plan_head(money), _plan_lines(pack))
    _sheet(book, "Supply", _supply_head(), _supply_lines(pack))
    _sheet(book, "Decisions", ["Question", f"Money ({money})", "Decided", "Why", "By"], _decisions(pack))
    _sheet(book, "Assumptions", ["Assumption", "Owner", "Outcome"], _assumptions(pack))
    _sheet(book, "Accuracy", _accuracy_head(), _accuracy())
    book.close()
    return target.getvalue()


FILES: dict[str, Callable[[PackOf], bytes]] = {"csv": csv_of, "xlsx": xlsx_of, "pdf": pdf_of}


def _sheet(book: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, len(head) - 1, 14)
    sheet.freeze_panes(1, 2 if name in {"Plan", "Supply"} else 1)
    sheet.write_row(0, 0, head, bold)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value)


def _write(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None or value != value:
        return
    if hasattr(value, "isoformat"):
        sheet.write_datetime(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, str(guarded(value)))


def _plan_head(money: str) -> list[str]:
    units = [f"{name} (units)" for name in ("Baseline", "Consensus", "Supplied")]
    amounts = [f"{name} ({money})" for name in ("Price", "Cost", "Revenue", "Margin")]
    return ["Product", "Market", "Month", *units, *amounts]


def _plan_lines(pack: PackOf) -> Iterable[list[Any]]:
    for row in plan_rows(pack.run):
        revenue, cost = row.supplied * row.price, row.supplied * row.cost
        units = [row.baseline, row.consensus, row.supplied]
        yield [row.product, row.market, row.month, *units, row.price, row.cost, revenue, revenue - cost]


def _supply_head() -> list[str]:
    numbers = ("Demand", "Make", "Buy", "Stock at month end", "Target stock", "Backlog", "Lost")
    return ["Product", "Site", "Month", *(f"{name} (units)" for name in numbers)]


def _supply_lines(pack: PackOf) -> Iterable[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(SUPPLY, [pack.run.pk])
        yield from cursor.fetchall()


def _decisions(pack: PackOf) -> Iterable[list[Any]]:
    for row in pack.cycle.decisions.select_related("decided_by"):
        yield [row.title, float(row.money), row.decided, row.reason, row.decided_by and row.decided_by.name]


def _assumptions(pack: PackOf) -> Iterable[list[Any]]:
    for row in pack.cycle.assumptions.select_related("owner"):
        yield [row.text, row.owner.name, row.get_outcome_display()]


def _accuracy_head() -> list[str]:
    return ["Lag (months)", "Months", "WAPE of the plan", "Bias of the plan", "WAPE of the baseline"]


def _accuracy() -> Iterable[list[Any]]:
    for row in accuracy_by_lag(None):
        yield [row.lag, row.months, row.wape, row.bias, row.baseline_wape]
