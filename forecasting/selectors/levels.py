"""Reading forecasts of families and markets: only of those that lie wholly inside a person's scope."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from catalog.engine.months import add_months, months_from
from catalog.selectors import base_currency, families_below, markets_below, reach_of
from core.models import Person
from forecasting.models import ForecastNode, ForecastNodeValue, ForecastRun, ForecastSeries, ForecastValue
from gathering.models import Sales

YEAR = 12
MOST_UNITS_LISTED = 50


@dataclass(frozen=True)
class Ahead:
    """A part of a node: what it sold in the months a year before, and what is forecast for them now."""

    name: str
    demand_units: int
    before: float
    ahead: float
    family: str = ""
    market: str = ""
    demand_unit: int | None = None

    @property
    def growth(self) -> float | None:
        """Against last year, a share; None where nothing was sold then."""
        return self.ahead / self.before - 1 if self.before > 0 else None

    def share(self, whole: float) -> float | None:
        """Of the whole; None where nothing is expected."""
        return self.ahead / whole if whole > 0 else None


def nodes_visible_to(user: Person | None) -> QuerySet[ForecastNode]:
    """The nodes that hold nothing outside the person's families and markets."""
    reach = reach_of(user)
    rows = ForecastNode.objects.filter(reach.of_family("family"), reach.of_market("market"))
    return rows.select_related("family", "market", "unit", "run")


def node_of(
    user: Person | None, run: ForecastRun, family: str, market: str, measure: str
) -> ForecastNode | None:
    """The node of a family and a market by code, in a unit of measure by code; "" for the family and the
    market is the widest that the person may see, and "revenue" is revenue. None where there is none."""
    rows = nodes_visible_to(user).filter(run=run)
    if family:
        rows = rows.filter(family__code=family)
    if market:
        rows = rows.filter(market__code=market)
    rows = rows.filter(unit=None) if measure == "revenue" else rows.filter(unit__code=measure)
    all_first = (F(name).asc(nulls_first=True) for name in ("family__code", "market__code"))
    return rows.order_by("-demand_units", *all_first).first()


def values_of_node(node: ForecastNode) -> list[ForecastNodeValue]:
    """The months of a node, in order."""
    return list(node.values.order_by("month"))


def history_of_node(node: ForecastNode) -> dict[dt.date, float]:
    """What was sold in each month that is known; the node's own measure."""
    months = months_from(node.first_month, len(node.history))
    return {month: value for month, value in zip(months, node.history, strict=True) if value is not None}


def compared_months(run: ForecastRun) -> list[dt.date]:
    """The months ahead that a year before are known: the next twelve at most."""
    return months_from(add_months(run.last_month, 1), min(run.horizon, YEAR))


def ahead_of(node: ForecastNode) -> Ahead:
    """The node itself."""
    return next(iter(_ahead(ForecastNode.objects.filter(pk=node.pk), node.run)))


def families_of_node(user: Person | None, node: ForecastNode) -> list[Ahead]:
    """The families right below, in the same markets, the largest first."""
    rows = nodes_visible_to(user).filter(
        run=node.run_id, market=node.market_id, unit=node.unit_id, family__parent=node.family_id
    )
    return _ordered(_ahead(rows.exclude(family=None), node.run))


def markets_of_node(user: Person | None, node: ForecastNode) -> list[Ahead]:
    """The markets right below, for the same families, the largest first."""
    rows = nodes_visible_to(user).filter(
        run=node.run_id, family=node.family_id, unit=node.unit_id, market__parent=node.market_id
    )
    return _ordered(_ahead(rows.exclude(market=None), node.run))


def rest_of(node: Ahead, parts: Sequence[Ahead], name: str) -> list[Ahead]:
    """What the parts leave of the node: its own products or markets. Nothing where there are no parts."""
    units = node.demand_units - sum(part.demand_units for part in parts)
    if not parts or units <= 0:
        return []
    before = node.before - sum(part.before for part in parts)
    return [Ahead(name, units, max(before, 0.0), max(node.ahead - sum(part.ahead for part in parts), 0.0))]


