"""How the company does: sales by month against budget and last year, and what came in lately."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.engine.months import add_months, months_from
from core.models import Person
from gathering.models import ImportState
from gathering.selectors.facts import last_month_of_sales, monthly_budget, monthly_sales
from gathering.selectors.imports import imports_visible_to
from gathering.selectors.notes import campaigns_visible_to, market_notes_visible_to, notes_between

SHOWN_MONTHS = 12


@dataclass(frozen=True)
class Results:
    """Revenue of the last twelve months of the history, with budget and the year before."""

    months: list[dt.date]
    sales: list[Decimal | None]
    budget: list[Decimal | None]
    before: list[Decimal | None]

    @property
    def last(self) -> Decimal:
        """Sales of the newest month, base currency; 0 when it has none."""
        return self.sales[-1] or Decimal(0)

    def change(self, base: list[Decimal | None]) -> Decimal | None:
        """The last month against the same place of another line, as a share."""
        return self.last / base[-1] - 1 if base[-1] else None


def results_of(person: Person) -> Results | None:
    """The results within the person's scope; None before any sales came in."""
    last = last_month_of_sales()
    if last is None:
        return None
    first = add_months(last, 1 - SHOWN_MONTHS)
    months = months_from(first, SHOWN_MONTHS)
    sold = {row["month"]: row["revenue"] for row in monthly_sales(person, add_months(first, -12), last)}
    budget = monthly_budget(person, first, last)
    return Results(
        months,
        [sold.get(month) for month in months],
        [budget.get(month) for month in months],
        [sold.get(add_months(month, -12)) for month in months],
    )


def recent_imports(person: Person, number: int = 6) -> list[Any]:
    """The files that were committed last."""
    rows = imports_visible_to(person).filter(state=ImportState.COMMITTED)
    return list(rows.select_related("committed_by").order_by("-committed")[:number])


def coming_up(person: Person, today: dt.date, days: int = 90) -> list[Any]:
    """Campaigns and market notes that hold now or begin soon, by their first day."""
    end = today + dt.timedelta(days=days)
    rows = [
        *notes_between(campaigns_visible_to(person), today, end)[:6],
        *notes_between(market_notes_visible_to(person), today, end)[:6],
    ]
    return sorted(rows, key=lambda row: row.period.lower or today)[:6]
