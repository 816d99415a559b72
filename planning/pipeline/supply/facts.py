"""What the supply plan is made of, as it stands in the tables."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db.models import Avg, F, Max, Q, QuerySet, Sum

from catalog.engine.months import add_months, months_from
from catalog.models import CapacityUse, Cost, Family, Market, MonthRate, Product, Resource, Site
from catalog.selectors import base_currency
from forecasting.models import ForecastValue
from gathering.models import Capacity, OpenOrder, StockLevel
from gathering.selectors.facts import newest_order_lists
from planning.models import DemandValue, DemandVersion

Z_80 = 1.2815515655446004  # the standard normal's 90 % point: where an 80 % interval ends
ERROR_MONTHS = 3


@dataclass(frozen=True)
class Tree:
    """The codes of a tree's nodes, and the way up from each, itself first."""

    codes: dict[int, str]
    parents: dict[int, int | None]

    def way_up(self, key: int | None) -> list[int]:
        """The key and all above it, up to the root; none for None."""
        way = []
        while key is not None:
            way.append(key)
            key = self.parents[key]
        return way

    def codes_above(self, key: int | None) -> frozenset[str]:
        """The node's own code and those of everything above it."""
        return frozenset(self.codes[one] for one in self.way_up(key))


@dataclass(frozen=True)
class Facts:
    """Tables by their columns; quantities in units, money in the base currency."""

    months: tuple[dt.date, ...]
    demand: pd.DataFrame  # unit, product, market, month, quantity, price, cost
    products: pd.DataFrame  # code, name, family; by id
    sites: pd.DataFrame  # code, name, kind, market; by id
    resources: pd.DataFrame  # code, site, regular_cost, overtime_cost; by id
    uses: pd.DataFrame  # product, resource, per_unit
    capacity: pd.DataFrame  # resource, month, regular, overtime
    stock: pd.DataFrame  # site, product, quantity
    owed: pd.DataFrame  # product, market, quantity
    errors: pd.DataFrame  # unit, variance of one month's forecast
    costs: pd.DataFrame  # product, site, amount
    families: Tree
    markets: Tree


def load_facts(version: DemandVersion) -> Facts:
    """Everything a solve for this demand version reads, in about a dozen queries."""
    cycle = version.cycle
    first = cycle.month
    return Facts(
        months=tuple(months_from(first, cycle.horizon)),
        demand=_demand(version),
        products=_by_id(Product.objects.all(), "code", "name", "family_id"),
        sites=_by_id(Site.objects.all(), "code", "name", "kind", "market_id"),
        resources=_by_id(Resource.objects.all(), "code", "name", "site_id", "regular_cost", "overtime_cost"),
        uses=_uses(first),
        capacity=_frame(Capacity.objects.all(), "resource_id", "month", "regular", "overtime"),
        stock=latest_stock(first),
        owed=_owed(first),
        errors=_errors(cycle.forecast_run_id, first),
        costs=_costs(first),
        families=_tree(Family.objects.all()),
        markets=_tree(Market.objects.all()),
    )


def _demand(version: DemandVersion) -> pd.DataFrame:
    rows = DemandValue.objects.filter(version=version).order_by()
    names = ("demand_unit_id", "demand_unit__product_id", "demand_unit__market_id", "month")
    found = _frame(rows, *names, "quantity", "price", "cost")
    return found.rename(
        columns={"demand_unit": "unit", "demand_unit__product": "product", "demand_unit__market": "market"}
    )


def _uses(day: dt.date) -> pd.DataFrame:
    return _frame(CapacityUse.objects.filter(valid__contains=day), "product_id", "resource_id", "per_unit")


def latest_stock(first: dt.date) -> pd.DataFrame:
    """Each site's newest stock before the month: the last levels of the last month it was counted in.

    A product that is not in that month's count has none: stock lists leave empty places out.
    """
    before = StockLevel.objects.filter(day__lt=first).order_by()
    last = {row["site"]: row["last"] for row in before.values("site").annotate(last=Max("day"))}
    if not last:
        return pd.DataFrame({"site": [], "product": [], "quantity": []})
    counted = Q()
    for site, day in last.items():
        counted |= Q(site=site, day__gte=day.replace(day=1))
    rows = before.filter(counted).order_by("site", "product", "day")
    found = _frame(rows, "site_id", "product_id", "quantity")
    return found.groupby(["site", "product"], as_index=False).last()


def _owed(first: dt.date) -> pd.DataFrame:
    """Open orders that were due before the month, by the newest list up to its first day: owed
    already, on top of the demand of the months planned."""
    listed = OpenOrder.objects.filter(newest_order_lists(first), due__lt=first).order_by()
    rows = listed.values("demand_unit__product", "demand_unit__market")
    sums = rows.annotate(quantity=Sum("quantity"))
    return pd.DataFrame(
        [(row["demand_unit__product"], row["demand_unit__market"], float(row["quantity"])) for row in sums],
        columns=["product", "market", "quantity"],
    )


def _errors(run_id: int | None, first: dt.date) -> pd.DataFrame:
    """The variance of one month's forecast by demand unit, from the upper half of the 80 % interval
    of the first months: the lower half is cut at zero."""
    rows = ForecastValue.objects.filter(
        run=run_id, month__gte=first, month__lt=add_months(first, ERROR_MONTHS)
    ).order_by()
    spread = (F("upper_80") - F("mean")) / Z_80
    sums = rows.values("demand_unit_id").annotate(variance=Avg(spread * spread))
    return pd.DataFrame(
        [(row["demand_unit_id"], row["variance"]) for row in sums], columns=["unit", "variance"]
    )


def _costs(day: dt.date) -> pd.DataFrame:
    """What a unit costs on the day, in the base currency; rows without a rate are left out."""
    rates = _rates(day)
    rows = Cost.objects.filter(valid__contains=day).order_by("pk")
    found = _frame(rows, "product_id", "site_id", "currency_id", "amount")
    found["amount"] = found["amount"] * found["currency"].map(rates)
    return found.dropna(subset=["amount"])[["product", "site", "amount"]]


def _rates(day: dt.date) -> dict[str, float]:
    """The newest worth of each currency up to the day."""
    rows = MonthRate.objects.filter(month__lte=day).order_by("currency", "month")
    known = {code: float(rate) for code, rate in rows.values_list("currency_id", "rate")}
    return known | {base_currency(): 1.0}


def _tree(rows: QuerySet[Any]) -> Tree:
    found = list(rows.order_by().values_list("pk", "code", "parent_id"))
    return Tree({pk: code for pk, code, _ in found}, {pk: parent for pk, _, parent in found})


def _by_id(rows: QuerySet[Any], *names: str) -> pd.DataFrame:
    return _frame(rows.order_by("pk"), "pk", *names).set_index("pk")


def _frame(rows: QuerySet[Any], *names: str) -> pd.DataFrame:
    """Rows as a table; `_id` is dropped from the names, decimals become floats."""
    columns = [name.removesuffix("_id") for name in names]
    found = pd.DataFrame.from_records(list(rows.values_list(*names)), columns=columns)
    for name in NUMBERS & set(columns):
        found[name] = pd.to_numeric(found[name].astype(object)).astype(float)
    return found


NUMBERS = {"quantity", "per_unit", "regular", "overtime", "regular_cost", "overtime_cost", "amount"}


def grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Second values by the first, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