def units_of_node(user: Person | None, node: ForecastNode) -> list[Ahead]:
    """The demand units of a small node, the largest first; none of a node with more than fit on a page."""
    if node.demand_units > MOST_UNITS_LISTED:
        return []
    inside = _inside(node)
    rows = ForecastSeries.objects.filter(inside, run=node.run_id).order_by()
    months = compared_months(node.run)
    ahead = _sums(ForecastValue.objects.filter(inside, run=node.run_id, month__in=months), "mean")
    year_ago = [add_months(month, -YEAR) for month in months]
    measure = "quantity" if node.unit_id else "revenue"
    before = _sums(Sales.objects.filter(inside, month__in=year_ago), measure)
    names = rows.values_list(
        "demand_unit_id", "demand_unit__product__name", "demand_unit__market__name", "price"
    )
    return _ordered(
        Ahead(
            name=f"{product} · {market}",
            demand_units=1,
            before=before.get(unit, 0.0),
            ahead=ahead.get(unit, 0.0) * (1.0 if node.unit_id else price or 0.0),
            demand_unit=unit,
        )
        for unit, product, market, price in names
    )


def _inside(node: ForecastNode) -> Q:
    """The condition on rows with a demand unit."""
    inside = Q()
    if node.family_id:
        inside &= Q(demand_unit__product__family__in=families_below([node.family_id]))
    if node.market_id:
        inside &= Q(demand_unit__market__in=markets_below([node.market_id]))
    if node.unit_id:
        inside &= Q(demand_unit__product__unit=node.unit_id)
    return inside


def _sums(rows: QuerySet, measure: str) -> dict[int, float]:
    totals = rows.order_by().values_list("demand_unit").annotate(total=Sum(measure))
    return {unit: float(total) for unit, total in totals}


def _ahead(rows: QuerySet[ForecastNode], run: ForecastRun) -> list[Ahead]:
    months = compared_months(run)
    expected = Sum("values__mean", filter=Q(values__month__lte=months[-1]))
    found = []
    for row in rows.select_related("family", "market").annotate(ahead=expected):
        sold = history_of_node(row)
        found.append(
            Ahead(
                name=str(row),
                demand_units=row.demand_units,
                before=sum(sold.get(add_months(month, -YEAR), 0.0) for month in months),
                ahead=row.ahead or 0.0,
                family=row.family.code if row.family else "",
                market=row.market.code if row.market else "",
            )
        )
    return found


def _ordered(parts: Iterable[Ahead]) -> list[Ahead]:
    return sorted(parts, key=lambda part: (-part.ahead, part.name))


def above_of(user: Person | None, node: ForecastNode) -> list[ForecastNode]:
    """The visible nodes one step up, by family and by market."""
    family_up = node.family.parent_id if node.family else None
    market_up = node.market.parent_id if node.market else None
    steps = Q(pk=None)
    if node.family_id:
        steps |= Q(family=family_up, market=node.market_id)
    if node.market_id:
        steps |= Q(family=node.family_id, market=market_up)
    rows = nodes_visible_to(user).filter(steps, run=node.run_id, unit=node.unit_id)
    return list(rows.order_by("-demand_units", "pk"))


def is_kept(run: ForecastRun) -> bool:
    """Whether the run has families and markets: earlier versions made none."""
    return ForecastNode.objects.filter(run=run).exists()


def choices_of_levels(user: Person | None, run: ForecastRun) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from in a run, code and name: families, markets, and what is counted."""
    rows = nodes_visible_to(user).filter(run=run).order_by()
    families = rows.exclude(family=None).values_list("family__code", "family__name").distinct()
    markets = rows.exclude(market=None).values_list("market__code", "market__name").distinct()
    units = rows.exclude(unit=None).values_list("unit__code", "unit__name").distinct()
    reach = reach_of(user)
    all_families = "The largest of yours" if reach.families else "All families"
    all_markets = "The largest of yours" if reach.markets else "All markets"
    return {
        "family": [("", all_families), *_by_name(families)],
        "market": [("", all_markets), *_by_name(markets)],
        "measure": [("revenue", f"Revenue, {base_currency()}"), *_by_name(units)],
    }


def _by_name(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(rows, key=lambda row: row[1])
