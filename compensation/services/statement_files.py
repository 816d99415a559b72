"""A statement as a PDF, set by typst with its own fonts: the same on every machine."""

import json
from pathlib import Path
from typing import Any

import typst
from django.db.models import prefetch_related_objects

from compensation.engine.exact import from_ticks
from compensation.models import Credit, HeldPay, LineKind, PayLine, RunState, Statement
from compensation.selectors.line_shares import Shares, shares_of_line
from compensation.selectors.statement_words import (
    draw_steps,
    draw_words,
    line_name,
    rate_text,
    ratio_of,
    rung_text,
    said,
    statement_title,
    steps_of,
    unit_of,
)
from compensation.selectors.statements import (
    PartOf,
    adjustments_of,
    deltas_of,
    held_of,
    largest_lines,
    parts_of,
)
from core import company
from core.formats import show

TEMPLATE = Path(__file__).resolve().parent.parent / "papers" / "statement.typ"
MOST_LINES = 200
MOST_DEALS = 5


def pdf_of(statement: Statement) -> bytes:
    """The paper of a statement that the caller may see."""
    data = json.dumps(content_of(statement), ensure_ascii=False)
    return typst.compile(TEMPLATE, sys_inputs={"data": data}, ignore_system_fonts=True)


def content_of(statement: Statement) -> dict[str, Any]:
    """What stands on the paper, as text."""
    parts, lines = parts_of(statement), largest_lines(statement, MOST_LINES)
    units = {one.part.pk: unit_of(one.part, statement.currency_id) for one in parts}
    own = statement.lines.filter(is_delta=False).count()
    return {
        "company": str(company.value("company_name")),
        "title": statement_title(statement),
        "rep": statement.rep.name,
        "month": f"{statement.run.month:%B %Y}",
        "currency": statement.currency_id,
        "state": RunState(statement.run.state).label,
        "paid": f"run {statement.run.version}",
        "plans": sorted({str(one.part.version) for one in parts}),
        "figures": _figures(statement),
        "steps": [_pair(*step) for step in (*steps_of(statement, parts), ("Payout", statement.pay))],
        "parts": [_part(statement, one, units[one.part.pk]) for one in parts],
        "deltas": [
            {
                "label": line_name(one.line),
                "month": f"{one.month:%b %Y}",
                "why": one.why,
                "text": _money(one.pay),
            }
            for one in deltas_of(statement)
        ],
        "draw": [_pair(*step) for step in draw_steps(statement)],
        "draw_words": draw_words(statement),
        "holds": [_pair(_hold_words(one), -one.amount) for one in held_of(statement)],
        "adjustments": [
            _pair(f"{one.adjustment.label}: {one.adjustment.reason}", one.amount)
            for one in adjustments_of(statement)
        ],
        "lines": _lines(statement, lines, units),
        "more_lines": max(own - len(lines), 0),
    }


def _money(value: Any) -> str:
    return show(value, "money")[0]


def _pair(label: str, money: Any) -> dict[str, str]:
    return {"label": label, "text": _money(money)}


def _hold_words(row: HeldPay) -> str:
    return f"{row.deal or 'All pay'}: {row.hold.reason if row.amount > 0 else row.hold.release_reason}"


def _figures(row: Statement) -> list[dict[str, str]]:
    unit = row.currency_id
    wanted = [("Payout", row.pay), ("Earned in the month", row.earned)]
    wanted += [("From closed months", row.deltas)] if row.deltas else []
    wanted += [("Still owed of draws", row.owed)] if row.owed else []
    return [{"label": label, "text": f"{_money(value)} {unit}"} for label, value in wanted]


def _part(statement: Statement, one: PartOf, unit: str) -> dict[str, Any]:
    part, currency = one.part, statement.currency_id
    about = [f"So far {_money(part.so_far)} {unit}"]
    about += [f"of a quota to date of {_money(part.quota_to_date)}"] if part.quota_to_date else []
    ratio = ratio_of(part.derivation)
    attained = f"attainment {show(part.attainment, 'percent')[0]}" if part.attainment is not None else ""
    about += [one for one in (f"ratio {ratio}" if ratio else attained,) if one]
    rungs = [
        {
            "label": rung_text(rung),
            "amount": _money(rung.amount) if rung.amount else "",
            "rate": rate_text(rung.rate, unit, currency),
            "pay": _money(rung.pay),
        }
        for rung in (*one.tiers, *one.changes)
    ]
    total = {"label": "Earned", "amount": "", "rate": "", "pay": _money(part.earned)}
    steps = [said(step) for step in (*part.derivation, *part.factors)]
    return {
        "name": part.name,
        "about": ", ".join(about),
        "unit": unit,
        "rungs": [*rungs, total],
        "steps": steps,
    }


def _lines(statement: Statement, lines: list[PayLine], units: dict[int, str]) -> list[dict[str, str]]:
    """Each line; below one about a whole period the largest shares of the own deals."""
    prefetch_related_objects(lines, "counted")
    shares = {line.pk: shares_of_line(line) for line in lines}
    keys = {key for one in shares.values() for key in one}
    own = dict(Credit.objects.filter(pk__in=keys, rep=statement.rep_id).values_list("pk", "label"))
    found = []
    for line in lines:
        found.append(_line(line, units[line.part_id], statement.currency_id))
        found += _by_deal(shares[line.pk], own)
    return found


def _by_deal(shares: Shares, own: dict[int, str]) -> list[dict[str, str]]:
    """The largest shares, and what is left for all other credits; in brackets, since the line has them."""
    shown = sorted((key for key in shares if key in own), key=lambda key: (-abs(shares[key]), key))[
        :MOST_DEALS
    ]
    rows = [(own[key], shares[key]) for key in shown]
    more = len(shares) - len(shown)
    if more:
        rows.append((f"{more} more credits", sum(shares.values()) - sum(shares[key] for key in shown)))
    blank = {"part": "", "what": "Share by amount", "amount": "", "rate": ""}
    return [{**blank, "label": f"– {name}", "pay": f"({_money(from_ticks(share))})"} for name, share in rows]


def _line(line: PayLine, unit: str, currency: str) -> dict[str, str]:
    what = LineKind(line.kind).label
    return {
        "label": line_name(line),
        "part": line.part.name,
        "what": f"{what}, tier {line.tier}" if line.tier else str(what),
        "amount": _money(line.amount) if line.amount else "",
        "rate": rate_text(line.rate, unit, currency),
        "pay": _money(line.pay),
    }
