"""How lists of the catalog are narrowed, the same on the page and in the API. Rows are named by code."""

from typing import Any

import django_filters
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from catalog.models import (
    BillOfMaterials,
    CapacityUse,
    Cost,
    DemandUnit,
    LifeCycle,
    Market,
    MarketKind,
    MonthRate,
    Price,
    Product,
    Resource,
    Site,
    SiteKind,
    UnitConversion,
)
from catalog.selectors import (
    calendars_visible_to,
    currencies_visible_to,
    families_below,
    families_visible_to,
    markets_below,
    markets_visible_to,
    resources_visible_to,
    sites_visible_to,
)


def choices_of(selector: Any) -> Any:
    """What the person who asks may choose from."""
    return lambda request: selector(request.user if request is not None else None)


def search_in(*prefixes: str) -> Any:
    """A filter method: the text is part of the code or name of the row, or of one that it points to."""

    def narrow(rows: QuerySet, name: str, text: str) -> QuerySet:
        found = Q()
        for prefix in prefixes:
            found |= Q(**{f"{prefix}code__icontains": text}) | Q(**{f"{prefix}name__icontains": text})
        return rows.filter(found)

    return narrow


def search_filter(*prefixes: str) -> django_filters.CharFilter:
    return django_filters.CharFilter(label="Search", method=search_in(*(prefixes or ("",))))


def code_filter(field: str, label: str, selector: Any) -> django_filters.ModelChoiceFilter:
    """One row, chosen by its code."""
    return django_filters.ModelChoiceFilter(
        field_name=field, label=label, queryset=choices_of(selector), to_field_name="code"
    )


@extend_schema_field(OpenApiTypes.STR)
class BelowFilter(django_filters.ModelChoiceFilter):
    """A node of a tree and everything below it."""

    def __init__(self, field: str, label: str, selector: Any, below: Any) -> None:
        super().__init__(field_name=field, label=label, queryset=choices_of(selector), to_field_name="code")
        self.below = below

    def filter(self, qs: QuerySet, value: Model | None) -> QuerySet:
        return qs if value is None else qs.filter(**{f"{self.field_name}__in": self.below([value.pk])})


def family_filter(field: str) -> BelowFilter:
    return BelowFilter(field, "Family", families_visible_to, families_below)


def market_filter(field: str) -> BelowFilter:
    return BelowFilter(field, "Market", markets_visible_to, markets_below)


def holding_filter() -> django_filters.DateFilter:
    return django_filters.DateFilter(field_name="valid", lookup_expr="contains", label="Holds on")


class NamedFilter(django_filters.FilterSet):
    """For rows that have nothing but a code and a name."""

    search = search_filter()


class FamilyFilter(NamedFilter):
    below = BelowFilter("pk", "Below", families_visible_to, families_below)


class MarketFilter(NamedFilter):
    kind = django_filters.ChoiceFilter(label="Kind", choices=MarketKind.choices)
    below = BelowFilter("pk", "Below", markets_visible_to, markets_below)

    class Meta:
        model = Market
        fields: list[str] = []


class ProductFilter(NamedFilter):
    family = family_filter("family")
    life_cycle = django_filters.ChoiceFilter(label="Life cycle", choices=LifeCycle.choices)

    class Meta:
        model = Product
        fields: list[str] = []


class ConversionFilter(django_filters.FilterSet):
    product = django_filters.CharFilter(label="Product code", field_name="product__code")

    class Meta:
        model = UnitConversion
        fields: list[str] = []


class DemandUnitFilter(django_filters.FilterSet):
    search = search_filter("product__")
    family = family_filter("product__family")
    market = market_filter("market")
    product = django_filters.CharFilter(label="Product code", field_name="product__code")
    is_active = django_filters.BooleanFilter(label="Active")

    class Meta:
        model = DemandUnit
        fields: list[str] = []


class SiteFilter(NamedFilter):
    kind = django_filters.ChoiceFilter(label="Kind", choices=SiteKind.choices)
    market = market_filter("market")

    class Meta:
        model = Site
        fields: list[str] = []


class ResourceFilter(NamedFilter):
    site = code_filter("site", "Site", sites_visible_to)

    class Meta:
        model = Resource
        fields: list[str] = []


class DatedFilter(django_filters.FilterSet):
    """Rows of a product that hold for some days."""

    search = search_filter("product__")
    family = family_filter("product__family")
    product = django_filters.CharFilter(label="Product code", field_name="product__code")
    on = holding_filter()
    now = django_filters.BooleanFilter(label="Holds today", method="holding_today")

    def holding_today(self, rows: QuerySet, name: str, wanted: bool) -> QuerySet:
        today = Q(valid__contains=timezone.localdate())
        return rows.filter(today if wanted else ~today)


class CapacityUseFilter(DatedFilter):
    resource = code_filter("resource", "Resource", resources_visible_to)

    class Meta:
        model = CapacityUse
        fields: list[str] = []


class BillOfMaterialsFilter(DatedFilter):
    component = django_filters.CharFilter(label="Component code", field_name="component__code")

    class Meta:
        model = BillOfMaterials
        fields: list[str] = []


class PriceFilter(DatedFilter):
    market = code_filter("market", "Market", markets_visible_to)
    currency = code_filter("currency", "Currency", currencies_visible_to)

    class Meta:
        model = Price
        fields: list[str] = []


class CostFilter(DatedFilter):
    site = code_filter("site", "Site", sites_visible_to)
    currency = code_filter("currency", "Currency", currencies_visible_to)

    class Meta:
        model = Cost
        fields: list[str] = []


class MonthRateFilter(django_filters.FilterSet):
    currency = code_filter("currency", "Currency", currencies_visible_to)
    month = django_filters.DateFilter(label="Month")
    since = django_filters.DateFilter(label="Since", field_name="month", lookup_expr="gte")

    class Meta:
        model = MonthRate
        fields: list[str] = []


class ExceptionFilter(django_filters.FilterSet):
    calendar = code_filter("calendar", "Calendar", calendars_visible_to)
    since = django_filters.DateFilter(label="Since", field_name="day", lookup_expr="gte")
