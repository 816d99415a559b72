"""The history of one demand unit: what sold, at which price, against which budget, from which files."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalog.engine.months import add_months
from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to, path_of
from core.access import person_of
from core.explain import address
from core.formats import show
from core.listing import Column, Empty
from core.pages import DetailPage, Link, Section, chart_section, table_section
from core.roles import can
from core.slots import links_of_row
from gathering.models import Campaign, QualityIssue, Sales
from gathering.pipeline.quality import months_flagged
from gathering.selectors import facts
from gathering.selectors.notes import campaigns_of_unit
from gathering.selectors.quality import open_issues_of_unit
from gathering.views.facts import history_url, lines_url
from gathering.views.quality_words import SEVERITY_TONES, issue_url


@dataclass(frozen=True)
class MonthLine:
    """One month of the table behind the chart."""

    month: dt.date
    sales: Sales | None
    budget: Decimal | None
    flags: tuple[str, ...]

    @property
    def price(self) -> Decimal | None:
        sold = self.sales
        return sold.revenue / sold.quantity if sold and sold.quantity > 0 else None

    @property
    def flag(self) -> str:
        return ", ".join(self.flags)


def _of_sales(name: str) -> Any:
    return lambda line: getattr(line.sales, name) if line.sales else None


def _explained(line: MonthLine) -> str:
    """The address that explains what was sold."""
    return address("sales", line.sales.demand_unit_id, line.month) if line.sales else ""


MONTH_COLUMNS = [
    Column("month", "Month", kind="month"),
    Column("quantity", "Sold", _of_sales("quantity"), "quantity", link=lambda line: _explained(line)),
    Column("returned", "Returned", _of_sales("returned_quantity"), "quantity"),
    Column("budget", "Budget", kind="quantity"),
    Column("revenue", "Revenue", _of_sales("revenue"), "money"),
    Column("price", "Price", kind="money"),
    Column(
        "lines",
        "Lines",
        _of_sales("lines"),
        "quantity",
        link=lambda line: lines_url(line.sales) if line.sales else "",
    ),
    Column(
        "file",
        "Last file",
        lambda line: line.sales.run.file_name if line.sales else None,
        link=lambda line: reverse("gathering:import-detail", args=[line.sales.run_id]) if line.sales else "",
    ),
    Column("flag", "Found by the quality rules"),
]
ISSUE_COLUMNS = [
    Column("message", "Finding", link=lambda issue: issue_url(issue)),
    Column(
        "severity",
        "Severity",
        lambda issue: issue.get_severity_display(),
        "badge",
        tone=lambda issue: SEVERITY_TONES[issue.severity],
    ),
    Column("state", "State", lambda issue: issue.get_state_display()),
    Column("money", "At stake", kind="money"),
]
STOCK_COLUMNS = [
    Column("site", "Site", "site.name"),
    Column("day", "Day", kind="date"),
    Column("quantity", "On hand", kind="quantity"),
]
ORDER_COLUMNS = [
    Column("order_number", "Order", kind="code"),
    Column("account", "Account", "account.name"),
    Column("due", "Due", kind="date"),
    Column("quantity", "Quantity", kind="quantity"),
]
CAMPAIGN_COLUMNS = [
    Column("name", "Campaign", link=lambda row: reverse("gathering:campaign", args=[row.pk])),
    Column("begins", "From", "period.lower", "date"),
    Column("uplift", "Expected uplift", kind="percent"),
]
SHOWN_ORDERS = 20


class HistoryPage(DetailPage):
    """Everything known about one demand unit."""

    action = "facts.view"
    facts_title = "Demand unit"
    facts = [
        Column(
            "product",
            "Product",
            "product.name",
            link=lambda u: reverse("catalog:product", args=[u.product_id]),
        ),
        Column("code", "Code", "product.code"),
        Column("family", "Family", "product.family.name"),
        Column(
            "market", "Market", "market.name", link=lambda u: reverse("catalog:market", args=[u.market_id])
        ),
        Column("unit", "Unit", "product.unit.name"),
        Column("life_cycle", "Life cycle", "product.get_life_cycle_display"),
    ]
    template_name = "gathering/facts/history.html"

    def rows(self, request: HttpRequest) -> QuerySet[DemandUnit]:
        return demand_units_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: DemandUnit) -> list[Link]:
        return [Link("Sales by month", reverse("gathering:sales-list"))]

    def sections(self, request: HttpRequest, row: DemandUnit) -> list[Section]:
        person = person_of(request)
        issues = (
            list(open_issues_of_unit(person, row.pk, row.product_id)) if can(person, "quality.view") else []
        )
        lines = month_lines(
            list(facts.sales_of_unit(person, row.pk)),
            facts.budget_of_unit(person, row.product_id, row.market_id),
            months_flagged([issue for issue in issues if issue.demand_unit_id == row.pk]),
        )
        campaigns = _campaigns(person, row)
        return [
            *_charts(row, lines, campaigns),
            *_issue_section(issues),
            table_section(
                "Stock",
                facts.stock_of_product(person, row.product_id),
                STOCK_COLUMNS,
                empty=Empty("No stock known", "No stock of this product has come in yet."),
                note="The latest day at each site, for all markets of the product.",
            ),
            table_section(
                "Open orders",
                facts.open_orders_visible_to(person).filter(demand_unit=row).order_by("due")[:SHOWN_ORDERS],
                ORDER_COLUMNS,
                empty=Empty("No open orders", "Every order that came in is delivered."),
                note=f"The next {SHOWN_ORDERS} by due day.",
            ),
            table_section(
                "Campaigns",
                campaigns,
                CAMPAIGN_COLUMNS,
                empty=Empty("No campaigns", "No campaign reaches this family and market."),
            ),
        ]

    def more(self, request: HttpRequest, row: DemandUnit) -> dict[str, Any]:
        return {"subject_type": row._meta.label_lower, "row_links": links_of_row(request.user, row)}


def _issue_section(issues: list[QualityIssue]) -> list[Section]:
    if not issues:
        return []
    nothing = Empty("No findings", "The quality rules found nothing here.")
    return [table_section("Findings", issues, ISSUE_COLUMNS, empty=nothing)]


def month_lines(
    sales: list[Sales], budget: dict[dt.date, Decimal], flags: dict[dt.date, list[str]]
) -> list[MonthLine]:
    """Every month from the first to the last that has sales or a budget, gaps included."""
    known = {row.month: row for row in sales}
    days = [*known, *budget]
    if not days:
        return []
    months = []
    month, last = min(days), max(days)
    while month <= last:
        months.append(
            MonthLine(month, known.get(month), budget.get(month), tuple(sorted(set(flags.get(month, [])))))
        )
        month = add_months(month, 1)
    return months


def _campaigns(person: Any, unit: DemandUnit) -> list[Campaign]:
    families = [node.pk for node in path_of(unit.product.family)]
    markets = [node.pk for node in path_of(unit.market)]
    return list(campaigns_of_unit(person, families, markets))


def _charts(unit: DemandUnit, lines: list[MonthLine], campaigns: list[Campaign]) -> list[Section]:
    if not lines:
        empty = Empty("No sales yet", "Nothing of this product has been sold in this market so far.")
        return [table_section("History", [], MONTH_COLUMNS, empty=empty)]
    return [
        chart_section("History", _quantities(unit, lines, campaigns)),
        chart_section("Price", _prices(lines)),
    ]


def _quantities(unit: DemandUnit, lines: list[MonthLine], campaigns: list[Campaign]) -> dict[str, Any]:
    flagged = [line for line in lines if line.flags]
    return {
        "id": "history-chart",
        "kind": "line",
        "title": _finding(lines),
        "subtitle": f"{len(flagged)} months marked by the quality rules" if flagged else "",
        "text": f"Sales by month from {lines[0].month:%b %Y} to {lines[-1].month:%b %Y}.",
        "data": {
            "x": [f"{line.month:%b %y}" for line in lines],
            "unit": unit.product.unit.name.lower(),
            "series": [
                {
                    "name": "Sold",
                    "role": "history",
                    "values": [_float(_of_sales("quantity")(x)) for x in lines],
                },
                *_if_any("Returned", "supply", [_float(_of_sales("returned_quantity")(x)) for x in lines]),
                *_if_any("Budget", "budget", [_float(line.budget) for line in lines]),
            ],
            "marks": [{"x": f"{line.month:%b %y}", "text": line.flag} for line in flagged]
            + _campaign_marks(lines, campaigns),
        },
        "table": _table(list(reversed(lines))),
        "tall": True,
    }


def _prices(lines: list[MonthLine]) -> dict[str, Any]:
    shown = [line for line in lines if line.price is not None]
    columns = [column for column in MONTH_COLUMNS if column.key in {"month", "price"}]
    return {
        "id": "price-chart",
        "kind": "line",
        "title": "Price by month",
        "subtitle": "Revenue by quantity, base currency",
        "text": f"Average price in {len(shown)} months.",
        "data": {
            "x": [f"{line.month:%b %y}" for line in shown],
            "unit": "",
            "series": [
                {"name": "Price", "role": "statistical", "values": [_float(line.price) for line in shown]}
            ],
        },
        "table": _table(list(reversed(shown)), columns),
    }


def _table(lines: list[MonthLine], columns: list[Column] | None = None) -> dict[str, Any]:
    nothing = Empty("No months", "Nothing was sold.")
    section = table_section("Months", lines, columns or MONTH_COLUMNS, empty=nothing)
    return section.context["table"]


def _finding(lines: list[MonthLine]) -> str:
    """What the last twelve months say against the twelve before."""
    sold = [_float(_of_sales("quantity")(line)) or 0 for line in lines if line.sales]
    if len(sold) < 24 or not sum(sold[-24:-12]):
        return f"Sold in {len(sold)} months"
    change = Decimal(str(sum(sold[-12:]) / sum(sold[-24:-12]) - 1))
    word = "up" if change > 0 else "down"
    return f"Sales {word} {show(abs(change), 'percent')[0]} on the twelve months before"


def _campaign_marks(lines: list[MonthLine], campaigns: list[Campaign]) -> list[dict[str, str]]:
    months = {line.month for line in lines}
    begins = [(c.period.lower.replace(day=1), c.name) for c in campaigns if c.period.lower]
    return [{"x": f"{month:%b %y}", "text": name} for month, name in begins if month in months]


def _if_any(name: str, role: str, values: list[float | None]) -> list[dict[str, Any]]:
    return [{"name": name, "role": role, "values": values}] if any(values) else []


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


__all__ = ["HistoryPage", "history_url", "month_lines"]
