"""Reading launch plans and successions, and suggesting both."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from catalog.models import DemandUnit, LifeCycle, Price
from catalog.selectors import base_currency, demand_units_visible_to, reach_of
from core.models import Person
from forecasting.engine.likeness import Traits, likeness
from forecasting.models import Launch, Succession
from gathering.models import Sales

MOST_SUGGESTED = 8
FEWEST_MONTHS = 6  # of sales, to be like anything
NEW_MONTHS = 6  # of sales: fewer is a new item
AROUND = ("product__family", "product__unit", "market")


def launches_visible_to(user: Person | None) -> QuerySet[Launch]:
    """Launch plans, withdrawn ones included."""
    reach = reach_of(user)
    inside = reach.of_family("demand_unit__product__family") & reach.of_market("demand_unit__market")
    rows = Launch.objects.filter(inside).prefetch_related(
        "likes__demand_unit__product", "likes__demand_unit__market"
    )
    return rows.select_related(*[f"demand_unit__{name}" for name in AROUND], "owner")


def successions_visible_to(user: Person | None) -> QuerySet[Succession]:
    """Which follows which, withdrawn ones included: by the scope of the old one."""
    reach = reach_of(user)
    inside = reach.of_family("old__product__family") & reach.of_market("old__market")
    rows = Succession.objects.filter(inside)
    return rows.select_related(
        *[f"old__{name}" for name in AROUND], *[f"new__{name}" for name in AROUND], "owner"
    )


def unplanned_launches(user: Person | None) -> QuerySet[DemandUnit]:
    """Active demand units with hardly any sales that nobody has spoken for: neither a launch plan nor a
    predecessor. What is being phased out is left alone."""
    planned = Launch.objects.filter(demand_unit=OuterRef("pk"), is_withdrawn=False)
    follows = Succession.objects.filter(new=OuterRef("pk"), is_withdrawn=False)
    rows = demand_units_visible_to(user).filter(is_active=True)
    rows = rows.exclude(product__life_cycle__in=[LifeCycle.PHASE_OUT, LifeCycle.DISCONTINUED])
    rows = rows.exclude(Exists(planned)).exclude(Exists(follows))
    sold = rows.annotate(months_sold=Count("sales", filter=Q(sales__quantity__gt=0)))
    return sold.filter(months_sold__lt=NEW_MONTHS).order_by("product__name", "market__name")


def unplanned_successions(user: Person | None) -> QuerySet[DemandUnit]:
    """Active demand units whose product replaces another one, by the catalog, that is still active in the
    same market without anybody having said from which month on."""
    old = DemandUnit.objects.filter(
        product=OuterRef("product__predecessor"), market=OuterRef("market"), is_active=True
    )
    said = Succession.objects.filter(is_withdrawn=False).filter(
        Q(new=OuterRef("pk"))
        | Q(old__product=OuterRef("product__predecessor"), old__market=OuterRef("market"))
    )
    rows = demand_units_visible_to(user).filter(is_active=True, product__predecessor__isnull=False)
    rows = rows.filter(Exists(old)).exclude(Exists(said)).select_related("product__predecessor")
    return rows.order_by("product__name", "market__name")


@dataclass(frozen=True)
class Suggestion:
    """An item that a new one resembles: how much, from 0 to 1, and why in words."""

    unit: DemandUnit
    score: float
    words: str


def suggested_likes(user: Person | None, unit: DemandUnit) -> list[Suggestion]:
    """The items most like this one, the most alike first: in its family or a neighbouring one, counted in
    the same unit, with enough sales to learn from."""
    family = unit.product.family
    near = Q(product__family=family) | Q(product=unit.product.predecessor_id)
    if family.parent_id:
        near |= Q(product__family__parent=family.parent_id) | Q(product__family=family.parent_id)
    rows = demand_units_visible_to(user).filter(near, product__unit=unit.product.unit_id)
    rows = rows.exclude(pk=unit.pk).select_related("product__family", "market")
    rows = rows.annotate(months_sold=Count("sales"), first_sold=Min("sales__month"))
    candidates = list(rows.filter(months_sold__gte=FEWEST_MONTHS))
    prices = _prices([unit, *candidates])
    first = Sales.objects.aggregate(first=Min("month"))["first"]
    own = _traits(unit, prices, first)
    found = [_suggestion(unit, own, one, _traits(one, prices, first)) for one in candidates]
    return sorted(found, key=lambda one: (-one.score, one.unit.pk))[:MOST_SUGGESTED]


def _suggestion(unit: DemandUnit, own: Traits, one: DemandUnit, traits: Traits) -> Suggestion:
    is_predecessor = one.product_id == unit.product.predecessor_id and one.market_id == unit.market_id
    return Suggestion(one, *likeness(own, traits, is_predecessor=is_predecessor))


def _traits(unit: Any, prices: dict[int, float], first: dt.date | None) -> Traits:
    begun = getattr(unit, "first_sold", None)
    return Traits(
        family=unit.product.family_id,
        family_above=unit.product.family.parent_id,
        market=unit.market_id,
        market_above=unit.market.parent_id,
        price=prices.get(unit.pk),
        begun=begun is not None and first is not None and begun > first,
        months=getattr(unit, "months_sold", 0),
    )


def _prices(units: list[DemandUnit]) -> dict[int, float]:
    """The newest list price of each unit in the base currency: its market's before everybody's."""
    rows = Price.objects.filter(product__in={unit.product_id for unit in units}, currency=base_currency())
    ordered = rows.order_by(F("valid").asc()).values_list("product_id", "market_id", "amount")
    newest: dict[tuple[int, int | None], float] = {
        (product, market): float(amount) for product, market, amount in ordered
    }
    found = {
        unit.pk: newest.get((unit.product_id, unit.market_id), newest.get((unit.product_id, None)))
        for unit in units
    }
    return {unit: price for unit, price in found.items() if price}
