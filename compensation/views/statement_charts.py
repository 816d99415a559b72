"""The waterfall of a statement: from the components to the payout."""

from typing import Any

from compensation.models import Statement
from compensation.selectors.statement_words import steps_of
from compensation.selectors.statements import PartOf
from core.formats import show
from core.listing import Column, Empty
from core.pages import plain_table

NOTHING = Empty("Nothing earned", "No component paid anything in this month.")


def waterfall(statement: Statement, parts: list[PartOf]) -> dict[str, Any]:
    """The chart's context."""
    steps, unit = steps_of(statement, parts), statement.currency_id
    shown = [{"name": name, "value": float(money)} for name, money in steps]
    total = {"name": "Payout", "value": float(statement.pay), "total": True}
    rows = [*steps, ("Payout", statement.pay)]
    told = ", ".join(f"{name} {show(money, 'money')[0]}" for name, money in rows)
    columns = [
        Column("what", "Step", lambda row: row[0]),
        Column("money", "Money", lambda row: row[1], "money", unit=unit),
    ]
    return {
        "id": "payout",
        "kind": "waterfall",
        "title": f"How {show(statement.pay, 'money')[0]} {unit} came about",
        "subtitle": "What each component earned, and what was added or taken on the way to the payout",
        "text": f"{told}.",
        "data": {"unit": unit, "steps": [*shown, total]},
        "table": plain_table(rows, columns, caption="From components to payout", empty=NOTHING),
    }
