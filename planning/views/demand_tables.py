"""How the demand plan is shown: figures, chart, table of exceptions."""

from typing import Any

from core import company
from core.formats import show
from core.listing import Column, Empty
from core.pages import plain_table
from planning.models import Cycle
from planning.selectors.demand_totals import FamilyLine, MonthLine
from planning.selectors.exceptions import DemandException

TONES = {"streams": "bad", "baseline": "warn", "last": "info", "budget": "warn"}
EXCEPTIONS = [
    Column("subject", "What"),
    Column("market", "Where"),
    Column("month", "Month", kind="month"),
    Column("kind", "Why", "label", "badge", tone=lambda row: TONES[row.kind]),
    Column(
        "difference",
        "Away by",
        lambda row: round(row.difference),
        "number",
        help="Units; for the budget, money.",
    ),
    Column("money", "At stake", lambda row: round(row.money), "number"),
]


def exception_table(found: list[DemandException]) -> dict[str, Any]:
    """Exceptions as parts/table.html wants them; a row opens its cell."""
    empty = Empty(
        "No exceptions",
        "Cells where the streams disagree, or where the consensus is far from the baseline, the last plan or "
        "the budget, are listed here by the money at stake. The company's settings hold the threshold.",
    )
    return plain_table(found, EXCEPTIONS, caption="Exceptions", empty=empty, row_url=lambda row: row.url)


def figures_of(sums: dict[str, float], families: list[FamilyLine]) -> list[dict[str, Any]]:
    """Four figures over the horizon."""
    currency = company.value("base_currency")
    reviewed = sum(line.review is not None and line.review.state == "reviewed" for line in families)
    return [
        _figure("Consensus", sums["units"], "units", sums["units"], sums["baseline"], "against the baseline"),
        _figure(
            "Revenue", sums["revenue"], currency, sums["against_budget"], sums["budget"], "against the budget"
        ),
        _figure(
            "Sold a year before", sums["last_year"], currency, sums["against_last_year"], sums["last_year"],
            "planned for the same months",
        ),
        {"label": "Families reviewed", "value": f"{reviewed} of {len(families)}"},
    ]  # fmt: skip


def _figure(label: str, shown: float, unit: str, value: float, base: float, words: str) -> dict[str, Any]:
    """A figure with how far `value` is from `base`, where there is a base."""
    figure = {"label": label, "value": show(round(shown), "number")[0], "unit": unit}
    if not base:
        return figure
    share = value / base - 1
    sign = "+" if share >= 0 else "\u2212"
    return figure | {"change": sign + show(abs(share), "percent")[0], "change_base": words}


def demand_chart(cycle: Cycle, lines: list[MonthLine]) -> dict[str, Any]:
    """Revenue by month: consensus, budget and last year."""
    currency = company.value("base_currency")
    agreed, _ = show(round(sum(line.revenue for line in lines)), "number")
    voices = (
        ("Consensus", "consensus", [line.revenue for line in lines]),
        ("Budget", "budget", [line.budget_revenue for line in lines]),
        ("Last year", "history", [line.last_year_revenue for line in lines]),
    )
    series = [
        {"name": name, "role": role, "values": [_rounded(value) for value in values]}
        for name, role, values in voices
    ]
    title = _chart_title(lines)
    return {
        "id": "demand-chart",
        "kind": "line",
        "title": title,
        "subtitle": f"Revenue by month, {currency}, at the plan's prices",
        "text": f"The consensus of {cycle} adds up to {agreed} {currency}. {title}.",
        "data": {"x": [f"{line.month:%b %y}" for line in lines], "unit": currency, "series": series},
        "table": _chart_table(lines),
    }


def _chart_title(lines: list[MonthLine]) -> str:
    both = [line for line in lines if line.budget_revenue is not None]
    budget = sum(line.budget_revenue or 0 for line in both)
    if not budget:
        return "The consensus, without a budget to compare it with"
    share = sum(line.revenue for line in both) / budget - 1
    text, _ = show(abs(share), "percent")
    return f"The consensus is {text} {'above' if share >= 0 else 'below'} the budget"


def _chart_table(lines: list[MonthLine]) -> dict[str, Any]:
    columns = [
        Column("month", "Month", kind="month"),
        Column("units", "Consensus", kind="quantity", unit="units"),
        Column("baseline", "Baseline", kind="quantity", unit="units"),
        Column("revenue", "Consensus", kind="quantity", unit=company.value("base_currency")),
        Column("budget_revenue", "Budget", kind="quantity", unit=company.value("base_currency")),
        Column("last_year_revenue", "Last year", kind="quantity", unit=company.value("base_currency")),
    ]
    return plain_table(lines, columns, caption="Demand by month", empty=Empty("No months yet", ""))


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
