"""What the facts of a month are: rows, totals and the newest month of each, for freeze and data pack."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Sum

from catalog.engine.months import months_from
from forecasting.pipeline.history import history_hash
from gathering.models import Budget, Capacity, ExternalForecast, OpenOrder, Sales, StockLevel
from planning.models import Cycle
from planning.selectors.data import last_imports


@dataclass(frozen=True)
class Fact:
    """One table of facts: its name in a sentence, its month or day, and what is summed of it."""

    label: str
    model: Any
    when: str
    sums: tuple[str, ...]
    page: str


FACTS: dict[str, Fact] = {
    "sales": Fact("Sales by month", Sales, "month", ("quantity", "revenue"), "gathering:sales-list"),
    "stock": Fact("Stock", StockLevel, "day", ("quantity",), "gathering:stock-list"),
    "open_orders": Fact("Open orders", OpenOrder, "due", ("quantity",), "gathering:open-order-list"),
    "capacity": Fact("Capacity", Capacity, "month", ("regular", "overtime"), "gathering:capacity-list"),
    "budget": Fact("Budget", Budget, "month", ("quantity", "revenue"), "gathering:budget-list"),
    "external_forecasts": Fact(
        "External forecasts", ExternalForecast, "month", ("quantity",), "gathering:external-forecast-list"
    ),
}


def content_now(cycle: Cycle) -> dict[str, Any]:
    """What a freeze of the cycle's data would hold: last imports, facts, and the hash of the history
    that the forecast reads. Numbers are text, so that they are kept exactly."""
    last_month = months_from(cycle.month, -1)[0]
    return {
        "imports": last_imports(),
        "facts": {name: _counted(fact) for name, fact in FACTS.items()},
        "history": history_hash(last_month),
        "last_month": last_month.isoformat(),
    }


def _counted(fact: Fact) -> dict[str, Any]:
    found = fact.model.objects.order_by().aggregate(
        rows=Count("pk"),
        first=Min(fact.when),
        last=Max(fact.when),
        **{f"sum_{name}": Sum(name) for name in fact.sums},
    )
    return {
        "rows": found["rows"],
        "first": found["first"].isoformat() if found["first"] else None,
        "last": found["last"].isoformat() if found["last"] else None,
        "totals": {name: str(found[f"sum_{name}"] or 0) for name in fact.sums},
    }
