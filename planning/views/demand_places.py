"""Reading a cell of the plan out of an address: a family or a product, a market, a month."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404

from catalog.models import Family, Market, Product
from catalog.selectors import families_visible_to, markets_visible_to, products_visible_to
from core.models import Person
from planning.models import Cycle
from planning.selectors.demand_coverage import Level


@dataclass(frozen=True)
class Place:
    """A cell at any level; None means all."""

    family: Family | None
    product: Product | None
    market: Market | None
    month: dt.date

    @property
    def level(self) -> Level:
        keys = (row.pk if row else None for row in (self.family, self.product, self.market))
        return Level(*keys)

    @property
    def what(self) -> str:
        row = self.product or self.family
        return row.name if row else "All products"

    @property
    def where(self) -> str:
        return self.market.name if self.market else "all markets"

    @property
    def rows(self) -> dict[str, Any]:
        """As services and queries take it."""
        return {"family": self.family, "product": self.product, "market": self.market, "month": self.month}

    @property
    def query(self) -> str:
        """The address's query string."""
        named = {"family": self.family, "product": self.product, "market": self.market}
        codes = {name: row.code for name, row in named.items() if row is not None}
        return urlencode({**codes, "month": f"{self.month:%Y-%m}"})


def place_of(person: Person, cycle: Cycle, query: QueryDict) -> Place:
    """The cell that an address names. Raises Http404 for what the person may not see."""
    return Place(
        family=_named(families_visible_to(person), query.get("family", "")),
        product=_named(products_visible_to(person), query.get("product", "")),
        market=_named(markets_visible_to(person), query.get("market", "")),
        month=_month(query.get("month", ""), cycle),
    )


def _named(rows: Any, code: str) -> Any:
    return get_object_or_404(rows, code=code) if code else None


def _month(text: str, cycle: Cycle) -> dt.date:
    if not text:
        return cycle.month
    try:
        return dt.datetime.strptime(text[:7], "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise Http404(f"“{text}” is not a month. Write 2027-03.") from error
