"""Row scope: what of the catalog a person may see, the same for lists, details, API and export.

Scope rows narrow a person to subtrees of families, of markets, or both; both hold at once. No rows
of a kind leave that kind open. `None` is the system, which sees everything. Rights are asked by the
pages and the API (core.roles); only costs are asked here too, because they hide inside other pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from catalog.models import (
    BillOfMaterials,
    CalendarException,
    CapacityUse,
    Cost,
    Currency,
    DemandUnit,
    Family,
    Market,
    MonthRate,
    Price,
    Product,
    Resource,
    Scope,
    Site,
    Unit,
    UnitConversion,
    WorkingCalendar,
)
from catalog.selectors.below import families_below, markets_below
from core.models import Person
from core.once_a_request import once
from core.roles import can


@dataclass(frozen=True)
class Reach:
    """The tops of the subtrees a person is narrowed to; empty means everything."""

    families: tuple[int, ...] = ()
    markets: tuple[int, ...] = ()

    def of_family(self, path: str) -> Q:
        """The condition on a family column, such as "product__family"."""
        return Q(**{f"{path}__in": families_below(self.families)}) if self.families else Q()

    def of_market(self, path: str, *, or_everywhere: bool = False) -> Q:
        """The condition on a market column; `or_everywhere` lets rows without a market through."""
        if not self.markets:
            return Q()
        inside = Q(**{f"{path}__in": markets_below(self.markets)})
        return inside | Q(**{path: None}) if or_everywhere else inside


def reach_of(user: Person | None) -> Reach:
    """The person's scope, in one query; a page that asks again has it already."""
    return Reach() if user is None else once(("reach", user.pk), lambda: _reach_of(user))


def _reach_of(user: Person) -> Reach:
    rows = list(Scope.objects.filter(person=user).values_list("family_id", "market_id"))
    return Reach(tuple(f for f, _ in rows if f is not None), tuple(m for _, m in rows if m is not None))


def may_see_costs(user: Person | None) -> bool:
    """Whether the person may see what things cost to make or buy; the system may."""
    return user is None or bool(can(user, "catalog.costs"))


def families_visible_to(user: Person | None) -> QuerySet[Family]:
    """The product families in the person's reach."""
    return Family.objects.filter(reach_of(user).of_family("pk")).select_related("parent")


def markets_visible_to(user: Person | None) -> QuerySet[Market]:
    """The markets in the person's reach."""
    rows = Market.objects.filter(reach_of(user).of_market("pk"))
    return rows.select_related("parent", "currency", "calendar")


def products_visible_to(user: Person | None) -> QuerySet[Product]:
    """The products whose family is in the person's reach."""
    rows = Product.objects.filter(reach_of(user).of_family("family"))
    return rows.select_related("family", "unit", "predecessor")


def demand_units_visible_to(user: Person | None) -> QuerySet[DemandUnit]:
    """The demand units whose family and market are both in the person's reach."""
    reach = reach_of(user)
    rows = DemandUnit.objects.filter(reach.of_family("product__family"), reach.of_market("market"))
    return rows.select_related("product__family", "product__unit", "market")


def units_visible_to(user: Person | None) -> QuerySet[Unit]:
    """Units of measure are open to everybody."""
    return Unit.objects.all()


def conversions_visible_to(user: Person | None) -> QuerySet[UnitConversion]:
    """The unit conversions of products in reach, and those that hold for every product."""
    inside = reach_of(user).of_family("product__family")
    rows = UnitConversion.objects.filter(inside | Q(product=None) if inside else inside)
    return rows.select_related("product", "from_unit", "to_unit")


def sites_visible_to(user: Person | None) -> QuerySet[Site]:
    """The sites of markets in the person's reach, and those that belong to no market."""
    rows = Site.objects.filter(reach_of(user).of_market("market", or_everywhere=True))
    return rows.select_related("market", "calendar")


def resources_visible_to(user: Person | None) -> QuerySet[Resource]:
    """The resources of sites that the person sees."""
    rows = Resource.objects.filter(reach_of(user).of_market("site__market", or_everywhere=True))
    return rows.select_related("site")


def capacity_uses_visible_to(user: Person | None) -> QuerySet[CapacityUse]:
    """What products in reach take of resources that the person sees."""
    reach = reach_of(user)
    rows = CapacityUse.objects.filter(
        reach.of_family("product__family"), reach.of_market("resource__site__market", or_everywhere=True)
    )
    return rows.select_related("product__unit", "resource__site")


def bills_of_materials_visible_to(user: Person | None) -> QuerySet[BillOfMaterials]:
    """The bills of products in the person's reach."""
    rows = BillOfMaterials.objects.filter(reach_of(user).of_family("product__family"))
    return rows.select_related("product__unit", "component__unit")


def prices_visible_to(user: Person | None) -> QuerySet[Price]:
    """The prices of products in reach, in markets in reach or everywhere."""
    reach = reach_of(user)
    rows = Price.objects.filter(
        reach.of_family("product__family"), reach.of_market("market", or_everywhere=True)
    )
    return rows.select_related("product__unit", "market", "currency")


def costs_visible_to(user: Person | None) -> QuerySet[Cost]:
    """Nothing without the right to see costs."""
    if not may_see_costs(user):
        return Cost.objects.none()
    reach = reach_of(user)
    rows = Cost.objects.filter(
        reach.of_family("product__family"), reach.of_market("site__market", or_everywhere=True)
    )
    return rows.select_related("product__unit", "site", "currency")


def currencies_visible_to(user: Person | None) -> QuerySet[Currency]:
    """Currencies, their rates and the calendars are open to everybody."""
    return Currency.objects.all()


def month_rates_visible_to(user: Person | None) -> QuerySet[MonthRate]:
    """All month rates: whoever may open the catalog sees them."""
    return MonthRate.objects.select_related("currency")


def calendars_visible_to(user: Person | None) -> QuerySet[WorkingCalendar]:
    """All working calendars: whoever may open the catalog sees them."""
    return WorkingCalendar.objects.all()


def calendar_exceptions_visible_to(user: Person | None) -> QuerySet[CalendarException]:
    """All free and extra days of the calendars, as the calendars themselves."""
    return CalendarException.objects.select_related("calendar")


def scopes_visible_to(user: Person | None) -> QuerySet[Scope]:
    """The own scope; everybody's for those who manage people."""
    rows = Scope.objects.select_related("person", "market", "family")
    return rows if user is None or can(user, "people.manage") else rows.filter(person=user)


VISIBLE: dict[type[Model], Callable[[Person | None], QuerySet[Any]]] = {
    BillOfMaterials: bills_of_materials_visible_to,
    CalendarException: calendar_exceptions_visible_to,
    CapacityUse: capacity_uses_visible_to,
    Cost: costs_visible_to,
    Currency: currencies_visible_to,
    DemandUnit: demand_units_visible_to,
    Family: families_visible_to,
    Market: markets_visible_to,
    MonthRate: month_rates_visible_to,
    Price: prices_visible_to,
    Product: products_visible_to,
    Resource: resources_visible_to,
    Scope: scopes_visible_to,
    Site: sites_visible_to,
    Unit: units_visible_to,
    UnitConversion: conversions_visible_to,
    WorkingCalendar: calendars_visible_to,
}
