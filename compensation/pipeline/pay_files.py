"""A calculation → lines.csv, statements.csv, quotas.csv and summary.json."""

import csv
import datetime as dt
import io
import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from catalog.engine.months import months_from
from compensation.engine.calculation import Calculation
from compensation.engine.counting import Work
from compensation.engine.exact import PARTS, from_ticks
from compensation.engine.lines import Kind
from compensation.engine.plan import ZERO, Form
from compensation.engine.statements import Statement, rounded_lines, statements
from compensation.pipeline.book_files import Loaded

LINE_COLUMNS = ("person", "period", "component", "deal", "kind", "tier", "amount", "rate", "pay")


@dataclass(frozen=True)
class Written:
    """The files' texts by name, the statements they were made from, and how many lines there are."""

    files: dict[str, str]
    statements: list[Statement]
    lines: int


def pay_files(calculation: Calculation, loaded: Loaded, only: Collection[dt.date] | None = None) -> Written:
    """The texts of all files; of some months (their first days) only, with `only`."""
    months = months_from(loaded.first, loaded.book.months)
    chosen = {place for place, day in enumerate(months) if only is None or day in only}
    sheets = [one for one in statements(calculation, loaded.through) if one.month in chosen]
    files = {
        "lines.csv": _csv(LINE_COLUMNS, _line_rows(calculation, loaded, chosen)),
        "statements.csv": _csv(*_statement_rows(calculation, loaded, sheets)),
        "quotas.csv": _csv(
            QUOTA_COLUMNS,
            _quota_rows(calculation, loaded, chosen),
        ),
        "summary.json": json.dumps(
            _summary(calculation, loaded, sheets, chosen), indent=2, ensure_ascii=False
        )
        + "\n",
    }
    return Written(files, sheets, _count(calculation, chosen))


def _count(calculation: Calculation, chosen: set[int]) -> int:
    return sum(month in chosen for month in calculation.lines.month.tolist())


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write the texts by file name; the folder is made when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _csv(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def _month(loaded: Loaded, month: int) -> str:
    return f"{months_from(loaded.first, loaded.book.months)[month]:%Y-%m}"


def _line_rows(calculation: Calculation, loaded: Loaded, chosen: set[int]) -> list[tuple[object, ...]]:
    lines, plan, credits = calculation.lines, calculation.plan, loaded.book.credits
    units, unit = rounded_lines(calculation)
    return [
        (
            loaded.book.people.ids[lines.person[n]],
            _month(loaded, int(lines.month[n])),
            plan.components[lines.component[n]].code,
            credits.deals[credits.deal[lines.credit[n]]] if lines.credit[n] >= 0 else "",
            Kind(int(lines.kind[n])).name.lower().replace("_", " "),
            _tier_name(calculation, n),
            plain(from_ticks(int(lines.amount[n]))),
            plain(Decimal(int(lines.rate[n])) / PARTS),
            money(Decimal(int(units[n])) / unit, plan.places),
        )
        for n in range(len(lines))
        if int(lines.month[n]) in chosen
    ]


def _tier_name(calculation: Calculation, line: int) -> str:
    tier = int(calculation.lines.tier[line])
    component = calculation.plan.components[int(calculation.lines.component[line])]
    if tier < 0:
        return ""
    return component.objectives[tier].code if component.form is Form.SCORECARD else str(tier + 1)


def _statement_rows(
    calculation: Calculation, loaded: Loaded, sheets: list[Statement]
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    places, codes = calculation.plan.places, [component.code for component in calculation.plan.components]
    draws = calculation.plan.draw is not None
    head = ("person", "period", *codes, "earned", *(DRAW if draws else ()), "pay")
    rows: list[tuple[object, ...]] = []
    for sheet in sheets:
        parts = [sheet.components.get(code, ZERO) for code in codes]
        step = sheet.draw
        drawn = [step.advanced, step.kept_back, step.forgiven, step.balance] if step else []
        numbers = [money(number, places) for number in (*parts, sheet.earned, *drawn, sheet.pay)]
        rows.append((loaded.book.people.ids[sheet.person], _month(loaded, sheet.month), *numbers))
    return head, rows


QUOTA_COLUMNS = (
    *("person", "component", "period", "quota", "so_far", "quota_to_date", "attained_percent"),
    "divided_by",
)
DRAW = ("advanced", "kept_back", "forgiven", "balance_owed")


def _quota_rows(calculation: Calculation, loaded: Loaded, chosen: set[int]) -> list[tuple[object, ...]]:
    """What was measured against which quota, for every component that has one; of every ratio, what was
    divided by what."""
    rows: list[tuple[object, ...]] = []
    for work in calculation.works:
        quota = work.book.quota(work.component)
        there = work.divided_by if work.component.measure.per else quota
        places = [(int(p), int(m)) for p, m in zip(*there.nonzero(), strict=True) if int(m) in chosen]
        for person, month in places:
            name, code = loaded.book.people.ids[person], work.component.code
            numbers = _measured(work, int(quota[person, month]), person, month)
            rows.append((name, code, _month(loaded, month), *numbers))
    return rows


def _measured(work: Work, quota: int, person: int, month: int) -> tuple[str, ...]:
    """quota, so_far, quota_to_date, attained_percent, divided_by."""
    so_far, whole = (plain(from_ticks(int(one[person, month]))) for one in (work.so_far, work.divided_by))
    reached = f"{float(100 * work.reached(person, month)):.2f}"
    if work.component.measure.per:
        return "", so_far, "", reached, whole
    return plain(from_ticks(quota)), so_far, whole, reached, ""


def _summary(
    calculation: Calculation, loaded: Loaded, sheets: list[Statement], chosen: set[int]
) -> dict[str, object]:
    plan, places = calculation.plan, calculation.plan.places
    due = [month for month in chosen if month < loaded.through] or [0]
    by_component = {
        component.code: money(sum((s.components.get(component.code, ZERO) for s in sheets), ZERO), places)
        for component in plan.components
    }
    return {
        "plan": plan.name,
        "version": plan.version,
        "currency": plan.currency,
        "notes": list(loaded.notes),
        "first_period": _month(loaded, min(due)),
        "last_period": _month(loaded, max(due)),
        "people": len(loaded.book.people.ids),
        "credits": len(loaded.book.credits.person),
        "lines": _count(calculation, chosen),
        "earned": money(sum((sheet.earned for sheet in sheets), ZERO), places),
        "pay": money(sum((sheet.pay for sheet in sheets), ZERO), places),
        "components": by_component,
    }


def money(number: Decimal, places: int) -> str:
    """A number with so many places, as the files write it."""
    return f"{number:.{places}f}"


def plain(number: Decimal) -> str:
    """Without zeros at the end."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
