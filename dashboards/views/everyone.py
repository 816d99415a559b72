"""The home of everybody without a dashboard of their own: what waits, how the company does."""

from typing import Any

from django.utils import timezone

from core import company
from core.formats import show
from core.models import Person
from core.roles import can
from dashboards.selectors.needs import Need, board_of, needs_of
from dashboards.selectors.pay import pay_waiting
from dashboards.selectors.results import Results, coming_up, recent_imports, results_of
from dashboards.views.own_pay import pay_context, pay_needs
from gathering.selectors.sources import Board

TEMPLATE = "dashboards/home.html"


def context_of(person: Person) -> dict[str, Any]:
    """What needs me now, how are we doing, what changed."""
    results = results_of(person) if can(person, "facts.view") else None
    pay, board = pay_waiting(person), board_of(person)
    needs = [*pay_needs(person), *needs_of(person), *([pay] if pay.count else [])]
    return {
        "needs": needs,
        "figures": figures_of(results, board, needs),
        "chart": chart_of(results) if results else None,
        "imports": recent_imports(person) if can(person, "imports.view") else [],
        "coming": coming_up(person, timezone.localdate()) if can(person, "notes.view") else [],
        "today": timezone.localdate(),
        "nothing_to_show": not results and can(person, "imports.run"),
        **pay_context(person),
    }


def figures_of(results: Results | None, board: Board | None, needs: list[Need]) -> list[dict[str, Any]]:
    """At most four: revenue, against budget, data completeness, what blocks."""
    figures = _of_results(results) if results else []
    if board is not None and board.lines:
        needed = [line for line in board.lines if line.source.is_required]
        settled = sum(line.is_settled for line in needed)
        figures.append(
            {
                "label": f"Data of {board.month:%B}",
                "value": f"{settled} of {len(needed)}",
                "unit": "signed or waived",
                "tone": "bad" if board.late else "",
                "url": "/data/sources/",
                "help": "Required data sources that are signed or waived with a reason.",
            }
        )
    blocking = next((need for need in needs if need.title.startswith("Blocking")), None)
    if blocking:
        figures.append(
            {"label": "Blocking findings", "value": blocking.count, "tone": "bad", "url": blocking.url}
        )
    return figures[:4]


def _of_results(results: Results) -> list[dict[str, Any]]:
    text, exact = show(results.last, "quantity")
    change = results.change(results.before)
    figures = [
        {
            "label": f"Revenue of {results.months[-1]:%B}",
            "value": text,
            "unit": company.value("base_currency"),
            "title": exact,
            "change": _signed(change),
            "change_base": "on the same month last year" if change is not None else "",
            "url": "/data/sales/",
        }
    ]
    against = results.change(results.budget)
    if against is not None:
        figures.append(
            {
                "label": "Against budget",
                "value": _signed(against),
                "help": "Revenue of the month by its budget, less one.",
                "url": "/data/budget/",
            }
        )
    return figures


def _signed(share: Any) -> str:
    if share is None:
        return ""
    text = show(share, "percent")[0]
    return f"+{text}" if share > 0 else text


def chart_of(results: Results) -> dict[str, Any]:
    """Revenue by month as history, the budget dotted, last year grey; the table behind it."""
    names = [("Sales", "history", results.sales), ("Last year", "last", results.before)]
    if any(value is not None for value in results.budget):
        names.insert(1, ("Budget", "budget", results.budget))
    months = [f"{month:%b %y}" for month in results.months]
    return {
        "id": "results",
        "kind": "line",
        "title": _finding(results),
        "subtitle": f"Revenue by month, {company.value('base_currency')}",
        "text": f"Revenue by month from {months[0]} to {months[-1]}, with budget and the year before.",
        "data": {
            "x": months,
            "unit": company.value("base_currency"),
            "series": [{"name": n, "role": role, "values": _floats(values)} for n, role, values in names],
        },
        "table": _table(months, names),
    }


def _finding(results: Results) -> str:
    now = sum(value or 0 for value in results.sales)
    before = sum(value or 0 for value in results.before)
    if not before:
        return "Sales of the last twelve months"
    change = now / before - 1
    word = "up" if change >= 0 else "down"
    return f"Twelve months' sales are {word} {show(abs(change), 'percent')[0]} on the year before"


def _table(months: list[str], names: list[tuple[str, str, list[Any]]]) -> dict[str, Any]:
    columns = [{"label": "Month"}, *({"label": name, "numeric": True} for name, _, _ in names)]
    rows = [
        {"cells": [{"text": month}, *(_cell(values[place]) for _, _, values in names)]}
        for place, month in enumerate(months)
    ]
    return {"caption": "Revenue by month", "columns": columns, "rows": rows}


def _cell(value: Any) -> dict[str, Any]:
    return {"text": show(value, "quantity")[0], "numeric": True}


def _floats(values: list[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]
