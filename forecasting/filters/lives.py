"""How lists about the lives and months of demand units are narrowed, on the page and in the API."""

import django_filters
from django.db.models import Q, QuerySet

from catalog.filters import family_filter, market_filter
from forecasting.filters.runs import UnitFilter
from forecasting.models import CleanedMonth, Launch, MonthMark, MonthSaid, Succession
from gathering.filters import FromMonth, UntilMonth

HOLDS = [("False", "Holds"), ("True", "Withdrawn")]


class LaunchFilter(UnitFilter):
    withdrawn = django_filters.ChoiceFilter(field_name="is_withdrawn", label="State", choices=HOLDS)

    class Meta:
        model = Launch
        fields: list[str] = []


class SuccessionFilter(django_filters.FilterSet):
    family = family_filter("old__product__family")
    market = market_filter("old__market")
    product = django_filters.CharFilter(label="Product", method="of_either")
    withdrawn = django_filters.ChoiceFilter(field_name="is_withdrawn", label="State", choices=HOLDS)

    class Meta:
        model = Succession
        fields: list[str] = []

    def of_either(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Part of the code or name of the old or the new product."""
        found = Q()
        for side in ("old", "new"):
            found |= Q(**{f"{side}__product__code__icontains": value})
            found |= Q(**{f"{side}__product__name__icontains": value})
        return rows.filter(found)


class CleanedFilter(UnitFilter):
    said = django_filters.ChoiceFilter(label="What people say", choices=MonthSaid.choices)
    first = FromMonth(field_name="month", label="From")
    last = UntilMonth(field_name="month", label="To")

    class Meta:
        model = CleanedMonth
        fields: list[str] = []


class AnyRunCleanedFilter(CleanedFilter):
    run = django_filters.NumberFilter(field_name="run", label="Forecast number")
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")


class MarkFilter(CleanedFilter):
    demand_unit = django_filters.NumberFilter(field_name="demand_unit", label="Demand unit number")

    class Meta:
        model = MonthMark
        fields: list[str] = []
